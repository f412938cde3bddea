"""Changes a person may choose for an area that is not accepted as it is: cut on a grid, with fewer corners, to a footprint.

Those that need no choice (close, untangle, drop holes, largest part, envelope) are in `aoi`. Each returns new areas.
"""

from __future__ import annotations

import math
from typing import Any, Iterable, Iterator, Tuple

from .aoi import SMALLEST_KM2, Aoi, AoiError, corners_of, envelope, from_bounds, from_shapely, largest_part, to_shapely, with_points

KM_PER_DEGREE = 111.32  # of latitude, and of longitude on the equator
MOST_CELLS = 10_000


def simplify(aoi: Aoi, most: int) -> Aoi:
    """Fewer corners, at most `most` in all, keeping the outline as close as that allows."""
    if aoi.vertices <= most:
        return aoi
    if 3 * sum(map(len, aoi.polygons)) > most:  # no ring goes below a triangle
        return envelope(aoi)
    shape = to_shapely(aoi)
    fine, coarse = 0.0, 1e-6  # degrees: too many corners stay, few enough
    while corners_of(shape.simplify(coarse)) > most:
        fine, coarse = coarse, coarse * 2
        if coarse > 10:
            return envelope(aoi)
    for _ in range(8):
        middle = (fine + coarse) / 2
        fine, coarse = (middle, coarse) if corners_of(shape.simplify(middle)) > most else (fine, middle)
    return from_shapely(shape.simplify(coarse))


def as_seen(aoi: Aoi) -> Aoi:
    """An outline whose edges run as a map draws them, also where they go more than half round the globe."""
    return Aoi(tuple(tuple(with_points(ring) for ring in polygon) for polygon in aoi.polygons))


def simplified(aoi: Aoi, most: int) -> Tuple[Aoi, float]:
    """The area with at most `most` corners, and by how much its size differs, in parts of the size before."""
    result = simplify(aoi, most)
    before = aoi.area_km2
    return result, (result.area_km2 - before) / before if before else 0.0


def middle_square(aoi: Aoi, km2: float) -> Aoi:
    """A square of that size in the middle of the largest part, its sides along the meridians and parallels."""
    west, south, east, north = largest_part(aoi).bounds
    lat = max(-80.0, min(80.0, (south + north) / 2))
    dy = math.sqrt(km2) / KM_PER_DEGREE / 2
    square = aoi
    for _ in range(2):  # the ellipsoid's degrees differ a little from the first guess
        dx = dy / math.cos(math.radians(lat))
        lon = max(dx - 180.0, min(180.0 - dx, (west + east) / 2))
        square = from_bounds(lon - dx, lat - dy, lon + dx, lat + dy)
        dy *= math.sqrt(km2 / square.area_km2)
    return square


def clip(aoi: Aoi, footprint: Aoi) -> Aoi:
    """What of the area lies inside a footprint. Raises AoiError when that is nothing."""
    common = from_shapely(to_shapely(aoi).buffer(0).intersection(to_shapely(footprint).buffer(0)))
    if not common.polygons:
        raise AoiError("The area and the scene do not overlap.")
    return common


def split(aoi: Aoi, most_km2: float) -> Tuple[Aoi, ...]:
    """Cut into pieces of at most `most_km2` km² by a regular grid; each piece is one polygon. Raises AoiError."""
    from shapely.geometry import box

    shape, fewest = to_shapely(aoi), aoi.area_km2 / most_km2
    for count in range(1, 200):
        grid = list(_cells(aoi.bounds, count))
        if len(grid) < fewest:
            continue
        pieces = [from_shapely(shape.intersection(box(*cell))) for cell in grid]
        single = tuple(part for piece in pieces for part in piece.parts() if part.area_km2 > SMALLEST_KM2)
        if all(piece.area_km2 <= most_km2 for piece in single):
            return single
    raise AoiError("The area is too large to be cut into pieces of the allowed size.")


def grid(aoi: Aoi, cell_km: float, overlap_km: float = 0.0, *, aligned: bool = True) -> Tuple[Aoi, ...]:
    """The area cut along a grid with cells of `cell_km`, each widened by `overlap_km` in all; one Aoi for each part of a cell.

    An aligned grid starts at 0° north, 0° east, so that areas cut at different times fit together; its columns are as wide as in the
    nearest whole degree of latitude. Else it starts at the area's corner. Raises AoiError when there are too many cells.
    """
    from shapely.geometry import box
    from shapely.prepared import prep

    shape = to_shapely(aoi)
    west, south, east, north = aoi.bounds
    middle = min(85.0, abs(round((south + north) / 2) if aligned else (south + north) / 2))
    dy = cell_km / KM_PER_DEGREE
    dx = dy / math.cos(math.radians(middle))
    left, low = (math.floor(west / dx) * dx, math.floor(south / dy) * dy) if aligned else (west, south)
    columns, rows = math.ceil((east - left) / dx - 1e-9), math.ceil((north - low) / dy - 1e-9)
    if columns * rows > MOST_CELLS:
        raise AoiError("The cells are too small for this area: there would be too many of them.")
    more = overlap_km / 2 / cell_km
    pieces = []
    ready = prep(shape)
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * dx, low + row * dy
            cell = box(x - dx * more, max(-90.0, y - dy * more), x + dx * (1 + more), min(90.0, y + dy * (1 + more)))
            if ready.intersects(cell):
                pieces.append(shape.intersection(cell))
    return tuple(_singles(pieces))


def _singles(shapes: Any) -> Iterator[Aoi]:
    for shape in shapes:
        for part in from_shapely(shape).parts():
            if part.area_km2 > SMALLEST_KM2:
                yield part


def _cells(bounds: Tuple[float, float, float, float], count: int) -> Iterable[Tuple[float, float, float, float]]:
    """`count` steps along the longer side (in km) and as many as keep cells square along the other."""
    west, south, east, north = bounds
    wide = (east - west) * math.cos(math.radians((south + north) / 2))
    columns = count if wide >= north - south else max(1, round(count * wide / (north - south)))
    rows = count if wide < north - south else max(1, round(count * (north - south) / wide))
    dx, dy = (east - west) / columns, (north - south) / rows
    for row in range(rows):
        for column in range(columns):
            yield west + column * dx, south + row * dy, west + (column + 1) * dx, south + (row + 1) * dy
