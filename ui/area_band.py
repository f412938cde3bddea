"""The outline of the area on the map."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QColor

GOOD = QColor("#0072b2")
BAD = QColor("#d55e00")
CASING = QColor(255, 255, 255, 220)
WIDTH = 2
MOST_DASHED = 500  # corners; Qt takes 150 ms to dash a few thousand, and nobody could tell the dashes
POLYGON = QgsWkbTypes.PolygonGeometry


def style(band: QgsRubberBand, colour: QColor, line: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QgsRubberBand:
    """Readable on any background: a coloured line on a white one, hardly any fill."""
    fill = QColor(colour)
    fill.setAlpha(20)
    band.setFillColor(fill)
    band.setStrokeColor(colour)
    band.setSecondaryStrokeColor(CASING)
    band.setWidth(WIDTH)
    band.setLineStyle(line)
    return band


class AreaBand(QObject):
    """Shows one geometry in EPSG:4326 and follows the project's CRS. Broken areas are dashed and of another colour."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
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
        dashed = not good and (geometry.isNull() or geometry.constGet().nCoordinates() <= MOST_DASHED)
        style(self._band, GOOD if good else BAD, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
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

    def _draw(self) -> None:
        if self._geometry.isEmpty():
            self._band.reset(POLYGON)
            self._band.hide()
        else:
            self._band.setToGeometry(self._geometry, QgsCoordinateReferenceSystem("EPSG:4326"))
            self._band.show()
