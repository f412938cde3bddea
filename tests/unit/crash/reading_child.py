"""Reads a result along, as far as it has come, and waits for the rest; meant to be killed meanwhile: TARGET SIZE.

Prints "begun" when the first of it is in the table.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import conftest  # noqa: F401 - makes the package importable
from groundtrack.results import arriving
from groundtrack.results.tables import GENERIC


def main(target: Path, size: int) -> None:
    arriving.LEAST = 1
    reader = arriving.ArrivingTable(target, GENERIC)
    reader.grown(target.with_name(f"{target.name}.part"), size)
    while not reader._taken:
        time.sleep(0.05)
    print("begun", flush=True)
    time.sleep(300)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
