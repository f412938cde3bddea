"""A cold `qgis_process` with the plugin switched on, against the same without it: pairs in turn."""

from __future__ import annotations

import resource
import shutil
import subprocess
import time
from typing import NamedTuple

from bench.tables import Row, table
from support import desktop

PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process") or "qgis_process"


class Start(NamedTuple):
    """Seconds on the clock and of the processor: the second says more on a machine that is not quiet."""

    clock: float
    cpu: float


def main(runs: int) -> None:
    """Print medians and their ratio; the first run of each warms the bytecode and is dropped."""
    plugins = {"groundtrack": desktop.ROOT}
    with desktop.profile(plugins) as on, desktop.profile(plugins, enabled=False) as off:
        found: dict[str, list[Start]] = {"without": [], "with": []}
        for number in range(2 * runs + 1):
            for name, home in (("without", off), ("with", on)) if number % 2 else (("with", on), ("without", off)):
                found[name].append(once(home))
    starts = {name: values[1:] for name, values in found.items()}
    columns = {"s": "clock", "s of processor": "cpu"}
    rows = [Row(name, {title: [getattr(one, what) for one in all_] for title, what in columns.items()}) for name, all_ in starts.items()]
    print(table("Cold start of qgis_process", rows, base="without"))
    for what, words in (("clock", ""), ("cpu", " of processor")):
        differences = sorted(getattr(a, what) - getattr(b, what) for a, b in zip(starts["with"], starts["without"]))
        print(f"difference of pairs, median {differences[len(differences) // 2] * 1000:.0f} ms{words}")


def once(home: object) -> Start:
    """One process that looks up an algorithm of QGIS's own."""
    env = desktop.environment(home, QGIS_CUSTOM_CONFIG_PATH=str(home), QT_QPA_PLATFORM="offscreen")
    began, used = time.perf_counter(), _used()
    subprocess.run([PROGRAM, "help", "native:buffer"], env=env, capture_output=True, check=True, timeout=60)
    return Start(time.perf_counter() - began, _used() - used)


def _used() -> float:
    """Processor seconds of the children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
