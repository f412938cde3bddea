"""Follows the jobs of a journal with the real follower until its groups are over; meant to be killed meanwhile.

One JSON object as argument: {folder, url, key, slots, count, budget}. A journal that is empty is given a batch of `count` features.
Prints {"requests": …, "over": bool} at its own end.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import conftest  # noqa: F401 - makes the package importable
from groundtrack.aoi import from_bounds
from groundtrack.jobs.follower import Follower, Outlets
from groundtrack.jobs.group import new_group, standing
from groundtrack.jobs.job import Job, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.services import Services
from groundtrack.jobs.workers import Workers
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.connect import Connector
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import SateAIs
from groundtrack.providers.transport import Network

PACE = 0.0004
LIMIT = 70.0  # s


def batch(count: int, budget: float) -> tuple[Any, list[Job]]:
    group = new_group("Harbours", time.time(), budget=budget, unit="credits")
    shared = {"group": group.id, "group_title": group.title}
    jobs = []
    for number in range(count):
        west, south = 3.0 + number % 25 * 0.2, 51.0 + number // 25 * 0.1
        request = Request("ship", {"date": "2026-05-04", "date_direction": "nearest"}, from_bounds(west, south, west + 0.1, south + 0.05))
        jobs.append(new_job("sateais", "Port", request, time.time(), member=f"feature {number}", fingerprint=str(number), **shared))
    return group, jobs


def main(order: dict[str, Any]) -> None:
    SateAIs.most_running = order["slots"]
    folder = Path(order["folder"])
    journal = Journal(folder / "journal.sqlite")
    account = Account("sateais", "Port", {"url": order["url"]}, Secrets({"api_key": order["key"]}))
    cancel, wake = Cancel(), threading.Event()
    network = Network(timeout=(5, 20), pace=PACE, trust_environment=False)
    services, workers = Services(Connector(network), cancel), Workers(8, journal.close)
    outlets = Outlets(lambda jobs: None, lambda ids: None, lambda stuck: None, lambda text: None, wake.set)
    follower = Follower(journal, services, lambda job: folder / "results" / job.id, workers, outlets, cancel, PACE)
    follower.post(lambda: follower.take_accounts({"sateais/Port": account}))
    if not journal.groups():
        group, jobs = batch(order["count"], order["budget"])
        follower.post(lambda: follower.add(jobs, group))
    follower.turn()
    deadline, looked, over = time.monotonic() + LIMIT, 0.0, False
    while time.monotonic() < deadline and not over:
        follower.turn()
        if time.monotonic() - looked > 0.2:
            looked = time.monotonic()
            over = all(_is_over(follower, group) for group in follower._groups.values())
        wake.wait(min(0.2, follower.rest()))
        wake.clear()
    follower.end()
    print(json.dumps({"over": over}), flush=True)


def _is_over(follower: Follower, group: Any) -> bool:
    jobs = list(follower._jobs.values())
    shown = standing(group, jobs)
    return shown.over or (shown.hold.value == "budget" and not shown.at_work)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
