"""Attributes of flat features as the rows of a table whose columns are known."""

from __future__ import annotations

import re
from contextlib import suppress
from operator import itemgetter
from typing import Any, Dict, List, Optional, Sequence, Tuple

from osgeo import ogr

from .regular import Values

_NOTHING = type(None)
_TYPES: Dict[Tuple[int, int], Tuple[type, ...]] = {
    (ogr.OFTString, ogr.OFSTNone): (str,), (ogr.OFTInteger, ogr.OFSTNone): (int,), (ogr.OFTInteger64, ogr.OFSTNone): (int,),
    (ogr.OFTReal, ogr.OFSTNone): (float, int), (ogr.OFTInteger, ogr.OFSTBoolean): (bool,), (ogr.OFTDate, ogr.OFSTNone): (str,),
    (ogr.OFTDateTime, ogr.OFSTNone): (str,),
}  # fmt: skip
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_FORMS = {  # in which GDAL keeps them as they are
    ogr.OFTDate: re.compile(_DATE),
    ogr.OFTDateTime: re.compile(_DATE + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"),
}
_LARGEST = {ogr.OFTInteger: 2**31 - 1, ogr.OFTInteger64: 2**63 - 1}

Columns = List[Tuple[Any, ...]]


class Rows:
    """`names` are the columns of an OGR layer, in order."""

    def __init__(self, layer: Any) -> None:
        definition = layer.GetLayerDefn()
        fields = [definition.GetFieldDefn(index) for index in range(definition.GetFieldCount())]
        self.names = [field.GetName() for field in fields]
        self._kinds = [(field.GetType(), field.GetSubType()) for field in fields]
        self._known = set(self.names)
        self._all = itemgetter(*self.names) if len(self.names) > 1 else None

    def columns(self, features: Sequence[Values]) -> Optional[Columns]:
        """The values of each column, None where one of them is of another kind or has no column."""
        rows = self._rows(features)
        columns = [] if rows is None else list(zip(*rows))
        return columns if rows is not None and all(map(_fits, self._kinds, columns)) else None

    def _rows(self, features: Sequence[Values]) -> Optional[List[Tuple[Any, ...]]]:
        if self._all is not None and set(map(len, features)) == {len(self.names)}:
            with suppress(KeyError):
                return list(map(self._all, features))
        if not all(values.keys() <= self._known for values in features):
            return None
        return [tuple(map(values.get, self.names)) for values in features]


def _fits(kind: Tuple[int, int], values: Sequence[Any]) -> bool:
    there = set(map(type, values)) - {_NOTHING}
    if not there.issubset(_TYPES.get(kind, ())):
        return False
    if kind[0] in _LARGEST and there:
        return max(abs(value) for value in values if value is not None) <= _LARGEST[kind[0]]
    form = _FORMS.get(kind[0])
    return form is None or all(value is None or form.fullmatch(value) for value in values)
