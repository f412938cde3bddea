"""The grid that a result is computed on, and how each source is brought onto it.

The grid has the CRS of the first source. Its pixel size and the position of its pixels are those of the finest source (or of the
first, or as asked); it covers what all sources and the area have in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

from osgeo import gdal, ogr, osr

from ..aoi import Aoi, polygon_area_km2
from .sources import AREA, RasterProblem, attempt, last_error, open_raster, short_name

Bounds = Tuple[float, float, float, float]  # west, south, east, north in a grid's CRS

_SAME = 1e-3  # of a pixel: smaller differences of position are rounding
_STEPS = 8  # points along each side when an outline is moved to another CRS
_MOST_PIXELS = 2**31 - 1  # along a side


@dataclass(frozen=True)
class Grid:
    """North-up pixels: CRS as WKT, corner and pixel size in its units, columns and rows."""

    wkt: str
    left: float
    top: float
    x_size: float
    y_size: float
    width: int
    height: int

    @property
    def transform(self) -> Tuple[float, float, float, float, float, float]:
        return (self.left, self.x_size, 0.0, self.top, 0.0, -self.y_size)

    @property
    def bounds(self) -> Bounds:
        return (self.left, self.top - self.height * self.y_size, self.left + self.width * self.x_size, self.top)

    def part(self, x: int, y: int, width: int, height: int) -> Grid:
        """The grid of a window of pixels."""
        return Grid(self.wkt, self.left + x * self.x_size, self.top - y * self.y_size, self.x_size, self.y_size, width, height)


@dataclass(frozen=True)
class Cover:
    """What a source covers in the CRS of the result, and its pixel size and corner there."""

    name: str
    bounds: Bounds
    x_size: float
    y_size: float


def cover_of(name: str, wkt: str = "") -> Tuple[str, Cover]:
    """The CRS (its own unless `wkt` is given) and the cover of a source. Raises RasterProblem when it has no usable position."""
    dataset = open_raster(name)
    own = dataset.GetProjection()
    _check_position(name, dataset, own)
    if not wkt or _same_crs(own, wkt):
        return wkt or own, _cover(name, dataset)
    warped = attempt(lambda: gdal.AutoCreateWarpedVRT(dataset, None, wkt))
    if warped is None:
        raise RasterProblem(f"{short_name(name)} cannot be brought into the coordinate system of the first source{last_error()}.")
    return wkt, _cover(name, warped)


def common_grid(names: Sequence[str], *, grid: str = "finer", resolution: Optional[float] = None, aoi: Optional[Aoi] = None) -> Grid:
    """The grid of a result from these sources: `grid` is "finer", "first" or "explicit" (then with `resolution` in units of the CRS).

    Raises RasterProblem when they share no ground with each other or with the area.
    """
    wkt, first = cover_of(names[0])
    covers: List[Cover] = [first] + [cover_of(name, wkt)[1] for name in names[1:]]
    model = min(covers, key=lambda cover: cover.x_size * cover.y_size) if grid == "finer" else first
    x_size, y_size = (resolution, resolution) if grid == "explicit" and resolution else (model.x_size, model.y_size)
    shared = covers[0].bounds
    for cover in covers[1:]:
        shared = _shared(shared, cover.bounds, f"{short_name(covers[0].name)} and {short_name(cover.name)} do not overlap.")
    left, top = model.bounds[0], model.bounds[3]
    inner = _snap(shared, left, top, x_size, y_size, outward=False)
    if aoi is not None:
        wanted = _shared(shared, bounds_of(aoi, wkt), "The area lies outside the images.", AREA)
        outer = _snap(wanted, left, top, x_size, y_size, outward=True)
        inner = (max(inner[0], outer[0]), max(inner[1], outer[1]), min(inner[2], outer[2]), min(inner[3], outer[3]))
    first_x, first_y, end_x, end_y = inner
    if end_x <= first_x or end_y <= first_y:
        raise RasterProblem("What the images and the area have in common is smaller than one pixel.", AREA if aoi is not None else "")
    if max(end_x - first_x, end_y - first_y) > _MOST_PIXELS:
        raise RasterProblem(f"With pixels of {x_size:g} the result would be too large. Choose a coarser resolution.")
    return Grid(wkt, left + first_x * x_size, top - first_y * y_size, x_size, y_size, end_x - first_x, end_y - first_y)


def offset_in(grid: Grid, dataset: Any) -> Optional[Tuple[int, int]]:
    """Column and row of the grid's corner in a source that has the same pixels, None when it must be resampled."""
    left, x_size, _, top, _, y_size = dataset.GetGeoTransform()
    drift = max(abs(x_size - grid.x_size) / grid.x_size * grid.width, abs(-y_size - grid.y_size) / grid.y_size * grid.height)
    if drift > _SAME or not _same_crs(dataset.GetProjection(), grid.wkt):
        return None
    column, row = (grid.left - left) / grid.x_size, (top - grid.top) / grid.y_size
    x, y = round(column), round(row)
    inside = x >= 0 and y >= 0 and x + grid.width <= dataset.RasterXSize and y + grid.height <= dataset.RasterYSize
    return (x, y) if inside and abs(column - x) < _SAME and abs(row - y) < _SAME else None


def outline(aoi: Aoi, wkt: str) -> Any:
    """The area as an OGR geometry in the CRS `wkt`. Raises RasterProblem."""
    shape = ogr.CreateGeometryFromWkt(aoi.wkt())
    west, south, east, north = aoi.bounds
    shape.Segmentize(max(east - west, north - south) / 256)
    if attempt(lambda: shape.Transform(osr.CoordinateTransformation(_crs("EPSG:4326"), _crs(wkt))) == 0) is not True:
        raise RasterProblem("The area cannot be brought into the coordinate system of the images.", AREA)
    return shape


def bounds_of(aoi: Aoi, wkt: str) -> Bounds:
    """Bounds of the area in the CRS `wkt`."""
    west, east, south, north = outline(aoi, wkt).GetEnvelope()
    if not all(map(math.isfinite, (west, east, south, north))):
        raise RasterProblem("The area cannot be brought into the coordinate system of the images.", AREA)
    return west, south, east, north


class Ground:
    """True sizes: area on the ellipsoid of pixels of a grid, whatever the projection does to areas."""

    def __init__(self, wkt: str) -> None:
        self._to_degrees = osr.CoordinateTransformation(_crs(wkt), _crs("EPSG:4326"))

    def pixel_hectares(self, grid: Grid) -> float:
        """Mean area of the grid's pixels in hectares, 0 where the projection has no answer."""
        west, south, east, north = grid.bounds
        shares = [step / _STEPS for step in range(_STEPS)]
        points = [(west + share * (east - west), north) for share in shares] + [(east, north - share * (north - south)) for share in shares]
        points += [(east - share * (east - west), south) for share in shares] + [
            (west, south + share * (north - south)) for share in shares
        ]
        moved = attempt(lambda: self._to_degrees.TransformPoints(points))
        if not moved or not all(math.isfinite(x) and math.isfinite(y) for x, y, _ in moved):
            return 0.0
        ring = tuple((x, y) for x, y, _ in moved)
        return polygon_area_km2(((*ring, ring[0]),)) * 100 / (grid.width * grid.height)


def _check_position(name: str, dataset: Any, wkt: str) -> None:
    if not wkt:
        raise RasterProblem(f"{short_name(name)} has no coordinate system. Assign one to the file itself first (Raster → Projections).")
    transform = dataset.GetGeoTransform(can_return_null=True)
    if transform is None:
        raise RasterProblem(f"{short_name(name)} has no position on the ground. Georeference it first.")
    if transform[2] or transform[4]:
        raise RasterProblem(f"{short_name(name)} lies on a rotated grid. Warp it to a north-up grid first (Raster → Projections).")
    if not transform[1] or not transform[5]:
        raise RasterProblem(f"{short_name(name)} has pixels without a size.")


def _cover(name: str, dataset: Any) -> Cover:
    left, x_size, _, top, _, y_size = dataset.GetGeoTransform()
    xs, ys = sorted((left, left + x_size * dataset.RasterXSize)), sorted((top, top + y_size * dataset.RasterYSize))
    return Cover(name, (xs[0], ys[0], xs[1], ys[1]), abs(x_size), abs(y_size))


def _shared(one: Bounds, other: Bounds, otherwise: str, field: str = "") -> Bounds:
    west, south, east, north = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    if east <= west or north <= south:
        raise RasterProblem(otherwise, field)
    return west, south, east, north


def _snap(bounds: Bounds, left: float, top: float, x_size: float, y_size: float, *, outward: bool) -> Tuple[int, int, int, int]:
    """(first column, first row, end column, end row) on the pixels that start at the corner."""
    west, south, east, north = bounds
    start, end = (_floor, _ceil) if outward else (_ceil, _floor)
    return start((west - left) / x_size), start((top - north) / y_size), end((east - left) / x_size), end((top - south) / y_size)


def _floor(value: float) -> int:
    return math.floor(value + _SAME)


def _ceil(value: float) -> int:
    return math.ceil(value - _SAME)


def _same_crs(one: str, other: str) -> bool:
    return one == other or bool(_crs(one).IsSame(_crs(other)))


def _crs(text: str) -> Any:
    """A CRS whose coordinates come as x, y."""
    crs = osr.SpatialReference()
    crs.SetFromUserInput(text)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs
