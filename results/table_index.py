"""The spatial index of a GeoPackage table that another connection is filling."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import List, Tuple

import numpy as np
from osgeo import ogr, osr

from .columns import Unfit
from .packed_index import PackedIndex

_HEAD = 40  # bytes of a stored shape up to the end of its box: https://www.geopackage.org/spec131/#gpb_format
_FLAGS, _BOX = 3, 8
_LITTLE, _HAS_BOX = 0x01, 0x0E

Statement = Tuple[str, Tuple[object, ...]]


class TableIndex:
    """Indexes what was added since it was last asked. `fid` and `geometry` name the table's own columns.

    Until `complete` GDAL takes the table for one without an index. Methods may raise Unfit and sqlite3.Error.
    """

    def __init__(self, path: Path, layer: str, fid: str, geometry: str) -> None:
        self.shapeless: List[int] = []  # features without a shape
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")  # a file that is cut off is thrown away, the end is made sure of
        begin, self._rest = _learned(path.with_name("twin.gpkg"), layer, fid, geometry)
        self._database.execute(begin)
        self._index = PackedIndex(self._database, f"rtree_{layer}_{geometry}")
        self._new = f'SELECT "{fid}", substr("{geometry}", 1, {_HEAD}) FROM "{layer}" WHERE "{fid}" > ?'  # noqa: S608 # nosec B608 - our own names
        self._any = f'SELECT 1 FROM "{layer}" WHERE "{{}}" IS NOT NULL LIMIT 1'  # noqa: S608 # nosec B608 - our own names
        self._count = 0

    def has_values(self, column: str) -> bool:
        """Whether a column is not empty so far."""
        return self._database.execute(self._any.format(column.replace('"', '""'))).fetchone() is not None

    def extend(self, count: int) -> None:
        """Index the features up to this number; they are numbered from 1 without gaps."""
        found = self._database.execute(self._new, (self._count,)).fetchall()
        if len(found) != count - self._count:
            raise Unfit("features are missing")
        self._count = count
        self.shapeless += [number for number, head in found if head is None]
        rows = [(number, head) for number, head in found if head is not None]
        heads = np.frombuffer(b"".join(head.ljust(_HEAD, b"\0") for _, head in rows), np.uint8).reshape(-1, _HEAD)
        if not np.all((heads[:, _FLAGS] & _HAS_BOX != 0) & (heads[:, _FLAGS] & _LITTLE != 0)):
            raise Unfit("shapes without a box")
        self._database.execute("BEGIN")
        self._index.add(np.array([number for number, _ in rows], np.int64), heads[:, _BOX:].copy().view("<f8"))
        self._database.execute("COMMIT")

    def complete(self, description: str) -> None:
        """Finish the index and make it known. The other connection has to be closed before."""
        self._database.execute("BEGIN")
        self._index.finish()
        for statement, values in self._rest:
            self._database.execute(statement, values)
        self._database.execute("UPDATE gpkg_contents SET description = ?", (description,))
        self._database.execute("COMMIT")

    def close(self) -> None:
        self._database.close()


def _learned(path: Path, layer: str, fid: str, geometry: str) -> Tuple[str, List[Statement]]:
    """What GDAL itself does to begin the index of such a table, and to make it known in the end: seen at an empty twin."""
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    made.CreateLayer(layer, degrees, ogr.wkbPolygon, [f"FID={fid}", f"GEOMETRY_NAME={geometry}", "SPATIAL_INDEX=YES"])
    made = None  # closes it: the index is made now
    with closing(sqlite3.connect(path)) as twin:
        found = twin.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY rowid").fetchall()
        known = twin.execute("SELECT * FROM gpkg_extensions").fetchall()
    path.unlink()
    name, made_by = f"rtree_{layer}_{geometry}", dict(found)
    rest: List[Statement] = [(sql, ()) for other, sql in found if other.startswith(name) and sql.startswith("CREATE TRIGGER")]
    rest.append((made_by["gpkg_extensions"].replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1), ()))
    places = ", ".join("?" * len(known[0]))
    rest += [(f"INSERT INTO gpkg_extensions VALUES ({places})", tuple(row)) for row in known]  # noqa: S608 # nosec B608 - only question marks
    return made_by[name], rest
