"""Jobs of the journal, found by the ids a person gives, and their account."""

from __future__ import annotations

from typing import Callable, List, Sequence, Type

from ..jobs.job import Job
from ..jobs.journal import Journal
from ..providers.base import Provider
from ..providers.registry import provider_class
from .outcome import RunFailed
from .sign_in import SignedIn, sign_in
from .texts import tr


def find_jobs(journal: Journal, text: str) -> List[Job]:
    """Jobs named by comma-separated ids, ours or the service's. Raises RunFailed naming the first that is not known."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise RunFailed(tr("JOB_ID is missing."))
    return [_find(journal, name) for name in dict.fromkeys(names)]


def kind_of(jobs: Sequence[Job]) -> Type[Provider]:
    """The service of all these jobs. Raises RunFailed, LookupError."""
    if len({job.account_key for job in jobs}) > 1:
        raise RunFailed(tr("The jobs belong to different accounts; name those of one account at a time."))
    return provider_class(jobs[0].provider)


def sign_in_for(jobs: Sequence[Job], account: str, cancelled: Callable[[], bool]) -> SignedIn:
    """The account the jobs were sent with, or the one that is named."""
    return sign_in(kind_of(jobs), account or jobs[0].account, cancelled)


def _find(journal: Journal, name: str) -> Job:
    jobs = journal.jobs()
    found = next((job for job in jobs if job.id == name), None) or next((job for job in jobs if job.remote_id == name), None)
    if found is None:
        raise RunFailed(tr("There is no job “{}” in the job list of this profile.").format(name))
    return found
