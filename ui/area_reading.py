"""Where an area comes from: the map view, features of a layer, a drawing, the clipboard.

Each source is read in two steps: on the main thread only what must be taken there (an extent, a snapshot of the layer), then, by
calling the `Reading`, everything else on a worker. Areas leave here in EPSG:4326.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Tuple

from qgis.core import (  # type: ignore[attr-defined]  # the stubs lack QgsCsException
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.gui import QgsMapCanvas

from ..aoi import Aoi, AoiError, Polygon, from_bounds, from_geojson, from_wkt
from .words import count, translate

Reading = Callable[[], Tuple[Aoi, ...]]

EDGE_POINTS = 20  # points added to each edge before it leaves a projected CRS
BEND = 1e-5  # of the area's width: corners that lie closer to a straight edge are dropped again
MOST_CORNERS = 500_000
DIGITS = 9

WGS84 = "EPSG:4326"
_EDGES: Dict[str, QgsRectangle] = {"EPSG:3857": QgsRectangle(-20037508.34, -20037508.34, 20037508.34, 20037508.34)}
_DEGREES = QgsRectangle(-540, -90, 540, 90)


def of_pieces(pieces: Tuple[Aoi, ...]) -> Reading:
    """Areas that are already there."""
    return lambda: pieces


def of_map_view(canvas: QgsMapCanvas) -> Reading:
    """What the map shows, rotation included, without what lies beyond the edge of the world."""
    settings = canvas.mapSettings()
    crs, context = settings.destinationCrs(), QgsProject.instance().transformContext()
    visible: Any = settings.visiblePolygon()
    corners = [QgsPointXY(point) for point in visible]
    view = QgsGeometry.fromPolygonXY([[*corners, corners[0]]])

    def read() -> Tuple[Aoi, ...]:
        world = _EDGES.get(crs.authid(), _DEGREES if crs.isGeographic() else None)
        shown = view.intersection(QgsGeometry.fromRect(world)) if world else view
        return (from_map(shown, crs, context),)

    return read


def of_layer(layer: QgsVectorLayer, *, selected: bool) -> Reading:
    """The polygons of a layer, or the selected ones, unsaved edits included."""
    source = QgsVectorLayerFeatureSource(layer)
    request = QgsFeatureRequest().setSubsetOfAttributes([])
    if selected:
        request.setFilterFids(layer.selectedFeatureIds())
    crs, context = layer.crs(), QgsProject.instance().transformContext()
    return lambda: (_read(source, request, crs, context),)


def from_map(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> Aoi:
    """An outline drawn in a map's CRS, whose edges stay where they were seen. Raises AoiError."""
    shape = QgsGeometry(geometry)
    if not crs.isGeographic():
        shape = shape.densifyByCount(EDGE_POINTS)
    shape = _to_degrees(shape, crs, context)
    if not crs.isGeographic():
        box = shape.boundingBox()
        shape = shape.simplify(max(box.width(), box.height()) * BEND)
    return from_geojson(json.loads(shape.asJson(DIGITS) or "null") or {"type": "FeatureCollection"})


def from_text(text: str) -> Aoi:
    """GeoJSON, WKT (one polygon a line) or four bounds west, south, east, north, all in degrees. Raises AoiError."""
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            return from_geojson(json.loads(stripped))
        except ValueError as error:
            raise AoiError(str(error) if isinstance(error, AoiError) else _not_an_area()) from None
    bounds = _numbers(stripped)
    if len(bounds) == 4:
        return from_bounds(*bounds)
    lines = [line.split("\t")[0] for line in stripped.splitlines() if "POLYGON" in line.upper()]
    if not lines:
        raise AoiError(_not_an_area())
    return Aoi(tuple(polygon for line in lines for polygon in from_wkt(line).polygons))


def outline(pieces: Tuple[Aoi, ...], most: int = 5000) -> QgsGeometry:
    """A geometry in EPSG:4326 to draw, with detail left out where there is too much of it. Empty when there is no area."""
    polygons: List[QgsGeometry] = []
    for piece in pieces:
        if piece.polygons and piece.vertices:
            shape = QgsGeometry.fromWkt(piece.wkt())
            width = shape.boundingBox().width()
            polygons.append(shape.simplify(width * 1e-3) if piece.vertices > most else shape)
    return QgsGeometry.collectGeometry(polygons) if polygons else QgsGeometry()


def _read(
    source: QgsVectorLayerFeatureSource,
    request: QgsFeatureRequest,
    crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
) -> Aoi:
    polygons: List[Polygon] = []
    corners = 0
    for feature in source.getFeatures(request):
        shape = feature.geometry()
        if shape.isEmpty():
            continue
        corners += shape.constGet().nCoordinates()
        if corners > MOST_CORNERS:
            text = translate("Groundtrack", "The features have more than {} corners. Select fewer, or simplify them first.")
            raise AoiError(count(MOST_CORNERS, "", text))
        polygons += from_geojson(json.loads(_to_degrees(shape, crs, context).asJson(DIGITS))).polygons
    if not polygons:
        raise AoiError(translate("Groundtrack", "The layer has no polygons."))
    return Aoi(tuple(polygons))


def _to_degrees(shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> QgsGeometry:
    if not crs.isValid():
        raise AoiError(translate("Groundtrack", "The CRS is not known. Set the CRS of the layer or of the project."))
    moved = QgsGeometry(shape)
    try:
        moved.transform(QgsCoordinateTransform(crs, QgsCoordinateReferenceSystem(WGS84), context))
    except QgsCsException:
        text = translate("Groundtrack", "The area cannot be converted to longitude and latitude: it lies outside the range of {}.")
        raise AoiError(text.format(crs.userFriendlyIdentifier())) from None
    return moved


def _numbers(text: str) -> Tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.replace(";", ",").split(","))
    except ValueError:
        return ()


def _not_an_area() -> str:
    return translate("Groundtrack", "The clipboard holds no area. Copy a polygon as GeoJSON or WKT, in longitude and latitude.")
