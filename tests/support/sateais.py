"""A SateAIs provider on a transport that gives prepared answers."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional
from urllib.parse import urlsplit

from groundtrack.aoi import from_bounds
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import SateAIs
from groundtrack.providers.transport import Options

KEY = "sk_live_abcdef0123456789"
SCENE = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
AREA = from_bounds(3.9, 51.95, 4.2, 52.1)
SHIPS = Request("ship", {"date": "2026-05-04"}, AREA)
WHOLE = Request("ship", {"scene_id": SCENE})
PAIR = Request("newbuilding", {"date_start": "2024-03-01", "date_end": "2026-03-01"}, AREA)
SERIES = replace(PAIR, operation="timeseries", aoi=from_bounds(11.5, 48.1, 11.56, 48.14))
JOB = "5b0c8d52-0f0e-4b6e-9d2a-2f4f3f9d7c11"
SENT = 1_790_000_000.0
CODES = """VALIDATION_ERROR INVALID_SCENE UNAUTHORIZED INSUFFICIENT_CREDITS FORBIDDEN NOT_FOUND SCENE_NOT_FOUND
INSUFFICIENT_SCENES GONE PAYLOAD_TOO_LARGE RATE_LIMIT_EXCEEDED INTERNAL_ERROR""".split()

Answer = tuple[int, Any]


class Script:
    """A transport that gives prepared answers by method and path, and remembers the calls."""

    def __init__(self, answers: Mapping[str, Answer], headers: Optional[Mapping[str, str]] = None) -> None:
        self.answers, self.headers, self.calls = answers, headers or {}, []

    def send(self, call: HttpCall, options: Options) -> Reply:
        path = urlsplit(call.url).path.replace("/api/v1", "", 1)
        self.calls.append((call, options))
        status, body = self.answers.get(f"{call.method} {path}", (404, {"message": "Not Found"}))
        if isinstance(body, Exception):
            raise body
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status, {"content-type": "application/json", **self.headers}, data, call.url)

    @property
    def paths(self) -> list[str]:
        return [f"{call.method} {urlsplit(call.url).path.replace('/api/v1', '', 1)}" for call, _ in self.calls]


def provider(answers: Optional[Mapping[str, Answer]] = None, url: str = "", key: str = KEY, **headers: str) -> SateAIs:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    account = Account("sateais", "test", {"url": url or f"https://sateais-{time.monotonic_ns()}.test"}, Secrets({"api_key": key}))
    return SateAIs(account, Script(answers or {}, named))


def reply(status: int, body: Any = b"", path: str = "/api/v1/jobs/1", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, data, f"https://api.spcsft.com{path}")


def stamp(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).isoformat().replace("+00:00", "Z")
