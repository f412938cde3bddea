"""How many requests an account may make."""

from __future__ import annotations

import threading
import time
from typing import Callable

from .cancel import Cancel


class Budget:
    """A token bucket: `rate` requests a second, `burst` at once. `take` waits for its turn."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._level = burst
        self._seen = clock()

    def take(self, cancel: Cancel) -> None:
        """Wait until one more request is allowed. Raises Cancelled."""
        cancel.wait(self._reserve())

    def _reserve(self) -> float:
        """Take one; the seconds until it is covered."""
        with self._lock:
            now = self._clock()
            self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
            self._seen = now
            self._level -= 1
            return max(0.0, -self._level / self._rate)
