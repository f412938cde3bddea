"""Tokens by OAuth2 client credentials: one for each client and sign-in address, shared by all jobs, kept in memory only."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple
from urllib.parse import quote

from .. import replies
from ..cancel import Cancel
from ..errors import AuthError, ConfigError, ProtocolError, QuotaError, ServiceError, ServiceProblem
from ..http import HttpCall, Reply
from ..transport import Options, Transport
from .account import DASHBOARD, Settings
from .limits import UNTOLD, asked_pause, in_place

EARLY = 120.0  # s before its end at which a token is renewed
ASSUMED = 300.0  # s that a token lasts when nobody says how long

_held: Dict[str, Token] = {}
_locks: Dict[str, threading.Lock] = {}
_guard = threading.Lock()


@dataclass(frozen=True)
class Token:
    """`text` goes into the header; `stale` is when it is renewed, on the monotonic clock."""

    text: str
    stale: float

    def __repr__(self) -> str:
        return "Token()"


def take(settings: Settings, transport: Transport, cancel: Cancel, refused: str = "") -> str:
    """A token that is good for some time; not `refused`, which the service did not accept.

    Raises AuthError (credentials rejected), QuotaError, ServiceError, TransportError, ProtocolError, ConfigError, Cancelled.
    """
    name, lock = _place(settings)
    with lock:
        cancel.check()
        token = _held.get(name)
        if token is None or token.text == refused or time.monotonic() >= token.stale:
            _held.pop(name, None)
            token = _held[name] = _fetch(settings, transport, cancel)
        return token.text


def _place(settings: Settings) -> Tuple[str, threading.Lock]:
    client, proof = settings.account.value("client_id"), settings.account.value("client_secret")
    if not client or not proof:
        text = "The account has no client ID or no client secret."
        raise ConfigError(text, advice=f"Make an OAuth client at {DASHBOARD} and enter both in the account.")
    name = hashlib.sha256(f"{settings.token_url}\n{client}\n{proof}".encode()).hexdigest()
    with _guard:
        return name, _locks.setdefault(name, threading.Lock())


def _fetch(settings: Settings, transport: Transport, cancel: Cancel) -> Token:
    value = settings.account.value
    client, proof = (quote(value(name), safe="") for name in ("client_id", "client_secret"))
    form = f"grant_type=client_credentials&client_id={client}&client_secret={proof}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    call = HttpCall("POST", settings.token_url, headers=headers, signature="")
    reply = transport.send(call, Options(payload=form.encode(), pause=in_place, metered=False, most_bytes=1024 * 1024, cancel=cancel))
    if not reply.ok:
        raise _refusal(settings, reply, transport.pace)
    told = reply.json()
    text = replies.member(told, "access_token")
    if not isinstance(text, str) or not text:
        raise ProtocolError(f"The sign-in address {settings.token_url} gives no token.", status=reply.status)
    lasts = _seconds(told, text, reply)
    # tokens of tests last seconds: those are renewed at half of their time
    return Token(text, time.monotonic() + max(lasts - EARLY, lasts / 2))


def _seconds(told: Any, text: str, reply: Reply) -> float:
    """How long a token lasts: what is said with it and in it, the smaller."""
    known = [replies.number(replies.member(told, "expires_in"))]
    claims = _claims(text)
    ends, begins = replies.number(replies.member(claims, "exp")), replies.number(replies.member(claims, "iat"))
    if ends is not None:
        known.append(ends - (begins if begins is not None else time.time() + replies.clock_difference(reply)))
    return max(1.0, min([value for value in known if value is not None], default=ASSUMED))


def _claims(text: str) -> Any:
    try:
        part = text.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return None


def _refusal(settings: Settings, reply: Reply, pace: float) -> ServiceProblem:
    code, message = replies.failure(reply.json_or_none())
    text = settings.scrubbed(message or code or reply.excerpt())
    known: Dict[str, Any] = {"code": code, "status": reply.status, "request_id": reply.request_id}
    if reply.status == 429:
        wait: Optional[float] = asked_pause(reply)
        return QuotaError(f"{text} (too many sign-ins).", waits=True, retry_after=wait if wait is not None else UNTOLD * pace, **known)
    if reply.status in (400, 401, 403):
        advice = f"Check the client ID and client secret of this account at {DASHBOARD}."
        return AuthError(f"{text}. Authentication failed: the credentials are rejected.", advice=advice, **known)
    if reply.status in (408,) or reply.status >= 500:
        return ServiceError(f"The sign-in address answered HTTP {reply.status}: {text}", **known)
    return ConfigError(f"The sign-in address {settings.token_url} answered HTTP {reply.status}: {text}", **known)
