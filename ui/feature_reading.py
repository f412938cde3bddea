"""The polygons of a layer one by one, each under the id of its feature. For workers; taken from the layer on the main thread."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, List, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..aoi import Aoi, AoiError, from_wkb
from ..jobs.group import PART
from .area_reading import in_degrees, refuse_too_many, transform_to_degrees
from .words import count, translate

Features = Tuple[Tuple[str, Aoi], ...]
FeatureReading = Callable[[], Features]

NAMED = 3  # features that a complaint names


def of_features(layer: QgsVectorLayer, *, selected: bool, id_field: str) -> FeatureReading:
    """The features of a layer, or the selected ones, with unsaved edits. `id_field` "": under the numbers that QGIS gives them.

    Reading raises AoiError: no feature is left out or put together with another one in silence.
    """
    source = QgsVectorLayerFeatureSource(layer)
    index = layer.fields().indexOf(id_field)
    request = QgsFeatureRequest().setSubsetOfAttributes([index] if index >= 0 else [])
    if selected:
        request.setFilterFids(layer.selectedFeatureIds())
    crs, context = layer.crs(), QgsProject.instance().transformContext()
    return lambda: _read(source, request, id_field if index >= 0 else "", crs, context)


def id_of(feature: QgsFeature, id_field: str) -> str:
    """The id of a feature as text, "" when it has none."""
    if not id_field:
        return str(feature.id())
    value: Any = feature.attribute(id_field)
    if value is None or (hasattr(value, "isNull") and value.isNull()):
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, (QDate, QDateTime, QTime)):
        return str(value.toString(Qt.DateFormat.ISODate))
    return str(value).replace(PART, " ").strip()


def _read(
    source: QgsVectorLayerFeatureSource, request: QgsFeatureRequest, id_field: str,
    crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext,
) -> Features:  # fmt: skip
    transform = transform_to_degrees(crs, context)
    found: List[Tuple[str, Aoi]] = []
    empty: List[str] = []
    corners = 0
    for feature in source.getFeatures(request):
        shape, name = feature.geometry(), id_of(feature, id_field)
        if shape.isEmpty():
            empty.append(name or str(feature.id()))
            continue
        corners += shape.constGet().nCoordinates()
        refuse_too_many(corners)
        if QgsWkbTypes.isCurvedType(shape.wkbType()):
            shape = type(shape)(shape.constGet().segmentize())
        found.append((name, in_degrees(from_wkb(shape.asWkb().data()), transform, crs)))
    if not found and not empty:
        raise AoiError(translate("Groundtrack", "The layer has no polygons."))
    _refuse_empty(empty)
    _refuse_alike(found, id_field)
    return tuple(found)


def _refuse_empty(names: List[str]) -> None:
    if names:
        text = translate("Groundtrack", "Without a shape: {}. Select only features that have one.")
        raise AoiError(text.format(_some(names)))


def _refuse_alike(found: List[Tuple[str, Aoi]], id_field: str) -> None:
    times: Dict[str, int] = Counter(name for name, _ in found)
    if "" in times:
        text = translate("Groundtrack", "The field “{field}” is empty in {features}. Choose another field for the ids.")
        many = count(times[""], translate("Groundtrack", "1 feature"), translate("Groundtrack", "{} features"))
        raise AoiError(text.format(field=id_field, features=many))
    alike = [name for name, number in times.items() if number > 1]
    if alike:
        text = translate("Groundtrack", "The field “{field}” does not tell the features apart: several have {values}. Choose another one.")
        raise AoiError(text.format(field=id_field, values=_some([f"“{name}”" for name in alike])))


def _some(names: List[str]) -> str:
    more = translate("Groundtrack", "{names} and {number} more")
    shown = ", ".join(names[:NAMED])
    return more.format(names=shown, number=len(names) - NAMED) if len(names) > NAMED else shown
