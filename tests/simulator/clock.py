"""Virtual time: runs at a multiple of real time and can be pushed forward by hand."""

from __future__ import annotations

import threading
import time
from datetime import date, datetime, timezone


class VirtualClock:
    """Seconds since 1970 (UTC) as the simulated services see them. Thread-safe; never goes back."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self._lock = threading.Lock()
        self._speed = _checked_speed(speed)
        self._base = time.time() if start is None else float(start)
        self._mark = time.monotonic()

    def now(self) -> float:
        """Virtual seconds since 1970."""
        with self._lock:
            return self._now()

    def today(self) -> date:
        """Virtual day in UTC."""
        return datetime.fromtimestamp(self.now(), timezone.utc).date()

    def advance(self, seconds: float) -> float:
        """Jump forward by virtual seconds and return the new time; raises ValueError on a negative step."""
        if seconds < 0:
            raise ValueError("the clock cannot go back")
        with self._lock:
            self._base += seconds
            return self._now()

    @property
    def speed(self) -> float:
        """Virtual seconds per real second; 0 stands still."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        checked = _checked_speed(value)
        with self._lock:
            self._base = self._now()
            self._mark = time.monotonic()
            self._speed = checked

    def _now(self) -> float:
        return self._base + (time.monotonic() - self._mark) * self._speed


def stamp(seconds: float, style: str = "seconds") -> str:
    """ISO 8601 text of a virtual time: style `seconds`, `milli` or `micro` (three, six decimals), `naive` (no zone)."""
    moment = datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
    if style in ("milli", "micro"):
        return moment.isoformat(timespec=f"{style}seconds") + "Z"
    text = moment.isoformat(timespec="seconds")
    return text if style == "naive" else text + "Z"


def _checked_speed(value: float) -> float:
    if value < 0:
        raise ValueError("speed must not be negative")
    return float(value)
