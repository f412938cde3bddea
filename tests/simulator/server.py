"""A small strict HTTP/1.1 server on the loopback address, able to misbehave exactly as told."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Callable
from urllib.parse import urlsplit

from .clock import VirtualClock
from .messages import Request, Response, Taking

HOST = "127.0.0.1"
BODY_LIMIT = 256 * 1024 * 1024
CHUNK = 64 * 1024
TRICKLE_STEP = 0.05

Answer = Callable[[Request], Response]


class HttpServer:
    """Listens on one loopback port and answers every request with `answer(request)`."""

    def __init__(self, name: str, clock: VirtualClock, answer: Answer, port: int = 0) -> None:
        self.name = name
        self.clock = clock
        self.answer = answer
        self.taking: Callable[[], Taking] = Taking
        self.errors: list[str] = []
        self.stopping = threading.Event()
        self._listener = _Listener((HOST, port), _Handler)
        self._listener.owner = self
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name=f"simulator-{name}", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every open connection; waits for the threads to end."""
        self.stopping.set()
        if self._thread.is_alive():
            self._listener.shutdown()
        self._listener.server_close()
        self._listener.end_connections()


class _Listener(HTTPServer):
    """Accepts connections, one thread each, and can end them all at once."""

    request_queue_size = 64
    owner: HttpServer

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._open: dict[Any, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # the inherited version looks up the host name, which may take seconds without a name server
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._guard:
            self._open[request] = thread
        thread.start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            self.finish_request(connection, address)
        except Exception:
            self.owner.errors.append(traceback.format_exc())
        finally:
            with self._guard:
                self._open.pop(connection, None)
            self.shutdown_request(connection)

    def end_connections(self) -> None:
        with self._guard:
            open_now = dict(self._open)
        for connection in open_now:
            _shut(connection)
        for thread in open_now.values():
            thread.join(2.0)


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after another from a kept connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: _Listener

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client went away; the log has the request already

    def serve(self) -> None:
        owner = self.server.owner
        body, refusal = self._read_body()
        parts = urlsplit(self.path)
        request = Request(owner.name, self.command, parts.path, parts.query, list(self.headers.items()), body,
                          owner.clock.now())
        response = refusal or self._answered(request)
        request.status = 0 if response.drop else response.status
        self._send(response, self.command == "HEAD")

    def _answered(self, request: Request) -> Response:
        owner = self.server.owner
        try:
            return owner.answer(request)
        except Exception:
            owner.errors.append(traceback.format_exc())
            return Response(500, {"Content-Type": "text/plain"}, b"the simulator itself failed, see its errors")

    def _read_body(self) -> tuple[bytes, Response | None]:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdigit():
            return b"", Response(411, {"Content-Type": "text/plain"}, b"Length Required", close=True)
        taking = self.server.owner.taking()
        if int(length) > (taking.most or BODY_LIMIT):
            return b"", Response(413, {"Content-Type": "text/plain"}, b"Payload Too Large", close=True, reset=taking.reset)
        body = self._taken(min(int(length), taking.cut or int(length)), taking.rate)
        return body, None if len(body) == int(length) else Response(400, drop=True)

    def _taken(self, length: int, rate: float) -> bytes:
        if not rate:
            return self.rfile.read(length)
        taken, step = bytearray(), max(1, int(rate * TRICKLE_STEP))
        while len(taken) < length and not self.server.owner.stopping.wait(TRICKLE_STEP):
            piece = self.rfile.read(min(step, length - len(taken)))
            if not piece:
                break
            taken += piece
        return bytes(taken)

    def _send(self, response: Response, head_only: bool) -> None:
        if response.delay and self.server.owner.stopping.wait(response.delay):
            response.drop = True
        if response.drop:
            self._hang_up(response.reset)
            return
        if response.raw is not None:
            self.connection.sendall(response.raw)
            self._hang_up(False)
            return
        head, body = self._encoded(response, head_only)
        if response.stream is not None and not head_only:
            self.connection.sendall(head)
            if not self._send_stream(response, response.stream()) or response.send_only is not None or response.close:
                self._hang_up(response.reset)
            return
        # head and body leave in one piece: two small writes would cost a delayed-ACK wait on kept connections
        first = 0 if response.rate else CHUNK
        self.connection.sendall(head + body[:first])
        complete = self._send_rest(memoryview(body)[first:], response.rate)
        if not complete or response.send_only is not None or response.close:
            self._hang_up(response.reset)

    def _encoded(self, response: Response, head_only: bool) -> tuple[bytes, bytes]:
        headers = {"Date": formatdate(usegmt=True), "Server": "simulator", **response.headers}
        if response.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers.setdefault("Content-Length", str(response.size))
        if response.close:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if head_only or response.status in (204, 304):
            return head, b""
        body = _chunks(response.body) if response.chunked else response.body
        return head, body if response.send_only is None else body[:response.send_only]

    def _send_rest(self, rest: memoryview, rate: float) -> bool:
        step = len(rest) if not rate else max(1, int(rate * TRICKLE_STEP))
        for start in range(0, len(rest), step or 1):
            if rate and self.server.owner.stopping.wait(TRICKLE_STEP):
                return False
            self.connection.sendall(rest[start:start + step])
        return True

    def _send_stream(self, response: Response, pieces: Iterator[bytes]) -> bool:
        stopping, sent, began = self.server.owner.stopping, 0, time.monotonic()
        for piece in pieces:
            if response.send_only is not None and sent + len(piece) > response.send_only:
                self.connection.sendall(piece[:response.send_only - sent])
                return False
            sent += len(piece)
            self.connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if response.chunked else piece)
            ahead = sent / response.rate - (time.monotonic() - began) if response.rate else 0.0
            if stopping.is_set() or (ahead > 0 and stopping.wait(ahead)):
                return False
        if response.chunked:
            self.connection.sendall(b"0\r\n\r\n")
        return True

    def _hang_up(self, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        _shut(self.connection)

    def log_message(self, *args: Any) -> None:
        """Stay silent: the request log has it all."""


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler.serve)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()


def _chunks(body: bytes) -> bytes:
    pieces = [body[i:i + CHUNK] for i in range(0, len(body), CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
