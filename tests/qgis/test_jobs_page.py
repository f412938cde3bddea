"""The table of jobs and what can be done there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.ui.jobs_model import Column, Show, show_of
from groundtrack.ui.jobs_page import JobsPage
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QToolButton
from support.jobs import cells, deliver, make_job, running_session


@pytest.fixture
def session(qgis_app: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def page(session: Any, qgis_iface: Any, qtbot: Any, clean_settings: Any) -> Iterator[JobsPage]:
    made = JobsPage(session, qgis_iface)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    made.hide()


def _tell(session: Any, *jobs: Any) -> None:
    """As the poller tells it."""
    session.poller.jobs_changed.emit(tuple(jobs))


def _texts(page: JobsPage, column: Column) -> list[str]:
    return [page.filter.index(row, column).data() for row in range(page.filter.rowCount())]


def _offered(page: JobsPage) -> set[str]:
    return {action.text() for action in page._actions.actions.values() if action.isVisible()}


def _action(page: JobsPage, text: str) -> Any:
    return next(action for action in page._actions.actions.values() if action.text() == text and action.isVisible())


def _labels(page: JobsPage) -> str:
    return page.details.as_text()


def _answer(monkeypatch: pytest.MonkeyPatch, yes: bool) -> list[str]:
    """Answer the next question; what was asked is in the list."""
    asked: list[str] = []

    def run(box: QMessageBox) -> int:
        asked.append(f"{box.text()} {box.informativeText()}")
        role = QMessageBox.ButtonRole.AcceptRole if yes else QMessageBox.ButtonRole.RejectRole
        next(button for button in box.buttons() if box.buttonRole(button) == role).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", run)
    return asked


def test_without_jobs_the_page_says_what_to_do(page: JobsPage) -> None:
    assert page.stack.currentWidget().text() == "No jobs yet. Outline an area in New Job and run it."


def test_a_job_is_told_in_words(page: JobsPage, session: Any) -> None:
    job = make_job(state="running", sent_at=time.time() - 12 * 60, progress=0.35, estimate="3.4 credits")
    _tell(session, job)
    row = [page.filter.index(0, column).data() for column in Column]
    assert row == ["Ships", "Running", "35%", "12 of 15–30 min", "≈ 3.4 credits", "", "SateAIs – Port"]
    assert "2026-11-18 · 12.3 km² near 51.9° N 4.0° E" in page.filter.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_newest_jobs_stand_on_top(page: JobsPage, session: Any) -> None:
    _tell(session, make_job("ship", now=100.0), make_job("timeseries", now=300.0))
    _tell(session, make_job("oilslick", now=200.0))
    assert _texts(page, Column.TASK) == ["Ground Change Over Time", "Oil Slicks", "Ships"]


def test_a_change_keeps_the_selection_and_shows_in_the_details(page: JobsPage, session: Any) -> None:
    jobs = [make_job("ship", "running", now=float(number)) for number in range(20)]
    _tell(session, *jobs)
    page.show_job(jobs[3].id)
    failed = jobs[3].changed(state=State.FAILED, message="No scene near the requested date.", details="code SCENE_NOT_FOUND, HTTP 404")
    _tell(session, failed)
    assert [job.id for job in page.chosen()] == [jobs[3].id]
    assert "No scene near the requested date." in _labels(page)
    assert "SCENE_NOT_FOUND, HTTP 404" in _labels(page)
    assert "code SCENE_NOT_FOUND" not in _labels(page)


def test_many_new_jobs_come_in_order_and_keep_what_is_chosen(page: JobsPage, session: Any, qtbot: Any) -> None:
    chosen = make_job("oilslick", now=500.0)
    _tell(session, chosen)
    page.show_job(chosen.id)
    jobs = [make_job("ship", "running", now=float(number * 10)) for number in range(120)]
    _tell(session, *jobs)
    _tell(session, jobs[0].changed(progress=0.5))  # it is not in the table yet
    qtbot.waitUntil(lambda: page.filter.rowCount() == 121, timeout=30000)
    shown = [page.model.job(row) for row in range(121)]
    assert [job.created_at for job in shown] == sorted((job.created_at for job in shown), reverse=True)
    assert shown[-1].progress == 0.5
    assert [job.id for job in page.chosen()] == [chosen.id]


def test_a_job_whose_turn_has_not_come_can_be_shown_and_one_that_is_forgotten_never_comes(page: JobsPage, session: Any, qtbot: Any) -> None:
    jobs = [make_job("ship", "running", now=float(number)) for number in range(120)]
    _tell(session, *jobs)
    page.show_job(jobs[3].id)
    assert [job.id for job in page.chosen()] == [jobs[3].id]
    session.poller.jobs_forgotten.emit((jobs[5].id,))
    qtbot.waitUntil(lambda: page.filter.rowCount() == 119, timeout=30000)
    assert page.model.row(jobs[5].id) == -1
    assert [job.id for job in page.chosen()] == [jobs[3].id]


def test_every_row_that_changed_is_drawn_anew(page: JobsPage, session: Any, qtbot: Any) -> None:
    jobs = [make_job("ship", "queued", now=float(number)) for number in range(60)]
    _tell(session, *jobs)
    qtbot.waitUntil(lambda: page.filter.rowCount() == 60, timeout=30000)
    drawn: set[int] = set()
    delegate = page.table.itemDelegateForColumn(Column.STATE)
    words = delegate._second
    delegate._second = lambda index, cell: (drawn.add(index.row()), words(index, cell))[1]
    qtbot.waitUntil(lambda: not page.table._stale, timeout=30000)
    drawn.clear()
    _tell(session, *(job.changed(state=State.RUNNING) for job in jobs))
    seen = set(page.table._rows_in_view())
    assert len(seen) > 3
    qtbot.waitUntil(lambda: drawn >= seen, timeout=30000)


def test_a_long_text_of_the_service_leaves_room_for_the_facts(page: JobsPage, session: Any, qtbot: Any) -> None:
    page.resize(400, 900)
    page.show()
    _tell(session, make_job(state="failed", message="The service explains itself at length. " * 60))
    page.show_job(next(iter(session.jobs)))
    more = next(button for button in page.details.findChildren(QToolButton) if button.text() == "More")
    label = next(item for item in page.details.findChildren(QLabel) if item.text().startswith("The service explains"))
    qtbot.waitUntil(lambda: more.isVisible() and label.height() <= 7 * label.fontMetrics().lineSpacing())
    more.click()
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    assert more.text() == "Less"


def test_a_waiting_job_says_until_when(page: JobsPage, session: Any) -> None:
    refused, behind = make_job(state="draft", now=2.0, next_at=time.time() + 28), make_job(state="draft", now=1.0)
    _tell(session, refused, behind)
    page.show_job(refused.id)
    assert "Tried again in about 30 s." in _labels(page)
    page.show_job(behind.id)
    assert "Waits until the service takes jobs again" in _labels(page)
    states = [page.filter.index(row, Column.STATE) for row in range(2)]
    assert [page.table.itemDelegateForColumn(Column.STATE).second_line(index) for index in states] == ["again in 30 s", "its turn in 30 s"]


def test_jobs_can_be_searched_by_words(page: JobsPage, session: Any) -> None:
    _tell(session, make_job("ship", account="Port"), make_job("oilslick", account="Coast"), make_job("ship", "failed", account="Coast"))
    page.search.setText("ships coast")
    assert _texts(page, Column.ACCOUNT) == ["SateAIs – Coast"]
    page.search.setText("4.0° e")
    assert page.filter.rowCount() == 3
    page.search.setText("nothing like it")
    assert page.stack.currentWidget().text() == "No job matches the search."


def test_every_state_is_in_one_group(page: JobsPage, session: Any) -> None:
    _tell(session, *(make_job(state=state.value) for state in State))
    counts = []
    for show in (Show.AT_WORK, Show.FINISHED, Show.FAILED):
        page.show_box.setCurrentIndex(show)
        counts.append(page.filter.rowCount())
        assert {show_of(page.filter.index(row, 0).data(page_role()).state) for row in range(counts[-1])} == {show}
    assert sum(counts) == len(State)


def page_role() -> int:
    from groundtrack.ui.jobs_model import JOB_ROLE

    return JOB_ROLE


def test_a_held_up_job_waits_for_its_account(page: JobsPage, session: Any) -> None:
    job = make_job(state="queued")
    _tell(session, job)
    session.poller.accounts_stuck.emit({job.account_key: "The key is not accepted."})
    page.show_job(job.id)
    assert _texts(page, Column.STATE) == ["Waits for account"]
    assert "The key is not accepted." in _labels(page)


@pytest.mark.parametrize(
    ("state", "offered", "missing"),
    [
        ("draft", {"Cancel", "Check Now"}, {"Load", "Stop Following…", "Restart"}),
        ("running", {"Stop Following…", "Check Now", "Zoom to Area"}, {"Cancel", "Load", "Restart"}),
        ("unconfirmed", {"Stop Following…", "Check Now"}, {"Cancel", "Load"}),
        ("fetched", {"Load", "Download Again"}, {"Cancel", "Stop Following…", "Check Now"}),
        ("failed", {"Repeat", "Edit and Run Again", "Copy Details", "Forget…"}, {"Load", "Cancel", "Check Now"}),
        ("cancelled", {"Check Now", "Repeat"}, {"Load", "Cancel", "Stop Following…"}),
        ("cannot_read", {"Check Now"}, {"Load", "Stop Following…"}),
    ],
)
def test_only_what_applies_is_offered(page: JobsPage, session: Any, state: str, offered: set[str], missing: set[str]) -> None:
    job = make_job(state=state, remote_id="r-1")
    _tell(session, job)
    page.show_job(job.id)
    assert offered <= _offered(page)
    assert not missing & _offered(page)


@pytest.mark.parametrize("state", ["lost", "unknown", "cancelled"])
def test_a_job_that_was_never_found_can_be_looked_for_once_more(page: JobsPage, session: Any, state: str) -> None:
    job = make_job(state=state, message="Outcome unknown: nothing was found.", sent_at=1.0)
    _tell(session, job)
    page.show_job(job.id)
    assert {"Check Now", "Repeat"} <= _offered(page)
    assert not {"Load", "Cancel", "Stop Following…", "Delete at Service…"} & _offered(page)


def test_a_job_at_work_that_cannot_be_cancelled_is_left_only_when_confirmed(
    page: JobsPage, session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(state="running", remote_id="r-1")
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: page.model.row(job.id) >= 0, timeout=5000)
    page.show_job(job.id)
    asked = _answer(monkeypatch, yes=False)
    _action(page, "Stop Following…").trigger()
    assert "the job goes on there and may be charged" in asked[0]
    qtbot.wait(300)
    assert session.jobs[job.id].state is State.RUNNING
    _answer(monkeypatch, yes=True)
    _action(page, "Stop Following…").trigger()
    qtbot.waitUntil(lambda: session.jobs[job.id].state is State.CANCELLED, timeout=5000)


def test_forget_asks_and_says_that_nothing_is_deleted_there(
    page: JobsPage, session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(state="failed")
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: page.model.row(job.id) >= 0, timeout=5000)
    page.show_job(job.id)
    asked = _answer(monkeypatch, yes=True)
    _action(page, "Forget…").trigger()
    assert "Nothing is deleted at the service" in asked[0]
    qtbot.waitUntil(lambda: page.filter.rowCount() == 0, timeout=5000)


def test_repeat_and_edit_hand_the_job_on(page: JobsPage, session: Any, qtbot: Any) -> None:
    job = make_job(state="failed")
    _tell(session, job)
    page.show_job(job.id)
    for signal, text in ((page.repeat_requested, "Repeat"), (page.edit_requested, "Edit and Run Again")):
        with qtbot.waitSignal(signal, timeout=1000) as blocker:
            _action(page, text).trigger()
        assert blocker.args == [job]


def test_the_request_is_copied_with_the_key_masked(page: JobsPage, session: Any) -> None:
    job = make_job(state="failed")
    _tell(session, job)
    page.show_job(job.id)
    _action(page, "Copy Request").trigger()
    text = QApplication.clipboard().text()
    assert text.startswith("POST https://api.spcsft.com")
    assert '"polygon": "POLYGON(' in text
    assert "••••" in text


def test_double_click_zooms_and_loads(page: JobsPage, session: Any, qtbot: Any, qgis_canvas: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: page.model.row(job.id) >= 0, timeout=5000)
    page.show_job(job.id)
    page.table.doubleClicked.emit(page.table.currentIndex())
    assert qgis_canvas.extent().contains(3.98, 51.88)
    qtbot.waitUntil(lambda: len(QgsProject.instance().mapLayers()) == 1, timeout=10000)


def test_enter_does_the_same(page: JobsPage, session: Any, qtbot: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: page.model.row(job.id) >= 0, timeout=5000)
    page.show_job(job.id)
    page.table.setFocus()
    page.activateWindow()
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(QgsProject.instance().mapLayers()) == 1, timeout=10000)


def test_a_damaged_download_is_fetched_anew_and_kept_until_then(page: JobsPage, session: Any, qtbot: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, remote_id="r-1")
    paid = Path(job.files[0]).read_bytes()
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: page.model.row(job.id) >= 0, timeout=5000)
    page.show_job(job.id)
    _action(page, "Download Again").trigger()
    qtbot.waitUntil(lambda: session.jobs[job.id].state is State.SUCCEEDED, timeout=5000)
    assert not Path(job.files[0]).exists()
    assert paid in [path.read_bytes() for path in Path(job.folder).iterdir()]


def test_the_menu_holds_what_applies(page: JobsPage, session: Any) -> None:
    job = make_job(state="failed")
    _tell(session, job)
    page.show_job(job.id)
    page.table.customContextMenuRequested.emit(QPoint(5, 5))
    menu = page.findChild(QMenu)
    assert {action.text() for action in menu.actions()} == _offered(page)
    menu.close()


def test_text_of_a_service_stays_text(page: JobsPage, session: Any) -> None:
    job = make_job(state="failed", message="<img src=x><b>Oh</b>")
    _tell(session, job)
    page.show_job(job.id)
    from qgis.PyQt.QtWidgets import QLabel

    shown = [label for label in page.details.findChildren(QLabel) if "<b>Oh</b>" in label.text()]
    assert shown
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in shown)


def test_text_of_a_service_stays_text_in_tool_tips(page: JobsPage, session: Any) -> None:
    job = make_job(title="<img src='http://elsewhere/x'><b>Oh</b>", state="failed", message="first\nsecond")
    _tell(session, job)
    tip = page.filter.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "<b>" not in tip
    assert "&lt;b&gt;Oh&lt;/b&gt;" in tip
    assert tip.count("<br>") >= 2


@pytest.mark.parametrize(("width", "columns"), [(340, {Column.TASK, Column.STATE}), (1900, set(Column))])
def test_columns_give_way(page: JobsPage, session: Any, qtbot: Any, width: int, columns: set[Column]) -> None:
    _tell(session, make_job())
    page.resize(width, 600)
    shown = {column for column in Column if not page.table.isColumnHidden(column)}
    assert columns <= shown
    assert sum(page.table.columnWidth(column) for column in shown) <= page.table.viewport().width()


def test_a_thousand_jobs_change_in_place(page: JobsPage, session: Any, qtbot: Any) -> None:
    jobs = [make_job(state="running", now=float(number)) for number in range(1000)]
    resets: list[bool] = []
    page.model.modelReset.connect(lambda: resets.append(True))
    _tell(session, *jobs)
    page.show_job(jobs[500].id)
    for step in range(10):
        _tell(session, *(job.changed(progress=step / 10) for job in jobs))
    shown = page.model
    qtbot.waitUntil(lambda: [shown.job(row).progress for row in range(shown.rowCount())] == [0.9] * 1000, timeout=30000)
    assert not resets
    assert [job.id for job in page.chosen()] == [jobs[500].id]


def test_the_series_of_a_cell_are_plotted(page: JobsPage, session: Any, qtbot: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, "timeseries", cells(120))
    session.own.add(job.id)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: job.id in session.jobs and session.jobs[job.id].state is State.LOADED, timeout=10000)
    page.show_job(job.id)
    from groundtrack.ui.plot_dialog import PlotDialog

    _action(page, "Show Cell Series").trigger()
    dialog = page._iface.mainWindow().findChild(PlotDialog)
    qtbot.waitUntil(lambda: dialog.view.accessibleDescription() == "Upper chart, Lower chart, 2026-05-04", timeout=5000)
    dialog.show_cell(2)  # a cell without change
    qtbot.waitUntil(lambda: "2026" not in dialog.view.accessibleDescription(), timeout=5000)
    QgsProject.instance().removeAllMapLayers()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=2000)


def test_the_area_of_a_chosen_job_is_outlined_until_its_result_is_on_the_map(page: JobsPage, session: Any, qgis_iface: Any) -> None:
    job = make_job(state="running")
    _tell(session, job)
    page.show_job(job.id)
    band = page._areas._band.band
    assert band.isVisible()
    page.hide()
    assert not band.isVisible()
    page.show()
    assert band.isVisible()
    _tell(session, replace(job, state=State.LOADED))
    assert not band.isVisible()
    items = len(qgis_iface.mapCanvas().scene().items())
    page.close_down()
    assert len(qgis_iface.mapCanvas().scene().items()) == items - 1
