"""Main-thread gaps in the real application while this computer computes the NDVI of 10,000 x 10,000 pixels."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("stalls_local_driver.py")
MAKER = Path(__file__).with_name("ndvi_driver.py")
SIDE = 10_000
LIMIT = 50.0  # ms


def main(runs: int) -> None:
    """Print the longest gap of a 1 ms heartbeat for each part of the journey."""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as name:
        subprocess.run([sys.executable, str(MAKER), "make", name, str(SIDE)], check=True)
        found = [once(Path(name)) for _ in range(runs)]
    figures = {"longest": "longest ms", "p99": "p99 ms", "over16": "gaps over 16 ms", "s": "s"}
    rows = [Row(part, {title: [run[part][key] for run in found] for key, title in figures.items()}) for part in found[0]]
    print(table(f"Main-thread gaps while computing, {SIDE} x {SIDE}", rows))
    worst = max(run["compute and load"]["longest"] for run in found)
    print(f"longest while computing: {worst:.0f} ms of at most {LIMIT:g}: {'kept' if worst <= LIMIT else 'NOT KEPT'}")


def once(folder: Path) -> dict:
    """One fresh application and profile."""
    with desktop.profile({"groundtrack": desktop.ROOT}) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=200, BENCH_OUT=str(out), BENCH_FOLDER=str(folder))
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8"))
