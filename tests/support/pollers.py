"""Pollers in tests: everything they say is recorded, and they are ended whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable

from groundtrack.jobs.group import Group
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.poller import Poller
from groundtrack.providers.base import Account
from qgis.PyQt.QtCore import QCoreApplication

from . import service
from .service import ACCOUNT, World

PACE = 0.002


class Watched:
    """A poller with a record of what it said, on the main thread as an application would get it."""

    def __init__(self, journal: Path, connect: Callable[..., Any], pace: float = PACE) -> None:
        self.journal = Journal(journal)
        self.folder = journal.parent / "results"
        self.poller = Poller(self.journal, connect, lambda job: self.folder / job.id, pace)
        self.jobs: dict[str, Job] = {}
        self.groups: dict[str, Group] = {}
        self.batches: list[tuple[float, tuple[Job, ...]]] = []
        self.forgotten: list[str] = []
        self.answers: dict[int, Any] = {}
        self.stuck: list[dict[str, str]] = []
        self.broken: list[str] = []
        self.poller.jobs_changed.connect(self._take)
        self.poller.jobs_forgotten.connect(self.forgotten.extend)
        self.poller.answered.connect(self.answers.__setitem__)
        self.poller.accounts_stuck.connect(self.stuck.append)
        self.poller.broken.connect(self.broken.append)
        self.poller.groups_changed.connect(self._take_groups)

    def start(self, *accounts: Account) -> Watched:
        given = accounts or (ACCOUNT,)
        self.poller.set_accounts({f"{account.provider}/{account.name}": account for account in given})
        self.poller.start()
        return self

    def run(self, *jobs: Job) -> None:
        self.poller.run_jobs(jobs)

    def wait(self, holds: Callable[[], Any], seconds: float = 15.0) -> None:
        """Let the event loop run until it holds."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                shown = {job.id[:6]: (job.state.value, job.message, job.warning) for job in list(self.jobs.values())[:8]}
                raise AssertionError(f"not within {seconds} s; jobs: {shown}, stuck: {self.stuck}, broken: {self.broken}")
            QCoreApplication.processEvents()
            time.sleep(0.002)

    def state(self, job: Job) -> State:
        return self.jobs[job.id].state if job.id in self.jobs else State.DRAFT

    def wait_for(self, state: State, *jobs: Job, seconds: float = 15.0) -> None:
        self.wait(lambda: all(self.state(job) is state for job in jobs), seconds)

    def settle(self, seconds: float = 0.3) -> None:
        """Let the event loop run for a while in which something must not happen."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def end(self) -> tuple[float, float]:
        """Stop and wait; seconds that both took."""
        begun = time.perf_counter()
        self.poller.stop()
        stopped = time.perf_counter()
        assert self.poller.wait(5000)
        ended = time.perf_counter()
        self.journal.close()
        return stopped - begun, ended - stopped

    def _take(self, jobs: tuple[Job, ...]) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.batches.append((time.monotonic(), jobs))
        self.jobs.update((job.id, job) for job in jobs)

    def _take_groups(self, groups: tuple[Group, ...]) -> None:
        self.groups = {group.id: group for group in groups}


def draft(values: Any = None, **known: Any) -> Job:
    """A draft of the service's operation that is asked about at an even pace."""
    return service.draft(values, operation="steady", **known)


def fake(folder: Path, world: World, pace: float = PACE) -> Watched:
    return Watched(folder / "journal.sqlite", world.connect, pace)


def threads(before: Iterable[threading.Thread] = ()) -> list[str]:
    """Names of our threads."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("groundtrack") and thread not in before]
