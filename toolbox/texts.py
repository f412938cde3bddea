"""Translation, and making what services say fit to be shown: the cause named by its usual word."""

from __future__ import annotations

import re
from typing import Tuple

from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.job import Job, State
from ..providers.errors import AmbiguousSubmit, AuthError, Gone, QuotaError, ServiceProblem, TransportError

AUTHENTICATION, EXPIRY, CREDITS, LIMITS, NETWORK, UNKNOWN = "authentication", "expiry", "credits", "limits", "network", "outcome unknown"
_CAUSES: Tuple[Tuple[str, str], ...] = (
    (r"HTTP 401|HTTP 403|UNAUTHORI[SZ]ED|FORBIDDEN|AUTHENTICATION|INVALID_KEY|ACCESS_?DENIED", AUTHENTICATION),
    (r"HTTP 402|CREDIT|BALANCE|PAYMENT", CREDITS),
    (r"HTTP 429|RATE_LIMIT|LIMIT|QUOTA|CONCURREN", LIMITS),
    (r"HTTP 410|GONE|EXPIRED|RETENTION", EXPIRY),
)
CHECK_NOW, FETCH_AGAIN = "Check Now", "groundtrack:fetch_results"  # a gesture of the dock, and what does the same here
_WORDS = {AuthError: AUTHENTICATION, Gone: EXPIRY, QuotaError: LIMITS, TransportError: NETWORK, AmbiguousSubmit: UNKNOWN}


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("Groundtrack", text)


def problem_text(problem: ServiceProblem) -> str:
    """What a service's problem means, its cause named."""
    word = _cause(f"{problem.details} {problem.code}") or next((word for kind, word in _WORDS.items() if isinstance(problem, kind)), "")
    return _named(str(problem), word)


def failure_text(job: Job) -> str:
    """Why a job has no result: the service's own words first, then the cause by its usual word."""
    word = {State.EXPIRED: EXPIRY, State.UNCONFIRMED: UNKNOWN, State.SUBMITTING: UNKNOWN}.get(job.state) or _cause(job.details)
    if job.state in (State.QUEUED, State.RUNNING):
        said = tr(" The last thing the service said is “{}”.").format(job.word) if job.word else ""
        return tr("The service has not finished the job for a long time, so it is no longer asked.{}").format(said)
    return _named((job.message or _PLAIN.get(job.state, tr("The job failed."))).replace(CHECK_NOW, FETCH_AGAIN), word)


def failed_for_all(job: Job) -> bool:
    """Whether other jobs of the same account would be refused for the same reason."""
    return job.state is State.FAILED and not job.remote_id and _cause(job.details) == AUTHENTICATION


def _cause(details: str) -> str:
    return next((word for pattern, word in _CAUSES if re.search(pattern, details, re.IGNORECASE)), "")


def _named(message: str, word: str) -> str:
    return message if not word or word in message else f"{message} ({word})"


_PLAIN = {
    State.CANCELLED: "The job was cancelled.",
    State.EXPIRED: "The result is no longer kept by the service.",
    State.LOST: "The service does not know this job any more.",
    State.UNRESOLVED: "The job ended, but the service gives neither a result nor an error.",
    State.CANNOT_READ: "The result cannot be read from the storage.",
    State.UNCONFIRMED: "It is not known whether the service has this job.",
}
