"""What can be done with jobs. Only what applies to the chosen ones is offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence

from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QIcon, QKeySequence
from qgis.PyQt.QtWidgets import QAction

from ..jobs.job import Job, State
from ..providers.base import Can
from ..providers.remote import AREAS, DELETED, OPEN, REVIEW
from ..results.facts import can_of, table_of

_ASKED = (State.UNCONFIRMED, State.QUEUED, State.RUNNING)
_DONE = (State.SUCCEEDED, State.FETCHING, State.FETCHED, State.LOADED)
_LOOKED_FOR = (State.CANNOT_READ, State.UNRESOLVED, State.LOST, State.CANCELLED)

Applies = Callable[[Job], bool]
Do = Callable[[Sequence[Job]], None]


@dataclass(frozen=True)
class Deed:
    """One thing to do.

    `many`: also for several jobs at once, of which those that it does not apply to are left out. `bar`: in the tool bar too, not only
    in the menu.
    """

    name: str
    text: str
    icon: QIcon
    applies: Applies
    do: Do
    many: bool = False
    key: str = ""
    tip: str = ""
    bar: bool = True


class JobActions(QObject):
    """QActions made of deeds, shown and hidden by what is chosen."""

    def __init__(self, deeds: Sequence[Deed], parent: QObject) -> None:
        super().__init__(parent)
        self._deeds = {deed.name: deed for deed in deeds}
        self._jobs: List[Job] = []
        self.actions: Dict[str, QAction] = {deed.name: self._make(deed, parent) for deed in deeds}
        self.choose(())

    def in_bar(self) -> List[QAction]:
        """The actions for a tool bar."""
        return [self.actions[name] for name, deed in self._deeds.items() if deed.bar]

    def choose(self, jobs: Sequence[Job]) -> None:
        """Offer what applies to these jobs."""
        self._jobs = list(jobs)
        for name, action in self.actions.items():
            fits = any(map(self._deeds[name].applies, self._reached(self._deeds[name])))
            action.setEnabled(fits)
            action.setVisible(fits)

    def _make(self, deed: Deed, parent: QObject) -> QAction:
        action = QAction(deed.icon, deed.text, parent)
        action.setObjectName(f"groundtrackJob{deed.name.title()}")
        action.setToolTip(deed.tip or deed.text.rstrip("…"))
        if deed.key:
            action.setShortcut(QKeySequence(deed.key))
        action.triggered.connect(lambda: self._run(deed))
        return action

    def _run(self, deed: Deed) -> None:
        jobs = self._fitting(deed)
        if jobs:
            deed.do(jobs)

    def _fitting(self, deed: Deed) -> List[Job]:
        return [job for job in self._reached(deed) if deed.applies(job)]

    def _reached(self, deed: Deed) -> List[Job]:
        """The chosen jobs, none where the deed is for a single one."""
        return self._jobs if deed.many or len(self._jobs) == 1 else []


def can_load(job: Job) -> bool:
    """Whether the files are here."""
    return job.state in (State.FETCHED, State.LOADED)


def has_area(job: Job) -> bool:
    """Whether there is an area to zoom to."""
    return bool(job.request.get("aoi"))


def can_check(job: Job) -> bool:
    """Whether a look now may bring news."""
    if job.state.followed:
        return job.state not in (State.SUBMITTING, State.FETCHING)
    return job.in_doubt or (job.state in _LOOKED_FOR and bool(job.remote_id) and DELETED not in job.extra)


def can_cancel(job: Job) -> bool:
    """Whether cancelling ends the job, or a download, for good or for now."""
    if job.state in (State.DRAFT, State.FETCHING):
        return True
    return job.state in _ASKED and bool(job.remote_id) and Can.CANCEL in can_of(job)


def can_only_leave(job: Job) -> bool:
    """Whether all we can do is to look away."""
    return job.state in _ASKED and not can_cancel(job)


def _is_there(job: Job, what: Can) -> bool:
    """Whether the service has the job, and can do that with it."""
    return bool(job.remote_id) and DELETED not in job.extra and job.state is not State.LOST and what in can_of(job)


def can_restart(job: Job) -> bool:
    """Whether the service can run the failed parts again."""
    return (job.state is State.FAILED or AREAS in job.extra) and not job.state.followed and _is_there(job, Can.RESTART)


def can_fetch_good(job: Job) -> bool:
    """Whether areas that are finished may have results although the job failed."""
    outline = job.request.get("aoi")
    several = outline is None or outline.get("type") == "MultiPolygon"  # None: nobody knows
    return job.state is State.FAILED and several and _is_there(job, Can.PARTS)


def can_show_tiles(job: Job) -> bool:
    """Whether the service may have tiles of its result."""
    return job.state in _DONE and _is_there(job, Can.TILES)


def can_rename(job: Job) -> bool:
    """Whether the service lets it have another name."""
    return _is_there(job, Can.RENAME)


def can_move(job: Job) -> bool:
    """Whether the service keeps it in a project."""
    return _is_there(job, Can.PROJECTS)


def can_rate(job: Job) -> bool:
    """Whether there is a result that the service takes a rating of."""
    return job.state in _DONE and _is_there(job, Can.RATE)


def can_review(job: Job) -> bool:
    """Whether the service waits for a person to accept or reject the result."""
    return job.state in _DONE and job.extra.get(REVIEW) == OPEN and _is_there(job, Can.REVIEW)


def can_delete(job: Job) -> bool:
    """Whether it can be deleted at the service."""
    return _is_there(job, Can.DELETE)


def can_fetch_again(job: Job) -> bool:
    """Whether downloading once more may help: the result is not loaded, or could not be loaded again."""
    here = job.remote_id == job.id  # computed on this computer, so nobody else has it
    there = bool(job.remote_id) and not here and DELETED not in job.extra
    return there and (job.state is State.FETCHED or (job.state is State.LOADED and bool(job.message)))


def can_renew(job: Job) -> bool:
    """Whether its layers read over links, which may have expired."""
    return job.state is State.LOADED and bool(job.links) and DELETED not in job.extra


def has_charts(job: Job) -> bool:
    """Whether its cells come with charts."""
    return job.state is State.LOADED and bool(table_of(job).side)


def has_folder(job: Job) -> bool:
    """Whether there are files to look at."""
    return bool(job.folder) and bool(job.files)


def always(_: Job) -> bool:
    """For every job."""
    return True
