"""An area by the name of a place, looked up by the geocoder of QGIS's locator bar. Nothing is asked before a person asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Tuple

from qgis.core import (
    QgsAbstractGeocoderLocatorFilter,
    QgsFeedback,
    QgsGeocoderContext,
    QgsGeocoderInterface,
    QgsGeometry,
    QgsProject,
)
from qgis.gui import QgsLocatorWidget
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from ..aoi import Aoi, AoiError
from .area_reading import from_map
from .sentence import ERROR, Sentence
from .session import Session
from .words import translate

MOST = 20  # places that are listed


@dataclass(frozen=True)
class Geocoder:
    """One of the locator's geocoders, `name` as QGIS shows it."""

    name: str
    interface: QgsGeocoderInterface


def enabled_geocoder(window: QWidget) -> Optional[Geocoder]:
    """The first geocoder that is switched on in the locator bar of QGIS's window, None when there is none."""
    # QGIS made these objects in C++: Python takes them for their plain base classes until told otherwise
    bars = [widget for widget in window.findChildren(QWidget) if widget.inherits("QgsLocatorWidget")]
    filters = [found for bar in bars for found in sip.cast(bar, QgsLocatorWidget).locator().filters()]
    for found in filters:
        if found.enabled() and found.inherits("QgsAbstractGeocoderLocatorFilter"):
            interface = sip.cast(found, QgsAbstractGeocoderLocatorFilter).geocoder()
            if interface is not None and interface.flags() & QgsGeocoderInterface.Flag.GeocodesStrings:
                return Geocoder(found.displayName(), interface)
    return None


def look_up(geocoder: Geocoder, text: str) -> Callable[[], List[Tuple[str, Aoi]]]:
    """A question for a worker: names of places and the rectangles round them."""
    context = QgsProject.instance().transformContext()

    def ask() -> List[Tuple[str, Aoi]]:
        results = geocoder.interface.geocodeString(text, QgsGeocoderContext(context), QgsFeedback())
        failed = [result.error() for result in results if not result.isValid() and result.error()]
        found = [(result.identifier(), from_map(_extent(result), result.crs(), context)) for result in results[:MOST] if result.isValid()]
        places = [(name, place) for name, place in found if place.polygons]
        if not places and failed:
            raise AoiError(translate("Groundtrack", "{} answered: {}").format(geocoder.name, failed[0]))
        if not places:
            raise AoiError(translate("Groundtrack", "{} knows no place of that name.").format(geocoder.name))
        return places

    return ask


def _extent(result: Any) -> QgsGeometry:
    """The outline the geocoder knows, else what it would zoom to; a point without that has no extent."""
    if result.geometry().type() == 2:  # polygons, in every version
        return QgsGeometry(result.geometry())
    return QgsGeometry() if result.viewport().isEmpty() else QgsGeometry.fromRect(result.viewport())


class PlaceDialog(QDialog):
    """A name, the places of that name, one of them. `chosen` carries its area and its name."""

    chosen = pyqtSignal(object, str)

    def __init__(self, session: Session, geocoder: Geocoder, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._geocoder = geocoder
        self._ticket = 0
        self._places: List[Tuple[str, Aoi]] = []
        self.setWindowTitle(translate("Groundtrack", "Area of a Place"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(translate("Groundtrack", "Name of a place"))
        self.name.setAccessibleName(translate("Groundtrack", "Name of a place"))
        self.search_button = QPushButton(translate("Groundtrack", "Search"), self)
        self.search_button.setDefault(True)
        self.list = QListWidget(self)
        self.told = Sentence(self)
        self.told.say(translate("Groundtrack", "The name is sent to {}, as set in QGIS’s locator bar.").format(geocoder.name))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self._lay_out()
        self.search_button.clicked.connect(self._search)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.list.currentRowChanged.connect(lambda row: self._ok().setEnabled(row >= 0))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def accept(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._places):
            name, place = self._places[row]
            self.chosen.emit(place, name)
            super().accept()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addWidget(self.search_button)
        column = QVBoxLayout(self)
        column.addLayout(line)
        column.addWidget(self.list, 1)
        column.addWidget(self.told)
        column.addWidget(self.buttons)
        self._ok().setEnabled(False)
        self._ok().setAutoDefault(False)
        self.resize(420, 320)

    def _ok(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Ok)

    def _search(self) -> None:
        text = self.name.text().strip()
        if not text:
            return
        self._session.drop(self._ticket)
        self._show([])
        self.told.say(translate("Groundtrack", "{} is asked…").format(self._geocoder.name))
        self._ticket = self._session.work(self, look_up(self._geocoder, text), self._show, self._complain)

    def _show(self, places: List[Tuple[str, Aoi]]) -> None:
        self._places = places
        self.list.clear()
        self.list.addItems([name for name, _ in places])
        if places:
            self.told.say("")
            self.list.setCurrentRow(0)

    def _complain(self, error: Exception) -> None:
        self.told.say(str(error), ERROR)
