"""The file of a GeoPackage table while it grows: rows that need no GDAL, and the spatial index over all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np
from osgeo import ogr, osr

from .bulk_insert import insert
from .columns import Unfit
from .packed_index import PackedIndex

_HEAD = 40  # bytes of a stored shape up to the end of its box: https://www.geopackage.org/spec131/#gpb_format
_FLAGS, _BOX = 3, 8
_LITTLE, _HAS_BOX = 0x01, 0x0E

Part = Tuple[Sequence[Sequence[object]], Sequence[bytes], np.ndarray]  # columns, shapes as blobs, boxes (min x, max x, min y, max y)


class TableFile:
    """A table that GDAL made without an index. `fid` and `geometry` name its own columns.

    Index, extent and count are right once `complete` was called. GDAL may have the file open only between calls; before that one,
    `hush` follows each time. Methods may raise Unfit and sqlite3.Error.
    """

    def __init__(self, path: Path, layer: str, fid: str, geometry: str) -> None:
        self.count = 0
        self.shapeless: List[int] = []  # features without a shape
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")  # there is nothing to go back to: what is not completed is thrown away
        begin, self._triggers, self._known = _learned(path.with_name("twin.gpkg"), layer, fid, geometry)
        self._database.execute(begin)
        self._index = PackedIndex(self._database, f"rtree_{layer}_{geometry}")
        self._boxes: List[np.ndarray] = []
        self._own = (fid, geometry)
        self._layer = layer

    def hush(self) -> None:
        """Rows are counted and indexed by us for now."""
        for name, _ in self._triggers:
            self._database.execute(f'DROP TRIGGER IF EXISTS "{name}"')

    def has_values(self, column: str) -> bool:
        """Whether a column is not empty so far."""
        asked = f"SELECT 1 FROM {_quoted(self._layer)} WHERE {_quoted(column)} IS NOT NULL LIMIT 1"  # noqa: S608 # nosec B608 - quoted names
        return self._database.execute(asked).fetchone() is not None

    def add(self, names: Sequence[str], parts: Sequence[Part]) -> None:
        """Add features with values of these columns, in one transaction: each makes the disk catch up."""
        table = f"{_quoted(self._layer)} ({', '.join(map(_quoted, (*self._own, *names)))})"
        first = self.count + 1
        self._database.execute("BEGIN")
        for columns, blobs, _ in parts:
            numbers = range(self.count + 1, self.count + len(blobs) + 1)
            insert(self._database, table, (numbers, blobs, *columns))
            self.count += len(blobs)
        self._add_boxes(np.arange(first, self.count + 1), np.concatenate([boxes for _, _, boxes in parts]))

    def extend(self, count: int) -> None:
        """GDAL has added features up to this number; they are numbered without gaps."""
        fid, geometry = map(_quoted, self._own)
        asked = f"SELECT {fid}, substr({geometry}, 1, {_HEAD}) FROM {_quoted(self._layer)} WHERE {fid} > ?"  # noqa: S608 # nosec B608 - quoted
        found = self._database.execute(asked, (self.count,)).fetchall()
        if len(found) != count - self.count:
            raise Unfit("features are missing")
        self.count = count
        self.shapeless += [number for number, head in found if head is None]
        rows = [(number, head) for number, head in found if head is not None]
        heads = np.frombuffer(b"".join(head.ljust(_HEAD, b"\0") for _, head in rows), np.uint8).reshape(-1, _HEAD)
        if not np.all((heads[:, _FLAGS] & _HAS_BOX != 0) & (heads[:, _FLAGS] & _LITTLE != 0)):
            raise Unfit("shapes without a box")
        self._database.execute("BEGIN")
        self._add_boxes(np.array([number for number, _ in rows], np.int64), heads[:, _BOX:].copy().view("<f8"))

    def complete(self) -> None:
        """Finish the index and make it known, with count and extent."""
        self._database.execute("BEGIN")
        self._index.finish()
        for _, statement in self._triggers:
            self._database.execute(statement)
        for statement, values in self._known:
            self._database.execute(statement, values)
        if self._boxes:
            boxes = np.stack(self._boxes)
            extent = (boxes[:, 0].min(), boxes[:, 2].min(), boxes[:, 1].max(), boxes[:, 3].max())
            self._database.execute("UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?", tuple(map(float, extent)))
        self._database.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (self.count,))
        self._database.execute("COMMIT")

    def describe(self, text: str) -> None:
        """Keep a text for people with the table."""
        self._database.execute("UPDATE gpkg_contents SET description = ?", (text,))

    def close(self) -> None:
        self._database.close()

    def _add_boxes(self, numbers: np.ndarray, boxes: np.ndarray) -> None:
        """Ends the transaction."""
        self._index.add(numbers, boxes)
        self._database.execute("COMMIT")
        if len(boxes):
            self._boxes.append(np.array([boxes[:, 0].min(), boxes[:, 1].max(), boxes[:, 2].min(), boxes[:, 3].max()]))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


Statement = Tuple[str, Tuple[object, ...]]


def _learned(path: Path, layer: str, fid: str, geometry: str) -> Tuple[str, List[Tuple[str, str]], List[Statement]]:
    """How GDAL itself makes the index of such a table, its triggers, and how it is made known: seen at an empty twin."""
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    made.CreateLayer(layer, degrees, ogr.wkbPolygon, [f"FID={fid}", f"GEOMETRY_NAME={geometry}", "SPATIAL_INDEX=YES"])
    made = None  # closes it: the index is made now
    with closing(sqlite3.connect(path)) as twin:
        found = twin.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY rowid").fetchall()
        rows = twin.execute("SELECT * FROM gpkg_extensions").fetchall()
    path.unlink()
    tables = {name: sql for kind, name, sql in found if kind == "table"}
    known: List[Statement] = [(tables["gpkg_extensions"].replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1), ())]
    places = ", ".join("?" * len(rows[0]))
    known += [(f"INSERT INTO gpkg_extensions VALUES ({places})", tuple(row)) for row in rows]  # noqa: S608 # nosec B608 - only question marks
    triggers = [(name, sql) for kind, name, sql in found if kind == "trigger" and f'"{layer}"' in sql]
    return tables[f"rtree_{layer}_{geometry}"], triggers, known
