"""What the message bar says about jobs, and when it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.group import new_group
from groundtrack.jobs.job import State
from groundtrack.results.loader import MOST_LAYERS, ResultLoader
from groundtrack.ui.notices import Notices
from qgis.core import Qgis, QgsProject
from qgis.gui import QgsMessageBarItem
from qgis.PyQt.QtWidgets import QPushButton
from support.jobs import deliver, make_job, running_session

LONG_ENOUGH = 1200  # ms: longer than news are gathered


@pytest.fixture
def session(qgis_app: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def notices(session: Any, qgis_iface: Any) -> Iterator[Any]:
    qgis_iface.mainWindow().show()
    loader = ResultLoader(session)
    made = Notices(session, loader, qgis_iface)
    yield made
    made.close_down()
    loader.close_down()


def _items(iface: Any) -> list[QgsMessageBarItem]:
    return list(iface.messageBar().items())


def _text(item: QgsMessageBarItem) -> str:
    return f"{item.title()}: {item.text()}"


def _button(item: QgsMessageBarItem) -> QPushButton:
    return item.findChild(QPushButton)


def _change(session: Any, job: Any, **changes: Any) -> Any:
    """As the poller tells it."""
    changed = job.changed(**changes)
    session.poller.jobs_changed.emit((changed,))
    return changed


def test_a_loaded_result_is_told_once_with_a_way_to_the_map(
    qtbot: Any, session: Any, notices: Any, qgis_iface: Any, tmp_path: Path
) -> None:
    job = deliver(tmp_path)
    session.own.add(job.id)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=10000)
    item = _items(qgis_iface)[0]
    assert _text(item) == "Ships 2026-11-18: 3 found."
    assert item.level() == Qgis.MessageLevel.Success
    _button(item).click()
    assert qgis_iface.mapCanvas().extent().contains(next(iter(QgsProject.instance().mapLayers().values())).extent())
    qtbot.wait(LONG_ENOUGH)
    assert _items(qgis_iface) == []


def test_an_empty_result_says_that_nothing_was_found(qtbot: Any, session: Any, notices: Any, qgis_iface: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, features=[])
    session.own.add(job.id)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=10000)
    assert "No ships found" in _text(_items(qgis_iface)[0])


def test_a_failure_gives_the_reason_and_leads_to_the_details(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    job = make_job("ship", "running")
    session.own.add(job.id)
    _change(session, job)
    _change(session, job, state=State.FAILED, message="No scene near the requested date.")
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)
    item = _items(qgis_iface)[0]
    assert _text(item) == "Ships 2026-11-18: Failed. No scene near the requested date."
    assert item.level() == Qgis.MessageLevel.Warning
    with qtbot.waitSignal(notices.details_requested, timeout=1000) as blocker:
        _button(item).click()
    assert blocker.args == [job.id]


def test_what_a_service_writes_is_shown_as_it_is(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    job = _change(session, make_job("ship", "running"))
    _change(session, job, state=State.FAILED, message="<b>bold</b> & more")
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in _items(qgis_iface)[0].text()


def test_a_burst_is_one_note(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    jobs = [_change(session, make_job("ship", "running")) for _ in range(5)]
    for job in jobs:
        _change(session, job, state=State.EXPIRED)
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)
    assert "5 jobs need a look" in _text(_items(qgis_iface)[0])
    _change(session, _change(session, make_job("ship", "running")), state=State.LOST)
    qtbot.waitUntil(lambda: any("6 jobs" in _text(item) for item in _items(qgis_iface)), timeout=5000)
    assert len(_items(qgis_iface)) == 1


def test_what_ended_before_is_no_news(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    for state in State:
        session.poller.jobs_changed.emit((make_job("ship", state.value),))
    qtbot.wait(LONG_ENOUGH)
    assert _items(qgis_iface) == []


def test_a_job_that_fails_at_once_is_news(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    job = make_job("ship", "failed", message="The credits do not suffice.")
    session.own.add(job.id)
    session.poller.jobs_changed.emit((job,))
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)


def test_an_unknown_outcome_is_told(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    job = _change(session, make_job("ship", "submitting"))
    _change(session, job, state=State.UNCONFIRMED, message="No answer came.")
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)
    assert "Sent without an answer, being looked for. No answer came." in _text(_items(qgis_iface)[0])


def test_a_result_of_another_project_is_offered(qtbot: Any, session: Any, notices: Any, qgis_iface: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, project="/elsewhere/port.qgz")
    _change(session, job, state=State.SUCCEEDED)
    _change(session, job)
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=5000)
    assert "another project" in _text(_items(qgis_iface)[0])
    _button(_items(qgis_iface)[0]).click()
    qtbot.waitUntil(lambda: len(QgsProject.instance().mapLayers()) == 1, timeout=10000)


def test_a_result_that_cannot_be_loaded_is_told(qtbot: Any, session: Any, notices: Any, qgis_iface: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    Path(job.files[0]).write_text("<html>", encoding="utf-8")
    session.own.add(job.id)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=10000)
    assert "not GeoJSON" in _text(_items(qgis_iface)[0])


def test_a_headless_job_is_told_by_its_own_run(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    job = _change(session, make_job("ship", "running", origin="toolbox"))
    _change(session, job, state=State.FAILED)
    qtbot.wait(LONG_ENOUGH)
    assert _items(qgis_iface) == []


def test_a_batch_that_stood_still_and_ends_is_one_piece_of_news(qtbot: Any, session: Any, notices: Any, qgis_iface: Any) -> None:
    group = new_group("Harbours – Ships", 0.0, budget=1.0, unit="credits")
    session.groups[group.id] = group
    jobs = [make_job("ship", "running", group=group.id, member=str(number)) for number in range(MOST_LAYERS)]
    waiting = make_job("ship", "draft", group=group.id, member="last", estimate="2.0 credits")
    session.own.update(job.id for job in (*jobs, waiting))
    for job in (*jobs, waiting):
        _change(session, job)
    for job in jobs:
        _change(session, job, state=State.FETCHED)
    qtbot.waitUntil(lambda: len(_items(qgis_iface)) == 1, timeout=20000)
    assert _text(_items(qgis_iface)[0]).startswith("Groundtrack: “Harbours – Ships” stands still. The budget ends here")
    _change(session, waiting, state=State.FETCHED)
    expected = f"Groundtrack: “Harbours – Ships” is through: {MOST_LAYERS + 1} of {MOST_LAYERS + 1} done, 0 of 1 credits."
    qtbot.waitUntil(lambda: [_text(item) for item in _items(qgis_iface)] == [expected], timeout=20000)
    assert _items(qgis_iface)[0].level() == Qgis.MessageLevel.Success
