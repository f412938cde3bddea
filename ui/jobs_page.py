"""The page of all jobs: a table over all services, what can be done with them, and the chosen one in full."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, List, Optional, Sequence

from qgis.core import QgsSettings
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QHideEvent, QKeySequence, QShowEvent
from qgis.PyQt.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QShortcut,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from ..jobs.job import Job
from ..results.loader import Loaded, loader_of
from . import jobs_actions as can
from .batch_panel import BatchPanel
from .icons import icon, theme_icon
from .jobs_actions import Deed, JobActions
from .jobs_ask import ask_forget, ask_leave
from .jobs_details import JobDetails
from .jobs_map import JobAreas, flash_area, show_layers
from .jobs_model import JOB_ROLE, Column, JobsFilter, JobsModel, Show
from .jobs_request import request_preview
from .jobs_service import ServiceDeeds
from .jobs_table import JobsTable
from .sentence import plain_label
from .series_job import can_repeat, no_account, repeat_dialog
from .series_play import can_play, play
from .service_windows import ServiceWindows
from .session import Session
from .swipe_job import Comparison, can_compare
from .table_rows import chosen_rows

_TICK = 1000  # ms between two looks at the clock while the page is seen
_SPLIT = "groundtrack/jobs_split"


class JobsPage(QWidget):
    """Signals: `repeat_requested` and `edit_requested` carry a Job, `failed` a sentence."""

    failed = pyqtSignal(str)
    repeat_requested = pyqtSignal(object)
    edit_requested = pyqtSignal(object)

    def __init__(self, session: Session, iface: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._iface = iface
        self._loader = loader_of(session)
        self._wanted = ""  # the job whose layers shall be shown once they are there
        self.model = JobsModel(session, self)
        self.filter = JobsFilter(self.model, self)
        self.comparison = Comparison(session, iface, self)
        self.service = ServiceDeeds(session, iface, self)
        self.windows = ServiceWindows(session, self)
        self._actions = JobActions(self._deeds(), self)
        self._areas = JobAreas(iface)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self.table.look_again)
        self._timer.timeout.connect(self.details.refresh)
        self.model.dataChanged.connect(self._follow_change)
        for signal in (self.model.rowsInserted, self.model.rowsRemoved, self.filter.rowsInserted, self.filter.rowsRemoved):
            signal.connect(self._choose_page)
        self._loader.loaded.connect(self._show_loaded)
        self._loader.changed.connect(self._refresh_actions)
        self._choose_page()
        self._follow_selection()

    def show_job(self, identity: str) -> None:
        """Choose a job and bring it into view, whatever is filtered."""
        row = self.model.row(identity)
        if row < 0:
            return
        index = self.filter.mapFromSource(self.model.index(row, Column.TASK))
        if not index.isValid():
            self.search.clear()
            self.show_box.setCurrentIndex(Show.ALL)
            self.batches.show_only("")
            index = self.filter.mapFromSource(self.model.index(row, Column.TASK))
        alone = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, alone)  # whatever keys are held just then
        self.table.scrollTo(index)

    def close_down(self) -> None:
        """Let go of the map, and close what is open."""
        self.comparison.end()
        self.windows.close_down()
        self._areas.remove()
        self.batches.close_down()

    def chosen(self) -> List[Job]:
        """The selected jobs, from top to bottom."""
        return [self.filter.index(row, Column.TASK).data(JOB_ROLE) for row in chosen_rows(self.table)]

    # Building ----------------------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.search = QgsFilterLineEdit(self)
        self.search.setShowSearchIcon(True)
        self.search.setPlaceholderText(self.tr("Search jobs"))
        self.search.setAccessibleName(self.tr("Search jobs"))
        self.search.textChanged.connect(self._search)
        self.show_box = QComboBox(self)
        self.show_box.addItems([self.tr("All"), self.tr("At Work"), self.tr("Finished"), self.tr("Failed")])
        self.show_box.setToolTip(self.tr("Which jobs are shown"))
        self.show_box.setAccessibleName(self.tr("Which jobs are shown"))
        self.show_box.currentIndexChanged.connect(self._set_show)
        self.table = JobsTable(self)
        self.table.setAccessibleName(self.tr("Jobs"))
        self.table.setModel(self.filter)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.doubleClicked.connect(self._open_current)
        self.table.selectionModel().selectionChanged.connect(self._follow_selection)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self._open_current)
        self.details = JobDetails(self._session, self.model, self)
        self.batches = BatchPanel(self._session, self)
        self.batches.only_changed.connect(self._show_group)
        self.batches.results.added.connect(lambda layers: show_layers(self._iface, layers))
        self.split = QSplitter(Qt.Orientation.Vertical, self)
        self.split.addWidget(self._make_lists())
        self.split.addWidget(self.details)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setChildrenCollapsible(False)
        self._restore_split()
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.show_box)
        top.addWidget(self.windows.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.batches)
        column.addWidget(self._make_bar())
        column.addWidget(self.split, 1)

    def _make_bar(self) -> QToolBar:
        bar = QToolBar(self)
        bar.setIconSize(QSize(16, 16) if self._iface is None else self._iface.iconSize(True))
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bar.addActions(self._actions.in_bar())
        for action in self._actions.actions.values():
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.table.addActions(list(self._actions.actions.values()))
        spare = QWidget(bar)
        spare.setFixedHeight(bar.iconSize().height() + 10)  # as high when nothing applies
        bar.addWidget(spare)
        return bar

    def _make_lists(self) -> QStackedWidget:
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self._nothing = plain_label(parent=self.stack)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setMargin(16)
        self.stack.addWidget(self._nothing)
        return self.stack

    def _deeds(self) -> Sequence[Deed]:
        tr, theme = self.tr, theme_icon
        return (
            Deed("load", tr("Load"), theme("mActionAddLayer"), self._can_load, self._load, True, tip=tr("Bring the result onto the map")),
            Deed("zoom", tr("Zoom to Area"), theme("mActionZoomToSelected"), can.has_area, self._zoom),
            Deed("series", tr("Show Cell Series"), icon("timeseries"), can.has_charts, self._show_series),
            Deed("compare", tr("Compare Before and After"), theme("mActionSplitFeatures"), can_compare, self._compare,
                 tip=tr("Bring both scenes onto the map, with a line to drag between them; once more ends it")),
            Deed("repeat", tr("Repeat"), theme("mActionRedo"), can.always, self._repeat, tip=tr("Run the same request once more")),
            Deed("dates", tr("Repeat with New Dates…"), icon("calendar"), can_repeat, self._repeat_dated,
                 tip=tr("Run the same request for the next period, or for several")),
            Deed("play", tr("Play Series"), theme("temporal_navigation/forward"), partial(can_play, self._session), self._play,
                 tip=tr("Let the temporal controller show the results of the series one after the other")),
            Deed("edit", tr("Edit and Run Again"), theme("mActionToggleEditing"), can.always, self._edit),
            Deed("check", tr("Check Now"), theme("mActionRefresh"), can.can_check, self._check, True, "F5", tr("Ask the service now")),
            Deed("fetch", tr("Download Again"), theme("mActionArrowDown"), can.can_fetch_again, self._fetch_again),
            Deed("renew", tr("Renew Link"), theme("mActionLink"), self._can_renew, self._renew,
                 tip=tr("Ask the service for a new link, for layers that went empty because theirs expired")),
            Deed("cancel", tr("Cancel"), theme("mTaskCancel"), self._can_cancel, self._cancel, True),
            Deed("leave", tr("Stop Following…"), theme("mActionStop"), can.can_only_leave, self._leave, True),
            *self.service.deeds(),
            Deed("request", tr("Copy Request"), theme("mActionEditCopy"), can.always, self._copy_request, bar=False),
            Deed("details", tr("Copy Details"), theme("mActionEditCopy"), can.always, self._copy_details, bar=False),
            Deed("folder", tr("Show Folder"), theme("mActionFileOpen"), can.has_folder, self._show_folder),
            Deed("forget", tr("Forget…"), theme("mActionDeleteSelected"), can.always, self._forget, True, "Del"),
        )

    # What is seen ------------------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._areas.show(self.chosen())

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self._areas.show(())
        QgsSettings().setValue(_SPLIT, self.split.saveState())
        super().hideEvent(event)

    def _restore_split(self) -> None:
        state = QgsSettings().value(_SPLIT)
        if state:
            self.split.restoreState(state)

    def _search(self, text: str) -> None:
        self.filter.set_words(text)
        self._choose_page()

    def _set_show(self, show: int) -> None:
        self.filter.set_show(show)
        self._choose_page()

    def _show_group(self, group: str) -> None:
        self.filter.set_group(group)
        self._choose_page()

    def _choose_page(self) -> None:
        if self.filter.rowCount():
            self.stack.setCurrentWidget(self.table)
            return
        none = self.tr("No jobs yet. Outline an area in New Job and run it.")
        self._nothing.setText(self.tr("No job matches the search.") if self.model.rowCount() else none)
        self.stack.setCurrentWidget(self._nothing)

    def _follow_selection(self) -> None:
        jobs = self.chosen()
        self._actions.choose(jobs)
        self.batches.choose(jobs)
        current = self.table.currentIndex()
        job = current.data(JOB_ROLE) if current.isValid() else None
        self.details.show_job(job if job in jobs else jobs[0] if jobs else None)
        self.details.setVisible(bool(jobs))
        self._areas.show(jobs if self.isVisible() else ())

    def _follow_change(self, first: QModelIndex, last: QModelIndex) -> None:
        """Something changed in these rows; only what is chosen is looked at."""
        rows = {self.filter.mapToSource(self.filter.index(row, Column.TASK)).row() for row in chosen_rows(self.table)}
        if any(first.row() <= row <= last.row() for row in rows):
            self._follow_selection()

    def _refresh_actions(self, _: str) -> None:
        self._actions.choose(self.chosen())

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([action for action in self._actions.actions.values() if action.isVisible()])
        if not menu.isEmpty():
            menu.popup(self.table.viewport().mapToGlobal(place))

    # What is done ------------------------------------------------------------------------------------------------------------------

    def _open_current(self) -> None:
        """Double click or Enter: zoom to it and load it."""
        jobs = self.chosen()[:1]
        self._zoom(jobs)
        self._load([job for job in jobs if can.can_load(job)])

    def _can_load(self, job: Job) -> bool:
        return can.can_load(job) and not self._loader.is_loading(job.id)

    def _can_renew(self, job: Job) -> bool:
        return can.can_renew(job) and not self._loader.is_loading(job.id)

    def _renew(self, jobs: Sequence[Job]) -> None:
        self._wanted = jobs[0].id
        self._loader.renew(jobs[0])

    def _load(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._wanted = job.id
            self._loader.load(job)

    def _show_loaded(self, loaded: Loaded) -> None:
        if loaded.job.id == self._wanted:
            self._wanted = ""
            show_layers(self._iface, loaded.layers)

    def _zoom(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            flash_area(self._iface, job)

    def _show_series(self, jobs: Sequence[Job]) -> None:
        from .plot_dialog import show_series

        show_series(self._session, self._iface, jobs[0].id)

    def _compare(self, jobs: Sequence[Job]) -> None:
        self.comparison.toggle(jobs[0])

    def _repeat(self, jobs: Sequence[Job]) -> None:
        self.repeat_requested.emit(jobs[0])

    def _repeat_dated(self, jobs: Sequence[Job]) -> None:
        dialog = repeat_dialog(self._session, jobs[0], self)
        if dialog is None:
            self.failed.emit(no_account(jobs[0]))
            return
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.ran.connect(lambda made: self.show_job(made[0].id))
        dialog.open()

    def _play(self, jobs: Sequence[Job]) -> None:
        play(self._session, self._iface, jobs[0])

    def _edit(self, jobs: Sequence[Job]) -> None:
        self.edit_requested.emit(jobs[0])

    def _check(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._session.poller.check_now(job.id)

    def _fetch_again(self, jobs: Sequence[Job]) -> None:
        """Complete files are not downloaded twice, so what came before makes room. It is kept: the service may not have it any more."""
        job = jobs[0]
        self._session.work(self, partial(_put_aside, job.files), lambda _: self._check([job]), lambda _: self._check([job]))

    def _can_cancel(self, job: Job) -> bool:
        return can.can_cancel(job) or self._loader.is_loading(job.id)

    def _cancel(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if self._loader.is_loading(job.id):
                self._loader.cancel(job.id)
            else:
                self._session.poller.cancel_job(job.id)

    def _leave(self, jobs: Sequence[Job]) -> None:
        if ask_leave(self, len(jobs)):
            for job in jobs:
                self._session.poller.cancel_job(job.id)

    def _copy_request(self, jobs: Sequence[Job]) -> None:
        QApplication.clipboard().setText(request_preview(self._session, jobs[0]))

    def _copy_details(self, _: Sequence[Job]) -> None:
        QApplication.clipboard().setText(self.details.as_text())

    def _show_folder(self, jobs: Sequence[Job]) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(jobs[0].folder))

    def _forget(self, jobs: Sequence[Job]) -> None:
        if ask_forget(self, jobs):
            for job in jobs:
                self._loader.cancel(job.id)
                self._session.poller.forget(job.id)


def _put_aside(files: Sequence[str]) -> None:
    for path in map(Path, files):
        if path.exists():
            path.replace(path.with_name(f"{path.stem}_before{path.suffix}"))
