"""The simulator keeps the promises of the Mapflow contract: results, large ones, tiles, faults."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from osgeo import gdal, ogr
from simulator import Simulator
from simulator.client import DAY, START
from simulator.mapflow_client import FAR, NEAR, MapflowClient, creation, multi, polygon, source

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        simulator.clock.speed = 0
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> MapflowClient:
    return MapflowClient(sim, sim.mapflow)


# results


def test_results_of_all_models(client: MapflowClient) -> None:
    mapflow, found = client.sim.mapflow, {}
    for name in mapflow.model_names:
        zoom = 17 if "Roads" in name or "Constr" in name else 19
        job = client.done(creation(wdName=name, params=source(providerName="mapbox", zoom=zoom)))
        answer = client.result(job)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.body == mapflow.result_bytes(job)
        shapes = answer.json["features"]
        assert len({one["properties"]["id"] for one in shapes}) == len(shapes)
        found[name.split(" ", 1)[1]] = ({one["properties"]["object_type"] for one in shapes}, {one["geometry"]["type"] for one in shapes})
    assert found == {
        "Buildings": ({"buildings"}, {"Polygon"}), "Forest": ({"forest"}, {"Polygon"}), "Roads": ({"roads"}, {"Polygon"}),
        "Construction sites": ({"construction"}, {"Polygon"}), "Tree crowns": ({"crown"}, {"Point"}),
        "Buildings + Roads + Forest": ({"building", "roads", "forest", "waterbodies"}, {"Polygon"}),
        "open data": ({"buildings", "roads", "landuse"}, {"Polygon", "LineString"}), "Buildings (Aerial)": ({"buildings"}, {"Polygon"})}


def test_attributes_follow_the_blocks_and_findings_lie_inside(client: MapflowClient) -> None:
    plain = client.result(client.done()).json["features"][0]["properties"]
    assert {"class_id", "building_height"}.isdisjoint(plain)
    blocks = [{"name": name, "enabled": True} for name in ("Classification", "Heights")]
    shape = polygon()
    shapes = client.result(client.done(creation(geometry=shape, blocks=blocks))).json["features"]
    assert {one["properties"]["class_id"] for one in shapes} <= {"101", "102", "103", "104", "105"}
    outline = ogr.CreateGeometryFromJson(json.dumps(shape))
    for one in shapes:
        inner = ogr.CreateGeometryFromJson(json.dumps(one["geometry"]))
        assert inner.IsValid()
        assert outline.Contains(inner)
        assert one["properties"]["area"] >= 20
        assert 3 <= one["properties"]["building_height"] <= 40


def test_when_there_is_no_result(client: MapflowClient) -> None:
    job = client.job(result_lag=30.0, result_lag_status=409)
    assert (client.result(job).status, client.result(job).json["code"]) == (400, "BAD_REQUEST")
    client.sim.mapflow.finish(job)
    assert client.result(job).status == 409
    client.sim.clock.advance(31)
    assert client.result(job).status == 200
    assert client.result(job, "?aoiId=unknown").json["features"] == []
    client.key = client.sim.mapflow.tokens["second"]
    assert client.result(job).status == 404
    client.key = client.sim.mapflow.tokens["free"]
    assert client.result(client.done()).status == 403


def test_odd_results(client: MapflowClient) -> None:
    dirty = client.result(client.done(dirty=True)).json["features"]
    assert dirty[1]["geometry"] is None
    assert isinstance(dirty[0]["properties"]["details"], dict)
    assert b'"area": NaN' in client.result(client.done(nan="result")).body


def test_each_aoi_has_its_own_part(client: MapflowClient) -> None:
    job = client.done(creation(geometry=multi(NEAR, FAR)))
    parts = [client.result(job, f"?aoiId={one['id']}").json["features"] for one in client.get(f"/processings/{job}/aois").json]
    assert sum(map(len, parts)) == len(client.result(job).json["features"])
    assert parts[0][0]["geometry"]["coordinates"][0][0][0] < 4.42 < parts[1][0]["geometry"]["coordinates"][0][0][0]


# large results


def download(client: MapflowClient, job: str, stop_at: int = 1 << 40) -> tuple[int, int, float]:
    """Announced length, bytes received, seconds."""
    root = urlsplit(client.sim.mapflow.url)
    connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=20)
    try:
        began, size = time.monotonic(), 0
        connection.request("GET", f"{root.path}/processings/{job}/result", headers={"Authorization": f"Basic {client.key}"})
        reply = connection.getresponse()
        while size < stop_at:
            piece = reply.read(1 << 18)
            if not piece:
                break
            size += len(piece)
        return int(reply.headers.get("Content-Length", "0")), size, time.monotonic() - began
    finally:
        connection.close()


def test_a_large_result_is_what_it_says(client: MapflowClient) -> None:
    job = client.done(creation(geometry=multi(NEAR, FAR)), polygons=2501)
    answer = client.result(job)
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert len({one["properties"]["id"] for one in answer.json["features"]}) == 2501
    assert all(-180 < p[0] < 180 for one in answer.json["features"] for p in one["geometry"]["coordinates"][0])
    assert answer.body == client.sim.mapflow.result_bytes(job)


def test_a_large_result_needs_no_memory_and_can_be_left(client: MapflowClient) -> None:
    job = client.done(polygons=1_000_000)
    tracemalloc.start()
    announced, size, _ = download(client, job, stop_at=40_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 274_900_000 < announced < 275_100_000
    assert size >= 40_000_000
    assert peak < 8_000_000


def test_a_large_result_comes_at_a_given_rate(client: MapflowClient) -> None:
    job = client.done(polygons=10_000, rate=2_500_000.0)
    announced, size, seconds = download(client, job)
    assert announced == size
    assert 0.9 * size / 2_500_000 < seconds < 2 * size / 2_500_000 + 0.5


def test_faults_over_a_large_result(client: MapflowClient) -> None:
    job, path = client.done(polygons=3000), "*/result"
    client.sim.fault("cut", path=path, at=100_000)
    with pytest.raises(http.client.IncompleteRead):
        client.result(job)
    client.sim.fault("chunked", path=path)
    assert client.result(job).body == client.sim.mapflow.result_bytes(job)
    client.sim.fault("truncated", path=path)
    assert client.result(job).body == client.sim.mapflow.result_bytes(job)[:len(client.sim.mapflow.result_bytes(job)) // 2]
    client.sim.fault("status", path=path, status=503)
    assert client.result(job).status == 503


# tiles and previews


def test_tiles_without_credentials(client: MapflowClient) -> None:
    mapflow, job = client.sim.mapflow, client.done()
    told = client.told(job)
    tilejson = client.get(told["vectorLayer"]["tileJsonUrl"]).json
    assert tilejson["bounds"] == pytest.approx([4.4, 51.23, 4.412, 51.242])
    tile = client.get(told["vectorLayer"]["tileUrl"].format(z=14, x=8392, y=5467))
    gdal.FileFromMemBuffer("/vsimem/tile.mvt", tile.body)
    dataset = gdal.OpenEx("/vsimem/tile.mvt", open_options=["X=8392", "Y=5467", "Z=14"])
    layer = dataset.GetLayerByName("vector_layer")
    found = [json.loads(one.ExportToJson()) for one in layer]
    assert len(found) > 10
    assert {one["properties"]["object_type"] for one in found} == {"buildings"}
    del layer, dataset
    gdal.Unlink("/vsimem/tile.mvt")
    for key in ("rasterLayer", "resultRasterLayer"):
        assert client.get(told[key]["tileJsonUrl"]).json["bounds"] == tilejson["bounds"]
        assert client.get(told[key]["tileUrl"].format(z=14, x=8392, y=5467)).body.startswith(b"\x89PNG")
    assert mapflow.leaks == []
    assert client.get(told["vectorLayer"]["tileJsonUrl"], Authorization=f"Basic {client.key}").status == 400
    client.get(f"/user/status?token={quote(mapflow.token)}")
    assert len(mapflow.leaks) == 2
    client.get(f"/user/status?token={mapflow.token.rstrip('=')}")
    assert len(mapflow.leaks) == 3


@pytest.mark.parametrize(("shape", "vector", "result"), [
    ("vector", True, False), ("raster_result", False, True), ("none", False, False), ("both", True, True)])
def test_which_layers_there_are(client: MapflowClient, shape: str, vector: bool, result: bool) -> None:
    told = client.told(client.done(layers=shape))
    assert (told["vectorLayer"] is not None, told["resultRasterLayer"] is not None) == (vector, result)
    assert client.told(client.done(layers="null_urls"))["vectorLayer"]["tileUrl"] is None


# as a whole


def test_a_creation_can_be_lost_on_the_way_back(client: MapflowClient) -> None:
    client.sim.fault("drop_after", path="*/processings/v2", method="POST")
    with pytest.raises(http.client.RemoteDisconnected):
        client.post("/processings/v2", creation(meta={"marker": "m-7"}))
    assert [one["meta"]["marker"] for one in client.get("/processings/v2").json] == ["m-7"]


def test_the_control_interface_knows_it(client: MapflowClient) -> None:
    base = client.sim.sateais.url
    state = client.get(f"{base}/_control/state").json
    assert state["mapflow"]["url"].endswith("/rest")
    assert state["mapflow"]["keys"]["good"] == client.sim.mapflow.token
    client.call("POST", f"{base}/_control/next", {"persona": "mapflow", "fail_codes": ["inference.internalError"]})
    job = client.job()
    client.call("POST", f"{base}/_control/jobs/{job}", {"finish": True})
    assert client.told(job)["status"] == "FAILED"
    client.call("POST", f"{base}/_control/settings", {"mapflow": {"crowd": 3}})
    assert len(client.get("/processings/v2").json) == 4
    client.call("POST", f"{base}/_control/clock", {"advance": DAY})
    assert {one["persona"] for one in client.get(f"{base}/_control/jobs").json["jobs"]} == {"mapflow"}


def test_the_command_line_shows_it() -> None:
    command = [sys.executable, str(REPO / "tests" / "simulator"), "--port", "0", "--seed", "7"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    watch = threading.Timer(10, process.kill)
    watch.start()
    try:
        lines = [line for line, _ in zip(iter(process.stdout.readline, ""), range(60))]  # type: ignore[union-attr]
    finally:
        watch.cancel()
        process.kill()
        process.communicate()
    assert any(line.startswith("Mapflow") and "/rest" in line for line in lines)
