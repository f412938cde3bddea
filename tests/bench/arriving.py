"""A Mapflow result of 1,000,000 buildings arriving at 12.5 MB/s: seconds from its last byte to the layer in the real application.

Side by side: the table made while the file arrives, by another process and by a thread of this one, and made from the file once it is
complete. BENCH_WAY=process (thread, then) in the environment runs one of them only, BENCH_SIDE=400 a smaller result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("arriving_driver.py")
SERVER = Path(__file__).with_name("arriving_server.py")
SIDE = int(os.environ.get("BENCH_SIDE", "1000"))  # features in a row and in a column
RATE = 12.5e6  # bytes a second
WAYS = {"table while it arrives, other process": "", "the same, thread": "thread", "save, then convert": "then"}
FIGURES = {
    "after": "s after the last byte", "total": "s in all", "arriving": "longest gap ms, arriving", "finishing": "longest gap ms, after",
    "growth": "memory growth MB", "beside": "of the other process MB",
}  # fmt: skip
LIMITS = {"after": 2.0, "arriving": 50.0, "finishing": 50.0, "growth": 250.0}


def main(runs: int) -> None:
    """Print the figures of both ways and whether the limits hold."""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as folder:
        source = Path(folder) / "result.geojson"
        write(source)
        ways = {name: way for name, way in WAYS.items() if os.environ.get("BENCH_WAY", "") in name}
        found: dict[str, list[dict]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, way in ways.items():
                found[name].append(once(source, way))
    rows = [Row(way, {title: [run[key] for run in taken] for key, title in FIGURES.items()}) for way, taken in found.items()]
    title = f"{SIDE * SIDE:,} polygons, {source.name} at {RATE / 1e6:g} MB/s"
    print(table(title, rows, base="save, then convert"))
    for key, most in LIMITS.items():
        worst = max(run[key] + run["beside"] * (key == "growth") for run in found[next(iter(found))])
        print(f"{FIGURES[key]}: {worst:.3g} of at most {most:g}: {'kept' if worst <= most else 'NOT KEPT'}")


def once(source: Path, way: str) -> dict:
    """One fresh application, profile and server."""
    with serving(source) as (url, stamp), desktop.profile({"groundtrack": desktop.ROOT}) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=400, BENCH_OUT=str(out), BENCH_URL=url, BENCH_STAMP=str(stamp), BENCH_WAY=way)
        if not out.exists():
            raise RuntimeError(f"no result: {answer.stdout[-2000:]}")
        found = json.loads(out.read_text(encoding="utf-8"))
        if found["features"] != SIDE * SIDE:
            raise RuntimeError(f"{found['features']} features")
        return found


@contextmanager
def serving(source: Path) -> Iterator[tuple[str, Path]]:
    """A service that has this result; the file it notes the time of the last byte in."""
    stamp = source.with_name("stamp")
    stamp.unlink(missing_ok=True)
    command = [sys.executable, str(SERVER), str(source), str(RATE), str(stamp)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline() if process.stdout else 0)}", stamp
    finally:
        process.kill()
        process.communicate()


def write(path: Path) -> None:
    """Hexagons in rows, about 275 bytes each."""
    with path.open("w", encoding="ascii") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for row in range(SIDE):
            south = 48 + row * 1e-4
            file.write(",\n" if row else "\n")
            file.write(",\n".join(building(row * SIDE + column, 11 + column * 1.6e-4, south) for column in range(SIDE)))
        file.write("\n]}\n")


def building(number: int, west: float, south: float) -> str:
    east, north, tip = west + 1e-4, south + 6e-5, west + 1.2e-4
    ring = ((west, south), (east, south), (tip, (south + north) / 2), (east, north), (west, north), (west, south))
    points = ",".join(f"[{x:.7f},{y:.7f}]" for x, y in ring)
    told = f'"id":{number},"class_id":"10{number % 5 + 1}","building_height":{number % 40 + 0.5},"shape_type":"HEX"'
    return f'{{"type":"Feature","properties":{{{told}}},"geometry":{{"type":"Polygon","coordinates":[[{points}]]}}}}'
