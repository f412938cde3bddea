"""A plain client and valid submissions, for tests of the simulator itself."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from .simulator import Simulator

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
        return str(self.json["error"]["code"])


class Client:
    """A plain client of one service (SateAIs unless told): one connection per call, no redirects followed."""

    def __init__(self, sim: Simulator, service: Any = None) -> None:
        self.sim = sim
        self.service = service or sim.sateais
        self.key: str | None = self.service.key

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        parts = urlsplit(url if url.startswith("http") else self.service.url + url)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if parts.port == urlsplit(self.service.url).port and self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
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
        return str(answer.json["job_id"])

    def done(self, kind: str = "ship", body: Any = None) -> str:
        job_id = self.job(kind, body)
        self.sim.sateais.finish(job_id)
        return job_id

    def result(self, job_id: str) -> Answer:
        return self.get(f"{JOBS}/{job_id}/result.geojson")

    def link(self, job_id: str) -> str:
        return self.result(job_id).headers["Location"]
