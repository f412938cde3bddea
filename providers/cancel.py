"""One token that stops waiting, sockets and downloads at once."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Callable, Iterator, List

from .errors import Cancelled


class Cancel:
    """Set once, seen everywhere: waits end, and callbacks (closing a socket) run on the thread that calls `set`."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: List[Callable[[], None]] = []

    def set(self) -> None:
        self._event.set()
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait, or raise Cancelled as soon as the token is set."""
        if self._event.wait(max(0.0, seconds)):
            raise Cancelled("Stopped.")

    def check(self) -> None:
        """Raise Cancelled when the token is set."""
        if self._event.is_set():
            raise Cancelled("Stopped.")

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `set` also calls `callback`."""
        with self._lock:
            self._callbacks.append(callback)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)
