"""Classes of change: each rule by a pixel that shows it, and the file that comes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from groundtrack.rasters import change, summary
from groundtrack.rasters.compute import Task, run
from groundtrack.rasters.sources import bands_of
from osgeo import gdal
from support.rasters import read_raster, write_raster

ROLES = ("green", "red", "nir", "swir16")
FOREST, FIELD, SOIL = (400, 300, 3200, 1500), (700, 600, 2800, 2000), (1100, 1500, 2100, 2500)
TOWN, WATER, DRY = (1300, 1400, 1700, 2300), (600, 400, 200, 100), (900, 1100, 1600, 2000)
NONE, GAIN, LOSS, BUILT, WET, NODATA = 0, 1, 2, 3, 4, 255

CASES = [
    (FOREST, FOREST, NONE),
    (SOIL, FIELD, GAIN),
    (FOREST, DRY, LOSS),
    (FIELD, TOWN, BUILT),
    (FOREST, WATER, WET),
    (WATER, SOIL, WET),
    (WATER, WATER, NONE),
    (TOWN, TOWN, NONE),
    (TOWN, FOREST, GAIN),
    ((0, 0, 0, 0), FOREST, NODATA),
]


def bands(column: int, roles: tuple[str, ...] = ROLES) -> dict[str, np.ndarray]:
    return {role: np.array([[case[column][ROLES.index(role)] for case in CASES]], np.float32) for role in roles}


def test_each_rule() -> None:
    found = change.classify(bands(0), bands(1), 0.1)
    assert found[0].tolist() == [expected for _, _, expected in CASES]


def test_fewer_bands_tell_fewer_classes() -> None:
    found = change.classify(bands(0, ("red", "nir")), bands(1, ("red", "nir")), 0.1)
    assert set(found.ravel().tolist()) <= {NONE, GAIN, LOSS, NODATA}
    assert change.untold(("red", "nir")) == ("Built-up gain", "Water change")
    assert change.untold(ROLES) == ()
    with_green = change.classify(bands(0, ROLES[:3]), bands(1, ROLES[:3]), 0.1)
    assert (with_green[0, 4], with_green[0, 5]) == (WET, WET)


@pytest.mark.parametrize("role", ROLES)
def test_a_band_without_a_value_leaves_no_class(role: str) -> None:
    before = bands(0)
    before[role][0, 1] = np.nan
    assert change.classify(before, bands(1), 0.1)[0, 1] == NODATA


def test_an_index_that_cannot_be_divided_leaves_no_class() -> None:
    dark = {"red": np.array([[300.0]]), "nir": np.array([[3000.0]]), "green": np.array([[0.0]]), "swir16": np.array([[0.0]])}
    assert change.classify(dark, dark, 0.1)[0, 0] == NODATA


def test_a_higher_threshold_finds_less() -> None:
    counts = [int(np.isin(change.classify(bands(0), bands(1), threshold), (1, 2, 3, 4)).sum()) for threshold in (0.05, 0.2, 0.4, 0.9, 1.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_nothing_changes_between_an_image_and_itself() -> None:
    assert set(change.classify(bands(1), bands(1), 0.0).ravel().tolist()) == {NONE}


@pytest.fixture
def result(tmp_path: Path) -> Path:
    sources = []
    for name, column in (("before", 0), ("after", 1)):
        layers = [np.repeat(np.repeat(layer.astype(np.uint16), 100, 0), 10, 1) for layer in bands(column).values()]
        sources.append(bands_of(write_raster(tmp_path / f"{name}.tif", layers, names=ROLES, nodata=0)))
    named = {f"{date}.{band.role}": band for date, found in zip(("before", "after"), sources) for band in found}
    run(Task("Change", 0.1, named), tmp_path / "result.tif", lambda share: True)
    return tmp_path / "result.tif"


def test_the_file_carries_its_legend(result: Path) -> None:
    dataset = gdal.Open(str(result))
    band = dataset.GetRasterBand(1)
    assert (band.DataType, band.GetNoDataValue()) == (gdal.GDT_Byte, 255)
    assert band.GetCategoryNames() == ["No change", "Vegetation gain", "Vegetation loss", "Built-up gain", "Water change"]
    assert [band.GetColorTable().GetColorEntry(code)[:3] for code in range(5)] == [colour for _, colour in change.CLASSES.values()]
    assert band.GetMetadata()["CLASS_4"] == "Water change"


def test_the_statistics_count_hectares_of_each_class(result: Path) -> None:
    facts = summary.read(result)
    classes = read_raster(result)
    for row in facts["classes"]:
        assert row["pixels"] == (classes == row["value"]).sum()
        assert row["area_ha"] == pytest.approx(row["pixels"] * 0.01, rel=2e-3)
    assert facts["pixels"] == (classes != NODATA).sum() == 9000
    assert ("Water change", "20.02 ha") in summary.table(facts)
