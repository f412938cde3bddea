"""The results of a batch on the map: merged into one layer, or as figures beside the features it was run over."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, List, Optional, Set, Tuple

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..jobs.group import Group, latest
from ..jobs.job import Job
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from ..results.batch_join import LAYER, join, table_of_layer
from ..results.errors import ResultError
from ..results.feature_results import figures, free_path, group_job, is_here, merge
from ..results.grouping import put_in_group
from ..results.layers import add_layer, make_layer
from ..results.prepare import Prepared
from .feature_reading import id_of
from .job_words import state_words
from .session import Session
from .words import translate


class BatchResults(QObject):
    """Signals: `told` a sentence about what went wrong, "" when something begins; `added` the layers that came."""

    told = pyqtSignal(str)
    added = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._cancel = Cancel()
        self._busy: Set[str] = set()

    def close_down(self) -> None:
        """Give up what is being made."""
        self._cancel.set()

    def is_busy(self, group: Group) -> bool:
        return group.id in self._busy

    def merge(self, group: Group) -> None:
        """One layer of all shapes that were found so far."""
        jobs = [job for job in self._members(group) if is_here(job)]
        if jobs:
            self._work(group, partial(_merge, group, jobs, self._cancel), partial(self._add_merged, group, jobs))

    def join(self, group: Group) -> None:
        """A copy of the layer with the figures of each feature."""
        layer, jobs = self._layer_of(group), self._members(group)
        if layer is None:
            text = translate("Groundtrack", "The layer “{}” that the batch was run over is not in this project. Open it, then join again.")
            self.told.emit(text.format(group.layer))
            return
        if group.id_field and layer.fields().indexOf(group.id_field) < 0:
            text = translate("Groundtrack", "The layer “{}” has no field “{}” any more, which tells its features apart. Add it again.")
            self.told.emit(text.format(layer.name(), group.id_field))
            return
        if not jobs or not any(job.folder for job in jobs):
            self.told.emit(translate("Groundtrack", "No result is here yet."))
            return
        table, cancel = table_of_layer(layer), self._cancel

        def task() -> Any:
            placed = [job for job in jobs if job.folder]
            target, found = free_path(group, placed, "features"), figures(jobs, cancel)
            if not join(table, found, lambda feature: id_of(feature, group.id_field), state_words, target, cancel):
                text = translate("Groundtrack", "No feature of the layer has an id that the batch knows. Was the field changed?")
                raise ResultError(text)
            return target

        self._work(group, task, partial(self._add_joined, group, jobs))

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _members(self, group: Group) -> List[Job]:
        return list(latest(job for job in self._session.jobs.values() if job.group == group.id))

    def _layer_of(self, group: Group) -> Optional[QgsVectorLayer]:
        """Also one of the same name, where a field tells the features apart: the numbers of another layer's may be any."""
        project = QgsProject.instance()
        named = [project.mapLayer(group.layer_id), *(project.mapLayersByName(group.layer) if group.id_field else ())]
        return next((layer for layer in named if isinstance(layer, QgsVectorLayer)), None)

    def _work(self, group: Group, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        if group.id in self._busy:
            return
        self._busy.add(group.id)
        self.told.emit("")

        def ended(value: Any) -> None:
            self._busy.discard(group.id)
            try:
                then(value)
            except ResultError as problem:
                failed(problem)

        def failed(problem: Exception) -> None:
            self._busy.discard(group.id)
            if not isinstance(problem, Cancelled):
                self.told.emit(str(getattr(problem, "message", problem)))

        self._session.work(self, task, ended, failed)

    def _add_merged(self, group: Group, jobs: List[Job], made: Tuple[Prepared, ...]) -> None:
        job = group_job(group, jobs)
        layers = tuple(make_layer(job, one) for one in made)
        for layer in layers:
            add_layer(QgsProject.instance(), layer, job)
        self.added.emit(layers)

    def _add_joined(self, group: Group, jobs: List[Job], target: Any) -> None:
        name = translate("Groundtrack", "{} with results").format(group.layer)
        layer = QgsVectorLayer(f"{target}|layername={LAYER}", name, "ogr")
        if not layer.isValid():
            raise ResultError(translate("Groundtrack", "QGIS cannot open the layer’s file {}. Join again.").format(target))
        put_in_group(QgsProject.instance(), layer, group_job(group, jobs))
        QgsProject.instance().setDirty(True)
        self.added.emit((layer,))


def _merge(group: Group, jobs: List[Job], cancel: Cancel) -> Tuple[Prepared, ...]:
    return merge(jobs, free_path(group, jobs, "merged"), cancel)
