"""Why a job waits and until when, in words. Pure functions of the jobs and the time; nothing here needs a running QGIS."""

from __future__ import annotations

from typing import Iterable, Tuple

from ..jobs.job import Job, State
from .job_words import span_words
from .words import count, translate

Words = Tuple[str, str]

NOTHING: Words = ("", "")
_ROUGH = 5  # s: waits of less than a minute are told in steps of this length


def wait_words(job: Job, others: Iterable[Job], most: int, now: float) -> Words:
    """A few words for the table and a sentence. `others` may hold jobs of any account; the account has at most `most` at work."""
    if not job.state.followed:
        return NOTHING
    if job.next_at > now:
        return _again(job, _roughly(job.next_at - now))
    if job.state is not State.DRAFT:
        return NOTHING
    return _behind([other for other in others if other.account_key == job.account_key and other.id != job.id], most, now)


def _again(job: Job, wait: str) -> Words:
    if job.state is State.DRAFT:
        return translate("JobWaits", "again in {}").format(wait), translate("JobWaits", "Tried again in about {}.").format(wait)
    if job.state is State.UNCONFIRMED:
        return translate("JobWaits", "next look in {}").format(wait), translate("JobWaits", "Looked for again in about {}.").format(wait)
    if job.state is State.SUCCEEDED:
        return translate("JobWaits", "again in {}").format(wait), translate("JobWaits", "Downloaded again in about {}.").format(wait)
    return translate("JobWaits", "no answer, again in {}").format(wait), translate("JobWaits", "Asked again in about {}.").format(wait)


def _behind(others: Iterable[Job], most: int, now: float) -> Words:
    """A draft whose turn has not come."""
    refused = [other.next_at for other in others if other.state is State.DRAFT and other.next_at > now]
    if refused:
        wait = _roughly(min(refused) - now)
        sentence = translate("JobWaits", "Waits until the service takes jobs again; tried in about {}.").format(wait)
        return translate("JobWaits", "its turn in {}").format(wait), sentence
    running = sum(other.state.at_work for other in others)
    if running < most:
        return NOTHING
    one = translate("JobWaits", "Waits until the running job of this account has ended.")
    many = translate("JobWaits", "Waits until one of the {} running jobs of this account has ended.")
    return count(running, translate("JobWaits", "behind 1 job"), translate("JobWaits", "behind {} jobs")), count(running, one, many)


def _roughly(seconds: float) -> str:
    return span_words(max(_ROUGH, -(-seconds // _ROUGH) * _ROUGH) if seconds < 60 else seconds)
