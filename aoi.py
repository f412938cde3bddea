"""The area of interest as a value: WGS 84 polygons, their geodesic area, their faults and the repairs of those faults.

Coordinates are (longitude, latitude) in degrees, EPSG:4326. A ring is a tuple of points whose last point repeats the first; a
polygon is its outer ring followed by its holes. Rings are kept as they were given, so that a fault can be named and repaired
instead of being hidden. shapely does the overlay work and is imported on first use.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .aoi_wkb import checksum_of, corners_in, geometry_of, polygons_of, wkb_of

Point = Tuple[float, float]
Ring = Tuple[Point, ...]
Polygon = Tuple[Ring, ...]

DECIMALS = 6  # of a degree: 0.1 m on the ground

_WKT_POLYGON = r"\(\s*\([^()]*\)(?:\s*,\s*\([^()]*\))*\s*\)"
# WGS 84, and the sphere of the same surface area
_FLATTENING = 1 / 298.257223563
_ECCENTRICITY = 0.0818191908426215
_AUTHALIC_RADIUS_KM = 6371.0071809184728
SMALLEST_KM2 = 1e-6  # one square metre; anything smaller vanishes when coordinates are written
_KM2_PER_DEGREE2 = 12_400.0  # at the equator, where a degree is largest
_POLE = math.pi / 2 - 1e-12
_LONG_EDGE = math.radians(0.25)  # longer edges are followed in steps of this size


class AoiError(ValueError):
    """One sentence that says why a text or object is not an area."""


@dataclass(frozen=True)
class Aoi:
    """One or more polygons in EPSG:4326."""

    polygons: Tuple[Polygon, ...]

    @property
    def bounds(self) -> Tuple[float, float, float, float]:
        """(west, south, east, north) in degrees. Raises AoiError when empty."""
        rings = [polygon[0] for polygon in self.polygons if polygon and polygon[0]]
        if not rings:
            raise AoiError("The area is empty.")
        west, south = (min(min(point[axis] for point in ring) for ring in rings) for axis in (0, 1))
        east, north = (max(max(point[axis] for point in ring) for ring in rings) for axis in (0, 1))
        return west, south, east, north

    @property
    def vertices(self) -> int:
        """Number of corners, closing points not counted."""
        return sum(max(0, len(ring) - (ring[:1] == ring[-1:])) for polygon in self.polygons for ring in polygon)

    @property
    def holes(self) -> int:
        return sum(len(polygon) - 1 for polygon in self.polygons)

    @property
    def area_km2(self) -> float:
        """Area on the WGS 84 ellipsoid in km²."""
        return sum(polygon_area_km2(polygon) for polygon in self.polygons)

    def parts(self) -> Tuple[Aoi, ...]:
        """One Aoi for each polygon."""
        return tuple(Aoi((polygon,)) for polygon in self.polygons)

    def wkt(self) -> str:
        """POLYGON for one part, MULTIPOLYGON for several; longitude before latitude, six decimals."""
        if not self.polygons:
            return "POLYGON EMPTY"
        texts = ["(" + ", ".join(_ring_text(ring) for ring in polygon) + ")" for polygon in self.polygons]
        return "POLYGON" + texts[0] if len(texts) == 1 else "MULTIPOLYGON(" + ", ".join(texts) + ")"

    def wkb(self) -> bytes:
        """A MultiPolygon in well-known binary, coordinates unrounded."""
        return wkb_of(self.polygons)

    def geojson(self) -> Dict[str, Any]:
        """A GeoJSON geometry with coordinates rounded to six decimals. Made once, and not to be changed."""
        return self._geojson

    @cached_property
    def _geojson(self) -> Dict[str, Any]:
        return geometry_of(self.polygons, DECIMALS)

    @cached_property
    def checksum(self) -> str:
        """The same for areas whose outlines are the same to six decimals, in hexadecimal."""
        return checksum_of(self.polygons, DECIMALS)


def from_geojson(shape: Mapping[str, Any]) -> Aoi:
    """Read a Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection. Raises AoiError."""
    try:
        return Aoi(tuple(polygon for polygon in _polygons(shape) if polygon))
    except AoiError:
        raise
    except (TypeError, ValueError, LookupError):
        raise AoiError("The GeoJSON holds something that is not a polygon's list of coordinates.") from None


def from_wkt(text: str) -> Aoi:
    """Read POLYGON or MULTIPOLYGON in EPSG:4326, rings as given. Raises AoiError."""
    match = re.match(r"\s*(?:SRID=4326;)?\s*(MULTI)?POLYGON\s*(?:Z|M|ZM)?\s*(\(.*\)|EMPTY)\s*$", text, re.IGNORECASE | re.DOTALL)
    if not match:
        raise AoiError("The text is not a polygon in WKT, such as POLYGON((10 50, 11 50, 11 51, 10 50)).")
    if match.group(2).upper() == "EMPTY":
        return Aoi(())
    body = match.group(2) if match.group(1) else f"({match.group(2)})"
    if not re.fullmatch(rf"\(\s*{_WKT_POLYGON}(?:\s*,\s*{_WKT_POLYGON})*\s*\)\s*", body):
        raise AoiError("The brackets of the polygon text do not match.")
    polygons = re.findall(_WKT_POLYGON, body)
    rings = [[_ring(ring.split(",")) for ring in re.findall(r"\(([^()]*)\)", polygon)] for polygon in polygons]
    return Aoi(tuple(tuple(polygon) for polygon in rings))


def from_bounds(west: float, south: float, east: float, north: float) -> Aoi:
    """The rectangle between two corners, anticlockwise."""
    return Aoi((((((west, south), (east, south), (east, north), (west, north), (west, south))),),))


def from_wkb(data: bytes) -> Aoi:
    """The polygons in well-known binary, of collections too. Raises AoiError."""
    try:
        return Aoi(polygons_of(data))
    except ValueError as error:
        raise AoiError(str(error)) from None


def from_shapely(shape: Any) -> Aoi:
    """The polygons of a shapely geometry; points and lines in it are dropped."""
    from shapely import wkb

    return Aoi(polygons_of(wkb.dumps(shape, output_dimension=2)))


def to_shapely(aoi: Aoi) -> Any:
    """A shapely MultiPolygon. The rings must be closed."""
    from shapely import wkb

    return wkb.loads(wkb_of(aoi.polygons))


def corners_of(shape: Any) -> int:
    """The corners of a shapely Polygon or MultiPolygon, closing points not counted."""
    from shapely import wkb

    return corners_in(wkb.dumps(shape, output_dimension=2))


def polygon_area_km2(polygon: Polygon) -> float:
    """Outer ring less holes, in km² on the WGS 84 ellipsoid, edges being geodesics.

    Within 1e-5 of Karney's geodesic polygons, edges across a continent included.
    """
    if not polygon:
        return 0.0
    outer, *holes = (abs(_excess(ring)) for ring in polygon)
    return max(0.0, outer - sum(holes)) * _AUTHALIC_RADIUS_KM**2


def _excess(ring: Ring) -> float:
    """Signed solid angle of a ring in steradian, on the sphere of equal area (exact by authalic latitude for short edges)."""
    corners = [(math.radians(lon), math.radians(lat)) for lon, lat in (ring if ring[:1] == ring[-1:] else ring + ring[:1])]
    total = 0.0
    for start, end in zip(corners, corners[1:]):
        points = [(lon, _half_angle_tangent(lat)) for lon, lat in _geodesic(start, end)]
        for (lon1, t1), (lon2, t2) in zip(points, points[1:]):
            total += 2 * math.atan2(math.tan((lon2 - lon1) / 2) * (t1 + t2), 1 + t1 * t2)
    return total


def _geodesic(start: Point, end: Point) -> List[Point]:
    """Points along an edge, in radians, close enough to each other for straight steps.

    With latitudes reduced to the auxiliary sphere, a geodesic is a great circle whose longitudes run ahead of the true ones by
    flattening × sin(azimuth at the equator) × distance (Bessel's formula to first order).
    """
    for pole, other in ((start, end), (end, start)):
        if abs(pole[1]) >= _POLE:  # a pole has every longitude: the edge runs along the other end's meridian
            return [start, (other[0], pole[1]), end]
    if max(abs(end[0] - start[0]) * math.cos(min(abs(start[1]), abs(end[1]))), abs(end[1] - start[1])) <= _LONG_EDGE:
        return [start, end]
    low, high = (math.atan((1 - _FLATTENING) * math.tan(lat)) for lat in (start[1], end[1]))
    ahead, distance = 0.0, 0.0
    for _ in range(4):
        turn = end[0] - start[0] + ahead
        x = math.cos(low) * math.sin(high) - math.sin(low) * math.cos(high) * math.cos(turn)
        y = math.cos(high) * math.sin(turn)
        distance = math.atan2(math.hypot(x, y), math.sin(low) * math.sin(high) + math.cos(low) * math.cos(high) * math.cos(turn))
        ahead = _FLATTENING * math.cos(low) * y / max(math.hypot(x, y), 1e-12) * distance
    azimuth, steps = math.atan2(y, x), math.ceil(distance / _LONG_EDGE)
    between = [_step(start, low, azimuth, distance * step / steps, ahead * step / steps) for step in range(1, steps)]
    return [start, *between, end]


def _step(start: Point, reduced: float, azimuth: float, distance: float, ahead: float) -> Point:
    """The point at a distance along the great circle of the auxiliary sphere, back on the ellipsoid."""
    sine = math.sin(reduced) * math.cos(distance) + math.cos(reduced) * math.sin(distance) * math.cos(azimuth)
    east = math.sin(azimuth) * math.sin(distance) * math.cos(reduced)
    turn = math.atan2(east, math.cos(distance) - math.sin(reduced) * sine)
    latitude = math.atan(math.tan(math.asin(max(-1.0, min(1.0, sine)))) / (1 - _FLATTENING))
    return start[0] + turn - ahead, latitude


def _half_angle_tangent(lat: float) -> float:
    """tan(β/2) of the authalic latitude β of a geographic latitude in radians."""
    sine = _authalic_q(math.sin(lat)) / _authalic_q(1.0)
    sine = max(-1.0, min(1.0, sine))
    return sine / (1 + math.sqrt(1 - sine * sine))


def _authalic_q(sine: float) -> float:
    e = _ECCENTRICITY
    return (1 - e * e) * (sine / (1 - (e * sine) ** 2) + math.atanh(e * sine) / e)


def _polygons(shape: Mapping[str, Any]) -> Iterable[Polygon]:
    kind = shape.get("type") if isinstance(shape, Mapping) else None
    if kind == "Polygon":
        yield _polygon(shape["coordinates"])
    elif kind == "MultiPolygon":
        yield from (_polygon(rings) for rings in shape["coordinates"])
    elif kind in ("GeometryCollection", "FeatureCollection"):
        for part in shape.get("geometries", shape.get("features", ())):
            yield from _polygons(part)
    elif kind == "Feature" and shape.get("geometry"):
        yield from _polygons(shape["geometry"])
    elif kind != "Feature":
        raise AoiError(f"An area must be made of polygons, not {kind or 'something without a type'}.")


def _polygon(rings: Sequence[Sequence[Sequence[float]]]) -> Polygon:
    return tuple(tuple((float(point[0]), float(point[1])) for point in ring) for ring in rings)


def _ring(points: Sequence[str]) -> Ring:
    try:
        pairs: List[List[float]] = [[float(number) for number in point.split()] for point in points]
        return tuple((pair[0], pair[1]) for pair in pairs)
    except (ValueError, IndexError):
        raise AoiError("The polygon text holds something that is not a pair of numbers.") from None


def _ring_text(ring: Ring) -> str:
    return "(" + ", ".join(f"{_decimal(x)} {_decimal(y)}" for x, y in ring) + ")"


def _decimal(value: float) -> str:
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


# Faults: what no service accepts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Something wrong with an area: a stable `code`, a sentence, and the `repair` that cures it ("" where none exists)."""

    code: str
    message: str
    repair: str = ""


def faults(aoi: Aoi) -> Tuple[Fault, ...]:
    """What makes an area unusable everywhere, the first cause first; empty when it is sound."""
    if not aoi.polygons or not any(polygon and polygon[0] for polygon in aoi.polygons):
        return (Fault("empty", "The area is empty. Draw it again or choose another one."),)
    rings = [ring for polygon in aoi.polygons for ring in polygon]
    if not all(math.isfinite(x) and math.isfinite(y) and abs(y) <= 90 and abs(x) <= 540 for ring in rings for x, y in ring):
        return (Fault("degrees", "The area's coordinates are not degrees of longitude and latitude. Check the layer's CRS."),)
    if any(ring[:1] != ring[-1:] for ring in rings):
        return (Fault("unclosed", "The outline is not closed: its last corner differs from its first.", "close"),)
    if any(_is_flat(ring) for ring in rings):
        cure = "" if all(_is_flat(polygon[0]) for polygon in aoi.polygons) else "make_valid"
        return (Fault("corners", "The outline has fewer than three different corners.", cure),)
    if crosses_antimeridian(aoi):
        text = "The area crosses the 180° meridian or spans more than half the globe. Cut it at the meridian, or draw a smaller one."
        return (Fault("antimeridian", text, "cut_at_antimeridian"),)
    return _shape_faults(aoi)


def _is_flat(ring: Ring) -> bool:
    return len(set(ring[:100])) < 3 and len(set(ring)) < 3


def _shape_faults(aoi: Aoi) -> Tuple[Fault, ...]:
    shape = to_shapely(aoi)
    if shape.is_valid:
        # corners in a line have none on the map, though geodesics between them would enclose some
        surface = min(aoi.area_km2, shape.area * _KM2_PER_DEGREE2)
        return () if surface > SMALLEST_KM2 else (Fault("empty", "The area has no surface. Draw it again."),)
    if all(part.is_valid for part in shape.geoms):
        return (Fault("overlap", "Parts of the area overlap each other.", "make_valid"),)
    return (Fault("crossing", "The outline crosses or touches itself.", "make_valid"),)


def crosses_antimeridian(aoi: Aoi) -> bool:
    """Whether longitudes leave ±180°, or an edge spans more than 180° and so means the other way round."""
    for polygon in aoi.polygons:
        for ring in polygon:
            if any(abs(x) > 180 for x, _ in ring) or any(abs(b[0] - a[0]) > 180 for a, b in zip(ring, ring[1:])):
                return True
    return False


# Repairs: each returns a new area ----------------------------------------------------------------------------------------------


def close(aoi: Aoi) -> Aoi:
    """Repeat the first corner at the end of every open ring."""
    return Aoi(tuple(tuple(r if r[:1] == r[-1:] else r + r[:1] for r in polygon) for polygon in aoi.polygons))


def make_valid(aoi: Aoi) -> Aoi:
    """Untangle crossing outlines and merge overlapping parts; slivers without surface are dropped."""
    from shapely.geometry import Polygon as Shape
    from shapely.ops import unary_union
    from shapely.validation import make_valid as untangle

    shapes = [untangle(Shape(p[0], p[1:])) for p in close(aoi).polygons if len(p[0]) >= 4]
    return from_shapely(unary_union(shapes)) if shapes else Aoi(())


def cut_at_antimeridian(aoi: Aoi) -> Aoi:
    """Cut at ±180° and bring every part back into −180…180°."""
    from shapely.affinity import translate
    from shapely.geometry import box
    from shapely.ops import unary_union

    whole = to_shapely(make_valid(Aoi(tuple(_unwrapped(polygon) for polygon in close(aoi).polygons))))
    pieces = [translate(whole.intersection(box(at - 180, -90, at + 180, 90)), xoff=-at) for at in (-360, 0, 360)]
    return from_shapely(unary_union([piece for piece in pieces if piece.area > 0]))


def _unwrapped(polygon: Polygon) -> Polygon:
    """Longitudes made continuous along each ring, so that no edge jumps over the meridian, and holes brought to their outline."""
    outer, *holes = (_continuous(ring) for ring in polygon)
    west = min(x for x, _ in outer)
    return (outer, *(tuple((x + 360 * math.ceil((west - min(ring)[0]) / 360), y) for x, y in ring) for ring in holes))


def _continuous(ring: Ring) -> Ring:
    if any(abs(x) > 180 for x, _ in ring):
        return ring
    turn, points = 0.0, [ring[0]]
    ring = with_points(ring, 359.999)  # from -180° to 180° can only mean the long way
    for before, point in zip(ring, ring[1:]):
        turn += -360 if point[0] - before[0] > 180 else 360 if point[0] - before[0] < -180 else 0
        points.append((point[0] + turn, point[1]))
    if not turn:
        return tuple(points)
    pole = math.copysign(90.0, sum(y for _, y in ring))  # the ring goes round a pole, which lies inside
    over = [(points[-1][0], pole), ((points[-1][0] + points[0][0]) / 2, pole), (points[0][0], pole)]
    return (*points, *over, points[0])


def with_points(ring: Ring, longest: float = 90.0) -> Ring:
    """The ring with points on edges that span more than `longest` degrees of longitude, so that nobody takes the other way round."""
    points = list(ring[:1])
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        steps = math.ceil(abs(x2 - x1) / 90) if abs(x2 - x1) > longest else 1
        points += [(x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps) for n in range(1, steps)] + [(x2, y2)]
    return tuple(points)


def largest_part(aoi: Aoi) -> Aoi:
    """Only the polygon with the largest area."""
    return Aoi((max(aoi.polygons, key=polygon_area_km2),))


def drop_holes(aoi: Aoi) -> Aoi:
    """Outer rings only."""
    return Aoi(tuple(polygon[:1] for polygon in aoi.polygons))


def envelope(aoi: Aoi) -> Aoi:
    """The bounding rectangle."""
    return from_bounds(*aoi.bounds)
