"""One route from two bands to an NDVI file, in a process of its own: ndvi_driver.py make|ours|ours16|floor|calculator FOLDER [SIDE]."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["COMPRESS=DEFLATE", "PREDICTOR=YES", "OVERVIEWS=AUTO", "RESAMPLING=AVERAGE", "BIGTIFF=IF_SAFER", "NUM_THREADS=2"]
TILES = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512"]
BANDS = {"red": (900, 500, 40), "nir": (2600, 1200, 70)}


def make(folder: Path, side: int) -> None:
    """Two bands of 16 bits, a smooth field with noise, and their NDVI as plain numbers for the floor."""
    rng = np.random.default_rng(3)
    for name, (base, swing, noise) in BANDS.items():
        packed = [*TILES, "COMPRESS=DEFLATE", "PREDICTOR=2", "NUM_THREADS=2"]
        dataset = gdal.GetDriverByName("GTiff").Create(str(folder / f"{name}.tif"), side, side, 1, gdal.GDT_UInt16, packed)
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(32631)
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        dataset.SetProjection(crs.ExportToWkt())
        x = np.arange(side)
        for row in range(0, side, 512):
            y = np.arange(row, min(row + 512, side))[:, None]
            field = base + swing * np.sin(x / 310) * np.cos(y / 230) + swing / 3 * np.sin(x / 17 + y / 29)
            values = np.clip(field + rng.normal(0, noise, field.shape), 1, 10000).astype(np.uint16)
            dataset.GetRasterBand(1).WriteArray(values, 0, row)
        del dataset


def ours(folder: Path, whole_numbers: bool = False) -> None:
    """The provider's own computation."""
    spec = importlib.util.spec_from_file_location("groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
    from groundtrack.rasters.compute import Task, run
    from groundtrack.rasters.sources import bands_of

    bands = {name: bands_of(str(folder / f"{name}.tif"))[0] for name in BANDS}
    run(Task("NDVI", "ndvi", bands, whole_numbers=whole_numbers), folder / "out.tif", lambda share: True)


def floor(folder: Path) -> None:
    """Read both bands, then write an array that is already there."""
    both = [gdal.Open(str(folder / f"{name}.tif")) for name in BANDS]
    values = both[0].ReadAsArray()
    values = both[1].ReadAsArray()
    array = np.load(folder / "ready.npy", mmap_mode="r")
    memory = gdal.GetDriverByName("MEM").Create("", values.shape[1], values.shape[0], 1, gdal.GDT_Float32)
    memory.SetGeoTransform(both[0].GetGeoTransform())
    memory.SetProjection(both[0].GetProjection())
    memory.GetRasterBand(1).WriteArray(array)
    _translate(memory, folder)


def ready(folder: Path) -> None:
    """The array that the floor writes."""
    red, nir = (gdal.Open(str(folder / f"{name}.tif")).ReadAsArray().astype(np.float32) for name in BANDS)
    np.save(folder / "ready.npy", (nir - red) / (nir + red))


def calculator(folder: Path) -> None:
    """QGIS's raster calculator, then the same file format."""
    from qgis.analysis import QgsRasterCalculator, QgsRasterCalculatorEntry
    from qgis.core import QgsApplication, QgsCoordinateTransformContext, QgsRasterLayer

    application = QgsApplication([], False)
    application.initQgis()
    layers = [QgsRasterLayer(str(folder / f"{name}.tif"), name) for name in BANDS]
    entries = []
    for layer in layers:
        entry = QgsRasterCalculatorEntry()
        entry.raster, entry.ref, entry.bandNumber = layer, f"{layer.name()}@1", 1
        entries.append(entry)
    formula, model = '("nir@1" - "red@1") / ("nir@1" + "red@1")', layers[0]
    shape = (model.extent(), model.crs(), model.width(), model.height())
    work = QgsRasterCalculator(formula, str(folder / "plain.tif"), "GTiff", *shape, entries, QgsCoordinateTransformContext())
    if work.processCalculation():
        raise RuntimeError("the raster calculator failed")
    _translate(str(folder / "plain.tif"), folder)


def _translate(source: object, folder: Path) -> None:
    gdal.SetConfigOption("GDAL_NUM_THREADS", "2")
    gdal.Translate(str(folder / "out.tif"), source, format="COG", creationOptions=OPTIONS)


if __name__ == "__main__":
    route, place = sys.argv[1], Path(sys.argv[2])
    if route == "make":
        make(place, int(sys.argv[3]))
    else:
        {"ours": ours, "ours16": lambda folder: ours(folder, True), "floor": floor, "ready": ready, "calculator": calculator}[route](place)
