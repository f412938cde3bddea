"""Files and layers on their way to a person's own imagery, whatever becomes of them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer, QgsRectangle
from simulator import Simulator
from simulator.client import START
from support.docks import running_session, texts, wait
from support.imagery import LONG, geotiff, imagery_account, mosaic, opened_manager, running_manager, sent

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
    return imagery_account(session, simulator)


@pytest.fixture
def dock(make_dock: Any, account: str, qgis_canvas: Any) -> Any:
    dock = make_dock()
    qgis_canvas.setExtent(PIER)
    return dock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return geotiff(tmp_path / "pier_01.tif")


@pytest.fixture
def manager(dock: Any, qtbot: Any) -> Any:
    return opened_manager(dock, qtbot)


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
