"""Headers of GeoTIFF files as far as uploads are checked: size, bands, type, CRS, pixel size, extent."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

from ..geometry import Ring
from .astra_grid import to_degrees

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
FORMS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
WIDTH, HEIGHT, BITS, SAMPLES, FORMAT, SCALE, TIE, KEYS, NODATA = 256, 257, 258, 277, 339, 33550, 33922, 34735, 42113
WORDS = {1: "uint", 2: "int", 3: "float"}
RADIUS = 6378137.0


@dataclass(frozen=True)
class Tiff:
    """What a header tells; `ring` is the footprint in degrees, None when it cannot be worked out."""

    width: int
    height: int
    count: int
    dtype: str
    epsg: int | None
    pixel: tuple[float, float] | None
    nodata: str | None
    ring: Ring | None

    @property
    def metres(self) -> float:
        """Pixel size in metres, 0 when it is not known."""
        if self.pixel is None:
            return 0.0
        return self.pixel[1] * (111_320.0 if self.epsg == 4326 else 1.0)


def read(data: bytes) -> Tiff | None:
    """The header of a file, None when it cannot be read."""
    try:
        return _read(data)
    except (struct.error, KeyError, IndexError, ValueError, ZeroDivisionError):
        return None


def _read(data: bytes) -> Tiff:
    tags = _tags(data)
    width, height, count = tags[WIDTH][0], tags[HEIGHT][0], tags.get(SAMPLES, (1,))[0]
    dtype = f"{WORDS[tags.get(FORMAT, (1,))[0]]}{tags.get(BITS, (1,))[0]}"
    epsg, scale, tie = _epsg(tags.get(KEYS, ())), tags.get(SCALE), tags.get(TIE)
    ring, pixel = None, None
    if scale and tie:
        pixel = (scale[0], scale[1])
        west, north = tie[3] - tie[0] * scale[0], tie[4] + tie[1] * scale[1]
        ring = _degrees(epsg, west, north, west + width * scale[0], north - height * scale[1])
    text = tags[NODATA][0].decode("ascii", "replace").strip("\0 ") if NODATA in tags else None
    return Tiff(width, height, count, dtype, epsg, pixel, text, ring)


def _tags(data: bytes) -> dict[int, tuple[Any, ...]]:
    order, big = "<" if data[:2] == b"II" else ">", data[2:4] in (b"+\0", b"\0+")
    entry, length = (order + "HHQ", 20) if big else (order + "HHI", 12)
    start = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    number = struct.unpack_from(order + ("Q" if big else "H"), data, start)[0]
    start += 8 if big else 2
    found = {}
    for place in range(start, start + number * length, length):
        tag, kind, count = struct.unpack_from(entry, data, place)
        form = f"{order}{count}{FORMS[kind]}"
        at = place + struct.calcsize(entry)
        if struct.calcsize(form) > (8 if big else 4):
            at = struct.unpack_from(order + ("Q" if big else "I"), data, at)[0]
        if tag in (WIDTH, HEIGHT, BITS, SAMPLES, FORMAT, SCALE, TIE, KEYS, NODATA):
            found[tag] = struct.unpack_from(form, data, at)
    return found


def _epsg(keys: tuple[Any, ...]) -> int | None:
    told = {keys[place]: keys[place + 3] for place in range(4, len(keys) - 3, 4)}
    return told.get(3072) or told.get(2048)


def _degrees(epsg: int | None, west: float, south_or_north: float, east: float, other: float) -> Ring | None:
    corners = [(west, other), (east, other), (east, south_or_north), (west, south_or_north), (west, other)]
    if epsg == 4326:
        return corners
    if epsg == 3857:
        return [(math.degrees(x / RADIUS), math.degrees(math.atan(math.sinh(y / RADIUS)))) for x, y in corners]
    if epsg and epsg // 100 in (326, 327) and 1 <= epsg % 100 <= 60:
        return [to_degrees(epsg % 100, epsg // 100 == 326, x, y) for x, y in corners]
    return None
