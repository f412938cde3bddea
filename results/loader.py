"""Results onto the map: prepared by a worker, made into layers on the main thread, one small step an event-loop turn."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol, Set, Tuple

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..jobs.downloads import safe_name
from ..jobs.group import BATCH, Group
from ..jobs.job import Job, State
from ..providers.base import Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from .bucket_layers import BucketLayers
from .errors import ResultError
from .facts import table_of
from .feature_results import prepare_member
from .in_place import chosen_cogs, chosen_wish
from .layers import add_layer, layers_of, make_layer, relink
from .links import prepare_links
from .prepare import Prepared, prepare
from .tiles import is_here, prepare_whole, tiles_of, whole_job

MOST_LAYERS = 12  # results of a batch that are loaded by themselves
FOLDER_SETTING = "groundtrack/results_folder"
WHOLE_PROPERTY = "groundtrack/whole"  # of a layer that is made of several jobs' results


class Hub(Protocol):
    """What is needed of the session."""

    jobs: Mapping[str, Job]
    own: Set[str]
    groups: Mapping[str, Group]
    poller: Any
    store: Any
    jobs_changed: Any
    accounts_changed: Any

    def work(self, owner: QObject, task: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[Exception], None]) -> int: ...

    def ask(
        self, owner: QObject, account: Any, question: Callable[[Provider], Any],
        then: Callable[[Any], None], failed: Callable[[Exception], None],
    ) -> int: ...  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A job whose layers are in the project now. `fresh`: they were not before."""

    job: Job
    layers: Tuple[QgsMapLayer, ...]
    prepared: Tuple[Prepared, ...] = ()
    fresh: bool = True

    @property
    def found(self) -> int:
        """Number of detections."""
        return sum(made.matched for made in self.prepared)


class ResultLoader(QObject):
    """Loads what was asked for from this project or session by itself, everything else when told to. One for each session.

    Signals: `loaded` a Loaded, `refused` (job, sentence), `offered` a job that is ready but belongs to another project,
    `changed` the id of a job whose loading began, went on or ended.
    """

    loaded = pyqtSignal(object)
    refused = pyqtSignal(object, str)
    offered = pyqtSignal(object)
    changed = pyqtSignal(str)

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)  # type: ignore[arg-type]  # the session is a QObject
        self._hub = hub
        self._states: Dict[str, State] = {}
        self._cancels: Dict[str, Cancel] = {}
        self._left: Set[str] = set()  # own jobs that were asked for before the present project was opened
        self._late: Set[str] = set()  # jobs whose loading was cut short by another project
        self._in_buckets = BucketLayers(hub, self)
        hub.jobs_changed.connect(self._look)
        QgsProject.instance().cleared.connect(self._leave_project)
        QgsProject.instance().readProject.connect(self._look_again)

    def is_loading(self, identity: str) -> bool:
        return identity in self._cancels

    def load(self, job: Job) -> None:
        """Bring a job's result onto the map; layers that are there already are only shown. Tiles become one layer once all are here."""
        tiles = tiles_of(job, self._hub.jobs.values())
        if tiles and all(map(is_here, tiles)):
            self._load_whole(tiles)
            return
        there = layers_of(QgsProject.instance(), job.id)
        if there:
            self.loaded.emit(Loaded(job, there, fresh=False))
        elif job.id not in self._cancels:
            cancel = self._cancels[job.id] = Cancel()
            task = self._preparing(job, cancel)
            if job.links:
                self._ask(job, task if job.files else tuple, partial(self._make, job))
            else:
                self._hub.work(self, task, partial(self._make, job), partial(self._refuse, job))
            self.changed.emit(job.id)

    def renew(self, job: Job) -> None:
        """Give layers that read over a link a fresh one; `loaded` or `refused` tells how it went."""
        if not layers_of(QgsProject.instance(), job.id):
            self.load(job)
        elif job.id not in self._cancels:
            self._cancels[job.id] = Cancel()
            self._ask(job, tuple, lambda prepared: self._step(job, partial(self._relink, job, prepared)))
            self.changed.emit(job.id)

    def _load_whole(self, tiles: Tuple[Job, ...]) -> None:
        job = whole_job(tiles)
        there = tuple(layer for layer in layers_of(QgsProject.instance(), job.id) if layer.customProperty(WHOLE_PROPERTY))
        if there:
            self.loaded.emit(Loaded(job, there, fresh=False))
        elif job.id not in self._cancels:
            cancel = self._cancels[job.id] = Cancel()
            task = partial(prepare_whole, tiles, chosen_cogs(), cancel.is_set)
            self._hub.work(self, task, partial(self._make, job), partial(self._refuse, job))
            self.changed.emit(job.id)

    def cancel(self, identity: str) -> None:
        """Give up loading; nothing is left half done."""
        if identity in self._cancels:
            self._cancels[identity].set()

    def close_down(self) -> None:
        """Stop at once."""
        self._in_buckets.close_down()
        self._hub.jobs_changed.disconnect(self._look)
        QgsProject.instance().cleared.disconnect(self._leave_project)
        QgsProject.instance().readProject.disconnect(self._look_again)
        for cancel in self._cancels.values():
            cancel.set()

    # When to load ------------------------------------------------------------------------------------------------------------------

    def _look(self, jobs: Tuple[Job, ...]) -> None:
        crowds: Optional[Mapping[str, int]] = None
        for job in jobs:
            before = self._states.get(job.id, State.DRAFT if job.id in self._hub.own else None)
            self._states[job.id] = job.state
            fresh = job.state is State.FETCHED and before not in (State.FETCHED, None)
            if fresh and job.origin == "dock":
                crowds = crowds or self._crowds()
                if self._is_wanted(job, crowds):
                    self._load_or_offer(job)

    def _crowds(self) -> Mapping[str, int]:
        """How many jobs each group has."""
        return Counter(job.group for job in self._hub.jobs.values())

    def _is_wanted(self, job: Job, crowds: Mapping[str, int]) -> bool:
        """Not so while other tiles of its area are missing, or for hundreds of features: nobody wants to see them one by one."""
        crowd = crowds.get(job.group, 0) if self._is_feature(job) else 0
        return crowd <= MOST_LAYERS and all(map(is_here, tiles_of(job, self._hub.jobs.values())))

    def _is_feature(self, job: Job) -> bool:
        return job.group in self._hub.groups and self._hub.groups[job.group].kind == BATCH

    def _load_or_offer(self, job: Job) -> None:
        if self._belongs_here(job):
            self.load(job)
        else:
            self.offered.emit(job)

    def _belongs_here(self, job: Job) -> bool:
        path = QgsProject.instance().absoluteFilePath()
        return bool(path and job.project == path) or (job.id in self._hub.own and job.id not in self._left)

    def _leave_project(self) -> None:
        """Another project is opened: what was asked from the one before is only offered, even if it is being loaded right now."""
        self._left.update(self._hub.own)
        self._late.update(self._cancels)
        for cancel in self._cancels.values():
            cancel.set()

    def _look_again(self) -> None:
        """Load what became ready while its project was closed."""
        path, crowds = QgsProject.instance().absoluteFilePath(), self._crowds()
        for job in list(self._hub.jobs.values()):
            ready = job.state is State.FETCHED and job.origin == "dock" and not job.message
            if ready and path and job.project == path and self._is_wanted(job, crowds):
                self.load(job)

    def _preparing(self, job: Job, cancel: Cancel) -> Callable[[], Tuple[Prepared, ...]]:
        if self._is_feature(job):
            return partial(prepare_member, job, cancel.is_set, chosen_cogs())
        return partial(prepare, job, table_of(job), progress=lambda share: None, cancelled=cancel.is_set, cogs=chosen_cogs())

    # How to load -------------------------------------------------------------------------------------------------------------------

    def _ask(self, job: Job, files: Callable[[], Tuple[Prepared, ...]], then: Callable[[Any], None]) -> None:
        """Prepare what stayed at the service, over links that only its account gets, together with the `files` that are here."""
        info, wish, buckets = self._hub.store.find(job.account_key), chosen_wish(), self._in_buckets.buckets
        account = self._hub.store.account(info) if info else None
        if account is None:
            self._refuse(job, ResultError(self.tr("The account of this job is locked or missing. Unlock or add it first.")))
            return

        def question(provider: Provider) -> Tuple[Prepared, ...]:
            return (*files(), *prepare_links(job, provider, wish, buckets))

        self._hub.ask(self, account, question, then, partial(self._refuse, job))

    def _relink(self, job: Job, prepared: Tuple[Prepared, ...]) -> None:
        layers = layers_of(QgsProject.instance(), job.id)
        for layer in layers:
            for made in prepared:
                relink(layer, made)
        QgsProject.instance().setDirty(True)
        self._end(job)
        self._hub.poller.note(job.id, message="")
        self.loaded.emit(Loaded(job, layers, prepared, fresh=False))

    def _make(self, job: Job, prepared: Tuple[Prepared, ...]) -> None:
        self._step(job, partial(self._make_next, job, prepared, []))

    def _make_next(self, job: Job, prepared: Tuple[Prepared, ...], layers: List[QgsMapLayer]) -> None:
        layers.append(make_layer(job, prepared[len(layers)]))
        if len(layers) < len(prepared):
            self._step(job, partial(self._make_next, job, prepared, layers))
        else:
            self._step(job, partial(self._add, job, prepared, tuple(layers)))

    def _add(self, job: Job, prepared: Tuple[Prepared, ...], layers: Tuple[QgsMapLayer, ...]) -> None:
        known = self._hub.jobs.get(job.id, job)
        tiles = tiles_of(known, self._hub.jobs.values()) if known.request != job.request else ()
        for layer in layers:
            if tiles:
                layer.setCustomProperty(WHOLE_PROPERTY, True)
            add_layer(QgsProject.instance(), layer, job)
        self._end(job)
        paths = tuple(dict.fromkeys(str(made.path) for made in prepared if made.path.name not in job.links))
        for identity in [tile.id for tile in tiles] or [job.id]:
            self._hub.poller.note(identity, state=State.LOADED, message="", layers=paths)
        self.loaded.emit(Loaded(job, layers, prepared))

    def _step(self, job: Job, step: Callable[[], None]) -> None:
        """Take a step in the next turn of the event loop, so that no turn is long."""

        def guarded() -> None:
            if sip.isdeleted(self):
                return
            cancel = self._cancels.get(job.id)
            if cancel is None or cancel.is_set():
                self._end(job)
                return
            try:
                step()
            except ResultError as problem:
                self._refuse(job, problem)

        QTimer.singleShot(0, guarded)

    def _refuse(self, job: Job, problem: Exception) -> None:
        self._end(job)
        if isinstance(problem, Cancelled):
            return
        text = problem.message if isinstance(problem, ResultError) else self.tr("The result could not be loaded: {}").format(problem)
        self._hub.poller.note(job.id, message=text)
        self.refused.emit(job, text)

    def _end(self, job: Job) -> None:
        self._cancels.pop(job.id, None)
        self.changed.emit(job.id)
        if job.id in self._late:
            self._late.discard(job.id)
            self._load_or_offer(job)


def loader_of(session: QObject) -> ResultLoader:
    """The loader of a session; made when there is none."""
    return session.findChild(ResultLoader) or ResultLoader(session)  # type: ignore[arg-type]


def results_folder() -> Callable[[Job], Path]:
    """Which folder a job's files go to: one for each job inside the folder of the settings, else inside the profile. For any thread."""
    profile = Path(QgsApplication.qgisSettingsDirPath()) / "groundtrack" / "results"

    def folder(job: Job) -> Path:
        chosen = QgsSettings().value(FOLDER_SETTING, "", type=str)
        day = time.strftime("%Y-%m-%d", time.gmtime(job.created_at))
        return (Path(chosen) if chosen else profile) / safe_name(f"{day}_{job.operation}_{job.id[:8]}")

    return folder
