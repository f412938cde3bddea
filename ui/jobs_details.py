"""Everything that is known of one job, as plain text that can be selected."""

from __future__ import annotations

import time
from typing import Callable, Dict, List, Optional, Tuple

from qgis.gui import QgsCollapsibleGroupBox, QgsScrollArea
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QFrame, QGridLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ..jobs.job import Job, State
from ..providers.remote import DELETED, NAME
from ..results.facts import service_of
from ..results.provenance import stamp
from ..results.statistics import statistics_of
from . import job_words as words
from .jobs_folds import EventsFold, PartsFold
from .jobs_model import JobsModel
from .jobs_request import request_preview
from .project_names import project_names_of
from .sentence import ERROR, INFO, WARNING, Sentence, plain_label
from .session import Session
from .statistics_view import StatisticsView
from .words import breakable

CODE = "code "  # how details begin that name one
MOST_LINES = 6  # of what a service says, before one asks for more


class JobDetails(QgsScrollArea):
    """Shows a job; changes in place while the job goes on."""

    def __init__(
        self, session: Session, model: JobsModel, parent: Optional[QWidget] = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(parent)
        self._session, self._model, self._clock = session, model, clock
        self._places = project_names_of(session)
        self._places.changed.connect(self._show_again)
        self._job: Optional[Job] = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(2, 4, 2, 2)
        self._title = plain_label(parent=body)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        column.addWidget(self._title)
        self._sentences = [Sentence(body, MOST_LINES) for _ in range(5)]
        for sentence in self._sentences:
            column.addWidget(sentence)
        self.statistics = StatisticsView(body)
        self._measured: Tuple[str, ...] = ()  # the files that the statistics are of
        self._ticket = 0
        column.addWidget(self.statistics)
        self._rows = QWidget(body)
        column.addWidget(self._rows)
        self._values: Dict[str, QLabel] = {}
        self.parts, self.events = PartsFold(session, body), EventsFold(session, body)
        for fold in (self.parts, self.events, self._make_request(body)):
            column.addWidget(fold)
        column.addStretch(1)
        self.setWidget(body)
        self.show_job(None)

    def sizeHint(self) -> QSize:
        return QSize(320, 11 * self.fontMetrics().lineSpacing())

    def show_job(self, job: Optional[Job]) -> None:
        """Fill the panel, or empty it."""
        other = job is None or self._job is None or job.id != self._job.id
        self._job = job
        self.widget().setVisible(job is not None)
        if job is None:
            return
        self._title.setText(breakable(" · ".join(part for part in (job.title or job.operation, self._model.asked(job)) if part)))
        said = self._said(job)
        for number, sentence in enumerate(self._sentences):
            sentence.say(*(said[number] if number < len(said) else ("", INFO)))
        self._set_rows([(name, text) for name, text in self._facts(job) if text])
        self._measure(job)
        for fold in (self.parts, self.events):
            fold.show_job(job)
        if other:
            self.verticalScrollBar().setValue(0)
            self._fill_request()

    def refresh(self) -> None:
        """Bring up to date what goes with the clock."""
        if self.isVisible() and self._job is not None and self._job.state.followed:
            self.show_job(self._job)

    def _show_again(self) -> None:
        self.show_job(self._job)

    def as_text(self) -> str:
        """All of it as text, for the clipboard."""
        if self._job is None:
            return ""
        said = [text for text, _ in self._said(self._job)]
        facts = [f"{name}: {text}" for name, text in self._facts(self._job) if text]
        told = [self._title.text().replace("\u200b", ""), *said, "", *self.statistics.lines(), "", *facts, ""]
        return "\n".join([*told, request_preview(self._session, self._job)])

    def _measure(self, job: Job) -> None:
        """Show the statistics of other files than before, once they are read."""
        if job.files == self._measured:
            return
        self._session.drop(self._ticket)
        self._measured = job.files
        self.statistics.show_statistics(None)
        if job.files:
            self._ticket = self._session.work(self, lambda: statistics_of(job), self.statistics.show_statistics, lambda _: None)

    def _said(self, job: Job) -> List[Tuple[str, str]]:
        """What a person should read first."""
        said = [(self._model.held_up_because(job), WARNING)]
        grave = WARNING if job.in_doubt else ERROR if job.state.failed and job.state is not State.CANCELLED else INFO
        said.append((job.message, WARNING if grave is INFO and job.state is State.FETCHED else grave))
        said.append((job.warning, WARNING))
        said.append((self._model.wait(job)[1], INFO))
        if words.expires_soon(job, self._clock()):
            said.append((self.tr("The service keeps the result only until {}.").format(stamp(job.expires_at)), WARNING))
        return [(text, level) for text, level in said if text]

    def _facts(self, job: Job) -> List[Tuple[str, str]]:
        number = self.tr("{:.0%} done").format(job.progress) if job.progress >= 0 and job.state.followed else ""
        return [
            (self.tr("State"), ", ".join(part for part in (self._model.state_text(job), number) if part)),
            (self.tr("Time"), self._model.time_text(job)),
            (self.tr("State at the service"), job.word if job.remote_id != job.id else ""),  # this computer is no service
            (self.tr("Code"), job.details[len(CODE) :] if job.details.startswith(CODE) else job.details),
            (self.tr("Service"), " – ".join(dict.fromkeys((service_of(job), job.account)))),
            (self.tr("Name at the service"), job.extra.get(NAME, "")),
            (self.tr("Project at the service"), self._places.of(job)),
            (self.tr("Review"), words.review_words(job)),
            (self.tr("Rating"), words.rating_words(job)),
            (self.tr("Number at the service"), job.remote_id if job.remote_id != job.id else ""),
            (self.tr("Areas fetched"), words.areas_words(job)),
            (self.tr("Deleted at the service"), job.extra.get(DELETED, "")),
            (self.tr("Number here"), job.id),
            (self.tr("Requested"), stamp(job.created_at)),
            (self.tr("Sent"), stamp(job.sent_at)),
            (self.tr("Last checked"), stamp(job.seen_at)),
            (self.tr("Finished"), stamp(job.finished_at)),
            (self.tr("Kept until"), stamp(job.expires_at)),
            (self.tr("Cost"), words.cost_words(job)),
            (self.tr("Estimated cost"), job.estimate if job.cost and job.cost != job.estimate else ""),
            (self.tr("QGIS project"), job.project),
            (self.tr("Folder"), job.folder),
            (self.tr("Opened where it lies"), ", ".join(job.links)),
        ]

    def _set_rows(self, facts: List[Tuple[str, str]]) -> None:
        """New texts in the old rows; other rows are made anew, because hidden ones would leave gaps.

        A grid, since a form layout takes lines away from rows that were added while it is shown.
        """
        if [name for name, _ in facts] != list(self._values):
            before, self._rows = self._rows, QWidget(self.widget())
            grid = QGridLayout(self._rows)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setColumnStretch(1, 1)
            self._values = {name: self._add_row(grid, name) for name, _ in facts}
            self.widget().layout().replaceWidget(before, self._rows)
            before.setParent(None)
            before.deleteLater()
        for name, text in facts:
            self._values[name].setText(breakable(text))

    def _add_row(self, grid: QGridLayout, name: str) -> QLabel:
        label, value = QLabel(name, self._rows), plain_label(parent=self._rows)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        label.setBuddy(value)
        row = grid.rowCount()
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
        return value

    def _make_request(self, parent: QWidget) -> QgsCollapsibleGroupBox:
        self._box = QgsCollapsibleGroupBox(self.tr("Request"), parent)
        self._box.setCollapsed(True)
        self._box.setSaveCollapsedState(False)
        self._request = QPlainTextEdit(self._box)
        self._request.setReadOnly(True)
        self._request.setTabChangesFocus(True)
        self._request.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._request.setMinimumHeight(8 * self.fontMetrics().lineSpacing())
        QVBoxLayout(self._box).addWidget(self._request)
        self._box.collapsedStateChanged.connect(self._fill_request)
        return self._box

    def _fill_request(self) -> None:
        """Only what is looked at is built."""
        if self._job is not None and not self._box.isCollapsed():
            self._request.setPlainText(request_preview(self._session, self._job))
