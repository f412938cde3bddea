"""The grid of a result: alignment of extents, pixel sizes and coordinate systems, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from groundtrack.aoi import from_bounds
from groundtrack.rasters.compute import Task, run
from groundtrack.rasters.grid import Ground, common_grid
from groundtrack.rasters.sources import RasterProblem, bands_of
from osgeo import gdal
from support.rasters import flat, read_raster, write_raster


def ndvi(folder: Path, red: str, nir: str, **known: Any) -> Any:
    task = Task("NDVI", "ndvi", {"red": bands_of(red)[0], "nir": bands_of(nir)[0]}, **known)
    run(task, folder / "result.tif", lambda share: True)
    return read_raster(folder / "result.tif")


def corner(path: Path) -> tuple[float, ...]:
    dataset = gdal.Open(str(path))
    transform = dataset.GetGeoTransform()
    return (transform[0], transform[3], transform[1], dataset.RasterXSize, dataset.RasterYSize)


def test_only_the_common_ground_is_computed(tmp_path: Path) -> None:
    one, other = np.arange(600, dtype=np.uint16).reshape(20, 30) + 1, np.arange(600, dtype=np.uint16).reshape(20, 30) + 7
    red = write_raster(tmp_path / "red.tif", [one])
    nir = write_raster(tmp_path / "nir.tif", [other], origin=(500100.0, 4999950.0))
    values = ndvi(tmp_path, red, nir)
    assert corner(tmp_path / "result.tif") == (500100.0, 4999950.0, 10.0, 20, 15)
    a, b = one[5:, 10:].astype(float), other[:15, :20].astype(float)
    np.testing.assert_allclose(values, (b - a) / (b + a), atol=1e-6)


@pytest.mark.parametrize(
    ("known", "pixel", "shape"),
    [({}, 10.0, (20, 30)), ({"grid": "first"}, 20.0, (10, 15)), ({"grid": "explicit", "resolution": 5.0}, 5.0, (40, 60))],
)
def test_pixel_size_is_the_finer_the_first_or_as_asked(tmp_path: Path, known: dict[str, Any], pixel: float, shape: tuple[int, int]) -> None:
    red = write_raster(tmp_path / "red.tif", [flat(1, (10, 15))], pixel=20.0)
    nir = write_raster(tmp_path / "nir.tif", [flat(3)])
    values = ndvi(tmp_path, red, nir, **known)
    assert values.shape == shape
    assert corner(tmp_path / "result.tif")[2] == pixel
    np.testing.assert_allclose(values, 0.5, atol=1e-6)


def test_a_shift_of_half_a_pixel_is_resampled(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(100, 160, 2, dtype=np.uint16), (20, 1))
    red = write_raster(tmp_path / "red.tif", [flat(100)])
    nir = write_raster(tmp_path / "nir.tif", [ramp], origin=(500005.0, 5000005.0))
    values = ndvi(tmp_path, red, nir)
    middle = values[5, 10]
    expected = (ramp[5, 10] + ramp[5, 11]) / 2  # the common ground begins one pixel in
    assert middle == pytest.approx((expected - 100) / (expected + 100), abs=5e-3)
    nearest = ndvi(tmp_path, red, nir, resampling="near")
    assert nearest[5, 10] in [pytest.approx((value - 100) / (value + 100), abs=1e-6) for value in (ramp[5, 10], ramp[5, 11])]


def test_another_coordinate_system_is_brought_onto_the_first(tmp_path: Path) -> None:
    red = write_raster(tmp_path / "red.tif", [flat(1, (200, 200))])
    nir = write_raster(tmp_path / "nir.tif", [flat(3, (400, 400))], epsg=4326, origin=(2.98, 45.16), pixel=0.0001)
    values = ndvi(tmp_path, red, nir)
    known = np.isfinite(values)
    assert known.mean() > 0.9
    np.testing.assert_allclose(values[known], 0.5, atol=1e-6)
    dataset = gdal.Open(str(tmp_path / "result.tif"))
    assert "32631" in dataset.GetProjection()


def test_gaps_stay_gaps_when_resampled(tmp_path: Path) -> None:
    holes = flat(3, (40, 60))
    holes[10:20, 10:20] = 0
    red = write_raster(tmp_path / "red.tif", [flat(1)])
    nir = write_raster(tmp_path / "nir.tif", [holes], pixel=5.0, nodata=0)
    values = ndvi(tmp_path, red, nir, grid="first", resampling="average")
    assert np.isnan(values[5:10, 5:10]).all()
    np.testing.assert_allclose(values[np.isfinite(values)], 0.5, atol=1e-6)
    assert np.isnan(values).sum() == 25


@pytest.mark.parametrize("options", [("ALPHA=YES",), ("PHOTOMETRIC=RGB", "ALPHA=YES")])
def test_transparent_pixels_stay_gaps_when_resampled(tmp_path: Path, options: tuple[str, ...]) -> None:
    alpha = np.repeat(np.array([[0], [255]], np.uint8), 10, axis=0) * np.ones((20, 20), np.uint8)
    image = write_raster(tmp_path / "image.tif", [flat(50, (20, 20), np.uint8)] * 3 + [alpha], options=options)
    finer = write_raster(tmp_path / "finer.tif", [flat(150, (40, 40), np.uint8)], pixel=5.0)
    values = ndvi(tmp_path, image, finer)
    assert np.isnan(values[:18]).all()
    assert np.isfinite(values[22:]).all()


def test_an_image_upside_down_is_turned(tmp_path: Path) -> None:
    rows = np.repeat(np.arange(1, 21, dtype=np.uint16)[:, None], 30, 1)
    red = write_raster(tmp_path / "red.tif", [rows])
    nir = write_raster(tmp_path / "nir.tif", [rows[::-1].copy()], origin=(500000.0, 4999800.0))
    dataset = gdal.Open(nir, gdal.GA_Update)
    dataset.SetGeoTransform((500000.0, 10.0, 0.0, 4999800.0, 0.0, 10.0))
    del dataset
    np.testing.assert_allclose(ndvi(tmp_path, red, nir, resampling="near"), 0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"origin": (600000.0, 5000000.0)}, "red.tif and nir.tif do not overlap."),
        ({"rotation": 1.0}, "nir.tif lies on a rotated grid. Warp it to a north-up grid first"),
        ({"epsg": None}, "nir.tif has no coordinate system. Assign one to the file itself first"),
        ({"origin": (500295.0, 5000000.0)}, "smaller than one pixel"),
    ],
)
def test_what_cannot_work_is_refused_in_words(tmp_path: Path, known: dict[str, Any], sentence: str) -> None:
    red = write_raster(tmp_path / "red.tif", [flat(1)])
    nir = write_raster(tmp_path / "nir.tif", [flat(3)], **known)
    with pytest.raises(RasterProblem, match=sentence):
        common_grid([red, nir])


def test_an_area_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RasterProblem, match="The area lies outside the images"):
        common_grid([write_raster(tmp_path / "red.tif", [flat(1)])], aoi=from_bounds(20, 50, 21, 51))


def test_a_resolution_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RasterProblem, match="too large"):
        common_grid([write_raster(tmp_path / "red.tif", [flat(1)])], grid="explicit", resolution=1e-8)


@pytest.mark.parametrize(
    ("known", "hectares"),
    [
        ({}, 0.01 / 0.9996**2),  # UTM at its central meridian
        ({"epsg": 3857, "origin": (0.0, 8399737.9)}, 0.01 * 0.2510),  # 60° north: web mercator doubles lengths
        ({"epsg": 4326, "origin": (3.0, 45.0), "pixel": 0.001}, 0.8761),  # 78.85 m by 111.13 m
    ],
)
def test_areas_are_true_whatever_the_projection(tmp_path: Path, known: dict[str, Any], hectares: float) -> None:
    grid = common_grid([write_raster(tmp_path / "image.tif", [flat(1)], **known)])
    assert Ground(grid.wkt).pixel_hectares(grid) == pytest.approx(hectares, rel=5e-3)
