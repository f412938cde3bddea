"""Google's own sign-in host on this computer: a proxy that answers for it over TLS and passes what it is asked on to an emulator."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from support.tls import self_signed

END = b"\r\n\r\n"


@contextmanager
def google_sign_in(token_url: str, folder: Path) -> Iterator[str]:
    """Host and port of a proxy for https; whoever signs in through it, does so at `token_url`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(folder))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listener, context, token_url))
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _serve(listener: socket.socket, context: ssl.SSLContext, token_url: str) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        try:
            plain.settimeout(20)
            _head(plain)
            plain.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with context.wrap_socket(plain, server_side=True) as secure:
                _answer(secure, token_url)
        except OSError:
            plain.close()


def _answer(secure: ssl.SSLSocket, token_url: str) -> None:
    head, body = _head(secure)
    size = next(int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < size:
        body += secure.recv(65536)
    parts = urlsplit(token_url)
    service = http.client.HTTPConnection(parts.netloc, timeout=20)
    service.request("POST", parts.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = service.getresponse()
    told = answer.read()
    service.close()
    first = f"HTTP/1.1 {answer.status} Told\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\nConnection: close"
    secure.sendall(first.encode() + END + told)


def _head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while END not in data:
        block = connection.recv(65536)
        if not block:
            raise OSError("the connection ended")
        data += block
    head, _, rest = data.partition(END)
    return head, rest
