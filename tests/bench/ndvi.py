"""NDVI of two 16-bit bands to a cloud optimized GeoTIFF: ours against GDAL's tools and QGIS's raster calculator, and how it grows."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

sys.path.append(str(Path(__file__).resolve().parents[1]))
from bench.tables import Row, table

DRIVER = Path(__file__).with_name("ndvi_driver.py")
SIDE = 10_000
SIDES = (1_000, 5_000, 20_000)
LIMITS = {"gdal_calc": 0.62, "calculator": 0.5, "int16": 0.45, "file": 1.02, "MB": 600.0}
FORMULA = "numpy.where((A.astype(float)+B)==0,-9999,(B.astype(float)-A)/(A.astype(float)+B))"
OPTIONS = ["COMPRESS=DEFLATE", "PREDICTOR=YES", "OVERVIEWS=AUTO", "RESAMPLING=AVERAGE", "BIGTIFF=IF_SAFER", "NUM_THREADS=2"]

Figures = dict[str, float]


def main(runs: int) -> None:
    """Print medians and ratios of one sitting, variants in turn; each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as name:
        folder = Path(name)
        _driver("make", folder, str(SIDE))
        _driver("ready", folder)
        variants: dict[str, Callable[[], Figures]] = {
            "gdal_calc.py + gdal_translate": lambda: _tools(folder),
            "raster calculator + translate": lambda: _driver("calculator", folder),
            "floor: read both, write a ready array": lambda: _driver("floor", folder),
            "groundtrack": lambda: _driver("ours", folder),
            "groundtrack, int16": lambda: _driver("ours16", folder),
        }
        measured: dict[str, list[Figures]] = {name: [] for name in variants}
        for _ in range(runs):
            for name, variant in variants.items():
                measured[name].append({**variant(), "file MB": (folder / "out.tif").stat().st_size / 1e6})
                _clear(folder)
    print(table(f"NDVI, {SIDE} x {SIDE}", _rows(measured), base="gdal_calc.py + gdal_translate"))
    _judge(measured)
    _growth(max(1, runs // 2), measured["groundtrack"])


def _growth(runs: int, known: list[Figures]) -> None:
    """Seconds for each million pixels and peak memory, from small to large."""
    measured = {SIDE: known}
    for side in SIDES:
        with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as name:
            _driver("make", Path(name), str(side))
            measured[side] = [_driver("ours", Path(name)) for _ in range(runs)]
    rows = [Row(f"{side} x {side}", _growing(side, found)) for side, found in sorted(measured.items())]
    print(table("Growth", rows, base=f"{SIDE} x {SIDE}"))


def _growing(side: int, runs: list[Figures]) -> dict[str, list[float]]:
    each = [run["s"] / side**2 * 1e6 for run in runs]
    work = [run["CPU s"] / side**2 * 1e6 for run in runs]
    return {"s per Mpx": each, "CPU s per Mpx": work, "s": [run["s"] for run in runs], "peak MB": [run["peak MB"] for run in runs]}


def _tools(folder: Path) -> Figures:
    red, nir, plain = (str(folder / f"{name}.tif") for name in ("red", "nir", "plain"))
    calculate = [
        sys.executable, _tool("gdal_calc.py"), "-A", red, "-B", nir, "--outfile", plain, "--type", "Float32",
        "--NoDataValue", "-9999", "--co", "TILED=YES", "--quiet", "--calc", FORMULA,
    ]  # fmt: skip
    options = [word for option in OPTIONS for word in ("-co", option)]
    first = _timed(calculate)
    second = _timed([_tool("gdal_translate"), "-q", "-of", "COG", plain, str(folder / "out.tif"), *options])
    return {"s": first["s"] + second["s"], "CPU s": first["CPU s"] + second["CPU s"], "peak MB": max(first["peak MB"], second["peak MB"])}


def _driver(route: str, folder: Path, *more: str) -> Figures:
    return _timed([sys.executable, str(DRIVER), route, str(folder), *more])


def _timed(command: list[str]) -> Figures:
    """Seconds, processor seconds and the largest memory of a process. This one stays small: its own peak would count for its children."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "GDAL_NUM_THREADS": "2"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # QGIS without its exit may end by a signal after its work is done
    if process.returncode > 0:
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}")
    return {"s": time.perf_counter() - begun, "CPU s": used.ru_utime + used.ru_stime, "peak MB": used.ru_maxrss / 1024}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name not in ("red.tif", "nir.tif", "ready.npy"):
            path.unlink()


def _rows(measured: dict[str, list[Figures]]) -> list[Row]:
    return [Row(name, {key: [run[key] for run in runs] for key in runs[0]}) for name, runs in measured.items()]


def _judge(measured: dict[str, list[Figures]]) -> None:
    tools, calculator, floor, ours, whole = (
        {key: statistics.median(run[key] for run in runs) for key in runs[0]} for runs in measured.values()
    )
    found = {
        "gdal_calc": ours["s"] / tools["s"], "calculator": ours["s"] / calculator["s"], "int16": whole["s"] / tools["s"],
        "file": ours["file MB"] / tools["file MB"], "MB": max(run["peak MB"] for run in measured["groundtrack"]),
    }  # fmt: skip
    for name, value in found.items():
        print(f"{name}: {value:.3g} of at most {LIMITS[name]:g}: {'kept' if value <= LIMITS[name] else 'NOT KEPT'}")
    print(f"to the floor: {ours['s'] / floor['s']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
