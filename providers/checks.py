"""Checks that every provider shares: field values and the area, against an operation's declaration."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from .. import aoi as areas
from ..aoi import Aoi
from .base import Problem, Repair, Request, Severity, with_aoi
from .fields import is_empty, parse_all
from .operation import AoiRule, Needs, Operation

NEAR_LIMIT = 0.98  # of an area limit: the service may measure a little differently
MOST_PIECES = 100  # jobs that a repair may propose at once


def check_request(operation: Operation, request: Request) -> Tuple[Problem, ...]:
    """Problems of the fields, then of the area."""
    _, wrong = parse_all(operation.fields, request.values)
    found = [Problem("field", message, field=name) for name, message in wrong.items()]
    known = {field.name for field in operation.fields}
    found += [Problem("unknown_field", f"{operation.title} has no input “{name}”.", field=name) for name in request.values if name not in known]
    return (*found, *check_area(operation, request))


def check_area(operation: Operation, request: Request) -> Tuple[Problem, ...]:
    """Problems of the area alone."""
    rule, aoi = operation.aoi, request.aoi
    replaced = bool(rule.replaced_by) and not is_empty(request.values.get(rule.replaced_by))
    if aoi is None:
        if rule.needs is Needs.REQUIRED or (rule.needs is Needs.OPTIONAL and not replaced):
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


def _limits(operation: Operation, rule: AoiRule, aoi: Aoi) -> List[Problem]:
    found: List[Problem] = []
    count = len(aoi.polygons)
    if rule.most_parts is not None and count > rule.most_parts:
        allowed = "a single polygon" if rule.most_parts == 1 else f"at most {rule.most_parts} polygons"
        label = f"Send {count} Jobs, One for Each Part"
        found.append(Problem("parts", f"The area has {count} parts, but {operation.title} takes {allowed}.", repair=Repair(label, _each_part)))
    if not rule.holes and aoi.holes:
        text = f"The area has {aoi.holes} hole{'s' if aoi.holes > 1 else ''}, which {operation.title} does not take."
        found.append(Problem("holes", text, repair=_on_area("Fill the Holes", areas.drop_holes)))
    if rule.most_vertices and aoi.vertices > rule.most_vertices:
        text = f"The outline has {aoi.vertices:,} corners; {operation.title} takes at most {rule.most_vertices:,}."
        most = rule.most_vertices
        found.append(Problem("vertices", text, repair=_on_area("Simplify the Outline", lambda area: areas.simplify(area, most))))
    return found + _size(operation, rule, aoi)


def _size(operation: Operation, rule: AoiRule, aoi: Aoi) -> List[Problem]:
    if rule.most_km2 is None:
        return []
    limit = rule.most_km2
    largest = max(areas.polygon_area_km2(polygon) for polygon in aoi.polygons)
    if largest > limit:
        text = f"The area has {largest:,.1f} km², but {operation.title} takes at most {limit:,.0f} km²."
        if aoi.area_km2 > limit * MOST_PIECES:
            return [Problem("too_large", f"{text} Choose a smaller one.")]
        repair = Repair("Split Into Several Jobs", lambda request: _pieces(request, limit * NEAR_LIMIT))
        return [Problem("too_large", text, repair=repair)]
    if largest > limit * NEAR_LIMIT:
        text = f"The area has {largest:,.1f} km², close to the limit of {limit:,.0f} km²; the service may measure it as larger."
        return [Problem("near_limit", text, severity=Severity.WARNING)]
    return []


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
    return tuple(with_aoi(request, piece) for part in _area(request).parts() for piece in areas.split(part, most_km2))


def _area(request: Request) -> Aoi:
    return request.aoi or Aoi(())
