"""Many GeoJSON polygons at once as the blobs that a GeoPackage keeps them in.

numpy does for a thousand of them in a few milliseconds what GDAL does one by one; more at once would hold the interpreter for long.
The layout of a blob: https://www.geopackage.org/spec131/#gpb_format. Coordinates are longitude and latitude in degrees.
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

import numpy as np
from osgeo import ogr

_HEAD = bytes((0x47, 0x50, 0, 0x03)) + (4326).to_bytes(4, "little")  # "GP", version, box and byte order, reference system
_POLYGON = bytes((1, 3, 0, 0, 0))
_MULTI = bytes((1, 6, 0, 0, 0, 1, 0, 0, 0))  # around one polygon
_BOX = len(_HEAD)
_SHAPE = _BOX + 32
_WITHOUT_BRACKETS = bytes.maketrans(b"[]", b"  ")  # blanks: numbers that no comma parts stay apart
_STEP = np.zeros(256, np.int8)
_STEP[ord("[")], _STEP[ord("]")] = 1, -1

Shapes = Tuple[List[bytes], np.ndarray]  # blobs, and boxes (min x, max x, min y, max y)


def blobs(geometries: Sequence[bytes], single: Sequence[bool], multi: bool) -> Optional[Shapes]:
    """Blobs of geometries, `single` where it is a polygon and no multipolygon; `multi`: all as multipolygons.

    None where GDAL had better do it: most are not single, or one of them is no flat, whole, finite shape.
    """
    many = [geometry for geometry, is_single in zip(geometries, single) if is_single]
    if 2 * len(many) < len(geometries):
        return None
    quick = _together(many, multi)
    if quick is not None and len(many) == len(geometries):
        return quick
    fast = iter(zip(*quick)) if quick is not None else iter(())
    each = [next(fast, None) if is_single and quick else _alone(one, multi) for one, is_single in zip(geometries, single)]
    known = [shape for shape in each if shape is not None]
    if len(known) < len(each) or not all(np.isfinite(box).all() for _, box in known):
        return None
    return [content for content, _ in known], np.stack([box for _, box in known])


def _together(geometries: Sequence[bytes], multi: bool) -> Optional[Shapes]:
    texts = [geometry[geometry.index(b"[") : geometry.rindex(b"]") + 1] for geometry in geometries]
    text = b",".join(texts)
    letters = np.frombuffer(text, np.uint8)
    where = np.flatnonzero(_STEP[letters])
    steps = _STEP[letters[where]]
    depths = np.cumsum(steps, dtype=np.int64)
    points, rings, shapes = (where[(steps > 0) & (depths == depth)] for depth in (3, 2, 1))
    if len(shapes) != len(texts) or depths.max() != 3 or depths[-1] != 0:
        return None
    commas, ends = np.flatnonzero(letters == ord(",")), where[(steps < 0) & (depths == 2)]
    pairs = np.searchsorted(commas, ends) - np.searchsorted(commas, points)
    numbers = _numbers(text.translate(_WITHOUT_BRACKETS))
    first_point, first_ring = np.searchsorted(points, rings), np.searchsorted(rings, shapes)
    of_ring, of_shape = _counts(first_point, len(points)), _counts(first_ring, len(rings))
    if numbers is None or len(numbers) != 2 * len(points) or np.any(pairs != 1) or np.any(of_ring < 1) or np.any(of_shape < 1):
        return None
    if not np.isfinite(numbers).all():
        return None
    return _written(numbers.reshape(-1, 2), first_point, of_ring, first_ring, of_shape, multi)


def _alone(geometry: bytes, multi: bool) -> Optional[Tuple[bytes, np.ndarray]]:
    """Blob and box of one polygon or multipolygon by GDAL; None when it is neither, or empty, or has heights."""
    shape = ogr.CreateGeometryFromJson(geometry.decode("utf-8", "replace"))
    if shape is None or shape.IsEmpty():
        return None
    if multi:
        shape = ogr.ForceToMultiPolygon(shape)
    if shape.GetGeometryType() != (ogr.wkbMultiPolygon if multi else ogr.wkbPolygon):
        return None
    box = np.array(shape.GetEnvelope(), "<f8")
    return _HEAD + box.tobytes() + bytes(shape.ExportToWkb(ogr.wkbNDR)), box


def _numbers(text: bytes) -> Optional[np.ndarray]:
    """Fewer than there are where one of them is none: numpy reads up to there. One more at the end tells whether it got so far."""
    try:
        return np.fromstring(text + b",0", np.float64, sep=",")[:-1]
    except (ValueError, DeprecationWarning):
        return None


def _counts(first: np.ndarray, total: int) -> np.ndarray:
    return np.diff(np.append(first, total))


def _written(
    points: np.ndarray, first_point: np.ndarray, of_ring: np.ndarray, first_ring: np.ndarray, of_shape: np.ndarray, multi: bool
) -> Shapes:  # fmt: skip
    outer = _MULTI if multi else b""
    starts_at = first_point[first_ring]
    points_of_shape = _counts(starts_at, len(points))
    inside = len(outer) + len(_POLYGON) + 4
    sizes = _SHAPE + inside + 4 * of_shape + 16 * points_of_shape
    begins = np.cumsum(sizes) - sizes
    whole = np.zeros(int(sizes.sum()), np.uint8)

    def put(at: np.ndarray, values: np.ndarray) -> None:
        whole[at[:, None] + np.arange(values.shape[1])] = values

    def same(text: bytes) -> np.ndarray:
        return np.broadcast_to(np.frombuffer(text, np.uint8), (len(begins), len(text)))

    lows, highs = np.minimum.reduceat(points, starts_at), np.maximum.reduceat(points, starts_at)
    boxes = np.stack((lows[:, 0], highs[:, 0], lows[:, 1], highs[:, 1]), axis=1)
    put(begins, same(_HEAD))
    put(begins + _BOX, _bytes(boxes, "<f8"))
    put(begins + _SHAPE, same(outer + _POLYGON))
    put(begins + _SHAPE + inside - 4, _bytes(of_shape, "<u4"))
    number, shape = np.arange(len(of_ring)), np.repeat(np.arange(len(begins)), of_shape)
    at_ring = begins[shape] + _SHAPE + inside + 4 * (number - first_ring[shape]) + 16 * (first_point - starts_at[shape])
    put(at_ring, _bytes(of_ring, "<u4"))
    ring = np.repeat(number, of_ring)
    put(at_ring[ring] + 4 + 16 * (np.arange(len(points)) - first_point[ring]), _bytes(points, "<f8"))
    content = whole.tobytes()
    return [content[begin : begin + size] for begin, size in zip(begins.tolist(), sizes.tolist())], boxes


def _bytes(values: np.ndarray, kind: str) -> np.ndarray:
    """Each row's numbers as bytes."""
    return np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), -1)
