"""Filters of the list of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .sateais_jobs import Job
from .sateais_rules import invalid
from .sateais_settings import TYPES

STATES = ("pending", "processing", "completed", "failed")
MOST = 30


@dataclass(frozen=True)
class JobFilter:
    """What the query asks for. An empty set means all."""

    states: set[str]
    kinds: set[str]
    limit: int

    @classmethod
    def parse(cls, query: dict[str, str]) -> JobFilter:
        """Read the query; raises Refusal for unknown words and limits out of range."""
        limit = query.get("limit", str(MOST))
        if not limit.isdigit() or not 1 <= int(limit) <= MOST:
            raise invalid(f"limit must be an integer from 1 to {MOST}")
        return cls(_words(query, "status", STATES), _words(query, "endpoint_id", TYPES), int(limit))

    def chosen(self, jobs: list[Job], now: float) -> list[Job]:
        """The matching jobs, in the given order, at most `limit`."""
        matching = [job for job in jobs if (not self.states or job.state(now) in self.states)
                    and (not self.kinds or job.kind in self.kinds)]
        return matching[:self.limit]


def _words(query: dict[str, str], name: str, allowed: Sequence[str]) -> set[str]:
    words = {word for word in query.get(name, "").split(",") if word}
    if words - set(allowed):
        raise invalid(f"{name} must be of {', '.join(allowed)}")
    return words
