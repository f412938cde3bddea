"""The catalogue of imagery in the Scenes tab, used in a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsRectangle
from simulator import Simulator
from simulator.client import START
from support.docks import running_session, wait
from support.imagery import LONG, imagery_account

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
