"""`kill -9` anywhere on the way of a job: the service has one job, the journal one entry, and the result is here once.

The one gap that nobody can close is between the durable intent and the request: when the process ends there, the journal says that
the outcome is unknown, and nothing is sent again without a person.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.jobs.journal import Journal
from simulator import Simulator

CHILD = Path(__file__).with_name("child.py")


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(seed=3, speed=1500) as simulator:
        simulator.sateais.settings.rate_limit = False
        simulator.sateais.settings.link_seconds = 1e6
        simulator.sateais.settings.plan.run_time = 200.0
        yield simulator
        assert simulator.errors == []


class Child:
    """The process that forks the processes that are killed."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder = sim, folder
        self.process = subprocess.Popen([sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def run(self, name: str, point: int = 0) -> dict[str, Any]:
        """Follow the job `name` in a fresh process, up to the point where it is killed (0: to its end)."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        order = {"folder": str(place), "url": self.sim.sateais.url, "key": self.sim.sateais.key, "point": point, "name": name}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert not answer["failed"], "the child failed, see its standard error"
        return answer

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def child(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    made = Child(sim, tmp_path_factory.mktemp("crash"))
    yield made
    made.end()


def outcome(child: Child, name: str) -> tuple[str, int, int]:
    """(state in the journal, jobs at the service, result files)."""
    journal = Journal(child.folder / name / "journal.sqlite")
    jobs = journal.jobs()
    journal.close()
    assert len(jobs) == 1
    # a note beside the file may outlive the crash that came right after the last word in the journal
    files = [path for path in (child.folder / name).glob("results/**/*") if path.is_file() and not path.name.endswith(".part.json")]
    assert [path.name for path in files] == [Path(given).name for given in jobs[0].files]
    if jobs[0].state is State.FETCHED:
        assert files[0].read_bytes() == child.sim.sateais.result_bytes(jobs[0].remote_id)
    return jobs[0].state.value, len(child.sim.sateais.jobs), len(files)


def test_killed_at_every_point_of_the_way(child: Child, sim: Simulator) -> None:
    passed = child.run("whole")["points"]
    assert outcome(child, "whole") == ("fetched", 1, 1)
    assert {"before POST", "after POST", "answer understood", "before a commit", "after a rename"} <= set(passed)
    point, ends = 1, Counter()
    while True:
        sim.sateais.jobs.clear()
        name = f"kill-{point}"
        first = child.run(name, point)
        where = first["points"][-1]
        created = len(sim.sateais.jobs)
        again = child.run(name)
        assert not again["killed"]
        end = outcome(child, name)
        if "after POST" in first["points"]:
            assert created == 1
        if end[0] == "lost":
            assert (where in ("after a write", "before POST"), end[1:]) == (True, (0, 0)), (point, where)
        else:
            assert end == ("fetched", 1, 1), (point, where)
        if not first["killed"]:
            break
        ends[end[0]] += 1
        point += 1
    assert point > 20
    assert ends["lost"] == 2  # after the intent was committed, before the request left
    print(f"{point - 1} kill points, {dict(ends)}")


def test_killed_twice_and_again(child: Child, sim: Simulator) -> None:
    sim.sateais.jobs.clear()
    for point in (14, 9, 6, 4, 3, 2, 1):
        child.run("often", point)
    child.run("often")
    assert outcome(child, "often") == ("fetched", 1, 1)


def test_killed_while_the_answer_is_on_its_way(child: Child, sim: Simulator) -> None:
    """The request has reached the service, the answer has not come back."""
    sim.sateais.jobs.clear()
    fault = sim.fault("slow", method="POST", delay=3.0)
    place = child.folder / "waiting"

    def kill() -> None:
        deadline = time.monotonic() + 10
        while not sim.sateais.jobs and time.monotonic() < deadline:
            time.sleep(0.01)
        family = subprocess.run(["pgrep", "-P", str(child.process.pid)], capture_output=True, text=True, check=False)
        for process in family.stdout.split():
            os.kill(int(process), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    assert child.run("waiting")["killed"]
    thread.join()
    sim.faults.clear(fault.number)
    journal = Journal(place / "journal.sqlite")
    assert [job.state for job in journal.jobs()] == [State.SUBMITTING]
    journal.close()
    child.run("waiting")
    assert outcome(child, "waiting") == ("fetched", 1, 1)
