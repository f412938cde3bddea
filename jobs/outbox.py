"""News on their way out: the newest snapshot of each job, in batches."""

from __future__ import annotations

from typing import Callable, Dict, Tuple

from .job import Job

BATCH = 0.1  # s between two batches


class Outbox:
    """Collects snapshots; an earlier one of the same job that was not sent yet is replaced."""

    def __init__(self, send: Callable[[Tuple[Job, ...]], None]) -> None:
        self._send = send
        self._fresh: Dict[str, Job] = {}
        self._last = 0.0

    def put(self, job: Job) -> None:
        self._fresh[job.id] = job

    def drop(self, identity: str) -> None:
        self._fresh.pop(identity, None)

    def due(self) -> float:
        """When the next batch may leave; infinity when there is nothing to tell."""
        return self._last + BATCH if self._fresh else float("inf")

    def send(self, now: float) -> None:
        """Send what is there, if it is time."""
        if now >= self.due():
            self._last = now
            jobs, self._fresh = tuple(self._fresh.values()), {}
            self._send(jobs)
