"""The simulator keeps the promises of the ASTRA contract, seen over real HTTP: keys, jobs, results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from simulator import Simulator
from simulator.astra_client import AFTER, BEFORE, MUNICH, PROCESS, AstraClient, change, ndvi
from simulator.client import DAY, START
from simulator.personas.astra_pixels import PATCHES

OF_ANOTHER_DIALECT = AFTER.replace("sentinel-2:", "sentinel-2-l2a:")


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        simulator.astra.settings.size = 200
        simulator.astra.settings.tier = "pro"
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> AstraClient:
    return AstraClient(sim, sim.astra)


@pytest.fixture
def opened() -> Iterator[Any]:
    """Opens bytes as a dataset, which stays open: its bands do not keep it alive."""
    datasets: dict[str, Any] = {}

    def open_bytes(data: bytes) -> Any:
        name = f"/vsimem/astra_test_{len(datasets)}"
        gdal.FileFromMemBuffer(name, data)
        datasets[name] = gdal.Open(name)
        return datasets[name]

    yield open_bytes
    names = list(datasets)
    datasets.clear()
    for name in names:
        gdal.Unlink(name)


# keys and limits


def test_keys(client: AstraClient) -> None:
    astra, path = client.sim.astra, f"{PROCESS}/connection-test"
    found = {}
    for key in (astra.key, astra.noplan_key, astra.revoked_key, "sk_live_x", None):
        client.key = key
        found[key] = (client.get(path).status, client.get(path).code)
    assert found == {astra.key: (404, "NOT_FOUND"), astra.noplan_key: (403, "FORBIDDEN"), astra.revoked_key: (
        401, "UNAUTHORIZED"), "sk_live_x": (401, "UNAUTHORIZED"), None: (401, "UNAUTHORIZED")}
    client.key = astra.noplan_key
    assert client.search().status == 200
    client.key = "sk_live_x"
    assert client.search().status == 401


def test_a_rolled_key_works_another_day_and_jobs_are_private(client: AstraClient) -> None:
    astra, job_id = client.sim.astra, client.job()
    new = astra.roll(astra.key)
    assert client.get(f"{PROCESS}/{job_id}").status == 200
    client.sim.clock.advance(DAY)
    assert client.get(f"{PROCESS}/{job_id}").status == 401
    client.key = new
    assert client.get(f"{PROCESS}/{job_id}").status == 404


def test_limits_are_told_and_kept(client: AstraClient) -> None:
    client.sim.astra.settings.tier = "free"
    client.sim.clock.speed = 0
    answers = [client.get(f"{PROCESS}/none") for _ in range(12)]
    assert [answer.status for answer in answers[:10]] == [404] * 10
    refused = answers[-1]
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] in ("1", "2")
    assert [answers[0].headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["30", "29"]
    assert int(answers[0].headers["X-RateLimit-Reset"]) == pytest.approx(START + 60, abs=2)
    for _ in range(30):
        client.sim.clock.advance(2)
        last = client.get(f"{PROCESS}/none")
    assert last.status == 404  # a new minute has begun
    client.sim.astra.settings.retry_after = False
    client.sim.astra.settings.tier = "free"
    spent = [client.get(f"{PROCESS}/none") for _ in range(12)][-1]
    assert (spent.status, spent.headers["Retry-After"]) == (429, None)


# submission


REFUSED = [
    (ndvi(operation="omit"), 400, "operation"), (ndvi(operation="cog_convert"), 400, "operation"),
    (ndvi(operation=["ndvi"]), 400, "operation"), (ndvi(scene_ids=[]), 400, "exactly 1"), (ndvi(scene_ids=AFTER), 400, "array"),
    (ndvi(scene_ids=[BEFORE, AFTER]), 400, "exactly 1"), ({**change(), "scene_ids": [AFTER]}, 400, "exactly 2"),
    (ndvi(params=[]), 400, "object"), (ndvi(params={"colormap": "jet"}), 400, "colormap"),
    (ndvi(params={"threshold": 0.1}), 400, "threshold"), (change(threshold=1.5), 400, "threshold"),
    (change(threshold=True), 400, "threshold"), (change(bands=[]), 400, "bands"), (change(bands=["B04"]), 400, "bands"),
    (ndvi(scene_id=AFTER), 400, "scene_id"), (ndvi(webhook_url="mail"), 400, "webhook_url"), ([], 400, "object"),
    (ndvi(scene_ids=["S2A_x"]), 400, "provider:id"), (ndvi(scene_ids=["sentinel-2:S2A_x"]), 404, "no scene"),
    (ndvi(scene_ids=[OF_ANOTHER_DIALECT]), 404, "no scene"),
]


@pytest.mark.parametrize(("body", "status", "words"), REFUSED)
def test_what_breaks_a_rule_is_refused(client: AstraClient, body: Any, status: int, words: str) -> None:
    answer = client.call("POST", PROCESS, body)
    assert answer.status == status
    assert words in answer.json["error"]["message"]
    assert client.sim.astra.jobs == {}


def test_shapes_of_errors(client: AstraClient) -> None:
    settings = client.sim.astra.settings
    assert client.call("POST", PROCESS, ndvi(), Content_Type="text/plain").code == "VALIDATION_ERROR"
    found = client.search(bbox="").json["error"]
    assert found == {"code": "VALIDATION_ERROR", "message": "bbox is required.",
                     "details": {"parameter": "bbox", "received": None}}
    for shape, kind in (("string", str), ("array", list), ("object", dict)):
        settings.error_shape = shape
        assert isinstance(client.get(f"{PROCESS}/none").json["error"], kind)
    settings.error_shape = "html"
    assert client.get(f"{PROCESS}/none").headers["Content-Type"] == "text/html"


def test_a_job_goes_through_its_states(client: AstraClient) -> None:
    client.sim.clock.speed = 0
    body = ndvi(webhook_url="https://example.org/hook")
    job_id = client.job(body, queue_time=10.0, run_time=100.0)
    first = client.status(job_id)
    assert first == {"job_id": job_id, "status": "queued", "operation": "ndvi", "scene_ids": [AFTER],
                     "created_at": "2026-09-21T14:13:20Z"}
    client.sim.clock.advance(10)
    assert client.status(job_id)["status"] == "processing"
    client.sim.clock.advance(20 * 3600)
    done = client.status(job_id)
    assert (done["status"], done["completed_at"], done["duration_ms"]) == ("completed", "2026-09-21T14:15:00Z", 90_000)
    assert client.sim.astra.webhooks == {job_id: "https://example.org/hook"}
    assert client.get(f"{PROCESS}/{job_id}").headers["Date"] == "Tue, 22 Sep 2026 10:13:30 GMT"


# results


def test_an_ndvi_is_a_cog_with_the_values_of_its_bands(client: AstraClient, opened: Any) -> None:
    client.sim.astra.settings.size = 1000
    job_id = client.done()
    result = client.status(job_id)["result"]
    data = client.get(result["href"])
    assert (len(data.body), data.headers["Content-Type"]) == (result["file:size"], result["type"])
    dataset, expected = opened(data.body), client.sim.astra.expected(job_id)
    band = dataset.GetRasterBand(1)
    assert (dataset.RasterXSize, dataset.RasterCount, band.DataType) == (1000, 1, gdal.GDT_Float32)
    assert dataset.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    assert dataset.GetGeoTransform() == expected.transform == (670000.0, 10.0, 0.0, 5370000.0, 0.0, -10.0)
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32632"
    assert np.isnan(band.GetNoDataValue())
    values = band.ReadAsArray()
    np.testing.assert_array_equal(values, expected.array[0])
    links = client.assets(scene_id=AFTER, bands="red,B08").json["assets"]
    red, nir = (opened(client.get(links[name]["href"]).body).ReadAsArray().astype(np.float32) for name in ("B04", "B08"))
    seen = red > 0
    np.testing.assert_allclose(values[seen], (nir - red)[seen] / (nir + red)[seen], rtol=1e-5)
    assert 0.01 < np.isnan(values).mean() == (~seen).mean() < 0.1
    assert -1 <= np.nanmin(values) < -0.3 < 0.8 < np.nanmax(values) <= 1


def test_changes_are_found_where_they_were_made(client: AstraClient, opened: Any) -> None:
    dataset = opened(client.file(client.done(change())).body)
    band = dataset.GetRasterBand(1)
    values, n = band.ReadAsArray(), dataset.RasterXSize
    assert (band.DataType, band.GetNoDataValue()) == (gdal.GDT_Byte, 255)
    assert set(np.unique(values)) == {0, 1, 2, 3, 4, 255}
    for number, (left, top, right, bottom), _, _ in PATCHES:
        patch = values[int(top * n) + 1:int(bottom * n) - 1, int(left * n) + 1:int(right * n) - 1]
        assert (patch == number).all()
    assert band.GetColorTable().GetColorEntry(1)[:3] == (26, 152, 80)
    assert band.GetMetadataItem("class_4") == "water change"
    strict = opened(client.file(client.done(change(threshold=0.2), colour_table=False)).body).GetRasterBand(1)
    assert (strict.ReadAsArray() == 1).sum() < (values == 1).sum()
    assert strict.GetColorTable() is None


@pytest.mark.parametrize(("how", "count"), [("palette", 1), ("rgb", 3), ("rgba", 4)])
def test_colormaps(client: AstraClient, opened: Any, how: str, count: int) -> None:
    job_id = client.done(ndvi(params={"colormap": "viridis"}), colormap_as=how)
    dataset = opened(client.file(job_id).body)
    assert (dataset.RasterCount, dataset.GetRasterBand(1).DataType) == (count, gdal.GDT_Byte)
    assert (dataset.GetRasterBand(1).GetColorTable() is not None) == (count == 1)
    if count == 4:
        assert dataset.GetRasterBand(4).GetColorInterpretation() == gdal.GCI_AlphaBand
    values = dataset.ReadAsArray().reshape(count, 200, 200)
    np.testing.assert_array_equal(values, client.sim.astra.expected(job_id).array)


def test_scenes_that_do_not_lie_on_one_another_fail(client: AstraClient) -> None:
    there = client.sim.astra.scenes(*MUNICH, date(2026, 5, 4), source="sentinel-2")[0].scene_id()
    job_id = client.done({**change(), "scene_ids": [there, AFTER]})
    assert client.status(job_id)["error"] == {"code": "PROCESSING_FAILED", "message": "The scenes do not share a grid."}


# storage


def test_links_are_signed_expire_and_are_signed_anew(client: AstraClient) -> None:
    client.sim.clock.speed = 0
    job_id = client.done()
    result = client.status(job_id)["result"]
    assert result["expires_at"] == "2026-09-22T14:13:20Z"
    whole = client.get(result["href"]).body
    part = client.get(result["href"], Range="bytes=0-3")
    assert (part.status, part.body) == (206, whole[:4])
    both = client.get(result["href"], Authorization="Bearer x")
    assert (both.status, both.headers["Content-Type"]) == (400, "application/xml")
    client.sim.clock.advance(DAY + 1)
    late = client.get(result["href"])
    assert (late.status, b"expired" in late.body) == (403, True)
    assert client.file(job_id).body == whole
    client.sim.astra.settings.resign = False
    assert client.file(job_id).status == 403


def test_results_that_are_not_what_they_should_be(client: AstraClient) -> None:
    assert client.file(client.done(file="missing")).status == 404
    page = client.file(client.done(file="html"))
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html")
    assert client.file(client.done(file="xml")).body.startswith(b"<?xml")
    job_id = client.done(file="truncated")
    whole = client.sim.astra.expected(job_id).data
    assert client.file(job_id).body == whole[:len(whole) // 2]
    assert client.status(client.done(wrong_size=True))["result"]["file:size"] == len(whole) + 1000
    assert "expires_at" not in client.status(client.done(no_expiry=True))["result"]
    once = client.done(link="expired_once")
    assert [client.file(once).status for _ in range(2)] == [403, 200]
    assert client.file(client.done(link="expired")).status == 403
    assert client.file(client.done(link="unsigned")).status == 403
    elsewhere = client.done(link="other_host")
    assert client.status(elsewhere)["result"]["href"].startswith("http://localhost:")
    assert client.file(elsewhere).body == whole


def test_statuses_that_are_not_what_they_should_be(client: AstraClient) -> None:
    assert client.status(client.done(result_shape="null"))["result"] is None
    assert client.status(client.done(result_shape="url"))["result_url"].startswith(client.sim.storage.url)
    assert client.status(client.done(status_word="archiving"))["status"] == "archiving"
    told = {shape: client.status(client.done(fail_code="X", fail_message="No.", error_shape=shape)).get("error", "absent")
            for shape in ("object", "string", "array", "null", "missing")}
    assert told == {"object": {"code": "X", "message": "No."}, "string": "No.", "array": [{"code": "X", "message": "No."}],
                    "null": None, "missing": "absent"}
    stuck = client.job(stuck=True)
    client.sim.clock.advance(2 * DAY)
    assert client.status(stuck)["status"] == "processing"
    hidden = client.job(hidden_for=30.0)
    assert client.get(f"{PROCESS}/{hidden}").code == "NOT_FOUND"
    client.sim.clock.advance(30)
    assert client.status(hidden)["status"] == "completed"
    client.sim.astra.next_job(no_job_id=True)
    assert "job_id" not in client.call("POST", PROCESS, ndvi()).json
    client.sim.astra.change_job(hidden, forgotten=True)
    assert client.get(f"{PROCESS}/{hidden}").status == 404


@pytest.mark.parametrize("status", [301, 308])
def test_the_service_may_have_moved(client: AstraClient, status: int) -> None:
    client.sim.astra.settings.moved_status = status
    answer = client.call("POST", PROCESS, ndvi())
    assert (answer.status, client.sim.astra.jobs) == (status, {})
    assert answer.headers["Location"].startswith("http://localhost:")
    assert client.call("POST", answer.headers["Location"], ndvi()).status == 202
