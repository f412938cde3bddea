"""The simulator keeps the promises of the SateAIs contract, seen over real HTTP."""

from __future__ import annotations

import http.client
import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from simulator import Simulator
from simulator.geometry import area_sqkm, contains, crosses_itself, holds, parse_polygon

JOBS = "/api/v1/jobs"
SMALL = "POLYGON((11.50 48.10, 11.52 48.10, 11.52 48.12, 11.50 48.12, 11.50 48.10))"
SEA = "POLYGON((3.90 51.95, 4.20 51.95, 4.20 52.10, 3.90 52.10, 3.90 51.95))"
SCENE = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
START = 1_790_000_000.0  # 2026-09-21
DAY = 86_400


def ship(**changes: Any) -> dict[str, Any]:
    return _body({"satellite_id": "sentinel-1", "polygon": SEA, "date": "2026-05-04"}, changes)


def series(**changes: Any) -> dict[str, Any]:
    return _body({"satellite_id": "sentinel-1", "polygon": SMALL, "date_start": "2025-01-01", "date_end": "2026-01-01"},
                 changes)


def scene(**changes: Any) -> dict[str, Any]:
    return _body({"satellite_id": "sentinel-1", "scene_id": SCENE}, changes)


def _body(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **changes}
    return {name: value for name, value in merged.items() if value != "omit"}


class Answer:
    def __init__(self, reply: http.client.HTTPResponse, body: bytes) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Client:
    """A plain client: one connection per call, no redirects followed."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.key: str | None = sim.sateais.key

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        parts = urlsplit(url if url.startswith("http") else self.sim.sateais.url + url)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if parts.port == urlsplit(self.sim.sateais.url).port and self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            connection.request(method, parts._replace(scheme="", netloc="").geturl(), data, sent)
            reply = connection.getresponse()
            return Answer(reply, reply.read())
        finally:
            connection.close()

    def get(self, url: str, **headers: str) -> Answer:
        return self.call("GET", url, None, **headers)

    def submit(self, kind: str = "ship", body: Any = None, segment: str = "analyze") -> Answer:
        return self.call("POST", f"/api/v1/{segment}/{kind}", ship() if body is None else body)

    def job(self, kind: str = "ship", body: Any = None) -> str:
        answer = self.submit(kind, body)
        assert answer.status == 202, answer.body
        return answer.json["job_id"]

    def done(self, kind: str = "ship", body: Any = None) -> str:
        job_id = self.job(kind, body)
        self.sim.sateais.finish(job_id)
        return job_id

    def result(self, job_id: str) -> Answer:
        return self.get(f"{JOBS}/{job_id}/result.geojson")

    def link(self, job_id: str) -> str:
        return self.result(job_id).headers["Location"]


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


# results


@pytest.mark.parametrize(("kind", "body"), [("ship", ship()), ("ship", scene()), ("oilslick", scene()), (
    "newbuilding", series()), ("disappearbuilding", series(polygon="POLYGON((0 0,0.001 0,0 0.001,0 0))"))])
def test_detections_lie_inside_the_outline(client: Client, kind: str, body: dict[str, Any]) -> None:
    job_id = client.done(kind, body)
    found = client.get(client.link(job_id)).json["features"]
    ring = client.sim.sateais.jobs[job_id].ring
    outlines = [[tuple(point) for point in feature["geometry"]["coordinates"][0]] for feature in found]
    assert outlines
    assert all(holds(ring, outline) and outline[0] == outline[-1] for outline in outlines)
    assert not any(crosses_itself(outline) for outline in outlines)


def test_time_series_cells_cover_the_outline_and_are_mostly_charts(client: Client) -> None:
    job_id = client.done("timeseries", series())
    data = client.get(client.link(job_id)).body
    features = json.loads(data)["features"]
    charts = sum(len(json.dumps(f["properties"][name])) for f in features for name in ("upper_chart", "lower_chart"))
    assert 0.8 < charts / len(data) < 0.92
    rings = [[tuple(point) for point in f["geometry"]["coordinates"][0]] for f in features]
    draw = random.Random(1)
    for _ in range(40):
        point = (draw.uniform(11.5, 11.52), draw.uniform(48.1, 48.12))
        assert any(contains(ring, point) for ring in rings)
    assert 1 <= sum(abs(f["properties"]["deviation"]) >= 0.05 for f in features) < len(features) / 50
    client.sim.sateais.change_job(job_id, charts="small")
    assert len(client.sim.sateais.result_bytes(job_id)) < len(data) / 3


def test_result_variants(client: Client) -> None:
    client.sim.sateais.next_job(result="empty", direct=True)
    empty = client.result(client.done())
    assert (empty.status, empty.json["features"]) == (200, [])
    client.sim.sateais.next_job(result="zip")
    assert client.get(client.link(client.done())).headers["Content-Type"] == "application/zip"
    client.sim.sateais.next_job(result="nan")
    assert b"NaN" in client.get(client.link(client.done("timeseries", series()))).body


def test_a_seed_makes_ids_and_results_repeatable() -> None:
    results = []
    for _ in range(2):
        with Simulator(start=START, seed=3) as sim:
            results.append(sim.sateais.result_bytes(Client(sim).done()))
    assert results[0] == results[1]


def test_a_cut_download_resumes(client: Client) -> None:
    link = client.link(client.done())
    client.sim.fault("cut", persona="storage", fraction=0.4)
    with pytest.raises(http.client.IncompleteRead) as broken:
        client.get(link)
    start = broken.value.partial
    rest = client.get(link, Range=f"bytes={len(start)}-")
    whole = client.get(link)
    assert (rest.status, start + rest.body) == (206, whole.body)
    assert rest.headers["Content-Range"] == f"bytes {len(start)}-{len(whole.body) - 1}/{len(whole.body)}"
    assert client.get(link, Range="bytes=5-", If_Range='"other"').status == 200
    assert client.get(link, Range="bytes=5-", If_Range=whole.headers["ETag"]).status == 206
    assert client.get(link, Range=f"bytes={len(whole.body)}-").status == 416
    client.sim.storage.settings.ranges = False
    assert client.get(link, Range="bytes=5-").status == 200


# faults


def test_a_connection_dropped_afterwards_leaves_a_job(client: Client) -> None:
    client.sim.fault("drop_after", method="POST")
    with pytest.raises(ConnectionError):
        client.submit()
    assert len(client.sim.sateais.jobs) == 1
    assert (client.sim.requests[-1].status, client.sim.requests[-1].fault) == (0, "drop_after")


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_dropped_before_leaves_nothing(client: Client, reset: bool) -> None:
    client.sim.fault("drop_before", method="POST", reset=reset)
    with pytest.raises(ConnectionResetError if reset else http.client.RemoteDisconnected):
        client.submit()
    assert client.sim.sateais.jobs == {}
    assert client.sim.requests[-1].json == ship()


def test_a_gateway_error_may_hide_a_job(client: Client) -> None:
    client.sim.fault("status", status=504, body="", acted=True, method="POST")
    assert client.submit().status == 504
    assert len(client.sim.sateais.jobs) == 1


def test_faults_strike_where_and_as_often_as_told(client: Client) -> None:
    fault = client.sim.fault("rate_limit", path="/api/v1/me", after=1, times=2, retry_after=7)
    assert [client.get("/api/v1/me").status for _ in range(4)] == [200, 429, 429, 200]
    assert client.get(JOBS).status == 200
    assert fault.spent
    client.sim.fault("rate_limit", retry_after=30, as_date=True)
    assert client.get(JOBS).headers["Retry-After"].endswith("GMT")
    with pytest.raises(ValueError, match="no option"):
        client.sim.fault("slow", dellay=1)


def test_answers_that_are_not_what_they_should_be(client: Client) -> None:
    sim, job_id = client.sim, client.job()
    path = f"{JOBS}/{job_id}"

    def under(kind: str, **options: Any) -> Answer:
        sim.fault(kind, path=path, **options)
        return client.get(path)

    assert under("unknown_state", word="reviewing").json["status"] == "reviewing"
    assert "job_id" not in under("missing_job_id").json
    assert b"NaN" in under("nan").body
    assert under("empty").body == b""
    assert under("html").headers["Content-Type"].startswith("text/html")
    assert under("gzip").headers["Content-Encoding"] == "gzip"
    assert under("chunked").json["job_id"] == job_id
    assert len(under("huge", megabytes=2).body) == 2_000_000
    assert under("wrong_type", content_type="").headers["Content-Type"] is None
    assert under("redirect").headers["Location"].startswith(sim.storage.url)
    assert under("redirect_loop").headers["Location"] == path
    for broken in ("garbage", "truncated"):
        with pytest.raises(ValueError):
            _ = under(broken).json
    with pytest.raises(http.client.BadStatusLine):
        under("not_http")
    sim.fault("empty_list")
    assert client.get(JOBS).json == {"jobs": []}
    sim.fault("expired_link", persona="storage")
    sim.sateais.finish(job_id)
    assert [client.get(client.link(job_id)).status for _ in range(2)] == [403, 200]


def test_slow_answers(client: Client) -> None:
    client.sim.fault("slow", delay=0.2)
    client.sim.fault("trickle", rate=1000)
    start = time.monotonic()
    assert client.get(JOBS).json == {"jobs": []}
    assert time.monotonic() - start > 0.25


def test_stopping_does_not_wait_for_a_hanging_answer() -> None:
    with Simulator() as sim:
        sim.fault("hang")
        with socket.create_connection(("127.0.0.1", urlsplit(sim.sateais.url).port), timeout=10) as connection:
            connection.sendall(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n")
            assert len(sim.requests.wait(1)) == 1
            start = time.monotonic()
            sim.stop()
            assert connection.recv(10) == b""
    assert time.monotonic() - start < 1.0


def test_kept_connections_answer_without_the_delayed_acknowledgement(client: Client) -> None:
    client.sim.sateais.settings.rate_limit = False
    connection = http.client.HTTPConnection(urlsplit(client.sim.sateais.url).netloc, timeout=10)
    start = time.monotonic()
    for _ in range(50):
        connection.request("GET", "/api/v1/me", headers={"Authorization": f"Bearer {client.key}"})
        assert connection.getresponse().read()
    connection.close()
    assert time.monotonic() - start < 1.0  # 50 x 40 ms would be 2 s


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


def test_from_the_command_line() -> None:
    folder = Path(__file__).resolve().parents[1] / "simulator"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(folder), "--port", str(port), "--speed", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip().endswith(f"http://127.0.0.1:{port}")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_control/state", timeout=10) as reply:
                assert json.load(reply)["clock"]["speed"] == 60
        finally:
            process.terminate()
