"""The list of presets, and dates told in relation to today."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget
from support.docks import running_session, texts, wait


@pytest.fixture
def shelf(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    from groundtrack.network import home
    from groundtrack.ui.preset_shelf import Shelf

    shutil.rmtree(home() / "presets", ignore_errors=True)
    with running_session(tmp_path) as session:
        parent = QWidget()
        made = Shelf(session, parent)
        yield made
        made.close_down()
        parent.deleteLater()
    shutil.rmtree(home() / "presets", ignore_errors=True)


@pytest.fixture
def manager(shelf: Any, qtbot: Any) -> Any:
    from groundtrack.ui.preset_manager import PresetManager

    dialog = PresetManager(shelf, "")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def add(shelf: Any, *names: str, place: str = "project") -> list[Any]:
    from groundtrack.presets.preset import Preset

    return [shelf.add(Preset(name, "sateais", "ship", "Port of X", {"date": "today"}), place) for name in names]


def names(shelf: Any, place: str = "project") -> list[str]:
    return [kept.preset.name for kept in shelf.kept(place)]


def reopened(tmp_path: Path) -> list[str]:
    """Names after the project was saved and opened again, in a shelf's order."""
    from groundtrack.ui.preset_project import ProjectPresets

    project = QgsProject.instance()
    assert project.write(str(tmp_path / "again.qgz"))
    project.clear()
    assert project.read(str(tmp_path / "again.qgz"))
    parent = QWidget()
    store = ProjectPresets(parent)
    found = [preset.name for preset in store.presets().values()]
    store.close_down()
    return found


def test_renaming_in_the_list(shelf: Any, manager: Any, qtbot: Any) -> None:
    first, _ = add(shelf, "One", "Two")
    manager.select(first.key)
    QgsProject.instance().setDirty(False)
    manager.rename_button.click()
    editor = manager.tree.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "First")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    wait(qtbot, lambda: names(shelf) == ["First", "Two"])
    assert QgsProject.instance().isDirty()


@pytest.mark.parametrize(("name", "words"), [("Two", "already a preset called “Two”"), ("  ", "needs a name")])
def test_names_that_are_taken_or_empty_are_refused(shelf: Any, manager: Any, qtbot: Any, name: str, words: str) -> None:
    add(shelf, "One", "Two")
    manager._items()[0].setText(0, name)
    wait(qtbot, lambda: words in texts(manager))
    assert names(shelf) == ["One", "Two"]
    assert manager._items()[0].text(0) == "One"


def test_duplicates_stand_at_the_end_and_are_chosen(shelf: Any, manager: Any) -> None:
    first, _ = add(shelf, "One", "Two")
    manager.select(first.key)
    manager.duplicate_button.click()
    assert names(shelf) == ["One", "Two", "One (2)"]
    assert [kept.preset.name for kept in manager.chosen()] == ["One (2)"]


def test_the_order_is_kept_by_the_project(shelf: Any, manager: Any, tmp_path: Path) -> None:
    _, _, third = add(shelf, "One", "Two", "Three")
    manager.select(third.key)
    manager.up_button.click()
    manager.up_button.click()
    assert not manager.up_button.isEnabled()
    assert names(shelf) == ["Three", "One", "Two"]
    assert reopened(tmp_path) == ["Three", "One", "Two"]


def test_deleting_asks_first(shelf: Any, manager: Any, monkeypatch: Any, tmp_path: Path) -> None:
    first, _ = add(shelf, "One", "Two")
    asked = []
    answer = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", staticmethod(lambda *args: asked.append(args[2]) or answer))
    manager.select(first.key)
    manager.delete_button.click()
    assert names(shelf) == ["One", "Two"]
    answer = QMessageBox.StandardButton.Yes
    QTest.keyClick(manager.tree, Qt.Key.Key_Delete)
    assert names(shelf) == ["Two"]
    assert asked == ["Delete the preset “One”?"] * 2
    assert reopened(tmp_path) == ["Two"]


def test_many_are_exported_and_imported(shelf: Any, manager: Any, monkeypatch: Any, tmp_path: Path, qtbot: Any) -> None:
    add(shelf, "One", "Two")
    path = tmp_path / "shared"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *args: (str(path), "")))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", staticmethod(lambda *args: ([f"{path}.json"], "")))
    manager.tree.selectAll()
    manager.export_button.click()
    wait(qtbot, lambda: "2 presets were exported." in texts(manager))
    assert [item["name"] for item in json.loads((tmp_path / "shared.json").read_text())["presets"]] == ["One", "Two"]
    manager.tree.clearSelection()
    manager.import_button.click()
    wait(qtbot, lambda: "All 2 presets are in the project already." in texts(manager))
    assert names(shelf) == ["One", "Two"]
    one, two = shelf.kept()
    shelf.change(one, replace(one.preset, account="Another"))
    shelf.remove(two)
    manager.import_button.click()
    wait(qtbot, lambda: "2 presets were added to the project." in texts(manager))
    assert names(shelf) == ["One", "One (2)", "Two"]
    manager.copy_button.click()
    assert "were added" not in texts(manager)


def test_a_copy_in_the_profile_outlives_the_project(shelf: Any, manager: Any, tmp_path: Path) -> None:
    from groundtrack.network import home

    (first,) = add(shelf, "One")
    manager.select(first.key)
    manager.copy_button.click()
    QgsProject.instance().clear()
    assert names(shelf) == []
    assert names(shelf, "profile") == ["One"]
    assert len(list((home() / "presets").glob("One_*.json"))) == 1


def test_what_a_newer_version_made_is_read_only(shelf: Any, manager: Any) -> None:
    from groundtrack.presets.preset import Preset

    kept = shelf.add(Preset("Later", newer={"schema": 9, "name": "Later", "x": 1}), "project")
    manager.select(kept.key)
    assert not manager.rename_button.isEnabled()
    assert manager.export_button.isEnabled()
    assert shelf.change(kept, Preset("Mine")) is None
    assert shelf.find(kept.key).preset.to_dict() == {"schema": 9, "name": "Later", "x": 1}


def test_too_large_for_the_project_is_told(shelf: Any, manager: Any) -> None:
    from groundtrack.presets.preset import Preset

    assert shelf.add(Preset("Big", "sateais", "ship", values={"script": "x" * 2_000_000}), "project") is None
    assert "too large for the project" in texts(manager)
    assert QgsProject.instance().entryList("groundtrack", "presets") == []


@pytest.fixture
def form(qgis_app: Any, qtbot: Any) -> Any:
    from groundtrack.providers.fields import Field, Kind
    from groundtrack.ui.form import OperationForm

    labels = {"date_start": "Start date", "date_end": "End date", "day": "Day"}
    made = OperationForm([Field(name, label, Kind.DATE) for name, label in labels.items()])
    qtbot.addWidget(made)
    made.show()
    return made


def menu(form: Any, name: str) -> dict[str, Any]:
    button = form.input(name).button
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions()}


def test_a_span_sets_both_dates(form: Any) -> None:
    menu(form, "date_end")["Same Month Last Year"].trigger()
    assert form.rules() == {"date_start": "month start - 1 year", "date_end": "month end - 1 year"}
    start, end = (QDate.fromString(form.values()[name], Qt.DateFormat.ISODate) for name in ("date_start", "date_end"))
    assert start.day() == 1
    assert end.day() == start.daysInMonth()
    assert "(start of month, 1 year ago)" in form.input("date_start").edit.text()
    assert "Both Dates" not in menu(form, "day")


def test_a_day_typed_by_hand_stands(form: Any) -> None:
    menu(form, "day")["30 Days Ago"].trigger()
    assert form.rules()["day"] == "today - 30 days"
    assert menu(form, "day")["30 Days Ago"].isChecked()
    form.input("day").edit.setDate(QDate(2026, 5, 4))
    assert form.rules()["day"] == form.values()["day"] == "2026-05-04"
    assert form.input("day").edit.text() == "2026-05-04"


def test_fixing_a_date_keeps_the_day(form: Any) -> None:
    menu(form, "day")["Start of This Month"].trigger()
    day = form.values()["day"]
    menu(form, "day")["Fixed Date"].trigger()
    assert form.rules()["day"] == day


def test_any_number_of_days(form: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(QInputDialog, "getInt", staticmethod(lambda *args: (12, True)))
    menu(form, "day")["Days Before Today…"].trigger()
    assert form.rules()["day"] == "today - 12 days"


def test_the_day_moves_along_at_midnight(form: Any, monkeypatch: Any) -> None:
    import datetime as dt

    form.input("day").set_value("today - 1 day")
    monkeypatch.setattr("groundtrack.ui.field_widgets.today_utc", lambda: dt.date(2031, 1, 1))
    assert form.values()["day"] == "2030-12-31"
