"""The three buttons beside the source of the area: draw one, take one from elsewhere, change the one there is."""

from __future__ import annotations

import time
from typing import Callable, Dict, Iterable, List

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QHBoxLayout, QMenu, QToolButton, QWidget

from ..jobs.job import Job
from .area_drawer import CIRCLE, FREEHAND, POLYGON, RECTANGLE
from .icons import icon, theme_icon
from .words import ago, translate

EDIT, SIMPLIFY, GRID, ENVELOPE, HOLES, LARGEST, CLIP = "edit", "simplify", "grid", "envelope", "holes", "largest", "clip"
ZOOM, CLEAR = "zoom", "clear"
MOST_JOBS = 12  # in the menu of earlier jobs


class AreaMenus(QWidget):
    """Signals: `draw_wanted` kind ("" to stop), `change_wanted` one of EDIT … CLEAR, `job_wanted` Job, and three that carry nothing."""

    draw_wanted = pyqtSignal(str)
    change_wanted = pyqtSignal(str)
    paste_wanted = pyqtSignal()
    file_wanted = pyqtSignal()
    place_wanted = pyqtSignal()
    job_wanted = pyqtSignal(object)

    def __init__(self, jobs: Callable[[], Iterable[Job]], parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.drawing: Dict[str, QAction] = {}
        self.changing: Dict[str, QAction] = {}
        self.draw_button = self._button(translate("Groundtrack", "Draw"), translate("Groundtrack", "Draw the area on the map"))
        self.from_button = self._button(translate("Groundtrack", "From"), translate("Groundtrack", "Take the area from somewhere else"))
        self.change_button = self._button(translate("Groundtrack", "Change"), translate("Groundtrack", "Change the area"))
        self._fill_draw()
        self._fill_from()
        self._fill_change()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.draw_button, self.from_button, self.change_button):
            row.addWidget(button)

    def show_drawing(self, kind: str) -> None:
        """Check the tool that is at work, "" for none."""
        for name, action in (*self.drawing.items(), (EDIT, self.changing[EDIT])):
            action.setChecked(name == kind)
        self.draw_button.setDown(bool(kind) and kind != EDIT)

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _fill_draw(self) -> None:
        for kind, label, picture in (
            (RECTANGLE, translate("Groundtrack", "Rectangle"), icon("area_rectangle")),
            (POLYGON, translate("Groundtrack", "Polygon"), icon("area_polygon")),
            (FREEHAND, translate("Groundtrack", "Freehand"), theme_icon("mActionStreamingDigitize")),
            (CIRCLE, translate("Groundtrack", "Circle"), theme_icon("mActionCircleCenterPoint")),
        ):
            action = self._action(self.draw_button, label, picture)
            action.setCheckable(True)
            action.triggered.connect(lambda checked, name=kind: self.draw_wanted.emit(name if checked else ""))
            self.drawing[kind] = action

    def _fill_from(self) -> None:
        self.paste_action = self._action(self.from_button, translate("Groundtrack", "Clipboard"), theme_icon("mActionEditPaste"))
        tip = translate("Groundtrack", "GeoJSON, WKT or a bounding box (west, south, east, north), in longitude and latitude")
        self.paste_action.setToolTip(tip)
        self.file_action = self._action(self.from_button, translate("Groundtrack", "File…"), theme_icon("mActionFileOpen"))
        self.place_action = self._action(self.from_button, translate("Groundtrack", "Place Name…"), theme_icon("search"))
        for action, signal in (
            (self.paste_action, self.paste_wanted), (self.file_action, self.file_wanted), (self.place_action, self.place_wanted),
        ):  # fmt: skip
            action.triggered.connect(lambda _, wanted=signal: wanted.emit())
        menu = self.from_button.menu()
        menu.setToolTipsVisible(True)
        self.jobs_menu = QMenu(translate("Groundtrack", "Earlier Job"), menu)
        self.jobs_menu.setIcon(theme_icon("mIconHistory"))
        self.jobs_menu.aboutToShow.connect(self._fill_jobs)
        menu.addMenu(self.jobs_menu)
        menu.aboutToShow.connect(lambda: self.jobs_menu.setEnabled(bool(self._with_area())))

    def _fill_change(self) -> None:
        menu = self.change_button.menu()
        for name, label, picture in (
            (EDIT, translate("Groundtrack", "Edit Corners"), theme_icon("mActionVertexTool")),
            (SIMPLIFY, translate("Groundtrack", "Simplify…"), theme_icon("mActionSimplify")),
            (GRID, translate("Groundtrack", "Split in a Grid…"), theme_icon("mActionSplitFeatures")),
            (ENVELOPE, translate("Groundtrack", "Take the Envelope"), theme_icon("mActionRectangleExtent")),
            (HOLES, translate("Groundtrack", "Fill the Holes"), theme_icon("mActionFillRing")),
            (LARGEST, translate("Groundtrack", "Keep the Largest Part"), theme_icon("mActionFromLargestFeature")),
            (CLIP, translate("Groundtrack", "Clip to the Scenes"), theme_icon("algorithms/mAlgorithmClip")),
            (ZOOM, translate("Groundtrack", "Zoom to the Area"), theme_icon("mActionZoomToSelected")),
            (CLEAR, translate("Groundtrack", "Clear"), theme_icon("mActionDeleteSelected")),
        ):
            if name == ZOOM:
                menu.addSeparator()
            action = self._action(self.change_button, label, picture)
            action.triggered.connect(lambda _, wanted=name: self.change_wanted.emit(wanted))
            self.changing[name] = action
        self.changing[CLIP].setToolTip(translate("Groundtrack", "The scenes that were last used in a job from the Scenes tab"))
        menu.setToolTipsVisible(True)
        self.changing[EDIT].setCheckable(True)

    def _fill_jobs(self) -> None:
        self.jobs_menu.clear()
        for job in self._with_area():
            label = f"{job.title or job.operation} · {ago(time.time() - job.created_at)}".replace("&", "&&")
            action = self.jobs_menu.addAction(label)
            action.triggered.connect(lambda _, chosen=job: self.job_wanted.emit(chosen))

    def _with_area(self) -> List[Job]:
        """The newest jobs that have an area, each area once."""
        found: List[Job] = []
        for job in sorted(self._jobs(), key=lambda job: job.created_at, reverse=True):
            area = job.request.get("aoi")
            if area and all(area != other.request["aoi"] for other in found):
                found.append(job)
            if len(found) == MOST_JOBS:
                break
        return found

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def _action(self, button: QToolButton, label: str, picture: QIcon) -> QAction:
        action = QAction(picture, label, button)
        button.menu().addAction(action)
        return action



def how_to_draw(kind: str) -> str:
    """What to do on the map now."""
    if kind == POLYGON:
        return translate("Groundtrack", "Click the corners on the map. Right click finishes, Backspace takes one back, Esc gives up.")
    if kind == FREEHAND:
        return translate("Groundtrack", "Draw the outline on the map with the button held down. Esc gives up.")
    if kind == CIRCLE:
        return translate("Groundtrack", "Click the centre, then a point of the circle, or drag; or type the radius. Esc gives up.")
    if kind == EDIT:
        return translate("Groundtrack", "Drag corners, click an edge to add one, Delete removes, Ctrl+Z undoes. Right click is done.")
    return translate("Groundtrack", "Click two opposite corners on the map, or drag. Esc gives up.")
