"""Results in review, and jobs of which some areas failed, from the table of jobs: with a real poller and a simulated Mapflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.providers.remote import OPEN, REVIEW
from groundtrack.ui.jobs_page import JobsPage
from groundtrack.ui.service_dialogs import RejectDialog
from qgis.core import (
    QgsProject,
)
from support.docks import squares, wait
from support.jobs_page import answer, complaints, dialog, jobs_page, offered, remote, trigger, two_areas
from support.kept import adopt, made_elsewhere
from support.service import wait_until

LONG = 30_000  # ms


@pytest.fixture
def page(session: Any, simulator: Any, qgis_iface: Any, qtbot: Any) -> Iterator[JobsPage]:
    with jobs_page(session, simulator, qgis_iface, qtbot) as made:
        yield made


@pytest.fixture
def in_review(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> Any:
    simulator.mapflow.next_job(review=True, rework_time=600.0)
    (handle,) = made_elsewhere(session, "Quay roofs")
    simulator.mapflow.finish(handle.remote_id)
    job = adopt(qtbot, session, handle)
    session.own.add(job.id)
    wait(qtbot, lambda: session.jobs[job.id].state in (State.FETCHED, State.LOADED), LONG)
    page.show_job(job.id)
    return session.jobs[job.id]


def test_a_result_in_review_is_accepted(
    page: JobsPage, session: Any, simulator: Any, in_review: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.jobs[in_review.id].extra[REVIEW] == OPEN
    assert "to be accepted or rejected" in page.details.as_text()
    answer(monkeypatch)
    trigger(page, "accept")
    wait(qtbot, lambda: session.jobs[in_review.id].extra[REVIEW] == "ACCEPTED", LONG)
    assert remote(simulator, in_review).review == "ACCEPTED"
    wait(qtbot, lambda: "accept" not in offered(page), LONG)


def test_a_rejected_result_comes_again_beside_the_old_one(
    page: JobsPage, session: Any, simulator: Any, in_review: Any, qtbot: Any, qgis_iface: Any
) -> None:
    page._loader.load(in_review)
    wait(qtbot, lambda: session.jobs[in_review.id].state is State.LOADED, LONG)
    first = session.jobs[in_review.id]
    marked = squares(1)
    marked.selectAll()
    qgis_iface.setActiveLayer(marked)
    wait_until(lambda: qgis_iface.activeLayer() is marked)
    trigger(page, "reject")
    asked = dialog(page, RejectDialog)
    assert not asked.yes.isEnabled()
    asked.text.setPlainText("Sheds on the north pier are missing")
    asked.mark.setChecked(True)
    asked.accept()
    wait(qtbot, lambda: session.jobs[first.id].state is State.RUNNING, LONG)
    sent = remote(simulator, first).comment
    assert sent["comment"] == "Sheds on the north pier are missing"
    assert len(sent["features"]["features"]) == 1
    simulator.clock.advance(700)
    session.poller.check_now(first.id)
    wait(qtbot, lambda: session.jobs[first.id].state is State.LOADED, LONG)
    again = session.jobs[first.id]
    assert again.folder != first.folder
    assert again.extra[REVIEW] == OPEN
    names = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    assert sum(name.endswith("(before)") for name in names) == 1
    assert len(names) == 3


def test_failed_parts_are_restarted(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    (handle,) = made_elsewhere(session, "x-fail")
    simulator.mapflow.finish(handle.remote_id)
    job = adopt(qtbot, session, handle)
    page.show_job(job.id)
    assert session.jobs[job.id].state is State.FAILED
    simulator.mapflow.change_job(handle.remote_id, run_time=1e9)
    trigger(page, "restart")
    wait(qtbot, lambda: session.jobs[job.id].state is State.RUNNING, LONG)
    assert session.jobs[job.id].message == ""


def test_what_is_finished_of_a_failed_job_is_fetched(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    job = two_areas(page, session, simulator, qtbot)
    trigger(page, "good")
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)
    assert len(session.jobs[job.id].files) == 1
    assert "only 1 finished one" in page.details.as_text()
    trigger(page, "restart")
    wait(qtbot, lambda: session.jobs[job.id].state is State.RUNNING, LONG)
    simulator.mapflow.finish(job.remote_id)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)
    assert "only 1 finished one" not in page.details.as_text()


def test_a_service_that_gives_no_partial_result_says_so(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    simulator.mapflow.settings.partial_results = "refuse"
    job = two_areas(page, session, simulator, qtbot)
    trigger(page, "good")
    wait(qtbot, lambda: session.jobs[job.id].state is State.CANNOT_READ, LONG)
    assert session.jobs[job.id].message
    assert "restart" in offered(page)


def test_without_a_finished_area_there_is_nothing_to_fetch(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    job = two_areas(page, session, simulator, qtbot)
    simulator.mapflow.change_job(job.remote_id, failed_aois=[0, 1])
    told = complaints(page)
    trigger(page, "good")
    wait(qtbot, lambda: told == ["No area of this job is finished."], LONG)
    assert session.jobs[job.id].state is State.FAILED


def test_a_failed_job_of_one_area_has_nothing_else_to_fetch(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    (handle,) = made_elsewhere(session, "x-fail")
    simulator.mapflow.finish(handle.remote_id)
    page.show_job(adopt(qtbot, session, handle).id)
    assert "restart" in offered(page)
    assert "good" not in offered(page)
