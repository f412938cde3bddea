"""What time it is for a service, whatever becomes of this computer's own clock."""

from __future__ import annotations

import datetime as dt
import threading
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Callable, Mapping, Optional, Tuple


class ServiceClock:
    """Set by the Date of the service's answers and kept going by `count` (s), which nobody can put forward or back."""

    def __init__(self, count: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._told: Optional[Tuple[float, float]] = None

    def learn(self, headers: Mapping[str, str]) -> None:
        """Set it by an answer (header names in lower case)."""
        told = date_of(headers)
        if told is not None:
            with self._lock:
                self._told = told, self._count()

    def now(self) -> float:
        """Unix time in s, to about a second; 0 as long as no answer told."""
        with self._lock:
            return self._told[0] + self._count() - self._told[1] if self._told else 0.0


def date_of(headers: Mapping[str, str]) -> Optional[float]:
    """When an answer was given by the service's clock, Unix time in s (header names in lower case)."""
    with suppress(TypeError, ValueError, OverflowError):
        told = parsedate_to_datetime(headers["date"]) if "date" in headers else None
        return None if told is None else (told if told.tzinfo else told.replace(tzinfo=dt.timezone.utc)).timestamp()
    return None
