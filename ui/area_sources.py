"""What the menus of the Area row do: fetch an area from somewhere, or change the one there is, without holding up QGIS."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Tuple

from qgis.core import QgsProviderRegistry, QgsSettings
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QApplication, QFileDialog, QInputDialog

from ..aoi import Aoi, AoiError, from_geojson
from ..jobs.job import Job
from .area_menus import CLEAR, CLIP, EDIT, GRID, SIMPLIFY, ZOOM
from .area_reading import Reading
from .area_text import from_text
from .area_view import box_of, bring_into_view
from .map_tool_vertices import MOST_CORNERS
from .sentence import ERROR, INFO
from .session import Session
from .words import count, translate

FOLDER_KEY = "groundtrack/area_folder"
VIEW, WHOLE = "view", "whole"  # sources of an area that has no outline of its own
LONG_TEXT = 50_000  # characters; shorter ones are read at once
MOST_CORNERS_AT_FIRST, CELL_KM_AT_FIRST = 1000, 10.0  # where the task sets no limit


class Row(Protocol):
    """What is asked of the Area row."""

    drawer: Any
    edit: Any
    footprints: Any
    menus: Any
    rule: Any

    def label(self) -> str:
        """The name of what is there, "" for a plain drawing."""

    def pieces(self) -> Tuple[Aoi, ...]:
        """The fixed area, empty for none."""

    def reading(self) -> Reading:
        """How to read the area, in a worker."""

    def set_pieces(self, pieces: Tuple[Aoi, ...], label: str = "") -> None:
        """Fix the area."""

    def source(self) -> str:
        """Where the area comes from."""

    def tell(self, text: str, level: str = INFO) -> None:
        """Say something below the row."""


class AreaSources(QObject):
    """Serves one Area row."""

    def __init__(self, session: Session, iface: QgisInterface, row: Row) -> None:
        super().__init__(row)
        self._session = session
        self._iface = iface
        self._row = row
        self._ticket = 0
        menus = row.menus
        menus.paste_wanted.connect(self._paste)
        menus.file_wanted.connect(self._choose_file)
        menus.place_wanted.connect(self._ask_place)
        menus.job_wanted.connect(self._take_job)
        menus.change_wanted.connect(self._change)
        menus.from_button.menu().aboutToShow.connect(self._look_for_geocoder)
        menus.change_button.menu().aboutToShow.connect(self._look_at_area)

    def drop(self) -> None:
        """Another area was chosen meanwhile: what is still being read is not wanted."""
        self._session.drop(self._ticket)

    def read_file(self, path: str, layer: str = "") -> None:
        """Take the polygons of a file, of one of its layers where it has several."""
        from .area_file import of_file

        QgsSettings().setValue(FOLDER_KEY, str(Path(path).parent))
        self._row.tell(translate("Groundtrack", "{} is being read…").format(Path(path).name))
        self._fetch(lambda: (of_file(path, layer),), layer or Path(path).name, lambda error: self._file_failed(path, error))

    # From ------------------------------------------------------------------------------------------------------------------------

    def _paste(self) -> None:
        text = QApplication.clipboard().text()
        label = translate("Groundtrack", "Pasted Area")
        if len(text) > LONG_TEXT:
            self._row.tell(translate("Groundtrack", "The clipboard is being read…"))
            self._fetch(lambda: (_of_long_text(text),), label)
            return
        try:
            self._take((from_text(text),), label)
        except AoiError as error:
            self._complain(error)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self._row, translate("Groundtrack", "Area from a File"), str(QgsSettings().value(FOLDER_KEY, "")))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(QgsProviderRegistry.instance().fileVectorFilters())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.read_file)
        dialog.open()

    def _file_failed(self, path: str, error: Exception) -> None:
        from .area_file import SeveralLayers

        self._complain(error)
        if isinstance(error, SeveralLayers):
            dialog = QInputDialog(self._row)
            dialog.setWindowTitle(Path(path).name)
            dialog.setLabelText(translate("Groundtrack", "Layer with the area"))
            dialog.setComboBoxItems(error.names)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.textValueSelected.connect(lambda layer: self.read_file(path, layer))
            dialog.open()

    def _look_for_geocoder(self) -> None:
        from .area_place import enabled_geocoder

        geocoder = enabled_geocoder(self._iface.mainWindow())
        action = self._row.menus.place_action
        action.setEnabled(geocoder is not None)
        none = translate("Groundtrack", "No geocoder is switched on in QGIS’s locator bar (Settings, Options, Locator).")
        action.setToolTip(translate("Groundtrack", "Asks {}").format(geocoder.name) if geocoder else none)

    def _ask_place(self) -> None:
        from .area_place import PlaceDialog, enabled_geocoder

        geocoder = enabled_geocoder(self._iface.mainWindow())
        if geocoder is not None:
            dialog = PlaceDialog(self._session, geocoder, self._row)
            dialog.chosen.connect(lambda place, name: self._take((place,), name.split(",")[0]))
            dialog.open()

    def _take_job(self, job: Job) -> None:
        label = translate("Groundtrack", "Area of {}").format(job.title or job.operation)
        self._fetch(lambda: (from_geojson(job.request["aoi"]),), label)

    # Change ----------------------------------------------------------------------------------------------------------------------

    def _look_at_area(self) -> None:
        actions, row = self._row.menus.changing, self._row
        actions[CLEAR].setEnabled(bool(row.pieces()))
        actions[CLIP].setEnabled(bool(row.footprints))
        actions[ZOOM].setEnabled(row.source() not in (VIEW, WHOLE))

    def _change(self, name: str) -> None:
        from .area_changes import changed, clipped, simple_change

        row = self._row
        if name == CLEAR:
            row.set_pieces(())
        elif name == EDIT:
            self._edit()
        elif name == ZOOM:
            self._zoom()
        elif name in (SIMPLIFY, GRID):
            self._ask_amounts(name)
        elif name != CLIP:
            self._later(changed(row.reading(), simple_change(name)))
        else:
            self._later(changed(row.reading(), clipped(row.footprints)))

    def _zoom(self) -> None:
        self.drop()
        reading, canvas = self._row.reading(), self._iface.mapCanvas()
        shown = partial(bring_into_view, canvas, anyway=True)
        self._ticket = self._session.work(self, lambda: box_of(reading()), shown, self._complain)

    def _edit(self) -> None:
        row = self._row
        if row.drawer.tool is not None:
            row.drawer.stop()
            return
        row.menus.show_drawing("")
        self._ticket = self._session.work(self, row.reading(), self._edit_pieces, self._complain)

    def _edit_pieces(self, pieces: Tuple[Aoi, ...]) -> None:
        row, corners = self._row, sum(piece.vertices for piece in pieces)
        if not corners:
            row.tell(translate("Groundtrack", "There is no area to change yet."), ERROR)
        elif corners > MOST_CORNERS:
            text = translate("Groundtrack", "The outline has {} corners, too many to be edited by hand. Simplify it first.")
            row.tell(count(corners, "", text), ERROR)
        else:
            row.set_pieces(pieces, row.label() if pieces == row.pieces() else "")
            row.edit()

    def _ask_amounts(self, name: str) -> None:
        from .area_changes import GridDialog, SimplifyDialog

        row = self._row
        if name == SIMPLIFY:
            most = row.rule.most_vertices or MOST_CORNERS_AT_FIRST
            dialog: Any = SimplifyDialog(self._session, row.reading(), most, row)
        else:
            cell = math.sqrt(row.rule.most_km2) * 0.9 if row.rule.most_km2 else CELL_KM_AT_FIRST
            dialog = GridDialog(self._session, row.reading(), cell, row)
        dialog.decided.connect(lambda pieces: row.set_pieces(pieces, row.label()))
        dialog.open()

    # Both ------------------------------------------------------------------------------------------------------------------------

    def _later(self, read: Reading, label: str = "") -> None:
        self.drop()
        self._ticket = self._session.work(self, read, lambda pieces: self._row.set_pieces(pieces, label), self._complain)

    def _fetch(self, read: Reading, label: str, failed: Any = None) -> None:
        """Like `_later`, for areas from elsewhere: the map moves to one that it does not show."""

        def located() -> Tuple[Tuple[Aoi, ...], Any]:
            pieces = read()
            return pieces, box_of(pieces)

        def take(found: Tuple[Tuple[Aoi, ...], Any]) -> None:
            self._row.set_pieces(found[0], label)
            bring_into_view(self._iface.mapCanvas(), found[1])

        self.drop()
        self._ticket = self._session.work(self, located, take, failed or self._complain)

    def _take(self, pieces: Tuple[Aoi, ...], label: str) -> None:
        self._row.set_pieces(pieces, label)
        bring_into_view(self._iface.mapCanvas(), box_of(pieces))

    def _complain(self, error: Exception) -> None:
        self._row.tell(str(error), ERROR)


def _of_long_text(text: str) -> Aoi:
    from .area_file import of_long_geojson, of_long_wkt

    start = text.lstrip()[:20].upper()
    if start.startswith("{"):
        return of_long_geojson(text)
    return of_long_wkt(text) if start.startswith(("POLYGON", "MULTIPOLYGON")) else from_text(text)
