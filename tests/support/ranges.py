"""A web server for one file that serves byte ranges, waits before each answer, and counts what it sends."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class RangeServer(ThreadingHTTPServer):
    """`latency` in s is added to every answer; `requests` are (method, path, status), `sent` bytes of bodies."""

    daemon_threads = True

    def __init__(self, file: Path, latency: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.file = file
        self.latency = latency
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Count from zero again."""
        self.requests: list[tuple[str, str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.sent = 0

    @property
    def url(self) -> str:
        """The address of the file."""
        return f"http://127.0.0.1:{self.server_address[1]}/{self.file.name}"


@contextmanager
def serving(file: Path, latency: float = 0.0) -> Iterator[RangeServer]:
    """A running server."""
    server = RangeServer(file, latency)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RangeServer

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *text: object) -> None:
        """Say nothing."""

    def _answer(self, with_body: bool) -> None:
        time.sleep(self.server.latency)
        known = self.path.partition("?")[0] == f"/{self.server.file.name}"
        body, status, lines = b"", 404, []
        if known:
            size = self.server.file.stat().st_size
            match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            first = int(match[1]) if match else 0
            last = min(int(match[2]) if match and match[2] else size - 1, size - 1)
            status, length = (206 if match else 200), last - first + 1
            lines = [f"Content-Range: bytes {first}-{last}/{size}"] if match else []
            lines += ["Accept-Ranges: bytes", "Content-Type: image/tiff"]
            if with_body:
                with self.server.file.open("rb") as file:
                    file.seek(first)
                    body = file.read(length)
        else:
            length = 0
        head = "\r\n".join([f"HTTP/1.1 {status} Answer", *lines, f"Content-Length: {length}", "", ""])
        with self.server.lock:
            self.server.requests.append((self.command, self.path, status))
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.server.sent += len(body)
        try:
            # in one piece: two sends would wait for each other's acknowledgement
            self.wfile.write(head.encode() + body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
