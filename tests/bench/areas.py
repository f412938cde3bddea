"""Main-thread gaps in the real application while areas of 100,000 corners and of 5,000 features are read, checked and drawn."""

from __future__ import annotations

import json
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("areas_driver.py")


def main(runs: int) -> None:
    """Print the longest gap of a 1 ms heartbeat for each way to an area."""
    found = [once() for _ in range(runs)]
    figures = {"longest": "longest ms", "p99": "p99 ms", "over16": "gaps over 16 ms"}
    rows = [Row(name, {title: [run[name][key] for run in found] for key, title in figures.items()}) for name in found[0]]
    print(table("Main-thread gaps with large areas", rows))


def once() -> dict:
    """One fresh application and profile."""
    with desktop.profile({"groundtrack": desktop.ROOT}) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=150, BENCH_OUT=str(out))
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8"))
