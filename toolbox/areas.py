"""Polygon features into areas of interest, and areas into the requests that an operation takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import List, Optional, Tuple, Union

from qgis.core import (  # type: ignore[attr-defined]  # an exception is missing in the stubs
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)

from ..aoi import Aoi, AoiError, from_geojson
from ..providers.operation import AoiRule
from .texts import tr

DIGITS = 12

Name = Union[int, str]  # of a feature


class AreaRefused(Exception):
    """One sentence that says which feature cannot be an area, and why."""


@dataclass(frozen=True)
class Area:
    """The area of one job, with the features it came from, in words ("" when there is nothing to tell)."""

    aoi: Optional[Aoi]
    label: str = ""


def read_features(source: QgsProcessingFeatureSource, context: QgsProcessingContext, id_field: str = "") -> List[Tuple[Name, Aoi]]:
    """The features' ids and areas in EPSG:4326, in the source's order. Raises AreaRefused; nothing is dropped or repaired.

    Ids are values of `id_field`, "" for QGIS's own numbers.
    """
    if id_field and source.fields().indexOf(id_field) < 0:
        raise AreaRefused(tr("The area layer has no field “{}”, which holds the ids of the features.").format(id_field))
    crs = source.sourceCrs()
    if not crs.isValid():
        raise AreaRefused(tr("The CRS of the area layer is not known. Set it, then run again."))
    transform = QgsCoordinateTransform(crs, QgsCoordinateReferenceSystem("EPSG:4326"), context.transformContext())
    # our own check names the feature, whatever the user's setting for invalid features is
    features = source.getFeatures(QgsFeatureRequest(), QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks)
    found = [(str(feature[id_field]) if id_field else feature.id(), _area(feature, transform)) for feature in features]
    if not found:
        raise AreaRefused(tr("The area layer has no features."))
    return found


def arrange(features: List[Tuple[Name, Aoi]], rule: AoiRule, title: str, *, each: bool = False) -> Tuple[List[Area], str]:
    """One area for each job, and a sentence that says how the features were sent ("" when there is only one of one part).

    `each`: a job for each feature, also where many could go into one.
    """
    parts = sum(len(aoi.polygons) for _, aoi in features)
    if parts == 1:
        return [Area(features[0][1])], ""
    if not each and (rule.most_parts is None or parts <= rule.most_parts):
        whole = Aoi(tuple(polygon for _, aoi in features for polygon in aoi.polygons))
        return [Area(whole)], tr("{} features with {} polygons are sent in one request.").format(len(features), parts)
    most = rule.most_parts or parts
    if most > 1 and all(len(aoi.polygons) <= most for _, aoi in features):
        areas = [Area(aoi, _named(number)) for number, aoi in features]
        return areas, tr("{} features are sent as {} jobs, one for each.").format(len(features), len(areas))
    areas = [area for number, aoi in features for area in _each_part(number, aoi)]
    text = tr("{} takes one polygon at a time: {} features with {} polygons are sent as {} jobs, one for each polygon.")
    return areas, text.format(title, len(features), parts, len(areas))


def _named(name: Name) -> str:
    return name if isinstance(name, str) else tr("feature {}").format(name)


def _each_part(number: Name, aoi: Aoi) -> List[Area]:
    if len(aoi.polygons) == 1:
        return [Area(aoi, _named(number))]
    return [Area(part, tr("{}, part {}").format(_named(number), index)) for index, part in enumerate(aoi.parts(), 1)]


def _area(feature: QgsFeature, transform: QgsCoordinateTransform) -> Aoi:
    number, shape = feature.id(), QgsGeometry(feature.geometry())
    if shape.isNull() or shape.isEmpty():
        raise AreaRefused(tr("Feature {} of the area layer has no geometry.").format(number))
    if QgsWkbTypes.geometryType(shape.wkbType()) != QgsWkbTypes.PolygonGeometry:
        raise AreaRefused(tr("Feature {} of the area layer is not a polygon.").format(number))
    wrong = shape.validateGeometry(QgsGeometry.ValidatorGeos)
    if wrong:
        text = tr("Feature {} of the area layer is not valid: {}. Repair it, then run again.")
        raise AreaRefused(text.format(number, wrong[0].what().rstrip(".")))
    try:
        shape.transform(transform)
        return from_geojson(json.loads(shape.asJson(DIGITS)))
    except (QgsCsException, AoiError, ValueError):
        text = tr("Feature {} of the area layer cannot be brought to longitude and latitude. Check the layer’s CRS.")
        raise AreaRefused(text.format(number)) from None
