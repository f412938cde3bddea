"""Whether a task takes an area, in words."""

from __future__ import annotations

from ..providers.operation import Needs, Operation
from .words import translate


def is_optional(operation: Operation) -> bool:
    """Whether the task can do without an area, nothing taking its place."""
    return operation.aoi.needs is Needs.OPTIONAL and not operation.aoi.replaced_by


def not_used(operation: Operation) -> str:
    """Why the area does not count."""
    if operation.aoi.needs is Needs.NONE:
        return translate("Groundtrack", "Not used by this task")
    label = operation.field(operation.aoi.replaced_by).label
    return translate("Groundtrack", "Not used: {} decides").format(label)
