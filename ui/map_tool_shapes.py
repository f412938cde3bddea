"""Outlining an area on the map without corners of one's own: freehand, or a circle of a true radius."""

from __future__ import annotations

import math
from typing import List

from qgis.core import (  # type: ignore[attr-defined]  # the stubs lack QgsCsException
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
)
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent

from .map_tools import DrawTool, RectangleTool

CIRCLE_CORNERS = 128  # the polygon's area is 0.04 % below the circle's
LONGEST_RADIUS = 5_000_000  # m; beyond it half the globe would be inside


class FreehandTool(DrawTool):
    """The way of the pointer while its button is down."""

    fewest = 3

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._last = QPoint()

    def shape(self, corners: List[QgsPointXY]) -> QgsGeometry:
        """The way of the pointer, closed, without the corners that lie within a pixel of a straight line."""
        return QgsGeometry.fromPolygonXY([[*corners, corners[0]]]).simplify(self.canvas().mapUnitsPerPixel())

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._corners:
            self._last = event.pos()
            self.add(event.mapPoint())

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._corners and (event.pos() - self._last).manhattanLength() >= 3:
            self._last = event.pos()
            self.add(event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._corners:
            return
        self.finish()
        self._reset()  # a mere click draws nothing


class CircleTool(RectangleTool):
    """The centre, then a point of the circle, by two clicks or by dragging; or the centre alone once the radius is given.

    The radius is one on the ground. `typed` carries the first sign of a number that is typed on the map.
    """

    typed = pyqtSignal(str)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._radius = 0.0
        self._given = 0.0
        self._measure = QgsDistanceArea()
        self._measure.setSourceCrs(self.crs(), QgsProject.instance().transformContext())
        self._measure.setEllipsoid("WGS84")

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Degrees: in most maps a circle on the ground is none."""
        return QgsCoordinateReferenceSystem("EPSG:4326")

    def radius(self) -> float:
        return self._radius / 1000

    def set_radius(self, km: float) -> None:
        """Give the radius, 0 to have it drawn; a circle whose centre is set already is done with that."""
        self._given = km * 1000
        self.fewest = 1 if km else 2
        if km and self._corners:
            self.finish()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        point = event.mapPoint()
        if self._given and not self._corners:
            self._show([point, point])
        else:
            super().canvasMoveEvent(event)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if self._given and self._corners:
            self.finish()
        else:
            super().canvasReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdigit():
            event.accept()
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def shape(self, corners: List[QgsPointXY]) -> QgsGeometry:
        """All points at the same geodesic distance from the first corner; empty where the map shows no place on earth."""
        transform = QgsCoordinateTransform(self.canvas().mapSettings().destinationCrs(), self.crs(), QgsProject.instance())
        try:
            centre, rim = transform.transform(corners[0]), transform.transform(corners[-1])
        except QgsCsException:
            return QgsGeometry()
        self._radius = self._given or self._measure.measureLine(centre, rim)
        if not 0 < self._radius <= LONGEST_RADIUS or abs(centre.y()) > 90:
            return QgsGeometry()
        angles = [2 * math.pi * (0.5 - corner / CIRCLE_CORNERS) for corner in range(CIRCLE_CORNERS)]
        points = [self._measure.computeSpheroidProject(centre, self._radius, angle) for angle in angles]
        return QgsGeometry.fromPolygonXY([[*points, points[0]]])
