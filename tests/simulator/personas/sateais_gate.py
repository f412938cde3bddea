"""The gateway in front of the SateAIs persona: keys, request rate, headers, shapes of errors; and the polling guard."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from .sateais_rules import Refusal, invalid
from .sateais_settings import REVOKED_KEY, SateaisSettings

BEARER = re.compile(r"Bearer (sk_live_[A-Za-z0-9_-]+)")
GATEWAY = {"not_found": (404, "Not Found"), "missing_token": (403, "Missing Authentication Token"),
           "not_allowed": (405, "Method Not Allowed")}


class Gate:
    """Checks made before any handler sees a request."""

    def __init__(self, clock: VirtualClock, settings: SateaisSettings) -> None:
        self.revoked = {REVOKED_KEY}
        self._clock = clock
        self._settings = settings
        self._buckets: dict[str, tuple[float, float, float]] = {}
        self._lock = threading.Lock()

    def admit(self, request: Request) -> str:
        """The key of an admissible request; raises Refusal."""
        match = BEARER.fullmatch(request.header("Authorization") or "")
        if match is None or match.group(1) in self.revoked:
            raise Refusal(401, "UNAUTHORIZED", "API key is missing, malformed or revoked")
        if self._settings.rate_limit and not self._spend(match.group(1)):
            raise Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many requests")
        self._check_headers(request)
        return match.group(1)

    def _spend(self, key: str) -> bool:
        now, real = self._clock.now(), time.monotonic()
        with self._lock:
            left, then, real_then = self._buckets.get(key, (float(self._settings.burst), now, real))
            # a slow or standing clock must not make the limit stricter than it is in real time
            refill = max(now - then, real - real_then) * self._settings.rate
            left = min(float(self._settings.burst), left + refill)
            enough = left >= 1
            self._buckets[key] = (left - 1 if enough else left, now, real)
            return enough

    def _check_headers(self, request: Request) -> None:
        if len(request.body) > self._settings.body_limit:
            raise Refusal(413, "PAYLOAD_TOO_LARGE", "Request body is too large")
        if not self._settings.strict_headers:
            return
        media_type = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if request.method == "POST" and media_type != "application/json":
            raise invalid("Content-Type must be application/json")
        if request.method == "GET" and (media_type or request.body):
            raise invalid("GET takes neither a Content-Type nor a body")


class PollGuard:
    """Records the virtual time of status requests per job and flags too short intervals."""

    def __init__(self, settings: SateaisSettings) -> None:
        self.times: dict[str, list[float]] = {}
        self._settings = settings
        self._lock = threading.Lock()

    def seen(self, what: str, now: float) -> None:
        """Record one poll of a job id, or of `list`."""
        with self._lock:
            self.times.setdefault(what, []).append(now)

    @property
    def too_fast(self) -> list[tuple[str, float]]:
        """Job id and interval in virtual seconds of every poll that came too early."""
        with self._lock:
            return [(what, later - earlier) for what, times in self.times.items()
                    for earlier, later in zip(times, times[1:]) if later - earlier < self._settings.guard_seconds]


def route_missing(settings: SateaisSettings) -> Response:
    """The gateway's answer where there is no route."""
    status, message = GATEWAY[settings.gateway]
    return json_response(status, {"message": message})


def refused(refusal: Refusal, settings: SateaisSettings) -> Response:
    """An immediate error in the chosen shape."""
    shapes: dict[str, Any] = {
        "documented": {"error": {"code": refusal.code, "message": refusal.message}},
        "string": {"error": refusal.code, "error_message": refusal.message},
        "flat": {"error_code": refusal.code, "error_message": refusal.message},
        "numeric": {"error": {"code": refusal.status, "message": refusal.message}},
        "message": {"message": refusal.message}}
    if settings.envelope == "text":
        answer = Response(refusal.status, {"Content-Type": "text/plain"}, refusal.message.encode("utf-8"))
    else:
        answer = json_response(refusal.status, shapes[settings.envelope])
    if refusal.status == 429 and settings.retry_after is not None:
        answer.headers["Retry-After"] = str(settings.retry_after)
    return answer
