"""A table of mixed shapes taken apart: areas, lines and points each in a table of their own of one GeoPackage.

For worker threads: no Qt, no QGIS.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, List, Optional, Set, Tuple

from osgeo import gdal, ogr

from ..providers.errors import Cancelled
from .errors import ResultError
from .geojson import work_folder
from .geopackage import NOT_WRITTEN, quiet, quoted
from .tables import TableSpec

COLLECTIONS = "Some shapes are collections of points, lines and areas together, which QGIS does not draw; they have a layer of their own."


@dataclass(frozen=True)
class Family:
    """Shapes that one layer can draw. `suffix` follows the name of the table, `word` its title, where others are beside it."""

    kind: str
    suffix: str
    word: str

    @property
    def kinds(self) -> Tuple[str, str]:
        """What a database calls the single shape and that of several parts."""
        return self.kind, f"MULTI{self.kind}"


AREAS = Family("POLYGON", "", "")
LINES = Family("LINESTRING", "_lines", "lines")
POINTS = Family("POINT", "_points", "points")
OTHERS = Family("GEOMETRYCOLLECTION", "_other", "other shapes")
FAMILIES = (AREAS, LINES, POINTS, OTHERS)
_TOP_DOWN = (POINTS, LINES, AREAS, OTHERS)  # as layers lie over each other


def family_of(kind: int) -> Family:
    """The family of one of OGR's geometry types."""
    name = ogr.GeometryTypeToName(ogr.GT_Flatten(kind)).upper().replace(" ", "")
    return next((family for family in FAMILIES if name in family.kinds), AREAS)


def table_name(spec: TableSpec, family: Family) -> str:
    """What the table of these shapes is called where there are others too. Areas keep the usual name."""
    return spec.layer + family.suffix


def specs_in(path: Path, spec: TableSpec) -> Tuple[TableSpec, ...]:
    """The tables of a result that are in a GeoPackage, those that are drawn above others first; empty when it cannot be opened."""
    with quiet():
        opened = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GPKG"])
        names = {opened.GetLayer(number).GetName() for number in range(opened.GetLayerCount())} if opened is not None else set()
    found = [family for family in _TOP_DOWN if table_name(spec, family) in names]
    return tuple(replace(spec, layer=table_name(spec, one), title=f"{spec.title}, {one.word}" if one.word else spec.title) for one in found)


def take_apart(path: Path, spec: TableSpec, cancelled: Callable[[], bool]) -> None:
    """Give each family of shapes a table of its own, once; features keep their ids. Nothing happens where all are of one family.

    Raises ResultError, Cancelled; the file is then as before.
    """
    with quiet():
        opened = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GPKG"])
        layer = opened.GetLayerByName(spec.layer) if opened is not None else None
        kinds = _kinds_in(opened, layer) if layer is not None and ogr.GT_Flatten(layer.GetGeomType()) == ogr.wkbUnknown else set()
        present = [family for family in FAMILIES if kinds.intersection(family.kinds)]
        if not present:
            return
        try:
            with work_folder(path) as folder:
                made: Any = None
                for family in present:
                    name = spec.layer if len(present) == 1 else table_name(spec, family)
                    made = _copy(opened, folder / "tables.gpkg", made, _options(layer, family, kinds, name), cancelled)
                opened = layer = made = None  # closes the files
                os.replace(folder / "tables.gpkg", path)
        except OSError as problem:
            raise ResultError(NOT_WRITTEN) from problem


def _kinds_in(opened: Any, layer: Any) -> Set[str]:
    column, table = quoted(layer.GetGeometryColumn()), quoted(layer.GetName())
    found = opened.ExecuteSQL(f"SELECT DISTINCT ST_GeometryType({column}) AS kind FROM {table}")  # noqa: S608 # nosec B608 - quoted names
    kinds = {row.GetField(0) for row in found} - {None}
    opened.ReleaseResultSet(found)
    return kinds


def _options(layer: Any, family: Family, kinds: Set[str], name: str) -> List[str]:
    """How GDAL shall copy the shapes of one family."""
    here = [kind for kind in family.kinds if kind in kinds]
    wanted, column = ", ".join(f"'{kind}'" for kind in here), quoted(layer.GetGeometryColumn())
    chosen = f"ST_GeometryType({column}) IN ({wanted})"
    return [
        "-nln", name, "-nlt", f"{here[-1]}{_height(layer, chosen)}", "-where", chosen, "-preserve_fid", "-nomd",
        "-lco", f"FID={layer.GetFIDColumn()}", "-lco", f"GEOMETRY_NAME={layer.GetGeometryColumn()}",
        "-lco", f"IDENTIFIER={name}", "-lco", f"DESCRIPTION={layer.GetMetadataItem('DESCRIPTION') or ''}", layer.GetName(),
    ]  # fmt: skip


def _height(layer: Any, chosen: str) -> str:
    """“Z” where the first of these shapes has heights."""
    layer.SetAttributeFilter(chosen)
    first = next(iter(layer), None)
    raised = first is not None and bool(first.GetGeometryRef().Is3D())
    layer.SetAttributeFilter(None)
    layer.ResetReading()
    return "Z" if raised else ""


def _copy(opened: Any, target: Path, made: Any, options: List[str], cancelled: Callable[[], bool]) -> Any:
    def report(_fraction: float, _message: str, _data: object) -> int:
        return 0 if cancelled() else 1

    how = ["-f", "GPKG"] if made is None else ["-update"]
    copied: Optional[Any] = gdal.VectorTranslate(made or str(target), opened, options=[*how, *options], callback=report)
    if cancelled():
        raise Cancelled("Stopped.")
    if not copied:
        raise ResultError(NOT_WRITTEN)
    return copied if made is None else made
