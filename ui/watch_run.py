"""What a watch asks a service: what a run would send and cost, or which scene is the newest. For workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Optional, Tuple

from ..aoi import Aoi
from ..presets.dates import today_utc
from ..presets.filling import with_days
from ..presets.periods import Period, dated_fields, is_moving, period_of, with_period
from ..presets.preset import FIXED
from ..presets.watch import FIRST_DAY_BACK, Watch
from ..providers.base import Cost, Provider, Severity
from ..providers.fields import is_empty, parse_all
from ..providers.operation import Needs, Operation, Request
from ..providers.scenes import Scene, SceneQuery
from .price_asker import total
from .scenes_task import task_for_scenes


@dataclass(frozen=True)
class WatchOrder:
    """What a run would send; `members` are the days that the requests are about.

    `complaint` says why it would be refused, `known` that all of it was asked for before.
    """

    requests: Tuple[Request, ...] = ()
    members: Tuple[str, ...] = ()
    fingerprints: Tuple[str, ...] = ()
    cost: Optional[Cost] = None
    complaint: str = ""
    known: bool = False


def order(provider: Provider, watch: Watch, asked: Collection[str] = (), scenes: Tuple[str, ...] = ()) -> WatchOrder:
    """The requests of a run now, and their price. `scenes` are the ids of the one before and the newest, for tasks that take them."""
    provider.learn()
    operation = provider.operation(watch.preset.operation)
    values, wrong = parse_all(operation.fields, with_days(operation.fields, _values(provider, operation, watch, scenes), today_utc()))
    if wrong:
        return WatchOrder(complaint=" ".join(wrong.values()))
    areas: Tuple[Optional[Aoi], ...] = shapes_of(watch) if _takes_area(operation, values) else ()
    asking = [Request(operation.key, values, area) for area in areas or (None,)]
    requests = tuple(part for request in asking for part in provider.split(request))
    for request in requests:
        problem = next((item.message for item in provider.problems(request) if item.severity is Severity.ERROR), "")
        if problem:
            return WatchOrder(complaint=problem)
    named = [(request, provider.fingerprint(request)) for request in requests]
    fresh = tuple(request for request, fingerprint in named if fingerprint not in asked)
    if not fresh:
        return WatchOrder(requests, known=True)
    names = dated_fields(operation.fields, values)
    member = str(period_of(names, values, today_utc()) or today_utc())
    fingerprints = tuple(fingerprint for _, fingerprint in named if fingerprint not in asked)
    return WatchOrder(fresh, (member,) * len(fresh), fingerprints, total(provider, fresh))


def newest_scene(provider: Provider, watch: Watch) -> Optional[Scene]:
    """The scene over the area that was taken last, None when there is none of late."""
    area = Aoi(tuple(polygon for shape in shapes_of(watch) for polygon in shape.polygons))
    start = today_utc() - dt.timedelta(days=FIRST_DAY_BACK)
    page = provider.search_scenes(SceneQuery(area, start.isoformat(), "", None, watch.collections, 20))
    return max((scene for scene in page.scenes if scene.taken), key=lambda scene: scene.taken, default=None)


def shapes_of(watch: Watch) -> Tuple[Aoi, ...]:
    """The area that a watch keeps."""
    area = watch.preset.area
    return area.shapes if area is not None and area.rule == FIXED else ()


def is_fixed(operation: Operation, values: Mapping[str, Any]) -> bool:
    """Whether every run would ask for the same days."""
    names = dated_fields(operation.fields, values)
    return bool(names) and not is_moving(names, values)


def _values(provider: Provider, operation: Operation, watch: Watch, scenes: Tuple[str, ...]) -> Dict[str, Any]:
    values = dict(watch.preset.values)
    if not scenes:
        return values
    for ids in (scenes[-1:], scenes):  # as many as the task takes
        fit = task_for_scenes((operation,), operation, {}, ids)
        _, wrong = parse_all(operation.fields, {**values, **fit.values}) if fit else ({}, {"": ""})
        if fit is not None and not wrong:
            return {**values, **fit.values}
    return values


def _takes_area(operation: Operation, values: Mapping[str, Any]) -> bool:
    replaced = operation.aoi.replaced_by and not is_empty(values.get(operation.aoi.replaced_by))
    return operation.aoi.needs is not Needs.NONE and not replaced


def on_day(operation: Operation, watch: Watch, day: dt.date) -> Watch:
    """The watch with its fixed days moved so that they end on a day, that of a new scene; unchanged where they move by themselves."""
    values = watch.preset.values
    names = dated_fields(operation.fields, values)
    period = period_of(names, values, today_utc())
    if period is None or is_moving(names, values):
        return watch
    moved = with_period(names, values, Period(day - (period.last - period.first), day))
    return replace(watch, preset=replace(watch.preset, values=moved))
