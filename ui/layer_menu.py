"""What the layer tree's menu offers for layers that came of jobs."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Iterable, List, Optional

from qgis.core import Qgis, QgsMapLayer, QgsMapLayerType, QgsProject
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from ..jobs.job import Job
from ..results.grouping import JOB_PROPERTY
from .icons import icon, theme_icon
from .series_job import can_repeat, job_of_layer, no_account, repeat_dialog
from .series_play import can_play, play
from .session import Session
from .words import plain, translate

KINDS = (QgsMapLayerType.VectorLayer, QgsMapLayerType.RasterLayer)  # type: ignore[attr-defined]  # the stubs know later names


class LayerMenu(QObject):
    """Actions for the job of the layer that is chosen. Signal: `ran` tuple of Job."""

    ran = pyqtSignal(object)

    def __init__(self, session: Session, iface: Any) -> None:
        super().__init__(session)
        self._session = session
        self._iface = iface
        self.actions: List[QAction] = []
        self._add(icon("calendar"), translate("Groundtrack", "Repeat with New Dates…"), self._repeat)
        self._add(theme_icon("temporal_navigation/forward"), translate("Groundtrack", "Play Series"), self._play)
        QgsProject.instance().layersAdded.connect(self._offer)
        self._offer(QgsProject.instance().mapLayers().values())

    def close_down(self) -> None:
        """Take the actions out of the menu."""
        QgsProject.instance().layersAdded.disconnect(self._offer)
        for action in self.actions:
            self._iface.removeCustomActionForLayerType(action)
            action.deleteLater()

    def _add(self, picture: QIcon, text: str, do: Callable[[Job], None]) -> None:
        action = QAction(picture, text, self)
        action.triggered.connect(partial(self._run, do))
        for kind in KINDS:
            self._iface.addCustomActionForLayerType(action, "Groundtrack", kind, False)
        self.actions.append(action)

    def _offer(self, layers: Iterable[QgsMapLayer]) -> None:
        for layer in layers:
            if layer.customProperty(JOB_PROPERTY):
                for action in self.actions:
                    self._iface.addCustomActionForLayer(action, layer)

    def _run(self, do: Callable[[Job], None], _: bool = False) -> None:
        job = job_of_layer(self._session, self._iface.activeLayer())
        if job is None:
            self._tell(translate("Groundtrack", "The job of this layer is not in this profile’s list."))
        else:
            do(job)

    def _repeat(self, job: Job) -> None:
        dialog = repeat_dialog(self._session, job, self._iface.mainWindow())
        if dialog is None:
            undated = translate("Groundtrack", "The job of this layer asked for no date.")
            self._tell(no_account(job) if can_repeat(job) else undated)
            return
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.ran.connect(self.ran)
        dialog.open()

    def _play(self, job: Job) -> None:
        if can_play(self._session, job):
            play(self._session, self._iface, job)
        else:
            self._tell(translate("Groundtrack", "There is nothing to play yet: a series needs results of two dates in this project."))

    def _tell(self, text: Optional[str]) -> None:
        self._iface.messageBar().pushMessage("Groundtrack", plain(text or ""), Qgis.MessageLevel.Info)
