"""Above the table of jobs: the batches that are under way, the one whose job is chosen, and the one that ended last."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ..jobs.group import Group, standing, to_look_at, to_try_again
from ..jobs.job import Job
from . import batch_header as deeds
from .batch_ask import BudgetDialog, ask_cancel_rest, ask_retry
from .batch_header import BatchHeader
from .batch_results import BatchResults
from .sentence import ERROR, Sentence
from .session import Session
from .words import DAY

PAUSE = 250  # ms in which changes are taken together
MOST = 3  # shown at once


class BatchPanel(QWidget):
    """`only_changed` carries the id of the group whose jobs alone shall be shown, "" for all jobs."""

    only_changed = pyqtSignal(str)

    def __init__(self, session: Session, parent: Optional[QWidget] = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._session, self._clock = session, clock
        self._chosen = ""  # the group of the chosen job
        self._only = ""
        self.headers: Dict[str, BatchHeader] = {}
        self.results = BatchResults(session, self)
        self.complaint = Sentence(self)
        self.results.told.connect(lambda text: self.complaint.say(text, ERROR))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.complaint)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self.refresh)
        for signal in (session.jobs_changed, session.jobs_forgotten, session.groups_changed):
            signal.connect(self._refresh_soon)
        self.refresh()

    def choose(self, jobs: Sequence[Job]) -> None:
        """Show the batch of the chosen job too."""
        chosen = jobs[0].group if jobs else ""
        if chosen != self._chosen:
            self._chosen = chosen
            self.refresh()

    def show_only(self, group: str) -> None:
        """Show the jobs of this group alone, or all for ""."""
        if group != self._only:
            self._only = group
            self.only_changed.emit(group)
            self.refresh()

    def refresh(self) -> None:
        """Show what is so now."""
        wanted = self._wanted()
        for identity in [identity for identity in self.headers if identity not in wanted]:
            header = self.headers.pop(identity)
            header.setParent(None)
            header.deleteLater()
        for group in wanted.values():
            header = self.headers.get(group.id) or self._add(group)
            header.show_standing(group, standing(group, self._jobs_of(group.id)))
            header.set_only(group.id == self._only)
        if self._only and self._only not in self._session.groups:
            self.show_only("")
        self.setVisible(bool(wanted))

    def close_down(self) -> None:
        """Give up what is being made."""
        self.results.close_down()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _refresh_soon(self, *_: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _wanted(self) -> Dict[str, Group]:
        """What is asked for first, then what is under way, newest first, then the latest one that ended: its results are to be had here."""
        groups, since = self._session.groups, self._clock() - DAY
        jobs = [job for job in self._session.jobs.values() if job.group in groups]
        busy = {job.group for job in jobs if job.state.followed}
        ended = {job.group for job in jobs if job.finished_at > since} - busy
        named = [groups[identity] for identity in (self._only, self._chosen) if identity in groups]
        rest = _newest_first(groups[identity] for identity in busy)
        late = _newest_first(groups[identity] for identity in ended)[:1]
        return dict(list({group.id: group for group in (*named, *rest, *late)}.items())[:MOST])

    def _jobs_of(self, identity: str) -> List[Job]:
        return [job for job in self._session.jobs.values() if job.group == identity]

    def _add(self, group: Group) -> BatchHeader:
        header = self.headers[group.id] = BatchHeader(group, self)
        header.wanted.connect(self._do, Qt.ConnectionType.QueuedConnection)
        header.only_wanted.connect(self.show_only, Qt.ConnectionType.QueuedConnection)
        self._column.insertWidget(self._column.count() - 1, header)
        return header

    def _do(self, identity: str, deed: str) -> None:
        group, poller = self._session.groups.get(identity), self._session.poller
        if group is None:
            return
        if deed in (deeds.PAUSE, deeds.RESUME):
            poller.change_group(identity, paused=deed == deeds.PAUSE, note="")
        elif deed == deeds.BUDGET:
            self._ask_budget(group)
        elif deed == deeds.CANCEL:
            if ask_cancel_rest(self, standing(group, self._jobs_of(identity)).waiting):
                poller.cancel_rest(identity)
        elif deed == deeds.RETRY:
            failed = to_try_again(self._jobs_of(identity))
            if failed and ask_retry(self, failed):
                poller.retry_failed(identity)
        elif deed == deeds.CHECK:
            for job in to_look_at(self._jobs_of(identity)):
                poller.check_now(job.id)
        elif deed == deeds.MERGE:
            self.results.merge(group)
        else:
            self.results.join(group)

    def _ask_budget(self, group: Group) -> None:
        dialog = BudgetDialog(group, standing(group, self._jobs_of(group.id)), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.decided.connect(lambda budget: self._set_budget(group.id, budget))
        dialog.open()

    def _set_budget(self, identity: str, budget: Any) -> None:
        self._session.poller.change_group(identity, budget=budget)


def _newest_first(groups: Iterable[Group]) -> List[Group]:
    return sorted(groups, key=lambda group: -group.created_at)
