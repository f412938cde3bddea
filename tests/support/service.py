"""A service inside the test, for everything above HTTP: it counts what reaches it and answers as told."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from groundtrack.jobs.job import Job, new_job
from groundtrack.providers.base import Account, Asset, Can, Cost, Greeting, Handle, Phase, Provider, Secrets, Status
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import NotFound, ServiceProblem
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.operation import Operation, Pace, Request

ACCOUNT = Account("fake", "Port", {"url": "https://fake.test"}, Secrets({"api_key": "one"}))
CONTENT = b'{"type": "FeatureCollection", "features": []}'
PACE = Pace(first=5.0, steps=((0.0, 10.0), (600.0, 60.0)), jitter=0.1, patience=3600.0)
STEADY = Pace(first=5.0, steps=((0.0, 10.0),), patience=1e9)


@dataclass
class World:
    """The service's side. `script` holds, by call, what the next calls do: raise an exception, or run a callable first."""

    phases: tuple[Phase, ...] = (Phase.RUNNING, Phase.SUCCEEDED)  # what the looks at a job find, one after another
    held: bool = False  # jobs run until this is over
    most_running: int = 4
    content: bytes = CONTENT
    price: Cost | None = None  # of any job, when it is asked for
    estimates: list[str] = field(default_factory=list)  # tags of the requests whose price was asked for
    jobs: dict[str, Request] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    submits: list[tuple[str, float]] = field(default_factory=list)  # (tag, time)
    rounds: list[tuple[str, ...]] = field(default_factory=list)
    recovers: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    script: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    hidden: set[str] = field(default_factory=set)  # jobs that `recover` does not see
    busy: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most_busy: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    accounts: list[Account] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def connect(self, account: Account, cancel: Cancel) -> Provider:
        self.accounts.append(account)
        return Fake(self, account, cancel)

    def open_jobs(self) -> int:
        """Jobs that the service has not finished, as it sees them."""
        return sum(self.looks[remote] < len(self.phases) for remote in self.jobs)

    def follow_script(self, call: str, *known: Any) -> None:
        with self.lock:
            step = self.script[call].pop(0) if self.script[call] else None
        if isinstance(step, Exception):
            raise step
        if callable(step):
            step(*known)

    def create(self, request: Request) -> str:
        with self.lock:
            remote = f"remote-{len(self.jobs) + 1}"
            self.jobs[remote] = request
        return remote


class Silent:
    """A transport that is never used."""

    closed = 0

    def close(self) -> None:
        Silent.closed += 1


class Fake(Provider):
    key = "fake"
    title = "Fake"
    fixed_operations = (Operation("work", "Work", "Works.", pace=PACE), Operation("steady", "Steady work", "Works.", pace=STEADY))
    can = Can.CANCEL

    def __init__(self, world: World, account: Account, cancel: Cancel) -> None:
        super().__init__(account, Silent(), cancel)  # type: ignore[arg-type]
        self.world = world
        self.most_running = world.most_running  # type: ignore[misc]

    def check(self) -> Greeting:
        return Greeting()

    def problems(self, request: Request) -> tuple[Any, ...]:
        return ()

    def build(self, request: Request) -> HttpCall:
        return HttpCall("POST", "https://fake.test/jobs", dict(request.values))

    def estimate(self, request: Request) -> Cost | None:
        self.world.estimates.append(request.tag)
        self.world.follow_script("estimate", self, request)
        return self.world.price

    def submit(self, request: Request) -> Handle:
        with self.world.lock:
            self.world.submits.append((request.tag, time.monotonic()))
        self.world.follow_script("submit", self, request)
        return Handle(self.world.create(request), {"operation": request.operation})

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Handle | None:
        self.world.recovers.append(request.tag)
        self.world.follow_script("recover", self, request)
        with self.world.lock:
            found = [r for r, asked in self.world.jobs.items() if asked.values == request.values and r not in known]
            return next((Handle(remote) for remote in found if remote not in self.world.hidden), None)

    def statuses(self, handles: Sequence[Handle]) -> dict[str, Status | ServiceProblem]:
        ids = tuple(handle.remote_id for handle in handles)
        with self.world.lock:
            self.world.rounds.append(ids)
            for remote in ids:
                self.world.busy[remote] += 1
                self.world.most_busy[remote] = max(self.world.most_busy[remote], self.world.busy[remote])
        try:
            self.world.follow_script("statuses", self, ids)
            return {remote: self._status(remote) for remote in ids}
        finally:
            with self.world.lock:
                for remote in ids:
                    self.world.busy[remote] -= 1

    def _status(self, remote: str) -> Status | ServiceProblem:
        with self.world.lock:
            if remote not in self.world.jobs:
                return NotFound("There is no such job.")
            if remote in self.world.stopped:
                return Status(Phase.CANCELLED, "cancelled")
            if self.world.held:
                return Status(Phase.RUNNING, "held")
            phase = self.world.phases[min(self.world.looks[remote], len(self.world.phases) - 1)]
            self.world.looks[remote] += 1
        return Status(phase, phase.value, progress=self.world.looks[remote] / 10)

    def assets(self, handle: Handle) -> tuple[Asset, ...]:
        self.world.follow_script("assets", self, handle)
        return (Asset("result.geojson", f"https://fake.test/{handle.remote_id}", "application/geo+json"),)

    def problem_of(self, reply: Reply) -> ServiceProblem:
        return NotFound("Not there.", status=reply.status)

    def open(self, asset: Asset, start: int = 0, cancel: Cancel | None = None) -> Any:
        self.world.follow_script("open", self, asset, cancel)
        return Delivery(self.world.content, asset.url)

    def stop(self, handle: Handle) -> None:
        self.world.follow_script("stop", self, handle)
        self.world.stopped.append(handle.remote_id)


class Delivery:
    """A body that is all there."""

    def __init__(self, content: bytes, url: str) -> None:
        self.status, self.url, self._content = 200, url, content
        self.headers = {"content-type": "application/geo+json", "content-length": str(len(content))}

    def blocks(self) -> Iterator[bytes]:
        yield self._content

    def close(self) -> None:
        """Nothing is open."""


def draft(values: dict[str, Any] | None = None, *, operation: str = "work", now: float | None = None, **known: Any) -> Job:
    request = Request(operation, values or {"n": 1})
    account = known.pop("account", "Port")
    return new_job("fake", account, request, time.time() if now is None else now, **known)


def wait_until(holds: Callable[[], Any], seconds: float = 10.0, what: str = "") -> None:
    """Wait for a condition; fail when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or holds}")
        time.sleep(0.01)


def open_files(folder: Path | None = None) -> list[str]:
    """What this process has open: sockets, and files (in `folder`)."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:") or (folder is not None and target.startswith(str(folder))):
            found.append(target)
    return found
