"""Before and after of a change job: both source scenes as layers beside the result, compared with one click."""

from __future__ import annotations

from functools import partial
from typing import Any, Optional, Sequence, Tuple

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..jobs.job import Job
from ..providers.base import Account, Can
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from ..providers.scenes import in_time_order, taken_at
from ..results.dates import scenes
from ..results.errors import ResultError
from ..results.facts import can_of
from ..results.grouping import find_group, put_in_group
from ..results.layers import layers_of
from ..results.raster_layers import raster_layer
from ..results.rasters import RasterFacts
from .jobs_map import show_layers
from .scenes_errands import Errands
from .scenes_files import open_preview
from .scenes_layers import scenes_folder
from .session import Session
from .swipe import Swipe
from .words import translate

SIDE_PROPERTY = "groundtrack/compared"  # of a layer: "<job> <scene>"


def can_compare(job: Job) -> bool:
    """Whether a job's result lies between two scenes that can be fetched."""
    return Can.SCENES in can_of(job) and len(scenes(job.request.get("values") or {})) == 2


class Comparison(QObject):
    """One comparison at a time. Signals: `failed` a sentence, `changed` when one begins or ends."""

    failed = pyqtSignal(str)
    changed = pyqtSignal()

    def __init__(self, session: Session, iface: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._iface = iface
        self._cancel = Cancel()
        self._errands: Optional[Errands] = None
        self._job: Optional[Job] = None
        self.swipe: Optional[Swipe] = None

    @property
    def busy(self) -> bool:
        """Whether scenes are being fetched."""
        return self._job is not None and self.swipe is None

    def toggle(self, job: Job) -> None:
        """Compare, or end it when this job is compared already."""
        same = self._job is not None and self._job.id == job.id
        self.end()
        if same:
            return
        ids = in_time_order(scenes(job.request.get("values") or {}))
        there = [_layer_of(job, scene_id) for scene_id in ids]
        self._job = job
        self.changed.emit()
        if all(there):
            self._begin(job, [layer for layer in there if layer is not None])
        else:
            self._fetch(job, ids)

    def end(self) -> None:
        """Give the map back, or give up fetching; layers that were added stay."""
        self._cancel.set()
        if self._errands is not None:
            self._errands.stop()
            self._errands.deleteLater()
            self._errands = None
        swipe, self.swipe = self.swipe, None
        self._job = None
        if swipe is not None:
            swipe.ended.disconnect(self.end)
            swipe.end()
            swipe.deleteLater()
        self.changed.emit()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _fetch(self, job: Job, ids: Sequence[str]) -> None:
        account = self._account(job)
        if account is None:
            self._complain(LookupError(translate("Groundtrack", "The account of this job is locked or missing. Unlock or add it first.")))
            return
        provider = self._session.provider(account)
        self._cancel = Cancel()
        self._errands = Errands(1, self, provider.transport.close)
        folder, cancel = scenes_folder(), self._cancel

        def both() -> Tuple[RasterFacts, ...]:
            return tuple(open_preview(provider, scene_id, folder, cancel) for scene_id in ids)

        self._errands.do(both, partial(self._add, job, tuple(ids)), self._complain)

    def _account(self, job: Job) -> Optional[Account]:
        info = self._session.store.find(job.account_key)
        return self._session.store.account(info) if info else None

    def _add(self, job: Job, ids: Sequence[str], both: Sequence[RasterFacts]) -> None:
        words = (translate("Groundtrack", "Before {}"), translate("Groundtrack", "After {}"))
        layers = []
        try:
            for facts, text, scene_id in zip(both, words, ids):
                layer = _layer_of(job, scene_id) or _make(facts, text.format(_day(scene_id)), scene_id)
                layer.setCustomProperty(SIDE_PROPERTY, f"{job.id} {scene_id}")
                if QgsProject.instance().mapLayer(layer.id()) is None:
                    put_in_group(QgsProject.instance(), layer, job)
                layers.append(layer)
        except ResultError as problem:
            self._complain(problem)
            return
        QgsProject.instance().setDirty(True)
        self._begin(job, layers)

    def _begin(self, job: Job, layers: Sequence[QgsMapLayer]) -> None:
        group = find_group(QgsProject.instance(), job)
        if group is not None:
            group.setItemVisibilityCheckedParentRecursive(True)
        for layer in layers:
            QgsProject.instance().layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(True)
        show_layers(self._iface, layers[:1])
        results = layers_of(QgsProject.instance(), job.id)
        names = [layer.name() for layer in layers]
        self.swipe = Swipe(self._iface.mapCanvas(), layers[:1], layers[1:], names, results)
        self.swipe.ended.connect(self.end)
        self.swipe.begin()
        self.changed.emit()

    def _complain(self, error: Exception) -> None:
        self.end()
        if not isinstance(error, Cancelled):
            self.failed.emit(str(error))


def _make(facts: RasterFacts, name: str, scene_id: str) -> QgsMapLayer:
    moment = taken_at(scene_id)
    return raster_layer(facts, "", name, (moment, moment) if moment else None)


def _day(scene_id: str) -> str:
    moment = taken_at(scene_id)
    return moment.date().isoformat() if moment else scene_id


def _layer_of(job: Job, scene_id: str) -> Optional[QgsMapLayer]:
    wanted = f"{job.id} {scene_id}"
    layers = QgsProject.instance().mapLayers().values()
    return next((layer for layer in layers if layer.customProperty(SIDE_PROPERTY) == wanted), None)
