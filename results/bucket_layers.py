"""Keeps layers readable whose files lie in the person's own bucket, from one session to the next. Main thread only.

A project names the file and nothing else. As soon as the account can be used, GDAL is given the rights to the folders of its jobs;
layers that QGIS could not open until then are opened again.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, Dict, List, Tuple

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer

from ..jobs.job import Job
from ..providers.base import Account, Provider
from ..providers.errors import Cancelled, ServiceProblem
from .buckets import Buckets
from .grouping import JOB_PROPERTY
from .layers import LINK_PROPERTY, reopen
from .remote import in_bucket, opens

RENEW = 5 * 60 * 1000  # ms between two looks after rights that end

log = logging.getLogger("groundtrack")


class BucketLayers(QObject):
    """One for each loader. `hub` is the loader's."""

    def __init__(self, hub: Any, parent: QObject) -> None:
        super().__init__(parent)
        self.buckets = Buckets()
        self._hub = hub
        self._served: Dict[str, Account] = {}  # the account by job id, for jobs whose rights were asked for
        self._timer = QTimer(self)
        self._timer.setInterval(RENEW)
        self._timer.timeout.connect(self._renew)
        hub.accounts_changed.connect(self.look)
        hub.jobs_changed.connect(self._look_at)
        QgsProject.instance().readProject.connect(self._look_again)
        self._timer.start()
        self.look()

    def close_down(self) -> None:
        """Take all rights back."""
        self._timer.stop()
        self._hub.accounts_changed.disconnect(self.look)
        self._hub.jobs_changed.disconnect(self._look_at)
        QgsProject.instance().readProject.disconnect(self._look_again)
        self.buckets.forget()

    def look(self) -> None:
        """Give what accounts that can be used have to give; take back what those that are gone gave."""
        usable = self._hub.store.usable()
        for key in set(self.buckets.owners()) - set(usable):
            self.buckets.forget(key)
        self._served = {identity: account for identity, account in self._served.items() if account in usable.values()}
        self._look_at(tuple(self._hub.jobs.values()))

    def _look_at(self, jobs: Tuple[Job, ...]) -> None:
        waiting: Dict[str, List[Job]] = {}
        for job in jobs:
            if job.links and job.id not in self._served:
                waiting.setdefault(job.account_key, []).append(job)
        for key, theirs in waiting.items():
            info = self._hub.store.find(key)
            account = self._hub.store.account(info) if info else None
            if account is not None:
                self._served.update((job.id, account) for job in theirs)
                task = partial(_open, jobs=theirs, buckets=self.buckets, shut=tuple(layer.source() for layer in _shut()))
                self._hub.ask(self, account, task, self._mend, self._leave)

    def _renew(self) -> None:
        """Ask again for rights that end."""
        ending = {key for key, end in self.buckets.owners().items() if end}
        jobs = tuple(job for job in self._hub.jobs.values() if job.links and job.account_key in ending)
        for job in jobs:
            self._served.pop(job.id, None)
        self._look_at(jobs)

    def _look_again(self) -> None:
        """Another project was opened, perhaps with layers that could not be."""
        shut = {layer.customProperty(JOB_PROPERTY) for layer in _shut()}
        for identity in shut:
            self._served.pop(identity, None)
        self._look_at(tuple(job for job in self._hub.jobs.values() if job.id in shut))

    def _mend(self, sources: Tuple[str, ...]) -> None:
        for layer in _shut():
            if layer.source() in sources:
                reopen(layer, layer.source())

    def _leave(self, problem: Exception) -> None:
        log.warning("layers in a bucket stay closed: %s", problem)


def _shut() -> List[QgsMapLayer]:
    """Layers of ours in a bucket that QGIS could not open."""
    layers = QgsProject.instance().mapLayers().values()
    return [layer for layer in layers if not layer.isValid() and layer.customProperty(LINK_PROPERTY) and in_bucket(layer.source())]


def _open(provider: Provider, jobs: List[Job], buckets: Buckets, shut: Tuple[str, ...]) -> Tuple[str, ...]:
    """Give GDAL the rights to the folders of jobs. Returns which of the sources can be opened now. For worker threads."""
    for job in jobs:
        try:
            rights = provider.rights(job.handle)
        except Cancelled:
            raise
        except ServiceProblem as problem:
            log.warning("the result of job %s cannot be opened in its bucket: %s", job.id, problem)
            continue
        if rights is not None:
            buckets.admit(job, rights)
    return tuple(source for source in shut if buckets.admits(source) and opens(source))
