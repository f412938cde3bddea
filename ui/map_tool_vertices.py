"""Changing an outline on the map.

Drag a corner to move it, click an edge to add one, Delete takes the last touched one away. Ctrl+Z undoes, Ctrl+Shift+Z redoes, right
click is done.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from qgis.core import (  # type: ignore[attr-defined]  # the stubs lack QgsCsException
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence

from ..aoi import Aoi, Point
from .area_band import BAD, CASING, GOOD, POLYGON, style
from .area_edit import Corner, OutlineEdit, Pieces

MOST_CORNERS = 5000  # that can be edited without the map becoming slow
REACH = 8  # pixels from a corner or an edge
WGS84 = "EPSG:4326"
_OURS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo, QKeySequence.StandardKey.Delete)


class VertexTool(QgsMapTool):
    """Signals: `edited` the areas after each step, in EPSG:4326; `cancelled` the person is done."""

    edited = pyqtSignal(object)
    cancelled = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, pieces: Tuple[Aoi, ...]) -> None:
        super().__init__(canvas)
        self._edit = OutlineEdit(pieces)
        self._places: Dict[Corner, QgsPointXY] = {}  # on the map
        self._nexts: Dict[Corner, QgsPointXY] = {}
        self._held: Optional[Corner] = None
        self._touched: Optional[Corner] = None
        self._moved = False
        self._good = True
        self._outline = style(QgsRubberBand(canvas, POLYGON), GOOD)
        self._corners = self._points(7)
        self._mark = self._points(11)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        canvas.destinationCrsChanged.connect(self._show)

    def pieces(self) -> Pieces:
        """The areas as they are now."""
        return self._edit.pieces

    def show_state(self, *, good: bool) -> None:
        """Show whether the area can be used as it is."""
        self._good = good
        if self._held is None:
            self._draw(self._edit.pieces)

    def activate(self) -> None:
        super().activate()
        self.canvas().installEventFilter(self)
        self._show()

    def deactivate(self) -> None:
        self.canvas().removeEventFilter(self)
        self._release()
        super().deactivate()

    def remove(self) -> None:
        """Take the bands off the map for good."""
        self.canvas().destinationCrsChanged.disconnect(self._show)
        for band in (self._outline, self._corners, self._mark):
            if not sip.isdeleted(band):
                self.canvas().scene().removeItem(band)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Undo and Delete mean the outline while it is edited, not the layer QGIS would apply them to."""
        if event.type() == QEvent.Type.ShortcutOverride and (any(event.matches(key) for key in _OURS) or _is_redo(event)):
            event.accept()
            return True
        return False

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.cancelled.emit()
            return
        point = event.mapPoint()
        self._held = self._near(point) or self._split(point)
        self._touched, self._moved = self._held, False
        self._show_mark()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        point = event.mapPoint()
        if self._held is None:
            over = self._near(point) is not None or self._edge(point) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
            return
        place = self._degrees(point)
        if place is not None:
            self._moved = True
            self._draw(self._edit.moved(self._held, place))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        held, self._held = self._held, None
        place = self._degrees(event.mapPoint())
        if held is not None and self._moved and place is not None:
            self._edit.move(held, place)
            self._changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._held is None:
                self.cancelled.emit()
            self._release()
            self._show()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if self._touched is not None and self._edit.remove(self._touched):
                self._changed(keep_mark=False)
        elif _is_redo(event) or event.matches(QKeySequence.StandardKey.Redo):
            if self._edit.redo():
                self._changed(keep_mark=False)
        elif event.matches(QKeySequence.StandardKey.Undo):
            if self._edit.undo():
                self._changed(keep_mark=False)
        else:
            return
        event.ignore()  # so that the canvas does not take the key for its own shortcuts

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _release(self) -> None:
        self._held, self._touched, self._moved = None, None, False

    def _changed(self, keep_mark: bool = True) -> None:
        if not keep_mark:
            self._release()
        self._show()
        self.edited.emit(self._edit.pieces)

    def _split(self, point: QgsPointXY) -> Optional[Corner]:
        """A new corner where an edge is clicked."""
        edge = self._edge(point)
        place = self._degrees(_on_edge(point, self._places[edge], self._nexts[edge])) if edge else None
        if edge is None or place is None:
            return None
        corner = self._edit.insert(edge, place)
        self._changed()
        return corner

    def _near(self, point: QgsPointXY) -> Optional[Corner]:
        reach = REACH * self.canvas().mapUnitsPerPixel()
        close = [(point.sqrDist(place), corner) for corner, place in self._places.items()]
        distance, corner = min(close, default=(float("inf"), None))
        return corner if distance <= reach * reach else None

    def _edge(self, point: QgsPointXY) -> Optional[Corner]:
        reach = REACH * self.canvas().mapUnitsPerPixel()
        close = [(point.sqrDist(_on_edge(point, here, self._nexts[corner])), corner) for corner, here in self._places.items()]
        distance, corner = min(close, default=(float("inf"), None))
        return corner if distance <= reach * reach else None

    def _show(self) -> None:
        """Everything again, after a step or in another CRS."""
        transform = QgsCoordinateTransform(*self._crs_pair(), QgsProject.instance())
        self._places, self._nexts = {}, {}
        for corner, here, there in self._edit.corners():
            try:
                self._places[corner], self._nexts[corner] = transform.transform(*here), transform.transform(*there)
            except QgsCsException:
                self._places.pop(corner, None)  # the map does not reach there: it cannot be touched
        self._draw(self._edit.pieces)
        self._show_points(self._corners, list(self._places.values()))
        self._show_mark()

    def _draw(self, pieces: Pieces) -> None:
        shape = QgsGeometry()
        shape.fromWkb(Aoi(tuple(polygon for piece in pieces for polygon in piece.polygons)).wkb())
        line = Qt.PenStyle.SolidLine if self._good else Qt.PenStyle.DashLine
        style(self._outline, GOOD if self._good else BAD, line, len(self._places))
        self._outline.setToGeometry(shape, QgsCoordinateReferenceSystem(WGS84))

    def _show_mark(self) -> None:
        place = self._places.get(self._touched) if self._touched else None
        self._show_points(self._mark, [place] if place else [])

    def _show_points(self, band: QgsRubberBand, points: List[QgsPointXY]) -> None:
        if points:
            band.setToGeometry(QgsGeometry.fromMultiPointXY(points), None)
        else:
            band.reset(QgsWkbTypes.PointGeometry)

    def _points(self, size: int) -> QgsRubberBand:
        band = QgsRubberBand(self.canvas(), QgsWkbTypes.PointGeometry)
        band.setIcon(QgsRubberBand.IconType.ICON_FULL_BOX)
        band.setIconSize(size)
        band.setColor(GOOD)
        band.setSecondaryStrokeColor(CASING)
        return band

    def _crs_pair(self) -> Tuple[QgsCoordinateReferenceSystem, QgsCoordinateReferenceSystem]:
        return QgsCoordinateReferenceSystem(WGS84), self.canvas().mapSettings().destinationCrs()

    def _degrees(self, point: QgsPointXY) -> Optional[Point]:
        degrees, map_crs = self._crs_pair()
        try:
            place = QgsCoordinateTransform(map_crs, degrees, QgsProject.instance()).transform(point)
        except QgsCsException:
            return None
        return place.x(), place.y()


def _on_edge(point: QgsPointXY, start: QgsPointXY, end: QgsPointXY) -> QgsPointXY:
    """The place of an edge that is closest to a point."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    length = dx * dx + dy * dy
    along = ((point.x() - start.x()) * dx + (point.y() - start.y()) * dy) / length if length else 0.0
    along = max(0.0, min(1.0, along))
    return QgsPointXY(start.x() + along * dx, start.y() + along * dy)


def _is_redo(event: QEvent) -> bool:
    wanted = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    return bool(event.key() == Qt.Key.Key_Z and event.modifiers() == wanted)
