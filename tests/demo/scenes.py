"""A made-up place seen twice, 600 by 600 pixels of 10 m: fields, woods, a river and a town that grows. Nothing of it is real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal, osr

SIDE = 600
EPSG = 32631
CORNER = (570_000.0, 5_760_000.0)
NAMES = ("blue", "green", "red", "nir", "swir16")
# reflectances x 10,000 in the order of NAMES
COVERS = {
    "wood": (280, 520, 310, 3600, 1600), "meadow": (420, 780, 520, 3400, 2000), "crop": (480, 900, 560, 4200, 2100),
    "stubble": (900, 1250, 1700, 2500, 3100), "town": (1250, 1400, 1550, 1850, 2650), "water": (620, 560, 380, 210, 120),
}  # fmt: skip
DATES = ("2024-06-18", "2026-06-20")


def make_scenes(folder: Path) -> tuple[Path, Path]:
    """Write both scenes into `folder`; their paths, the earlier first. The same pixels every time."""
    folder.mkdir(parents=True, exist_ok=True)
    before, after = (folder / f"scene_{date}.tif" for date in DATES)
    _write(before, _seen(_covers(later=False), seed=11), DATES[0])
    _write(after, _seen(_covers(later=True), seed=12), DATES[1])
    return before, after


def area() -> dict[str, object]:
    """The middle of the place as a GeoJSON polygon in WGS 84."""
    left, top = CORNER
    far = SIDE * 10
    corners = [(0.1, 0.15), (0.85, 0.1), (0.92, 0.8), (0.3, 0.9), (0.1, 0.15)]
    move = osr.CoordinateTransformation(_crs(EPSG), _crs(4326))
    points = move.TransformPoints([(left + x * far, top - y * far) for x, y in corners])
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y, _ in points]]}


def _covers(later: bool) -> np.ndarray:
    """The cover of every pixel as a number, in the order of COVERS."""
    kinds = list(COVERS)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    cover = np.full((SIDE, SIDE), kinds.index("meadow"), np.uint8)
    field = np.random.default_rng(5).integers(0, 10, (64, 64))
    along, across = (x + 0.25 * y) / 38, (y - 0.18 * x + 120) / 27
    crops = field[along.astype(int) % 64, across.astype(int) % 64]
    cover[crops < 5] = kinds.index("crop")
    # the rotation of crops: other fields lie bare two years later
    cover[crops == (4 if later else 6)] = kinds.index("stubble")
    wood = np.sin(x / 70 + 1.3) * np.cos(y / 55) + 0.4 * np.sin((x + y) / 23)
    felled = later & (np.hypot(x - 130, (y - 85) * 1.4) < 38)
    cover[(wood > 0.75) & ~felled] = kinds.index("wood")
    cover[(wood > 0.75) & felled] = kinds.index("stubble")
    town = np.hypot((x - 380) / 1.25, y - 250) + 14 * np.sin(np.arctan2(y - 250, x - 380) * 5)
    block = ((x // 6).astype(int) % 4 != 0) & ((y // 6).astype(int) % 5 != 0)
    cover[(town < (105 if later else 72)) & (block | (town < 30))] = kinds.index("town")
    middle = 430 + 55 * np.sin(x / 95) + 18 * np.sin(x / 37)
    cover[np.abs(y - middle) < 9 + 3 * np.sin(x / 60)] = kinds.index("water")
    if later:  # a gravel pit that filled with water
        cover[np.hypot((x - 205) / 1.5, y - 350) < 24] = kinds.index("water")
    return cover


def _seen(cover: np.ndarray, seed: int) -> np.ndarray:
    """Reflectances (bands, rows, columns) with the grain of a sensor and of the ground."""
    rng = np.random.default_rng(seed)
    table = np.array(list(COVERS.values()), float)
    pixels = table[cover].transpose(2, 0, 1)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    ground = 1 + 0.06 * np.sin(x / 13.0) * np.sin(y / 17.0) + 0.04 * np.sin((x * 3 + y) / 41.0)
    return np.clip(pixels * ground * rng.normal(1, 0.018, pixels.shape), 1, 10_000).astype(np.uint16)


def _write(path: Path, bands: np.ndarray, date: str) -> None:
    options = ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=2"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, len(NAMES), gdal.GDT_UInt16, options)
    dataset.SetGeoTransform((CORNER[0], 10, 0, CORNER[1], 0, -10))
    dataset.SetProjection(_crs(EPSG).ExportToWkt())
    dataset.SetMetadata({"TIFFTAG_DATETIME": f"{date.replace('-', ':')} 10:50:00", "SOURCE": "made up"})
    for number, name in enumerate(NAMES, 1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(name)
        band.SetNoDataValue(0)
        band.WriteArray(bands[number - 1])
    del band, dataset


def _crs(epsg: int) -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs
