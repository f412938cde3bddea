"""Rasters of many features: one mosaic, and the mean of each feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from groundtrack.jobs.group import PART
from groundtrack.jobs.job import Job, State
from groundtrack.providers.cancel import Cancel
from groundtrack.results.errors import ResultError
from groundtrack.results.feature_results import figures, merge
from osgeo import gdal, osr
from support.jobs import make_job


def raster(path: Path, value: float, left: float, epsg: int = 32632, hole: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 1, gdal.GDT_Float32)
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(epsg)
    made.SetProjection(reference.ExportToWkt())
    made.SetGeoTransform((left, 10.0, 0, 5_300_000.0, 0, -10.0))
    pixels = np.full((10, 10), value, dtype=np.float32)
    band = made.GetRasterBand(1)
    band.SetNoDataValue(-9999.0)
    if hole:
        pixels[:5] = -9999.0
    band.WriteArray(pixels)
    return path


def job_of(path: Path, member: str) -> Job:
    own = {"member": member, "files": (str(path),), "folder": str(path.parent)}
    return make_job("ndvi").changed(id=f"job {member}", provider="local", operation="ndvi", state=State.FETCHED, **own)


def test_rasters_of_features_become_one_mosaic(tmp_path: Path) -> None:
    paths = [raster(tmp_path / name / "ndvi.tif", value, 500_000.0 + number * 200.0)
             for number, (name, value) in enumerate((("a", 0.25), ("b", 0.75)))]  # fmt: skip
    jobs = [job_of(path, path.parent.name) for path in paths]
    (made,) = merge(jobs, tmp_path / "merged.gpkg", Cancel())
    assert made.raster is not None
    pixels = gdal.Open(str(made.path)).ReadAsArray()
    assert pixels.shape == (10, 30)  # a gap of ten pixels between the two
    assert (pixels[:, :10] == 0.25).all()
    assert (pixels[:, 20:] == 0.75).all()


def test_rasters_that_do_not_fit_together_are_left_apart_with_a_reason(tmp_path: Path) -> None:
    jobs = [job_of(raster(tmp_path / str(epsg) / "ndvi.tif", 1.0, 500_000.0, epsg), str(epsg)) for epsg in (32632, 32633)]
    with pytest.raises(ResultError, match=r"the same CRS, pixel size and bands.* Load them one by one"):
        merge(jobs, tmp_path / "merged.gpkg", Cancel())
    assert not list(tmp_path.glob("*.vrt"))


def test_a_feature_has_the_mean_of_its_raster_and_of_its_parts(tmp_path: Path) -> None:
    jobs = [
        job_of(raster(tmp_path / "a" / "ndvi.tif", 0.25, 500_000.0, hole=True), "a"),
        job_of(raster(tmp_path / "b1" / "ndvi.tif", 0.2, 500_000.0), f"b{PART}1"),
        job_of(raster(tmp_path / "b2" / "ndvi.tif", 0.6, 500_100.0), f"b{PART}2"),
        job_of(tmp_path / "none.tif", "c"),
    ]
    found = figures(jobs, Cancel())
    assert found["a"].mean == pytest.approx(0.25)  # pixels without a value do not count
    assert found["b"].mean == pytest.approx(0.4)
    assert (found["c"].mean, found["c"].count) == (None, None)
