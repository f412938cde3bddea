"""What an analyst does with presets: save, open the project again, run with one click, share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.docks import KEY, add_account, running_session, squares, texts, wait

SQUARE = '{"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]}'


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    from groundtrack.network import home

    shutil.rmtree(home() / "presets", ignore_errors=True)
    with running_session(tmp_path) as running:
        yield running
    shutil.rmtree(home() / "presets", ignore_errors=True)


@pytest.fixture
def make_dock(qgis_iface: Any, qgis_canvas: Any, session: Any, simulator: Simulator, qtbot: Any) -> Iterator[Any]:
    docks = []
    add_account(session, simulator.sateais.url)

    def make() -> Any:
        from groundtrack.ui.dock import GroundtrackDock

        qgis_canvas.setExtent(QgsRectangle(3.9, 51.95, 4.2, 52.1))
        dock = GroundtrackDock(qgis_iface, session)
        qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        qgis_iface.mainWindow().show()
        docks.append(dock)
        return dock

    yield make
    for dock in docks:
        dock.close_down()
        qgis_iface.removeDockWidget(dock)
        dock.deleteLater()


@pytest.fixture
def dock(make_dock: Any) -> Any:
    return make_dock()


def choose(combo: Any, text: str) -> None:
    index = combo.findText(text, Qt.MatchFlag.MatchContains)
    assert index >= 0, text
    combo.setCurrentIndex(index)


def apply(row: Any, name: str) -> None:
    """Choose a preset in the list, as a person does."""
    choose(row.combo, name)
    row.combo.activated.emit(row.combo.currentIndex())


def save(dock: Any, name: str, place: str = "project") -> None:
    """Save the form through the menu and the dialog."""
    row = dock.new_job.presets
    row.save_button.menu().aboutToShow.emit()
    action(row, "Save as Preset").trigger()
    from groundtrack.ui.preset_dialogs import SavePresetDialog

    dialog = row.findChild(SavePresetDialog)
    dialog.name.setText(name)
    dialog.place.setCurrentIndex(dialog.place.findData(place))
    dialog.accept()


def action(row: Any, text: str) -> Any:
    return next(item for item in row.save_button.menu().actions() if item.text().startswith(text))


def ships(dock: Any, date: str = "today - 30 days") -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    page.form.input("date").set_value(date)


def entries() -> list[dict[str, Any]]:
    project = QgsProject.instance()
    return [json.loads(project.readEntry("groundtrack", f"presets/{key}")[0]) for key in project.entryList("groundtrack", "presets")]


def write_entry(preset: Any, key: str = "p1") -> None:
    QgsProject.instance().writeEntry("groundtrack", f"presets/{key}", preset if isinstance(preset, str) else json.dumps(preset))


def ship_preset(**more: Any) -> dict[str, Any]:
    request = {"provider": "sateais", "operation": "ship", "account": "Port of X", "values": {"date": "2026-05-04"}}
    return {"schema": 2, "name": "Weekly", **request, "area": {"rule": "view"}, **more}


def combo_names(row: Any) -> list[str]:
    return [row.combo.itemText(index) for index in range(row.combo.count()) if row.combo.itemText(index)]


def days_ago(days: int) -> str:
    import datetime as dt

    return (dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=days)).isoformat()


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


def test_missing_account_another_is_chosen(dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    from groundtrack.ui.preset_dialogs import MissingAccountDialog

    write_entry(ship_preset(account="Elsewhere"))
    page = dock.new_job
    page.presets.shelf._stores["project"]._load()
    apply(page.presets, "Weekly")
    dialog = page.findChild(MissingAccountDialog)
    assert "The preset uses the account “Elsewhere” of SateAIs, which is not here." in texts(dialog)
    dialog.accept()
    assert page.account.info().name == "Port of X"
    assert page.form.values()["date"] == "2026-05-04"


def test_missing_account_a_new_one_is_added_and_the_preset_goes_on(dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    from groundtrack.ui.account_dialog import AccountDialog
    from groundtrack.ui.preset_dialogs import MissingAccountDialog

    write_entry(ship_preset(account="Elsewhere"))
    page = dock.new_job
    page.presets.shelf._stores["project"]._load()
    page.presets.run_button.click()
    page.findChild(MissingAccountDialog).add_button.click()
    account = dock.findChild(AccountDialog)
    account.name.setText("Elsewhere")
    account.form.set_values({"url": simulator.sateais.url, "api_key": KEY})
    account.remember.setChecked(False)
    account.save()
    assert page.account.info().name == "Elsewhere"
    assert page.form.values()["date"] == "2026-05-04"
    wait(qtbot, lambda: len(session.jobs) == 1)
    dock._dialog.close()


def test_variables_are_asked_and_stay_open_in_the_preset(dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.preset_dialogs import VariablesDialog

    write_entry(ship_preset(values={"date": "{day}", "date_direction": "before"}))
    page = dock.new_job
    page.presets.shelf._stores["project"]._load()
    apply(page.presets, "Weekly")
    dialog = page.findChild(VariablesDialog)
    dialog.accept()
    assert "day is missing" in texts(dialog)
    dialog.form.input("v0").set_value("2026-05-06")
    dialog.accept()
    assert page.form.values()["date"] == "2026-05-06"
    page.form.input("date_direction").set_value("after")
    row = page.presets
    row.save_button.menu().aboutToShow.emit()
    action(row, "Update").trigger()
    assert entries()[0]["values"] == {"date": "{day}", "date_direction": "after"}


def test_a_newer_preset_can_only_be_kept(dock: Any, session: Any) -> None:
    newer = {"schema": 99, "name": "From the future", "tides": [1, 2]}
    write_entry(newer)
    row = dock.new_job.presets
    row.shelf._stores["project"]._load()
    assert combo_names(row) == ["From the future"]
    assert not row.run_button.isEnabled()
    apply(row, "future")
    assert "made by a newer version" in row.notice.text()
    row.save_button.menu().aboutToShow.emit()
    assert not action(row, "Update").isEnabled()
    assert entries() == [newer]


def test_an_untrusted_preset_changes_nothing_but_the_form(dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    before = [dict(info.public) for info in session.store.infos("sateais")]
    write_entry(
        ship_preset(
            url="http://evil.example", public={"url": "http://evil.example"}, values={"date": "2026-05-04", "url": "http://evil.example"}
        )
    )
    write_entry("[" * 50_000, "p2")
    write_entry({"schema": 2, "name": "Nobody's", "provider": "../../evil", "operation": "x"}, "p3")
    row = dock.new_job.presets
    row.shelf._stores["project"]._load()
    assert combo_names(row) == ["Weekly", "Nobody's"]
    apply(row, "Weekly")
    assert "Not known here and left out: url." in row.notice.text()
    row.run_button.click()
    wait(qtbot, lambda: any(job.remote_id for job in session.jobs.values()))
    assert [dict(info.public) for info in session.store.infos("sateais")] == before
    assert "evil" not in json.dumps([job.request for job in session.jobs.values()], default=str)
    dock.tabs.setCurrentIndex(0)
    apply(row, "Nobody's")
    assert "not part of this version" in row.notice.text()


def test_no_secret_and_no_authentication_id_in_project_or_file(
    dock: Any, session: Any, auth_manager: Any, simulator: Simulator, tmp_path: Path, qtbot: Any
) -> None:
    add_account(session, simulator.sateais.url, "Stored", remember=True)
    info = session.store.find("sateais/Stored")
    assert info.stored
    page = dock.new_job
    page.account.select(info.key)
    ships(dock)
    save(dock, "Weekly")
    save(dock, "Mine", "profile")
    page.account.choose_for_project()
    QgsProject.instance().write(str(tmp_path / "port.qgs"))
    row = page.presets
    row.shelf.write_file(tmp_path / "shared.json", row.shelf.kept(), lambda: None)
    wait(qtbot, (tmp_path / "shared.json").exists)
    from groundtrack.network import home

    written = [tmp_path / "port.qgs", tmp_path / "shared.json", *(home() / "presets").glob("*.json")]
    assert len(written) == 3
    for path in written:
        text = path.read_text()
        assert KEY not in text
        assert info.stored not in text
        assert simulator.sateais.url not in text


def test_values_with_a_key_are_left_out_and_named(dock: Any) -> None:
    page = dock.new_job
    ships(dock)
    page.form.input("scene_id").set_value("https://user:word@example.org/S1A")
    save(dock, "Scene")
    assert "Left out, because it holds a key: Scene ID." in page.presets.notice.text()
    assert "word" not in json.dumps(entries())


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


def drop(dock: Any, *paths: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter, event = QDragEnterEvent(QPoint(5, 5), *how), QDropEvent(QPointF(5, 5), *how)
    enter.ignore()
    QApplication.sendEvent(dock.tabs, enter)
    if enter.isAccepted():
        QApplication.sendEvent(dock.tabs, event)
    return bool(enter.isAccepted())


def test_files_dropped_onto_the_dock_join_the_project(dock: Any, tmp_path: Path, qtbot: Any) -> None:
    one, many, image = tmp_path / "one.json", tmp_path / "many.json", tmp_path / "a.tif"
    one.write_text(json.dumps(ship_preset()))
    many.write_text(json.dumps({"schema": 2, "presets": [ship_preset(), ship_preset(name="Other")]}))
    image.write_text("x")
    row = dock.new_job.presets
    dock.tabs.setCurrentWidget(dock.jobs_page)
    assert not drop(dock, image)
    assert drop(dock, one, many)
    wait(qtbot, lambda: combo_names(row) == ["Weekly", "Weekly (2)", "Other"])
    assert dock.new_job.isVisible()
    assert "3 presets were added" in row.notice.text()
    assert len(entries()) == 3
    one.write_text("{")
    drop(dock, one)
    wait(qtbot, lambda: "one.json is not JSON" in row.notice.text())


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
