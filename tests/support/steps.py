"""Steps over one journal and one service that does what it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Step, Steps
from groundtrack.providers.base import Phase, Status
from groundtrack.providers.cancel import Cancel
from support.service import ACCOUNT, Fake, World, draft


class Case:
    """One journal, one service, a clock that stands still until it is moved."""

    def __init__(self, folder: Path, pace: float = 1.0) -> None:
        self.now = 1_000_000.0
        self.folder = folder
        self.journal = Journal(folder / "journal.sqlite", lambda: self.now, "test")
        self.steps = Steps(self.journal, clock=lambda: self.now, pace=pace)
        self.world = World()
        self.provider = Fake(self.world, ACCOUNT, Cancel())
        self.cancel = Cancel()
        self.told: list[Job] = []

    def new(self, **known: Any) -> Job:
        return self.journal.add(draft(now=self.now, **known))

    def at(self, state: State, **changes: Any) -> Job:
        """A job that came to this state just now."""
        job = self.new(operation=changes.pop("operation", "work"), origin=changes.pop("origin", "dock"))
        remote = self.world.create(job.asked()) if state.rank >= State.QUEUED.rank else ""
        return self.journal.change(job.id, **{"state": state, "remote_id": remote, "sent_at": self.now, **changes})

    def submit(self, job: Job) -> Step:
        return self.steps.submit(job, self.provider)

    def recover(self, job: Job) -> Step:
        return self.steps.recover(job, self.provider)

    def poll(self, job: Job, answer: Any = None) -> Step:
        if answer is not None:
            self.world.script["statuses"] = [answer]
        return self.steps.poll([job], self.provider)[0]

    def fetch(self, job: Job) -> Step:
        return self.steps.fetch(job, self.provider, self.folder / "results", self.cancel, self.told.append)

    def states(self, job: Job) -> list[str]:
        return [state.value for _, state, _ in self.journal.events(job.id)]


def status(phase: Phase, **known: Any) -> Any:
    def give(provider: Fake, ids: tuple[str, ...]) -> None:
        provider._status = lambda remote: Status(phase, **{"word": phase.value, **known})

    return give
