"""Polygons in longitude and latitude: reading WKT, area on the ellipsoid, containment, clipping. Rings are closed."""

from __future__ import annotations

import math
import re

Point = tuple[float, float]
Ring = list[Point]

NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
POLYGON = re.compile(r"\s*POLYGON\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
RINGS = re.compile(r"\s*\([^()]+\)\s*(?:,\s*\([^()]+\)\s*)*")
PAIR = re.compile(rf"\s*({NUMBER})\s+({NUMBER})\s*")
AXIS = 6378137.0
ECCENTRICITY = math.sqrt(0.0066943799901413165)


def parse_polygon(text: str) -> list[Ring]:
    """Rings of one WKT POLYGON, outer ring first; raises ValueError saying what is wrong."""
    outer = POLYGON.fullmatch(text)
    if outer is None or not RINGS.fullmatch(outer.group(1)):
        raise ValueError("polygon must be one WKT POLYGON without SRID, Z or M")
    return [_ring(part) for part in re.findall(r"\(([^()]+)\)", outer.group(1))]


def _ring(text: str) -> Ring:
    pairs = [PAIR.fullmatch(part) for part in text.split(",")]
    if not all(pairs):
        raise ValueError("every vertex must be two numbers: longitude latitude")
    ring = [(float(pair.group(1)), float(pair.group(2))) for pair in pairs if pair]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("ring must be closed and have at least four points")
    if any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in ring):
        raise ValueError("coordinates must be longitude -180..180 and latitude -90..90")
    if any(abs(a[0] - b[0]) > 180 for a, b in zip(ring, ring[1:])):
        raise ValueError("polygon must not cross the antimeridian")
    return ring


def wkt(ring: Ring) -> str:
    """WKT POLYGON of one ring, six decimals."""
    return "POLYGON ((" + ", ".join(f"{x:.6f} {y:.6f}" for x, y in ring) + "))"


def area_sqkm(ring: Ring) -> float:
    """Area on WGS 84 in km²: great-circle polygon on the sphere of equal area, latitudes made authalic."""
    q_pole = _q(1.0)
    halves = [math.tan(math.asin(max(-1.0, min(1.0, _q(math.sin(math.radians(y))) / q_pole))) / 2) for _, y in ring]
    excess = 0.0
    for index in range(len(ring) - 1):
        step = math.radians(ring[index + 1][0] - ring[index][0])
        a, b = halves[index], halves[index + 1]
        excess += 2 * math.atan2(math.tan(step / 2) * (a + b), 1 + a * b)
    return abs(excess) * AXIS * AXIS * q_pole / 2 / 1e6


def _q(sine: float) -> float:
    e = ECCENTRICITY
    return (1 - e * e) * (sine / (1 - (e * sine) ** 2) - math.log((1 - e * sine) / (1 + e * sine)) / (2 * e))


def bounds(ring: Ring) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    return min(xs), min(ys), max(xs), max(ys)


def contains(ring: Ring, point: Point) -> bool:
    """True when the point lies inside the ring."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def holds(ring: Ring, shape: Ring) -> bool:
    """True when the whole shape lies inside the ring."""
    if not all(contains(ring, point) for point in shape):
        return False
    return not any(_cross(a, b, c, d) for a, b in zip(shape, shape[1:]) for c, d in zip(ring, ring[1:]))


def crosses_itself(ring: Ring) -> bool:
    """True when two sides of the ring cross."""
    sides = sorted((min(a, b), max(a, b)) for a, b in zip(ring, ring[1:]))
    for index, (a, b) in enumerate(sides):
        for c, d in sides[index + 1:]:
            if c[0] > b[0]:
                break
            if _cross(a, b, c, d):
                return True
    return False


def clip_east(ring: Ring, limit: float) -> Ring:
    """The part of the ring west of a meridian."""
    kept: Ring = []
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if ax <= limit:
            kept.append((ax, ay))
        if (ax <= limit) != (bx <= limit):
            kept.append((limit, ay + (limit - ax) * (by - ay) / (bx - ax)))
    return kept + kept[:1]


def spans(ring: Ring, y: float) -> list[tuple[float, float]]:
    """Stretches of a parallel inside the ring, as west and east ends."""
    cuts = sorted(ax + (y - ay) * (bx - ax) / (by - ay)
                  for (ax, ay), (bx, by) in zip(ring, ring[1:]) if (ay > y) != (by > y))
    return list(zip(cuts[::2], cuts[1::2]))


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, p: Point) -> int:
    turn = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
    return (turn > 0) - (turn < 0)
