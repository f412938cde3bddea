"""A GeoPackage that takes in features batch by batch, its index included. For one worker thread: no Qt, no QGIS.

GDAL makes the table and decides what its columns are. What fits them exactly is then written without it, in a third of the time;
everything else goes through GDAL like the first batch.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Callable, List, Optional, Set, Tuple, TypeVar

from osgeo import gdal, ogr

from .batches import MOST, RECORD, Batch
from .columns import Unfit, check_names, names_of, widen
from .geopackage import Table, finish, options_for, quiet
from .polygons import blobs
from .rows import Rows
from .table_file import Part, TableFile
from .tables import TableSpec

BULK = 15_000  # features that are written together, about 4 MB of text: GDAL needs a fraction of a second for them

_POLYGONS = {"Polygon", "MultiPolygon"}

T = TypeVar("T")


class Mixed(Exception):
    """Single polygons and multipolygons come together after all; the table has to be made for both from the start."""


class GrowingTable:
    """Takes in batches of cleaned features. Features' ids are their numbers, from 1.

    `mixed`: polygons of both kinds are to be expected. Methods may raise Unfit, Mixed, ResultError, OSError and sqlite3.Error, after
    which only `close` is of use.
    """

    def __init__(self, path: Path, spec: TableSpec, mixed: bool) -> None:
        self._path = path
        self._spec = spec
        self._kinds: Set[str] = set(_POLYGONS) if mixed else set()
        self._shape = self._batch_shape = ogr.wkbUnknown
        self._file: Optional[TableFile] = None
        self._rows: Optional[Rows] = None
        self._parts: List[Part] = []  # to be written without GDAL
        self._texts: List[bytes] = []  # or by it
        self._text_kinds: Set[str] = set()

    def append(self, batch: Batch) -> None:
        """Take in features; they are written when a few thousand have come together."""
        part = self._part(batch) if self._takes_polygons(batch) else None
        if part is None:
            self._write_parts()
            self._texts += batch.texts
            self._text_kinds |= batch.kinds
        else:
            self._write_texts()
            self._parts.append(part)
        if len(self._parts) >= BULK // MOST:
            self._write_parts()
        if len(self._texts) >= BULK:
            self._write_texts()

    def finish(self, lists: Set[str], warn: Callable[[Table], Tuple[str, ...]]) -> Table:
        """Complete the file. `lists` are attributes to keep as text; the sentences of `warn` stay in the file as its description."""
        self._write_parts()
        self._write_texts()
        if self._file is None:
            raise Unfit("no features")
        file = self._file
        file.complete()
        table = self._through_gdal(lambda made: finish(made, lists, self._spec, file.shapeless))
        file.describe("\n".join(warn(table)))
        self.close()
        return table

    def close(self) -> None:
        """Let go of the file, whatever state it is in."""
        if self._file is not None:
            self._file.close()

    def _takes_polygons(self, batch: Batch) -> bool:
        """Whether these features can do without GDAL now."""
        return self._rows is not None and self._kinds <= _POLYGONS and batch.kinds <= self._kinds and batch.flat and bool(batch.texts)

    def _part(self, batch: Batch) -> Optional[Part]:
        """What is to be written, None when something does not fit."""
        try:
            columns = self._rows.columns(batch.read_values()) if self._rows else None
        except ValueError:
            return None
        shapes = None if columns is None else blobs(batch.geometries, batch.single, self._shape == ogr.wkbMultiPolygon)
        return (columns, *shapes) if columns is not None and shapes else None

    def _write_parts(self) -> None:
        if self._parts and self._file is not None and self._rows is not None:
            self._file.add(self._rows.names, self._parts)
        self._parts = []

    def _write_texts(self) -> None:
        texts, kinds = self._texts, self._text_kinds
        self._texts, self._text_kinds = [], set()
        if not texts:
            return
        name = f"/vsimem/groundtrack-{uuid.uuid4().hex}.geojsonl"
        gdal.FileFromMemBuffer(name, b"".join(b"%b%b\n" % (RECORD, text) for text in texts))
        try:
            with quiet():
                source = gdal.OpenEx(name, gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GeoJSONSeq"])
                if source is None:
                    raise Unfit("unreadable features")
                self._take(source, kinds)
                source = None
        finally:
            gdal.Unlink(name)
        if self._file is not None:
            self._file.extend(self._file.count + len(texts))

    def _take(self, source: Any, kinds: Set[str]) -> None:
        layer = source.GetLayer(0)
        if self._file is None:
            self._create(source, layer, kinds)
            return
        file, options = self._file, ["-append", "-nln", self._spec.layer, "-unsetFid", *self._fitted(layer, kinds)]

        def append(made: Any) -> None:
            widen(made.GetLayer(0), layer, file.has_values)
            self._rows = _rows_of(made.GetLayer(0))
            if not gdal.VectorTranslate(made, source, options=options):
                raise Unfit("features cannot be appended")

        self._through_gdal(append)
        file.hush()

    def _fitted(self, layer: Any, kinds: Set[str]) -> Tuple[str, ...]:
        """GDAL's options for a batch of such shapes."""
        if self._kinds == _POLYGONS and kinds <= _POLYGONS:
            return ("-nlt", "MULTIPOLYGON")
        if self._kinds == {"Polygon"} != kinds <= _POLYGONS:
            raise Mixed
        # polygons of both kinds look to GDAL like any mixture
        if self._kinds == _POLYGONS or layer.GetGeomType() != self._batch_shape:
            raise Unfit("other shapes than before")
        return ()

    def _create(self, source: Any, layer: Any, kinds: Set[str]) -> None:
        names = names_of(layer)
        check_names(names)
        self._kinds, self._batch_shape = self._kinds or kinds, layer.GetGeomType()
        options = [*options_for(self._kinds, names, self._spec), "-lco", "SPATIAL_INDEX=NO"]
        made = gdal.VectorTranslate(str(self._path), source, options=options)
        if made is None:
            raise Unfit("the table cannot be made")
        table = made.GetLayer(0)
        self._shape, self._rows = table.GetGeomType(), _rows_of(table)
        fid, geometry = table.GetFIDColumn(), table.GetGeometryColumn()
        table = made = None  # closes it
        self._file = TableFile(self._path, self._spec.layer, fid, geometry)
        self._file.hush()

    def _through_gdal(self, work: Callable[[Any], T]) -> T:
        """Let GDAL have the file meanwhile; what `work` is given may not outlive it."""
        with quiet():
            made = gdal.OpenEx(str(self._path), gdal.OF_VECTOR | gdal.OF_UPDATE, allowed_drivers=["GPKG"])
            if made is None:
                raise Unfit("the table cannot be opened")
            result = work(made)
            gdal.ErrorReset()
            made = None  # closes it
            if gdal.GetLastErrorType() >= gdal.CE_Failure:
                raise Unfit("not written")
            return result


def _rows_of(table: Any) -> Optional[Rows]:
    """For tables whose shapes can do without GDAL."""
    return Rows(table) if table.GetGeomType() in (ogr.wkbPolygon, ogr.wkbMultiPolygon) else None
