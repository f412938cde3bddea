"""Changes of a job at its service. A change whose answer was lost is looked up, never made twice. Run by workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Union

from ..providers.base import Handle, Provider, Status
from ..providers.errors import AmbiguousSubmit, Gone, NotFound, ServiceError, ServiceProblem, TransportError
from ..providers.remote import DELETED, NAME, PROJECT, RATING, REVIEW
from .job import Job, State

LOST = (AmbiguousSubmit, TransportError, ServiceError)  # after which nobody knows whether a change was made

Change = Callable[[Provider, Handle], None]
Proof = Callable[[Status], bool]


@dataclass(frozen=True)
class Changed:
    """How a change went: what the service says of the job now (None when it does not), and what went wrong, None when nothing did."""

    status: Optional[Status] = None
    problem: Optional[ServiceProblem] = None


def change(provider: Provider, handle: Handle, make: Change, proof: Proof) -> Changed:
    """Change a job, then look at it. `proof` tells by its state whether a change was made whose answer did not arrive.

    Raises what a look raises only when nothing was changed.
    """
    try:
        make(provider, handle)
    except LOST as problem:
        now = look(provider, handle)
        if not isinstance(now, Status):
            return Changed(None, problem)
        return Changed(now, None if proof(now) else _not_made(problem))
    except ServiceProblem as problem:
        now = look(provider, handle)
        return Changed(now if isinstance(now, Status) else None, problem)
    now = look(provider, handle)
    return Changed(now if isinstance(now, Status) else None)


def delete(provider: Provider, handle: Handle) -> Changed:
    """Delete a job and its results. One that the service does not know afterwards is deleted, whatever became of the answer."""
    try:
        provider.delete(handle)
    except LOST as problem:
        now = look(provider, handle)
        if isinstance(now, Status):
            return Changed(now, _not_made(problem))
        return Changed(None, None if isinstance(now, (NotFound, Gone)) else problem)
    except ServiceProblem as problem:
        return Changed(None, problem)
    return Changed()


def _not_made(problem: ServiceProblem) -> ServiceProblem:
    """What is known once a look has shown that a change without a good answer was not made."""
    if isinstance(problem, ServiceError):
        return problem
    return TransportError("The service gave no answer, and the change was not made.", advice="Try again.")


def look(provider: Provider, handle: Handle) -> Union[Status, ServiceProblem]:
    """What the service says of one job now."""
    try:
        return provider.statuses([handle]).get(handle.remote_id) or NotFound("The service did not mention this job.")
    except ServiceProblem as problem:
        return problem


def told(job: Job, status: Status) -> Dict[str, Any]:
    """What of a look is written into the journal for a job that is not followed any more."""
    kept = {name: status.extra[name] for name in (NAME, PROJECT, RATING, REVIEW) if name in status.extra}
    return {"extra": {**job.extra, **kept}, "word": status.word, "warning": status.warning}


def farewell(job: Job, when: str) -> Dict[str, Any]:
    """What is written into the journal for a job that was deleted at its service at `when`, ISO 8601 UTC."""
    marked: Dict[str, Any] = {"extra": {**job.extra, DELETED: when}, "warning": ""}
    if job.state.followed:
        marked.update(state=State.CANCELLED, message="Deleted at the service. What was not downloaded is gone.")
    return marked
