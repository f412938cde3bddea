"""Turns a large GeoJSON result into its GeoPackage while it is still arriving.

A thread beside the download cuts the text into features, cleans them and puts them into the table, a few megabytes at a time. Where
only a look at the whole file can tell what the table has to be, nothing is made here and the file is converted as ever, once it is
complete.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Set

from ..jobs.job import Job
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from .errors import ResultError
from .facts import delivers_rasters, table_of
from .tables import TableSpec

if TYPE_CHECKING:
    from .growing_table import GrowingTable

LEAST = 128 << 20  # bytes; what is smaller is soon converted when it is complete, and that leaves the main thread more room
ROOM = 512 << 20  # bytes of disk below which the download gets all that is left
_BLOCK = 1 << 18
_TOLD = 0.1  # s between two words on progress
VECTOR_ENDINGS = (".geojson", ".json")

log = logging.getLogger("groundtrack")


def arriving_folder(table: Path) -> Path:
    """Where a table grows that will be this one; what a crash left there is of no use."""
    return table.with_name(f".{table.stem}-arriving")


def read_along(job: Job, target: Path) -> Optional[ArrivingTable]:
    """Who makes a table of a file that will have this name; None for files that are no vector results."""
    if delivers_rasters(job) or target.suffix.lower() not in VECTOR_ENDINGS:
        return None
    return ArrivingTable(target, table_of(job))


class _Again(Exception):
    """The file begins again."""


class ArrivingTable:
    """A jobs.readers.Reader. Does nothing for a file that is smaller than `LEAST`."""

    def __init__(self, target: Path, spec: TableSpec) -> None:
        self._target = target.with_suffix(".gpkg")
        self._folder = arriving_folder(self._target)
        self._spec = spec
        self._news = threading.Condition()
        self._done = threading.Event()
        self._part = target
        self._size = self._taken = self._life = 0  # `_life` counts how often the file began again
        self._started = self._complete = self._stopped = self._made = self._mixed = False

    @property
    def behind(self) -> int:
        return max(0, self._size - self._taken) if self._started and not self._done.is_set() else 0

    def grown(self, part: Path, size: int, total: Optional[int] = None) -> None:
        with self._news:
            if size < self._size:
                self._life += 1
            self._part, self._size = part, size
            if max(size, total or 0) >= LEAST and not self._started:
                self._started = True
                threading.Thread(target=self._run, name="groundtrack table", daemon=True).start()
            self._news.notify_all()

    def catch_up(self, cancel: Cancel, tell: Callable[[], None]) -> None:
        with self._news:
            self._complete = True
            self._news.notify_all()
        with cancel.calling(self.stop):
            while self._started and not self._done.wait(_TOLD):
                tell()
        cancel.check()

    def placed(self) -> None:
        if not self._made:
            return
        from .charts import replace_charts

        try:
            replace_charts(self._folder / "charts.sqlite", self._target)
            os.replace(self._folder / "table.gpkg", self._target)
        except OSError as problem:
            log.info("the table of %s is made again: %s", self._target.name, problem)

    def stop(self) -> None:
        with self._news:
            self._stopped = True
            self._news.notify_all()
            if not self._started or self._done.is_set():
                shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        try:
            while not self._made:
                self._try()
        except Exception as problem:  # noqa: BLE001 - the file is converted once it is complete, and what is wrong with it is said then
            log.info("%s is converted when it is complete: %s", self._target.stem, problem)
        with self._news:
            if self._stopped:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._done.set()

    def _try(self) -> None:
        from .growing_table import GrowingTable, Mixed

        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._taken = 0
        table = GrowingTable(self._folder / "table.gpkg", self._spec, self._mixed)
        try:
            self._fill(table)
        except _Again:
            log.debug("%s begins again", self._target.stem)
        except Mixed:
            self._mixed = True
        finally:
            table.close()

    def _fill(self, table: GrowingTable) -> None:
        from .batches import batches
        from .charts import ChartWriter
        from .geojson import warnings

        count = shapeless = 0
        lists: Set[str] = set()
        with ChartWriter(self._folder / "charts.sqlite") as charts:
            for batch in batches(self._blocks(self._life), self._spec):
                if shutil.disk_usage(self._folder).free < ROOM:
                    raise ResultError("The disk is nearly full.")
                table.append(batch)
                for number, text in batch.side:
                    charts.add(count + number, text)
                count += len(batch.texts)
                shapeless += batch.shapeless
                lists |= batch.lists
                self._taken = batch.read
        table.finish(lists, lambda made: warnings(made, shapeless + made.shapeless))
        self._made = True

    def _blocks(self, life: int) -> Iterator[bytes]:
        at = 0
        while True:
            with self._news:
                while not (self._size > at or self._complete or self._stopped or self._life != life):
                    self._news.wait()
                if self._stopped:
                    raise Cancelled("Stopped.")
                if self._life != life:
                    raise _Again
                if at >= self._size:
                    return
                part, size = self._part, min(_BLOCK, self._size - at)
            # closed at once: the file is renamed as soon as it is complete
            with open(part, "rb") as file:
                file.seek(at)
                block = file.read(size)
            if not block:  # it begins again just now
                with self._news:
                    self._news.wait_for(lambda: self._stopped or self._life != life, _TOLD)
            elif self._life != life:
                raise _Again
            at += len(block)
            yield block
