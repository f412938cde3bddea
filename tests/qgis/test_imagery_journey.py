"""What an analyst does with imagery of their own: real widgets, a real poller, the simulated Mapflow."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from simulator.client import START
from support.docks import running_session, texts, wait

LONG = 30_000  # ms
PIER = QgsRectangle(4.39, 51.22, 4.43, 51.25)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as running:
        yield running
        assert running.mapflow.leaks == []


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("groundtrack.ui.imagery_desk.home", lambda: tmp_path / "home")
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def account(session: Any, simulator: Simulator) -> str:
    from groundtrack.providers.base import Account, Secrets

    secret = Secrets({"api_token": simulator.mapflow.token})
    info = session.store.save(Account("mapflow", "Harbour", {"url": simulator.mapflow.url}, secret), remember=False)
    session.refresh_accounts()
    return str(info.key)


@pytest.fixture
def dock(make_dock: Any, account: str, qgis_canvas: Any) -> Any:
    dock = make_dock()
    qgis_canvas.setExtent(PIER)
    return dock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return geotiff(tmp_path / "pier_01.tif")


def geotiff(path: Path, bands: int = 3) -> Path:
    raster = gdal.GetDriverByName("GTiff").Create(str(path), 400, 300, bands)
    raster.SetGeoTransform((4.39, 0.0001, 0, 51.25, 0, -0.0001))
    raster.SetProjection(QgsCoordinateReferenceSystem("EPSG:4326").toWkt())
    for band in range(bands):
        raster.GetRasterBand(band + 1).Fill(60 * (band + 1))
    del raster
    return path


@pytest.fixture
def manager(dock: Any, qtbot: Any) -> Any:
    """The dialog, reached as a person reaches it."""
    wait(qtbot, lambda: dock.new_job.task.operation() is not None, LONG)
    line = dock.new_job.form.input("mosaic_id").widget
    action = next(item for item in line.actions() if item.toolTip() == "My Imagery…")
    action.trigger()
    dialog = dock.imagery.dialog
    wait(qtbot, lambda: dialog.storage.used is not None, LONG)
    return dialog


def answered(accept: Any) -> None:
    """Answer the dialog that opens next."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            QTimer.singleShot(20, look)
        else:
            accept(box)

    QTimer.singleShot(20, look)


def named(text: str, tags: str = "") -> Any:
    def answer(box: Any) -> None:
        box.name.setText(text)
        box.tags.setText(tags)
        box.accept()

    return answer


def mosaic(simulator: Simulator) -> Any:
    return next(iter(simulator.mapflow.mosaics.values()))


def sent(dialog: Any, qtbot: Any, file: Path) -> Any:
    """Upload a file into the chosen mosaic, or a new one."""
    upload = dialog.upload()
    upload.file.setFilePath(str(file))
    wait(qtbot, upload.button.isEnabled, LONG)
    upload.button.click()
    wait(qtbot, lambda: dialog.list.rows(), LONG)
    return dialog.list.rows()[0]


def test_without_imagery_it_says_how_to_begin(manager: Any) -> None:
    assert "No imagery of your own is here yet" in texts(manager)
    assert "0 bytes of 5.00 GiB used" in texts(manager).replace("\xa0", " ")
    assert not manager.use_action.isEnabled()
    assert not manager.delete_action.isEnabled()


def test_a_file_becomes_an_image_of_a_new_mosaic_and_goes_into_the_form(
    dock: Any, manager: Any, qtbot: Any, file: Path, simulator: Simulator, qgis_iface: Any
) -> None:
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: "pier_01.tif has arrived" in texts(row), LONG)
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)
    assert manager.image_model.index(0, 1).data() == "Being prepared"
    assert next(iter(simulator.mapflow.images.values())).data == file.read_bytes()
    simulator.clock.advance(60)
    manager.refresh()
    wait(qtbot, lambda: manager.image_model.rowCount() == 1 and manager.image_model.index(0, 1).data() == "Ready", LONG)
    wait(qtbot, lambda: manager.pictures.pixmap(manager.image_model.items()[0].id) is not None, LONG)
    assert any("pier_01" in item.text() for item in qgis_iface.messageBar().items())
    manager.use_action.trigger()
    assert dock.new_job.form.values()["mosaic_id"] == mosaic(simulator).mosaic_id
    wait(qtbot, lambda: dock.new_job.form._rows["mosaic_id"].complaint.text() == "pier_01", LONG)
    manager.images.selectRow(0)
    manager.use_action.trigger()
    values = dock.new_job.form.values()
    assert (values["image_ids"], "mosaic_id" in values) == ((manager.image_model.items()[0].id,), False)


def test_mosaics_are_made_renamed_and_deleted_only_once_their_name_is_typed(
    manager: Any, qtbot: Any, file: Path, simulator: Simulator
) -> None:
    answered(named("North pier", "pier, 2026"))
    manager.new_action.trigger()
    wait(qtbot, lambda: manager.mosaic_model.rowCount() == 1 and manager.mosaic() is not None, LONG)
    assert (mosaic(simulator).name, mosaic(simulator).tags) == ("North pier", ["pier", "2026"])
    sent(manager, qtbot, file)
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)
    answered(named("South pier", "pier"))
    manager.rename_action.trigger()
    wait(qtbot, lambda: manager.mosaic_model.rowCount() and manager.mosaic_model.index(0, 0).data() == "South pier", LONG)
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)
    seen = []

    def type_it(box: Any) -> None:
        seen.append((texts(box), box.button.isEnabled()))
        box.typed.setText("South Pier")
        seen.append(box.button.isEnabled())
        box.typed.setText("South pier")
        box.button.click()

    answered(type_it)
    manager.delete_action.trigger()
    wait(qtbot, lambda: not simulator.mapflow.mosaics, LONG)
    assert "its image with it" in seen[0][0]
    assert "pier_01.tif" in seen[0][0]
    assert (seen[0][1], seen[1]) == (False, False)
    wait(qtbot, lambda: "No imagery of your own" in texts(manager), LONG)


def test_who_thinks_better_of_it_deletes_nothing(manager: Any, qtbot: Any, simulator: Simulator) -> None:
    answered(named("Keep"))
    manager.new_action.trigger()
    wait(qtbot, lambda: manager.mosaic() is not None, LONG)
    answered(lambda box: box.reject())
    manager.delete_action.trigger()
    assert len(simulator.mapflow.mosaics) == 1
    assert not simulator.requests.find(method="DELETE", path="/rest/*")


def test_a_mosaic_deleted_elsewhere_is_said_so_and_the_list_comes_anew(manager: Any, qtbot: Any, simulator: Simulator) -> None:
    answered(named("Gone"))
    manager.new_action.trigger()
    wait(qtbot, lambda: manager.mosaic() is not None and not manager._ticket, LONG)
    simulator.mapflow.mosaics.clear()
    answered(named("Else"))
    manager.rename_action.trigger()
    wait(qtbot, lambda: "Refresh the list" in manager.notice.text() and not manager.mosaic_model.rowCount(), LONG)


def test_a_layer_that_is_no_file_is_said_so_and_a_layer_of_a_file_is_sent(
    manager: Any, qtbot: Any, file: Path, simulator: Simulator
) -> None:
    tiles = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/%7Bz%7D/%7Bx%7D/%7By%7D.png", "Tiles", "wms")
    layer = QgsRasterLayer(str(file), "Pier")
    assert tiles.isValid()
    assert layer.isValid()
    QgsProject.instance().addMapLayers([tiles, layer])
    upload = manager.upload()
    upload.layer.setLayer(tiles)
    assert "Tiles is no file on this computer" in upload.told.text()
    assert not upload.button.isEnabled()
    upload.layer.setLayer(layer)
    wait(qtbot, upload.button.isEnabled, LONG)
    assert "EPSG:4326" in upload.about.text()
    upload.name.setText("From a layer")
    upload.button.click()
    wait(qtbot, lambda: len(simulator.mapflow.images) == 1, LONG)
    assert mosaic(simulator).name == "From a layer"
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)


def test_what_would_be_refused_is_said_before_anything_is_sent(manager: Any, qtbot: Any, tmp_path: Path, simulator: Simulator) -> None:
    path = geotiff(tmp_path / "two.tif", bands=2)
    upload = manager.upload()
    upload.file.setFilePath(str(path))
    wait(qtbot, lambda: "2 bands" in upload.told.text(), LONG)
    assert not upload.button.isEnabled()
    upload.reject()
    assert not simulator.requests.find(method="POST", path="/rest/rasters/*")


def test_one_mosaic_is_made_for_one_upload_and_none_is_sent_after_cancel(
    dock: Any, manager: Any, qtbot: Any, file: Path, simulator: Simulator
) -> None:
    simulator.fault("slow", method="POST", path="/rest/rasters/mosaic", delay=1.0, times=0)
    upload = manager.upload()
    upload.file.setFilePath(str(file))
    wait(qtbot, upload.button.isEnabled, LONG)
    upload.button.click()
    upload._check()
    assert not upload.button.isEnabled()
    upload.upload()
    upload.reject()
    wait(qtbot, lambda: simulator.mapflow.mosaics, LONG)
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: "has arrived" in texts(row), LONG)
    assert len(simulator.requests.find(method="POST", path="/rest/rasters/mosaic")) == 2
    assert len(dock.imagery.uploads.items) == len(simulator.mapflow.images) == 1


@pytest.mark.parametrize(("step", "share"), [("looking", 0.0), ("sending", 1.0)])
def test_an_upload_that_is_stopped_once_all_of_it_has_left_has_no_known_end(
    dock: Any, manager: Any, account: str, file: Path, step: str, share: float
) -> None:
    from groundtrack.ui.imagery_uploads import Item, Step

    item = Item(account, "m-1", "Pier", file, step=Step(step), share=share)
    dock.imagery.uploads.items.append(item)
    dock.imagery.uploads.cancel(item)
    (row,) = manager.list.rows()
    assert "not known yet whether pier_01.tif arrived in Pier" in texts(row).replace("\u200b", "")
    assert row.look_button.isVisibleTo(row)
    assert not row.again_button.isVisibleTo(row)


def test_the_end_of_an_attempt_says_nothing_of_the_next_one(dock: Any, manager: Any, account: str, file: Path) -> None:
    from groundtrack.providers.cancel import Cancel
    from groundtrack.providers.errors import Cancelled
    from groundtrack.ui.imagery_uploads import Item, Step

    item = Item(account, "m-1", "Pier", file, step=Step.SENDING)
    before, item.cancel = item.cancel, Cancel()
    dock.imagery.uploads._fail(item, before, Cancelled("Stopped."))
    assert item.step is Step.SENDING


def test_an_image_that_is_gone_already_does_not_keep_the_others(
    manager: Any, qtbot: Any, file: Path, tmp_path: Path, simulator: Simulator
) -> None:
    sent(manager, qtbot, file)
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)
    sent(manager, qtbot, geotiff(tmp_path / "pier_02.tif"))
    wait(qtbot, lambda: manager.image_model.rowCount() == 2, LONG)
    manager.images.selectAll()
    del simulator.mapflow.images[manager.selected()[0].id]

    def type_it(box: Any) -> None:
        box.typed.setText(manager.mosaic().name)
        box.button.click()

    answered(type_it)
    manager.delete_action.trigger()
    wait(qtbot, lambda: not simulator.mapflow.images, LONG)
    wait(qtbot, lambda: "Refresh the list" in manager.notice.text(), LONG)


def test_a_file_that_is_gone_is_said_so(dock: Any, manager: Any, qtbot: Any, account: str, session: Any, tmp_path: Path) -> None:
    from groundtrack.ui.imagery_uploads import Item

    item = Item(account, "m-1", "Pier", tmp_path / "gone.tif")
    dock.imagery.uploads.send(session.account(account), item)
    wait(qtbot, lambda: item.step.ended, LONG)
    assert item.message == "gone.tif: The file is not there any more. Choose it again with Upload."


def test_another_format_is_exported_first(manager: Any, qtbot: Any, tmp_path: Path, simulator: Simulator) -> None:
    gdal.Translate(str(tmp_path / "pier.png"), str(geotiff(tmp_path / "whole.tif")), format="PNG")
    upload = manager.upload()
    upload.file.setFilePath(str(tmp_path / "pier.png"))
    wait(qtbot, lambda: upload._file is not None, LONG)
    assert "is exported as a GeoTIFF first" in upload.about.text()
    wait(qtbot, upload.button.isEnabled, LONG)
    upload.button.click()
    wait(qtbot, lambda: len(simulator.mapflow.images) == 1, LONG)
    assert next(iter(simulator.mapflow.images.values())).filename == "pier.tif"
    wait(qtbot, lambda: manager.image_model.rowCount() == 1, LONG)


def test_an_upload_goes_on_when_the_dialog_is_closed_and_is_told_of(
    dock: Any, manager: Any, qtbot: Any, file: Path, simulator: Simulator, qgis_iface: Any
) -> None:
    simulator.mapflow.settings.upload_rate = 200_000.0
    sent(manager, qtbot, file)
    wait(qtbot, lambda: dock.imagery.uploads.items[0].share > 0, LONG)
    manager.close()
    wait(qtbot, lambda: len(simulator.mapflow.images) == 1, LONG)
    wait(qtbot, lambda: any("pier_01.tif was uploaded" in item.text() for item in qgis_iface.messageBar().items()), LONG)


def test_cancel_is_seen_at_once_and_nothing_is_kept(dock: Any, manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    simulator.mapflow.settings.upload_rate = 20_000.0
    with file.open("ab") as growing:
        growing.truncate(30 * 2**20)
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: dock.imagery.uploads.items[0].share > 0, LONG)
    row.cancel_button.click()
    assert "was cancelled" in texts(row)
    assert row.again_button.isVisibleTo(row)
    wait(qtbot, lambda: not list(dock.imagery.uploads._notes._folder.glob("*.json")), LONG)
    assert not simulator.mapflow.images
    simulator.mapflow.settings.upload_rate = 0.0
    row.again_button.click()
    wait(qtbot, lambda: len(simulator.mapflow.images) == 1, LONG)
    wait(qtbot, lambda: "has arrived" in texts(manager.list), LONG)


def test_a_lost_answer_is_looked_for_by_itself(manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    simulator.fault("drop_after", method="POST", path="/rest/rasters/*/image")
    sent(manager, qtbot, file)
    wait(qtbot, lambda: "has arrived" in texts(manager.list), LONG)
    assert len(simulator.mapflow.images) == len(simulator.requests.find(method="POST", path="/rest/rasters/*/image")) == 1


def test_a_lost_file_can_be_sent_again(manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    simulator.fault("drop_before", method="POST", path="/rest/rasters/*/image")
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: "did not arrive" in texts(row), LONG)
    row.again_button.click()
    wait(qtbot, lambda: "has arrived" in texts(manager.list), LONG)
    assert len(simulator.mapflow.images) == 1


def test_a_file_that_came_late_is_not_sent_again(manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    simulator.fault("drop_after", method="POST", path="/rest/rasters/*/image")
    simulator.mapflow.settings.upload_list_lag = 3600.0
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: "did not arrive" in texts(row), LONG)
    simulator.mapflow.settings.upload_list_lag = 0.0
    row.again_button.click()
    wait(qtbot, lambda: "has arrived" in texts(manager.list), LONG)
    assert len(simulator.mapflow.images) == len(simulator.requests.find(method="POST", path="/rest/rasters/*/image")) == 1


def test_pictures_are_only_asked_for_where_one_looks(manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    sent(manager, qtbot, file)
    wait(qtbot, lambda: "has arrived" in texts(manager.list), LONG)
    one = next(iter(simulator.mapflow.images.values()))
    for number in range(500):
        simulator.mapflow.images[f"image-{number}"] = replace(one, image_id=f"image-{number}", filename=f"{number}.tif")
    simulator.clock.advance(60)
    manager.refresh()
    wait(qtbot, lambda: len(manager.image_model.items()) == 501, LONG)
    assert manager.image_model.rowCount() == 200
    shown = manager.images.items_in_view()
    wait(qtbot, lambda: shown and all(manager.pictures.pixmap(item.id) is not None for item in shown), LONG)
    assert len(simulator.requests.find(method="GET", path="/rest/rasters/image/*/preview/s")) <= len(shown) + 2
    manager.images.scrollToBottom()
    wait(qtbot, lambda: manager.image_model.rowCount() > 200, LONG)


def test_a_refused_file_says_why(manager: Any, qtbot: Any, file: Path, simulator: Simulator) -> None:
    simulator.mapflow.settings.upload_gate = 10_000
    row = sent(manager, qtbot, file)
    wait(qtbot, lambda: "larger than Mapflow takes" in texts(row).replace("\u200b", ""), LONG)


def test_an_upload_that_a_crash_interrupted_is_looked_for_before_it_is_sent_again(
    make_dock: Any, account: str, session: Any, qtbot: Any, file: Path, simulator: Simulator, tmp_path: Path
) -> None:
    from groundtrack.jobs.upload_notes import Note, UploadNotes

    simulator.mapflow.settings.prepare_time = 1.0
    with running_manager(make_dock(), qtbot) as first:
        sent(first, qtbot, file)
        wait(qtbot, lambda: len(simulator.mapflow.images) == 1, LONG)
        wait(qtbot, lambda: "has arrived" in texts(first.list), LONG)
    folder = tmp_path / "home" / "uploads"
    place = next(iter(simulator.mapflow.mosaics))
    for name, path in (("arrived", file), ("lost", file.with_name("other.tif"))):
        UploadNotes(folder).write(Note(name, account, place, "pier_01", str(path), file.stat().st_size, (), time.time() - 3600))
        os.utime(folder / f"{name}.json", (time.time() - 600,) * 2)
    (folder / "broken.json").write_text(json.dumps({"id": 3}))
    os.utime(folder / "broken.json", (1, 1))
    with running_manager(make_dock(), qtbot) as manager:
        wait(qtbot, lambda: len(manager.list.rows()) == 2, LONG)
        assert all("was interrupted" in texts(row) and not row.again_button.isVisibleTo(row) for row in manager.list.rows())
        for row in manager.list.rows():
            row.look_button.click()
        wait(qtbot, lambda: sorted(row.item.step.value for row in manager.list.rows()) == ["done", "missing"], LONG)
        assert len(simulator.requests.find(method="POST", path="/rest/rasters/*/image")) == 1


@contextmanager
def running_manager(dock: Any, qtbot: Any) -> Iterator[Any]:
    """The dialog of a dock."""
    wait(qtbot, lambda: dock.new_job.account.account() is not None, LONG)
    dock.imagery.open_for(dock.new_job.account)
    dialog = dock.imagery.dialog
    wait(qtbot, lambda: dialog.storage.used is not None, LONG)
    yield dialog
    dock.imagery.close_down()


def test_mosaics_are_filtered_by_name_and_tag(manager: Any, qtbot: Any) -> None:
    for name, tags in (("North pier", "2026"), ("South pier", "2025"), ("Quarry", "2025")):
        answered(named(name, tags))
        manager.new_action.trigger()
        wait(qtbot, lambda name=name: any(item.name == name for item in manager.mosaic_model.items()), LONG)
    for text, names in (("PIER", {"North pier", "South pier"}), ("2025", {"South pier", "Quarry"}), ("x", set()), ("", {"Quarry"})):
        manager.filter.setText(text)
        shown = {manager.mosaic_model.index(row, 0).data() for row in range(manager.mosaic_model.rowCount())}
        assert names == shown if text else names < shown
        assert ("No mosaic has this" in texts(manager)) == (text == "x")


# Catalogue


def test_imagery_of_the_catalogue_is_found_filtered_and_used_in_a_job(dock: Any, qtbot: Any, simulator: Simulator) -> None:
    from groundtrack.ui.scenes_model import Column

    dock.tabs.setCurrentWidget(dock.scenes_page)
    page = dock.scenes_page
    wait(qtbot, lambda: page.form.filters.values().get("usable") is True, LONG)
    page.form.start.setDate(page.form.start.date().addYears(-2))
    page.form.button.click()
    wait(qtbot, lambda: page.model.rowCount() > 0, LONG)
    assert all(page.model.tells(column) for column in (Column.PIXELS, Column.OFF_NADIR, Column.SOURCE))
    page.form.filters.input("most_off_nadir").set_value(5)
    page.form.button.click()
    wait(qtbot, lambda: page.model.rowCount() > 0 and not page._ticket, LONG)
    body = simulator.requests.find(method="POST", path="/rest/catalog/meta")[-1].json
    assert (body["maxOffNadirAngle"], body["hideUnavailable"]) == (5.0, True)
    page.table.selectRow(0)
    assert not page.assets_action.isEnabled()
    scene = page.chosen()[0]
    page.use_action.trigger()
    wait(qtbot, lambda: dock.new_job.form.values().get("image_ids") == (scene.id,), LONG)
    assert dock.new_job.form.values()["source"] == scene.extra["source"]


def test_tiles_of_a_mosaic_are_shown_without_asking_the_service(dock: Any, qtbot: Any) -> None:
    page = dock.scenes_page
    dock.tabs.setCurrentWidget(page)
    page.form.start.setDate(page.form.start.date().addYears(-2))
    page.form.collection_box.setCurrentIndex(page.form.collection_box.findData("mosaic"))
    page.form.button.click()
    wait(qtbot, lambda: page.model.rowCount() > 0, LONG)
    page.table.selectRow(0)
    with qtbot.waitSignal(page.previews.shown, timeout=LONG) as shown:
        page.preview_action.trigger()
    layer = shown.args[0]
    assert layer.isValid()
    assert layer.providerType() == "wms"
    assert "authcfg" not in layer.source()
