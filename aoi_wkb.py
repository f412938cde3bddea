"""Polygons to and from well-known binary, the way between our tuples, shapely, QGIS and GDAL that costs least; and written down.

Text and JSON hold Python's interpreter for as long as they are parsed; 100,000 corners of it would be felt in the map.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Any, Dict, List, Sequence, Tuple

Point = Tuple[float, float]
Ring = Tuple[Point, ...]
Polygon = Tuple[Ring, ...]

_POLYGON, _COLLECTIONS = 3, (6, 7)
_HEAD = struct.Struct("<BI")
_BLOCK = 10_000  # points that are read in one go: others wait for Python meanwhile


def polygons_of(data: bytes) -> Tuple[Polygon, ...]:
    """The polygons in ISO or extended WKB, of collections too; heights, measures, points and lines are left out.

    Raises ValueError for what is no WKB or holds curves.
    """
    found: List[Polygon] = []
    try:
        _read(memoryview(data), 0, found)
    except (struct.error, IndexError):
        raise ValueError("The outline's bytes end too early.") from None
    return tuple(found)


def corners_in(data: bytes) -> int:
    """The corners, closing points not counted, of a two-dimensional Polygon or MultiPolygon as shapely writes it, none of them read.

    Thousands of shapely objects would be made by asking it, and a full garbage collection with them.
    """
    whole = struct.Struct("<I" if data[0] else ">I")
    parts, at, corners = 1, 0, 0
    if whole.unpack_from(data, 1)[0] != _POLYGON:
        parts, at = whole.unpack_from(data, 5)[0], 9
    for _ in range(parts):
        (rings,) = whole.unpack_from(data, at + 5)
        at += 9
        for _ in range(rings):
            (points,) = whole.unpack_from(data, at)
            at, corners = at + 4 + 16 * points, corners + max(0, points - 1)
    return corners


def wkb_of(polygons: Sequence[Polygon]) -> bytes:
    """A MultiPolygon; rings as they are."""
    parts = [_HEAD.pack(1, 6), struct.pack("<I", len(polygons))]
    for polygon in polygons:
        parts += [_HEAD.pack(1, _POLYGON), struct.pack("<I", len(polygon))]
        for ring in polygon:
            parts.append(struct.pack("<I", len(ring)))
            for start in range(0, len(ring), _BLOCK):
                numbers = [number for point in ring[start : start + _BLOCK] for number in point]
                parts.append(struct.pack(f"<{len(numbers)}d", *numbers))
    return b"".join(parts)


def geometry_of(polygons: Sequence[Polygon], decimals: int) -> Dict[str, Any]:
    """A GeoJSON geometry, coordinates rounded."""
    shapes = [[[[round(x, decimals), round(y, decimals)] for x, y in ring] for ring in polygon] for polygon in polygons]
    if len(shapes) == 1:
        return {"type": "Polygon", "coordinates": shapes[0]}
    return {"type": "MultiPolygon", "coordinates": shapes}


def checksum_of(polygons: Sequence[Polygon], decimals: int) -> str:
    """SHA-256 of the outlines, coordinates rounded, in hexadecimal."""
    digest = hashlib.sha256()
    for polygon in polygons:
        digest.update(b"polygon")
        for ring in polygon:
            digest.update(b"ring")
            for start in range(0, len(ring), _BLOCK):
                digest.update(repr([(round(x, decimals), round(y, decimals)) for x, y in ring[start : start + _BLOCK]]).encode())
    return digest.hexdigest()


def _read(data: memoryview, at: int, found: List[Polygon]) -> int:
    """Read one geometry; returns where the next one begins."""
    order = "<" if data[at] else ">"
    (code,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 9 if code & 0x20000000 else 5
    kind, size = (code & 0xFFFFFFF) % 1000, _dimensions(code)
    if kind == _POLYGON:
        return _read_polygon(data, at, order, size, found)
    if kind == 1:
        return at + 8 * size
    (number,) = struct.unpack_from(f"{order}I", data, at)
    if kind == 2:
        return at + 4 + 8 * size * int(number)
    if kind not in (4, 5, *_COLLECTIONS):
        raise ValueError("The outline has curves.")
    at += 4
    for _ in range(number):
        at = _read(data, at, found)
    return at


def _dimensions(code: int) -> int:
    flags = bool(code & 0x80000000) + bool(code & 0x40000000)
    thousands = (code & 0xFFFFFFF) // 1000
    return 2 + (flags or (0, 1, 1, 2)[thousands] if thousands < 4 else flags)


def _read_polygon(data: memoryview, at: int, order: str, size: int, found: List[Polygon]) -> int:
    (rings,) = struct.unpack_from(f"{order}I", data, at)
    at += 4
    polygon: List[Ring] = []
    for _ in range(rings):
        (points,) = struct.unpack_from(f"{order}I", data, at)
        at += 4
        ring: List[Point] = []
        for start in range(0, points, _BLOCK):
            number = min(_BLOCK, points - start) * size
            numbers = struct.unpack_from(f"{order}{number}d", data, at)
            ring += zip(numbers[::size], numbers[1::size])
            at += 8 * number
        polygon.append(tuple(ring))
    if polygon:
        found.append(tuple(polygon))
    return at
