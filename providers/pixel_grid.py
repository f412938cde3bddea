"""The pixels of a result: in which CRS, how large on the ground, where they begin, and how a large grid is cut into tiles.

The rectangle is snapped to whole pixels, so that width × pixel size is its extent exactly. Projecting is left to GDAL's osr, which is
imported on first use.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Iterator, List, Sequence, Tuple

from ..aoi import Aoi, Polygon, Ring

Box = Tuple[float, float, float, float]  # minx, miny, maxx, maxy in the CRS

NEAR_ONE = 0.01  # a CRS whose unit is a metre on the ground within this gets pixels of exactly the size asked for
_OTHERS = (
    2154, 2180, 2193, 3003, 3004, 3005, 3006, 3031, 3035, 3161, 3346, 3413, 3416, 3578, 3580, 3765, 3794, 3844, 3857, 3912, 3995, 4026,
    4326, 5514, 28992, 32184,
)  # fmt: skip
KNOWN = frozenset((*range(32601, 32661), *range(32701, 32761), *_OTHERS))

_DEGREES = ("CRS84", "EPSG:4326")
_LONG_EDGE = 0.05  # degrees; longer edges are bent as the projection bends them
_MOST_POINTS = 1500  # of an outline
_STEP = 1e-4  # degrees in which the scale of a CRS is measured
_AXIS, _SQUARED = 6378137.0, 0.00669437999014


class GridError(ValueError):
    """One sentence that says why there is no such grid."""


@dataclass(frozen=True)
class Grid:
    """North-up pixels: CRS as “EPSG:32633” or “CRS84”, lower left corner and pixel size in its units, columns and rows."""

    crs: str
    left: float
    bottom: float
    x_size: float
    y_size: float
    width: int
    height: int

    @property
    def box(self) -> Box:
        return (self.left, self.bottom, self.left + self.width * self.x_size, self.bottom + self.height * self.y_size)

    def window(self, x: int, y: int, width: int, height: int) -> Grid:
        """A part of the grid; `x`, `y` count from the upper left corner."""
        below = self.height - y - height
        return replace(self, left=self.left + x * self.x_size, bottom=self.bottom + below * self.y_size, width=width, height=height)


Window = Tuple[int, int, int, int]  # x, y from the upper left corner, width, height


def crs_name(text: str) -> str:
    """“EPSG:n” or “CRS84” for any usual spelling. Raises GridError for a CRS that the service does not take."""
    match = re.fullmatch(r"(?:.*CRS[:/]?84|(?:.*EPSG(?:[:/]|::|/0/))?(\d{4,5}))", text.strip(), re.IGNORECASE)
    if match is None:
        raise GridError(f"“{text}” is not a CRS such as EPSG:32633.")
    if match.group(1) is None:
        return "CRS84"
    if int(match.group(1)) not in KNOWN:
        raise GridError(f"Sentinel Hub does not compute in EPSG:{match.group(1)}. Leave the CRS empty for the UTM zone of the area.")
    return f"EPSG:{match.group(1)}"


def crs_uri(name: str) -> str:
    """The spelling that requests take."""
    return "http://www.opengis.net/def/crs/" + ("OGC/1.3/CRS84" if name == "CRS84" else f"EPSG/0/{name.partition(':')[2]}")


def crs_of(aoi: Aoi) -> str:
    """The UTM zone of the area's middle; polar stereographic where UTM ends."""
    west, south, east, north = aoi.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if lat > 84 or lat < -80:
        return "EPSG:3413" if lat > 0 else "EPSG:3031"
    zone = min(60, max(1, math.floor((lon + 180) / 6) + 1))
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def outline(aoi: Aoi, crs: str) -> Tuple[Polygon, ...]:
    """The area's polygons in a CRS, long edges bent as the projection bends them. Raises GridError."""
    step = _LONG_EDGE
    while sum(_points(ring, step) for polygon in aoi.polygons for ring in polygon) > max(_MOST_POINTS, 2 * aoi.vertices):
        step *= 2
    shift = _projection(crs)
    digits = 8 if crs in _DEGREES else 3
    return tuple(tuple(_moved(shift, ring, step, digits) for ring in polygon) for polygon in aoi.polygons)


def grid_of(aoi: Aoi, crs: str, metres: float) -> Grid:
    """Pixels of so many metres on the ground over the whole area, snapped to multiples of their size. Raises GridError."""
    x_scale, y_scale = _scales(aoi, crs)
    x_size, y_size = metres * x_scale, metres * y_scale
    west, south, east, north = _bounds(outline(aoi, crs))
    column, row = math.floor(west / x_size + 1e-6), math.floor(south / y_size + 1e-6)
    width = max(1, math.ceil(east / x_size - 1e-6) - column)
    height = max(1, math.ceil(north / y_size - 1e-6) - row)
    return Grid(crs, column * x_size, row * y_size, x_size, y_size, width, height)


def exact_grid(aoi: Aoi, crs: str, width: int, height: int) -> Grid:
    """So many pixels over the area's rectangle. Raises GridError."""
    west, south, east, north = _bounds(outline(aoi, crs))
    return Grid(crs, west, south, (east - west) / width, (north - south) / height, width, height)


def tiles(grid: Grid, most: int) -> Tuple[Window, ...]:
    """Windows of at most `most` pixels a side and about the same size, which cover the grid without overlap; from the upper left."""
    rows, columns = (list(_cuts(size, most)) for size in (grid.height, grid.width))
    return tuple((x, y, width, height) for y, height in rows for x, width in columns)


def ground_size(grid: Grid) -> Tuple[float, float]:
    """Width and height in metres on the ground of the pixel in the middle."""
    west, south, east, north = grid.box
    x, y = (west + east) / 2, (south + north) / 2
    here, right, up = _projection(grid.crs, back=True)([(x, y), (x + grid.x_size, y), (x, y + grid.y_size)])
    return _metres(here, right), _metres(here, up)


def within(polygons: Sequence[Polygon], box: Box) -> Tuple[Polygon, ...]:
    """The part of projected polygons inside a box; empty when they do not meet."""
    from shapely.geometry import MultiPolygon
    from shapely.geometry import box as rectangle

    shape = MultiPolygon([(polygon[0], list(polygon[1:])) for polygon in polygons]).buffer(0).intersection(rectangle(*box))
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon" and part.area > 0]
    return tuple(tuple(_flat(ring.coords) for ring in (part.exterior, *part.interiors)) for part in parts)


def _flat(points: Sequence[Sequence[float]]) -> Ring:
    """Points without a height, which some versions of GEOS make up."""
    return tuple((round(point[0], 8), round(point[1], 8)) for point in points)


def _cuts(size: int, most: int) -> Iterator[Tuple[int, int]]:
    step = math.ceil(size / math.ceil(size / most))
    return ((at, min(step, size - at)) for at in range(0, size, step))


def _scales(aoi: Aoi, crs: str) -> Tuple[float, float]:
    """Units of the CRS for a metre on the ground, along x and y, in the area's middle; 1 where they are metres well enough."""
    west, south, east, north = aoi.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    side = -1 if lat > 0 else 1
    corners = [(lon, lat), (lon + _STEP, lat), (lon, lat + side * _STEP)]
    here, right, up = _projection(crs)(corners)
    along_x = math.dist(here, right) / _metres(corners[0], corners[1])
    along_y = math.dist(here, up) / _metres(corners[0], corners[2])
    if crs in _DEGREES:
        return along_x, along_y
    scale = (along_x + along_y) / 2
    return (1.0, 1.0) if abs(scale - 1) <= NEAR_ONE else (scale, scale)


def _metres(start: Tuple[float, float], end: Tuple[float, float]) -> float:
    """Distance of two near points in degrees, on the WGS 84 ellipsoid."""
    lat = math.radians((start[1] + end[1]) / 2)
    bend = 1 - _SQUARED * math.sin(lat) ** 2
    north = math.radians(end[1] - start[1]) * _AXIS * (1 - _SQUARED) / bend**1.5
    east = math.radians(end[0] - start[0]) * _AXIS / math.sqrt(bend) * math.cos(lat)
    return math.hypot(east, north)


def _bounds(polygons: Sequence[Polygon]) -> Box:
    points = [point for polygon in polygons for point in polygon[0]]
    xs, ys = zip(*points)
    return min(xs), min(ys), max(xs), max(ys)


def _points(ring: Ring, step: float) -> int:
    return sum(_steps(start, end, step) for start, end in zip(ring, ring[1:]))


def _steps(start: Tuple[float, float], end: Tuple[float, float], step: float) -> int:
    return max(1, math.ceil(max(abs(end[0] - start[0]), abs(end[1] - start[1])) / step))


def _moved(shift: Any, ring: Ring, step: float, digits: int) -> Ring:
    points: List[Tuple[float, float]] = []
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        count = _steps((x1, y1), (x2, y2), step)
        points += [(x1 + (x2 - x1) * i / count, y1 + (y2 - y1) * i / count) for i in range(count)]
    moved = [(round(x, digits), round(y, digits)) for x, y in shift(points)]
    return (*moved, moved[0])


def _projection(crs: str, *, back: bool = False) -> Any:
    """A function from longitude and latitude to a CRS for many points at once, or back. It raises GridError."""
    if crs in _DEGREES:
        return list
    from osgeo import osr

    plain, wanted = osr.SpatialReference(), osr.SpatialReference()
    plain.ImportFromEPSG(4326)
    wanted.ImportFromEPSG(int(crs.partition(":")[2]))
    for reference in (plain, wanted):
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transform = osr.CoordinateTransformation(wanted, plain) if back else osr.CoordinateTransformation(plain, wanted)

    def shift(points: Sequence[Tuple[float, float]]) -> List[Tuple[float, float]]:
        try:
            found = [(point[0], point[1]) for point in transform.TransformPoints([tuple(point) for point in points])]
        except RuntimeError:  # somebody switched GDAL's exceptions on
            found = []
        if not found or not all(math.isfinite(value) for point in found for value in point):
            raise GridError(f"The area cannot be drawn in {crs}. Choose another CRS, or leave it empty.")
        return found

    return shift
