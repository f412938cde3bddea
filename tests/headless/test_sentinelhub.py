"""Sentinel Hub with the real qgis_process: results as they were delivered, unless something else was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contract.cases import CASES
from osgeo import gdal

from headless.conftest import Ended, Headless

FIELD = [[[11.4, 48.1], [11.44, 48.1], [11.44, 48.12], [11.4, 48.12], [11.4, 48.1]]]
# 11 km by 30 m: more than 10,000 pixels of one metre
STRIP = [[[11.4, 48.1], [11.548, 48.1], [11.548, 48.10027], [11.4, 48.10027], [11.4, 48.1]]]


def run(headless: Headless, rings: Any = FIELD, **parameters: Any) -> Ended:
    case = CASES["sentinelhub"]
    known = {**case.public(headless.sim), **case.secrets(headless.sim)}
    environment = {f"GROUNDTRACK_SENTINELHUB_{name.upper()}": value for name, value in known.items()}
    given = {"COLLECTION": "sentinel-2-l2a", "DATE_START": "2024-06-01", "DATE_END": "2024-06-30", "EVALSCRIPT": "ndvi", **parameters}
    return headless.run("sentinelhub_process", environment, AOI=headless.area(rings), **given)


def delivered(headless: Headless) -> list[bytes]:
    """What the service put into the bucket, job by job."""
    hub = headless.sim.sentinelhub
    return [headless.sim.s3.read(hub.expected(identity).files["default"].key) for identity in hub.jobs]


def test_a_result_comes_byte_for_byte(headless: Headless, tmp_path: Path) -> None:
    ended = run(headless, RESOLUTION=60, OUTPUT_FOLDER=tmp_path / "out")
    assert ended.code == 0, ended.said
    (path,) = ended.outputs
    assert Path(path).read_bytes() == delivered(headless)[0]
    assert [item.name for item in Path(path).parent.iterdir()] == ["default.tif"]


def test_it_becomes_a_cog_when_that_is_asked_for(headless: Headless, tmp_path: Path) -> None:
    ended = run(headless, RESOLUTION=60, RASTERS="cog", OUTPUT_FOLDER=tmp_path / "out")
    assert ended.code == 0, ended.said
    (path,) = ended.outputs
    made = gdal.Open(path)
    assert made.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    kept = Path(path).with_name("default.tif")
    assert kept.read_bytes() == delivered(headless)[0]
    assert np.array_equal(made.ReadAsArray(), gdal.Open(str(kept)).ReadAsArray(), equal_nan=True)


@pytest.mark.parametrize(("wish", "count", "ending"), [("", 2, "default.tif"), ("vrt", 1, ".vrt"), ("cog", 1, "_cog.tif")])
def test_tiles_come_by_themselves_or_together(headless: Headless, tmp_path: Path, wish: str, count: int, ending: str) -> None:
    more = {"RASTERS": wish} if wish else {}
    ended = run(headless, STRIP, RESOLUTION=1, SPLIT="true", OUTPUT_FOLDER=tmp_path / "out", **more)
    assert ended.code == 0, ended.said
    assert len(ended.results["JOB_ID"].split(",")) == 2
    assert ended.results["STATE"] == "FETCHED"
    assert len(ended.outputs) == count
    assert all(path.endswith(ending) for path in ended.outputs)
    opened = [gdal.Open(path) for path in ended.outputs]
    assert sum(item.RasterXSize for item in opened) > 10_000
    assert {item.RasterYSize for item in opened} == {opened[0].RasterYSize}
    if wish:
        band = opened[0].GetRasterBand(1)
        seam = band.ReadAsArray()[:, 5000:]
        assert (seam != band.GetNoDataValue()).any(axis=0).mean() > 0.9  # no gap where the tiles meet


def test_the_same_tiles_are_put_together_later(headless: Headless, tmp_path: Path) -> None:
    sent = run(headless, STRIP, RESOLUTION=1, SPLIT="true", WAIT="false", OUTPUT_FOLDER=tmp_path / "out")
    assert sent.code == 0, sent.said
    case = CASES["sentinelhub"]
    known = {**case.public(headless.sim), **case.secrets(headless.sim)}
    environment = {f"GROUNDTRACK_SENTINELHUB_{name.upper()}": value for name, value in known.items()}
    ended = headless.run("wait_for_job", environment, JOB_ID=sent.results["JOB_ID"], RASTERS="vrt")
    assert ended.code == 0, ended.said
    (path,) = ended.outputs
    assert path.endswith("whole_default.vrt")


def test_secrets_are_in_nothing_that_a_run_says(headless: Headless, tmp_path: Path) -> None:
    ended = run(headless, RESOLUTION=60, OUTPUT_FOLDER=tmp_path / "out")
    case = CASES["sentinelhub"]
    journal = b"".join(path.read_bytes() for path in headless.journal.parent.glob("journal.sqlite*"))
    for value in case.secrets(headless.sim).values():
        assert value not in ended.said
        assert value.encode() not in journal
