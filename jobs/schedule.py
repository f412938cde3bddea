"""Which job is due when."""

from __future__ import annotations

import heapq
from typing import Dict, List, Optional, Tuple


class Schedule:
    """Due times by job id; setting a time again replaces the old one."""

    def __init__(self) -> None:
        self._due: Dict[str, float] = {}
        self._heap: List[Tuple[float, str]] = []

    def set(self, identity: str, at: float) -> None:
        self._due[identity] = at
        heapq.heappush(self._heap, (at, identity))

    def drop(self, identity: str) -> None:
        self._due.pop(identity, None)

    def __contains__(self, identity: str) -> bool:
        return identity in self._due

    def take_due(self, now: float) -> List[str]:
        """Remove and return what is due, earliest first."""
        due = []
        while self._next() is not None and self._heap[0][0] <= now:
            _, identity = heapq.heappop(self._heap)
            del self._due[identity]
            due.append(identity)
        return due

    def next_time(self) -> Optional[float]:
        """When the next job is due, None when nothing is planned."""
        return self._next()

    def _next(self) -> Optional[float]:
        """Drop replaced entries from the top; the earliest valid time."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
