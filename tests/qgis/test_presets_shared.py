"""Presets that are shared: accounts that are not here, variables, newer and untrusted ones, secrets, dropped files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.docks import KEY, add_account, choose, texts, wait
from support.presets import action, apply, combo_names, entries, save, ship_preset, ships, write_entry


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
    assert account.name.text() == "Elsewhere"  # as the preset calls it, which finds it from then on
    account.form.set_values({"url": simulator.sateais.url, "api_key": KEY})
    account.remember.setChecked(False)
    account.save()
    assert page.account.info().name == "Elsewhere"
    assert page.form.values()["date"] == "2026-05-04"
    wait(qtbot, lambda: len(session.jobs) == 1)


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
    many.write_text(json.dumps({"schema": 2, "presets": [ship_preset(account="Another"), ship_preset(name="Other")]}))
    image.write_text("x")
    row = dock.new_job.presets
    dock.tabs.setCurrentWidget(dock.jobs_page)
    assert not drop(dock, image)
    assert drop(dock, one, many)
    wait(qtbot, lambda: combo_names(row) == ["Weekly", "Weekly (2)", "Other"])
    assert dock.new_job.isVisible()
    assert "3 presets were added" in row.notice.text()
    assert len(entries()) == 3
    drop(dock, one)
    wait(qtbot, lambda: "“Weekly” is in the project already." in row.notice.text())
    assert (len(entries()), row.combo.currentText()) == (3, "Weekly")
    one.write_text("{")
    drop(dock, one)
    wait(qtbot, lambda: "one.json is not JSON" in row.notice.text())


def test_a_file_with_an_area_is_dropped_onto_the_dock(dock: Any, tmp_path: Path, qtbot: Any) -> None:
    square = {"type": "Polygon", "coordinates": [[[4, 52], [4.1, 52], [4.1, 52.1], [4, 52]]]}
    for name in ("town.geojson", "town.json"):
        (tmp_path / name).write_text(json.dumps(square))
        dock.new_job.area.set_source("view")
        dock.tabs.setCurrentWidget(dock.jobs_page)
        assert drop(dock, tmp_path / name)
        wait(qtbot, lambda: dock.new_job.area.source() == "drawn")
        assert dock.new_job.area.label() == name
        assert dock.new_job.isVisible()
    assert not drop(dock, tmp_path / "town.geojson", tmp_path / "town.json")
    assert entries() == []


def local_preset(image: str) -> dict[str, Any]:
    return ship_preset(name="Remote", provider="local", operation="ndvi", account="", values={"image": image}, area={"rule": "whole"})


def test_addresses_of_somebody_elses_preset_are_asked_about_once(dock: Any, qtbot: Any) -> None:
    from groundtrack.ui.preset_trust import AddressesDialog

    write_entry(local_preset("/vsis3/strangers-bucket/scene.tif"))
    row, page = dock.new_job.presets, dock.new_job
    row.shelf._stores["project"]._load()
    before = page.task.operation().key
    apply(row, "Remote")
    dialog = page.findChild(AddressesDialog)
    assert dialog.list.toPlainText() == "/vsis3/strangers-bucket/scene.tif"
    dialog.reject()
    assert page.task.operation().key == before
    apply(row, "Remote")
    dialog = next(item for item in page.findChildren(AddressesDialog) if item.isVisible())
    dialog.accept()
    assert page.form.values()["image"] == "/vsis3/strangers-bucket/scene.tif"
    page.form.input("image").set_value("")
    apply(row, "Remote")
    assert page.form.values()["image"] == "/vsis3/strangers-bucket/scene.tif"
    write_entry(local_preset("s3://another/scene.tif"))
    row.shelf._stores["project"]._load()
    apply(row, "Remote")
    assert [item.list.toPlainText() for item in page.findChildren(AddressesDialog) if item.isVisible()] == ["s3://another/scene.tif"]


def test_addresses_of_presets_made_here_are_not_asked_about(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    from groundtrack.ui.preset_trust import AddressesDialog

    page = dock.new_job
    page.account.select("local/This computer")
    choose(page.task.combo, "NDVI")
    page.form.input("image").set_value("https://127.0.0.1:9/scene.tif")
    save(dock, "Mine")
    apply(page.presets, "Mine")
    assert page.findChild(AddressesDialog) is None
