"""Main-thread gaps in the real application while a job goes from Run to a layer of about 18,000 cells (70 MB of GeoJSON)."""

from __future__ import annotations

import json
from pathlib import Path

from bench.tables import Row, table
from simulator import Simulator
from support import desktop

DRIVER = Path(__file__).with_name("stalls_driver.py")
SPEED = 240.0


def main(runs: int) -> None:
    """Print the longest gap of a 1 ms heartbeat for each part of the journey."""
    found = [once() for _ in range(runs)]
    names = [name for name in found[0] if name != "cells"]
    figures = {"longest": "longest ms", "p99": "p99 ms", "over16": "gaps over 16 ms"}
    rows = [Row(name, {title: [run[name][key] for run in found] for key, title in figures.items()}) for name in names]
    print(table(f"Main-thread gaps, {found[0]['cells']:,} cells", rows))


def once() -> dict:
    """One fresh application, profile and simulator."""
    with Simulator(SPEED, seed=3) as simulator, desktop.profile({"groundtrack": desktop.ROOT}) as home:
        simulator.sateais.settings.link_seconds = 60 * SPEED
        out = home / "out.json"
        answer = desktop.run(
            home, DRIVER, limit=200, BENCH_OUT=str(out), BENCH_URL=simulator.sateais.url, BENCH_KEY=simulator.sateais.key,
            GROUNDTRACK_PACE=str(1 / SPEED),
        )  # fmt: skip
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8"))
