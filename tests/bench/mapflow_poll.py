"""One status round of Mapflow for 1,000 running jobs: requests, time, and how long another thread was kept waiting meanwhile."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bench.tables import Row, table

ROOT = Path(__file__).resolve().parents[2]
JOBS = 1000
BEAT = 0.001  # s between two beats of the other thread
PAGES = {"as asked for": 0, "100 a page": 100, "30 a page": 30}  # the most that the service gives at once


def main(runs: int) -> None:
    """Print medians for each size of pages."""
    spec = importlib.util.spec_from_file_location("groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
    rows = [Row(name, figures([once(size) for _ in range(runs)])) for name, size in PAGES.items()]
    print(table(f"One round for {JOBS:,} Mapflow jobs", rows))


def figures(found: list[tuple[int, float, float]]) -> dict[str, list[float]]:
    return {"requests": [run[0] for run in found], "s": [run[1] for run in found], "longest gap ms": [run[2] for run in found]}


def once(page_max: int) -> tuple[int, float, float]:
    """Requests, seconds, longest gap in ms. The simulator is a process of its own, so that its work is not measured."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, page_max))
    process.start()
    try:
        url, token, project, ids = ours.recv()
        seconds, gap = measured(url, token, project, ids)
        ours.send(None)
        return ours.recv(), seconds, gap
    finally:
        process.join(10)


def serve(pipe: Connection, page_max: int) -> None:
    """A simulated Mapflow with many running jobs; tells the number of requests at its end."""
    from simulator import Simulator

    with Simulator(seed=3) as sim:
        sim.mapflow.settings.page_max = page_max
        ids = sim.mapflow.crowd(JOBS)
        pipe.send((sim.mapflow.url, sim.mapflow.token, sim.mapflow.default_project().project_id, ids))
        pipe.recv()
        pipe.send(len(sim.requests) - 1)


def measured(url: str, token: str, project: str, ids: list[str]) -> tuple[float, float]:
    base, mapflow, transport = (importlib.import_module(f"groundtrack.providers.{name}") for name in ("base", "mapflow", "transport"))
    account = base.Account("mapflow", "bench", {"url": url}, base.Secrets({"api_token": token}))
    service = mapflow.Mapflow(account, transport.RequestsTransport(transport.Network()))
    handles = [base.Handle(identity, {"project": project}) for identity in ids]
    service.statuses(handles[:1])  # imports and the connection
    gaps, over = [0.0], threading.Event()
    other = threading.Thread(target=beat, args=(gaps, over))
    other.start()
    begun = time.perf_counter()
    found = service.statuses(handles)
    seconds = time.perf_counter() - begun
    over.set()
    other.join()
    service.transport.close()
    if len(found) != JOBS or any(isinstance(one, Exception) for one in found.values()):
        raise RuntimeError("some jobs were not found")
    return seconds, max(gaps) * 1000


def beat(gaps: list[float], over: threading.Event) -> None:
    """Note how late each beat comes."""
    last = time.perf_counter()
    while not over.wait(BEAT):
        now = time.perf_counter()
        gaps.append(now - last - BEAT)
        last = now
