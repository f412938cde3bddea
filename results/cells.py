"""One cell of a change result with its charts. For worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Tuple

from .charts import read_chart
from .series import Series, series
from .tables import TableSpec

_DATES_FIELD = "changePointDates"


@dataclass(frozen=True)
class Cell:
    """`value` is the change, `changes` are ISO days, `charts` pairs of a chart's name and its series."""

    fid: int
    value: Optional[float]
    changes: Tuple[str, ...]
    charts: Tuple[Tuple[str, Tuple[Series, ...]], ...]


def read_cell(table: Path, spec: TableSpec, fid: Optional[int] = None) -> Optional[Cell]:
    """A cell by its id, without one the cell that changed most; None when there is no such cell."""
    from osgeo import ogr

    opened = ogr.Open(str(table))
    layer = opened.GetLayerByName(spec.layer) if opened else None
    if layer is None:
        return None
    wanted = _most_changed(opened, layer, spec) if fid is None else fid
    feature = None if wanted is None else layer.GetFeature(wanted)
    if feature is None or wanted is None:
        return None
    value = feature.GetField(spec.change_field) if feature.GetFieldIndex(spec.change_field) >= 0 else None
    days = feature.GetFieldAsString(_DATES_FIELD) if feature.GetFieldIndex(_DATES_FIELD) >= 0 else ""
    kept = read_chart(table, wanted) or {}
    charts = tuple((name, tuple(series({name: kept[name]}))) for name in spec.side if name in kept)
    return Cell(wanted, value, tuple(day.strip() for day in days.split(",") if day.strip()), charts)


def _most_changed(opened: Any, layer: Any, spec: TableSpec) -> Optional[int]:
    if not spec.change_field:
        return None
    column = layer.GetFIDColumn() or "fid"
    sql = f'SELECT "{column}" AS number FROM "{spec.layer}" ORDER BY ABS("{spec.change_field}") DESC LIMIT 1'  # noqa: S608 # nosec B608 - our own names
    found = opened.ExecuteSQL(sql)
    first = found.GetNextFeature() if found else None
    number = first.GetField(0) if first is not None and first.GetFieldCount() else first.GetFID() if first is not None else None
    if found is not None:
        opened.ReleaseResultSet(found)
    return number
