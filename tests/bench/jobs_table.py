"""Main-thread gaps in the real application while 1,000 running Mapflow jobs change in the Jobs tab."""

from __future__ import annotations

import json
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("jobs_table_driver.py")


def main(runs: int) -> None:
    """Print the longest gap of a 1 ms heartbeat, with nothing to do beside it."""
    found = [once() for _ in range(runs)]
    rows = [Row(name, {"longest gap ms": [gap for run in found for gap in run[name]]}) for name in found[0]]
    print(table("1,000 running jobs in the Jobs tab", rows))


def once() -> dict:
    """One fresh application and profile; the jobs are made up, no service is asked."""
    with desktop.profile({"groundtrack": desktop.ROOT}) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=120, BENCH_OUT=str(out))
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8"))
