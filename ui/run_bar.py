"""The foot of the New Job page: cost and time, problems, the two buttons, and why one of them is off."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ..providers.base import Cost
from .icons import theme_icon
from .problem_list import ProblemList
from .sentence import WARNING, Sentence
from .words import count, duration, plain, translate

LONG = 80  # characters of a remark on the cost, beyond which it is shown on request only


class RunBar(QWidget):
    """Signals: `preview_wanted`, `run_wanted`."""

    preview_wanted = pyqtSignal()
    run_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._jobs = 1
        self.estimate = Sentence(self)
        self.how_button = QToolButton(self)
        self.how_button.setText(translate("Groundtrack", "How"))
        self.how_button.setToolTip(translate("Groundtrack", "Show how the cost comes about"))
        self.how_button.setCheckable(True)
        self.how_button.setAutoRaise(True)
        self.how_button.hide()
        self.working = Sentence(self)
        self._note = ""
        self.problems = ProblemList(self)
        self.warning = Sentence(self)
        self.reason = Sentence(self)
        self.preview_button = QPushButton(translate("Groundtrack", "Preview Request…"), self)
        self.run_button = QPushButton(self)
        self.run_button.setIcon(theme_icon("mActionStart"))
        self.preview_button.clicked.connect(self.preview_wanted)
        self.run_button.clicked.connect(self.run_wanted)
        self.how_button.toggled.connect(lambda _: self._explain())
        buttons = QHBoxLayout()
        buttons.addWidget(self.preview_button)
        buttons.addStretch(1)
        buttons.addWidget(self.run_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        price = QHBoxLayout()
        price.addWidget(self.estimate, 1)
        price.addWidget(self.how_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(price)
        for widget in (self.working, self.problems, self.warning, self.reason):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.show_jobs(1)

    def show_jobs(self, jobs: int, *, tiles: bool = False) -> None:
        """Name the run button after the number of jobs, and after what they are: tiles come back as one layer."""
        self._jobs = jobs
        many = translate("Groundtrack", "Run {} Jobs (Tiles of One Area)") if tiles else translate("Groundtrack", "Run {} Jobs")
        self.run_button.setText(count(jobs, translate("Groundtrack", "Run Job"), many))
        self.warning.say("")

    def warn(self, text: str) -> None:
        """Ask for a second click."""
        self.warning.say(text, WARNING)
        self.run_button.setText(translate("Groundtrack", "Run Anyway"))

    def show_state(self, reason: str, *, runnable: bool, readable: bool) -> None:
        """Switch the buttons; `reason` says why the job cannot be run, "" leaves it unsaid."""
        self.run_button.setEnabled(runnable)
        self.run_button.setToolTip(plain(reason))
        self.preview_button.setEnabled(readable)
        self.reason.say(reason)

    def show_estimate(self, estimate: Any, minutes: Optional[Tuple[float, float]]) -> None:
        """Cost and usual time; `estimate` is a Cost, None when nobody knows, or the exception that came instead."""
        time = [duration(minutes)] if minutes else []
        if isinstance(estimate, Cost):
            short = estimate.sufficient is False
            self._say_price(" · ".join([*_cost(estimate), *time]), WARNING if short else "", _working(estimate))
            return
        unknown = translate("Groundtrack", "No estimate of the cost")
        words = [f"{unknown}: {estimate}" if isinstance(estimate, Exception) else unknown]
        self._say_price(" · ".join([*words, *time]))

    def show_asking(self, minutes: Optional[Tuple[float, float]]) -> None:
        """The service is thinking about the cost."""
        words = [translate("Groundtrack", "Asking what it costs…"), *([duration(minutes)] if minutes else [])]
        self._say_price(" · ".join(words))

    def show_time(self, minutes: Optional[Tuple[float, float]]) -> None:
        """Only the usual time."""
        self._say_price(translate("Groundtrack", "Takes {}").format(duration(minutes)) if minutes else "")

    def _say_price(self, text: str, level: str = "", note: str = "") -> None:
        self.estimate.say(text, level)
        self._note = note
        self.how_button.setVisible(bool(note))
        self._explain()

    def _explain(self) -> None:
        self.working.say(self._note if self.how_button.isChecked() else "", "")


def _cost(cost: Cost) -> List[str]:
    amount = str(cost)
    unknown = translate("Groundtrack", "Cost not known beforehand")
    words = [translate("Groundtrack", "≈ {} ({})").format(amount, cost.basis) if amount else unknown] if cost.basis else []
    if cost.sufficient is False:
        words.append(translate("Groundtrack", "more than the balance"))
    if cost.note and not _working(cost):
        words.append(cost.note)
    return words


def _working(cost: Cost) -> str:
    """The remark on a cost where it is a long one."""
    return cost.note if len(cost.note) > LONG else ""
