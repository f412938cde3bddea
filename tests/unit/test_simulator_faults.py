"""The simulator serves its results and misbehaves exactly as told."""

from __future__ import annotations

import http.client
import json
import random
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from simulator import Simulator
from simulator.client import JOBS, START, Answer, Client, scene, series, ship
from simulator.geometry import contains, crosses_itself, holds


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> Client:
    return Client(sim)


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


