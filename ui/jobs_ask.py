"""The questions asked before something that cannot be taken back."""

from __future__ import annotations

from typing import Sequence

from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtWidgets import QMessageBox, QWidget

from ..jobs.job import Job
from ..results.facts import service_of
from .job_words import named
from .words import count

MOST = 5  # jobs that are named


def ask_leave(parent: QWidget, number: int) -> bool:
    """Whether jobs that cannot be cancelled shall not be followed any more."""
    question = count(number, _tr("Stop following this job?"), _tr("Stop following {} jobs?"))
    detail = _tr("The service cannot cancel: the job goes on there and may be charged. Its result will not be fetched.")
    return ask(parent, question, detail, _tr("Stop Following"))


def ask_forget(parent: QWidget, jobs: Sequence[Job]) -> bool:
    """Whether jobs shall leave the list."""
    question = count(len(jobs), _tr("Forget this job?"), _tr("Forget {} jobs?"))
    detail = _tr("It only leaves this list. Nothing is deleted at the service, and downloaded files and layers stay.")
    if any(job.state.at_work for job in jobs):
        detail += " " + _tr("What is still at work goes on at the service and may be charged, but its result will not be fetched.")
    return ask(parent, question, detail, _tr("Forget"))


def ask_delete(parent: QWidget, jobs: Sequence[Job]) -> bool:
    """Whether jobs shall be deleted at their service, with what is named."""
    question = count(len(jobs), _tr("Delete this job at the service?"), _tr("Delete {} jobs at the service?"))
    listed = [_tr("“{name}” at {service}").format(name=named(job), service=service_of(job)) for job in jobs]
    more = count(len(listed) - MOST, _tr("and 1 more"), _tr("and {} more")) if len(listed) > MOST else ""
    lost = count(len(jobs), _tr("Its result there is deleted too; nobody can undo it."),
                 _tr("Their results there are deleted too; nobody can undo it."))  # fmt: skip
    detail = "\n".join([*listed[:MOST], *filter(None, [more]), "", lost])
    here = sum(bool(job.files) for job in jobs)
    if here < len(jobs):
        missing = count(len(jobs) - here, _tr("1 of them was not downloaded."), _tr("{} of them were not downloaded."))
        detail += " " + (_tr("It was not downloaded.") if len(jobs) == 1 else missing)
    if any(job.state.at_work for job in jobs):
        detail += " " + _tr("What is still at work may be charged all the same.")
    return ask(parent, question, f"{detail} " + _tr("Downloaded files and layers stay here."), _tr("Delete at Service"))


def ask_accept(parent: QWidget, job: Job) -> bool:
    """Whether a result that waits for it shall be accepted."""
    question = _tr("Accept the result of “{}”?").format(named(job))
    return ask(parent, question, _tr("The review ends with that. It cannot be rejected afterwards."), _tr("Accept Result"))


def ask(parent: QWidget, question: str, detail: str, yes: str, no: str = "") -> bool:
    """Whether a person agrees, by a button that says `yes`; the other one says `no`, or Cancel."""
    box = QMessageBox(QMessageBox.Icon.Question, "Groundtrack", question, QMessageBox.StandardButton.NoButton, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(detail)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    refused = box.addButton(no, QMessageBox.ButtonRole.RejectRole) if no else box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(refused)
    box.exec()
    return bool(box.clickedButton() is agreed)


def _tr(text: str) -> str:
    return QCoreApplication.translate("JobsAsk", text)
