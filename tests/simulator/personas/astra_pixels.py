"""What the simulated satellites see: reflectances of a scene, its NDVI, the classes of change, colours."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any
from zlib import crc32

from .astra_catalog import Scene

# columns of the array of bands, and the bands' names on each sensor
COMMON = ("blue", "green", "red", "nir", "swir16", "swir22")
NATIVE = {"sentinel-2": ("B02", "B03", "B04", "B08", "B11", "B12"), "landsat": ("B02", "B03", "B04", "B05", "B06", "B07"),
          "planetary-computer": ("B02", "B03", "B04", "B08", "B11", "B12")}
SOIL, FOREST = (0.06, 0.09, 0.13, 0.25, 0.24, 0.20), (0.03, 0.06, 0.03, 0.45, 0.18, 0.09)
WATER, BUILT = (0.06, 0.05, 0.03, 0.015, 0.01, 0.008), (0.14, 0.15, 0.16, 0.20, 0.26, 0.23)
GREEN = 0.6  # share of FOREST in a meadow
CHANGES_ON = date(2026, 1, 1)
# class, part of the scene (left, top, right, bottom as shares), cover before, cover since CHANGES_ON;
# the last one is slight: its NDVI rises by 0.16, so that it depends on the threshold
PATCHES = ((1, (0.10, 0.08, 0.22, 0.18), 0.0, 1.0), (2, (0.30, 0.08, 0.42, 0.20), 1.0, 0.0),
           (3, (0.52, 0.08, 0.62, 0.18), GREEN, BUILT), (4, (0.72, 0.08, 0.86, 0.18), GREEN, WATER),
           (1, (0.45, 0.84, 0.60, 0.94), 0.4, 0.7))
CLASSES = ("no change", "vegetation gain", "vegetation loss", "built-up gain", "water change")
NO_CLASS = 255
RAMPS = {"rdylgn": ((165, 0, 38), (255, 255, 191), (0, 104, 55)), "viridis": ((68, 1, 84), (33, 145, 140), (253, 231, 37)),
         "greens": ((247, 252, 245), (116, 196, 118), (0, 68, 27))}


def width(scene: Scene, size: int) -> int:
    """Pixels along a side: `size` for Sentinel-2, a third of it for Landsat."""
    return size * 10 // scene.metres


def bands(scene: Scene, size: int) -> Any:
    """Reflectances times 10 000 as uint16, shape (6, n, n) in the order of COMMON; 0 is no data."""
    place = crc32(f"{scene.cell}".encode())
    return _bands(place, scene.number, scene.moment.date() >= CHANGES_ON, width(scene, size))


@lru_cache(maxsize=4)
def _bands(place: int, number: int, changed: bool, n: int) -> Any:
    import numpy as np

    line = (np.arange(n, dtype=np.float32) + 0.5) / n
    x, y = np.meshgrid(line, line)
    phase = [(place >> shift & 0xFF) / 40.0 for shift in (0, 8, 16)]
    green = 0.5 + 0.3 * np.sin(7 * x + phase[0]) * np.cos(5 * y + phase[1]) + 0.15 * np.sin(23 * (x + y) + phase[2])
    seen = _mixed(green.clip(0, 1))
    # a river, a lake, a town; the patches that change keep clear of them and of the missing corner
    river = np.abs(y - 0.55 - 0.12 * np.sin(6 * x + phase[2])) < 0.015
    seen[:, river | ((x - 0.25) ** 2 + (y - 0.8) ** 2 < 0.006)] = _column(WATER)
    seen[:, (np.abs(x - 0.6) < 0.12) & (np.abs(y - 0.32) < 0.07) & (np.sin(90 * x) * np.sin(90 * y) > -0.6)] = _column(BUILT)
    for _, (left, top, right, bottom), before, after in PATCHES:
        cover = after if changed else before
        inside = (x > left) & (x < right) & (y > top) & (y < bottom)
        seen[:, inside] = _column(cover) if isinstance(cover, tuple) else _mixed(np.array([cover], np.float32))
    # no two passes look quite the same
    seen[3] *= 1 + 0.015 * np.sin(11 * x + number % 89) * np.sin(9 * y + number % 97)
    result = np.rint(seen * 10_000).astype(np.uint16)
    result[:, x + 0.25 * y > 1.12] = 0
    result.setflags(write=False)
    return result


def ndvi(values: Any) -> Any:
    """Float32 from -1 to 1 out of an array of bands, NaN without data."""
    return _index(values, 3, 2)


def change(before: Any, after: Any, threshold: float) -> Any:
    """Numbers of CLASSES as uint8 out of two arrays of bands, NO_CLASS where either has no data. Water goes before
    built-up, built-up before vegetation."""
    import numpy as np

    greener = _index(after, 3, 2) - _index(before, 3, 2)
    built, built_before = _index(after, 4, 3), _index(before, 4, 3)
    wet, wet_before = _index(after, 1, 3), _index(before, 1, 3)
    result = np.zeros(greener.shape, np.uint8)
    with np.errstate(invalid="ignore"):
        result[greener > threshold] = 1
        result[greener < -threshold] = 2
        result[(built > 0) & (built - built_before > threshold) & (wet < 0)] = 3
        result[((wet > 0) != (wet_before > 0)) & (np.abs(wet - wet_before) > threshold)] = 4
    result[np.isnan(greener)] = NO_CLASS
    return result


def ramp(name: str) -> Any:
    """256 colours (red, green, blue, alpha) as uint8; index 0 is -1, 254 is 1, 255 transparent."""
    import numpy as np

    stops = np.array(RAMPS[name], dtype=float)
    colours = np.stack([np.interp(np.arange(255), (0, 127, 254), stops[:, part]) for part in range(3)], axis=1)
    table = np.zeros((256, 4), np.uint8)
    table[:255, :3], table[:255, 3] = np.rint(colours), 255
    return table


def coloured(values: Any) -> Any:
    """Indices into a ramp as uint8 for an NDVI, 255 without data."""
    import numpy as np

    return np.where(np.isnan(values), 255, np.rint((np.nan_to_num(values) + 1) * 127)).astype(np.uint8)


def picture(values: Any) -> Any:
    """True colours as uint8, shape (3, n, n), black without data."""
    import numpy as np

    seen = values[[2, 1, 0]].astype(np.float32)
    return np.where(seen == 0, 0, np.clip(1 + seen / 12, 1, 255)).astype(np.uint8)


def _index(values: Any, high: int, low: int) -> Any:
    import numpy as np

    one, other = values[high].astype(np.float32), values[low].astype(np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (one - other) / (one + other)


def _column(cover: tuple[float, ...]) -> Any:
    import numpy as np

    return np.array(cover, np.float32)[:, None]


def _mixed(green: Any) -> Any:
    import numpy as np

    soil, forest = np.array(SOIL, np.float32), np.array(FOREST, np.float32)
    shape = (-1, *(1,) * green.ndim)
    return soil.reshape(shape) + green[None] * (forest - soil).reshape(shape)
