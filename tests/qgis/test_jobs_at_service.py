"""What is done with jobs at their service, from the table of jobs: with a real poller and a simulated Mapflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from groundtrack.aoi import Aoi
from groundtrack.jobs.job import State
from groundtrack.ui.jobs_page import JobsPage
from groundtrack.ui.name_dialog import NameDialog
from groundtrack.ui.service_dialogs import MoveDialog, RateDialog
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from support.docks import wait
from support.jobs import make_job
from support.jobs_page import answer, complaints, dialog, jobs_page, offered, remote, trigger, two_areas
from support.kept import ROOFS, adopt, made_elsewhere, service

LONG = 30_000  # ms


@pytest.fixture
def page(session: Any, simulator: Any, qgis_iface: Any, qtbot: Any) -> Iterator[JobsPage]:
    with jobs_page(session, simulator, qgis_iface, qtbot) as made:
        yield made


@pytest.fixture
def done(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> Any:
    """A finished job whose result is here."""
    (handle,) = made_elsewhere(session, "Quay roofs")
    simulator.mapflow.finish(handle.remote_id)
    job = adopt(qtbot, session, handle)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)
    page.show_job(job.id)
    return session.jobs[job.id]


def test_a_service_is_offered_only_what_it_has(page: JobsPage, session: Any, done: Any) -> None:
    assert {"rename", "move", "rate", "remove"} <= offered(page)
    assert not {"accept", "reject", "restart"} & offered(page)
    other = make_job(state="fetched", remote_id="r-1")
    session.poller.jobs_changed.emit((other,))
    page.show_job(other.id)
    assert not {"rename", "move", "rate", "remove", "accept", "reject", "restart"} & offered(page)


def drawn(layers: list[Any], area: Aoi, qtbot: Any) -> None:
    """Draw the layers over an area, as the canvas does."""
    degrees, metres = map(QgsCoordinateReferenceSystem, ("EPSG:4326", "EPSG:3857"))
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(metres)
    settings.setExtent(QgsCoordinateTransform(degrees, metres, QgsProject.instance()).transform(QgsRectangle(*area.bounds)))
    settings.setOutputSize(QSize(400, 400))
    job = QgsMapRendererParallelJob(settings)
    with qtbot.waitSignal(job.finished, timeout=LONG):
        job.start()


def test_tiles_of_a_result_are_shown_without_any_sign_in(page: JobsPage, simulator: Any, done: Any, qtbot: Any) -> None:
    trigger(page, "tiles")
    wait(qtbot, lambda: len(QgsProject.instance().mapLayers()) >= 3, LONG)
    layers = [node.layer() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    tiles = [layer for layer in layers if layer.name().endswith("(tiles)")]
    assert [isinstance(layer, QgsVectorTileLayer) for layer in tiles] == [True, False, False]
    drawn(tiles, ROOFS, qtbot)
    asked = simulator.requests.find(persona="mapflow_app")
    assert {request.path.rpartition(".")[2] for request in asked if request.status == 200} >= {"pbf", "png", "json"}
    assert all("authorization" not in {name.lower() for name, _ in request.headers} for request in asked)
    assert simulator.mapflow.leaks == []
    assert not any(simulator.mapflow.token in unquote(layer.source()) for layer in layers)


@pytest.mark.parametrize("layers", ["none", "null_urls", "empty_urls"])
def test_a_result_without_tiles_is_said_so(page: JobsPage, simulator: Any, done: Any, qtbot: Any, layers: str) -> None:
    remote(simulator, done).plan = replace(remote(simulator, done).plan, layers=layers)
    told = complaints(page)
    trigger(page, "tiles")
    wait(qtbot, lambda: bool(told), LONG)
    assert "no tiles" in told[0]


def test_a_job_gets_another_name(page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any) -> None:
    trigger(page, "rename")
    asked = dialog(page, NameDialog)
    asked.name.setText("  ")
    assert not asked.yes.isEnabled()
    asked.name.setText("Dächer 🏠 am Kai")
    asked.accept()
    wait(qtbot, lambda: "Dächer 🏠 am Kai" in page.details.as_text(), LONG)
    assert remote(simulator, done).name == "Dächer 🏠 am Kai"
    page.search.setText("dächer kai")
    assert page.filter.rowCount() == 1


@pytest.mark.parametrize(("status", "words"), [(403, "role or plan"), (404, "No such"), (409, "No such"), (500, "No such")])
def test_a_refused_change_is_told_and_leaves_all_as_it_was(
    page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any, status: int, words: str
) -> None:
    simulator.faults.add("status", method="PUT", path="/rest/*", times=0, status=status, body={"code": "X", "message": "No such thing."})
    told = complaints(page)
    page.service.rename(done, "Roofs")
    wait(qtbot, lambda: told, LONG)
    assert words in told[0]
    assert remote(simulator, done).name != "Roofs"
    assert session.jobs[done.id].state is State.FETCHED
    assert not session.stuck


def test_a_lost_answer_to_a_change_or_deletion_is_looked_up(page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any) -> None:
    told = complaints(page)
    simulator.faults.add("drop_after", method="PUT", path="/rest/*")
    page.service.rename(done, "Roofs")
    wait(qtbot, lambda: session.jobs[done.id].extra.get("name") == "Roofs", LONG)
    simulator.faults.add("drop_before", method="PUT", path="/rest/*", times=0)
    page.service.rename(session.jobs[done.id], "Sheds")
    wait(qtbot, lambda: told, LONG)
    assert "was not made" in told[0]


def test_jobs_are_moved_to_a_project_that_the_details_and_the_search_know(
    page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any
) -> None:
    with service(session) as provider:
        provider.create_project("North pier")
    wait(qtbot, lambda: "Default" in page.details.as_text(), LONG)
    trigger(page, "move")
    asked = dialog(page, MoveDialog)
    wait(qtbot, lambda: asked.list.count() == 1, LONG)
    assert not asked.yes.isEnabled()
    asked.list.setCurrentRow(0)
    asked.accept()
    wait(qtbot, lambda: simulator.mapflow.projects[remote(simulator, done).project_id].name == "North pier", LONG)
    wait(qtbot, lambda: session.jobs[done.id].extra["project"] == remote(simulator, done).project_id, LONG)
    with service(session) as provider:
        page.model.places.learn(done.account_key, provider.projects())
    assert "North pier" in page.details.as_text()
    page.search.setText("pier")
    assert page.filter.rowCount() == 1


def test_a_result_is_rated(page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any) -> None:
    trigger(page, "rate")
    asked = dialog(page, RateDialog)
    assert not asked.yes.isEnabled()
    asked.group.button(4).click()
    asked.text.setPlainText("Two sheds missed")
    asked.accept()
    wait(qtbot, lambda: "★★★★☆" in page.details.as_text(), LONG)
    assert remote(simulator, done).rating == {"rating": 4, "feedback": "Two sheds missed"}


def test_deleting_there_asks_names_what_goes_and_keeps_what_is_here(
    page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch, yes=False)
    trigger(page, "remove")
    assert "Quay roofs" in asked[0]
    assert "Its result there is deleted too" in asked[0]
    assert not remote(simulator, done).archived
    answer(monkeypatch)
    trigger(page, "remove")
    wait(qtbot, lambda: "Deleted at the service" in page.details.as_text(), LONG)
    assert remote(simulator, done).archived
    assert session.jobs[done.id].state is State.FETCHED
    assert not {"rename", "move", "rate", "remove", "fetch", "check"} & offered(page)
    assert "load" in offered(page)


def test_forgetting_deletes_nothing_there(
    page: JobsPage, session: Any, simulator: Any, done: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch)
    trigger(page, "forget")
    wait(qtbot, lambda: done.id not in session.jobs, LONG)
    assert not remote(simulator, done).archived


def test_a_running_job_that_is_deleted_there_is_followed_no_more(
    page: JobsPage, session: Any, simulator: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.mapflow.next_job(run_time=1e9)
    job = adopt(qtbot, session, made_elsewhere(session, "Never ends")[0])
    page.show_job(job.id)
    asked = answer(monkeypatch)
    trigger(page, "remove")
    assert "charged all the same" in asked[0]
    wait(qtbot, lambda: session.jobs[job.id].state is State.CANCELLED, LONG)
    assert "Deleted at the service" in session.jobs[job.id].message


def test_a_job_that_is_not_followed_any_more_can_be_renamed_all_the_same(
    page: JobsPage, session: Any, simulator: Any, qtbot: Any
) -> None:
    simulator.mapflow.next_job(run_time=1e9)
    job = adopt(qtbot, session, made_elsewhere(session, "Never ends")[0])
    session.poller.cancel_job(job.id)
    wait(qtbot, lambda: session.jobs[job.id].state is State.CANCELLED, LONG)
    page.service.rename(session.jobs[job.id], "Roofs")
    wait(qtbot, lambda: session.jobs[job.id].extra["name"] == "Roofs", LONG)
    wait(qtbot, lambda: session.jobs[job.id].word in ("UNPROCESSED", "IN_PROGRESS"), LONG)
    assert session.jobs[job.id].state is State.CANCELLED


def test_a_locked_account_is_named_in_place_of_a_call(page: JobsPage, session: Any, done: Any) -> None:
    session.store.remove(done.account_key)
    session.refresh_accounts()
    told = complaints(page)
    page.service.rename(done, "Roofs")
    assert "locked or missing" in told[0]


# What is folded away


def test_areas_and_events_are_read_when_they_are_opened(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    two_areas(page, session, simulator, qtbot)
    before = len(simulator.requests.find(path="/rest/processings/*/aois"))
    page.details.parts.setCollapsed(False)
    page.details.events.setCollapsed(False)
    wait(qtbot, lambda: len(page.details.parts.rows()) == 2, LONG)
    texts = [said for _, said in page.details.parts.rows()]
    assert [text.split()[0] for text in texts] == ["Failed.", "Finished."]
    assert "too coarse" in texts[0]
    assert len(simulator.requests.find(path="/rest/processings/*/aois")) == before + 1
    wait(qtbot, lambda: len(page.details.events.rows()) == 1, LONG)
    assert "Failed" in page.details.events.rows()[0][1]


def test_events_grow_while_they_are_looked_at(page: JobsPage, session: Any, qtbot: Any) -> None:
    job = make_job(state="queued", remote_id="r-9", account="Nowhere")
    session.poller.run_jobs([job])
    wait(qtbot, lambda: page.model.row(job.id) >= 0, LONG)
    page.show_job(job.id)
    assert not page.details.parts.isVisible()
    page.details.events.setCollapsed(False)
    wait(qtbot, lambda: len(page.details.events.rows()) == 1, LONG)
    session.poller.note(job.id, state=State.FAILED, message="No scene <b>near</b> the date.")
    wait(qtbot, lambda: len(page.details.events.rows()) == 2, LONG)
    assert "<b>near</b>" in page.details.events.rows()[1][1]


def test_a_second_click_does_not_change_it_twice(page: JobsPage, session: Any, simulator: Any, qtbot: Any) -> None:
    (handle,) = made_elsewhere(session, "x-fail")
    simulator.mapflow.finish(handle.remote_id)
    job = adopt(qtbot, session, handle)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FAILED, LONG)
    page.show_job(job.id)
    simulator.mapflow.change_job(handle.remote_id, run_time=1e9)
    simulator.faults.add("slow", method="POST", path="/rest/processings/*/restart", delay=1.0)
    told = complaints(page)
    trigger(page, "restart")
    trigger(page, "restart")
    assert "Wait for the answer" in told[0]
    wait(qtbot, lambda: session.jobs[job.id].state is State.RUNNING, LONG)
    assert len(simulator.requests.find(method="POST", path="/rest/processings/*/restart")) == 1
    page.service.rename(session.jobs[job.id], "Roofs")
    wait(qtbot, lambda: session.jobs[job.id].extra.get("name") == "Roofs", LONG)
    assert sum("Wait for the answer" in text for text in told) == 1


@pytest.mark.parametrize("rating", ["12", "4.5", "45"])
def test_a_rating_that_is_none_does_not_hinder_another(page: JobsPage, session: Any, done: Any, qtbot: Any, rating: str) -> None:
    session.poller.note(done.id, extra={**done.extra, "rating": rating})
    wait(qtbot, lambda: session.jobs[done.id].extra.get("rating") == rating, LONG)
    page.show_job(done.id)
    trigger(page, "rate")
    assert dialog(page, RateDialog).group.checkedId() == -1
