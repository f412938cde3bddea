"""Sockets that another thread can break off.

requests blocks in a socket until its time-out. To let Stop return at once, each connection is noted under the thread that uses
it, and breaking off means shutting that socket down: the blocked read then fails immediately. A connection that is only being made
is waited for in short steps, and given up between two of them; only the look-up of a host name cannot be broken off.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Callable, Dict, Iterable, Optional, Set, Tuple

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

STEP = 0.1  # s between two looks whether a connection that is being made is still wanted


class Sockets:
    """The connection in use by each thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: Dict[int, Any] = {}
        self._broken: Set[int] = set()

    def begin(self) -> None:
        """A new call of this thread, not broken off yet."""
        with self._lock:
            self._broken.discard(threading.get_ident())

    def is_broken(self) -> bool:
        """Whether this thread's call was broken off."""
        with self._lock:
            return threading.get_ident() in self._broken

    def use(self, connection: Any) -> None:
        """Note the connection. Raises OSError when this thread's call was broken off already."""
        with self._lock:
            self._used[threading.get_ident()] = connection
        if self.is_broken():
            raise OSError("broken off")

    def release(self) -> None:
        with self._lock:
            self._used.pop(threading.get_ident(), None)

    def break_off(self, thread: int) -> None:
        """Shut down the socket that `thread` is using, if any."""
        with self._lock:
            self._broken.add(thread)
            connection = self._used.get(thread)
        sock = getattr(connection, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _dialled(connection: Any, is_broken: Callable[[], bool]) -> socket.socket:
    """The socket of a urllib3 connection. Raises urllib3's own errors."""
    host = getattr(connection, "_dns_host", connection.host).strip("[]")
    try:
        return dial(host, connection.port, connection.timeout, connection.socket_options or (), is_broken)
    except socket.timeout:
        raise ConnectTimeoutError(connection, "timed out") from None
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, str(error)) from None


def dial(
    host: str, port: int, timeout: Optional[float], options: Iterable[Tuple[Any, ...]], is_broken: Callable[[], bool]
) -> socket.socket:
    """A connection to the first address of the host that answers, each given `timeout` seconds. Raises OSError."""
    problem = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            _connect(sock, address, timeout, is_broken)
            sock.settimeout(timeout)
            return sock
        except OSError as error:
            sock.close()
            problem = error
        if is_broken():
            break
    raise problem


def _connect(sock: socket.socket, address: Any, timeout: Optional[float], is_broken: Callable[[], bool]) -> None:
    end = None if timeout is None else time.monotonic() + timeout
    sock.setblocking(False)
    with suppress(BlockingIOError):  # it is on its way
        sock.connect(address)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while not selector.select(STEP):
            if is_broken():
                raise OSError("broken off")
            if end is not None and time.monotonic() > end:
                raise socket.timeout("timed out")
    problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if problem:
        raise OSError(problem, os.strerror(problem))


def adapter(sockets: Sockets) -> HTTPAdapter:
    """A requests adapter whose connections report to `sockets`. Retries are left to the transport."""

    def noted(kind: Any) -> Any:
        class Noted(kind):  # of whichever kind
            def _new_conn(self) -> socket.socket:
                return _dialled(self, sockets.is_broken)

            def connect(self) -> None:
                super().connect()
                sockets.use(self)

            def putrequest(self, *args: Any, **known: Any) -> Any:
                sockets.use(self)
                return super().putrequest(*args, **known)

            def send(self, data: Any) -> None:
                """A server may refuse a long body early and hang up; urllib3 reads that answer only after a broken pipe."""
                try:
                    super().send(data)
                except (ConnectionResetError, ConnectionAbortedError) as error:
                    raise BrokenPipeError(errno.EPIPE, str(error)) from None

        return Noted

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = noted(HTTPConnection)

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = noted(HTTPSConnection)

    pools = {"http": PlainPool, "https": SecurePool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **known: Any) -> None:
            super().init_poolmanager(*args, **known)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, proxy: str, **known: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **known)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = pools
            return manager

    return Adapter(pool_connections=8, pool_maxsize=8)
