"""A large remote COG: requests, bytes and seconds to open and to draw it, ours against QGIS's defaults, 50 ms added to every request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.tables import Row, table
from support.ranges import serving

DRIVER = Path(__file__).with_name("cog_driver.py")
SIDE = 10_000
LATENCY = 0.05
LIMITS = {"requests": 4, "MB": 0.5, "percent": 2.0, "ratio": 8.0}


def main(runs: int) -> None:
    """Print medians and the ratio of one run, variants in turn; each in a process of its own, so that nothing is cached."""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as folder:
        file = Path(folder) / "ndvi.tif"
        subprocess.run([sys.executable, str(DRIVER), "make", str(file), str(SIDE)], check=True, timeout=300, env=_environment())
        size = file.stat().st_size
        measured: dict[str, list[dict[str, float]]] = {"QGIS defaults": [], "groundtrack": []}
        with serving(file, LATENCY) as server:
            for _ in range(runs):
                for name, results in measured.items():
                    results.append(_once(name, server, size))
    rows = [Row(name, {key: [run[key] for run in results] for key in results[0]}) for name, results in measured.items()]
    print(f"{SIDE} x {SIDE} float COG, {size / 1e6:.0f} MB, +{LATENCY * 1000:.0f} ms per request")
    print(table("Remote COG", rows, base="groundtrack"))
    _judge(measured)


def _once(name: str, server: object, size: int) -> dict[str, float]:
    server.reset()
    command = [sys.executable, str(DRIVER), "defaults" if name == "QGIS defaults" else "ours", server.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        opened = json.loads(process.stdout.readline())
        asked, moved = len(server.requests), server.sent
        process.stdin.write("draw\n")
        process.stdin.close()
        drawn = json.loads(process.stdout.readline())
    return {
        "open ms": opened["ms"], "main thread ms": opened["main"], "open requests": asked, "open MB": moved / 1e6,
        "draw ms": drawn["ms"], "draw % of file": (server.sent - moved) / size * 100,
    }  # fmt: skip


def _judge(measured: dict[str, list[dict[str, float]]]) -> None:
    ours, theirs = measured["groundtrack"], measured["QGIS defaults"]
    ratio = min(b["open ms"] / a["open ms"] for a, b in zip(ours, theirs))
    worst = {key: max(run[key] for run in ours) for key in ours[0]}
    print(f"opens {ratio:.1f} times faster at worst (wanted {LIMITS['ratio']:g}); at most {worst['open requests']:.0f} requests "
          f"(limit {LIMITS['requests']}), {worst['open MB']:.2f} MB (limit {LIMITS['MB']}), full extent {worst['draw % of file']:.2f} % "
          f"of the file (limit {LIMITS['percent']:g})")  # fmt: skip
    kept = ratio >= LIMITS["ratio"] and worst["open requests"] <= LIMITS["requests"] and worst["open MB"] <= LIMITS["MB"]
    print("kept" if kept and worst["draw % of file"] <= LIMITS["percent"] else "NOT KEPT")


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
