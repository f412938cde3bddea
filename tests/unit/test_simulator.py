"""The simulator keeps the promises of the SateAIs contract, seen over real HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from simulator import Simulator
from simulator.client import DAY, JOBS, SCENE, SEA, SMALL, START, Client, scene, series, ship
from simulator.geometry import area_sqkm, parse_polygon


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> Client:
    return Client(sim)


@pytest.mark.parametrize("header", ["", "sk_live_x", "Bearer ", "Bearer other_key", "bearer sk_live_x", "Basic c2s6"])
def test_a_missing_or_malformed_key_is_401(client: Client, header: str) -> None:
    client.key = None
    answer = client.get("/api/v1/me", **({"Authorization": header} if header else {}))
    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_special_keys(client: Client) -> None:
    client.key = client.sim.sateais.forbidden_key
    assert (client.submit().status, client.submit().code) == (403, "FORBIDDEN")
    client.key = client.sim.sateais.broke_key
    assert (client.submit().status, client.submit().code) == (402, "INSUFFICIENT_CREDITS")
    assert client.call("POST", "/api/v1/analyze/ship/preview", ship()).json["credits"]["sufficient"] is False
    client.key = client.sim.sateais.revoked_key
    assert client.get(JOBS).status == 401


def test_a_segment_switched_off_has_no_route(client: Client) -> None:
    client.sim.sateais.settings.analyze = False
    missing = client.submit()
    assert (missing.status, missing.json) == (404, {"message": "Not Found"})
    assert client.submit(segment="detect").status == 202
    client.sim.sateais.settings.preview = client.sim.sateais.settings.me = False
    assert client.get("/api/v1/me").json == {"message": "Not Found"}


REFUSED = [
    ("ship", ship(extra="x"), "extra"),
    ("ship", ship(satellite_id="sentinel-2"), "satellite_id"),
    ("ship", ship(satellite_id="omit"), "satellite_id"),
    ("ship", ship(scene_id=SCENE), "excludes"),
    ("ship", ship(polygon="omit"), "required"),
    ("ship", ship(date="omit"), "date is required"),
    ("ship", ship(date="2026-5-4"), "YYYY-MM-DD"),
    ("ship", ship(date="2026-02-30"), "YYYY-MM-DD"),
    ("ship", ship(date="2027-01-01"), "future"),
    ("ship", ship(date_direction="around"), "date_direction"),
    ("ship", ship(orbit_direction=None), "orbit_direction"),
    ("ship", scene(date="2026-05-04"), "excludes"),
    ("ship", ship(polygon="MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"), "POLYGON"),
    ("ship", ship(polygon="SRID=4326;POLYGON((0 0,1 0,1 1,0 0))"), "POLYGON"),
    ("ship", ship(polygon="POLYGON((0 0,1 0,1 1,0 1))"), "closed"),
    ("ship", ship(polygon="POLYGON((0 0 1,1 0 1,1 1 1,0 0 1))"), "vertex"),
    ("ship", ship(polygon="POLYGON((0 0,200 0,1 1,0 0))"), "longitude"),
    ("ship", ship(polygon="POLYGON((170 0,-170 0,-170 1,170 1,170 0))"), "antimeridian"),
    ("ship", ship(polygon="POLYGON((0 0,1 1,1 0,0 1,0 0))"), "cross itself"),
    ("ship", ship(polygon="POLYGON((0 0,3 0,3 3,0 0),(1 .5,2 .5,2 1,1 .5))"), "vertex"),
    ("ship", ship(polygon="POLYGON((0 0,3 0,3 3,0 0),(1 0.5,2 0.5,2 1,1 0.5))"), "holes"),
    ("newbuilding", scene(), "scene_id"),
    ("newbuilding", series(date_start="2026-01-01"), "before"),
    ("timeseries", series(date_start="2022-12-31"), "3 years"),
    ("timeseries", series(polygon=SEA), "50 km2 for timeseries"),
    ("disappearbuilding", series(polygon="POLYGON((0 0,2 0,2 2,0 2,0 0))"), "30000 km2 for disappearbuilding"),
]


@pytest.mark.parametrize(("kind", "body", "words"), REFUSED)
def test_what_breaks_a_rule_is_refused(client: Client, kind: str, body: dict[str, Any], words: str) -> None:
    answer = client.submit(kind, body)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert words in answer.json["error"]["message"]
    assert client.sim.sateais.jobs == {}


def test_scenes_that_do_not_serve(client: Client) -> None:
    assert client.submit("ship", scene(scene_id=SCENE.replace("GRDH", "SLC_"))).code == "INVALID_SCENE"
    assert client.submit("oilslick", scene(scene_id=SCENE + ".SAFE")).code == "INVALID_SCENE"
    old = client.submit("ship", ship(date="2013-01-01"))
    assert (old.status, old.code) == (404, "SCENE_NOT_FOUND")
    pair = client.submit("newbuilding", series(date_start="2025-01-01", date_end="2025-01-02"))
    assert pair.code == "INSUFFICIENT_SCENES"
    client.sim.sateais.settings.scene_shortage = True
    client.sim.sateais.settings.shortage_as = "fail"
    job_id = client.job("timeseries", series())
    client.sim.clock.advance(71)
    assert client.get(f"{JOBS}/{job_id}").json["error_code"] == "INSUFFICIENT_SCENES"
    preview = client.call("POST", "/api/v1/analyze/ship/preview", ship())
    assert (preview.status, preview.json["warnings"][0]["code"]) == (200, "SCENE_NOT_FOUND")


def test_content_type_belongs_to_post_only(client: Client) -> None:
    assert client.get(JOBS, Content_Type="application/json").status == 400
    assert client.call("POST", "/api/v1/analyze/ship", ship(), Content_Type="text/plain").status == 400


def test_preview_tells_coverage_and_price_and_creates_nothing(client: Client) -> None:
    client.sim.sateais.settings.coverage = 0.5
    answer = client.call("POST", "/api/v1/analyze/newbuilding/preview", series()).json
    assert answer["coverage"]["ratio"] == pytest.approx(0.5, abs=0.01)
    assert answer["area_sqkm"] == pytest.approx(answer["coverage"]["requested_area_sqkm"] / 2, rel=0.01)
    assert [warning["code"] for warning in answer["warnings"]] == ["LOW_AOI_COVERAGE"]
    assert answer["credits"]["sufficient"] is True
    assert parse_polygon(answer["coverage"]["polygon"])
    by_scene = client.call("POST", "/api/v1/analyze/ship/preview", scene()).json
    assert (by_scene["coverage"], by_scene["credits"]["estimated"], by_scene["credits"]["sufficient"]) == (None, None, None)
    assert client.sim.sateais.jobs == {}


def test_a_job_goes_through_its_states_and_is_charged_at_the_end(client: Client) -> None:
    answer = client.submit()
    assert answer.json["status"] == "pending"
    assert answer.json["completed_at"] is None
    path = f"{JOBS}/{answer.json['job_id']}"
    client.sim.clock.advance(60)
    assert client.get(path).json["status"] == "processing"
    assert client.result(answer.json["job_id"]).status == 409
    assert client.get("/api/v1/me").json["credits"]["balance"] == 1000
    client.sim.clock.advance(900)
    job = client.get(path).json
    assert (job["status"], job["result_path"]) == ("completed", f"{path}/result.geojson")
    assert job["error"] is None
    assert "endpoint_id" not in job
    assert "request_params" not in job
    assert client.get("/api/v1/me").json["credits"]["balance"] == pytest.approx(1000 - job["credits_used"])


@pytest.mark.parametrize(("shape", "error"), [
    ("flat", "SCENE_NOT_FOUND"), ("string", "SCENE_NOT_FOUND"),
    ("object", {"code": "SCENE_NOT_FOUND", "message": "No scene."})])
def test_a_planned_failure_costs_nothing(client: Client, shape: str, error: Any) -> None:
    client.sim.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message="No scene.", error_shape=shape, stamps="micro")
    job_id = client.job()
    client.sim.clock.advance(71)
    job = client.get(f"{JOBS}/{job_id}").json
    assert (job["status"], job["error"], job["result_path"]) == ("failed", error, None)
    assert len(job["completed_at"]) == len("2026-07-03T03:39:21.506327Z")
    assert client.sim.sateais.balance() == 1000
    assert client.result(job_id).status == 409


def test_storage_wants_no_bearer_and_forgets_links(client: Client) -> None:
    job_id = client.done()
    answer = client.result(job_id)
    link = answer.headers["Location"]
    assert answer.status == 302
    assert link.startswith(client.sim.storage.url)
    assert client.sim.storage.url != client.sim.sateais.url
    refused = client.get(link, Authorization=f"Bearer {client.key}")
    assert (refused.status, refused.headers["Content-Type"]) == (400, "application/xml")
    assert client.get(link).body == client.sim.sateais.result_bytes(job_id)
    assert client.get(link.replace("Signature=", "Signature=0")).status == 403
    client.sim.clock.advance(61)
    assert client.get(link).status == 403
    assert b"expired" in client.get(link).body
    assert client.get(client.link(job_id)).status == 200


def test_a_result_is_gone_after_thirty_days(client: Client) -> None:
    job_id = client.done()
    client.sim.clock.advance(29.9 * DAY)
    assert client.result(job_id).status == 302
    client.sim.clock.advance(0.2 * DAY)
    assert (client.result(job_id).status, client.result(job_id).code) == (410, "GONE")
    assert client.get(f"{JOBS}/{job_id}").json["status"] == "completed"


def test_the_sixth_running_job_is_refused(client: Client) -> None:
    jobs = [client.job() for _ in range(5)]
    answer = client.submit()
    assert (answer.status, answer.code) == (429, "RATE_LIMIT_EXCEEDED")
    assert "oncurrent" in answer.json["error"]["message"]
    assert len(client.sim.sateais.jobs) == 5
    client.sim.sateais.finish(jobs[0])
    assert client.submit().status == 202


def test_the_rate_limit_follows_the_virtual_clock(client: Client) -> None:
    client.sim.sateais.settings.burst = 5
    client.sim.sateais.settings.rate = 0.01
    assert [client.get(JOBS).status for _ in range(6)] == [200] * 5 + [429]
    client.sim.clock.advance(200)
    assert client.get(JOBS).status == 200


def test_list_filters(client: Client) -> None:
    first = client.done("newbuilding", series())
    client.sim.clock.advance(5)
    second = client.job()
    listed = client.get(f"{JOBS}?unknown=1").json["jobs"]
    assert [job["job_id"] for job in listed] == [second, first]
    assert listed[0]["request_params"] == {"polygon": SEA, "date": "2026-05-04"}
    assert [j["job_id"] for j in client.get(f"{JOBS}?status=completed,,completed").json["jobs"]] == [first]
    assert [j["job_id"] for j in client.get(f"{JOBS}?endpoint_id=ship&limit=30&limit=1").json["jobs"]] == [second]
    for query in ("status=Completed", "limit=0", "limit=31", "endpoint_id=trees"):
        assert client.get(f"{JOBS}?{query}").status == 400
    client.key = client.sim.sateais.second_key
    assert client.get(JOBS).json == {"jobs": []}
    assert client.get(f"{JOBS}/{first}").code == "NOT_FOUND"


def test_polls_that_come_too_fast_are_recorded(client: Client) -> None:
    job_id = client.job()
    for wait in (300, 60, 20):
        client.sim.clock.advance(wait)
        client.get(f"{JOBS}/{job_id}")
    assert [(what, round(gap)) for what, gap in client.sim.sateais.polls.too_fast] == [(job_id, 20)]


# the clock, the area, the control interface, the command line


def test_the_clock_runs_at_its_speed_and_never_back() -> None:
    sim = Simulator(speed=1000, start=START)
    sim.clock.advance(3600)
    assert sim.clock.now() >= START + 3600
    sim.clock.speed = 0
    stopped = sim.clock.now()
    assert sim.clock.now() == stopped
    with pytest.raises(ValueError, match="back"):
        sim.clock.advance(-1)


@pytest.mark.parametrize("text", [SEA, SMALL, "POLYGON((0 0,1.7 0,1.7 1.5,0 1.5,0 0))", "POLYGON((-60 -70,-58 -70,-59 -68,-60 -70))"])
def test_areas_are_geodesic(text: str) -> None:
    geod = pytest.importorskip("pyproj").Geod(ellps="WGS84")
    ring = parse_polygon(text)[0]
    expected = abs(geod.polygon_area_perimeter(*zip(*ring))[0]) / 1e6
    assert area_sqkm(ring) == pytest.approx(expected, rel=2e-5)


def test_control_over_http(client: Client) -> None:
    def control(method: str, path: str, body: Any = None) -> Any:
        return client.call(method, f"/_control/{path}", body).json

    assert "rate_limit" in control("GET", "")["faults"]
    control("POST", "settings", {"sateais": {"plan": {"run_time": 100}}, "storage": {"ranges": False}})
    control("POST", "next", {"fail_code": "VALIDATION_ERROR"})
    job_id = client.job()
    assert control("POST", "clock", {"advance": 101})["now"] > START + 100
    assert control("GET", "jobs")["jobs"][0]["state"] == "failed"
    control("POST", "faults", {"kind": "status", "status": 503, "path": f"{JOBS}/*"})
    assert client.get(f"{JOBS}/{job_id}").status == 503
    assert [r["status"] for r in control("GET", f"requests?path={JOBS}/*")["requests"]] == [503]
    assert control("GET", "state")["storage"]["settings"]["ranges"] is False
    assert "no switch" in control("POST", "settings", {"sateais": {"prevew": False}})["error"]
    assert control("GET", "faults") == []


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody uses: each service takes the next one."""
    for first in range(20000, 30000, count):
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free ports")


def test_from_the_command_line() -> None:
    folder = Path(__file__).resolve().parents[1] / "simulator"
    port = free_ports(8)
    command = [sys.executable, str(folder), "--port", str(port), "--speed", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip().endswith(f"http://127.0.0.1:{port}")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_control/state", timeout=10) as reply:
                assert json.load(reply)["clock"]["speed"] == 60
        finally:
            process.terminate()
