"""Guards around every test: no network beyond loopback, no thread left behind."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from typing import Any, Callable

LOCAL_NAMES = {"localhost", "", None}


class OutsideAddress(RuntimeError):
    """A test tried to reach a machine other than this one."""


class NetworkGuard:
    """Refuses connections and name look-ups beyond loopback, and remembers them."""

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._originals: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Replace the socket functions that name a peer."""
        for name in ("connect", "connect_ex"):
            self._wrap(socket.socket, name, lambda args: self._check_peer(args[0], args[1]))
        self._wrap(socket.socket, "sendto", lambda args: self._check_peer(args[0], args[-1]))
        self._wrap(socket, "getaddrinfo", lambda args: self._check_host(args[0]))
        self._wrap(socket, "gethostbyname", lambda args: self._check_host(args[0]))

    def remove(self) -> None:
        """Put the original functions back."""
        while self._originals:
            owner, name, original = self._originals.pop()
            setattr(owner, name, original)

    def _wrap(self, owner: Any, name: str, check: Callable[[tuple[Any, ...]], None]) -> None:
        original = getattr(owner, name)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            check(args or tuple(kwargs.values()))
            return original(*args, **kwargs)

        self._originals.append((owner, name, original))
        setattr(owner, name, guarded)

    def _check_peer(self, sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            self._check_host(address[0])

    def _check_host(self, host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name in LOCAL_NAMES or _is_loopback(str(name)):
            return
        self.attempts.append(str(name))
        raise OutsideAddress(f"a test may only talk to this machine, not to {name}")


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def lingering_threads(before: set[threading.Thread], grace: float = 3.0) -> list[str]:
    """Names of non-daemon threads that were not in `before` and do not end within `grace` seconds."""
    deadline = time.monotonic() + grace
    late = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in late:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in late if thread.is_alive()]
