"""Delivered GeoJSON into the GeoPackage a layer is opened from. For worker threads only: no Qt, no QGIS."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable, Iterator, List, Optional, Tuple

from ..providers.errors import Cancelled
from .batches import RECORD
from .charts import ChartWriter, replace_charts
from .errors import ResultError
from .features import FeatureCleaner
from .geopackage import NOT_WRITTEN, Lines, Table, write_table
from .scanner import FeatureScanner
from .tables import TableSpec

NOT_FOUND = "The downloaded result cannot be read from the result folder. Fetch it again."
_BLOCK = 1 << 18
_BUFFER = 1 << 20  # each write lets go of the interpreter for an instant; many of them starve the thread that waits for it
_SCAN_SHARE = 0.5  # of the whole work, for the progress bar


@dataclass(frozen=True)
class Converted:
    """A finished GeoPackage with one layer.

    `matched` counts the features that are detections (all, unless the table has a change field). `extent` is (west, south, east,
    north) in degrees, None when empty. `skipped` features had no usable shape. `warnings` are sentences for a person.
    """

    path: Path
    layer: str
    features: int
    matched: int
    extent: Optional[Tuple[float, float, float, float]]
    geometry: str
    skipped: int
    warnings: Tuple[str, ...]


def convert(
    source: Path, target: Path, spec: TableSpec, *, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> Converted:
    """Turn a GeoJSON file in EPSG:4326 into `target`, a GeoPackage; bulky values go to `charts_path(target)`.

    The target appears at the end, complete, or not at all. `progress` gets shares of 1. Raises ResultError when the file cannot be
    turned into a layer, Cancelled soon after `cancelled` answers True.
    """

    def report(share: float) -> bool:
        progress(share)
        return not cancelled()

    try:
        with work_folder(target) as folder:
            cleaner, lines = _write_lines(source, folder, spec, lambda share: report(share * _SCAN_SHARE))
            table = write_table(lines, folder / "table.gpkg", spec, lambda share: report(_SCAN_SHARE + share * (1 - _SCAN_SHARE)))
            if table is None:
                raise Cancelled("Stopped.")
            replace_charts(folder / "charts.sqlite", target)
            os.replace(folder / "table.gpkg", target)
    except (OSError, sqlite3.Error) as problem:
        raise ResultError(NOT_WRITTEN) from problem
    skipped = cleaner.shapeless + table.shapeless
    return Converted(
        target, spec.layer, table.features, table.matched, table.extent, table.geometry, skipped, warnings(table, skipped)
    )  # fmt: skip


@contextmanager
def work_folder(target: Path) -> Iterator[Path]:
    """Beside the target, so that what is finished is moved, not copied."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_lines(
    source: Path, folder: Path, spec: TableSpec, report: Callable[[float], bool]
) -> Tuple[FeatureCleaner, Lines]:
    cleaner = FeatureCleaner(spec)
    path = folder / "features.geojsonl"
    count = 0
    with _opened(source) as text, open(path, "wb", _BUFFER) as out, ChartWriter(folder / "charts.sqlite") as charts:
        for features in _features(text, report):
            for feature in features:
                cleaned = cleaner.clean(feature)
                if cleaned is None:
                    continue
                count += 1
                out.write(b"%b%b\n" % (RECORD, cleaned.text))
                if cleaned.side:
                    charts.add(count, cleaned.side)
    return cleaner, Lines(path, count, cleaner.geometries, cleaner.lists)


def _opened(source: Path) -> BinaryIO:
    try:
        return open(source, "rb")
    except OSError as problem:
        raise ResultError(NOT_FOUND) from problem


def _features(text: BinaryIO, report: Callable[[float], bool]) -> Iterator[List[bytes]]:
    scanner = FeatureScanner()
    size = max(1, os.fstat(text.fileno()).st_size)
    while True:
        if not report(min(1.0, text.tell() / size)):
            raise Cancelled("Stopped.")
        block = text.read(_BLOCK)
        if not block:
            break
        yield scanner.feed(block)
    yield scanner.finish()


def warnings(table: Table, skipped: int) -> Tuple[str, ...]:
    """What a person should know of a table when this many features were left out of it."""
    return tuple(_warnings(table, skipped))


def _warnings(table: Table, skipped: int) -> Iterator[str]:
    if skipped:
        yield f"{skipped} of {skipped + table.features} features have no usable shape and were left out."
    if table.extent and (min(table.extent[0::2]) < -360 or max(table.extent[0::2]) > 360 or max(map(abs, table.extent[1::2])) > 90.001):
        yield "The coordinates do not look like degrees; the layer may lie in the wrong place."
