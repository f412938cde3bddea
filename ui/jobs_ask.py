"""The two questions asked before something that cannot be taken back."""

from __future__ import annotations

from typing import Sequence

from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QMessageBox, QWidget

from ..jobs.job import Job
from .words import count


def ask_leave(parent: QWidget, number: int) -> bool:
    """Whether jobs that cannot be cancelled shall not be followed any more."""
    question = count(number, _tr("Stop following this job?"), _tr("Stop following {} jobs?"))
    detail = _tr("The service cannot cancel: the job goes on there and may be charged. Its result will not be fetched.")
    return _ask(parent, question, detail, _tr("Stop Following"))


def ask_forget(parent: QWidget, jobs: Sequence[Job]) -> bool:
    """Whether jobs shall leave the list."""
    question = count(len(jobs), _tr("Forget this job?"), _tr("Forget {} jobs?"))
    detail = _tr("It only leaves this list. Nothing is deleted at the service, and downloaded files and layers stay.")
    if any(job.state.at_work for job in jobs):
        detail += " " + _tr("What is still at work goes on at the service and may be charged, but its result will not be fetched.")
    return _ask(parent, question, detail, _tr("Forget"))


def _ask(parent: QWidget, question: str, detail: str, yes: str) -> bool:
    box = QMessageBox(QMessageBox.Icon.Question, "Groundtrack", question, QMessageBox.StandardButton.NoButton, parent)
    box.setInformativeText(detail)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return bool(box.clickedButton() is agreed)


def _tr(text: str) -> str:
    return QCoreApplication.translate("JobsAsk", text)
