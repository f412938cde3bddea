"""Runs in a process of its own: makes the COG, or opens and draws it over a link."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def make(path: str, side: int) -> None:
    """Noisy floats, as hard to compress as a real scene."""
    import numpy as np
    from osgeo import gdal, osr

    source = f"{path}.source.tif"
    made = gdal.GetDriverByName("GTiff").Create(source, side, side, 1, gdal.GDT_Float32, ["TILED=YES"])
    system = osr.SpatialReference()
    system.ImportFromEPSG(32632)
    made.SetProjection(system.ExportToWkt())
    made.SetGeoTransform((600_000, 10, 0, 5_400_000, 0, -10))
    generator = np.random.default_rng(1)
    for row in range(0, side, 1000):
        values = generator.standard_normal((min(1000, side - row), side), np.float32) * 0.3 + 0.3
        made.GetRasterBand(1).WriteArray(values.clip(-1, 1), 0, row)
    made = None
    gdal.Translate(path, source, format="COG", creationOptions=["COMPRESS=DEFLATE", "PREDICTOR=YES", "LEVEL=1", "NUM_THREADS=2"])
    Path(source).unlink()


def load_package() -> None:
    """The checkout as `groundtrack`."""
    spec = importlib.util.spec_from_file_location("groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["groundtrack"] = module
    spec.loader.exec_module(module)


def opened(variant: str, url: str) -> tuple[Any, float, float]:
    """The layer, ms until it is there, ms of these on the main thread."""
    from qgis.core import QgsRasterLayer

    start = time.perf_counter()
    if variant == "defaults":
        layer, main = QgsRasterLayer(f"/vsicurl/{url}", "NDVI", "gdal"), start
    else:
        from groundtrack.results.rasters import inspect
        from groundtrack.results.remote import remote_source

        facts = inspect(remote_source(url), index=True)
        main = time.perf_counter()
        layer = raster_layer(facts)
    end = time.perf_counter()
    if not layer.isValid():
        raise RuntimeError("the layer is not valid")
    return layer, (end - start) * 1000, (end - main) * 1000


def raster_layer(facts: Any) -> Any:
    from groundtrack.results.raster_layers import raster_layer as make_layer

    return make_layer(facts, "ndvi", "NDVI")


def drawn(layer: Any) -> float:
    """ms to draw the full extent on 1000 x 800 pixels."""
    from qgis.core import QgsMapRendererParallelJob, QgsMapSettings
    from qgis.PyQt.QtCore import QSize

    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(1000, 800))
    start = time.perf_counter()
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """make PATH SIDE, or a variant and an address: one line of JSON after opening, one after drawing (asked for by a line)."""
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]))
        return
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    load_package()
    import groundtrack.results.raster_layers
    import groundtrack.results.rasters  # noqa: F401 - imports are measured elsewhere
    import numpy as np  # noqa: F401
    from osgeo import gdal_array  # noqa: F401

    layer, total, on_main = opened(sys.argv[1], sys.argv[2])
    print(json.dumps({"ms": total, "main": on_main}), flush=True)
    sys.stdin.readline()
    print(json.dumps({"ms": drawn(layer)}), flush=True)
    del layer
    application.exitQgis()


if __name__ == "__main__":
    main()
