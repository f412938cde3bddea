"""The outline of the area on the map."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QColor

GOOD = QColor("#0072b2")
BAD = QColor("#d55e00")
CASING = QColor(255, 255, 255, 220)
WIDTH = 2
HAIRLINE = 300  # corners from which on a thin line is all: Qt paints 800 corners of it in 3 ms, of a wider one in 60, filled in 15 more
POLYGON = QgsWkbTypes.PolygonGeometry


def style(band: QgsRubberBand, colour: QColor, line: Qt.PenStyle = Qt.PenStyle.SolidLine, corners: int = 0) -> QgsRubberBand:
    """Readable on any background: a coloured line on a white one, hardly any fill; for very many corners a plain thin line alone."""
    fill = QColor(colour)
    fill.setAlpha(20)
    band.setFillColor(fill)
    band.setBrushStyle(Qt.BrushStyle.SolidPattern if corners <= HAIRLINE else Qt.BrushStyle.NoBrush)
    band.setStrokeColor(colour)
    band.setSecondaryStrokeColor(CASING if corners <= HAIRLINE else QColor())
    band.setWidth(WIDTH if corners <= HAIRLINE else 1)
    band.setLineStyle(line if corners <= HAIRLINE else Qt.PenStyle.SolidLine)
    return band


class AreaBand(QObject):
    """Shows one geometry in EPSG:4326 and follows the project's CRS. Broken areas are dashed and of another colour."""

    def __init__(self, canvas: QgsMapCanvas, outlined: Any = None) -> None:
        """`outlined` is a signal that carries whether another outline takes the place of this one for now."""
        super().__init__(canvas)
        self._canvas = canvas
        self._aside = False
        if outlined is not None:
            outlined.connect(self._step_aside)
        self._geometry = QgsGeometry()
        self._band = QgsRubberBand(canvas, POLYGON)
        self._band.hide()
        canvas.destinationCrsChanged.connect(self._draw)

    @property
    def band(self) -> QgsRubberBand:
        return self._band

    def show_area(self, geometry: QgsGeometry, *, good: bool) -> None:
        """Draw a geometry; an empty one shows nothing."""
        self._geometry = QgsGeometry(geometry)
        corners = 0 if geometry.isNull() else geometry.constGet().nCoordinates()
        style(self._band, GOOD if good else BAD, Qt.PenStyle.SolidLine if good else Qt.PenStyle.DashLine, corners)
        self._draw()

    def clear(self) -> None:
        """Show nothing for now."""
        self.show_area(QgsGeometry(), good=True)

    def remove(self) -> None:
        """Take it off the map for good."""
        self._canvas.destinationCrsChanged.disconnect(self._draw)
        if not sip.isdeleted(self._band):
            self._canvas.scene().removeItem(self._band)
        self.deleteLater()

    def _step_aside(self, aside: bool) -> None:
        self._aside = aside
        if not sip.isdeleted(self._band):
            self._draw()

    def _draw(self) -> None:
        if self._aside or self._geometry.isEmpty():
            self._band.reset(POLYGON)
            self._band.hide()
        else:
            self._band.setToGeometry(self._geometry, QgsCoordinateReferenceSystem("EPSG:4326"))
            self._band.show()
