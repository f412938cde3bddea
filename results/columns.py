"""The columns of a table that grows batch by batch, kept such as if GDAL had seen all features at once."""

from __future__ import annotations

from typing import Any, Callable, Collection, List, Set

from osgeo import ogr

_NUMBERS = (ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal)


class Unfit(Exception):
    """A batch does not fit what the table holds already; only a look at all features together can tell what the table has to be."""


def widen(table: Any, batch: Any, has_values: Callable[[str], bool]) -> None:
    """Make the OGR layer `table` take in the OGR layer `batch`. `has_values` looks whether a column of the table has any.

    Raises Unfit.
    """
    own, new = table.GetLayerDefn(), batch.GetLayerDefn()
    names, before = names_of(batch), names_of(table)
    known = set(before)
    check_names(known.union(names))
    _check_order(before, names)
    for index, name in enumerate(names):
        if name in known:
            _match(table, batch, own.GetFieldIndex(name), new.GetFieldDefn(index), has_values)
        else:
            _add(table, new.GetFieldDefn(index), {table.GetFIDColumn().lower(), table.GetGeometryColumn().lower()})


def names_of(layer: Any) -> List[str]:
    """The names of a layer's columns, in order."""
    definition = layer.GetLayerDefn()
    return [definition.GetFieldDefn(index).GetName() for index in range(definition.GetFieldCount())]


def check_names(names: Collection[str]) -> None:
    """A database does not tell capital letters from small ones. Raises Unfit."""
    if len({name.lower() for name in names}) < len(names):
        raise Unfit("attributes differ only in case")


def _check_order(before: List[str], names: List[str]) -> None:
    """Columns come in the order in which features have them, so that a new one may belong between others. Raises Unfit."""
    there = [name for name in names if name in before]
    new = len(there) < len(names)
    if names[: len(there)] != there or (new and there[-1:] != before[-1:]) or there != [name for name in before if name in there]:
        raise Unfit("attributes come in another order")


def _add(table: Any, field: Any, taken: Set[str]) -> None:
    if field.GetName().lower() in taken or table.CreateField(field) != ogr.OGRERR_NONE:
        raise Unfit(f"no column for {field.GetName()}")


def _match(table: Any, batch: Any, index: int, new: Any, has_values: Callable[[str], bool]) -> None:
    own = table.GetLayerDefn().GetFieldDefn(index)
    same = own.GetType() == new.GetType() and own.GetSubType() == new.GetSubType()
    if same or (new.GetType() == ogr.OFTString and (own.GetType() == ogr.OFTString or not _any(batch, new.GetName()))):
        return
    if own.GetType() in _NUMBERS and new.GetType() in _NUMBERS:
        if _NUMBERS.index(new.GetType()) > _NUMBERS.index(own.GetType()) or own.GetSubType():
            _change(table, index, max(own.GetType(), new.GetType(), key=_NUMBERS.index), ogr.OFSTNone)
    elif own.GetType() == ogr.OFTString and not has_values(own.GetName()):
        _change(table, index, new.GetType(), new.GetSubType())
    else:
        raise Unfit(f"{own.GetName()} is {own.GetTypeName()} here and {new.GetTypeName()} there")


def _any(layer: Any, name: str) -> bool:
    """Whether a column has a value: without one, it counts as text."""
    layer.SetAttributeFilter('"{}" IS NOT NULL'.format(name.replace('"', '\\"')))
    layer.ResetReading()
    found = layer.GetNextFeature() is not None
    layer.SetAttributeFilter(None)
    layer.ResetReading()
    return found


def _change(table: Any, index: int, kind: int, subkind: int) -> None:
    wider = ogr.FieldDefn(table.GetLayerDefn().GetFieldDefn(index).GetName(), kind)
    wider.SetSubType(subkind)
    if table.AlterFieldDefn(index, wider, ogr.ALTER_TYPE_FLAG) != ogr.OGRERR_NONE:
        raise Unfit("a column keeps its type")
