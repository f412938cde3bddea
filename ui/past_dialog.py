"""Jobs made elsewhere: what a service remembers of an account, to be looked through, brought here, repeated, exported."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from qgis.PyQt.QtCore import QLocale, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..providers.base import Account, Can, HistoryPage, HistoryQuery, Phase, Project, RemoteJob, Request
from ..providers.cancel import Cancel
from .account_picker import AccountPicker, can_of
from .icons import theme_icon
from .past_csv import write_csv
from .past_filter import PastFilter
from .past_model import PastModel
from .past_table import PastTable
from .project_names import project_names_of
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .session import Session
from .words import count, translate


class PastDialog(QDialog):
    """`repeat_wanted` carries an account's key and a Request, `shown` the id of a job here that somebody wants to see."""

    repeat_wanted = pyqtSignal(str, object)
    shown = pyqtSignal(str)

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackPastDialog")
        self.setWindowTitle(translate("Groundtrack", "Jobs Made Elsewhere"))
        self._session = session
        self._cancel = Cancel()  # of what is listed
        self._closed = Cancel()  # of everything else
        self._ticket = 0
        self._after = ""  # asks for the next page, "" when there is none
        self._total: Optional[int] = None
        self._looked = 0  # jobs gone through, those that do not fit included
        self._all = False
        self.account = AccountPicker(session, self, Can.HISTORY)
        self.filter = PastFilter(self)
        self.model = PastModel(self)
        self.table = PastTable(self.model, self)
        self.notice = Sentence(self, most_lines=4)
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.table.doubleClicked.connect(lambda _: self.load())
        self.account.changed.connect(self._account_changed)
        self.filter.changed.connect(self.refresh)
        session.jobs_changed.connect(self._mark)
        session.jobs_forgotten.connect(self._mark)
        self._account_changed()

    # What is asked -----------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask anew, from the newest job on."""
        self._stop()
        self.model.clear()
        self._after, self._total, self._looked, self._all = "", None, 0, False
        self._ask()

    def load_more(self) -> None:
        """Ask for the next page."""
        if self._after:
            self._ask()

    def load_all(self) -> None:
        """Ask for page after page until all are here."""
        self._all = True
        self.load_more()

    def done(self, result: int) -> None:
        self.filter.stop()
        self._stop()
        self._closed.set()
        super().done(result)

    def chosen(self) -> List[RemoteJob]:
        """The selected jobs, from top to bottom."""
        return self.table.chosen()

    def _ask(self) -> None:
        account, wrong = self.account.account(), self.filter.complaint()
        if account is None or wrong:
            self.notice.say(wrong, WARNING)
            self._show_buttons()
            return
        query = replace(self.filter.query(), after=self._after)
        self.notice.say(" ".join((translate("Groundtrack", "Asking the service…"), self._searched())).strip())
        self._ticket = self._session.ask(
            self, account, lambda provider: provider.history(query), self._take, self._complain, self._cancel
        )
        self._show_buttons()

    def _take(self, page: HistoryPage) -> None:
        self._ticket = 0
        fresh = self.model.add(page.jobs)
        going_round = bool(page.jobs) and not fresh  # the service does not know pages
        self._after, self._total = "" if going_round else page.after, page.total
        self._looked += page.looked
        self._mark()
        if self._all and self._after:
            self._ask()
            return
        self._all = False
        self._count()
        self._show_buttons()

    def _count(self) -> None:
        number, sifted = self.model.rowCount(), self._searched()
        told = [count(number, translate("Groundtrack", "1 job."), translate("Groundtrack", "{} jobs.")) if number else self._none()]
        if sifted:
            told += [sifted, translate("Groundtrack", "The service cannot search for this itself: Load All goes through the rest.")]
        elif self._after:
            of = translate("Groundtrack", "The service has {} in all: Load More brings the next ones.")
            more = translate("Groundtrack", "There may be more: Load More asks for them.")
            told.append(more if self._total is None else of.format(QLocale().toString(self._total)))
        self.notice.say(" ".join(told), INFO)

    def _none(self) -> str:
        if self.filter.query() == HistoryQuery():
            return translate("Groundtrack", "The service remembers no job of this account.")
        return translate("Groundtrack", "No job fits so far.") if self._after else translate("Groundtrack", "No job of this account fits.")

    def _searched(self) -> str:
        """How far the past was gone through, where not all of it was and only some of it fits; else ""."""
        if not self._after or not self.filter.sifts() or self._looked <= self.model.rowCount():
            return ""
        if self._total is None:
            return translate("Groundtrack", "The newest {} jobs were looked through.").format(QLocale().toString(self._looked))
        looked, total = (QLocale().toString(number) for number in (self._looked, self._total))
        return translate("Groundtrack", "The newest {} of {} jobs were looked through.").format(looked, total)

    def _stop(self) -> None:
        """Break off what is being asked."""
        self._session.drop(self._ticket)
        self._ticket = 0
        self._cancel.set()
        self._cancel = Cancel()

    def _account_changed(self) -> None:
        info, account = self.account.info(), self.account.account()
        self.filter.offer_projects(())
        self.model.name_places({})
        if info is not None and account is not None and Can.PROJECTS in can_of(info.provider):
            offer = functools.partial(self._offer_projects, info.key)
            self._session.ask(self, account, lambda provider: provider.projects(), offer, lambda _: None, self._closed)
        self.refresh()

    def _offer_projects(self, key: str, projects: Sequence[Project]) -> None:
        info = self.account.info()
        project_names_of(self._session).learn(key, projects)
        if info is not None and info.key == key:
            self.filter.offer_projects(projects)
            self.model.name_places({project.id: project.name for project in projects})

    # What is done with jobs --------------------------------------------------------------------------------------------------------

    def adopt(self, *, load: bool = False) -> None:
        """Make the chosen jobs ours, each once; `load`: their results onto the map."""
        account = self.account.account()
        new = [job for job in self.chosen() if _has_id(job) and not self.model.is_here(job)]
        if account is not None:
            for job in new:
                self._session.adopt(self, account, job, self._say_problem, load=load)
            if new:
                one, many = translate("Groundtrack", "1 job is taken over."), translate("Groundtrack", "{} jobs are taken over.")
                self.notice.say(count(len(new), one, many), SUCCESS)

    def load(self) -> None:
        """Bring results onto the map: those of jobs that are here already by showing them in the list of jobs."""
        self.adopt(load=True)
        info = self.account.info()
        here = [self._session.known(info.provider, job.handle.remote_id) for job in self.chosen()] if info else []
        for job in [job for job in here if job is not None][:1]:
            self.shown.emit(job.id)

    def repeat(self) -> None:
        """Fill the form with what the chosen job was made with."""
        account, jobs = self.account.account(), self.chosen()
        if account is not None and len(jobs) == 1:
            job = jobs[0]
            if job.request is not None:
                self._repeat(account, job.request)
                return
            self.notice.say(translate("Groundtrack", "Asking the service…"))
            self._session.ask(
                self, account, lambda provider: provider.asked(job.handle), functools.partial(self._repeat, account),
                self._say_problem, self._closed,
            )  # fmt: skip

    def export(self) -> None:
        """Write what is listed into a CSV file."""
        title, kinds = translate("Groundtrack", "Export Jobs"), translate("Groundtrack", "Comma-separated values (*.csv)")
        path, _ = QFileDialog.getSaveFileName(self, title, "jobs.csv", kinds)
        if path:
            target = Path(path if path.lower().endswith(".csv") else f"{path}.csv")
            jobs, place, here = self.model.jobs(), self.model.place, self.model.is_here
            one, many = translate("Groundtrack", "1 job was exported."), translate("Groundtrack", "{} jobs were exported.")
            self._session.work(
                self, lambda: write_csv(target, jobs, place, here), lambda number: self.notice.say(count(number, one, many), SUCCESS),
                lambda error: self.notice.say(translate("Groundtrack", "The file could not be written: {}").format(error), ERROR),
            )  # fmt: skip

    def _repeat(self, account: Account, request: Optional[Request]) -> None:
        if request is None:
            self.notice.say(translate("Groundtrack", "The service does not tell what this job was made with."), WARNING)
            return
        self._count()
        self.repeat_wanted.emit(f"{account.provider}/{account.name}", Request(request.operation, request.values, request.aoi))

    def _complain(self, error: Exception) -> None:
        self._ticket, self._all = 0, False
        self._say_problem(error)
        self._show_buttons()

    def _say_problem(self, error: Exception) -> None:
        self.notice.say(str(error), ERROR)

    # What is seen ------------------------------------------------------------------------------------------------------------------

    def _mark(self, _: object = None) -> None:
        info = self.account.info()
        if info is not None:
            self.model.mark_here([job.remote_id for job in self._session.jobs.values() if job.provider == info.provider and job.remote_id])
        self._show_buttons()

    def _lay_out(self) -> None:
        self.more_button = self._button("mActionArrowDown", translate("Groundtrack", "Load More"), self.load_more)
        self.all_button = self._button("mActionSelectAll", translate("Groundtrack", "Load All"), self.load_all)
        self.refresh_button = self._button("mActionRefresh", translate("Groundtrack", "Refresh"), self.refresh)
        self.export_button = self._button("mActionFileSaveAs", translate("Groundtrack", "Export…"), self.export)
        self.adopt_button = self._button("mActionAdd", translate("Groundtrack", "Add to My Jobs"), self.adopt)
        self.load_button = self._button("mActionAddLayer", translate("Groundtrack", "Load Result"), self.load)
        self.repeat_button = self._button("mActionRedo", translate("Groundtrack", "Repeat"), self.repeat)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.account)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        column.addWidget(self.notice)
        column.addLayout(_row(self.more_button, self.all_button, self.refresh_button, None, self.export_button))
        column.addLayout(_row(self.adopt_button, self.load_button, self.repeat_button, None, close))
        self.resize(self.fontMetrics().averageCharWidth() * 130, self.fontMetrics().lineSpacing() * 30)

    def _button(self, picture: str, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(theme_icon(picture), text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: action())
        return button

    def _show_buttons(self) -> None:
        jobs, asking = self.chosen(), bool(self._ticket)
        new = [job for job in jobs if _has_id(job) and not self.model.is_here(job)]
        self.more_button.setEnabled(bool(self._after) and not asking)
        self.all_button.setEnabled(bool(self._after) and not asking)
        self.export_button.setEnabled(self.model.rowCount() > 0 and not asking)
        self.adopt_button.setEnabled(bool(new))
        self.load_button.setEnabled(any(_has_id(job) and job.status.phase is Phase.SUCCEEDED for job in jobs))
        self.repeat_button.setEnabled(len(jobs) == 1 and (_has_id(jobs[0]) or jobs[0].request is not None))


def _has_id(job: RemoteJob) -> bool:
    return bool(job.handle.remote_id)


def _row(*widgets: Optional[QWidget]) -> QHBoxLayout:
    """Widgets side by side; None is a gap."""
    row = QHBoxLayout()
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
