"""Switching a watch on: what it does how often, what that costs, how much it may spend; and the consent to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Optional

from qgis.gui import QgsDoubleSpinBox, QgsSpinBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ..accounts import AccountInfo
from ..presets.preset import LONGEST_NAME
from ..presets.watch import RUN, RUNS, SCENES, Watch
from ..providers.base import Can, Cost
from ..providers.registry import provider_class
from .account_picker import account_title, can_of
from .account_words import out_of_reach
from .field_widgets import narrow
from .sentence import INFO, WARNING, Sentence, plain_label
from .session import Session
from .watch_run import WatchOrder, is_fixed, order
from .watch_words import amount_words, month_words
from .words import translate

WIDTH = 62  # characters
MONTHS_AHEAD = 1.0  # of runs that the proposed cap covers


class WatchDialog(QDialog):
    """`agreed` carries the watch, switched on, once a person has seen what it costs and agreed."""

    agreed = pyqtSignal(object)

    def __init__(self, session: Session, watch: Watch, now: float, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackWatchDialog")
        self.setWindowTitle(translate("Groundtrack", "Watch"))
        self._session = session
        self._watch = watch
        self._now = now
        self._order: Optional[WatchOrder] = None
        self._failure = ""
        self._make_widgets()
        self._lay_out()
        self._fill()
        self._connect()
        self._ask()
        self._show()

    def watch(self) -> Watch:
        """What the form says, switched on."""
        cost, rhythm = self._cost(), (self.every.value(), self.period.currentData())
        goes_on = self._watch.on and rhythm == (self._watch.every, self._watch.period)
        hours = (self.first.value(), self.last.value()) if self.window_box.isChecked() else (0, 24)
        return replace(
            self._watch, title=" ".join(self.name.text().split()) or self._watch.title, kind=self.kind.currentData(), on=True,
            every=rhythm[0], period=rhythm[1], first_hour=hours[0], last_hour=hours[1],
            search_account=self.searcher.currentData() or "", collections=tuple(filter(None, (self.collection.currentData(),))),
            since=self._watch.since if goes_on else self._now, price=cost.amount if cost else None, unit=cost.unit if cost else RUNS,
            cap=self.cap.value(),
        )  # fmt: skip

    def accept(self) -> None:
        self.agreed.emit(self.watch())
        super().accept()

    # Building --------------------------------------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.name = QLineEdit(self._watch.title, self)
        self.name.setMaxLength(LONGEST_NAME)
        self.kind = narrow(QComboBox(self))
        self.kind.addItem(translate("Groundtrack", "Run the preset"), RUN)
        self.searcher, self.collection = narrow(QComboBox(self)), narrow(QComboBox(self))
        for info in self._searchers():
            self.searcher.addItem(account_title(info), info.key)
        if self.searcher.count() and self._watch.preset.area is not None:
            self.kind.addItem(translate("Groundtrack", "Tell me about new scenes of its area"), SCENES)
        self.every = QgsSpinBox(self)
        self.every.setShowClearButton(False)
        self.every.setRange(1, 365)
        self.period = QComboBox(self)
        self.period.addItem(translate("Groundtrack", "Hours"), "hour")
        self.period.addItem(translate("Groundtrack", "Days"), "day")
        self.window_box = QCheckBox(translate("Groundtrack", "Only from"), self)
        self.first, self.last = self._hour(0, 23), self._hour(1, 24)
        self.cap = QgsDoubleSpinBox(self)
        self.cap.setShowClearButton(False)
        self.cap.setRange(0.0, 1e6)
        self.price, self.fixed, self.complaint = Sentence(self), Sentence(self), Sentence(self)
        self.charged = Sentence(self)
        self.consent = QCheckBox(translate("Groundtrack", "I agree to these charges"), self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self.on_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.on_button.setText(translate("Groundtrack", "Keep Watch") if self._watch.on else translate("Groundtrack", "Switch On"))

    def _lay_out(self) -> None:
        rhythm, window = QHBoxLayout(), QHBoxLayout()
        rhythm.addWidget(self.every)
        rhythm.addWidget(self.period, 1)
        for widget in (self.window_box, self.first, QLabel(translate("Groundtrack", "to"), self), self.last):
            window.addWidget(widget)
        window.addStretch(1)
        self.rows = QFormLayout()
        for label, row in (
            (translate("Groundtrack", "Name"), self.name), (translate("Groundtrack", "Does"), self.kind),
            (translate("Groundtrack", "Looks with"), self.searcher), (translate("Groundtrack", "Collection"), self.collection),
            (translate("Groundtrack", "Every"), rhythm), ("", window), (translate("Groundtrack", "Spends at most"), self.cap),
        ):  # fmt: skip
            self.rows.addRow(label, row)
        where = translate("Groundtrack", "It works while QGIS is open in this profile, for the first time right away.")
        what = translate("Groundtrack", "It keeps preset and area as they are now, and is not part of the project.")
        text = f"{where} {what} " + translate("Groundtrack", "While its account is locked it waits.")
        column = QVBoxLayout(self)
        column.addLayout(self.rows)
        column.addWidget(plain_label(text, self))
        for widget in (self.price, self.charged, self.fixed, self.complaint, self.consent):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def _hour(self, least: int, most: int) -> QgsSpinBox:
        box = QgsSpinBox(self)
        box.setShowClearButton(False)
        box.setRange(least, most)
        box.setSuffix(translate("Groundtrack", " h"))
        return box

    def _fill(self) -> None:
        watch = self._watch
        self.kind.setCurrentIndex(max(0, self.kind.findData(watch.kind)))
        self.every.setValue(watch.every)
        self.period.setCurrentIndex(self.period.findData(watch.period))
        limited = (watch.first_hour, watch.last_hour) != (0, 24)
        self.window_box.setChecked(limited)
        self.first.setValue(watch.first_hour if limited else 8)
        self.last.setValue(watch.last_hour if limited else 18)
        self.searcher.setCurrentIndex(max(0, self.searcher.findData(watch.search_account)))
        self._fill_collections()
        self.collection.setCurrentIndex(max(0, self.collection.findData(next(iter(watch.collections), ""))))
        self.cap.setValue(watch.cap)

    def _fill_collections(self) -> None:
        self.collection.clear()
        self.collection.addItem(translate("Groundtrack", "All"), "")
        key = self.searcher.currentData()
        for value, label in provider_class(key.split("/", 1)[0]).scene_collections if key else ():
            self.collection.addItem(label, value)

    def _connect(self) -> None:
        self.searcher.currentIndexChanged.connect(lambda _: self._fill_collections())
        for signal in (
            self.kind.currentIndexChanged, self.every.valueChanged, self.period.currentIndexChanged, self.window_box.toggled,
            self.first.valueChanged, self.last.valueChanged, self.cap.valueChanged, self.consent.toggled,
        ):  # fmt: skip
            signal.connect(lambda *_: self._show())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # What it costs ---------------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Find out the price of a run; a person is here, so the master password may be asked for."""
        info = self._session.store.find(self._watch.account_key)
        account = self._session.unlocked(info)
        if account is None:
            self._failure = out_of_reach(self._session.store, info)
            return
        watch = self._watch
        self._session.ask(self, account, lambda provider: order(provider, watch), self._take, self._fail)

    def _take(self, answer: WatchOrder) -> None:
        self._order = answer
        cost = self._cost()
        self.cap.setDecimals(2 if cost else 0)
        self.cap.setSuffix(f" {cost.unit}" if cost else translate("Groundtrack", " runs"))
        if not self._watch.cap:
            runs = max(1.0, round(self.watch().runs_a_month * MONTHS_AHEAD))
            self.cap.setValue(runs * (cost.amount or 0.0) if cost else runs)
        self._show()

    def _fail(self, error: Exception) -> None:
        self._failure = translate("Groundtrack", "The cost could not be asked for: {}").format(error)
        self._order = WatchOrder()
        self._show()

    def _cost(self) -> Optional[Cost]:
        """The price of a run, None while, or where, nobody knows."""
        cost = self._order.cost if self._order else None
        return cost if cost is not None and cost.amount is not None else None

    def _show(self) -> None:
        runs, watch = self.kind.currentData() == RUN, self.watch()
        for widget in (self.searcher, self.collection):
            widget.setVisible(not runs)
            self.rows.labelForField(widget).setVisible(not runs)
        for widget in (self.first, self.last):
            widget.setEnabled(self.window_box.isChecked())
        free = watch.price == 0.0
        self.consent.setVisible(runs and not free)
        charged = translate("Groundtrack", "Each run may be charged to the account “{}”.").format(watch.preset.account)
        self.charged.say(charged if runs and not free else "", WARNING)
        self._complain(runs)
        self._say_price(watch, runs)
        fixed = runs and is_fixed_preset(self._session, watch)
        text = translate("Groundtrack", "The dates of the preset are fixed, so only the first run has something to ask for.")
        self.fixed.say(text if fixed else "", WARNING)
        ready = self._order is not None and (not runs or free or (self.consent.isChecked() and self.cap.value() > 0))
        self.on_button.setEnabled(ready)

    def _complain(self, runs: bool) -> None:
        """What is wrong; a run for a new scene is given what one without it lacks now, so its refusal tells nothing."""
        refused = self._order.complaint if self._order and runs else ""
        text = translate("Groundtrack", "A run now would be refused: {}").format(refused) if refused else ""
        self.complaint.say(self._failure or text, WARNING)

    def _say_price(self, watch: Watch, runs: bool) -> None:
        if self._order is None:
            self.price.say("" if self.complaint.text() else translate("Groundtrack", "Asking what it costs…"), "")
            return
        if watch.price is None:
            each, unit = translate("Groundtrack", "The cost of a run is not known beforehand"), RUNS
        else:
            each, unit = translate("Groundtrack", "Each run costs about {}").format(amount_words(watch.price, watch.unit)), watch.unit
        if not runs:
            looking = translate("Groundtrack", "Looking costs nothing. {}, and only happens when you press “Run Now”.")
            self.price.say(looking.format(each), INFO)
            return
        self.price.say(f"{each}; {month_words(watch, watch.price or 0.0, unit)}.", INFO)

    def _searchers(self) -> List[AccountInfo]:
        """Accounts that scenes can be looked for with, that of the preset first."""
        able = [info for info in self._session.store.infos() if Can.SCENES in can_of(info.provider)]
        return sorted(able, key=lambda info: (info.key != self._watch.account_key, info.provider != self._watch.preset.provider))


def is_fixed_preset(session: Session, watch: Watch) -> bool:
    """Whether every run would ask for the same days, as far as is known without asking."""
    kind: Any = provider_class(watch.preset.provider)
    operation = next((item for item in kind.fixed_operations if item.key == watch.preset.operation), None)
    return operation is not None and is_fixed(operation, watch.preset.values)
