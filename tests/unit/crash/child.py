"""Follows one job in forked processes, each of which may end itself by SIGKILL at one instruction of its way.

Reads one JSON object per line: {folder, url, key, point, name}. Forks, follows the job with the real follower until it has ended or
rests, and prints {"killed": bool, "points": [names passed]} when the process is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import conftest  # noqa: F401 - makes the package importable
import requests  # noqa: F401 - once, before the first fork
from groundtrack.aoi import from_bounds
from groundtrack.jobs.follower import Follower, Outlets
from groundtrack.jobs.job import new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.services import Services
from groundtrack.jobs.workers import Workers
from groundtrack.providers import transport
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.connect import Connector
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import SateAIs
from groundtrack.providers.transport import Network

PACE = 0.0007
LIMIT = 15.0  # s; a follower that hangs ends here
ENTRY = "crash-test-job"


class Killer:
    """Counts the points that are passed and ends the process at the chosen one."""

    def __init__(self, at: int, log: Path) -> None:
        self._at, self._log, self._lock, self._count = at, log, threading.Lock(), 0

    def point(self, name: str) -> None:
        with self._lock:
            self._count += 1
            with self._log.open("a") as log:
                log.write(f"{name}\n")
            if self._count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


class FatalJournal(Journal):
    """A journal that may be cut off before, inside and after each write."""

    killer: Killer

    @contextmanager
    def _change(self) -> Iterator[Any]:
        self.killer.point("before a write")
        with super()._change() as db:
            yield db
            self.killer.point("before a commit")
        self.killer.point("after a write")


def wound(killer: Killer) -> None:
    """Points outside of the journal: around every request, every answer and every rename."""
    opened, replace, submit = transport.RequestsTransport._open, os.replace, SateAIs.submit

    def open_fatally(self: Any, method: str, url: str, *rest: Any) -> Any:
        killer.point(f"before {method}")
        answer = opened(self, method, url, *rest)
        killer.point(f"after {method}")
        return answer

    def replace_fatally(source: Any, target: Any) -> None:
        killer.point("before a rename")
        replace(source, target)
        killer.point("after a rename")

    def submit_fatally(self: Any, request: Request) -> Any:
        handle = submit(self, request)
        killer.point("answer understood")
        return handle

    transport.RequestsTransport._open = open_fatally
    os.replace = replace_fatally
    SateAIs.submit = submit_fatally


def follow(order: dict[str, Any]) -> None:
    folder = Path(order["folder"])
    killer = Killer(order["point"], folder / "points")
    FatalJournal.killer = killer
    wound(killer)
    journal = FatalJournal(folder / "journal.sqlite")
    account = Account("sateais", "Port", {"url": order["url"]}, Secrets({"api_key": order["key"]}))
    cancel, wake = Cancel(), threading.Event()
    network = Network(timeout=(2, 5), pace=PACE, trust_environment=False)
    services, workers = Services(Connector(network), cancel), Workers(4, journal.close)
    outlets = Outlets(lambda jobs: None, lambda ids: None, lambda stuck: None, lambda text: None, wake.set)
    follower = Follower(journal, services, lambda job: folder / "results" / job.id, workers, outlets, cancel, PACE)
    follower.post(lambda: follower.take_accounts({"sateais/Port": account}))
    request = Request("ship", {"date": "2026-05-04", "date_direction": "nearest"}, from_bounds(3.90, 51.95, 4.20, 52.10))
    job = new_job("sateais", "Port", request, time.time())
    job = job.changed(id=order["name"], request={**job.request, "tag": order["name"]}, fingerprint="f")
    follower.post(lambda: follower.add([job]))
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        follower.turn()
        known = follower._jobs.get(job.id)
        if known and (not known.state.followed or follower._schedule.rests(job.id)):
            break
        wake.wait(follower.rest())
        wake.clear()
    follower.end()


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            status = 1
            try:
                follow(order)
                status = 0
            except BaseException:
                import traceback

                traceback.print_exc()
            os._exit(status)
        _, status = os.waitpid(process, 0)
        points = Path(order["folder"]) / "points"
        passed = points.read_text().splitlines() if points.exists() else []
        points.unlink(missing_ok=True)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status), "points": passed}), flush=True)


if __name__ == "__main__":
    main()
