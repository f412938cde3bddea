"""What an analyst does with presets: save, open the project again, run with one click."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.docks import SQUARE, choose, squares, texts, wait
from support.presets import action, apply, combo_names, days_ago, entries, save, ship_preset, ships, write_entry


@pytest.fixture
def make_dock(make_dock: Callable[[], Any], sateais_account: str) -> Callable[[], Any]:
    """Every dock of this journey finds an account."""
    return make_dock


@pytest.mark.parametrize("ending", ["qgz", "qgs"])
def test_opened_project_runs_its_preset_with_one_click(
    make_dock: Any, session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path, ending: str
) -> None:
    first = make_dock()
    ships(first)
    save(first, "Weekly port watch")
    project = QgsProject.instance()
    assert project.isDirty()
    assert project.write(str(tmp_path / f"port.{ending}"))
    assert project.write(str(tmp_path / f"copy.{ending}"))
    project.clear()
    assert combo_names(first.new_job.presets) == ["No presets yet"]
    assert not first.new_job.presets.run_button.isEnabled()
    assert project.read(str(tmp_path / f"copy.{ending}"))
    assert not project.isDirty()
    dock = make_dock()
    dock.new_job.presets.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 1)
    wait(qtbot, lambda: any(job.remote_id for job in session.jobs.values()))
    assert len([r for r in simulator.requests.find("POST") if "preview" not in r.path]) == 1
    job = next(iter(session.jobs.values()))
    assert job.asked().values["date"] == days_ago(30)
    assert dock.tabs.currentWidget() is dock.jobs_page


def test_the_same_run_again_asks_first(dock: Any, session: Any, qtbot: Any) -> None:
    QApplication.clipboard().setText(SQUARE)
    dock.new_job.area.menus.paste_action.trigger()
    ships(dock)
    save(dock, "Weekly")
    row = dock.new_job.presets
    row.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 1)
    dock.tabs.setCurrentIndex(0)
    row.run_button.click()
    wait(qtbot, lambda: "The same request was sent" in texts(dock.new_job))
    assert len(session.jobs) == 1


def test_what_is_wrong_stops_the_run(dock: Any, session: Any, qtbot: Any) -> None:
    write_entry(ship_preset(values={"date": "2026-05-04", "date_direction": "sideways"}))
    dock.new_job.presets.shelf._stores["project"]._load()
    dock.new_job.presets.run_button.click()
    wait(qtbot, lambda: "was not run" in dock.new_job.presets.notice.text())
    assert "Search direction cannot be “sideways”" in dock.new_job.presets.notice.text()
    choose(dock.new_job.task.combo, "New Buildings")
    save(dock, "Unfinished")
    dock.new_job.presets.run_button.click()
    wait(qtbot, lambda: "cannot be sent as it is" in dock.new_job.presets.notice.text())
    assert session.jobs == {}


def test_a_change_in_between_stops_the_run(dock: Any, session: Any, qtbot: Any) -> None:
    ships(dock)
    save(dock, "Weekly")
    dock.new_job.presets.run_button.click()
    dock.new_job.form.input("date").set_value("2026-05-04")
    wait(qtbot, lambda: "changed meanwhile" in dock.new_job.presets.notice.text())
    assert session.jobs == {}


def test_applying_brings_the_whole_form_back(dock: Any, qtbot: Any) -> None:
    page = dock.new_job
    QApplication.clipboard().setText(SQUARE)
    page.area.menus.paste_action.trigger()
    ships(dock)
    choose(page.form.input("date_direction").widget, "Before")
    save(dock, "Before")
    choose(page.task.combo, "New Buildings")
    page.area.set_source("view")
    apply(page.presets, "Before")
    assert page.task.operation().key == "ship"
    assert page.form.values()["date_direction"] == "before"
    assert page.form.values()["date"] == days_ago(30)
    assert page.form.rules()["date"] == "today - 30 days"
    assert page.area.source() == "drawn"
    assert page.area.pieces()[0].bounds == (3.9, 51.95, 4.2, 52.1)


def test_a_layer_is_found_by_its_name(dock: Any, session: Any, qtbot: Any) -> None:
    layer = squares(1, "harbours")
    squares(2, "other")
    page = dock.new_job
    ships(dock)
    page.area.set_source("layer")
    page.area.layer_box.setLayer(layer)
    save(dock, "Harbours")
    assert entries()[0]["area"] == {"rule": "layer", "layer": "harbours"}
    page.area.set_source("view")
    page.presets.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 1)
    QgsProject.instance().removeMapLayer(layer)
    dock.tabs.setCurrentIndex(0)
    page.presets.run_button.click()
    assert "layer “harbours”, which this project does not have" in page.presets.notice.text()
    wait(qtbot, lambda: page.checker.verdict is not None)
    assert page.checker.verdict.errors
    assert len(session.jobs) == 1


def test_update_keeps_the_name_and_marks_the_project(dock: Any) -> None:
    ships(dock)
    save(dock, "Weekly")
    QgsProject.instance().setDirty(False)
    dock.new_job.form.input("date").set_value("today - 7 days")
    row = dock.new_job.presets
    row.save_button.menu().aboutToShow.emit()
    action(row, "Update “Weekly”").trigger()
    assert QgsProject.instance().isDirty()
    assert [item["values"]["date"] for item in entries()] == ["today - 7 days"]


def test_personal_presets_are_there_in_every_project(make_dock: Any, qtbot: Any) -> None:
    first = make_dock()
    ships(first)
    save(first, "Mine", "profile")
    QgsProject.instance().clear()
    assert entries() == []
    row = make_dock().new_job.presets
    wait(qtbot, lambda: combo_names(row) == ["Mine"])
    write_entry(ship_preset())
    row.shelf._stores["project"]._load()
    assert combo_names(row) == ["Weekly", "Mine"]
    assert row.combo.currentText() == "Weekly"


def test_a_closed_dock_hears_nothing_of_projects(make_dock: Any, qgis_iface: Any, tmp_path: Path) -> None:
    from groundtrack.ui.dock import GroundtrackDock

    dock = GroundtrackDock(qgis_iface, make_dock()._session)
    heard: list[int] = []
    dock.new_job.presets.shelf.changed.connect(lambda: heard.append(1))
    dock.close_down()
    write_entry(ship_preset())
    QgsProject.instance().write(str(tmp_path / "x.qgz"))
    QgsProject.instance().read(str(tmp_path / "x.qgz"))
    QgsProject.instance().clear()
    assert heard == []
    dock.deleteLater()
