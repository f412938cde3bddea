"""The area that is searched: the one of New Job, shown and changed in either place."""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtGui import QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ..aoi import Aoi
from .area_band import AreaBand
from .area_reading import Reading, outline
from .area_row import DRAWN, LAYER, VIEW, WHOLE, AreaRow
from .sentence import ERROR, SUCCESS
from .session import Session
from .words import translate

PAUSE = 300  # ms without a change before the area is read


class SharedArea(QWidget):
    """An Area row in step with another one. `changed` follows every change in either."""

    changed = pyqtSignal()

    def __init__(self, session: Session, iface: QgisInterface, other: AreaRow, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._other = other
        self._ticket = 0
        self._copying = False
        self.row = AreaRow(session, iface, self)
        self._band = AreaBand(iface.mapCanvas())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._read)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.row)
        self.row.setToolTip(translate("Groundtrack", "The same area as in New Job"))
        self._take_over()
        self.row.changed.connect(self._hand_on)
        other.changed.connect(self._take_over)

    def reading(self) -> Reading:
        """How to read the area on a worker; it raises AoiError with a sentence when there is none yet."""
        return self.row.reading()

    def close_down(self) -> None:
        """Let go of the map."""
        self._pause.stop()
        self._other.changed.disconnect(self._take_over)
        self.row.close_down()
        self._band.remove()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pause.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        self.row.drawer.stop()
        self._band.clear()

    def _hand_on(self) -> None:
        self._copy(self.row, self._other)

    def _take_over(self) -> None:
        self._copy(self._other, self.row)

    def _copy(self, source: AreaRow, target: AreaRow) -> None:
        if self._copying:
            return
        self._copying = True
        if source.source() != WHOLE:  # a search needs an area
            put_in_step(source, target)
        self._copying = False
        if self.isVisible():
            self._pause.start()
        self.changed.emit()

    def _read(self) -> None:
        self._session.drop(self._ticket)
        self._ticket = self._session.work(self, _measured(self.reading()), self._show, self._complain)

    def _show(self, measured: Tuple[Tuple[Aoi, ...], float]) -> None:
        pieces, km2 = measured
        self.row.show_area(km2, pieces[:1] if len(pieces) == 1 else (_joined(pieces),), "", SUCCESS)
        if self.isVisible() and self.row.source() != VIEW:
            self._band.show_area(outline(pieces), good=True)
        else:
            self._band.clear()

    def _complain(self, error: Exception) -> None:
        self._band.clear()
        self.row.tell(str(error), ERROR)


def put_in_step(source: AreaRow, target: AreaRow) -> None:
    """Let one row show what another one shows."""
    if source.source() == DRAWN:
        if target.source() != DRAWN or target.pieces() != source.pieces():
            target.set_pieces(source.pieces(), source.label())
        return
    if source.source() == LAYER:
        target.layer_box.setLayer(source.layer_box.currentLayer())
    if target.source() != source.source():
        target.set_source(source.source())


def _joined(pieces: Tuple[Aoi, ...]) -> Aoi:
    return Aoi(tuple(polygon for piece in pieces for polygon in piece.polygons))


def _measured(reading: Reading) -> Callable[[], Tuple[Tuple[Aoi, ...], float]]:
    def read() -> Tuple[Tuple[Aoi, ...], float]:
        pieces = reading()
        return pieces, sum(piece.area_km2 for piece in pieces)

    return read
