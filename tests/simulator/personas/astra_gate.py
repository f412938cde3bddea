"""The gateway in front of the ASTRA persona: keys, dialects, request limits, shapes of errors."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from .astra_settings import REVOKED_KEY, TIERS, AstraSettings

BEARER = re.compile(r"Bearer (astra_[A-Za-z0-9_-]+)")
WORKS = re.compile(r"astra_(sk_(live|test)_)?(ok|noplan)[A-Za-z0-9_-]*")
CODED_STATUS = {"SCENE_NOT_FOUND": 500}
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Refusal(Exception):
    """A request refused at once: status, documented code, text for people, details."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def invalid(message: str, **details: Any) -> Refusal:
    """What a wrong request is refused with."""
    return Refusal(400, "VALIDATION_ERROR", message, **details)


@dataclass
class Allowance:
    """What a key has used. Its own `time` runs with the virtual clock, but never slower than real time."""

    time: float = 0.0
    tokens: float = 0.0
    minute: float = 0.0
    in_minute: int = 0
    day: float = 0.0
    in_day: int = 0
    seen: float = 0.0
    seen_real: float = 0.0

    def go_on(self, now: float, real: float, per_minute: int, burst: int) -> None:
        """Bring it up to the present."""
        passed = max(now - self.seen, real - self.seen_real)
        self.time, self.seen, self.seen_real = self.time + passed, now, real
        self.tokens = min(burst, self.tokens + passed * per_minute / 60)
        if self.time - self.minute >= 60:
            self.minute, self.in_minute = self.time, 0
        if self.time - self.day >= 86_400:
            self.day, self.in_day = self.time, 0

    def spend(self) -> None:
        """Count one request."""
        self.tokens, self.in_minute, self.in_day = self.tokens - 1, self.in_minute + 1, self.in_day + 1


class Gate:
    """Checks made before any handler sees a request."""

    def __init__(self, clock: VirtualClock, settings: AstraSettings) -> None:
        self.ends: dict[str, float] = {REVOKED_KEY: 0.0}  # virtual time from which a key is refused
        self._clock = clock
        self._settings = settings
        self._used: dict[str, Allowance] = {}
        self._lock = threading.Lock()

    def dialect(self, request: Request) -> str:
        """The dialect a request is answered in: the key's own or the service's."""
        key = _key(request)
        own = next((name for name, mark in (("as-coded", "ok-coded"), ("stub", "ok-stub")) if mark in key), "")
        return own or self._settings.dialect

    def admit(self, request: Request, processing: bool) -> str:
        """The key of an admissible request; raises Refusal."""
        key = _key(request)
        if not WORKS.fullmatch(key) or self._clock.now() >= self.ends.get(key, float("inf")):
            raise Refusal(401, "UNAUTHORIZED", "Invalid or missing API key")
        if processing and "_noplan" in key:
            raise Refusal(403, "FORBIDDEN", "Processing is not part of your plan. Upgrade at https://astraos.cloud/pricing")
        return key

    def spend(self, request: Request) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it is within the limits, and the headers to be sent."""
        limits = TIERS[self._settings.tier]
        if limits is None or not self._settings.rate_limit:
            return True, {}
        per_minute, per_day, burst = limits
        now, real = self._clock.now(), time.monotonic()
        with self._lock:
            used = self._used.setdefault(_key(request), Allowance(tokens=burst, seen=now, seen_real=real))
            used.go_on(now, real, per_minute, burst)
            waits = _waits(used, per_minute, per_day)
            if not waits:
                used.spend()
        left = max(0, min(per_minute - used.in_minute, per_day - used.in_day))
        headers = {"X-RateLimit-Limit": str(per_minute), "X-RateLimit-Remaining": str(left),
                   "X-RateLimit-Reset": str(int(now + 60 - (used.time - used.minute)) + 1)}
        if waits and self._settings.retry_after:
            headers["Retry-After"] = str(int(waits) + 1)
        return not waits, headers if self._settings.rate_headers or waits else {}


def refused(refusal: Refusal, dialect: str, settings: AstraSettings) -> Response:
    """An immediate error in the shape of a dialect, or in the one chosen."""
    shape = settings.error_shape or ("object" if dialect == "documented" else "string")
    status = refusal.status if dialect == "documented" else CODED_STATUS.get(refusal.code, refusal.status)
    if shape == "html":
        return Response(status, {"Content-Type": "text/html"}, PAGE.format(refusal.message).encode("utf-8"))
    issue: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.details and shape == "object":
        issue["details"] = refusal.details
    return json_response(status, {"error": {"string": refusal.message, "array": [issue]}.get(shape, issue)})


def _key(request: Request) -> str:
    match = BEARER.fullmatch(request.header("Authorization") or "")
    return match.group(1) if match else ""


def _waits(used: Allowance, per_minute: int, per_day: int) -> float:
    """Seconds until the next request is allowed, 0 when it is allowed now."""
    if used.in_day >= per_day:
        return 86_400 - (used.time - used.day)
    if used.in_minute >= per_minute:
        return 60 - (used.time - used.minute)
    return 0.0 if used.tokens >= 1 else (1 - used.tokens) * 60 / per_minute
