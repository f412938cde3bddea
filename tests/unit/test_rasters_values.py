"""Values against plain numpy in double precision: random, constant, empty and overflowing inputs, on all routes to the file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest
from groundtrack.rasters import cog, summary
from groundtrack.rasters.compute import Task, run
from groundtrack.rasters.indices import parse_formula
from groundtrack.rasters.masks import guess_kind
from groundtrack.rasters.reader import Quality
from groundtrack.rasters.sources import bands_of
from hypothesis import given
from hypothesis import strategies as st
from osgeo import gdal
from support.rasters import area_of, flat, read_raster, write_raster

TYPES = (np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32, np.float64)


def task_for(folder: Path, red: Any, nir: Any, index: Any = "ndvi", **known: Any) -> Task:
    files = {key: known.pop(key) for key in ("nodata", "scale", "offset", "options") if key in known}
    source = write_raster(folder / "image.tif", [red, nir], names=("red", "nir"), **files)
    bands = bands_of(source)
    return Task("NDVI", index, {"red": bands[0], "nir": bands[1]}, **known)


def compute(folder: Path, task: Task) -> Any:
    run(task, folder / "result.tif", lambda share: True)
    return read_raster(folder / "result.tif")


def reference(red: Any, nir: Any, invalid: Optional[Any] = None) -> Any:
    red, nir = red.astype(np.float64), nir.astype(np.float64)
    with np.errstate(all="ignore"):
        values = (nir - red) / (nir + red)
    values[(nir + red == 0) | ~np.isfinite(values)] = np.nan
    if invalid is not None:
        values[invalid] = np.nan
    return values


def same(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-6)


def pixels(kind: Any, seed: int, shape: tuple[int, int], extremes: bool) -> Any:
    rng = np.random.default_rng(seed)
    if np.issubdtype(kind, np.floating):
        return rng.uniform(0, 1, shape).astype(kind)
    limits = np.iinfo(kind)
    low, high = (limits.min, limits.max) if extremes else (0, min(10000, limits.max))
    return rng.integers(low, high, shape, dtype=kind, endpoint=True)


@given(
    kind=st.sampled_from(TYPES), seed=st.integers(0, 2**32 - 1), extremes=st.booleans(), nodata=st.sampled_from([None, 0, 7]),
    shape=st.tuples(st.integers(1, 70), st.integers(1, 70)),
)  # fmt: skip
def test_random_images(kind: Any, seed: int, extremes: bool, nodata: Optional[int], shape: tuple[int, int]) -> None:
    red, nir = pixels(kind, seed, shape, extremes), pixels(kind, seed + 1, shape, extremes)
    if nodata is not None:
        red[::3, ::2] = nodata
    invalid = None if nodata is None else (red == nodata) | (nir == nodata)
    with tempfile.TemporaryDirectory() as folder:
        same(compute(Path(folder), task_for(Path(folder), red, nir, nodata=nodata)), reference(red, nir, invalid))


@pytest.mark.parametrize("kind", TYPES)
def test_constant_images(tmp_path: Path, kind: Any) -> None:
    same(compute(tmp_path, task_for(tmp_path, flat(50, kind=kind), flat(100, kind=kind))), np.full((20, 30), 1 / 3))


def test_sums_beyond_the_type_of_the_file(tmp_path: Path) -> None:
    red, nir = flat(250, kind=np.uint8), flat(255, kind=np.uint8)
    same(compute(tmp_path, task_for(tmp_path, red, nir)), np.full((20, 30), 5 / 505))


def test_division_by_zero_has_no_value(tmp_path: Path) -> None:
    red, nir = flat(-5, kind=np.int16), flat(5, kind=np.int16)
    red[0], nir[0] = 0, 0
    red[1], nir[1] = 1, 3
    values = compute(tmp_path, task_for(tmp_path, red, nir))
    assert np.isnan(values).sum() == 19 * 30
    assert (values[1] == 0.5).all()


def test_nothing_valid_is_a_result_too(tmp_path: Path) -> None:
    values = compute(tmp_path, task_for(tmp_path, flat(0), flat(0), nodata=0))
    assert np.isnan(values).all()
    facts = summary.read(tmp_path / "result.tif")
    assert (facts["pixels"], facts["mean"]) == (0, None)


def test_scale_and_offset_of_the_file_count(tmp_path: Path) -> None:
    red, nir = pixels(np.uint16, 1, (40, 50), False), pixels(np.uint16, 2, (40, 50), False)
    values = compute(tmp_path, task_for(tmp_path, red, nir, nodata=0, scale=0.0001, offset=-0.1))
    expected = reference(red * 0.0001 - 0.1, nir * 0.0001 - 0.1, (red == 0) | (nir == 0))
    usable = np.isfinite(expected) & (np.abs(red * 0.0001 + nir * 0.0001 - 0.2) > 1e-6)
    np.testing.assert_allclose(values[usable], expected[usable], rtol=1e-6, atol=1e-6)


def test_an_offset_that_the_file_does_not_declare_can_be_given(tmp_path: Path) -> None:
    values = compute(tmp_path, task_for(tmp_path, flat(2000), flat(4000), shift=-1000.0))
    same(values, np.full((20, 30), 0.5))


def test_that_offset_is_in_the_numbers_of_the_file(tmp_path: Path) -> None:
    same(compute(tmp_path, task_for(tmp_path, flat(2000), flat(4000), scale=0.0001, shift=-1000.0)), np.full((20, 30), 0.5))


@pytest.mark.parametrize("text", ["nir > red", "where(red > 0.2, 1, 2)", "min(red, nir)", "red or nir"])
@pytest.mark.parametrize("nodata", [None, float("nan")])
def test_formulas_have_no_value_where_a_band_has_none(tmp_path: Path, text: str, nodata: Optional[float]) -> None:
    red = flat(0.1, kind=np.float32)
    red[0, 0] = np.nan
    values = compute(tmp_path, task_for(tmp_path, red, flat(0.3, kind=np.float32), index=parse_formula(text), nodata=nodata))
    assert np.isnan(values[0, 0])
    assert np.isnan(values).sum() == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 1), (2, 2)])
def test_tiny_images(tmp_path: Path, shape: tuple[int, int]) -> None:
    same(compute(tmp_path, task_for(tmp_path, flat(1000, shape), flat(3000, shape))), np.full(shape, 0.5))


def test_values_near_the_largest_float_have_statistics(tmp_path: Path) -> None:
    grey = pixels(np.uint16, 3, (50, 60), False) // 100
    compute(tmp_path, task_for(tmp_path, grey, grey, index=parse_formula("nir * 1e35")))
    facts = summary.read(tmp_path / "result.tif")
    assert facts["std"] == pytest.approx(grey.std() * 1e35, rel=1e-4)
    assert sum(facts["histogram"]["counts"]) == grey.size


def test_whole_numbers_are_ten_thousandths(tmp_path: Path) -> None:
    red, nir = pixels(np.uint16, 3, (60, 60), False), pixels(np.uint16, 4, (60, 60), False)
    red[0, 0] = nir[0, 0] = 0
    stored = compute(tmp_path, task_for(tmp_path, red, nir, whole_numbers=True))
    dataset = gdal.Open(str(tmp_path / "result.tif"))
    band = dataset.GetRasterBand(1)
    assert (band.DataType, band.GetNoDataValue(), band.GetScale()) == (gdal.GDT_Int16, -32768, 0.0001)
    expected = reference(red, nir)
    assert stored[0, 0] == -32768
    known = np.isfinite(expected)
    assert np.abs(stored[known] * 0.0001 - expected[known]).max() <= 0.5001e-4


def test_scaling_cuts_off_and_keeps_the_gap() -> None:
    assert cog.scaled(np.array([0.12345, -9.0, 9.0, np.nan], np.float32)).tolist() == [1234, -32767, 32767, -32768]


def test_formulas_do_not_overflow(tmp_path: Path) -> None:
    red, nir = flat(65535), flat(65534)
    values = compute(tmp_path, task_for(tmp_path, red, nir, index=parse_formula("(red * nir - nir * nir) / nir")))
    same(values, np.ones((20, 30)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("x_SCL_20m.tif", "scl"), ("LC08_QA_PIXEL.TIF", "qa_pixel"), ("cloudmask.tif", "nonzero"), ("q.tif", ""), ("x_pixel_qa.tif", "")],
)
def test_kind_of_quality_band_by_name(name: str, kind: str) -> None:
    assert guess_kind(name) == kind


@pytest.mark.parametrize(
    ("kind", "codes", "kept"),
    [
        ("scl", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [False, False, True, False, True, True, True, True, False, False, False, True]),
        ("qa_pixel", [1, 2, 4, 8, 16, 32, 64, 21824, 22280], [False] * 5 + [True, True, True, False]),
        ("nonzero", [0, 1, 255], [True, False, False]),
    ],
)
def test_cloudy_and_saturated_pixels_get_no_value(tmp_path: Path, kind: str, codes: list[int], kept: list[bool]) -> None:
    row = np.array([codes], np.uint16)
    quality = Quality(bands_of(write_raster(tmp_path / "quality.tif", [row]))[0], kind)
    values = compute(tmp_path, task_for(tmp_path, np.full_like(row, 1), np.full_like(row, 3), quality=(quality,)))
    assert np.isfinite(values[0]).tolist() == kept


def test_a_coarser_quality_band_is_laid_over_the_pixels(tmp_path: Path) -> None:
    quality = write_raster(tmp_path / "SCL.tif", [np.array([[4, 9], [9, 4]], np.uint8)], pixel=20.0)
    values = compute(tmp_path, task_for(tmp_path, flat(1, (4, 4)), flat(3, (4, 4)), quality=(Quality(bands_of(quality)[0], "scl"),)))
    assert np.isfinite(values).tolist() == [[True, True, False, False]] * 2 + [[False, False, True, True]] * 2


@pytest.mark.parametrize("options", [(), ("TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE")])
def test_images_of_many_windows(tmp_path: Path, options: tuple[str, ...]) -> None:
    red, nir = pixels(np.uint16, 5, (1100, 2300), False), pixels(np.uint16, 6, (1100, 2300), False)
    same(compute(tmp_path, task_for(tmp_path, red, nir, options=options)), reference(red, nir))
    facts = summary.read(tmp_path / "result.tif")
    expected = reference(red, nir)
    for name, value in (
        ("mean", np.nanmean(expected)),
        ("min", np.nanmin(expected)),
        ("max", np.nanmax(expected)),
        ("std", np.nanstd(expected)),
    ):
        assert facts[name] == pytest.approx(value, abs=1e-5), name
    assert sum(facts["histogram"]["counts"]) * facts["histogram"]["every"] == pytest.approx(red.size, rel=0.02)


def test_the_area_cuts_by_pixel_centres(tmp_path: Path) -> None:
    corners = [(500040.0, 4999960.0), (500160.0, 4999960.0), (500160.0, 4999880.0), (500040.0, 4999880.0), (500040.0, 4999960.0)]
    task = task_for(tmp_path, flat(1), flat(3), aoi=area_of(corners))
    values = compute(tmp_path, task)
    assert gdal.Open(str(tmp_path / "result.tif")).GetGeoTransform()[:2] == (500040.0, 10.0)
    assert values.shape == (8, 12)
    assert np.isfinite(values).all()
    triangle = [(500000.0, 5000000.0), (500300.0, 5000000.0), (500000.0, 4999800.0), (500000.0, 5000000.0)]
    values = compute(tmp_path, task_for(tmp_path, flat(1), flat(3), aoi=area_of(triangle)))
    x, y = np.meshgrid((np.arange(30) + 0.5) / 30, (np.arange(20) + 0.5) / 20)
    assert (np.isfinite(values) != (x + y < 1)).sum() <= 30  # only centres on the line itself may differ
    assert summary.read(tmp_path / "result.tif")["area_ha"] == pytest.approx(3.0, rel=0.06)
