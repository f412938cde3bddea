"""Bringing an area into the map's view."""

from __future__ import annotations

import math
from typing import Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRectangle  # isort: skip
from qgis.core import QgsCsException  # type: ignore[attr-defined]  # the stubs lack it
from qgis.gui import QgsMapCanvas

from ..aoi import Aoi

MARGIN = 1.3  # times the area's own size
SMALLEST = 0.002  # degrees that a view of a very small area is wide at least


def box_of(pieces: Tuple[Aoi, ...]) -> QgsRectangle:
    """What areas span, in EPSG:4326; empty when they have no place on earth."""
    whole = Aoi(tuple(polygon for piece in pieces for polygon in piece.polygons if polygon and polygon[0]))
    if not whole.polygons or not all(math.isfinite(number) for number in whole.bounds):
        return QgsRectangle()
    return QgsRectangle(*whole.bounds)


def bring_into_view(canvas: QgsMapCanvas, box: QgsRectangle, *, anyway: bool = False) -> None:
    """Move the map to a box in EPSG:4326 of which nothing is seen, or `anyway`."""
    if box.isNull():
        return
    shown = QgsRectangle(box)
    shown.grow(max(0.0, (SMALLEST - max(box.width(), box.height())) / 2))
    degrees, project = QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    try:
        place = QgsCoordinateTransform(degrees, canvas.mapSettings().destinationCrs(), project).transformBoundingBox(shown)
    except QgsCsException:
        return  # the map does not reach there
    if not place.isFinite() or (canvas.extent().intersects(place) and not anyway):
        return
    place.scale(MARGIN)
    canvas.setExtent(place)
    canvas.refresh()
