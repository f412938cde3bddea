"""Jobs made elsewhere: looked through, adopted, loaded, repeated, exported; with simulated services."""

from __future__ import annotations

import csv
import threading
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.ui.past_dialog import PastDialog
from groundtrack.ui.past_model import Column
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QDate, QLocale
from qgis.PyQt.QtWidgets import QFileDialog
from support.docks import KEY as SATEAIS_KEY
from support.docks import add_account, wait
from support.kept import KEY, ROOFS, adopt, made_elsewhere, mapflow_account, service

LONG = 30_000  # ms


@pytest.fixture
def open_dialog(session: Any, simulator: Any, qgis_iface: Any, qtbot: Any) -> Any:
    """A function that opens the window on what the simulated Mapflow remembers."""
    mapflow_account(session, simulator)

    def make() -> Any:
        dialog = PastDialog(session, qgis_iface.mainWindow())
        qtbot.addWidget(dialog)
        dialog.account.select(KEY)
        dialog.show()
        wait(qtbot, lambda: not dialog._ticket, LONG)
        return dialog

    return make


def texts(dialog: Any, column: Column = Column.NAME) -> list[str]:
    return [dialog.model.index(row, column).data() for row in range(dialog.model.rowCount())]


def pick(dialog: Any, *names: str) -> None:
    dialog.table.clearSelection()
    for row, name in enumerate(texts(dialog)):
        if any(name.endswith(wanted) for wanted in names):
            dialog.table.selectionModel().select(
                dialog.model.index(row, 0), dialog.table.selectionModel().Select | dialog.table.selectionModel().Rows
            )


def asked_for(dialog: Any, qtbot: Any) -> None:
    """Wait until a changed filter has been asked for and answered."""
    wait(qtbot, lambda: dialog.filter._timer.isActive() or dialog._ticket)
    wait(qtbot, lambda: not dialog.filter._timer.isActive() and not dialog._ticket, LONG)


def test_an_account_without_a_past_says_so(open_dialog: Any) -> None:
    dialog = open_dialog()
    assert dialog.notice.text() == "The service remembers no job of this account."
    assert not any(button.isEnabled() for button in (dialog.more_button, dialog.export_button, dialog.adopt_button, dialog.repeat_button))


def test_past_jobs_are_told_in_words(open_dialog: Any, session: Any, simulator: Any) -> None:
    handles = made_elsewhere(session, "Dächer 🏠", "x-fail", zoom=18)
    for handle in handles:
        simulator.mapflow.finish(handle.remote_id)
    dialog = open_dialog()
    assert set(texts(dialog)) == {"Dächer 🏠", "x-fail"}
    row = next(row for row, name in enumerate(texts(dialog)) if "Dächer" in name)
    told = [dialog.model.index(row, column).data() for column in Column]
    assert told[1:4] == ["🏠 Buildings", "Default", "Finished"]
    assert told[5:] == ["0.87 km²", "13 credits", ""]


def test_a_long_past_comes_page_by_page_or_all_at_once(open_dialog: Any, simulator: Any, qtbot: Any) -> None:
    simulator.mapflow.crowd(340)
    dialog = open_dialog()
    assert len(texts(dialog)) == 100
    assert "340 in all" in dialog.notice.text()
    assert "looked through" not in dialog.notice.text()
    dialog.more_button.click()
    wait(qtbot, lambda: len(texts(dialog)) == 200 and not dialog._ticket, LONG)
    dialog.all_button.click()
    wait(qtbot, lambda: len(texts(dialog)) == 340 and not dialog._ticket, LONG)
    assert not dialog.more_button.isEnabled()
    assert len(set(texts(dialog))) == 340


def test_the_filter_sifts_by_words_state_project_and_day(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    with service(session) as provider:
        provider.create_project("Harbour")
    handles = [*made_elsewhere(session, "Quay", project="Harbour"), *made_elsewhere(session, "Pier", "x-fail")]
    for handle in handles[1:]:
        simulator.mapflow.finish(handle.remote_id)
    dialog = open_dialog()
    wait(qtbot, lambda: dialog.filter.project.count() == 3, LONG)
    dialog.filter.words.setText("pier buildings")
    asked_for(dialog, qtbot)
    assert texts(dialog) == ["Pier"]
    dialog.filter.words.clear()
    dialog.filter.state.setCurrentIndex(3)
    asked_for(dialog, qtbot)
    assert texts(dialog) == ["x-fail"]
    dialog.filter.state.setCurrentIndex(0)
    dialog.filter.project.setCurrentIndex(dialog.filter.project.findText("Harbour"))
    asked_for(dialog, qtbot)
    assert texts(dialog) == ["Quay"]
    assert texts(dialog, Column.PROJECT) == ["Harbour"]
    dialog.filter.project.setCurrentIndex(0)
    dialog.filter.last.setDate(QDate(2001, 1, 1))
    asked_for(dialog, qtbot)
    assert texts(dialog) == []
    dialog.filter.first.setDate(QDate(2002, 1, 1))
    asked_for(dialog, qtbot)
    assert "lies after" in dialog.notice.text()


def test_words_are_looked_for_in_what_came_so_far_and_that_is_said(open_dialog: Any, simulator: Any, qtbot: Any) -> None:
    simulator.mapflow.crowd(1400)
    dialog = open_dialog()
    dialog.filter.words.setText("nothing like it")
    asked_for(dialog, qtbot)
    told = "No job fits so far. The newest {} of {} jobs were looked through."
    assert dialog.notice.text().startswith(told.format(*map(QLocale().toString, (1000, 1400))))
    assert "cannot search for this itself: Load All goes through the rest" in dialog.notice.text()
    dialog.all_button.click()
    wait(qtbot, lambda: dialog.notice.text() == "No job of this account fits.", LONG)
    assert not dialog.all_button.isEnabled()


def test_a_job_is_adopted_once_and_marked(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    ours, other = made_elsewhere(session, "Ours", "Other")
    for handle in (ours, other):
        simulator.mapflow.finish(handle.remote_id)
    adopt(qtbot, session, ours)
    dialog = open_dialog()
    marked = dict(zip(texts(dialog), texts(dialog, Column.HERE)))
    assert marked == {"Ours": "Yes", "Other": ""}
    pick(dialog, "Ours")
    assert not dialog.adopt_button.isEnabled()
    pick(dialog, "Ours", "Other")
    dialog.adopt()
    dialog.adopt()  # a second click before the first is through
    wait(qtbot, lambda: set(texts(dialog, Column.HERE)) == {"Yes"}, LONG)
    job = session.known("mapflow", other.remote_id)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)
    assert len(session.jobs) == 2
    assert job.request["aoi"] is not None
    assert job.request["values"]["model"] == "🏠 Buildings"
    assert len(simulator.mapflow.jobs) == 2


def test_a_running_job_is_followed_from_then_on(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    simulator.mapflow.next_job(run_time=1e9)
    (handle,) = made_elsewhere(session, "Long")
    dialog = open_dialog()
    pick(dialog, "Long")
    dialog.adopt_button.click()
    wait(qtbot, lambda: session.known("mapflow", handle.remote_id) is not None, LONG)
    simulator.mapflow.finish(handle.remote_id)
    job = session.known("mapflow", handle.remote_id)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)


def test_a_result_is_brought_onto_the_map(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    (handle,) = made_elsewhere(session, "Quay")
    simulator.mapflow.finish(handle.remote_id)
    dialog = open_dialog()
    pick(dialog, "Quay")
    dialog.load_button.click()
    wait(qtbot, lambda: len(QgsProject.instance().mapLayers()) == 1, LONG)
    with qtbot.waitSignal(dialog.shown, timeout=LONG) as shown:
        dialog.load_button.click()
    assert shown.args == [session.known("mapflow", handle.remote_id).id]


def test_a_job_that_vanished_meanwhile_is_told(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    (handle,) = made_elsewhere(session, "Quay")
    dialog = open_dialog()
    simulator.mapflow.jobs[handle.remote_id].archived = True
    pick(dialog, "Quay")
    dialog.adopt_button.click()
    wait(qtbot, lambda: dialog.notice.level() == "failed", LONG)
    assert session.jobs == {}


def test_taking_over_goes_on_when_the_window_is_closed(
    session: Any, simulator: Any, make_dock: Any, qtbot: Any
) -> None:
    mapflow_account(session, simulator)
    ours, gone = made_elsewhere(session, "Ours", "Gone")
    dialog = make_dock().jobs_page.windows.open_past()
    dialog.account.select(KEY)
    wait(qtbot, lambda: dialog.model.rowCount() == 2, LONG)
    simulator.mapflow.jobs[gone.remote_id].archived = True
    dialog.table.selectAll()
    dialog.adopt()
    dialog.reject()
    wait(qtbot, lambda: session.known("mapflow", ours.remote_id) is not None, LONG)
    wait(qtbot, lambda: not session._waiting, LONG)
    assert session.known("mapflow", gone.remote_id) is None


def test_a_job_is_repeated_in_the_form(session: Any, simulator: Any, make_dock: Any, qtbot: Any) -> None:
    mapflow_account(session, simulator)
    made_elsewhere(session, "Quay", zoom=18)
    dock = make_dock()
    dialog = dock.jobs_page.windows.open_past()
    dialog.account.select(KEY)
    wait(qtbot, lambda: dialog.model.rowCount() == 1, LONG)
    pick(dialog, "Quay")
    dialog.repeat_button.click()
    wait(qtbot, lambda: dock.new_job.form.values().get("name") == "Quay", LONG)
    values = dock.new_job.form.values()
    assert (values["model"], values["zoom"]) == ("🏠 Buildings", 18)
    wait(qtbot, lambda: dock.new_job.checker.verdict is not None and dock.new_job.checker.verdict.pieces, LONG)
    assert round(dock.new_job.checker.verdict.km2, 2) == round(ROOFS.area_km2, 2)
    assert len(simulator.mapflow.jobs) == 1


def test_a_service_with_a_short_memory_is_looked_through_too(
    session: Any, simulator: Any, qgis_iface: Any, qtbot: Any
) -> None:
    from groundtrack.providers.operation import Request

    key = add_account(session, simulator.sateais.url, key=SATEAIS_KEY)
    provider = session.provider(session.account(key))
    handle = provider.submit(Request("ship", {"date": "2026-05-04"}, ROOFS))
    provider.transport.close()
    dialog = PastDialog(session, qgis_iface.mainWindow())
    qtbot.addWidget(dialog)
    dialog.account.select(key)
    dialog.show()
    wait(qtbot, lambda: dialog.model.rowCount() == 1, LONG)
    assert texts(dialog, Column.TASK) == ["Ships"]
    assert not dialog.filter.project.isVisible()
    dialog.table.selectRow(0)
    with qtbot.waitSignal(dialog.repeat_wanted, timeout=LONG) as repeated:
        dialog.repeat_button.click()
    assert repeated.args[1].values["date"] == "2026-05-04"
    simulator.sateais.finish(handle.remote_id)
    dialog.adopt_button.click()
    wait(qtbot, lambda: session.known("sateais", handle.remote_id) is not None, LONG)
    job = session.known("sateais", handle.remote_id)
    wait(qtbot, lambda: session.jobs[job.id].state is State.FETCHED, LONG)
    assert job.title == "Ships"


@pytest.mark.parametrize("kind", ["garbage", "html", "empty", "status"])
def test_a_past_that_cannot_be_read_is_told(open_dialog: Any, simulator: Any, qtbot: Any, kind: str) -> None:
    simulator.faults.add(kind, path="/rest/processings/stats", times=0)
    dialog = open_dialog()
    assert dialog.notice.level() == "failed"
    simulator.faults.clear()
    dialog.refresh_button.click()
    wait(qtbot, lambda: "remembers no job" in dialog.notice.text(), LONG)


def test_jobs_without_a_number_are_only_shown(open_dialog: Any, session: Any, simulator: Any) -> None:
    simulator.mapflow.settings.stats_shape = "no_links"
    made_elsewhere(session, "Quay")
    dialog = open_dialog()
    dialog.table.selectRow(0)
    assert not any(button.isEnabled() for button in (dialog.adopt_button, dialog.load_button, dialog.repeat_button))


@pytest.mark.parametrize(("width", "missing"), [(1300, set()), (640, {Column.AREA, Column.TASK})])
def test_columns_give_way_to_the_name(open_dialog: Any, session: Any, qtbot: Any, width: int, missing: set) -> None:
    made_elsewhere(session, "A rather long name of a job that nobody cuts short")
    dialog = open_dialog()
    dialog.resize(width, 500)
    wait(qtbot, lambda: missing <= {column for column in Column if dialog.table.isColumnHidden(column)}, LONG)
    assert dialog.table.columnWidth(Column.NAME) > 100
    assert not dialog.table.isColumnHidden(Column.STATE)


def test_closing_breaks_off_what_is_asked(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    dialog = open_dialog()
    simulator.faults.add("hang", path="/rest/processings/stats", times=0)
    dialog.refresh()
    wait(qtbot, lambda: len(simulator.requests.find(path="/rest/processings/stats")) >= 2, LONG)
    ended = threading.Event()
    session.poller.answered.connect(lambda *_: ended.set())
    dialog.reject()
    wait(qtbot, ended.is_set, LONG)  # long before the server would answer
    assert dialog.model.rowCount() == 0


def test_what_is_listed_is_exported_without_any_formula(
    open_dialog: Any, session: Any, simulator: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    evil = ['=HYPERLINK("http://x")', "+1", "-1", "@x", 'Quote " and, comma', "Line\nbreak 🏠"]
    for handle, name in zip(made_elsewhere(session, *"abcdef", zoom=18), evil):
        simulator.mapflow.jobs[handle.remote_id].name = name
    dialog = open_dialog()
    target = tmp_path / "jobs"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(target), "")))
    dialog.export_button.click()
    wait(qtbot, lambda: "6 jobs were exported" in dialog.notice.text(), LONG)
    text = (tmp_path / "jobs.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert {row["name"] for row in rows} == {f"'{name}" for name in evil[:4]} | {'Quote " and, comma', "Line break 🏠"}
    assert {row["cost"] for row in rows} == {"13.0"}
    assert {row["cost_unit"] for row in rows} == {"credits"}
    target = tmp_path / "missing" / "jobs.csv"
    dialog.export_button.click()
    wait(qtbot, lambda: "could not be written" in dialog.notice.text(), LONG)


def test_all_of_a_past_without_pages_is_shown_once(open_dialog: Any, simulator: Any, qtbot: Any) -> None:
    listed = [{"id": f"{number:08d}-0000-4000-8000-000000000000", "status": "OK", "name": f"Roof {number}"} for number in range(100)]
    simulator.faults.add("status", path="/rest/processings/stats", times=0, status=200, body={"results": listed})
    dialog = open_dialog()
    dialog.all_button.click()
    wait(qtbot, lambda: not dialog._ticket and not dialog.all_button.isEnabled(), LONG)
    assert len(texts(dialog)) == 100


def test_a_job_that_cannot_be_adopted_does_not_end_the_list(open_dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    made_elsewhere(session, "Ours")
    simulator.mapflow.crowd(150)
    dialog = open_dialog()
    simulator.faults.add("status", path="/rest/processings/*/v2", times=0, status=500, body={"message": "Out of order."})
    simulator.faults.add("hang", path="/rest/processings/stats", times=0)
    dialog.table.selectRow(0)
    dialog.all_button.click()
    dialog.adopt()
    wait(qtbot, lambda: "Out of order" in dialog.notice.text(), LONG)
    assert dialog._ticket
    assert not dialog.more_button.isEnabled()
