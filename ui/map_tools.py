"""Outlining an area on the map: a rectangle or a polygon.

Left click adds a corner, right click or double click finishes, Backspace takes the last corner back, Esc gives up.
"""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsDistanceArea, QgsGeometry, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QApplication

from .area_band import GOOD, POLYGON, style


class DrawTool(QgsMapTool):
    """Common to both: corners, band, keys. `drawn` carries a geometry in the map's CRS, `measured` km² on the ellipsoid."""

    drawn = pyqtSignal(object)
    cancelled = pyqtSignal()
    measured = pyqtSignal(float)
    fewest = 3

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._corners: List[QgsPointXY] = []
        self._band = style(QgsRubberBand(canvas, POLYGON), GOOD)

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
        self.drawn.emit(geometry)

    def _reset(self) -> None:
        self._corners = []
        self._band.reset(POLYGON)

    def _show(self, corners: List[QgsPointXY]) -> None:
        if len(corners) < 2:
            self._band.reset(POLYGON)
            return
        geometry = self.shape(corners)
        self._band.setToGeometry(geometry, self.canvas().mapSettings().destinationCrs())
        self.measured.emit(self._km2(geometry))

    def _km2(self, geometry: QgsGeometry) -> float:
        measure = QgsDistanceArea()
        measure.setSourceCrs(self.canvas().mapSettings().destinationCrs(), QgsProject.instance().transformContext())
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


class AreaDrawer(QObject):
    """Starts a drawing tool and gives the map back its tool afterwards.

    `drawn` carries a geometry in the map's CRS, `ended` tells that drawing is over, one way or the other.
    """

    drawn = pyqtSignal(object)
    ended = pyqtSignal()
    measured = pyqtSignal(float)

    def __init__(self, canvas: QgsMapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._before: Optional[QgsMapTool] = None
        self._tool: Optional[DrawTool] = None

    @property
    def tool(self) -> Optional[DrawTool]:
        """The tool at work, None when nobody draws."""
        return self._tool

    def start(self, kind: str) -> None:
        """Begin to draw a "rectangle" or a "polygon"."""
        self.stop()
        self._before = self._canvas.mapTool()
        tool: DrawTool = RectangleTool(self._canvas) if kind == "rectangle" else PolygonTool(self._canvas)
        tool.drawn.connect(self._take)
        tool.cancelled.connect(self.stop)
        tool.measured.connect(self.measured)
        tool.deactivated.connect(self._end)
        self._tool = tool
        self._canvas.setMapTool(tool)
        self._canvas.setFocus()

    def stop(self) -> None:
        """End drawing without a result."""
        if self._tool is None:
            return
        before = self._before
        if before is not None and not sip.isdeleted(before):
            self._canvas.setMapTool(before)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _take(self, geometry: QgsGeometry) -> None:
        self.stop()
        self.drawn.emit(geometry)

    def _end(self) -> None:
        tool, self._tool, self._before = self._tool, None, None
        if tool is not None:
            tool.remove()
            tool.deleteLater()
            self.ended.emit()


def _far(start: QPoint, end: QPoint) -> bool:
    return (end - start).manhattanLength() >= QApplication.startDragDistance()
