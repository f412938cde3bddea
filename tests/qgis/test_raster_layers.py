"""Delivered rasters as layers: what is found out and refused, how they tell their job, what a remote file costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from groundtrack.providers.base import Asset
from groundtrack.results.errors import ResultError
from groundtrack.results.raster_layers import raster_layer
from groundtrack.results.rasters import RasterFacts, inspect
from groundtrack.results.remote import InPlace, opens_in_place, remote_source
from osgeo import gdal
from qgis.core import (
    QgsProject,
)
from support.ranges import serving
from support.raster_layers import NAMES, codes, labels, ramp, tiff

# What is found out


def test_an_index_is_described(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp(), nodata=float("nan"))), index=True)
    assert (facts.width, facts.height, facts.bands, facts.data_type) == (200, 100, 1, "Float32")
    assert (facts.low, facts.high) == (-1, 1)
    assert facts.warnings == ()
    assert facts.extent == pytest.approx((10.363, 48.736, 10.391, 48.746), abs=0.01)
    assert not list(tmp_path.glob("*.aux.xml"))


@pytest.mark.parametrize(("content", "part"), [
    (b"", "empty"), (b"<!DOCTYPE html><html><h1>Sign in</h1></html>", "page of text"),
    (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "page of text"),
    (b"<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>", "page of text"), (b"II*\0garbage", "not a raster"),
    (b"PK\3\4zip", "not a raster"),
])  # fmt: skip
def test_what_is_no_raster_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "ndvi.tif"
    path.write_bytes(content)
    with pytest.raises(ResultError, match=part):
        inspect(str(path))


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"ndvi\.tif is not there any more"):
        inspect(str(tmp_path / "ndvi.tif"))


@pytest.mark.parametrize("share", [0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    noise = np.random.default_rng(1).random((600, 600), np.float32)
    source = tiff(tmp_path / "whole.tif", noise)
    cog = tmp_path / "ndvi.tif"
    gdal.Translate(str(cog), str(source), format="COG", creationOptions=["COMPRESS=DEFLATE", "BLOCKSIZE=128"])
    assert inspect(str(cog)).bands == 1
    data = cog.read_bytes()
    cog.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ResultError, match=r"cut off|damaged"):
        inspect(str(cog))


def test_values_outside_of_an_index_are_pointed_out(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp(-3, 250))), index=True)
    assert "between −1 and 1" in facts.warnings[0]


def test_a_raster_without_a_valid_pixel_or_crs_says_so(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", np.full((10, 10), np.nan, np.float32), crs=False)), index=True)
    assert "no valid pixel" in facts.warnings[0]
    assert "no CRS" in facts.warnings[1]


def test_facts_hold_nothing_but_values(tmp_path: Path) -> None:
    facts: RasterFacts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp())))
    assert json.dumps(vars(facts), default=str)


# As the result of a job


def change_job(file: Path, *others: str) -> Any:
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.operation import Request

    values = {"scene_ids": ["sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210",
                            "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"]}  # fmt: skip
    job = new_job("astra", "Port", Request("change_detection", values), 1_790_000_000.0, title="Change Detection")
    return job.changed(remote_id="job_k3x9", files=(str(file), *others))


def made_of(job: Any) -> Any:
    from groundtrack.results.facts import table_of
    from groundtrack.results.layers import make_layer
    from groundtrack.results.prepare import prepare

    prepared = prepare(job, table_of(job), progress=lambda share: None, cancelled=lambda: False)
    return [make_layer(job, made) for made in prepared]


def test_a_change_map_tells_its_classes_its_days_and_its_story(tmp_path: Path) -> None:
    file = tiff(tmp_path / "change_detection.tif", codes(0, 1), nodata=255, names=dict(enumerate(NAMES)))
    before = file.read_bytes()
    (layer,) = made_of(change_job(file, str(tmp_path / "notes.json")))
    assert layer.name() == "Change Detection 2025-05-04 – 2026-05-04"
    assert list(labels(layer).values()) == ["No change", "Vegetation gain", "Vegetation loss", "Built-up gain", "Water change"]
    assert layer.temporalProperties().fixedTemporalRange().begin().toString("yyyy-MM-dd") == "2025-05-04"
    assert layer.temporalProperties().fixedTemporalRange().end().toString("yyyy-MM-dd") == "2026-05-04"
    assert layer.metadata().crs().authid() == "EPSG:32632"
    assert "job_k3x9" in " ".join(layer.metadata().history())
    assert file.read_bytes() == before


def test_looking_into_a_result_leaves_nothing_beside_it(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "change_detection.tif", codes(0, 1, 7))))
    assert facts.codes == (0, 1, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["change_detection.tif"]


def test_a_delivered_page_is_refused_as_a_result(tmp_path: Path) -> None:
    file = tmp_path / "change_detection.tif"
    file.write_bytes(b"<html>Sign in</html>")
    with pytest.raises(ResultError, match="page of text"):
        made_of(change_job(file))


# Over a link


@pytest.fixture(scope="module")
def large_cog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,500 x 2,500 noisy floats, 20 MB; the smallest overview is as large as that of 10,000 x 10,000."""
    folder = tmp_path_factory.mktemp("cog")
    source = tiff(folder / "source.tif", np.random.default_rng(1).normal(0.3, 0.2, (2500, 2500)).clip(-1, 1).astype(np.float32))
    path = folder / "ndvi.tif"
    gdal.Translate(str(path), str(source), format="COG", creationOptions=["COMPRESS=DEFLATE", "PREDICTOR=YES", "LEVEL=1"])
    source.unlink()
    return path


def test_a_remote_raster_costs_few_requests_and_none_on_the_main_thread(large_cog: Path) -> None:
    with serving(large_cog) as server:
        facts = inspect(remote_source(server.url), index=True)
        assert len(server.requests) <= 4
        asked = len(server.requests)
        layer = raster_layer(facts, "ndvi", "NDVI")
        assert layer.isValid()
        assert len(server.requests) == asked
        assert server.sent <= 512 * 1024
        assert all(path == "/ndvi.tif" for _, path, _ in server.requests)


def test_a_saved_project_opens_a_remote_raster_without_asking_for_more(large_cog: Path, tmp_path: Path) -> None:
    with serving(large_cog) as server:
        layer = raster_layer(inspect(remote_source(server.url)), "ndvi", "NDVI")
        project = QgsProject()
        project.addMapLayer(layer)
        assert project.write(str(tmp_path / "map.qgz"))
        again, asked = QgsProject(), len(server.requests)
        assert again.read(str(tmp_path / "map.qgz"))
        (opened,) = again.mapLayers().values()
        assert opened.isValid()
        assert len(server.requests) == asked
        assert unquote(opened.source()).endswith(f"url={server.url}")
    assert gdal.GetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN") != "EMPTY_DIR"


def test_no_key_goes_to_the_storage(large_cog: Path) -> None:
    with serving(large_cog) as server:
        inspect(remote_source(server.url + "?sig=abc"))
        assert server.headers
        assert not [headers for headers in server.headers if "authorization" in headers or "cookie" in headers]


def test_a_link_that_leads_nowhere_is_refused(large_cog: Path) -> None:
    with serving(large_cog) as server, pytest.raises(ResultError, match="may have expired"):
        inspect(remote_source(server.url.replace("ndvi", "other")))


@pytest.mark.parametrize(("wish", "url", "expires", "expected"), [
    (InPlace.NEVER, "https://x.test/a.tif", "", False), (InPlace.LASTING, "https://x.test/a.tif", "", True),
    (InPlace.LASTING, "https://x.test/a.tif?sig=1", "", False), (InPlace.LASTING, "https://x.test/a.tif", "2026-05-05T00:00:00Z", False),
    (InPlace.ALWAYS, "https://x.test/a.tif?sig=1", "2026-05-05T00:00:00Z", True), (InPlace.ALWAYS, "https://x.test/a.geojson", "", False),
])  # fmt: skip
def test_when_a_result_stays_where_it_is(wish: InPlace, url: str, expires: str, expected: bool) -> None:
    assert opens_in_place(Asset("a", url, "", None, expires), wish) is expected
