"""Why a job waits and until when, in words. Pure functions of the jobs and the time; nothing here needs a running QGIS."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, NamedTuple, Tuple

from ..jobs.job import Job, State
from .job_words import span_words
from .words import count, translate

Words = Tuple[str, str]

NOTHING: Words = ("", "")
_ROUGH = 5  # s: waits of less than a minute are told in steps of this length


class Queue(NamedTuple):
    """What drafts of one account wait behind: jobs at work, and when drafts that were refused are sent again (Unix seconds)."""

    at_work: int = 0
    again: Tuple[float, ...] = ()


def queues_of(jobs: Iterable[Job]) -> Mapping[str, Queue]:
    """The queue of each account, by its key."""
    at_work: Dict[str, int] = {}
    again: Dict[str, List[float]] = {}
    for job in jobs:
        if job.state.at_work:
            at_work[job.account_key] = at_work.get(job.account_key, 0) + 1
        elif job.state is State.DRAFT and job.next_at:
            again.setdefault(job.account_key, []).append(job.next_at)
    return {key: Queue(at_work.get(key, 0), tuple(again.get(key, ()))) for key in {*at_work, *again}}


def wait_words(job: Job, queue: Queue, most: int, now: float) -> Words:
    """A few words for the table and a sentence. `queue` is its account's, which has at most `most` at work."""
    if not job.state.followed:
        return NOTHING
    if job.next_at > now:
        return _again(job, _roughly(job.next_at - now))
    if job.state is not State.DRAFT:
        return NOTHING
    return _behind(queue, most, now)


def _again(job: Job, wait: str) -> Words:
    if job.state is State.DRAFT:
        return translate("JobWaits", "again in {}").format(wait), translate("JobWaits", "Tried again in about {}.").format(wait)
    if job.state is State.UNCONFIRMED:
        return translate("JobWaits", "next look in {}").format(wait), translate("JobWaits", "Looked for again in about {}.").format(wait)
    if job.state is State.SUCCEEDED:
        return translate("JobWaits", "again in {}").format(wait), translate("JobWaits", "Downloaded again in about {}.").format(wait)
    return translate("JobWaits", "no answer, again in {}").format(wait), translate("JobWaits", "Asked again in about {}.").format(wait)


def _behind(queue: Queue, most: int, now: float) -> Words:
    """A draft whose turn has not come."""
    refused = [at for at in queue.again if at > now]
    if refused:
        wait = _roughly(min(refused) - now)
        sentence = translate("JobWaits", "Waits until the service takes jobs again; tried in about {}.").format(wait)
        return translate("JobWaits", "its turn in {}").format(wait), sentence
    running = queue.at_work
    if running < most:
        return NOTHING
    one = translate("JobWaits", "Waits until the running job of this account has ended.")
    many = translate("JobWaits", "Waits until one of the {} running jobs of this account has ended.")
    return count(running, translate("JobWaits", "behind 1 job"), translate("JobWaits", "behind {} jobs")), count(running, one, many)


def _roughly(seconds: float) -> str:
    return span_words(max(_ROUGH, -(-seconds // _ROUGH) * _ROUGH) if seconds < 60 else seconds)
