"""Whether a task takes an area, and how the area stands to its limits, in words."""

from __future__ import annotations

from typing import Tuple

from ..providers.operation import Needs, Operation
from .request_check import Verdict
from .sentence import INFO, SUCCESS, WARNING
from .words import translate

TOO_LARGE = "too_large"
LIMITS = frozenset(("parts", "holes", "vertices", TOO_LARGE))
LARGE_VIEW = 5000  # km²: a map view that was hardly meant as the area


def is_optional(operation: Operation) -> bool:
    """Whether the task can do without an area, nothing taking its place."""
    return operation.aoi.needs is Needs.OPTIONAL and not operation.aoi.replaced_by


def not_used(operation: Operation) -> str:
    """Why the area does not count."""
    if operation.aoi.needs is Needs.NONE:
        return translate("Groundtrack", "Not used by this task")
    label = operation.field(operation.aoi.replaced_by).label
    return translate("Groundtrack", "Not used: {} decides").format(label)


def standing_words(verdict: Verdict, *, view: bool) -> Tuple[str, str, bool]:
    """How the area stands to the limits, the level of that, and whether its size means anything. `view`: it is the map's."""
    about = verdict.about_area()
    codes = {item.problem.code for item in about}
    if view and not about and verdict.km2 > LARGE_VIEW:
        words, level = translate("Groundtrack", "whole map view"), INFO
    elif TOO_LARGE in codes:
        words, level = translate("Groundtrack", "outside limits"), WARNING
    elif codes & LIMITS:
        words, level = translate("Groundtrack", "needs a change"), WARNING
    elif "near_limit" in codes:
        words, level = translate("Groundtrack", "close to the limit"), WARNING
    elif any(item in verdict.errors for item in about):
        words, level = translate("Groundtrack", "cannot be used as it is"), WARNING
    else:
        words, level = translate("Groundtrack", "inside limits"), SUCCESS
    return words, level, level is not WARNING or bool(codes & {*LIMITS, "near_limit"})
