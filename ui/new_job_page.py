"""The New Job page: area, service, task and inputs; what it would cost, what is wrong, and the button."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Optional, Tuple

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ..jobs.job import Job
from ..presets.dates import today_utc
from ..presets.filling import fitting
from ..providers.fields import is_empty
from ..providers.operation import Needs, Operation, Request
from .account_picker import AccountPicker
from .area_band import AreaBand
from .area_row import VIEW, WHOLE, AreaRow
from .area_use import is_optional, not_used, standing_words
from .form import OperationForm
from .guess_asker import GuessAsker
from .job_words import asked_before_words
from .preset_row import PresetRow
from .preview_dialog import PreviewDialog
from .price_asker import PriceAsker
from .request_check import Draft, RequestChecker, Verdict, repaired
from .run_bar import RunBar
from .scenes_task import task_for_scenes
from .sentence import INFO, WARNING
from .series_plan import memberships
from .session import Session
from .suggestions import Suggestions
from .task_picker import TaskPicker
from .words import DAY, translate


class NewJobPage(QWidget):
    """Signals: `ran` tuple of Job; `filled` a Request that `prefill` brought, with a sentence for each field it did not fit.

    `failed` carries a sentence for the message bar; `pick_wanted` names what a field shall be filled in by.
    """

    ran = pyqtSignal(object)
    filled = pyqtSignal(object, object)
    failed = pyqtSignal(str)
    pick_wanted = pyqtSignal(str)

    def __init__(self, session: Session, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._operation: Optional[Operation] = None
        self._dirty = True
        self._prefilled: Optional[Request] = None  # waits until its task is known
        self._scenes: Tuple[str, ...] = ()  # wait likewise
        self._values: Optional[Request] = None  # wait likewise
        self._insisted: Optional[Tuple[str, str]] = None  # a repetition was refused once, for this series
        self._ticket = 0
        self._sending = False  # jobs are being made of what was checked last
        self.area = AreaRow(session, iface, self)
        self.account = AccountPicker(session, self)
        self.task = TaskPicker(session, self)
        self.form = OperationForm((), self)
        self.foot = RunBar(self)
        self.band = AreaBand(iface.mapCanvas(), self.area.drawer.outlined)
        self.checker = RequestChecker(session, self._draft, self)
        self.price = PriceAsker(session, self.account.account, self, samples=True)
        self.guesses = GuessAsker(session, self.account.account, self)
        self.suggestions = Suggestions(session, self)
        self.presets = PresetRow(session, self)
        self._lay_out()
        self._connect()
        self._account_changed()

    # What others ask -----------------------------------------------------------------------------------------------------------

    def prefill(self, account_key: str, request: Request) -> bool:
        """Show an earlier request; False when its account is not here any more."""
        known = self.account.select(account_key)
        self.task.select(request.operation)
        self._prefilled = request
        self._fill_in()
        if request.aoi is not None:
            self.area.set_pieces((request.aoi,))
        self.changed()
        return known

    def leave_area_out(self) -> None:
        """Do without an area where the task can."""
        if self._operation is not None and is_optional(self._operation):
            self.area.set_optional(True)
            self.area.set_source(WHOLE)

    def use_scenes(self, account_key: str, scene_ids: Tuple[str, ...]) -> None:
        """Put scenes, earliest first, into the scene field of a task of this account that takes them."""
        self._scenes = tuple(scene_ids)
        self.account.select(account_key)
        self._place_scenes()

    def use_values(self, account_key: str, request: Request) -> None:
        """Put values into a task of this account; its other inputs and the area stay as they are."""
        self._values = request
        self.account.select(account_key)
        self._place_scenes()
        self.suggestions.refresh()

    def request(self) -> Optional[Request]:
        """What the form asks for, without an area; None while there is no task."""
        return Request(self._operation.key, self.form.values()) if self._operation else None

    def changed(self) -> None:
        """Something was changed: check again, at once if anybody looks."""
        self._insisted = None
        self._session.drop(self._ticket)
        if not self.isVisible():
            self._dirty = True
            return
        self._dirty = False
        self.checker.check_soon()

    def close_down(self) -> None:
        """Leave nothing on the map."""
        self.checker.stop()
        self.price.stop()
        self.guesses.stop()
        self.presets.close_down()
        self.area.close_down()
        self.band.remove()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dirty:
            self.changed()
        elif self.checker.verdict is not None:
            self._draw(self.checker.verdict)
        if not event.spontaneous():
            self.account.ask_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.area.drawer.stop()
        self.band.clear()

    # Building --------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        content = QWidget(self)
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        rows = QFormLayout()
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, widget, target in (
            (translate("Groundtrack", "Area"), self.area, self.area.source_box),
            (translate("Groundtrack", "Service"), self.account, self.account.combo),
            (translate("Groundtrack", "Task"), self.task, self.task.combo),
        ):
            title = QLabel(label, self)
            title.setBuddy(target)
            rows.addRow(title, widget)
        self._column = QVBoxLayout(content)
        self._column.addLayout(rows)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll, 1)
        column.addWidget(self.presets)
        column.addWidget(line)
        margin = self._column.contentsMargins()
        self.presets.setContentsMargins(margin.left(), 0, margin.right(), 0)
        foot = QVBoxLayout()
        foot.setContentsMargins(margin.left(), 0, margin.right(), margin.bottom())
        foot.addWidget(self.foot)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.area.changed.connect(self.changed)
        self.suggestions.learnt.connect(self.changed)
        self.account.changed.connect(self._account_changed)
        self.task.changed.connect(self._task_changed)
        self.checker.began.connect(self._show_pending)
        self.checker.checked.connect(self._show_verdict)
        self.checker.checked.connect(self.presets.applier.take_verdict)
        self.price.asked.connect(lambda: self.foot.show_asking(self._minutes()))
        self.price.answered.connect(self.area.batch.take_price)
        self.price.answered.connect(lambda cost: self.foot.show_estimate(cost, self._minutes()))
        self.foot.problems.repair_wanted.connect(self._repair)
        self.foot.preview_wanted.connect(self._preview)
        self.foot.run_wanted.connect(self.run)

    def _account_changed(self) -> None:
        self.task.show_account(self.account.shown_account(), self.account.account() is not None)
        self._suggest()
        self.changed()

    def _suggest(self) -> None:
        self.suggestions.offer(self.form, self._operation.fields if self._operation else (), self.account.account())

    def _task_changed(self) -> None:
        operation = self.task.operation()
        if operation is not self._operation:
            given = self.form.given()
            self._operation = operation
            self._replace_form(operation)
            shared = {name: value for name, value in given.items() if operation and name in {field.name for field in operation.fields}}
            self.form.keep(shared)
            self._fill_in()
        self._place_scenes()
        self.changed()

    def _place_scenes(self) -> None:
        given = self._values
        if given is not None and self._operation is not None and self._operation.key == given.operation:
            self._values = None
            self.form.keep(given.values)
        elif given is not None:
            self.task.select(given.operation)
        fit = task_for_scenes(self.task.operations(), self._operation, self.form.values(), self._scenes) if self._scenes else None
        if fit is not None:
            self._scenes = ()  # before the task changes, which leads here again
            self.task.select(fit.operation)
            for name, value in fit.values.items():
                self.form.input(name).set_value(value)

    def _fill_in(self) -> None:
        request, operation = self._prefilled, self._operation
        if request is not None and operation is not None and operation.key == request.operation:
            self._prefilled = None
            values, wrong = fitting(operation.fields, request.values, today_utc())
            self.form.set_values(values)
            self.filled.emit(request, wrong)

    def _replace_form(self, operation: Optional[Operation]) -> None:
        before = self.form
        self.form = OperationForm(operation.fields if operation else (), self)
        self._column.replaceWidget(before, self.form)
        before.setParent(None)
        before.deleteLater()
        self.form.changed.connect(self.changed)
        self.form.pick_wanted.connect(self.pick_wanted)
        self.guesses.watch(self.form, operation)
        self._suggest()

    # Checking --------------------------------------------------------------------------------------------------------------------

    def _draft(self) -> Optional[Draft]:
        account, operation = self.account.shown_account(), self._operation
        if account is None or operation is None:
            return None
        reading = self.area.reading() if self.area_counts(operation) else None
        return Draft(self._session.provider(account), operation, self.form.values(), reading, self.area.batch.batch() if reading else None)

    def area_counts(self, operation: Operation) -> bool:
        """Whether the task takes an area, as the form stands."""
        replaced = operation.aoi.replaced_by and not is_empty(self.form.values().get(operation.aoi.replaced_by))
        return operation.aoi.needs is not Needs.NONE and not replaced

    def _minutes(self) -> Optional[Tuple[float, float]]:
        return self._operation.minutes if self._operation else None

    def _show_pending(self) -> None:
        self.price.stop()
        operation = self._operation
        if operation is not None:
            counts = self.area_counts(operation)
            self.area.rule = operation.aoi
            self.area.set_used(counts)
            self.area.set_optional(is_optional(operation))
            if not counts:
                self.area.tell(not_used(operation))
                self.band.clear()
        reason = "" if operation else translate("Groundtrack", "Choose an account and a task.")
        self.foot.show_state(reason, runnable=False, readable=False)

    def _show_verdict(self, verdict: Verdict) -> None:
        self.foot.show_time(self._minutes())  # an estimate follows; the one before was for another request
        wrong = {item.problem.field: item.problem.message for item in verdict.errors}
        self.form.show_problems(wrong, {item.problem.field: item.problem.message for item in verdict.findings})
        listed = [item.problem for item in verdict.findings if not item.problem.field or item.problem.repair]
        self.foot.problems.show_problems([problem for problem in listed if problem.code != "area"])
        self.foot.show_jobs(max(1, len(verdict.requests)), tiles=verdict.tiled)
        errors = [item.problem for item in verdict.errors]
        reason = errors[0].message if errors and (errors[0].field or errors[0].code == "area") else ""
        if errors and not reason:
            reason = translate("Groundtrack", "The request cannot be sent yet: see above.")
        self.foot.show_state(reason, runnable=not errors, readable=bool(verdict.fingerprints))
        self._sum_up(verdict)
        self._draw(verdict)
        if verdict.fingerprints:
            self.price.want(verdict.requests, verdict.fingerprints)

    def _sum_up(self, verdict: Verdict) -> None:
        operation = self._operation
        if operation is None or not self.area_counts(operation):
            return
        about = verdict.about_area()
        if not verdict.pieces:
            whole = translate("Groundtrack", "The whole image is taken")
            self.area.tell(*((about[0].problem.message, WARNING) if about else (whole, INFO)))
            return
        words, level, sound = standing_words(verdict, view=self.area.source() == VIEW)
        self.area.show_area(verdict.km2 if sound else 0.0, verdict.pieces, words, level)

    def _draw(self, verdict: Verdict) -> None:
        """The map's own frame needs no outline, unless something is wrong with it."""
        good = not any(item in verdict.errors for item in verdict.about_area())
        if self.area.source() == VIEW and good:
            self.band.clear()
        else:
            self.band.show_area(verdict.shape, good=good)

    # Acting ----------------------------------------------------------------------------------------------------------------------

    def _repair(self, code: str, which: int = 0) -> None:
        verdict = self.checker.verdict
        if verdict is not None and not self.area.batch.cure(code, which):
            self._ticket = self._session.work(self, lambda: repaired(verdict, code, which), self._take_repair, self._fail)

    def _take_repair(self, requests: Tuple[Request, ...]) -> None:
        if requests[0].values != self.form.values():
            self.form.set_values(requests[0].values)
        pieces = tuple(request.aoi for request in requests if request.aoi is not None)
        if pieces:
            self.area.set_pieces(pieces)
        self.changed()

    def _preview(self) -> None:
        verdict, account = self.checker.verdict, self.account.shown_account()
        if verdict is None or account is None or not verdict.fingerprints:
            return
        provider = self._session.provider(account)
        dialog = PreviewDialog([provider.build(request) for request in verdict.requests], self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def run(self, group: str = "", title: str = "") -> None:
        """Send what was checked last; nothing happens while something is wrong with it, and a repetition needs a second call.

        With `group` dated jobs are members of that series.
        """
        verdict = self.checker.verdict
        if verdict is None or verdict.errors or self._sending:
            return
        before = self._session.similar(verdict.fingerprints, DAY)
        if before is not None and self._insisted is None:
            self._insisted = group, title
            self.foot.warn(asked_before_words(before, time.time()))
            return
        account = self.account.account() or (self.account.account() if self.account.unlock() else None)
        if account is None:
            self.foot.warning.say(self.account.out_of_reach(), WARNING)
            return
        series = (group, title) if group else self._insisted or ("", "")
        known = memberships(self._operation, verdict.requests, *series, today_utc()) if self._operation else []
        try:
            own, batch = self.area.batch.start(verdict.members, self._operation.title if self._operation else "", self.price.cost)
        except ValueError as error:
            self._fail(error)
            return
        self._sending = True
        self.foot.show_state(translate("Groundtrack", "The jobs are being prepared…"), runnable=False, readable=True)
        self._session.send(
            self, account, verdict.requests, partial(self._sent, verdict), partial(self._not_sent, verdict), estimate=self.price.cost,
            known=own or known, group=batch, fingerprints=verdict.fingerprints,
        )  # fmt: skip

    def _sent(self, verdict: Verdict, jobs: Tuple[Job, ...]) -> None:
        self._end_sending(verdict)
        self.account.choose_for_project()
        self._insisted = None
        self.foot.show_jobs(len(verdict.requests), tiles=verdict.tiled)
        self.ran.emit(jobs)

    def _not_sent(self, verdict: Verdict, error: Exception) -> None:
        self._end_sending(verdict)
        self._fail(error)

    def _end_sending(self, verdict: Verdict) -> None:
        self._sending = False
        if self.checker.verdict is verdict:
            self.foot.show_state("", runnable=True, readable=True)

    def _fail(self, error: Any) -> None:
        self.failed.emit(str(error))


def job_request(job: Job) -> Request:
    """A job's request as a new one: its label belongs to the job alone."""
    asked = job.asked()
    return Request(asked.operation, asked.values, asked.aoi)
