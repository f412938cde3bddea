"""The request of a job as it was sent, with the key masked."""

from __future__ import annotations

import json

from ..jobs.job import Job
from ..providers.base import Account
from ..providers.errors import ServiceProblem
from .session import Session


def request_preview(session: Session, job: Job) -> str:
    """Method, address, headers and body; where the service cannot build it now, what was asked as JSON."""
    info = session.store.find(job.account_key)
    account = Account(job.provider, job.account, info.public if info else {})
    try:
        return session.provider(account).build(job.asked()).preview()
    except (ServiceProblem, LookupError, ValueError, KeyError):  # no such service or task here any more
        return json.dumps({name: value for name, value in job.request.items() if name != "tag"}, indent=2, ensure_ascii=False)
