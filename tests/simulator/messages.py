"""What goes over the wire: requests as received, answers as they shall be sent, and the log of requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from time import monotonic
from typing import Any, Callable
from urllib.parse import parse_qsl


@dataclass
class Request:
    """One request as received. `status` and `fault` are filled in when it is answered (status 0: never answered)."""

    persona: str
    method: str
    path: str
    raw_query: str
    headers: list[tuple[str, str]]
    body: bytes
    time: float
    number: int = 0
    at: float = field(default_factory=monotonic)
    status: int = 0
    fault: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Query members; of a repeated key the last one counts."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body parsed as JSON, None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """Value of the first header of that name in any case, None without one."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def described(self) -> dict[str, Any]:
        """The request as a JSON object for the control interface."""
        return {
            "number": self.number, "persona": self.persona, "method": self.method, "path": self.path,
            "query": self.query, "headers": dict(self.headers), "body": self.body.decode("utf-8", "replace"),
            "json": self.json, "time": self.time, "status": self.status, "fault": self.fault,
        }


@dataclass
class Response:
    """One answer. The members after `body` say how it misbehaves on the wire; a `stream` makes a body of
    `stream_size` bytes piece by piece while it is sent, in place of `body`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    rate: float = 0.0
    send_only: int | None = None
    chunked: bool = False
    drop: bool = False
    reset: bool = False
    raw: bytes | None = None
    close: bool = False
    stream: Callable[[], Iterator[bytes]] | None = None
    stream_size: int = 0

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.body) if self.stream is None else self.stream_size

    def whole(self) -> bytes:
        """The whole body, a streamed one put together."""
        return self.body if self.stream is None else b"".join(self.stream())

    def json(self) -> Any:
        """The body parsed as JSON; raises ValueError when it is something else."""
        return json.loads(self.whole())


def json_response(status: int, value: Any) -> Response:
    """An answer in JSON; non-finite numbers are written as the bare words NaN and Infinity."""
    return Response(status, {"Content-Type": "application/json"}, json.dumps(value).encode("utf-8"))


def xml_error(status: int, code: str, message: str) -> Response:
    """An error in the XML form used by object storage."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"Content-Type": "application/xml"}, text.encode("utf-8"))


@dataclass(frozen=True)
class Taking:
    """How bodies of requests are taken: bytes per second (0: any), the most bytes (a longer body is refused before it is read, 0: the
    server's own limit), whether a TCP reset follows such a refusal, and after how many bytes the connection is closed (0: never)."""

    rate: float = 0.0
    most: int = 0
    cut: int = 0
    reset: bool = False


class RequestLog:
    """Every request received, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._items: list[Request] = []
        self._changed = threading.Condition()
        self._count = 0

    def add(self, request: Request) -> None:
        """Append one request and give it its number."""
        with self._changed:
            self._count += 1
            request.number = self._count
            self._items.append(request)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget what was received so far; numbering goes on."""
        with self._changed:
            self._items.clear()

    def find(self, method: str = "*", path: str = "*", persona: str = "*") -> list[Request]:
        """Requests whose method, path and persona match shell-style patterns."""
        return [r for r in self if fnmatchcase(r.method, method) and fnmatchcase(r.path, path)
                and fnmatchcase(r.persona, persona)]

    def wait(self, count: int = 1, timeout: float = 5.0, **pattern: str) -> list[Request]:
        """Wait until `count` matching requests are there; returns what is there after `timeout` real seconds."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.find(**pattern)) >= count, timeout)
            return self.find(**pattern)

    def __iter__(self) -> Iterator[Request]:
        with self._changed:
            return iter(list(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Request:
        return self._items[index]
