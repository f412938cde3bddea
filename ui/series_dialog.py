"""The same request for other days: which periods, how many jobs, what they cost, and the button that runs them as a series."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from qgis.gui import QgsDateEdit, QgsSpinBox
from qgis.PyQt.QtCore import QDate, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from ..accounts import AccountInfo
from ..jobs.job import Job
from ..presets.dates import today_utc
from ..presets.periods import MOST, Period, Step, cut, dated_fields, following, period_in, period_of, step_of
from ..presets.preset import LONGEST_NAME
from ..providers.base import Cost
from ..providers.operation import Operation, Request
from .account_words import out_of_reach
from .field_widgets import narrow
from .price_asker import MOST as MOST_PRICES
from .price_asker import PriceAsker
from .sentence import WARNING, Sentence
from .series_plan import SeriesPlan, plan_series
from .session import Session
from .words import count, translate

NEXT, UNTIL_TODAY, BETWEEN = range(3)
PAUSE = 200  # ms without a change before planning
LINES = 7  # of the list
WIDTH = 60  # characters
WEEK = Step(1, "week")


@dataclass(frozen=True)
class Order:
    """What is to be repeated: requests of one task that differ in their area, and the series they go into."""

    info: AccountInfo
    operation: Operation
    requests: Tuple[Request, ...]
    group: str
    title: str


def is_dated(operation: Optional[Operation], request: Request) -> bool:
    """Whether the request names days that can be others."""
    if operation is None:
        return False
    return period_of(dated_fields(operation.fields, request.values), request.values, today_utc()) is not None


class SeriesDialog(QDialog):
    """`ran` carries the jobs. The order's first request must be dated."""

    ran = pyqtSignal(object)

    def __init__(self, session: Session, order: Order, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackSeriesDialog")
        self.setWindowTitle(translate("Groundtrack", "Repeat with New Dates"))
        self._session = session
        self._order = order
        values = order.requests[0].values
        names = dated_fields(order.operation.fields, values)
        self._single = len(names) == 1
        self._period = period_of(names, values, today_utc()) or Period(today_utc(), today_utc())
        self._plan = SeriesPlan()
        self._ticket = 0
        self._sending = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._look)
        self._price = PriceAsker(session, self._account, self)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._propose()

    @property
    def plan(self) -> SeriesPlan:
        """What the button would run."""
        return self._plan

    def accept(self) -> None:
        """Run the series."""
        if self._sending:
            return
        account = self._account() or self._session.unlocked(self._order.info)
        if account is None:
            self.complaint.say(out_of_reach(self._session.store, self._order.info), WARNING)
            return
        plan, title = self._plan, " ".join(self.name.text().split()) or self._order.title
        cost = self._price.cost
        alike = str(cost) if cost is not None and len(plan.requests) == 1 else ""
        known = [{"group": self._order.group, "group_title": title, "member": member} for member in plan.members]
        self._sending = True
        self._show_button()
        self._session.send(
            self, account, plan.requests, self._sent, self._not_sent, estimate=cost if alike else None, known=known,
            fingerprints=plan.fingerprints,
        )  # fmt: skip

    def _sent(self, jobs: Tuple[Job, ...]) -> None:
        self._price.stop()
        super().accept()
        self.ran.emit(jobs)

    def _not_sent(self, error: Exception) -> None:
        self._sending = False
        self._show_button()
        self.complaint.say(str(error), WARNING)

    def reject(self) -> None:
        if self._sending:  # a moment later the jobs are made, and the dialog closes
            return
        self._pause.stop()
        self._price.stop()
        self._session.drop(self._ticket)
        super().reject()

    # Building --------------------------------------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.name = QLineEdit(self._order.title, self)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setEnabled(not self._asked_in_group())
        self.mode = narrow(QComboBox(self))
        next_one = translate("Groundtrack", "Next Date") if self._single else translate("Groundtrack", "Next Period of the Same Length")
        for text in (next_one, translate("Groundtrack", "All Up to Today"), translate("Groundtrack", "From – To")):
            self.mode.addItem(text)
        self.first, self.last = _day_edit(self), _day_edit(self)
        self.amount = QgsSpinBox(self)
        self.amount.setShowClearButton(False)
        self.amount.setRange(1, 999)
        self.unit = QComboBox(self)
        for value, text in (
            ("day", translate("Groundtrack", "Days")), ("week", translate("Groundtrack", "Weeks")),
            ("month", translate("Groundtrack", "Months")), ("year", translate("Groundtrack", "Years")),
        ):  # fmt: skip
            self.unit.addItem(text, value)
        self.list = QListWidget(self)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setFixedHeight(self.fontMetrics().lineSpacing() * LINES)
        self.again = QCheckBox(translate("Groundtrack", "Ask again for what was asked for before"), self)
        self.number, self.cost, self.complaint = Sentence(self), Sentence(self), Sentence(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self.run_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)

    def _lay_out(self) -> None:
        days, step = QHBoxLayout(), QHBoxLayout()
        days.addWidget(self.first, 1)
        days.addWidget(QLabel("–", self))
        days.addWidget(self.last, 1)
        step.addWidget(self.amount)
        step.addWidget(self.unit, 1)
        rows = QFormLayout()
        rows.addRow(translate("Groundtrack", "Series"), self.name)
        rows.addRow(translate("Groundtrack", "Dates"), self.mode)
        rows.addRow(translate("Groundtrack", "From – to"), days)
        rows.addRow(translate("Groundtrack", "One job every"), step)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        column.addWidget(self.list, 1)
        column.addWidget(self.again)
        for sentence in (self.number, self.cost, self.complaint):
            column.addWidget(sentence)
        column.addWidget(self.buttons)
        self.first.setAccessibleName(translate("Groundtrack", "First day"))
        self.last.setAccessibleName(translate("Groundtrack", "Last day"))
        self.list.setAccessibleName(translate("Groundtrack", "Dates of the jobs"))
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def _connect(self) -> None:
        self.mode.currentIndexChanged.connect(self._propose)
        for edit in (self.first, self.last):
            edit.dateValueChanged.connect(self._plan_soon)
        self.amount.valueChanged.connect(self._step_changed)
        self.unit.currentIndexChanged.connect(self._step_changed)
        self.again.toggled.connect(self._plan_soon)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._price.asked.connect(lambda: self.cost.say(translate("Groundtrack", "Asking what it costs…"), ""))
        self._price.answered.connect(self._show_cost)

    # What is proposed ------------------------------------------------------------------------------------------------------------

    def _propose(self) -> None:
        """Days and step that fit what is chosen; they are the person's own only between two days."""
        mode, own = self.mode.currentIndex(), self.mode.currentIndex() == BETWEEN
        step = WEEK if self._single else step_of(self._period)
        if mode != BETWEEN:
            self._set_step(step)
        self._set_days()
        for widget in (self.first, self.last):
            widget.setEnabled(own)
        self.amount.setEnabled(own or self._single)
        self.unit.setEnabled(own or self._single)
        self._plan_soon()

    def _set_days(self) -> None:
        mode = self.mode.currentIndex()
        if mode == BETWEEN:
            return
        coming = following(self._period, self._step(), single=self._single, keep=self._day_of_month())
        today = today_utc()
        self._set_day(self.first, coming.first)
        self._set_day(self.last, coming.last if mode == NEXT else max(today, coming.first))

    def _step_changed(self) -> None:
        self._set_days()
        self._plan_soon()

    def _set_step(self, step: Step) -> None:
        for widget in (self.amount, self.unit):
            widget.blockSignals(True)
        self.amount.setValue(step.amount)
        self.unit.setCurrentIndex(self.unit.findData(step.unit))
        for widget in (self.amount, self.unit):
            widget.blockSignals(False)

    def _set_day(self, edit: QgsDateEdit, day: dt.date) -> None:
        edit.blockSignals(True)
        edit.setDate(QDate(day.year, day.month, day.day))
        edit.blockSignals(False)

    def _step(self) -> Step:
        return Step(self.amount.value(), self.unit.currentData())

    def periods(self) -> Tuple[Period, ...]:
        """What is chosen, at most MOST + 1."""
        first, last = (_day_of(edit.date()) for edit in (self.first, self.last))
        keep = 0 if self.mode.currentIndex() == BETWEEN else self._day_of_month()
        return cut(first, last, self._step(), single=self._single, keep=keep) if first and last else ()

    def _day_of_month(self) -> int:
        """The one that the series began with; 0 for series of periods."""
        if not self._single:
            return 0
        members = (period_in(job.member) for job in self._asked_in_group())
        return min([self._period, *filter(None, members)], key=str).first.day

    # What comes of it ------------------------------------------------------------------------------------------------------------

    def _plan_soon(self, _: object = None) -> None:
        self._session.drop(self._ticket)
        self._price.stop()
        self._plan = SeriesPlan()
        self._show_button()
        self._pause.start()

    def _look(self) -> None:
        periods = self.periods()
        self.list.clear()
        self.list.addItems([str(period).replace("/", " – ") for period in periods[:MOST]])
        if not periods:
            self._take(SeriesPlan(complaint=translate("Groundtrack", "The last day is before the first. Choose later days.")))
            return
        if len(periods) > MOST:
            text = translate("Groundtrack", "A series has at most {} dates. Choose a shorter time or a longer step.")
            self._take(SeriesPlan(complaint=text.format(MOST)))
            return
        provider, requests = self._session.provider(self._known_account()), self._order.requests
        asked = frozenset() if self.again.isChecked() else self._asked()
        self._ticket = self._session.work(self, lambda: plan_series(provider, requests, periods, asked), self._take, self._fail)

    def _take(self, plan: SeriesPlan) -> None:
        self._plan = plan
        number = count(len(plan.requests), translate("Groundtrack", "1 job"), translate("Groundtrack", "{} jobs"))
        there = count(plan.there, translate("Groundtrack", "1 was asked for before"), translate("Groundtrack", "{} were asked for before"))
        self.number.say("" if plan.complaint else f"{number} ({there})" if plan.there else number, "")
        self.complaint.say(plan.complaint, WARNING)
        self.cost.say("")
        self._show_button()
        if plan.requests:
            self._ask_price(plan)

    def _ask_price(self, plan: SeriesPlan) -> None:
        """The price of all, or where they are many that of the first, which stands for the others."""
        number = len(plan.requests) if len(plan.requests) <= MOST_PRICES else 1
        self._price.want(plan.requests[:number], plan.fingerprints[:number])

    def _show_cost(self, cost: Any) -> None:
        number = len(self._plan.requests)
        if not isinstance(cost, Cost) or cost.amount is None:
            unknown = translate("Groundtrack", "No estimate of the cost")
            self.cost.say(f"{unknown}: {cost}" if isinstance(cost, Exception) else unknown, "")
            return
        if number <= MOST_PRICES:
            text = translate("Groundtrack", "≈ {} ({})").format(cost, cost.basis)
        else:
            whole = Cost(cost.amount * number, cost.unit)
            text = translate("Groundtrack", "≈ {} for all, {} for the first ({})").format(whole, cost, cost.basis)
        self.cost.say(text, WARNING if cost.sufficient is False else "")

    def _show_button(self) -> None:
        number = len(self._plan.requests)
        self.run_button.setEnabled(number > 0 and not self._sending)
        self.run_button.setText(count(max(1, number), translate("Groundtrack", "Run Job"), translate("Groundtrack", "Run {} Jobs")))

    def _fail(self, error: Exception) -> None:
        self._take(SeriesPlan(complaint=str(error)))

    def _account(self) -> Any:
        return self._session.store.account(self._order.info)

    def _known_account(self) -> Any:
        """For what needs no key."""
        from ..providers.base import Account

        info = self._order.info
        return self._account() or Account(info.provider, info.name, info.public)

    def _asked(self) -> frozenset[str]:
        return frozenset(job.fingerprint for job in self._session.jobs.values() if job.counts)

    def _asked_in_group(self) -> List[Job]:
        return [job for job in self._session.jobs.values() if job.group == self._order.group]


def _day_edit(parent: QWidget) -> QgsDateEdit:
    edit = QgsDateEdit(parent)
    edit.setDisplayFormat("yyyy-MM-dd")
    edit.setCalendarPopup(True)
    edit.setAllowNull(False)
    return edit


def _day_of(day: QDate) -> Optional[dt.date]:
    return dt.date(day.year(), day.month(), day.day()) if day.isValid() else None
