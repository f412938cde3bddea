"""A job that was made elsewhere and found at its service, as one of ours."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from ..providers.base import Provider, RemoteJob
from ..providers.errors import ServiceProblem
from ..providers.operation import Request
from ..providers.replies import seconds
from .changes import look
from .job import Job, new_job
from .steps import STATES


def whole(provider: Provider, remote: RemoteJob) -> RemoteJob:
    """A listed job with its state now and with what it was made with, as far as its service tells. Raises when it is not there any more."""
    status = look(provider, remote.handle)
    if isinstance(status, ServiceProblem):
        raise status
    request = remote.request
    with suppress(ServiceProblem):
        request = request or provider.asked(remote.handle)
    return replace(remote, status=status, request=request)


def found_job(provider: Provider, remote: RemoteJob, now: float, project: str = "") -> Job:
    """The job as the journal holds it; `project` is the path of the QGIS project."""
    status, account = remote.status, provider.account
    request = remote.request or Request(remote.operation)
    created = seconds(status.created_at, now)
    job = new_job(
        account.provider, account.name, request, created, project=project, title=_title(provider, remote),
        fingerprint=provider.fingerprint(request) if remote.request else "",
    )  # fmt: skip
    return job.changed(
        state=STATES[status.phase], remote_id=remote.handle.remote_id, extra={**remote.handle.extra, **status.extra}, word=status.word,
        message=status.message, warning=status.warning, details=status.code, cost=str(remote.cost or status.cost or ""), sent_at=created,
        seen_at=now, finished_at=seconds(status.finished_at, 0.0), expires_at=seconds(status.expires_at, 0.0),
    )  # fmt: skip


def _title(provider: Provider, remote: RemoteJob) -> str:
    try:
        return provider.operation(remote.operation).title
    except ServiceProblem:
        return remote.task or remote.name or remote.operation
