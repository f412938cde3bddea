"""Where an area comes from: the map view, features of a layer, a drawing.

Each source is read in two steps: on the main thread only what must be taken there (an extent, a snapshot of the layer), then, by
calling the `Reading`, everything else on a worker. Areas leave here in EPSG:4326.
"""

from __future__ import annotations

import struct
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import (  # type: ignore[attr-defined]  # the stubs lack QgsCsException
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsLineString,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas

from ..aoi import Aoi, AoiError, Point, Polygon, Ring, close, from_shapely, from_wkb, to_shapely
from ..aoi_repairs import as_seen
from .words import count, translate

Reading = Callable[[], Tuple[Aoi, ...]]

EDGE_POINTS = 20  # points added to each edge before it leaves a projected CRS
BEND = 1e-5  # of the area's width: corners that lie closer to a straight edge are dropped again
MOST_CORNERS = 500_000
BLOCK = 2000  # corners converted in one go
DETAIL = 1e-3  # of the area's width: what is left out of the drawing of a very detailed outline

WGS84 = "EPSG:4326"
_EDGES: Dict[str, QgsRectangle] = {"EPSG:3857": QgsRectangle(-20037508.34, -20037508.34, 20037508.34, 20037508.34)}
_DEGREES, _GLOBE = QgsRectangle(-540, -90, 540, 90), QgsRectangle(-180, -90, 180, 90)


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
        world = _EDGES.get(crs.authid(), _degrees(view) if crs.isGeographic() else None)
        if world is None:
            return (from_map(view, crs, context),)
        return (as_seen(from_map(view.intersection(QgsGeometry.fromRect(world)), crs, context)),)

    return read


def _degrees(view: QgsGeometry) -> QgsRectangle:
    """What of a view in degrees is earth: no place twice."""
    return _GLOBE if view.boundingBox().width() >= 360 else _DEGREES


def of_layer(layer: QgsVectorLayer, *, selected: bool) -> Reading:
    """The polygons of a layer, or the selected ones, unsaved edits included."""
    source = QgsVectorLayerFeatureSource(layer)
    request = QgsFeatureRequest().setSubsetOfAttributes([])
    if selected:
        request.setFilterFids(layer.selectedFeatureIds())
    crs, context = layer.crs(), QgsProject.instance().transformContext()
    filtered = bool(layer.subsetString())

    def read() -> Tuple[Aoi, ...]:
        area = _read(source, request, crs, context)
        if not area.polygons and filtered:
            raise AoiError(translate("Groundtrack", "The layer has no polygons that its filter lets through."))
        if not area.polygons:
            raise AoiError(translate("Groundtrack", "The layer has no polygons."))
        return (area,)

    return read


def from_map(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> Aoi:
    """An outline drawn in a map's CRS, whose edges stay where they were seen. Raises AoiError."""
    shape = QgsGeometry(geometry)
    if not crs.isGeographic():
        shape = shape.densifyByCount(EDGE_POINTS)
    shape = _to_degrees(shape, crs, context)
    if not crs.isGeographic():
        box = shape.boundingBox()
        shape = shape.simplify(max(box.width(), box.height()) * BEND)
    return from_wkb(shape.asWkb().data()) if not shape.isEmpty() else Aoi(())


def outline(pieces: Tuple[Aoi, ...], most: int = 5000) -> QgsGeometry:
    """A geometry in EPSG:4326 to draw, with detail left out where there is too much of it. Empty when there is no area."""
    polygons = tuple(polygon for piece in pieces for polygon in piece.polygons if polygon and polygon[0])
    whole = Aoi(polygons)
    if whole.vertices > most:
        west, south, east, north = whole.bounds
        whole = from_shapely(to_shapely(close(whole)).simplify(max(east - west, north - south) * DETAIL))
    shape = QgsGeometry()
    shape.fromWkb(whole.wkb())
    return shape if whole.polygons else QgsGeometry()


def _read(
    source: QgsVectorLayerFeatureSource,
    request: QgsFeatureRequest,
    crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
) -> Aoi:
    transform = transform_to_degrees(crs, context)
    polygons: List[Polygon] = []
    corners = 0
    for feature in source.getFeatures(request):
        shape = feature.geometry()
        if shape.isEmpty():
            continue
        corners += shape.constGet().nCoordinates()
        refuse_too_many(corners)
        if QgsWkbTypes.isCurvedType(shape.wkbType()):
            shape = QgsGeometry(shape.constGet().segmentize())
        polygons += in_degrees(from_wkb(shape.asWkb().data()), transform, crs).polygons
    return Aoi(tuple(polygons))


def refuse_too_many(corners: int) -> None:
    """Raise AoiError for more corners than an area may have."""
    if corners > MOST_CORNERS:
        text = translate("Groundtrack", "The features have more than {} corners. Select fewer, or simplify them first.")
        raise AoiError(count(MOST_CORNERS, "", text))


def transform_to_degrees(crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> Optional[QgsCoordinateTransform]:
    """The way to EPSG:4326, None when the coordinates are in it already. Raises AoiError for a CRS that is not known."""
    if not crs.isValid():
        raise AoiError(translate("Groundtrack", "The CRS is not known. Set the CRS of the layer or of the project."))
    wgs84 = QgsCoordinateReferenceSystem(WGS84)
    return None if crs == wgs84 else QgsCoordinateTransform(crs, wgs84, context)


def in_degrees(area: Aoi, transform: Optional[QgsCoordinateTransform], crs: QgsCoordinateReferenceSystem) -> Aoi:
    """An area in another CRS, corner by corner. Raises AoiError."""
    if transform is None:
        return area
    try:
        return Aoi(tuple(tuple(_moved(ring, transform) for ring in polygon) for polygon in area.polygons))
    except QgsCsException:
        raise AoiError(_out_of_range(crs)) from None


def _moved(ring: Ring, transform: QgsCoordinateTransform) -> Ring:
    """In blocks: QGIS keeps Python from everybody else while it transforms."""
    points: List[Point] = []
    for start in range(0, len(ring), BLOCK):
        block = ring[start : start + BLOCK]
        line = QgsLineString([x for x, _ in block], [y for _, y in block])
        line.transform(transform)
        data = line.asWkb().data()
        numbers = struct.unpack_from(f"{'<' if data[0] else '>'}{2 * len(block)}d", data, 9)  # after order, type and number of points
        points += zip(numbers[::2], numbers[1::2])
    return tuple(points)


def _out_of_range(crs: QgsCoordinateReferenceSystem) -> str:
    text = translate("Groundtrack", "The area cannot be converted to longitude and latitude: it lies outside the range of {}.")
    return text.format(crs.userFriendlyIdentifier())


def _to_degrees(shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> QgsGeometry:
    moved = QgsGeometry(shape)
    transform = transform_to_degrees(crs, context)
    try:
        if transform is not None:
            moved.transform(transform)
    except QgsCsException:
        raise AoiError(_out_of_range(crs)) from None
    return moved
