"""All jobs as a table, newest first. Rows are changed one by one; the table is never reset."""

from __future__ import annotations

import enum
import time
from bisect import bisect_right
from functools import lru_cache
from itertools import islice
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, QTimer
from qgis.PyQt.QtGui import QIcon

from ..jobs.job import Job, State
from ..providers.registry import entry, keys
from ..providers.remote import NAME
from ..results.facts import operation_of, service_of
from . import job_words as words
from .batch_check import in_words
from .icons import icon, theme_icon
from .job_waits import NOTHING, Queue, Words, queues_of, wait_words
from .project_names import project_names_of
from .session import Session
from .words import plain

_SIZES = (16, 20, 24, 32, 48)
_SLICE = 25  # jobs that are shown at once; who sorts and filters the table works on each
_PART = 5  # jobs of a slice that are taken together
_TURN = 0.002  # s after which a later turn of the event loop goes on


Age = Tuple[float, str]


class Column(enum.IntEnum):
    """The columns of the table."""

    TASK = 0
    STATE = 1
    PROGRESS = 2
    TIME = 3
    COST = 4
    KEPT = 5
    ACCOUNT = 6


class Show(enum.IntEnum):
    """Which jobs the table shows; every job is in exactly one of the last three."""

    ALL = 0
    AT_WORK = 1
    FINISHED = 2
    FAILED = 3


JOB_ROLE = Qt.ItemDataRole.UserRole + 1
SORT_ROLE = Qt.ItemDataRole.UserRole + 2
ASKED_ROLE = Qt.ItemDataRole.UserRole + 3  # second line of the task, and of the state of what waits
SOON_ROLE = Qt.ItemDataRole.UserRole + 4  # whether the text is a warning


class Cell(NamedTuple):
    """What is drawn: two lines and a picture."""

    job: Job
    text: str
    second: str
    picture: Optional[QIcon]


class JobsModel(QAbstractTableModel):
    """A view of the session's jobs."""

    def __init__(self, session: Session, parent: Optional[QObject] = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self.places = project_names_of(session)
        self._titles = self._column_titles()
        self._state_words = {state: words.state_words(state) for state in State}
        self._jobs: List[Job] = sorted(session.jobs.values(), key=_age)
        self._ages = [_age(job) for job in self._jobs]
        self._rows: Dict[str, int] = {}
        self._asked: Dict[str, str] = {}
        self._queues: Optional[Mapping[str, Queue]] = None  # until a job changes
        self._number()
        self._waiting: Dict[str, None] = {}  # jobs whose news is shown in one of the next turns, in order
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.timeout.connect(self._go_on)
        session.jobs_changed.connect(self._take)
        session.jobs_forgotten.connect(self._drop)
        session.stuck_changed.connect(self._redraw_states)

    def job(self, row: int) -> Job:
        return self._jobs[row]

    def row(self, identity: str) -> int:
        """The row of a job, -1 when there is none. One whose turn has not come is put in its place now."""
        if identity not in self._rows and identity in self._session.jobs:
            self._waiting.pop(identity, None)
            self._insert([self._session.jobs[identity]])
        return self._rows.get(identity, -1)

    def asked(self, job: Job) -> str:
        """What the service calls it, and what was asked, in words; the latter is worked out once."""
        if job.id not in self._asked:
            feature = in_words(job.member) if job.group in self._session.groups else ""
            self._asked[job.id] = " · ".join(filter(None, (feature, words.asked_in_words(job))))
        return " · ".join(part for part in (job.extra.get(NAME, ""), self._asked[job.id]) if part)

    def state_text(self, job: Job) -> str:
        """The state in words, and whether it is the account that holds it up."""
        if self._held_up(job):
            return self.tr("Waits for account")
        return self._state_words[job.state]

    def time_text(self, job: Job) -> str:
        """How long it took so far, and the usual time."""
        return words.elapsed_words(job, self._clock(), _facts(job.provider, job.operation)[1])

    def wait(self, job: Job) -> Words:
        """Why it waits and until when: a few words, and a sentence. Nothing while the account holds it up."""
        if job.state is State.DRAFT and job.group in self._session.groups and self._session.groups[job.group].paused:
            return self.tr("paused"), self.tr("Waits until its batch is resumed.")
        kind = entry(job.provider).provider if job.provider in keys() else None
        if kind is None or self._held_up(job):
            return NOTHING
        if self._queues is None:
            self._queues = queues_of(self._session.jobs.values())
        return wait_words(job, self._queues.get(job.account_key, Queue()), kind.most_running, self._clock())

    def held_up_because(self, job: Job) -> str:
        """Why the account holds the job up, as a sentence; "" when it does not."""
        if not self._held_up(job):
            return ""
        return self._session.stuck[job.account_key] or self.tr("The account is locked or missing. Unlock or add it, then the job goes on.")

    def cell(self, row: int, column: int) -> Cell:
        """What is drawn of a cell, in one question."""
        job = self._jobs[row]
        second = self.asked(job) if column == Column.TASK else self.wait(job)[0] if column == Column.STATE else ""
        return Cell(job, self._text(job, column), second, self._icon(job, column))

    # Qt's side ---------------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._jobs)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        job, column = self._jobs[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(job, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(job, column)
        if role == JOB_ROLE:
            return job
        if role == SORT_ROLE:
            return self._sort_key(job, column)
        if role == ASKED_ROLE:
            return self.asked(job) if column == Column.TASK else self.wait(job)[0] if column == Column.STATE else None
        if role == SOON_ROLE:
            return column == Column.KEPT and words.expires_soon(job, self._clock())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._tool_tip(job) if role == Qt.ItemDataRole.ToolTipRole else self._spoken(job, column)
        return None

    def _column_titles(self) -> Tuple[str, ...]:
        return (
            self.tr("Task"), self.tr("State"), self.tr("Progress"), self.tr("Time"), self.tr("Cost"), self.tr("Kept Until"),
            self.tr("Account"),
        )  # fmt: skip

    def _text(self, job: Job, column: int) -> str:
        if column == Column.TASK:
            return job.title or job.operation
        if column == Column.STATE:
            return self.state_text(job)
        if column == Column.PROGRESS:
            return f"{job.progress:.0%}" if job.progress >= 0 and job.state.followed else ""
        if column == Column.TIME:
            return self.time_text(job)
        if column == Column.COST:
            return words.cost_words(job)
        if column == Column.KEPT:
            return words.expiry_words(job, self._clock())
        return f"{service_of(job)} – {job.account}"

    def _icon(self, job: Job, column: int) -> Optional[QIcon]:
        if column == Column.TASK:
            return _picture(_facts(job.provider, job.operation)[0] or "groundtrack")
        if column == Column.STATE:
            return _picture("waiting" if self._held_up(job) else words.state_icon(job.state))
        if column == Column.KEPT and words.expires_soon(job, self._clock()):
            return theme_icon("mIconWarning")
        return None

    def _sort_key(self, job: Job, column: int) -> Any:
        if column == Column.PROGRESS:
            return job.progress
        if column == Column.TIME:
            return job.created_at
        if column == Column.STATE:
            return job.state.rank
        if column == Column.KEPT:
            return job.expires_at
        if column == Column.COST:
            return _amount(job.cost or job.estimate)
        return self._text(job, column).lower()

    def _tool_tip(self, job: Job) -> str:
        lines = [job.title or job.operation, self.asked(job), self.state_text(job), job.message, job.warning]
        lines += [self.wait(job)[1], self.held_up_because(job)]
        text = "\n".join(line for line in lines if line)
        return plain(text if len(text) < 600 else text[:600] + "…").replace("\n", "<br>")

    def _spoken(self, job: Job, column: int) -> str:
        text = self._text(job, column)
        return f"{text}, {self.asked(job)}" if column == Column.TASK else text

    def _held_up(self, job: Job) -> bool:
        return job.state.followed and job.account_key in self._session.stuck

    # News --------------------------------------------------------------------------------------------------------------------------

    def _take(self, jobs: Sequence[Job]) -> None:
        """They are shown at once when they are few, else a few in each turn of the event loop, the newest first."""
        self._queues = None
        self._waiting.update(dict.fromkeys(job.id for job in sorted(jobs, key=_age)))
        if len(self._waiting) > _SLICE:
            self._next_turn.start(0)
        elif not self._next_turn.isActive():
            self._show(_SLICE)

    def _go_on(self) -> None:
        """Show what there is time for, as the session knows it by now."""
        end = time.monotonic() + _TURN
        self._show(_PART)
        while self._waiting and time.monotonic() < end:
            self._show(_PART)
        if self._waiting:
            self._next_turn.start(0)

    def _show(self, most: int) -> None:
        identities = list(islice(self._waiting, most))
        for identity in identities:
            del self._waiting[identity]
        jobs = [self._session.jobs[identity] for identity in identities if identity in self._session.jobs]
        self._insert([job for job in jobs if job.id not in self._rows])
        changed = []
        for job in jobs:
            row = self._rows[job.id]
            if self._jobs[row] != job:
                self._jobs[row] = job
                changed.append(row)
        for first, last in _ranges(sorted(changed)):
            # without the time: its order never changes, and the table would be sorted again; the page draws it anew each second
            self.dataChanged.emit(self.index(first, 0), self.index(last, Column.TIME - 1))
            self.dataChanged.emit(self.index(first, Column.TIME + 1), self.index(last, len(Column) - 1))

    def _insert(self, jobs: List[Job]) -> None:
        """Newest first: mostly all of them at the top."""
        for place, group in _places(self._ages, sorted(jobs, key=_age)):
            self.beginInsertRows(QModelIndex(), place, place + len(group) - 1)
            self._jobs[place:place] = group
            self._ages[place:place] = map(_age, group)
            self._number()
            self.endInsertRows()

    def _drop(self, identities: Iterable[str]) -> None:
        self._queues = None
        rows = sorted(self._rows[identity] for identity in identities if identity in self._rows)
        for first, last in reversed(list(_ranges(rows))):
            self.beginRemoveRows(QModelIndex(), first, last)
            for job in self._jobs[first : last + 1]:
                self._asked.pop(job.id, None)
            del self._jobs[first : last + 1], self._ages[first : last + 1]
            self._number()
            self.endRemoveRows()

    def _redraw_states(self) -> None:
        if self._jobs:
            self.dataChanged.emit(self.index(0, Column.STATE), self.index(len(self._jobs) - 1, Column.STATE))

    def _number(self) -> None:
        self._rows = {job.id: row for row, job in enumerate(self._jobs)}


class JobsFilter(QSortFilterProxyModel):
    """Sorts by any column and shows the jobs that hold every searched word."""

    def __init__(self, model: JobsModel, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: Tuple[str, ...] = ()
        self._show = Show.ALL
        self._group = ""
        self.setSortRole(SORT_ROLE)
        self.setSourceModel(model)
        model.places.changed.connect(self._look_again)

    def cell(self, index: QModelIndex) -> Cell:
        """What is drawn of a cell, without a question to Qt for each part of it."""
        return self._model.cell(self.mapToSource(index).row(), index.column())

    def set_words(self, text: str) -> None:
        self._words = tuple(text.lower().split())
        self.invalidateFilter()

    def _look_again(self) -> None:
        if self._words:
            self.invalidateFilter()

    def set_show(self, show: int) -> None:
        self._show = Show(show)
        self.invalidateFilter()

    def set_group(self, group: str) -> None:
        """Only the jobs of this group; "" for all jobs."""
        self._group = group
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        job = self._model.job(row)
        if self._group and job.group != self._group:
            return False
        if self._show is not Show.ALL and show_of(job.state) is not self._show:
            return False
        if not self._words:
            return True
        told = words.search_text(job, service_of(job), self._model.asked(job))
        text = f"{told} {self._model.state_text(job)} {self._model.places.of(job)}".lower()
        return all(word in text for word in self._words)


def show_of(state: State) -> Show:
    """Where a job in this state is shown."""
    if state.followed:
        return Show.AT_WORK
    return Show.FAILED if state.failed else Show.FINISHED


def _age(job: Job) -> Age:
    return -job.created_at, job.id


def _ranges(rows: Sequence[int]) -> Iterator[Tuple[int, int]]:
    """Neighbours put together: (first, last) of each run of ascending rows."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end] != rows[end - 1] + 1:
            yield rows[start], rows[end - 1]
            start = end


def _places(present: List[Age], new: List[Job]) -> Iterator[Tuple[int, List[Job]]]:
    """Where runs of new jobs belong, last place first, so that no place moves before its turn."""
    groups: Dict[int, List[Job]] = {}
    for job in new:
        groups.setdefault(bisect_right(present, _age(job)), []).append(job)
    for place in sorted(groups, reverse=True):
        yield place, groups[place]


def _amount(text: str) -> float:
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return -1.0


@lru_cache(maxsize=256)
def _facts(provider: str, operation: str) -> Tuple[str, Optional[Tuple[float, float]]]:
    """Picture and usual minutes of a task."""
    found = operation_of(Job("", provider, "", operation))
    return (found.icon, found.minutes) if found else ("", None)


@lru_cache(maxsize=64)
def _picture(name: str) -> QIcon:
    """One of our icons that keeps its colours in chosen rows."""
    drawn, picture = icon(name), QIcon()
    for size in _SIZES:
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            picture.addPixmap(drawn.pixmap(size, size), mode)
    return picture
