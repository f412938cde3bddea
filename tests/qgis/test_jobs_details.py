"""The details of a job are whole, however the rows change while they are shown."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtWidgets import QLabel
from support.docks import wait
from support.jobs import make_job

LONG = 20_000  # ms; only waited for when something is wrong


def cut(details: Any) -> list[str]:
    """Texts that have less room than they need."""
    labels = [label for label in details.widget().findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    return [label.text() for label in labels if label.height() < label.heightForWidth(label.width())]


def test_no_line_is_lost_when_another_job_has_other_rows(dock: Any, qtbot: Any) -> None:
    times = {"sent_at": 1.0, "created_at": 1.0, "seen_at": 1.0, "finished_at": 5.0}
    first = make_job("ship", "failed", message="No scene is near the date. " * 6, **times)
    second = make_job("ship", "expired", remote_id="36f675cc-81e7-4ef5-a8e2-5d940ed90475", word="completed", **times)
    dock._session._take_jobs((first, second))
    details = dock.jobs_page.details
    details.setFixedHeight(240)
    dock.setFixedWidth(400)
    for job in (first, second, first, second):
        dock.show_jobs(job.id)
        qtbot.wait(300)  # the layout comes to rest
        wait(qtbot, lambda: not cut(details), LONG)
