"""How many requests an account may make."""

from __future__ import annotations

import threading
import time
from typing import Callable, Mapping

from .cancel import Cancel


class Budget:
    """A token bucket: `rate` requests a second, `burst` at once, divided by `pace`. `take` waits for its turn.

    `limit_header` names a header in which the service tells how many requests a minute it allows; half of them are then used.
    """

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic, *, pace: float = 1.0, limit_header: str = ""
    ) -> None:
        self._rate = rate / pace
        self._pace = pace
        self._limit_header = limit_header
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._level = burst
        self._seen = clock()

    def take(self, cancel: Cancel) -> None:
        """Wait until one more request is allowed. Raises Cancelled."""
        cancel.wait(self._reserve())

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over the limit that an answer of the service tells (header names in lower case)."""
        told = headers.get(self._limit_header, "") if self._limit_header else ""
        if told.isdigit() and int(told):
            with self._lock:
                self._rate = int(told) / 2 / 60 / self._pace

    def _reserve(self) -> float:
        """Take one; the seconds until it is covered."""
        with self._lock:
            now = self._clock()
            self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
            self._seen = now
            self._level -= 1
            return max(0.0, -self._level / self._rate)
