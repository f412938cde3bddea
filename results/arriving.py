"""Turns a large GeoJSON result into its GeoPackage while it is still arriving.

Another process cuts the text into features, cleans them and puts them into the table, a few megabytes at a time; where none can be
had, a thread beside the download does. Where only a look at the whole file can tell what the table has to be, nothing is made here
and the file is converted as ever, once it is complete.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Callable, Optional

from ..jobs.job import Job
from ..providers.cancel import Cancel
from .facts import delivers_rasters, table_of
from .growth import Growth
from .tables import TableSpec

LEAST = 16 << 20  # bytes; what is smaller is soon converted when it is complete
LEAST_HERE = 128 << 20  # bytes, without another process: that leaves the main thread more room
_TOLD = 0.1  # s between two words on progress
VECTOR_ENDINGS = (".geojson", ".json")

log = logging.getLogger("groundtrack")


def sweep(table: Path) -> None:
    """Take away what a crash left where this table was growing: it is of no use."""
    for entry in table.parent.glob(".*-arriving-*"):
        if entry.name.startswith(_beginning(table)):
            shutil.rmtree(entry, ignore_errors=True)


def _beginning(table: Path) -> str:
    return f".{table.stem}-arriving-"


def read_along(job: Job, target: Path) -> Optional[ArrivingTable]:
    """Who makes a table of a file that will have this name; None for files that are no vector results."""
    if delivers_rasters(job) or target.suffix.lower() not in VECTOR_ENDINGS:
        return None
    return ArrivingTable(target, table_of(job))


class ArrivingTable:
    """A jobs.readers.Reader. Does nothing for a file that is smaller than `LEAST`."""

    def __init__(self, target: Path, spec: TableSpec) -> None:
        self._target = target.with_suffix(".gpkg")
        self._spec = spec
        self._growth = Growth()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._folder: Optional[Path] = None
        self._taken = self._total = 0
        self._started = self._made = False

    @property
    def behind(self) -> int:
        return max(0, self._growth.standing.size - self._taken) if self._started and not self._done.is_set() else 0

    def grown(self, part: Path, size: int, total: Optional[int] = None) -> None:
        self._growth.grown(str(part), size)
        self._total = max(size, total or 0)
        if self._total >= LEAST and not self._started:
            self._started = True
            threading.Thread(target=self._run, name="groundtrack table", daemon=True).start()

    def catch_up(self, cancel: Cancel, tell: Callable[[], None]) -> None:
        self._growth.complete()
        with cancel.calling(self.stop):
            while self._started and not self._done.wait(_TOLD):
                tell()
        cancel.check()

    def placed(self) -> None:
        if not self._made or self._folder is None:
            return
        from .charts import replace_charts
        from .table_maker import CHARTS, TABLE

        try:
            replace_charts(self._folder / CHARTS, self._target)
            os.replace(self._folder / TABLE, self._target)
        except OSError as problem:
            log.info("the table of %s is made again: %s", self._target.name, problem)

    def stop(self) -> None:
        self._growth.stop()
        with self._lock:
            if self._done.is_set():
                self._clear()

    def _run(self) -> None:
        try:
            sweep(self._target)
            self._folder = Path(tempfile.mkdtemp(prefix=_beginning(self._target), dir=self._target.parent))
            self._make(self._folder)
            self._made = True
        except Exception as problem:  # noqa: BLE001 - the file is converted once it is complete, and what is wrong with it is said then
            log.info("%s is converted when it is complete: %s", self._target.stem, problem)
        with self._lock:
            if self._growth.stopped or not self._made:
                self._clear()
            self._done.set()

    def _make(self, folder: Path) -> None:
        from .table_maker import make_table
        from .table_process import NoProcess, make_apart

        try:
            make_apart(self._growth, folder, self._spec, self._take)
        except NoProcess as problem:
            if self._total < LEAST_HERE:
                raise
            log.info("%s is made into a table here: %s", self._target.stem, problem)
            make_table(self._growth, folder, self._spec, self._take)

    def _take(self, size: int) -> None:
        self._taken = size

    def _clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
