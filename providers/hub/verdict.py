"""From what the service says, or what lies in the bucket, to a job's state."""

from __future__ import annotations

import time
from typing import Optional, Tuple

from .. import replies
from ..base import Cost, Handle, Phase, Status
from ..http import Reply
from ..object_storage import Store, place_of
from ..processing_units import UNIT
from . import outcome
from .account import Settings
from .outcome import Look

_ENDED = "not running any more (404)"  # all that the service says
_DOUBT = "The likeliest cause: Sentinel Hub may not write to the bucket. Check the permissions of its role or key there"
_READING = "The result stays in the bucket. Test the storage in the account’s dialog, then check again; that is free of charge."
_NEEDED = {"gs": "storage.objects.create, get, list, delete", "s3": "s3:PutObject, s3:GetObject, s3:ListBucket"}


def running(handle: Handle, reply: Reply) -> Status:
    """A job that the service still knows."""
    word = replies.words(replies.member(reply.json(), "status"), 60)
    known = word.upper() in ("RUNNING", "")
    warning = "" if known else f"Sentinel Hub calls this job “{word}”, which Groundtrack does not know; it is taken to be running."
    extra = {"ended": ""} if handle.extra.get("ended") else {}
    return Status(Phase.RUNNING, word, warning=warning, created_at=_created(handle), extra=extra)


def judged(settings: Settings, store: Optional[Store], handle: Handle, seen: Look, again: Look, pace: float) -> Status:
    """A job that has ended, after two looks into its folder. Raises what reading the files raises."""
    created = _created(handle)
    if again.error is not None:
        kept = " Some files were written nonetheless; they stay in the bucket." if again.found else ""
        said = settings.scrubbed(again.error).rstrip(". ")
        text = f"{said}. The job failed at Sentinel Hub; running it again is a new job and is charged anew.{kept}"
        return Status(Phase.FAILED, "error.json", message=text, created_at=created)
    if store is None or not again.complete or not seen.same(again):
        return unsettled(settings, handle, again, pace)
    wrong = outcome.wrong_content(store, again, _size(handle))
    if wrong:
        return unsettled(settings, handle, again, pace, wrong)
    amount = outcome.reported_cost(store, again)
    cost = Cost(round(amount, 6), UNIT, "service’s figure") if amount is not None else None
    return Status(Phase.SUCCEEDED, _ENDED, 1.0, cost=cost, created_at=created, finished_at=max(again.finished_at, created))


def unsettled(settings: Settings, handle: Handle, seen: Look, pace: float, wrong: str = "") -> Status:
    """Neither a whole result nor an error report: wait, and say so when waiting is over."""
    now, created = time.time(), _created(handle)
    since = replies.number(handle.extra.get("ended")) or now
    extra = {"ended": f"{since:.3f}"}
    passed = max(0.0, now - since) / pace
    place = place_of(handle.extra["place"]).under(handle.remote_id)
    if seen.problem is not None and (passed > outcome.UNREADABLE or outcome.is_fatal(seen.problem)):
        text = f"The job ended, but the result cannot be read: {settings.scrubbed(str(seen.problem)).rstrip('. ')}. {_READING}"
        return Status(Phase.CANNOT_READ, _ENDED, message=text, code=seen.problem.details, created_at=created, extra=extra)
    if passed > outcome.GRACE:
        missing = wrong or (f"only {', '.join(seen.found)} was found" if seen.found else "neither a result nor error.json was found")
        text = f"The job ended, but in {place.url} {missing.rstrip('.')}. {_DOUBT} ({_NEEDED[place.scheme]}), then check again."
        return Status(Phase.UNRESOLVED, _ENDED, message=text, created_at=created, extra=extra)
    text = "Sentinel Hub has finished the job; its files are looked for in the bucket."
    again = max(5.0, min(60.0, passed))
    return Status(Phase.RUNNING, _ENDED, message=text, created_at=created, extra=extra, again=again)


def outputs(handle: Handle) -> Tuple[str, ...]:
    """The files that a job delivers."""
    return tuple(name for name in handle.extra.get("outputs", "").split(",") if name)


def _size(handle: Handle) -> Tuple[int, int]:
    width, _, height = handle.extra.get("size", "").partition(",")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)


def _created(handle: Handle) -> str:
    sent = replies.number(handle.extra.get("sent"))
    return "" if sent is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sent))
