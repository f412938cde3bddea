"""The gateway in front of the Sentinel Hub persona: tokens, limits, shapes of errors."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from .sentinelhub_settings import CLIENTS, SentinelhubSettings

FORM = "application/x-www-form-urlencoded"
RATE_LIMIT = "RATE_LIMIT_EXCEEDED"
Violation = dict[str, Any]


class Refusal(Exception):
    """A request refused at once: status, code, text, violations; `wait` in milliseconds."""

    def __init__(self, status: int, code: str, message: str, errors: list[Violation] | None = None,
                 wait: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors or []
        self.wait = wait


def bad_payload(parameter: str, violation: str) -> Refusal:
    """A body that breaks one rule."""
    return Refusal(400, "COMMON_BAD_PAYLOAD", "Payload is not valid.", [{"parameter": parameter, "violation": violation}])


@dataclass
class Token:
    """A token given to a client, good until a virtual time."""

    client: str
    ends: float

    @property
    def account(self) -> str:
        """Whose jobs it sees."""
        return CLIENTS[self.client][1]


class Allowance:
    """Calls left; refilled evenly by the virtual clock, but never more slowly than in real time."""

    def __init__(self) -> None:
        self._left: float | None = None
        self._seen = (0.0, 0.0)

    def wait(self, now: float, per_minute: int) -> int:
        """Count one call; milliseconds until it would be allowed, 0 when it is."""
        real = time.monotonic()
        passed = max(now - self._seen[0], real - self._seen[1])
        burst = max(1.0, per_minute / 6)
        left = burst if self._left is None else min(burst, self._left + passed * per_minute / 60)
        self._seen = (now, real)
        self._left = left if left < 1 else left - 1
        return 0 if left >= 1 else int((1 - left) * 60_000 / per_minute) + 1


class Gate:
    """Gives tokens and checks them. `issued` counts tokens, `asked` requests for them, by client id."""

    def __init__(self, clock: VirtualClock, settings: SentinelhubSettings) -> None:
        self.tokens: dict[str, Token] = {}
        self.issued: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self._clock = clock
        self._settings = settings
        self._used: dict[str, Allowance] = {}
        self._lock = threading.Lock()

    def token(self, request: Request) -> Response:
        """Answer the token endpoint."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode("latin-1"), True, encoding="utf-8").items()}
        client = form.get("client_id", "")
        with self._lock:
            self.asked[client] = self.asked.get(client, 0) + 1
        if (request.header("Content-Type") or "").split(";")[0].strip().lower() != FORM:
            return _refused_token(400, "invalid_request", "the body must be a form")
        if form.get("grant_type") != "client_credentials":
            return _refused_token(400, "unsupported_grant_type", "grant_type must be client_credentials")
        wait = self._spend("token " + client, self._settings.tokens_per_minute)
        if wait:
            return limited(Refusal(429, RATE_LIMIT, "Too many token requests.", wait=wait), self._settings)
        if CLIENTS.get(client, ("",))[0] != form.get("client_secret") or request.header("Authorization"):
            return _refused_token(401, "invalid_client", "Invalid client or Invalid client credentials")
        return json_response(200, self._issue(client))

    def admit(self, request: Request) -> Token:
        """The token of an admissible request; raises Refusal."""
        scheme, _, text = (request.header("Authorization") or "").partition(" ")
        token = self.tokens.get(text) if scheme == "Bearer" else None
        if token is None or self._settings.reject_tokens or self._clock.now() >= token.ends:
            raise Refusal(401, "COMMON_UNAUTHORIZED", "You are not authorized, please provide a valid access token.")
        wait = self._spend(token.account, self._settings.requests_per_minute)
        if wait:
            raise Refusal(429, RATE_LIMIT, "You have exceeded your rate limit", wait=wait)
        return token

    def revoke(self) -> None:
        """No token given so far is good any more."""
        self.tokens.clear()

    def _spend(self, who: str, per_minute: int) -> int:
        if not per_minute:
            return 0
        with self._lock:
            return self._used.setdefault(who, Allowance()).wait(self._clock.now(), per_minute)

    def _issue(self, client: str) -> dict[str, Any]:
        now, seconds = self._clock.now(), self._settings.token_seconds
        claims = {"exp": int(now + seconds), "iat": int(now), "azp": client, "jti": secrets.token_hex(8)}
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        text = ".".join([*(_encoded(json.dumps(part).encode()) for part in parts), _encoded(secrets.token_bytes(32))])
        with self._lock:
            self.tokens[text] = Token(client, now + seconds)
            self.issued[client] = self.issued.get(client, 0) + 1
        told = {"access_token": text, "expires_in": int(seconds), "refresh_expires_in": 0, "token_type": "Bearer",
                "not-before-policy": 0, "scope": "email profile"}
        if not self._settings.expires_in:
            del told["expires_in"]
        return told


def refused(refusal: Refusal, settings: SentinelhubSettings) -> Response:
    """An error of the API in its envelope."""
    if refusal.wait is not None:
        return limited(refusal, settings)
    return json_response(refusal.status, {"error": _issue(refusal, settings)})


def limited(refusal: Refusal, settings: SentinelhubSettings) -> Response:
    """The 429 of a rate limit."""
    issue = _issue(refusal, settings)
    answer = json_response(refusal.status, issue if settings.bare_limits else {"error": issue})
    if settings.retry_after:
        answer.headers["Retry-After"] = str(refusal.wait)
    return answer


def _issue(refusal: Refusal, settings: SentinelhubSettings) -> dict[str, Any]:
    issue: dict[str, Any] = {"status": refusal.status, "reason": HTTPStatus(refusal.status).phrase,
                             "message": refusal.message, "code": refusal.code}
    if refusal.errors:
        issue["errors"] = refusal.errors if settings.errors_as == "array" else {
            error["parameter"]: error["violation"] for error in refusal.errors}
    return issue


def _refused_token(status: int, error: str, description: str) -> Response:
    return json_response(status, {"error": error, "error_description": description})


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
