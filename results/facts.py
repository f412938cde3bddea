"""What the services' declarations say about a job, and what is said where a service or task is not known here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Optional, Type

from ..jobs.job import Job
from ..providers.base import Can, Provider
from ..providers.operation import Operation, Result
from ..providers.registry import entry
from .scripts import script_style
from .tables import TABLES, TableSpec, table_spec


def provider_of(job: Job) -> Optional[Type[Provider]]:
    """The class of the job's service, None when it cannot be used here."""
    return entry(job.provider).provider


def operation_of(job: Job) -> Optional[Operation]:
    """The declaration of the job's task, None for tasks that the service declares only when asked."""
    kind = provider_of(job)
    return next((item for item in kind.fixed_operations if item.key == job.operation), None) if kind else None


def delivers_rasters(job: Job) -> bool:
    """Whether the task delivers rasters; a JSON file beside them is no layer."""
    operation = operation_of(job)
    return operation is not None and operation.result is Result.RASTER


def service_of(job: Job) -> str:
    """The service's name for people."""
    kind = provider_of(job)
    return kind.title if kind else job.provider


def can_of(job: Job) -> Can:
    """What the job’s service offers."""
    kind = provider_of(job)
    return kind.can if kind else Can.NOTHING


def style_of(job: Job) -> str:
    """The name under which the result's table and style are kept."""
    told = f"{job.provider}_{job.extra.get('style', '')}"
    if told in TABLES:  # one task of many kinds of result
        return told
    by_script = script_style(job.request.get("values") or {})
    if by_script:
        return by_script
    operation = operation_of(job)
    wanted = operation.style if operation and operation.style else job.operation
    own = f"{job.provider}_{wanted}"
    return own if own in TABLES else wanted


def table_of(job: Job) -> TableSpec:
    """What the table of the job’s result looks like."""
    return table_spec(style_of(job))


@cache
def plugin_version() -> str:
    """Our version, from metadata.txt."""
    lines = (Path(__file__).parents[1] / "metadata.txt").read_text(encoding="utf-8").splitlines()
    return next((line.partition("=")[2].strip() for line in lines if line.startswith("version=")), "")
