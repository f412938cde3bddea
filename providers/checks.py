"""Checks that every provider shares: field values and the area, against an operation's declaration."""

from __future__ import annotations

import datetime as dt
import math
import re
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, Callable, List, Optional, Tuple
from urllib.parse import parse_qsl, urlsplit

from .. import aoi as areas
from ..aoi import Aoi
from ..aoi_repairs import middle_square, simplified, split
from .base import Problem, Repair, Severity, with_aoi
from .fields import Kind, is_empty, parse_all
from .operation import AoiRule, Needs, Operation, Request

NEAR_LIMIT = 0.98  # of an area limit: the service may measure a little differently
SAFE = 0.97  # of an area limit: what a proposed area has, well below any warning
MOST_PIECES = 100  # jobs that a repair may propose at once

_KEYS = re.compile(r"(access_?)?token|(api_?)?key|sig(nature)?|secret|password|auth", re.IGNORECASE)


def holds_key(url: str) -> bool:
    """Whether an address seems to hold a key."""
    return any(_KEYS.fullmatch(name) for name, _ in parse_qsl(urlsplit(url).query))


def check_request(operation: Operation, request: Request) -> Tuple[Problem, ...]:
    """Problems of the fields, then of the area."""
    _, wrong = parse_all(operation.fields, request.values)
    found = [Problem("field", message, field=name) for name, message in wrong.items()]
    known = {field.name for field in operation.fields}
    strange = [name for name in request.values if name not in known]
    found += [Problem("unknown_field", f"{operation.title} has no input “{name}”.", field=name) for name in strange]
    return (*found, *check_area(operation, request))


def check_area(operation: Operation, request: Request) -> Tuple[Problem, ...]:
    """Problems of the area alone."""
    rule, aoi = operation.aoi, request.aoi
    replaced = bool(rule.replaced_by) and not is_empty(request.values.get(rule.replaced_by))
    if aoi is None:
        if rule.needs is Needs.REQUIRED or (rule.replaced_by and not replaced):
            either = f", or fill in {operation.field(rule.replaced_by).label}" if rule.replaced_by else ""
            return (Problem("no_area", f"An area is missing. Outline one on the map{either}."),)
        return ()
    if replaced:
        label = operation.field(rule.replaced_by).label
        return (Problem("area_and_scene", f"Give either an area or {label}, not both.", repair=_without_area()),)
    broken = areas.faults(aoi)
    if broken:
        return tuple(Problem(fault.code, fault.message, repair=_repair(fault.repair)) for fault in broken)
    return tuple(_limits(operation, rule, aoi))


def check_days(operation: Operation, request: Request, most_years: Optional[int] = None) -> Tuple[Problem, ...]:
    """Problems of the dates: none in the future (UTC), `date_start` before `date_end`, at most `most_years` between them."""
    values, _ = parse_all(operation.fields, request.values)
    today = dt.datetime.now(dt.timezone.utc).date().isoformat()
    days = [field for field in operation.fields if field.kind is Kind.DATE and values.get(field.name, "") > today]
    found = [Problem("future", f"{field.label} lies in the future.", field=field.name) for field in days]
    start, end = values.get("date_start"), values.get("date_end")
    if not start or not end:
        return tuple(found)
    if start >= end:
        swap = Repair("Swap the Dates", _with_values(date_start=end, date_end=start)) if start > end else None
        found.append(Problem("date_order", "The start date must lie before the end date.", field="date_start", repair=swap))
    elif most_years is not None and end > _years_later(start, most_years):
        shorten = Repair(f"Keep the Last {most_years} Years", _with_values(date_start=_years_later(end, -most_years)))
        text = f"The dates are more than {most_years} years apart; {operation.title} takes at most {most_years} years."
        found.append(Problem("too_long", text, field="date_start", repair=shorten))
    return tuple(found)


def _years_later(day: str, years: int) -> str:
    then = dt.date.fromisoformat(day)
    # the 29th of February has no other year's day: the safe side is the shorter span
    last = 28 if (then.month, then.day) == (2, 29) and years > 0 else then.day
    with suppress(ValueError):
        return then.replace(year=then.year + years, day=last).isoformat()
    return then.replace(year=then.year + years, month=3, day=1).isoformat()


def _with_values(**changed: Any) -> Callable[[Request], Tuple[Request, ...]]:
    return lambda request: (replace(request, values={**request.values, **changed}),)


def _limits(operation: Operation, rule: AoiRule, aoi: Aoi) -> List[Problem]:
    found: List[Problem] = []
    count = len(aoi.polygons)
    if rule.most_parts is not None and count > rule.most_parts:
        allowed = "a single polygon" if rule.most_parts == 1 else f"at most {rule.most_parts} polygons"
        label = f"Send {count} Jobs, One for Each Part"
        text = f"The area has {count} parts, but {operation.title} takes {allowed}. Sent as several jobs, each is charged by itself."
        others = (_on_area("Keep the Largest Part", areas.largest_part), _on_area("Take the Envelope", areas.envelope))
        found.append(Problem("parts", text, repair=Repair(label, _each_part), others=others if rule.most_parts == 1 else others[:1]))
    if not rule.holes and aoi.holes:
        text = f"The area has {aoi.holes} hole{'s' if aoi.holes > 1 else ''}, which {operation.title} does not take."
        found.append(Problem("holes", text, repair=_on_area("Fill the Holes", areas.drop_holes)))
    if rule.most_vertices and aoi.vertices > rule.most_vertices:
        text = f"The outline has {aoi.vertices:,} corners; {operation.title} takes at most {rule.most_vertices:,}."
        found.append(_too_many_corners(text, aoi, rule.most_vertices))
    return found + _size(operation, rule, aoi)


def _too_many_corners(text: str, aoi: Aoi, most: int) -> Problem:
    _, change = _simplified(aoi, most)
    label = f"Simplify the Outline ({_percent(change)} Area)"
    around = areas.envelope(aoi).area_km2 / aoi.area_km2 - 1
    envelope = _on_area(f"Take the Envelope ({_percent(around)} Area)", areas.envelope)
    return Problem("vertices", text, repair=_on_area(label, lambda area: _simplified(area, most)[0]), others=(envelope,))


@lru_cache(maxsize=4)  # the form is checked again at every change of a date, the outline stays
def _simplified(aoi: Aoi, most: int) -> Tuple[Aoi, float]:
    return simplified(aoi, most)


def _percent(change: float) -> str:
    return f"{change * 100:+.2f} %".replace("-", "−") if abs(change) >= 5e-5 else "±0.00 %"


def _size(operation: Operation, rule: AoiRule, aoi: Aoi) -> List[Problem]:
    if rule.most_km2 is None:
        return []
    limit = rule.most_km2
    largest = max(areas.polygon_area_km2(polygon) for polygon in aoi.polygons)
    if largest > limit:
        text = f"The area has {_km2(largest)}, but {operation.title} takes at most {_km2(limit)}, about {_side(limit)} × {_side(limit)} km."
        most = limit * SAFE
        square = _on_area(f"Use a Square of {_km2(most)} in the Middle", lambda area: middle_square(area, most))
        if aoi.area_km2 > limit * MOST_PIECES:
            return [Problem("too_large", text, repair=square)]
        repair = Repair("Split Into Several Jobs", lambda request: _pieces(request, limit * NEAR_LIMIT))
        return [Problem("too_large", f"{text} Split into several jobs, each is charged by itself.", repair=repair, others=(square,))]
    if largest > limit * NEAR_LIMIT:
        text = f"The area has {_km2(largest)}, close to the limit of {_km2(limit)}; the service may measure it as larger."
        return [Problem("near_limit", text, severity=Severity.WARNING)]
    return []


def _km2(size: float) -> str:
    """As exact as a dock would tell it."""
    return f"{size:,.0f} km²" if size >= 1000 or size == round(size) else f"{size:,.1f} km²" if size >= 1 else f"{size:,.2f} km²"


def _side(km2: float) -> str:
    side = math.sqrt(km2)
    return f"{side:.0f}" if side >= 5 else f"{side:.1f}"


def _repair(name: str) -> Optional[Repair]:
    labels = {"close": "Close the Outline", "make_valid": "Repair the Outline", "cut_at_antimeridian": "Cut at the 180° Meridian"}
    return _on_area(labels[name], getattr(areas, name)) if name else None


def _on_area(label: str, change: Callable[[Aoi], Aoi]) -> Repair:
    return Repair(label, lambda request: (with_aoi(request, change(_area(request))),))


def _without_area() -> Repair:
    return Repair("Use the Scene Only", lambda request: (Request(request.operation, request.values, None, request.tag),))


def _each_part(request: Request) -> Tuple[Request, ...]:
    return tuple(with_aoi(request, part) for part in _area(request).parts())


def _pieces(request: Request, most_km2: float) -> Tuple[Request, ...]:
    return tuple(with_aoi(request, piece) for part in _area(request).parts() for piece in split(part, most_km2))


def _area(request: Request) -> Aoi:
    return request.aoi or Aoi(())
