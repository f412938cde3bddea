"""The list of jobs with an account of the simulated Mapflow, and what a person does there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.ui.jobs_page import JobsPage
from qgis.PyQt.QtWidgets import QMessageBox
from support.kept import ROOFS, adopt, made_elsewhere, mapflow_account

LONG = 30_000  # ms


@contextmanager
def jobs_page(session: Any, simulator: Any, iface: Any, qtbot: Any) -> Iterator[JobsPage]:
    """The list of jobs, shown."""
    mapflow_account(session, simulator)
    made = JobsPage(session, iface)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    yield made
    made.hide()


def trigger(page: JobsPage, name: str) -> None:
    action = page._actions.actions[name]
    assert action.isVisible(), name
    action.trigger()


def offered(page: JobsPage) -> set[str]:
    return {name for name, action in page._actions.actions.items() if action.isVisible()}


def dialog(page: JobsPage, kind: type) -> Any:
    return page.findChildren(kind)[-1]


def remote(simulator: Any, job: Any) -> Any:
    return simulator.mapflow.jobs[job.remote_id]


def answer(monkeypatch: pytest.MonkeyPatch, yes: bool = True) -> list[str]:
    asked: list[str] = []

    def run(box: QMessageBox) -> int:
        asked.append(f"{box.text()} {box.informativeText()}")
        role = QMessageBox.ButtonRole.AcceptRole if yes else QMessageBox.ButtonRole.RejectRole
        next(button for button in box.buttons() if box.buttonRole(button) == role).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", run)
    return asked


def complaints(page: JobsPage) -> list[str]:
    told: list[str] = []
    page.service.failed.connect(told.append)
    return told


def two_areas(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> Any:
    """A failed job of two areas, one of which is finished."""
    two = Aoi((*ROOFS.polygons, *from_bounds(4.43, 51.24, 4.44, 51.245).polygons))
    (handle,) = made_elsewhere(session, "x-partial", aoi=two)
    simulator.mapflow.finish(handle.remote_id)
    job = adopt(qtbot, session, handle)
    page.show_job(job.id)
    return job
