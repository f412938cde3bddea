"""Tiles of one grid become one raster without seams; tiles of different grids do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from groundtrack.providers.pixel_grid import Grid, tiles
from groundtrack.results.errors import ResultError
from groundtrack.results.mosaics import mosaic
from osgeo import gdal, osr


def written(path: Path, grid: Grid, pixels: np.ndarray) -> Path:
    path.parent.mkdir(exist_ok=True)
    made = gdal.GetDriverByName("GTiff").Create(str(path), grid.width, grid.height, 1, gdal.GDT_Float32)
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(int(grid.crs.partition(":")[2]))
    made.SetProjection(reference.ExportToWkt())
    made.SetGeoTransform((grid.left, grid.x_size, 0, grid.box[3], 0, -grid.y_size))
    made.GetRasterBand(1).WriteArray(pixels)
    return path


def test_the_mosaic_is_the_whole_grid_pixel_for_pixel(tmp_path: Path) -> None:
    whole = Grid("EPSG:32632", 500_000.0, 5_300_000.0, 10.0, 10.0, 25, 17)
    values = np.arange(25 * 17, dtype=np.float32).reshape(17, 25)
    paths = [written(tmp_path / f"job{number}" / "default.tif", whole.window(x, y, w, h), values[y : y + h, x : x + w])
             for number, (x, y, w, h) in enumerate(tiles(whole, 10))]
    made = gdal.Open(str(mosaic(paths, tmp_path / "whole.vrt")))
    assert (made.RasterXSize, made.RasterYSize) == (25, 17)
    assert made.GetGeoTransform() == (500_000.0, 10.0, 0.0, whole.box[3], 0.0, -10.0)
    assert np.array_equal(made.ReadAsArray(), values)
    assert str(tmp_path) not in (tmp_path / "whole.vrt").read_text()


def test_tiles_of_different_grids_are_refused(tmp_path: Path) -> None:
    first = written(tmp_path / "a.tif", Grid("EPSG:32632", 0, 0, 10.0, 10.0, 5, 5), np.zeros((5, 5)))
    second = written(tmp_path / "b.tif", Grid("EPSG:32633", 0, 0, 10.0, 10.0, 5, 5), np.zeros((5, 5)))
    with pytest.raises(ResultError, match="same CRS"):
        mosaic([first, second], tmp_path / "whole.vrt")
    assert not (tmp_path / "whole.vrt").exists()
