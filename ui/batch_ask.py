"""The questions about a batch: another budget, cancelling the rest, sending again what failed."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from qgis.gui import QgsDoubleSpinBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from ..jobs.group import Group, Standing
from ..jobs.job import Job, State
from ..results.facts import provider_of
from .batch_row import MOST_BUDGET
from .batch_words import money_words
from .jobs_ask import ask
from .sentence import plain_label
from .words import count, translate


class BudgetDialog(QDialog):
    """Asks for a budget; `decided` carries it, None for no limit."""

    decided = pyqtSignal(object)

    def __init__(self, group: Group, shown: Standing, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackBudgetDialog")
        self.setWindowTitle(translate("Groundtrack", "Budget"))
        self.budget = QgsDoubleSpinBox(self)
        self.budget.setRange(0.0, MOST_BUDGET)
        self.budget.setDecimals(2)
        self.budget.setSpecialValueText(translate("Groundtrack", "no limit"))
        self.budget.setClearValue(0.0)
        self.budget.setValue(group.budget or 0.0)
        self.budget.setSuffix(f" {group.unit}" if group.unit else "")
        rows = QFormLayout()
        rows.addRow(translate("Groundtrack", "Budget"), self.budget)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        so_far = translate("Groundtrack", "So far: {}.").format(money_words(group, shown) or "0")
        text = translate("Groundtrack", "What is sent is never taken back; a job that would cost more than what is left waits.")
        column = QVBoxLayout(self)
        column.addWidget(plain_label(f"{group.title}\n{so_far} {text}", self))
        column.addLayout(rows)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 55, self.sizeHint().height())

    def accept(self) -> None:
        self.decided.emit(self.budget.value() or None)
        super().accept()


def ask_cancel_rest(parent: QWidget, waiting: int) -> bool:
    """Whether what was not sent yet shall be dropped."""
    one = translate("Groundtrack", "Cancel the job that was not sent yet?")
    many = translate("Groundtrack", "Cancel {} jobs that were not sent yet?")
    detail = translate("Groundtrack", "Nothing is charged for them. What is at the service goes on and is fetched.")
    return ask(parent, count(waiting, one, many), detail, translate("Groundtrack", "Cancel Rest"))


def ask_retry(parent: QWidget, failed: Sequence[Job]) -> bool:
    """Whether features without a result shall be sent again; asked only where that may cost once more."""
    elsewhere = [job for job in failed if _costs(job)]
    there = sum(bool(job.remote_id) and job.state is State.FAILED for job in elsewhere)
    gone = sum(bool(job.remote_id) and job.state is not State.FAILED for job in elsewhere)
    doubtful = sum(job.in_doubt for job in elsewhere)
    if not (there or gone or doubtful):
        return True
    detail = [count(number, *words) for number, words in ((there, _failed_there()), (gone, _result_gone())) if number]
    if doubtful:
        detail += [count(doubtful, *_in_doubt()), translate("Groundtrack", "What they may have cost goes on counting in the budget.")]
    asked = translate("Groundtrack", "Send the failed feature again?"), translate("Groundtrack", "Send {} failed features again?")
    return ask(parent, count(len(failed), *asked), "\n\n".join(detail), translate("Groundtrack", "Retry Failed"))


def _failed_there() -> Tuple[str, str]:
    one = translate("Groundtrack", "One failed at the service after it was accepted: it becomes a new job and may be charged again.")
    many = translate("Groundtrack", "{} failed at the service after they were accepted: they become new jobs and may be charged again.")
    return one, many


def _result_gone() -> Tuple[str, str]:
    one = translate("Groundtrack", "The result of one is no longer to be had: it becomes a new job and may be charged again.")
    many = translate("Groundtrack", "The results of {} are no longer to be had: they become new jobs and may be charged again.")
    return one, many


def _in_doubt() -> Tuple[str, str]:
    """Where to look differs from service to service, and is said where each job is shown."""
    one = translate(
        "Groundtrack", "One was sent without an answer and never found at the service: it may have been paid for already. "
        "Its details say what to look at first.",
    )  # fmt: skip
    many = translate(
        "Groundtrack", "{} were sent without an answer and never found at the service: they may have been paid for already. "
        "Their details say what to look at first.",
    )  # fmt: skip
    return one, many


def _costs(job: Job) -> bool:
    """Whether another computer works for it."""
    kind = provider_of(job)
    return kind is None or kind.runs_elsewhere
