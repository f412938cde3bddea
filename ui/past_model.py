"""Past jobs of a service as a table, newest first."""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional, Sequence, Set

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from ..providers.base import Phase, RemoteJob
from .icons import icon
from .words import area, breakable, plain, translate


class Column(enum.IntEnum):
    """The columns of the table."""

    NAME = 0
    TASK = 1
    PROJECT = 2
    STATE = 3
    MADE = 4
    AREA = 5
    COST = 6
    HERE = 7


REMOTE_ROLE = Qt.ItemDataRole.UserRole + 1
_RIGHT = (Column.AREA, Column.COST)
_PICTURES = {Phase.SUCCEEDED: "done", Phase.FAILED: "failed", Phase.EXPIRED: "failed", Phase.QUEUED: "waiting", Phase.RUNNING: "running"}


def phase_words(phase: Phase) -> str:
    """What a state means to a person."""
    return {
        Phase.QUEUED: translate("Groundtrack", "Waiting"), Phase.RUNNING: translate("Groundtrack", "Running"),
        Phase.SUCCEEDED: translate("Groundtrack", "Finished"), Phase.FAILED: translate("Groundtrack", "Failed"),
        Phase.CANCELLED: translate("Groundtrack", "Cancelled"), Phase.EXPIRED: translate("Groundtrack", "Result no longer kept"),
        Phase.UNRESOLVED: translate("Groundtrack", "No result found"), Phase.CANNOT_READ: translate("Groundtrack", "Cannot be read"),
    }[phase]  # fmt: skip


def time_words(stamp: str) -> str:
    """An ISO 8601 time to the minute, in UTC as services tell it."""
    return stamp[:16].replace("T", " ")


class PastModel(QAbstractTableModel):
    """Rows are only added, or all taken away. `mark_here` takes the ids at the service of jobs that are in the list of jobs."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._jobs: List[RemoteJob] = []
        self._known: Set[str] = set()
        self._here: Dict[str, None] = {}
        self._places: Dict[str, str] = {}  # names of projects by their ids
        self._titles = (
            translate("Groundtrack", "Job"), translate("Groundtrack", "Task"), translate("Groundtrack", "Project"),
            translate("Groundtrack", "State"), translate("Groundtrack", "Made (UTC)"), translate("Groundtrack", "Area"),
            translate("Groundtrack", "Cost"), translate("Groundtrack", "In My Jobs"),
        )  # fmt: skip

    def jobs(self) -> Sequence[RemoteJob]:
        """All that are shown, from top to bottom."""
        return tuple(self._jobs)

    def add(self, jobs: Sequence[RemoteJob]) -> int:
        """Put jobs below those that are there, each once: pages move while jobs are made. How many were new."""
        named = {job.handle.remote_id or repr(job): job for job in jobs}
        fresh = [job for name, job in named.items() if name not in self._known]
        self._known.update(named)
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self._jobs), len(self._jobs) + len(fresh) - 1)
            self._jobs += fresh
            self.endInsertRows()
        return len(fresh)

    def clear(self) -> None:
        """Take all away."""
        self.beginResetModel()
        self._jobs = []
        self._known.clear()
        self.endResetModel()

    def mark_here(self, remote_ids: Sequence[str]) -> None:
        """Which jobs are in the list of jobs."""
        marked = dict.fromkeys(remote_ids)
        if marked != self._here:
            self._here = marked
            self._redraw(Column.HERE)

    def name_places(self, names: Dict[str, str]) -> None:
        """What projects are called, for jobs that only tell its id."""
        self._places = names
        self._redraw(Column.PROJECT)

    def is_here(self, job: RemoteJob) -> bool:
        """Whether it is in the list of jobs."""
        return job.handle.remote_id in self._here

    def place(self, job: RemoteJob) -> str:
        """The name of its project, as far as it is known."""
        return job.place or self._places.get(job.handle.extra.get("project", ""), "")

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
        if role == Qt.ItemDataRole.DecorationRole and column == Column.STATE:
            return icon(_PICTURES.get(job.status.phase, "unknown"))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(job)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _RIGHT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return job if role == REMOTE_ROLE else None

    def _text(self, job: RemoteJob, column: int) -> str:
        if column == Column.NAME:
            return job.name or job.handle.remote_id or translate("Groundtrack", "Without a name")
        if column == Column.TASK:
            return job.task
        if column == Column.PROJECT:
            return self.place(job)
        if column == Column.STATE:
            return phase_words(job.status.phase)
        if column == Column.MADE:
            return time_words(job.status.created_at)
        if column == Column.AREA:
            return area(job.area_km2) if job.area_km2 is not None else ""
        if column == Column.COST:
            return str(job.cost or "")
        return translate("Groundtrack", "Yes") if self.is_here(job) else ""

    def _tip(self, job: RemoteJob) -> str:
        lines = [job.name, job.task, job.source, self.place(job), job.status.word, job.status.message, job.handle.remote_id]
        return "<br>".join(plain(breakable(line)) for line in lines if line)

    def _redraw(self, column: Column) -> None:
        if self._jobs:
            self.dataChanged.emit(self.index(0, column), self.index(len(self._jobs) - 1, column))
