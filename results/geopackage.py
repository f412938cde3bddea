"""Lines of cleaned features into one indexed layer. GDAL does it, and lets go of the interpreter meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, List, Optional, Set, Tuple

from osgeo import gdal, ogr, osr

from .columns import names_of
from .errors import ResultError
from .tables import TableSpec

NOT_WRITTEN = "The layer's file could not be written. Check free space and permissions of the result folder, then load the result again."
UNREADABLE = "The result is damaged: some of its features cannot be read. Fetch it again."
_DATES = (ogr.OFTDate, ogr.OFTTime, ogr.OFTDateTime)


@dataclass(frozen=True)
class Lines:
    """Features on disk, one a line, and what is known about them. `lists`: attributes to keep as text whatever they look like."""

    path: Path
    count: int
    geometries: Set[str]
    lists: Set[str]


@dataclass(frozen=True)
class Table:
    """`extent` is (west, south, east, north) in degrees, None when empty; `shapeless` features had coordinates GDAL refused."""

    features: int
    matched: int
    extent: Optional[Tuple[float, float, float, float]]
    geometry: str
    shapeless: int


def write_table(lines: Lines, target: Path, spec: TableSpec, progress: Callable[[float], bool]) -> Optional[Table]:
    """Write a GeoPackage; None when `progress` answered False. The features' ids are their line numbers, from 1."""
    with quiet():
        if not lines.count:
            return _write_empty(target, spec)
        source = gdal.OpenEx(str(lines.path), gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GeoJSONSeq"])
        if source is None:
            raise ResultError(UNREADABLE)
        stopped: List[bool] = []

        def report(fraction: float, _message: str, _data: object) -> int:
            if not progress(fraction):
                stopped.append(True)
            return 0 if stopped else 1

        options = options_for(lines.geometries, names_of(source.GetLayer(0)), spec)
        made = gdal.VectorTranslate(str(target), source, options=options, callback=report)
        if stopped:
            return None
        if made is None:
            raise ResultError(NOT_WRITTEN)
        table = finish(made, lines.lists, spec)
        gdal.ErrorReset()
        made = None  # closes the file: the index is written now
        if gdal.GetLastErrorType() >= gdal.CE_Failure:
            raise ResultError(NOT_WRITTEN)
        if table.features + table.shapeless != lines.count:
            raise ResultError(UNREADABLE)
        return table


@contextmanager
def quiet() -> Iterator[None]:
    """GDAL's messages stay off the console; its exceptions, when somebody switched them on, become ours."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    except RuntimeError as problem:
        raise ResultError(NOT_WRITTEN) from problem
    finally:
        gdal.PopErrorHandler()


def options_for(geometries: Set[str], names: Iterable[str], spec: TableSpec) -> List[str]:
    """How GDAL shall make the table, for shapes of these types and attributes of these names."""
    options = ["-f", "GPKG", "-nln", spec.layer, "-unsetFid", "-mapFieldType", "String(JSON)=String"]
    if geometries == {"Polygon", "MultiPolygon"}:
        options += ["-nlt", "MULTIPOLYGON"]
    taken = {name.lower() for name in names}
    for option, name in (("FID", "fid"), ("GEOMETRY_NAME", "geom")):
        options += ["-lco", f"{option}={_free(name, taken)}"]
    return [*options, "-lco", f"IDENTIFIER={spec.title}"]


def _free(name: str, taken: Set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def finish(made: Any, lists: Set[str], spec: TableSpec, shapeless: Optional[List[int]] = None) -> Table:
    """The last touches to a written table: lists as text, features without a shape (`shapeless`, else they are searched) out of it."""
    layer = made.GetLayer(0)
    _keep_lists_as_text(layer, lists)
    if shapeless is None:
        shapeless = _shapeless(layer)
    for fid in shapeless:
        layer.DeleteFeature(fid)
    features = layer.GetFeatureCount()
    west, east, south, north = layer.GetExtent() if features else (0.0, 0.0, 0.0, 0.0)
    return Table(
        features,
        _count_matched(layer, spec, features),
        (west, south, east, north) if features else None,
        ogr.GeometryTypeToName(layer.GetGeomType()),
        len(shapeless),
    )


def _keep_lists_as_text(layer: Any, lists: Set[str]) -> None:
    """A list that never holds more than one date would else be a date column, and text in the next result."""
    definition = layer.GetLayerDefn()
    for index in range(definition.GetFieldCount()):
        field = definition.GetFieldDefn(index)
        if field.GetName() in lists and field.GetType() in _DATES:
            layer.AlterFieldDefn(index, ogr.FieldDefn(field.GetName(), ogr.OFTString), ogr.ALTER_TYPE_FLAG)


def _shapeless(layer: Any) -> List[int]:
    layer.SetAttributeFilter(f"{quoted(layer.GetGeometryColumn())} IS NULL")
    found = [feature.GetFID() for feature in layer]
    layer.SetAttributeFilter(None)
    return found


def _count_matched(layer: Any, spec: TableSpec, features: int) -> int:
    if layer.GetLayerDefn().GetFieldIndex(spec.change_field) < 0:
        return features
    layer.SetAttributeFilter(f"ABS({quoted(spec.change_field)}) >= {spec.change_threshold}")
    matched = int(layer.GetFeatureCount())
    layer.SetAttributeFilter(None)
    return matched


def quoted(name: str) -> str:
    """A name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _write_empty(target: Path, spec: TableSpec) -> Table:
    """QGIS needs a geometry type and a reference system even where nothing was found."""
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(target))
    if made is None or made.CreateLayer(spec.layer, degrees, ogr.wkbPolygon, [f"IDENTIFIER={spec.title}"]) is None:
        raise ResultError(NOT_WRITTEN)
    return Table(0, 0, None, "Polygon", 0)
