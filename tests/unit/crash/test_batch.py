"""A batch of 500 features with five slots, faults on its way and `kill -9` in between: each feature ends once, within the budget."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import from_wkt
from groundtrack.jobs.group import Hold, latest, standing
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal
from simulator import Simulator

CHILD = Path(__file__).with_name("batch_child.py")
COUNT, SLOTS, SHARE = 500, 5, 0.03
PRICE = 0.38  # credits of one feature, at least, see `price` of the persona
LIMIT = 100.0  # s
SEEDS = (11, 23)
FINAL = {State.FETCHED, State.FAILED, State.CANCELLED, State.EXPIRED, State.LOST, State.UNKNOWN}


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(seed=7, speed=20_000) as simulator:
        settings = simulator.sateais.settings
        settings.rate_limit, settings.concurrency, settings.link_seconds = False, SLOTS, 1e6
        settings.plan.run_time, settings.plan.queue_time = 300.0, 0.0
        yield simulator
        assert simulator.errors == []


def lay_faults(sim: Simulator, chance: random.Random) -> int:
    """3 % of the features meet a fault: refused, lost on the way or back, broken off, or failed at the service."""
    kinds: list[dict[str, Any]] = [
        {"kind": "drop_after"}, {"kind": "drop_before"}, {"kind": "status", "status": 400, "body": {"error": "INVALID_REQUEST"}},
        {"kind": "rate_limit", "retry_after": 0}, {"kind": "status", "status": 503}, {"kind": "garbage"},
    ]  # fmt: skip
    faults = round(COUNT * SHARE)
    for number in range(faults - 3):
        sim.fault(**kinds[number % len(kinds)], method="POST", path="*/ship", after=chance.randrange(5, COUNT - 50))
    for kind in ("cut", "drop_before", "status"):
        sim.fault(kind, method="GET", path="*/result.geojson", after=chance.randrange(5, COUNT - 50))
    for number in range(0, 40, 8):
        sim.sateais.next_job(7)
        sim.sateais.next_job(1, fail_code="INTERNAL_ERROR", fail_after=60.0 + number)
    return faults


def start(sim: Simulator, folder: Path, budget: float) -> subprocess.Popen[str]:
    order = {"folder": str(folder), "url": sim.sateais.url, "key": sim.sateais.key, "slots": SLOTS, "count": COUNT, "budget": budget}
    return subprocess.Popen([sys.executable, str(CHILD), json.dumps(order)], stdout=subprocess.PIPE, text=True)


def kill_when(process: subprocess.Popen[str], sim: Simulator, sent: int) -> None:
    deadline = time.monotonic() + LIMIT
    while len(sim.sateais.jobs) < sent and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def to_its_end(process: subprocess.Popen[str]) -> dict[str, Any]:
    told, _ = process.communicate(timeout=LIMIT)
    answer: dict[str, Any] = json.loads(told)
    assert answer["over"]
    return answer


def corners(text: str) -> frozenset[tuple[float, float]]:
    return frozenset((round(x, 6), round(y, 6)) for polygon in from_wkt(text).polygons for ring in polygon for x, y in ring)


def sent_by_feature(sim: Simulator) -> Counter[frozenset[tuple[float, float]]]:
    return Counter(corners(job.params["polygon"]) for job in sim.sateais.jobs.values())


def charged(sim: Simulator) -> float:
    """Credits of all jobs that the service did not let fail, those that still run included."""
    return sum(job.credits for job in sim.sateais.jobs.values() if not job.plan.fail_code)


def read(folder: Path) -> tuple[Any, tuple[Job, ...]]:
    journal = Journal(folder / "journal.sqlite")
    group, jobs = journal.groups()[0], journal.jobs()
    journal.close()
    return group, jobs


def check(sim: Simulator, group: Any, jobs: tuple[Job, ...], kills: int) -> Any:
    shown = standing(group, jobs)
    assert (shown.total, len(jobs), shown.at_work) == (COUNT, COUNT, 0)
    assert shown.done + shown.failed + shown.unknown + shown.dropped + shown.waiting == COUNT
    assert {job.state for job in jobs} <= FINAL | {State.DRAFT}
    assert len({job.member for job in jobs}) == COUNT
    assert len(latest(jobs)) == COUNT
    assert set(sent_by_feature(sim).values()) == {1}  # none twice
    assert {job.remote_id for job in jobs if job.remote_id} == set(sim.sateais.jobs)  # and none that nobody knows of
    assert charged(sim) <= group.budget
    for job in jobs:
        if job.state is State.FETCHED:
            assert [Path(name).read_bytes() for name in job.files] == [sim.sateais.result_bytes(job.remote_id)]
        elif job.in_doubt:  # cut off between the intent and the request, or lost before the service saw it
            assert corners_of(job) not in sent_by_feature(sim)
            assert "was not sent again by itself" in job.message
    return shown


def corners_of(job: Job) -> frozenset[tuple[float, float]]:
    return corners(job.asked().aoi.wkt())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_feature_ends_once_within_the_budget_whatever_happens(sim: Simulator, tmp_path: Path, seed: int) -> None:
    faults = lay_faults(sim, random.Random(seed))
    began, kills, budget = time.monotonic(), (60, 200), COUNT * PRICE * 0.9
    for sent in kills:
        kill_when(start(sim, tmp_path, budget), sim, sent)
    to_its_end(start(sim, tmp_path, budget))
    group, jobs = read(tmp_path)
    shown = check(sim, group, jobs, len(kills))
    assert shown.hold is Hold.BUDGET
    assert shown.waiting > 20
    assert shown.doubtful >= shown.unknown * PRICE  # may have been paid for, so it is kept back
    assert group.budget - charged(sim) < 1.0 + shown.unknown * 1.0  # and the budget was used
    journal = Journal(tmp_path / "journal.sqlite")
    journal.change_group(group.id, budget=budget * 2)
    journal.close()
    to_its_end(start(sim, tmp_path, budget))
    group, jobs = read(tmp_path)
    shown = check(sim, group, jobs, len(kills))
    assert (shown.waiting, shown.dropped) == (0, 0)
    assert {job.state for job in jobs} <= FINAL
    assert 5 <= shown.failed + shown.unknown <= faults + 5 + SLOTS * len(kills)
    print(f"{COUNT} features, {faults + 5} faults, {len(kills)} kills: {shown}, {time.monotonic() - began:.1f} s")
