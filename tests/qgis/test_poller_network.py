"""The thread that follows all jobs over a real network: nothing left open, and Stop at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.jobs.journal import Journal
from groundtrack.providers.base import Secrets
from support.pollers import Watched, threads
from support.service import open_files, wait_until


@pytest.fixture
def sateais(tmp_path: Path) -> Iterator[Any]:
    """A poller on the simulator, over real sockets."""
    from groundtrack.aoi import from_bounds
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.base import Account
    from groundtrack.providers.connect import Connector
    from groundtrack.providers.operation import Request
    from groundtrack.providers.transport import Network
    from simulator import Simulator

    with Simulator(seed=4, speed=1500) as sim:
        sim.sateais.settings.plan.run_time = 200.0
        sim.sateais.settings.link_seconds = 1e6
        account = Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.key}))
        watched = Watched(tmp_path / "journal.sqlite", Connector(Network(timeout=(20, 20), pace=0.0007)), 0.0007)
        request = Request("ship", {"date": "2026-05-04", "date_direction": "nearest"}, from_bounds(3.90, 51.95, 4.20, 52.10))
        watched.account = account  # type: ignore[attr-defined]
        watched.sim = sim  # type: ignore[attr-defined]
        watched.draft = lambda: new_job("sateais", "Port", request, time.time())  # type: ignore[attr-defined]
        yield watched
        watched.poller.stop()
        watched.poller.wait(5000)
        watched.journal.close()


def test_jobs_over_a_real_network_leave_nothing_open(sateais: Any, tmp_path: Path, before: set[str]) -> None:
    sateais.start(sateais.account)
    jobs = [sateais.draft() for _ in range(6)]
    sateais.run(*jobs)
    sateais.wait_for(State.FETCHED, *jobs)
    assert len(sateais.sim.sateais.jobs) == 6
    for job in jobs:
        known = sateais.jobs[job.id]
        assert Path(known.files[0]).read_bytes() == sateais.sim.sateais.result_bytes(known.remote_id)
    assert sateais.end() < (0.1, 0.5)
    wait_until(lambda: not threads(), 20)
    sateais.sim.stop()
    assert set(open_files(tmp_path)) <= before
    wait_until(lambda: _sockets(before) == 0, 20, "sockets left open")


@pytest.fixture(autouse=True)
def before() -> set[str]:
    """What other tests left open: GDAL keeps its connections."""
    return set(open_files())


def _sockets(before: set[str]) -> int:
    """TCP connections of this process that were made since, by the kernel's own list."""
    inodes = {name.partition("[")[2].rstrip("]") for name in set(open_files()) - before if name.startswith("socket:")}
    lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return sum(line[9] in inodes for line in lines)


@pytest.mark.parametrize(("fault", "method", "path"), [
    ({"kind": "hang"}, "POST", "*"), ({"kind": "hang"}, "GET", "*/jobs*"), ({"kind": "hang"}, "GET", "*result.geojson"),
    ({"kind": "trickle", "rate": 400}, "GET", "/results/*"), ({"kind": "hang"}, "GET", "/results/*"),
    ({"kind": "rate_limit", "retry_after": 25}, "GET", "*/jobs*"),
], ids=["submit", "status", "link", "download", "storage", "long Retry-After"])  # fmt: skip
def test_stop_breaks_off_real_sockets(sateais: Any, fault: dict[str, Any], method: str, path: str, before: set[str]) -> None:
    laid = sateais.sim.fault(**fault, method=method, path=path, times=0)
    sateais.start(sateais.account)
    job = sateais.draft()
    sateais.run(job)
    sateais.wait(lambda: laid.hits)
    sateais.settle(0.05)
    stopped, waited = sateais.end()
    print(f"stop {stopped * 1000:.1f} ms, wait {waited * 1000:.1f} ms")
    assert stopped < 0.1
    assert waited < 0.5
    wait_until(lambda: not threads(), 20, "threads left behind")
    sateais.sim.stop()
    wait_until(lambda: _sockets(before) == 0, 20, "sockets left open")
    journal = Journal(sateais.journal.path)
    assert journal.get(job.id).state.followed
    journal.close()


def test_stop_while_a_connection_is_being_made(sateais: Any, tmp_path: Path) -> None:
    """A port whose queue is full answers no one."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sateais.start(replace(sateais.account, public={"url": url}))
    job = sateais.draft()
    sateais.run(job)
    sateais.wait(lambda: sateais.state(job) is State.SUBMITTING or threads())
    sateais.settle(0.3)
    stopped, waited = sateais.end()
    print(f"stop {stopped * 1000:.1f} ms, wait {waited * 1000:.1f} ms")
    assert stopped < 0.1
    assert waited < 0.5
    wait_until(lambda: not threads(), 20, "threads left behind")
    for filler in [*fillers, listener]:
        filler.close()
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.get(job.id).state is State.DRAFT  # nothing has left this computer
    journal.close()


def test_an_address_that_refuses_keeps_jobs_until_it_answers(sateais: Any) -> None:
    """The service is down while a job runs there."""
    sateais.start(sateais.account)
    job = sateais.draft()
    sateais.sim.sateais.next_job(run_time=3000.0)
    sateais.run(job)
    sateais.wait(lambda: sateais.jobs.get(job.id) and sateais.jobs[job.id].remote_id)
    fault = sateais.sim.fault("drop_before", times=0)
    sateais.wait(lambda: "The last look failed" in sateais.jobs[job.id].warning)
    assert sateais.state(job) in (State.QUEUED, State.RUNNING)
    sateais.sim.faults.clear(fault.number)
    sateais.wait_for(State.FETCHED, job)
