"""The cells of 10 km in which the simulated scenes lie: UTM forth and back, MGRS tile names."""

from __future__ import annotations

from collections.abc import Iterator
from math import asin, atan2, atanh, cos, cosh, degrees, floor, radians, sin, sinh, sqrt
from typing import NamedTuple

SIDE = 10_000
Point = tuple[float, float]
Box = tuple[float, float, float, float]

_F = 1 / 298.257223563
_N = _F / (2 - _F)
_SCALE = 0.9996 * 6_378_137 / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (_N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16, 13 * _N**2 / 48 - 3 * _N**3 / 5, 61 * _N**3 / 240)
_BETA = (_N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96, _N**2 / 48 + _N**3 / 15, 17 * _N**3 / 480)
_DELTA = (2 * _N - 2 * _N**2 / 3 - 2 * _N**3, 7 * _N**2 / 3 - 8 * _N**3 / 5, 56 * _N**3 / 15)
_COLUMNS = {1: "ABCDEFGH", 2: "JKLMNPQR", 0: "STUVWXYZ"}
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_BANDS = "CDEFGHJKLMNPQRSTUVWX"


class Cell(NamedTuple):
    """One cell; `column` and `row` count SIDE metres of easting and northing in the UTM zone."""

    zone: int
    north: bool
    column: int
    row: int

    @property
    def epsg(self) -> int:
        """Code of the UTM zone."""
        return (32600 if self.north else 32700) + self.zone

    @property
    def origin(self) -> Point:
        """Easting and northing of the upper left corner."""
        return float(self.column * SIDE), float((self.row + 1) * SIDE)

    @property
    def centre(self) -> Point:
        """Longitude and latitude of the middle."""
        return to_degrees(self.zone, self.north, (self.column + 0.5) * SIDE, (self.row + 0.5) * SIDE)

    @property
    def ring(self) -> list[Point]:
        """Closed outline in degrees, counter-clockwise from the lower left corner."""
        steps = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        return [to_degrees(self.zone, self.north, (self.column + x) * SIDE, (self.row + y) * SIDE) for x, y in steps]

    @property
    def box(self) -> Box:
        """West, south, east, north in degrees."""
        xs, ys = zip(*self.ring)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def tile(self) -> str:
        """Name of the MGRS tile of 100 km the cell belongs to, like 32UPU."""
        band = _BANDS[min(19, int((self.centre[1] + 80) // 8))]
        row = _ROWS[(self.row // 10 + (0 if self.zone % 2 else 5)) % 20]
        return f"{self.zone:02d}{band}{_COLUMNS[self.zone % 3][self.column // 10 - 1]}{row}"

    @property
    def number(self) -> int:
        """Number of the cell inside its tile, 0 to 99."""
        return self.row % 10 * 10 + self.column % 10


def zone_of(lon: float) -> int:
    """UTM zone of a longitude."""
    return min(60, int((lon + 180) // 6) + 1)


def cell_at(lon: float, lat: float) -> Cell:
    """The cell of a place."""
    zone, north = zone_of(lon), lat >= 0
    x, y = to_metres(zone, north, lon, lat)
    return Cell(zone, north, floor(x / SIDE), floor(y / SIDE))


def cells_in(box: Box, most: int = 100) -> list[Cell]:
    """Cells touching a box in degrees; evenly thinned out to at most `most`."""
    found = [cell for part in _parts(box) for cell in _cells_of_part(part) if _touch(cell.box, box)]
    step = max(1, -(-len(found) // most))
    return found[::step]


def to_metres(zone: int, north: bool, lon: float, lat: float) -> Point:
    """Easting and northing of a place in a UTM zone."""
    away, eccentric = radians(lon - _meridian(zone)), 2 * sqrt(_N) / (1 + _N)
    t = sinh(atanh(sin(radians(lat))) - eccentric * atanh(eccentric * sin(radians(lat))))
    xi, eta = atan2(t, cos(away)), atanh(sin(away) / sqrt(1 + t * t))
    x = eta + sum(a * cos(2 * j * xi) * sinh(2 * j * eta) for j, a in enumerate(_ALPHA, 1))
    y = xi + sum(a * sin(2 * j * xi) * cosh(2 * j * eta) for j, a in enumerate(_ALPHA, 1))
    return 500_000 + _SCALE * x, (0 if north else 10_000_000) + _SCALE * y


def to_degrees(zone: int, north: bool, x: float, y: float) -> Point:
    """Longitude and latitude of a place in a UTM zone."""
    xi, eta = (y - (0 if north else 10_000_000)) / _SCALE, (x - 500_000) / _SCALE
    xi0 = xi - sum(b * sin(2 * j * xi) * cosh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    eta0 = eta - sum(b * cos(2 * j * xi) * sinh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    chi = asin(sin(xi0) / cosh(eta0))
    lat = chi + sum(d * sin(2 * j * chi) for j, d in enumerate(_DELTA, 1))
    return _meridian(zone) + degrees(atan2(sinh(eta0), cos(xi0))), degrees(lat)


def _meridian(zone: int) -> int:
    return zone * 6 - 183


def _parts(box: Box) -> Iterator[Box]:
    west, south, east, north = box[0], max(box[1], -79.9), box[2], min(box[3], 83.9)
    bands = [(south, min(north, -1e-9)), (max(south, 0.0), north)]
    for zone in range(zone_of(west), zone_of(east) + 1):
        for low, high in bands:
            if low <= high:
                yield max(west, zone * 6 - 186), low, min(east, zone * 6 - 180 - 1e-9), high


def _cells_of_part(part: Box) -> Iterator[Cell]:
    west, south, east, north = part
    zone, upper = zone_of(west), south >= 0
    # the edges of a box bow in UTM: its middle counts too, and one cell more on each side
    places = [to_metres(zone, upper, lon, lat) for lon in (west, (west + east) / 2, east) for lat in (south, north)]
    xs, ys = [floor(x / SIDE) for x, _ in places], [floor(y / SIDE) for _, y in places]
    for row in range(min(ys) - 1, max(ys) + 2, _stride(ys)):
        for column in range(max(10, min(xs) - 1), min(89, max(xs) + 1) + 1, _stride(xs)):
            cell = Cell(zone, upper, column, row)
            if (row >= 0 if upper else row < 1000) and zone_of(cell.centre[0]) == zone:
                yield cell


def _stride(numbers: list[int]) -> int:
    return max(1, (max(numbers) - min(numbers)) // 20)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
