"""What is folded away below a job's facts, and only read when somebody opens it: its areas, and what happened to it."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QStyle, QVBoxLayout, QWidget

from ..jobs.job import Job, State
from ..providers.base import Can, Part, Phase
from ..providers.remote import DELETED
from ..results.facts import can_of
from ..results.provenance import stamp
from .icons import icon
from .job_words import state_icon, state_words
from .sentence import ERROR, INFO, Sentence, plain_label
from .session import Session
from .words import area, count, translate

MOST = 60  # rows that are shown
_STATES = {Phase.QUEUED: State.QUEUED, Phase.RUNNING: State.RUNNING, Phase.SUCCEEDED: State.SUCCEEDED, Phase.FAILED: State.FAILED,
           Phase.CANCELLED: State.CANCELLED, Phase.EXPIRED: State.EXPIRED}  # fmt: skip

Row = Tuple[str, str, str]  # picture, what it is about, what is said of it


class Fold(QgsCollapsibleGroupBox):
    """Rows that are filled in once it is opened, and again whenever the job has changed while it is open."""

    def __init__(self, title: str, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(title, parent)
        self._session = session
        self._job: Optional[Job] = None
        self._shown: Any = None
        self._ticket = 0
        self._rows: List[Row] = []
        self.setCollapsed(True)
        self.setSaveCollapsedState(False)
        self.notice = Sentence(self)
        self._body = QWidget(self)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._body)
        self._column.addWidget(self.notice)
        self.collapsedStateChanged.connect(lambda _: self._fill())

    def rows(self) -> Tuple[Tuple[str, str], ...]:
        """What is shown, from top to bottom."""
        return tuple((about, said) for _, about, said in self._rows)

    def show_job(self, job: Optional[Job]) -> None:
        """Another job, or the same one as it is now."""
        if job is None or self._job is None or job.id != self._job.id:
            self._session.drop(self._ticket)
            self._shown = None
            self._draw([])
            self.notice.say("")
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
        if not self._rows:
            self.notice.say(translate("Groundtrack", "Reading…"))
        self._ticket = self.ask(self._job)

    def _take(self, rows: Sequence[Row], nothing: str) -> None:
        more = count(len(rows) - MOST, translate("Groundtrack", "1 more is not shown."), translate("Groundtrack", "{} more are not shown."))
        self._draw(rows[:MOST])
        self.notice.say(nothing if not rows else more if len(rows) > MOST else "", INFO)

    def _draw(self, rows: Sequence[Row]) -> None:
        if list(rows) == self._rows:
            return
        self._rows = list(rows)
        before, self._body = self._body, QWidget(self)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(2, 1)
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        for number, (picture, about, said) in enumerate(rows):
            image = QLabel(self._body)
            image.setPixmap(icon(picture).pixmap(size, size))
            name, text = QLabel(self._body), plain_label(said, self._body)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setText(about)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for place, widget in enumerate((image, name, text)):
                grid.addWidget(widget, number, place, Qt.AlignmentFlag.AlignTop if place < 2 else Qt.AlignmentFlag(0))
        self._column.replaceWidget(before, self._body)
        before.deleteLater()
        self._body.setVisible(bool(rows))

    def _fail(self, error: Exception) -> None:
        self._shown = None
        self.notice.say(str(error), ERROR)


class EventsFold(Fold):
    """What happened to a job and when, oldest first."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(translate("Groundtrack", "History"), session, parent)

    def mark(self, job: Job) -> Any:
        return job.id, job.state

    def ask(self, job: Job) -> int:
        return self._session.events(self, job.id, self._show, self._fail)

    def _show(self, events: Sequence[Tuple[float, State, str]]) -> None:
        rows = []
        for at, state, note in events:
            said = f"{state_words(state)}. {note}" if note else state_words(state)
            rows.append((state_icon(state), stamp(at), said))
        self._take(rows, translate("Groundtrack", "Nothing was written down."))


class PartsFold(Fold):
    """How far each area of a job is. Hidden where the service does not tell."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(translate("Groundtrack", "Areas"), session, parent)

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
        told = [_row(number, part) for number, part in enumerate(parts, 1)]
        told.sort(key=lambda row: row[0] != "failed")  # what has to be read first
        self._take(told, translate("Groundtrack", "The service does not tell how far each area is."))


def _row(number: int, part: Part) -> Row:
    state = _STATES.get(part.phase, State.RUNNING)
    done = part.phase is Phase.SUCCEEDED
    words = translate("Groundtrack", "Finished") if done else state_words(state)
    share = f" {part.progress:.0%}" if part.phase is Phase.RUNNING and part.progress is not None else ""
    about = f"{number} · {area(part.area_km2)}" if part.area_km2 is not None else str(number)
    return "done" if done else state_icon(state), about, " ".join([f"{words}{share}.", *part.messages])
