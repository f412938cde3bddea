"""Why a job has no result, in words."""

from __future__ import annotations

from ..jobs.job import Job, State
from .texts import AUTHENTICATION, EXPIRY, UNKNOWN, cause_of, named, tr

CHECK_NOW, FETCH_AGAIN = "Check Now", "groundtrack:fetch_results"  # a gesture of the dock, and what does the same here


def failure_text(job: Job) -> str:
    """Why a job has no result: the service's own words first, then the cause by its usual word."""
    word = UNKNOWN if job.in_doubt else EXPIRY if job.state is State.EXPIRED else cause_of(job.details)
    if job.state in (State.QUEUED, State.RUNNING):
        said = tr(" The last thing the service said is “{}”.").format(job.word) if job.word else ""
        return tr("The service has not finished the job for a long time, so it is no longer asked.{}").format(said)
    return named((job.message or _PLAIN.get(job.state, tr("The job failed."))).replace(CHECK_NOW, FETCH_AGAIN), word)


def failed_for_all(job: Job) -> bool:
    """Whether other jobs of the same account would be refused for the same reason."""
    return job.state is State.FAILED and not job.remote_id and cause_of(job.details) == AUTHENTICATION


_PLAIN = {
    State.CANCELLED: "The job was cancelled.",
    State.EXPIRED: "The result is no longer kept by the service.",
    State.LOST: "The service does not know this job any more.",
    State.UNRESOLVED: "The job ended, but the service gives neither a result nor an error.",
    State.CANNOT_READ: "The result cannot be read from the storage.",
    State.UNCONFIRMED: "It is not known whether the service has this job.",
    State.UNKNOWN: "It cannot be known whether the service has this job.",
}
