"""Turns a GeoJSON file that is still arriving into its table. For a worker thread or a process of its own: no Qt, no QGIS."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Callable, Set

from .batches import batches
from .charts import ChartWriter
from .errors import ResultError
from .geojson import warnings
from .growing_table import GrowingTable, Mixed
from .growth import Again, Growth
from .tables import TableSpec

ROOM = 512 << 20  # bytes of disk below which the download gets all that is left
TABLE, CHARTS = "table.gpkg", "charts.sqlite"

log = logging.getLogger("groundtrack")


def make_table(growth: Growth, folder: Path, spec: TableSpec, taken: Callable[[int], None]) -> None:
    """Make `TABLE` in `folder`, and `CHARTS` where there are bulky values; both are closed in the end. `taken` gets bytes of text so far.

    Raises Cancelled once `growth` is stopped, and anything where the file has to be converted when it is complete.
    """
    mixed = False
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        taken(0)
        table = GrowingTable(folder / TABLE, spec, mixed)
        try:
            _fill(table, growth, folder, spec, taken)
            return
        except Again:
            log.debug("%s begins again", folder.name)
        except Mixed:
            mixed = True
        finally:
            table.close()


def _fill(table: GrowingTable, growth: Growth, folder: Path, spec: TableSpec, taken: Callable[[int], None]) -> None:
    count = shapeless = 0
    lists: Set[str] = set()
    with ChartWriter(folder / CHARTS) as charts:
        for batch in batches(growth.blocks(), spec):
            if shutil.disk_usage(folder).free < ROOM:
                raise ResultError("The disk is nearly full.")
            table.append(batch)
            for number, text in batch.side:
                charts.add(count + number, text)
            count += len(batch.texts)
            shapeless += batch.shapeless
            lists |= batch.lists
            taken(batch.read)
    table.finish(lists, lambda made: warnings(made, shapeless + made.shapeless))
