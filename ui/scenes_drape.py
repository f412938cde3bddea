"""A quicklook laid onto the map: a small GeoTIFF made of a picture and the corners that the service gives. For worker threads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

from ..aoi import Point
from ..providers.scenes import Scene
from ..results.errors import ResultError

_SAME = 0.03  # part of a side by which opposite sides may differ
_FULL = 0.85  # part of its box that an upright outline fills at least

Corners = Tuple[Point, Point, Point, Point]  # upper left, upper right, lower right, lower left


def drape(picture: Path, scene: Scene, target: Path) -> Path:
    """Write `picture` as a raster in EPSG:4326 to `target`. Raises ResultError."""
    from osgeo import gdal

    corners = corners_of(scene)
    if corners is None:
        raise ResultError("The service does not tell where the corners of this picture lie.")
    part = target.with_name(f"{target.name}.part")
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        opened = gdal.OpenEx(str(picture), gdal.OF_RASTER, allowed_drivers=["PNG", "JPEG", "WEBP"])
        if opened is None or not _write(gdal, opened, corners, part):
            raise ResultError("The picture of this scene is damaged.")
        part.replace(target)
    finally:
        gdal.PopErrorHandler()
        part.unlink(missing_ok=True)
    return target


def corners_of(scene: Scene) -> Optional[Corners]:
    """Where the picture's corners lie: those of an outline that is a whole tile, else those of the box."""
    ring = _ring(scene)
    if ring is not None and _is_tile(ring):
        return ring
    if scene.bounds is None:
        return None
    west, south, east, north = scene.bounds
    return (west, north), (east, north), (east, south), (west, south)


def _write(gdal: Any, opened: Any, corners: Corners, part: Path) -> bool:
    width, height = opened.RasterXSize, opened.RasterYSize
    pixels = ((0, 0), (width, 0), (width, height), (0, height))
    points = [gdal.GCP(x, y, 0, column, line) for (x, y), (column, line) in zip(corners, pixels)]
    expand = "rgb" if opened.GetRasterBand(1).GetColorTable() is not None else None
    placed = gdal.Translate("", opened, format="MEM", GCPs=points, outputSRS="EPSG:4326", rgbExpand=expand)
    options = {"polynomialOrder": 1, "dstAlpha": placed is not None and placed.RasterCount in (1, 3), "resampleAlg": "bilinear"}
    made = gdal.Warp(str(part), placed, format="GTiff", dstSRS="EPSG:4326", creationOptions=["COMPRESS=DEFLATE"], **options)
    return made is not None


def _ring(scene: Scene) -> Optional[Corners]:
    """Four corners of a footprint in order, None when it has another shape."""
    if scene.footprint is None or len(scene.footprint.polygons) != 1:
        return None
    points = scene.footprint.polygons[0][0][:-1]
    if len(points) != 4 or max(x for x, _ in points) - min(x for x, _ in points) > 180:
        return None
    from_north = sorted(points, key=lambda point: -point[1])
    (left, right), (low_left, low_right) = sorted(from_north[:2]), sorted(from_north[2:])
    return left, right, low_right, low_left


def _is_tile(corners: Corners) -> bool:
    """Whether an outline is a nearly upright parallelogram, and not the part of a tile that a swath covers."""
    sides = [math.dist(a, b) for a, b in zip(corners, (*corners[1:], corners[0]))]
    if any(abs(sides[number] - sides[number + 2]) > _SAME * sides[number] for number in (0, 1)):
        return False
    xs, ys = zip(*corners)
    box = (max(xs) - min(xs)) * (max(ys) - min(ys))
    return box > 0 and _area(corners) / box >= _FULL


def _area(points: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, (*points[1:], points[0])))) / 2
