"""What an analyst does with imagery of their own: real widgets, a real poller, the simulated Mapflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsRectangle
from simulator import Simulator
from simulator.client import START
from support.docks import running_session, texts, wait
from support.imagery import LONG, answered, geotiff, imagery_account, mosaic, named, opened_manager, sent

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


def test_a_service_that_does_not_answer_is_not_said_to_have_nothing(manager: Any, qtbot: Any, dock: Any, simulator: Simulator) -> None:
    manager.reject()
    simulator.fault("status", path="/rest/rasters/mosaic", times=0, status=500)
    dock.imagery.open_for(dock.new_job.account)
    again = dock.imagery.dialog
    assert "No imagery of your own" not in texts(again)
    wait(qtbot, lambda: "Nothing could be listed. Refresh asks again." in texts(again), LONG)
    assert not again.meter.isVisible()


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
