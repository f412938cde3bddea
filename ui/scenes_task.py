"""Which task of a service takes the chosen scenes."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional, Sequence, Tuple

from ..providers.fields import Field, FieldError, Kind
from ..providers.operation import Operation, Request
from ..providers.scenes import in_time_order


def task_for_scenes(
    operations: Iterable[Operation], current: Optional[Operation], given: Mapping[str, Any], scene_ids: Sequence[str]
) -> Optional[Request]:
    """A task and the value of its scene field; None when no task takes scenes.

    The present task comes first, and what it lacks is completed: a second scene joins the one that is there. Else it is the first
    task that takes as many scenes, or the first that takes any.
    """
    takers = [(operation, field) for operation in operations for field in operation.fields if field.kind is Kind.SCENES]
    ids = tuple(scene_ids)
    for operation, field in takers:
        if current is not None and operation.key == current.key:
            before = tuple(given.get(field.name) or ())
            joined = () if set(ids) <= set(before) else (_joined(before, ids),)  # what is there already asks for another task
            for wanted in (ids, *joined):
                if _takes(field, wanted):
                    return _filled(operation, field, wanted)
            if not before and len(ids) == 1:  # the first of several
                return _filled(operation, field, ids)
    fitting = [pair for pair in takers if _takes(pair[1], ids)] or takers
    return _filled(*fitting[0], ids) if fitting else None


def takes_scenes(operation: Optional[Operation]) -> bool:
    """Whether a task asks for scenes."""
    return operation is not None and any(field.kind is Kind.SCENES for field in operation.fields)


def _filled(operation: Operation, field: Field, scene_ids: Tuple[str, ...]) -> Request:
    return Request(operation.key, {field.name: scene_ids})


def _joined(before: Tuple[str, ...], more: Tuple[str, ...]) -> Tuple[str, ...]:
    return in_time_order(tuple(dict.fromkeys((*before, *more))))


def _takes(field: Field, scene_ids: Tuple[str, ...]) -> bool:
    try:
        field.parse(scene_ids)
    except FieldError:
        return False
    return True
