"""A job in words. Pure functions of a job and the time; nothing here needs a running QGIS."""

from __future__ import annotations

import time
from typing import Any, List, Mapping, Optional, Tuple

from ..aoi import AoiError, from_geojson
from ..jobs.job import Job, State
from ..providers.remote import AREAS, NAME, OPEN, RATING, REVIEW
from ..results.dates import dates_in_words, images, scenes
from .words import DAY, HOUR, MINUTE, ago, area, count, translate

SOON = 3 * DAY  # a result that is kept no longer than this is worth a warning
_LONGEST = 80  # characters of one thing that is told
_LONG = 120 * MINUTE  # run times beyond this are told in hours


def asked_in_words(job: Job) -> str:
    """When, of what and where: “2026-11-18 · 12.4 km² near 51.9° N 4.0° E”."""
    values: Mapping[str, Any] = job.request.get("values") or {}
    formula = str(values.get("expression") or "")
    parts = (when_in_words(values), formula, " – ".join(images(values)), place_in_words(job.request))
    return " · ".join(part if len(part) <= _LONGEST else f"{part[:_LONGEST]}…" for part in parts if part)


def named(job: Job) -> str:
    """The name the service knows it by, else its task."""
    return job.extra.get(NAME, "") or job.title or job.operation


def place_in_words(request: Mapping[str, Any]) -> str:
    """Size and middle of the requested area, "" when there is none."""
    try:
        aoi = from_geojson(request["aoi"]) if request.get("aoi") else None
        if aoi is None:
            return ""
        west, south, east, north = aoi.bounds
    except AoiError:
        return ""
    middle = f"{_degrees((south + north) / 2, 'N', 'S')} {_degrees((west + east) / 2, 'E', 'W')}"
    return translate("JobWords", "{area} near {place}").format(area=area(aoi.area_km2), place=middle)


def when_in_words(values: Mapping[str, Any]) -> str:
    """The day, the range of days, or the scene; days first, because they tell jobs apart."""
    named = scenes(values)
    days = dates_in_words(values)
    if len(named) > 1:
        number = count(len(named), translate("JobWords", "1 scene"), translate("JobWords", "{} scenes"))
        return ", ".join(part for part in (days, number) if part)
    if named and days:
        return translate("JobWords", "{day}, scene {name}").format(name=named[0].split("_")[0], day=days)
    if named:
        return translate("JobWords", "scene {}").format(named[0])
    if values.get("date_direction") == "before":
        return translate("JobWords", "{} or before").format(days)
    if values.get("date_direction") == "after":
        return translate("JobWords", "{} or after").format(days)
    return days


def state_words(state: State) -> str:
    """What a state means to a person."""
    return {
        State.DRAFT: translate("JobWords", "Waiting to be sent"),
        State.SUBMITTING: translate("JobWords", "Being sent"),
        State.UNCONFIRMED: translate("JobWords", "Sent without an answer, being looked for"),
        State.QUEUED: translate("JobWords", "Waiting at the service"),
        State.RUNNING: translate("JobWords", "Running"),
        State.SUCCEEDED: translate("JobWords", "Finished, to be downloaded"),
        State.UNRESOLVED: translate("JobWords", "Finished, but no result was found"),
        State.CANNOT_READ: translate("JobWords", "Finished, but the result cannot be read"),
        State.FETCHING: translate("JobWords", "Downloading"),
        State.FETCHED: translate("JobWords", "Downloaded"),
        State.LOADED: translate("JobWords", "Loaded"),
        State.FAILED: translate("JobWords", "Failed"),
        State.CANCELLED: translate("JobWords", "Cancelled"),
        State.EXPIRED: translate("JobWords", "Result no longer kept"),
        State.LOST: translate("JobWords", "Not known to the service"),
        State.UNKNOWN: translate("JobWords", "Not known whether it arrived"),
    }[state]


def state_icon(state: State) -> str:
    """The name of the picture that goes with a state."""
    if state in (State.FETCHED, State.LOADED):
        return "done"
    if state in (State.FAILED, State.EXPIRED, State.LOST):
        return "failed"
    if state in (State.UNCONFIRMED, State.UNKNOWN, State.UNRESOLVED, State.CANNOT_READ, State.CANCELLED):
        return "unknown"
    return "waiting" if state in (State.DRAFT, State.QUEUED) else "running"


def asked_before_words(before: Job, now: float) -> str:
    """That the same was asked for before, as a sentence."""
    text = translate("JobWords", "The same request was sent {}. Running it again may be charged again.")
    if before.in_doubt:
        text = translate("JobWords", "The same request was sent {}, and nobody knows whether it arrived. It may be paid for twice.")
    return text.format(ago(now - before.created_at))


def elapsed_words(job: Job, now: float, minutes: Optional[Tuple[float, float]] = None) -> str:
    """How long it has been at it, and the usual run time while it is: “12 of 15–30 min”."""
    elapsed = elapsed_seconds(job, now)
    if elapsed is None:
        return ""
    if not (job.state.at_work and minutes):
        return span_words(elapsed)
    usual = _range(minutes[0] / 60, minutes[1] / 60) if minutes[1] >= 180 else _range(*minutes)
    if elapsed < _LONG and minutes[1] < 180:
        return translate("JobWords", "{elapsed} of {usual} min").format(elapsed=int(elapsed // MINUTE), usual=usual)
    unit = translate("JobWords", "{} h") if minutes[1] >= 180 else translate("JobWords", "{} min")
    return translate("JobWords", "{elapsed} of {usual}").format(elapsed=span_words(elapsed), usual=unit.format(usual))


def elapsed_seconds(job: Job, now: float) -> Optional[float]:
    """Seconds from sending to the end, or to now while it goes on; None when it was never sent or the end is not known."""
    if not job.sent_at:
        return None
    end = now if job.state.at_work else job.finished_at or job.seen_at
    return max(0.0, end - job.sent_at) if end else None


def span_words(seconds: float) -> str:
    """A length of time, as exact as is of use."""
    if seconds < MINUTE:
        return translate("JobWords", "{} s").format(int(seconds))
    if seconds < _LONG:
        return translate("JobWords", "{} min").format(int(seconds // MINUTE))
    if seconds < 2 * DAY:
        return translate("JobWords", "{hours} h {minutes} min").format(hours=int(seconds // HOUR), minutes=int(seconds % HOUR // MINUTE))
    return translate("JobWords", "{} days").format(int(seconds // DAY))


def cost_words(job: Job) -> str:
    """What it cost, else the estimate marked as such; none for what failed or was given up before the service had it."""
    unsent = job.state is State.CANCELLED and not job.remote_id and not job.in_doubt
    return job.cost or (f"≈ {job.estimate}" if job.estimate and job.state is not State.FAILED and not unsent else "")


def rating_words(job: Job) -> str:
    """The stars that a person gave, "" for none."""
    given = job.extra.get(RATING, "")
    return "★" * int(given) + "☆" * (5 - int(given)) if given in ("1", "2", "3", "4", "5") else ""


def review_words(job: Job) -> str:
    """Where the review of a result stands, "" without one."""
    word = job.extra.get(REVIEW, "")
    return {
        OPEN: translate("JobWords", "to be accepted or rejected by you"),
        "NOT_ACCEPTED": translate("JobWords", "rejected, the service works on it again"),
        "ACCEPTED": translate("JobWords", "accepted"),
        "REFUNDED": translate("JobWords", "rejected, the credits were returned"),
    }.get(word, word)


def areas_words(job: Job) -> str:
    """Which areas of a job that failed are here all the same, "" for all or none."""
    ids = job.extra.get(AREAS, "")
    one, many = translate("JobWords", "only 1 finished one"), translate("JobWords", "only {} finished ones")
    return count(len(ids.split(",")), one, many) if ids else ""


def expiry_words(job: Job, now: float) -> str:
    """Until when the service keeps the result: the day, or what is left when that is little."""
    if not job.expires_at or job.state in (State.FAILED, State.CANCELLED):
        return ""
    left = job.expires_at - now
    if left <= 0 or job.state is State.EXPIRED:
        return translate("JobWords", "no longer")
    if left >= SOON:
        return time.strftime("%Y-%m-%d", time.gmtime(job.expires_at))
    if left >= 2 * DAY:
        return count(int(left // DAY), translate("JobWords", "1 more day"), translate("JobWords", "{} more days"))
    return count(max(1, int(left // HOUR)), translate("JobWords", "1 more hour"), translate("JobWords", "{} more hours"))


def expires_soon(job: Job, now: float) -> bool:
    """Whether a result that is not here yet will be gone in less than three days."""
    return bool(job.expires_at) and not job.state.failed and not job.files and job.expires_at - now < SOON


def search_text(job: Job, service: str, asked: str) -> str:
    """Everything a person may look a job up by, in lower case. `asked` are the words of `asked_in_words`."""
    values = job.request.get("values") or {}
    parts: List[str] = [job.title, job.operation, service, job.account, asked]
    parts += [job.remote_id, job.id, job.message, job.extra.get(NAME, ""), *(str(value) for value in values.values())]
    return " ".join(parts).lower()


def _degrees(value: float, positive: str, negative: str) -> str:
    value = (value + 180) % 360 - 180 if positive == "E" else value
    return f"{abs(value):.1f}° {positive if value >= 0 else negative}"


def _range(low: float, high: float) -> str:
    first, last = f"{low:.0f}", f"{high:.0f}"
    return first if first == last else f"{first}–{last}"
