"""HTTP as values: the call a provider builds, the reply it reads.

An `HttpCall` never holds a secret: how it is signed is only named, and the provider adds the signature when it sends. So what is
previewed, copied and journalled is what is sent, less the key.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Mapping, Optional, Protocol, Tuple
from urllib.parse import urlsplit

from .errors import ProtocolError
from .json_text import gentle_loads

MASK = "••••••••"


@dataclass(frozen=True)
class HttpCall:
    """One request, unsigned. `body` is any JSON value; `signature` names the Authorization scheme ("" for none).

    `notes` are sentences on what is still filled in when it is sent.
    """

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signature: str = "Bearer"
    notes: Tuple[str, ...] = ()

    @property
    def payload(self) -> Optional[bytes]:
        """The body as UTF-8 JSON, or None."""
        return None if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()

    def preview(self) -> str:
        """The request as a person reads it, the key masked."""
        lines = [f"{self.method} {self.url}"]
        lines += [f"{name}: {value}" for name, value in self.shown_headers(MASK).items()]
        if self.body is not None:
            lines += ["", json.dumps(self.body, indent=2, ensure_ascii=False)]
        if self.notes:
            lines += ["", *self.notes]
        return "\n".join(lines)

    def as_curl(self) -> str:
        """A shell command; the key is read from the variable GROUNDTRACK_KEY."""
        parts = ["curl", "-X", self.method, shlex.quote(self.url)]
        for name, value in self.shown_headers("$GROUNDTRACK_KEY").items():
            parts += ["-H", f'"{name}: {value}"']
        if self.body is not None:
            parts += ["--data", shlex.quote(json.dumps(self.body, ensure_ascii=False))]
        return " ".join(parts)

    def shown_headers(self, key: str) -> Dict[str, str]:
        """Headers with `key` in the place of the real one."""
        headers = dict(self.headers)
        if self.signature:
            headers["Authorization"] = f"{self.signature} {key}"
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        return headers


@dataclass(frozen=True)
class Reply:
    """An answer read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def request_id(self) -> str:
        names = ("x-request-id", "x-amzn-requestid", "x-amz-request-id", "x-correlation-id", "apigw-requestid")
        return next((self.headers[name] for name in names if name in self.headers), "")

    def json(self) -> Any:
        """The body as JSON (NaN and Infinity become None). Raises ProtocolError with a short excerpt."""
        try:
            return gentle_loads(self.body.decode("utf-8-sig"))
        except ValueError:
            raise ProtocolError(
                f"{urlsplit(self.url).netloc} answered with something that is not JSON: {self.excerpt()}",
                status=self.status,
                request_id=self.request_id,
            ) from None

    def json_or_none(self) -> Any:
        """The body as JSON, or None when it is not; for error bodies of any kind."""
        try:
            return self.json()
        except ProtocolError:
            return None

    def excerpt(self, most: int = 160) -> str:
        """The start of the body as one line of plain text."""
        text = " ".join(self.body[: most * 4].decode("utf-8", "replace").split())
        return f"“{text[:most]}{'…' if len(text) > most else ''}”" if text else "nothing"


class Body(Protocol):
    """An answer that is read in pieces, for downloads."""

    status: int
    headers: Mapping[str, str]
    url: str

    def blocks(self) -> Iterator[bytes]:
        """The body in blocks as they arrive. Raises TransportError when it breaks off or stalls, Cancelled when cancelled."""

    def close(self) -> None:
        """Give the connection back."""
