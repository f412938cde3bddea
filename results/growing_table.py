"""A GeoPackage that takes in features batch by batch, its index included. For one worker thread: no Qt, no QGIS."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any, Callable, Optional, Set, Tuple

from osgeo import gdal, ogr

from .columns import Unfit, check_names, names_of, widen
from .geopackage import Table, finish, options_for, quiet
from .table_index import TableIndex
from .tables import TableSpec

_POLYGONS = {"Polygon", "MultiPolygon"}


class Mixed(Exception):
    """Single polygons and multipolygons come together after all; the table has to be made for both from the start."""


class GrowingTable:
    """Takes in batches of cleaned features, one a line. Features' ids are their numbers, from 1.

    `mixed`: polygons of both kinds are to be expected. Methods may raise Unfit, Mixed, ResultError, OSError and sqlite3.Error, after
    which only `close` is of use.
    """

    def __init__(self, path: Path, spec: TableSpec, mixed: bool) -> None:
        self._path = path
        self._spec = spec
        self._kinds: Set[str] = set(_POLYGONS) if mixed else set()
        self._shape = ogr.wkbUnknown
        self._made: Any = None
        self._index: Optional[TableIndex] = None
        self._count = 0

    def append(self, lines: bytes, count: int, kinds: Set[str]) -> None:
        """Take in `count` features whose shapes are of these types."""
        name = f"/vsimem/groundtrack-{uuid.uuid4().hex}.geojsonl"
        gdal.FileFromMemBuffer(name, lines)
        try:
            with quiet():
                source = gdal.OpenEx(name, gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GeoJSONSeq"])
                if source is None:
                    raise Unfit("unreadable features")
                self._take(source, kinds)
                source = None
        finally:
            gdal.Unlink(name)
        self._count += count
        if self._index is not None:
            self._index.extend(self._count)

    def finish(self, lists: Set[str], warn: Callable[[Table], Tuple[str, ...]]) -> Table:
        """Complete the file. `lists` are attributes to keep as text; the sentences of `warn` stay in the file as its description."""
        if self._index is None:
            raise Unfit("no features")
        with quiet():
            table = finish(self._made, lists, self._spec, self._index.shapeless)
            gdal.ErrorReset()
            self._made = None  # closes it
            if gdal.GetLastErrorType() >= gdal.CE_Failure:
                raise Unfit("not written")
        self._index.complete("\n".join(warn(table)))
        self.close()
        with open(self._path, "rb+") as file:
            os.fsync(file.fileno())
        return table

    def close(self) -> None:
        """Let go of the file, whatever state it is in."""
        self._made = None
        if self._index is not None:
            self._index.close()

    def _take(self, source: Any, kinds: Set[str]) -> None:
        layer = source.GetLayer(0)
        if self._index is None:
            self._create(source, layer, kinds)
            return
        more = self._fitted(layer, kinds)
        widen(self._made.GetLayer(0), layer, self._index.has_values)
        if not gdal.VectorTranslate(self._made, source, options=["-append", "-nln", self._spec.layer, "-unsetFid", *more]):
            raise Unfit("features cannot be appended")

    def _fitted(self, layer: Any, kinds: Set[str]) -> Tuple[str, ...]:
        """GDAL's options for a batch of such shapes."""
        if self._kinds == _POLYGONS and kinds <= _POLYGONS:
            return ("-nlt", "MULTIPOLYGON")
        if self._kinds == {"Polygon"} != kinds <= _POLYGONS:
            raise Mixed
        if layer.GetGeomType() != self._shape:
            raise Unfit("other shapes than before")
        return ()

    def _create(self, source: Any, layer: Any, kinds: Set[str]) -> None:
        names = names_of(layer)
        check_names(names)
        self._kinds, self._shape = self._kinds or kinds, layer.GetGeomType()
        options = [*options_for(self._kinds, names, self._spec), "-lco", "SPATIAL_INDEX=NO"]
        self._made = gdal.VectorTranslate(str(self._path), source, options=options)
        if self._made is None:
            raise Unfit("the table cannot be made")
        made = self._made.GetLayer(0)
        self._index = TableIndex(self._path, self._spec.layer, made.GetFIDColumn(), made.GetGeometryColumn())
