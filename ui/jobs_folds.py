"""What is folded away below a job's facts, and only read when somebody opens it: its areas, and what happened to it."""

from __future__ import annotations

import time
from typing import Any, List, Optional, Sequence, Tuple

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ..jobs.job import Job, State
from ..providers.base import Can, Part, Phase
from ..providers.remote import DELETED
from ..results.facts import can_of
from .icons import icon
from .job_words import state_icon, state_words
from .sentence import ERROR, INFO, Sentence
from .session import Session
from .words import area, plain, translate

ROWS = 8  # that are seen without scrolling
_STATES = {Phase.QUEUED: State.QUEUED, Phase.RUNNING: State.RUNNING, Phase.SUCCEEDED: State.SUCCEEDED, Phase.FAILED: State.FAILED,
           Phase.CANCELLED: State.CANCELLED, Phase.EXPIRED: State.EXPIRED}  # fmt: skip


class Fold(QgsCollapsibleGroupBox):
    """A list that is filled once it is opened, and again whenever the job has changed while it is open."""

    def __init__(self, title: str, columns: Sequence[str], session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(title, parent)
        self._session = session
        self._job: Optional[Job] = None
        self._shown: Any = None
        self._ticket = 0
        self.setCollapsed(True)
        self.setSaveCollapsedState(False)
        self.notice = Sentence(self)
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(list(columns))
        self.list.setAccessibleName(title)
        self.list.setRootIsDecorated(False)
        self.list.setWordWrap(True)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = self.list.header()
        header.setStretchLastSection(True)
        for column in range(len(columns) - 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        column_layout = QVBoxLayout(self)
        column_layout.addWidget(self.notice)
        column_layout.addWidget(self.list)
        self.collapsedStateChanged.connect(lambda _: self._fill())

    def show_job(self, job: Optional[Job]) -> None:
        """Another job, or the same one as it is now."""
        if job is None or self._job is None or job.id != self._job.id:
            self._clear()
        self._job = job
        self._fill()

    def ask(self, job: Job) -> int:
        """Begin to ask for the rows; the ticket."""
        raise NotImplementedError

    def mark(self, job: Job) -> Any:
        """What the rows depend on: they are asked for again when it has changed."""
        raise NotImplementedError

    def _fill(self) -> None:
        if self._job is None or self.isCollapsed() or self.isHidden() or self.mark(self._job) == self._shown:
            return
        self._session.drop(self._ticket)
        self._shown = self.mark(self._job)
        if not self.list.topLevelItemCount():
            self.notice.say(translate("Groundtrack", "Reading…"))
        self._ticket = self.ask(self._job)

    def _take(self, rows: List[Tuple[List[str], str, str]], nothing: str) -> None:
        """Rows of texts, picture and tool tip."""
        self.list.clear()
        for texts, picture, tip in rows:
            item = QTreeWidgetItem(self.list, texts)
            item.setIcon(0, icon(picture))
            item.setTextAlignment(0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            for column in range(len(texts)):
                item.setToolTip(column, plain(tip))
        self.notice.say("" if rows else nothing, INFO)
        self.list.setVisible(bool(rows))
        heights = sum(self.list.visualItemRect(self.list.topLevelItem(row)).height() for row in range(min(len(rows), ROWS)))
        line = self.list.fontMetrics().lineSpacing()
        self.list.setFixedHeight(self.list.header().height() + max(heights, len(rows[:ROWS]) * line) + line)

    def _fail(self, error: Exception) -> None:
        self._shown = None
        self.notice.say(str(error), ERROR)

    def _clear(self) -> None:
        self._session.drop(self._ticket)
        self._shown = None
        self.list.clear()
        self.list.hide()
        self.notice.say("")


class EventsFold(Fold):
    """What happened to a job and when, oldest first."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        columns = (translate("Groundtrack", "When"), translate("Groundtrack", "What"))
        super().__init__(translate("Groundtrack", "History"), columns, session, parent)

    def mark(self, job: Job) -> Any:
        return job.id, job.state

    def ask(self, job: Job) -> int:
        return self._session.events(self, job.id, self._show, self._fail)

    def _show(self, events: Sequence[Tuple[float, State, str]]) -> None:
        rows = []
        for at, state, note in events:
            said = f"{state_words(state)}. {note}" if note else state_words(state)
            rows.append(([time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)), said], state_icon(state), said))
        self._take(rows, translate("Groundtrack", "Nothing was written down."))


class PartsFold(Fold):
    """How far each area of a job is. Hidden where the service does not tell."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        columns = (translate("Groundtrack", "Area"), translate("Groundtrack", "Size"), translate("Groundtrack", "State"))
        super().__init__(translate("Groundtrack", "Areas"), columns, session, parent)

    def show_job(self, job: Optional[Job]) -> None:
        there = job is not None and bool(job.remote_id) and DELETED not in job.extra and Can.PARTS in can_of(job)
        self.setVisible(there)
        super().show_job(job if there else None)

    def mark(self, job: Job) -> Any:
        return job.id, job.state, job.progress

    def ask(self, job: Job) -> int:
        account, handle = self._session.account(job.account_key), job.handle
        if account is None:
            self._fail(LookupError(translate("Groundtrack", "The account of this job is locked or missing. Unlock or add it first.")))
            return 0
        return self._session.ask(self, account, lambda provider: provider.parts(handle), self._show, self._fail)

    def _show(self, parts: Sequence[Part]) -> None:
        rows = []
        for number, part in enumerate(parts, 1):
            state = _STATES.get(part.phase, State.RUNNING)
            words = translate("Groundtrack", "Finished") if part.phase is Phase.SUCCEEDED else state_words(state)
            done = f" {part.progress:.0%}" if part.phase is Phase.RUNNING and part.progress is not None else ""
            said = " ".join([f"{words}{done}", *part.messages])
            size = area(part.area_km2) if part.area_km2 is not None else ""
            picture = "done" if part.phase is Phase.SUCCEEDED else state_icon(state)
            rows.append(([str(number), size, said], picture, said))
        self._take(rows, translate("Groundtrack", "The service does not tell how far each area is."))
