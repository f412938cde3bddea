"""Google's sign-in for programs: a claim, signed with the key of a service account, is exchanged for a token.

The signature (RSA with SHA-256) is made here, because QGIS ships no library for it on every system.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Mapping, Tuple
from urllib.parse import urlencode

from .. import replies
from ..cancel import Cancel
from ..errors import ConfigError
from ..http import HttpCall
from ..object_storage import StorageRefused
from ..transport import Options, Transport

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_"
READ_SCOPE = f"{_SCOPE}only"
_EARLY = 120.0  # s before its end at which a token is renewed
# how PKCS #1 marks a SHA-256 digest
_MARK = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True)
class ServiceAccount:
    """What a JSON key file holds."""

    email: str
    token_url: str
    pem: str = field(repr=False)


def service_account(encoded: str) -> ServiceAccount:
    """Read a JSON key file, in base64 or as it is. Raises ConfigError."""
    text = encoded.strip()
    try:
        plain = text if text.startswith("{") else base64.b64decode("".join(text.split()), validate=True).decode()
        told: Any = json.loads(plain)
        return ServiceAccount(told["client_email"], told["token_uri"], told["private_key"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        text = "The Google credentials are not the JSON key file of a service account in base64."
        raise ConfigError(text, advice="Make a JSON key (not P12) and encode it with base64.") from None


def one_line(encoded: str) -> str:
    """The key file as requests take it: base64 without line breaks."""
    text = encoded.strip()
    return base64.b64encode(text.encode()).decode() if text.startswith("{") else "".join(text.split())


class Tokens:
    """Tokens of one service account, kept in memory only."""

    def __init__(self, account: ServiceAccount, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._lock = threading.Lock()
        self._held: Dict[str, Tuple[str, float]] = {}

    def take(self, right: str, cancel: Cancel) -> str:
        """A token that is good for some time. `right` is only or write. Raises StorageRefused, TransportError."""
        with self._lock:
            text, ends = self._held.get(right, ("", 0.0))
            if not text or time.monotonic() >= ends:
                text, ends = self._held[right] = self._fetch(right, cancel)
            return text

    def _fetch(self, right: str, cancel: Cancel) -> Tuple[str, float]:
        now = int(time.time())
        claims = {"iss": self._account.email, "scope": _SCOPE + right, "aud": self._account.token_url, "iat": now, "exp": now + 3600}
        form = urlencode({"grant_type": _GRANT, "assertion": signed(claims, self._account.pem)}).encode()
        call = HttpCall("POST", self._account.token_url, headers={"Content-Type": "application/x-www-form-urlencoded"}, signature="")
        reply = self._transport.send(call, Options(payload=form, metered=False, cancel=cancel))
        told = reply.json_or_none()
        text = replies.member(told, "access_token")
        if not reply.ok or not isinstance(text, str) or not text:
            reason = replies.failure(told)[1] or f"HTTP {reply.status}"
            raise StorageRefused(f"Google does not accept the service account: {reason}.", fatal=True, status=reply.status)
        lasts = replies.number(replies.member(told, "expires_in")) or 300.0
        return text, time.monotonic() + max(lasts / 2, lasts - _EARLY)


def signed(claims: Mapping[str, Any], pem: str) -> str:
    """A JSON web token (RS256). Raises ConfigError when the key cannot be read."""
    text = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    modulus, exponent = _private_key(pem)
    size = (modulus.bit_length() + 7) // 8
    digest = _MARK + hashlib.sha256(text.encode()).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    number = pow(int.from_bytes(padded, "big"), exponent, modulus)
    return f"{text}.{_encoded(number.to_bytes(size, 'big'))}"


def _private_key(pem: str) -> Tuple[int, int]:
    """Modulus and private exponent of an RSA key in PEM (PKCS #8 or PKCS #1)."""
    match = re.search(r"-----BEGIN (RSA )?PRIVATE KEY-----(.*?)-----END", pem, re.DOTALL)
    try:
        if match is None:
            raise ValueError("no key")
        der = base64.b64decode("".join(match.group(2).split()), validate=True)
        parts = list(_parts(next(_parts(der))[1]))
        if not match.group(1):  # PKCS #8 wraps the key
            parts = list(_parts(next(_parts(parts[2][1]))[1]))
        return int.from_bytes(parts[1][1], "big"), int.from_bytes(parts[3][1], "big")
    except (ValueError, IndexError, StopIteration):
        raise ConfigError("The private key in the Google credentials cannot be read.", advice="Make a new JSON key.") from None


def _parts(der: bytes) -> Iterator[Tuple[int, bytes]]:
    """Tag and content of each element."""
    at = 0
    while at + 2 <= len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        yield tag, der[at : at + size]
        at += size


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
