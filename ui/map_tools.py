"""Outlining an area on the map: what all drawing tools share, the rectangle and the polygon.

Left click adds a corner, right click or double click finishes, Backspace takes the last corner back, Esc gives up.
"""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsDistanceArea, QgsGeometry, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QApplication

from .area_band import BAD, GOOD, POLYGON, style


class DrawTool(QgsMapTool):
    """Common to all: corners, band, keys.

    Signals: `drawn` geometry in `crs()`; `cancelled`; `measured` km² on the ellipsoid, radius in km (0: it has none).
    """

    drawn = pyqtSignal(object)
    cancelled = pyqtSignal()
    measured = pyqtSignal(float, float)
    fewest = 3

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._corners: List[QgsPointXY] = []
        self._band = style(QgsRubberBand(canvas, POLYGON), GOOD)

    def crs(self) -> QgsCoordinateReferenceSystem:
        """What the drawn geometry is in: the map's CRS."""
        return self.canvas().mapSettings().destinationCrs()

    def radius(self) -> float:
        """Of what is drawn now, in km; 0 when it has none."""
        return 0.0

    def show_state(self, *, good: bool) -> None:
        """Show whether what is drawn so far would be accepted."""
        style(self._band, GOOD if good else BAD, Qt.PenStyle.SolidLine if good else Qt.PenStyle.DashLine, len(self._corners))

    def corners(self) -> int:
        """How many corners are set."""
        return len(self._corners)

    def remove(self) -> None:
        """Take the band off the map for good."""
        if not sip.isdeleted(self._band):
            self.canvas().scene().removeItem(self._band)

    def shape(self, corners: List[QgsPointXY]) -> QgsGeometry:
        """The polygon of these corners."""
        raise NotImplementedError

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._corners:
            self._show([*self._corners, event.mapPoint()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._reset()
            self.cancelled.emit()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            del self._corners[-1:]
            self._show(self._corners)
        else:
            return
        event.ignore()  # so that the canvas does not take the key for its own shortcuts

    def deactivate(self) -> None:
        self._reset()
        super().deactivate()

    def add(self, point: QgsPointXY) -> None:
        """Set a corner."""
        self._corners.append(QgsPointXY(point))
        self._show(self._corners)

    def finish(self) -> None:
        """Deliver the outline, if there are corners enough; the same place twice counts once."""
        corners = [point for index, point in enumerate(self._corners) if index == 0 or point != self._corners[index - 1]]
        if len(corners) < self.fewest:
            return
        geometry = self.shape(corners)
        self._reset()
        if not geometry.isEmpty():
            self.drawn.emit(geometry)

    def _reset(self) -> None:
        self._corners = []
        self._band.reset(POLYGON)

    def _show(self, corners: List[QgsPointXY]) -> None:
        if len(corners) < 2:
            self._band.reset(POLYGON)
            return
        geometry = self.shape(corners)
        self._band.setToGeometry(geometry, self.crs())
        self.measured.emit(self._km2(geometry), self.radius())

    def _km2(self, geometry: QgsGeometry) -> float:
        measure = QgsDistanceArea()
        measure.setSourceCrs(self.crs(), QgsProject.instance().transformContext())
        measure.setEllipsoid("WGS84")
        return float(measure.measureArea(geometry)) / 1e6


class PolygonTool(DrawTool):
    """One polygon, corner by corner."""

    fewest = 3

    def shape(self, corners: List[QgsPointXY]) -> QgsGeometry:
        return QgsGeometry.fromPolygonXY([[*corners, corners[0]]])

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.add(event.mapPoint())
        elif event.button() == Qt.MouseButton.RightButton:
            self.finish()

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        self.finish()


class RectangleTool(DrawTool):
    """Two opposite corners, by two clicks or by dragging."""

    fewest = 2

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._pressed: Optional[QPoint] = None

    def shape(self, corners: List[QgsPointXY]) -> QgsGeometry:
        return QgsGeometry.fromRect(QgsRectangle(corners[0], corners[-1]))

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._corners:
            self._pressed = event.pos()
            self.add(event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        started, self._pressed = self._pressed, None
        if event.button() == Qt.MouseButton.LeftButton and started is not None and not _far(started, event.pos()):
            return  # the first of two clicks
        if self._corners:
            self.add(event.mapPoint())
            self.finish()


def _far(start: QPoint, end: QPoint) -> bool:
    return (end - start).manhattanLength() >= QApplication.startDragDistance()
