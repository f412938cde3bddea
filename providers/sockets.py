"""Sockets that another thread can break off.

requests blocks in a socket until its time-out. To let Stop return at once, each connection is noted under the thread that uses
it, and breaking off means shutting that socket down: the blocked read then fails immediately. A connection that is only being made
fails as soon as it stands.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, Dict, Set

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


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

    def use(self, connection: Any) -> None:
        """Note the connection. Raises OSError when this thread's call was broken off already."""
        with self._lock:
            self._used[threading.get_ident()] = connection
            broken = threading.get_ident() in self._broken
        if broken:
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


def adapter(sockets: Sockets) -> HTTPAdapter:
    """A requests adapter whose connections report to `sockets`. Retries are left to the transport."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.use(self)

        def putrequest(self, *args: Any, **known: Any) -> Any:
            sockets.use(self)
            return super().putrequest(*args, **known)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.use(self)

        def putrequest(self, *args: Any, **known: Any) -> Any:
            sockets.use(self)
            return super().putrequest(*args, **known)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

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
