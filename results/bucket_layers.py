"""Keeps layers readable whose files lie in the person's own bucket, from one session to the next. Main thread only.

A project names the file and nothing else. As soon as the account can be used, GDAL is given the rights to the folders of its jobs;
layers that QGIS could not open until then are opened again.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, Dict, Iterable, List, Tuple

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
        self.buckets.close()

    def look(self) -> None:
        """Give what accounts that can be used have to give; take back what those that are gone gave."""
        usable = self._take_back()
        self._served = {identity: account for identity, account in self._served.items() if account in usable.values()}
        self._look_at(tuple(self._hub.jobs.values()))

    def _take_back(self) -> Dict[str, Account]:
        """Forget the rights of accounts that are gone. Returns those that can be used."""
        usable: Dict[str, Account] = self._hub.store.usable()
        for key in set(self.buckets.owners()) - set(usable):
            self.buckets.forget(key)
        return usable

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
                failed = partial(self._leave, tuple(job.id for job in theirs))
                self._hub.ask(self, account, task, self._mend, failed)

    def _renew(self) -> None:
        """Ask again for rights that end, and for those that were not to be had."""
        ending = {key for key, end in self.buckets.owners().items() if end}
        jobs = tuple(self._hub.jobs.values())
        self._drop(job.id for job in jobs if job.account_key in ending)
        self._look_at(jobs)

    def _look_again(self) -> None:
        """Another project was opened, perhaps with layers that could not be."""
        shut = {layer.customProperty(JOB_PROPERTY) for layer in _shut()}
        self._drop(shut)
        self._look_at(tuple(job for job in self._hub.jobs.values() if job.id in shut))

    def _mend(self, answer: Tuple[Tuple[str, ...], Tuple[str, ...]]) -> None:
        sources, refused = answer
        self._take_back()  # an account may have gone while it was asked
        self._drop(refused)
        for layer in _shut():
            if layer.source() in sources:
                reopen(layer, layer.source())

    def _leave(self, identities: Tuple[str, ...], problem: Exception) -> None:
        self._drop(identities)
        log.warning("layers in a bucket stay closed: %s", problem)

    def _drop(self, identities: Iterable[str]) -> None:
        """Ask for the rights of these jobs anew, when there is occasion."""
        for identity in tuple(identities):
            self._served.pop(identity, None)


def _shut() -> List[QgsMapLayer]:
    """Layers of ours in a bucket that QGIS could not open."""
    layers = QgsProject.instance().mapLayers().values()
    return [layer for layer in layers if not layer.isValid() and layer.customProperty(LINK_PROPERTY) and in_bucket(layer.source())]


def _open(provider: Provider, jobs: List[Job], buckets: Buckets, shut: Tuple[str, ...]) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """Give GDAL the rights to the folders of jobs. For worker threads.

    Returns which of the sources can be opened now, and the ids of jobs whose rights were not to be had.
    """
    refused = []
    for job in jobs:
        try:
            rights = provider.rights(job.handle)
        except Cancelled:
            raise
        except ServiceProblem as problem:
            log.warning("the result of job %s cannot be opened in its bucket: %s", job.id, problem)
            refused.append(job.id)
            continue
        if rights is not None:
            buckets.admit(job, rights)
    return tuple(source for source in shut if buckets.admits(source) and opens(source)), tuple(refused)
