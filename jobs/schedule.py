"""Which job is due when, which waits for a free slot, and which rests."""

from __future__ import annotations

import heapq
from typing import Dict, List, Optional, Set, Tuple


class Schedule:
    """Due times by job id; setting a time again replaces the old one, and ends a wait or a rest."""

    def __init__(self) -> None:
        self._due: Dict[str, float] = {}
        self._heap: List[Tuple[float, str]] = []
        self._waiting: Dict[str, None] = {}  # in order
        self._resting: Set[str] = set()

    def set(self, identity: str, at: float) -> None:
        self.drop(identity)
        self._due[identity] = at
        heapq.heappush(self._heap, (at, identity))

    def wait(self, identity: str) -> None:
        """Due, and to be taken again with the next look."""
        self.drop(identity)
        self._waiting[identity] = None

    def rest(self, identity: str) -> None:
        """Nothing more to do until `set` or `drop`."""
        self.drop(identity)
        self._resting.add(identity)

    def rests(self, identity: str) -> bool:
        return identity in self._resting

    def drop(self, identity: str) -> None:
        self._due.pop(identity, None)
        self._waiting.pop(identity, None)
        self._resting.discard(identity)

    def __contains__(self, identity: str) -> bool:
        return identity in self._due or identity in self._waiting or identity in self._resting

    def take_due(self, now: float) -> List[str]:
        """Remove and return what waits, in order, then what is due, earliest first."""
        due = list(self._waiting)
        self._waiting.clear()
        while self._next() is not None and self._heap[0][0] <= now:
            _, identity = heapq.heappop(self._heap)
            del self._due[identity]
            due.append(identity)
        return due

    def due_by(self, until: float) -> List[str]:
        """What will be due until then; it stays planned."""
        return [identity for identity, at in self._due.items() if at <= until]

    def next_time(self) -> Optional[float]:
        """When the next job is due, None when nothing is planned. What waits has no time: a free slot ends the wait."""
        return self._next()

    def _next(self) -> Optional[float]:
        """Drop replaced entries from the top; the earliest valid time."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
