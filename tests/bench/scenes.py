"""Main-thread gaps in the real application with 5,000 scenes: filling table and map, scrolling, sorting, hiding, choosing all."""

from __future__ import annotations

import json
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("scenes_driver.py")


def main(runs: int) -> None:
    """Print the longest gap of a 1 ms heartbeat for each gesture."""
    found = [once() for _ in range(runs)]
    figures = {"longest": "longest ms", "p99": "p99 ms", "over50": "gaps over 50 ms"}
    rows = [Row(name, {title: [run[name][key] for run in found] for key, title in figures.items()}) for name in found[0]]
    print(table("Main-thread gaps with 5,000 scenes", rows))


def once() -> dict:
    """One fresh application and profile; the scenes are made up, no service is asked."""
    with desktop.profile({"groundtrack": desktop.ROOT}) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=120, BENCH_OUT=str(out))
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8"))
