"""Areas of interest of the Mapflow persona: reading GeoJSON, areas in m², boxes, clipping to boxes, WKT."""

from __future__ import annotations

import math
from typing import Any

from .. import geometry
from ..geometry import Point, Ring
from .mapflow_codes import Refusal

Polygon = list[Ring]
Box = tuple[float, float, float, float]


def polygons(value: Any) -> list[Polygon]:
    """The polygons of a bare GeoJSON Polygon or MultiPolygon; raises Refusal."""
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):
        raise invalid("geometry must be a Polygon or a MultiPolygon")
    parts = value.get("coordinates")
    parts = [parts] if value["type"] == "Polygon" else parts
    if not isinstance(parts, list) or not parts or not all(isinstance(part, list) and part for part in parts):
        raise invalid("geometry has no coordinates")
    return [[_ring(ring) for ring in part] for part in parts]


def invalid(text: str) -> Refusal:
    """What a wrong geometry is refused with."""
    return Refusal(400, "geometry.Invalid", text)


def _ring(value: Any) -> Ring:
    if not isinstance(value, list) or not all(isinstance(p, list) and len(p) in (2, 3) for p in value):
        raise invalid("a ring is a list of positions")
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n) for p in value for n in p):
        raise invalid("a position is made of numbers")
    ring = [(float(p[0]), float(p[1])) for p in value]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise invalid("a ring must be closed and have at least four positions")
    if any(abs(x) > 360 or abs(y) > 90 for x, y in ring):
        raise invalid("coordinates out of range: longitude and latitude in WGS84 are needed")
    if geometry.area_sqkm(ring) <= 0 or geometry.crosses_itself(ring):
        raise invalid("a ring must enclose an area and must not cross itself")
    return ring


def area(polygon: Polygon) -> float:
    """Area of a polygon in m², holes left out."""
    return 1e6 * (geometry.area_sqkm(polygon[0]) - sum(geometry.area_sqkm(hole) for hole in polygon[1:]))


def box_of(shapes: list[Polygon]) -> Box:
    """West, south, east, north of some polygons."""
    return geometry.bounds([point for polygon in shapes for point in polygon[0]])


def rectangle(box: Box) -> Ring:
    """The ring around a box."""
    west, south, east, north = box
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def box_area(polygon: Polygon) -> float:
    """Area of the box around a polygon in m²."""
    return 1e6 * geometry.area_sqkm(rectangle(geometry.bounds(polygon[0])))


def clip(ring: Ring, box: Box) -> Ring:
    """The part of a ring inside a box; empty when there is none."""
    west, south, east, north = box
    for limit, way in ((east, _same), (-west, _mirrored), (north, _swapped), (-south, _both)):
        ring = [way(p, True) for p in geometry.clip_east([way(p, False) for p in ring], limit)]
    return ring


def halves(polygon: Polygon) -> list[Polygon]:
    """A polygon cut in two along the meridian through the middle of its box; holes are lost."""
    west, south, east, north = geometry.bounds(polygon[0])
    middle = (west + east) / 2
    return [[clip(polygon[0], (west, south, middle, north))], [clip(polygon[0], (middle, south, east, north))]]


def touch(one: Box, other: Box) -> bool:
    """True when two boxes share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def geojson(polygon: Polygon) -> dict[str, Any]:
    """A polygon as GeoJSON."""
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in polygon]}


def wkt(ring: Ring, multi: bool = False) -> str:
    """WKT of one ring as a POLYGON or a MULTIPOLYGON."""
    text = geometry.wkt(ring)
    return f"MULTIPOLYGON ({text[len('POLYGON '):]})" if multi else text


def _same(p: Point, back: bool) -> Point:
    return p


def _mirrored(p: Point, back: bool) -> Point:
    return -p[0], p[1]


def _swapped(p: Point, back: bool) -> Point:
    return p[1], p[0]


def _both(p: Point, back: bool) -> Point:
    return (p[1], -p[0]) if back else (-p[1], p[0])
