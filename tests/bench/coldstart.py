"""A cold `qgis_process` with the plugin switched on, against the same without it: pairs in turn."""

from __future__ import annotations

import shutil
import subprocess
import time

from bench.tables import Row, table
from support import desktop

PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process") or "qgis_process"


def main(runs: int) -> None:
    """Print medians and their ratio; the first run of each warms the bytecode and is dropped."""
    plugins = {"groundtrack": desktop.ROOT}
    with desktop.profile(plugins) as on, desktop.profile(plugins, enabled=False) as off:
        found: dict[str, list[float]] = {"without": [], "with": []}
        for number in range(2 * runs + 1):
            for name, home in (("without", off), ("with", on)) if number % 2 else (("with", on), ("without", off)):
                found[name].append(once(home))
    rows = [Row(name, {"s": values[1:]}) for name, values in found.items()]
    print(table("Cold start of qgis_process", rows, base="without"))
    differences = sorted(a - b for a, b in zip(found["with"][1:], found["without"][1:]))
    print(f"difference of pairs, median {differences[len(differences) // 2] * 1000:.0f} ms")


def once(home: object) -> float:
    """Seconds of one process that looks up an algorithm of QGIS's own."""
    env = desktop.environment(home, QGIS_CUSTOM_CONFIG_PATH=str(home), QT_QPA_PLATFORM="offscreen")
    began = time.perf_counter()
    subprocess.run([PROGRAM, "help", "native:buffer"], env=env, capture_output=True, check=True, timeout=60)
    return time.perf_counter() - began
