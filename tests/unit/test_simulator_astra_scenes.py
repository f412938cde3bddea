"""The simulator keeps the promises of the ASTRA contract, seen over real HTTP: search, scenes, links, other dialects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import numpy as np
import pytest
from osgeo import gdal
from simulator import Simulator
from simulator.astra_client import AFTER, MUNICH, PROCESS, AstraClient, ndvi
from simulator.client import START

CODED_AFTER = AFTER.replace("sentinel-2:", "sentinel-2-l2a:")


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


def test_search_finds_and_filters(client: AstraClient) -> None:
    found = client.search(limit=100).json
    scenes = found["features"]
    assert found["context"] == {"matched": len(scenes), "returned": len(scenes), "limit": 100}
    assert (found["type"], found["warnings"]) == ("FeatureCollection", [])
    times = [scene["properties"]["datetime"] for scene in scenes]
    assert times == sorted(times, reverse=True)
    assert all("2026-05-01" <= time[:10] <= "2026-05-31" for time in times)
    for west, south, east, north in (scene["bbox"] for scene in scenes):
        assert max(west, 11.5) < min(east, 11.6)
        assert max(south, 48.1) < min(north, 48.2)
    prefixes = {scene["id"].split(":")[0] for scene in scenes}
    assert prefixes == {"sentinel-2", "landsat", "planetary-computer"}
    landsat = client.search(collections="landsat-c2-l2", limit=100).json["features"]
    assert landsat == [scene for scene in scenes if scene["id"].startswith("landsat:")]
    clear = client.search(cloud_cover_lt=20, limit=100).json["features"]
    assert clear == [scene for scene in scenes if scene["properties"].get("eo:cloud_cover", 0) < 20]
    assert any("eo:cloud_cover" not in scene["properties"] for scene in clear)
    originals = {}
    for scene in scenes:
        originals.setdefault((scene["properties"]["datetime"], tuple(scene["bbox"]), scene["properties"]["gsd"]), []).append(scene)
    assert any(len(same) == 2 for same in originals.values())
    assert client.search().json["features"] == scenes[:10]
    assert client.search(datetime="2026-05-04/..", limit=1).json["context"]["matched"] > len(scenes)
    assert client.call("POST", PROCESS, ndvi(scene_ids=[landsat[0]["id"]])).status == 202


@pytest.mark.parametrize("query", [
    {"bbox": ""}, {"bbox": "1,2,3"}, {"bbox": "11.6,48,11.5,49"}, {"bbox": "1,2,1,3"}, {"bbox": "nan,0,1,1"}, {"datetime": ""},
    {"datetime": "20260504"}, {"datetime": "2026-05-31/2026-05-01"}, {"datetime": "../2026-05-01"}, {"limit": "0"},
    {"limit": "1.5"}, {"cloud_cover_lt": "101"}, {"cloud_cover_lt": "few"}, {"page": "2"}])
def test_searches_that_are_refused(client: AstraClient, query: dict[str, str]) -> None:
    assert client.search(**query).code == "VALIDATION_ERROR"


def test_large_limits_crowds_and_trouble(client: AstraClient) -> None:
    settings = client.sim.astra.settings
    settings.crowded = True
    found = client.search(datetime="2024-01-01/..", limit=5000).json
    assert (found["context"]["returned"], found["context"]["limit"]) == (100, 100)
    assert found["context"]["matched"] > 2000
    settings.trouble = {"landsat": "PROVIDER_TIMEOUT", "planetary-computer": "PROVIDER_ERROR", "sentinel-2": "PROVIDER_ERROR"}
    found = client.search().json
    assert (found["features"], [warning["code"] for warning in found["warnings"]]) == ([], [
        "PROVIDER_TIMEOUT", "PROVIDER_ERROR", "PROVIDER_ERROR"])
    settings.over_limit = "reject"
    assert client.search(limit=101).status == 400


def test_a_search_of_the_whole_world_is_answered(client: AstraClient) -> None:
    found = client.search(bbox="-180,-90,180,90", limit=100).json["features"]
    assert {scene["properties"]["proj:epsg"] // 100 for scene in found} == {326, 327}


def test_scene_details_and_pictures(client: AstraClient) -> None:
    item = client.get(f"/api/v1/scenes/{quote(AFTER, safe='')}").json
    assert (item["id"], item["properties"]["proj:epsg"], item["properties"]["instruments"]) == (AFTER, 32632, ["msi"])
    for name, side in (("thumbnail", 25), ("overview", 50)):
        picture = client.get(item["assets"][name]["href"])
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
        assert int.from_bytes(picture.body[16:20], "big") == side
    assert client.get(item["assets"]["B04"]["href"]).status == 403
    assert client.get("/api/v1/scenes/S2A_x").code == "INVALID_ID_FORMAT"
    assert client.get("/api/v1/scenes/sentinel-2%3AS2A_x").code == "SCENE_NOT_FOUND"


def test_assets_are_signed_for_an_hour_and_stream(client: AstraClient) -> None:
    answer = client.assets(scene_id=AFTER).json
    assert list(answer["assets"]) == ["B02", "B03", "B04", "B08", "B11", "B12", "visual"]
    assert answer["metadata"] == {"crs": "EPSG:32632", "resolution": 10, "source_provider": "copernicus", "routing": "converted"}
    red = answer["assets"]["B04"]
    assert (red["title"], red["eo:bands"][0]["common_name"]) == ("Red (B04) - 10m", "red")
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "CPL_VSIL_CURL_USE_HEAD": "NO"}
    for name, value in options.items():
        gdal.SetConfigOption(name, value)
    try:
        values = gdal.Open(f"/vsicurl/{red['href']}").ReadAsArray()
    finally:
        for name in options:
            gdal.SetConfigOption(name, None)
    np.testing.assert_array_equal(values, client.sim.astra.bands(AFTER)["red"])
    client.sim.clock.advance(3601)
    assert client.get(red["href"]).status == 403
    jpeg = client.assets(scene_id=AFTER, bands="nir", format="jpeg").json["assets"]["B08"]
    assert client.get(jpeg["href"]).body[:2] == b"\xff\xd8"
    assert client.assets(scene_id=AFTER, bands="xyz").code == client.assets(scene_id=AFTER, format="zip").code == "VALIDATION_ERROR"
    landsat = client.sim.astra.scenes(*MUNICH, date(2026, 5, 1), date(2026, 5, 31), "landsat")[0]
    found = client.assets(scene_id=landsat.scene_id(), bands="nir").json
    assert (list(found["assets"]), found["metadata"]["resolution"]) == (["B05"], 30)


# the other dialects


def test_as_coded(client: AstraClient) -> None:
    client.key = client.sim.astra.coded_key
    assert client.call("POST", PROCESS, {}).json == {"error": "operation is required"}
    refused = client.call("POST", PROCESS, ndvi())
    assert (refused.status, refused.json, refused.headers["X-RateLimit-Limit"]) == (400, {"error": "scene_id is required"}, None)
    answer = client.call("POST", PROCESS, ndvi(scene_id=CODED_AFTER, params={}, colormap=5, bbox=[11, 48, 12, 49]))
    job_id = answer.json["job_id"]
    assert (answer.status, answer.json["bbox"], answer.json["poll_url"]) == (202, [11, 48, 12, 49], f"{PROCESS}/{job_id}")
    assert client.status(job_id)["result_url"] is None
    client.sim.astra.finish(job_id)
    done = client.status(job_id)
    assert (done["status"], done["error"], "result" in done) == ("complete", None, False)
    assert done["result_url"] == f"{client.sim.storage.url}/results/{job_id}/ndvi.tif"
    assert client.get(done["result_url"]).body == client.sim.astra.expected(job_id).data
    assert done["completed_at"][-5] == "."
    lost = client.done({"operation": "ndvi", "scene_id": "sentinel-2-l2a:x"})
    assert (client.status(lost)["status"], client.status(lost)["error"]) == ("failed", "Scene not found")
    assert client.get(f"{PROCESS}/none").json == {"error": "Job not found"}
    same = client.done({"operation": "change_detection", "scene_id": CODED_AFTER})
    assert set(np.unique(client.sim.astra.expected(same).array)) == {0, 255}


def test_reading_as_coded_needs_no_key(client: AstraClient) -> None:
    client.sim.astra.settings.dialect = "as-coded"
    client.key = None
    assert client.get(f"{PROCESS}/none").json == {"error": "Invalid or missing API key"}
    found = client.search(limit=100).json
    assert (sorted(found), sorted(found["context"])) == (["context", "features", "type"], ["matched", "returned"])
    scene = next(scene for scene in found["features"] if scene["id"].startswith("sentinel-2-l2a:"))
    assert (scene["properties"]["astra:provider"], scene["assets"]["red"]["astra:band_name"]) == ("sentinel-2-l2a", "B04")
    assert client.get(f"/api/v1/scenes/{quote(scene['id'])}").json["id"] == scene["id"]
    assert client.get("/api/v1/scenes/sentinel-2-l2a:x").status == 500
    assert client.get("/api/v1/scenes/other:x").status == 400
    none = client.search(collections="planetary-computer").json
    assert (none["features"], none["warnings"]) == ([], ["No providers match the requested collections"])
    plain = client.assets(scene_id=scene["id"], bands="red,xyz").json["assets"]
    assert [asset["status"] for asset in plain] == ["ready", "error"]
    assert plain[0]["is_cog"] is False
    second = client.sim.astra.scenes(*MUNICH, date(2026, 5, 1), date(2026, 5, 31), "planetary-computer")[0]
    signed = client.assets(scene_id=second.scene_id("as-coded"), bands="red").json["assets"][0]
    assert client.get(signed["url"]).body[:4] == b"II*\0"


def test_a_stub_is_always_queued(client: AstraClient) -> None:
    client.key = client.sim.astra.stub_key
    job_id = client.done({"operation": "ndvi", "scene_id": CODED_AFTER})
    for known in (job_id, "anything"):
        assert client.status(known)["status"] == "queued"


def test_control_knows_all_services(client: AstraClient) -> None:
    control = f"{client.sim.sateais.url}/_control"
    client.call("POST", f"{control}/next", {"persona": "astra", "fail_code": "LOST"})
    answer = client.call("POST", PROCESS, ndvi())
    job_id = answer.json["job_id"]
    assert client.call("POST", f"{control}/jobs/{job_id}", {"finish": True}).json["state"] == "failed"
    assert [(job["persona"], job["job_id"]) for job in client.get(f"{control}/jobs").json["jobs"]] == [("astra", job_id)]
    assert client.call("POST", f"{control}/settings", {"astra": {"dialect": "as-coded"}}).json["astra"]["dialect"] == "as-coded"
