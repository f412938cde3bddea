"""What an analyst does with scenes, from a search to a job: real widgets, a real poller, the simulated ASTRA OS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from simulator.client import START
from support.docks import add_account, running_session, texts, wait

AREA = '{"type": "Polygon", "coordinates": [[[11.5, 48.1], [11.6, 48.1], [11.6, 48.2], [11.5, 48.2], [11.5, 48.1]]]}'
MUNICH = QgsRectangle(11.5, 48.1, 11.6, 48.2)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as running:
        running.astra.settings.size = 200
        running.astra.settings.tier = "pro"
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("groundtrack.ui.scenes_page.home", lambda: tmp_path / "home")
    monkeypatch.setattr("groundtrack.ui.scenes_layers.home", lambda: tmp_path / "home")
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def make_dock(qgis_iface: Any, qgis_canvas: Any, session: Any) -> Iterator[Any]:
    docks = []

    def make() -> Any:
        from groundtrack.ui.dock import GroundtrackDock

        qgis_canvas.setExtent(MUNICH)
        dock = GroundtrackDock(qgis_iface, session)
        qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        qgis_iface.mainWindow().resize(1400, 1000)
        qgis_iface.mainWindow().show()
        docks.append(dock)
        return dock

    yield make
    for dock in docks:
        dock.close_down()
        qgis_iface.removeDockWidget(dock)
        dock.deleteLater()


@pytest.fixture
def dock(make_dock: Any, session: Any, simulator: Simulator) -> Any:
    add_account(session, simulator.astra.url, "Munich", "astra", simulator.astra.key)
    dock = make_dock()
    dock.tabs.setCurrentWidget(dock.scenes_page)
    return dock


@pytest.fixture
def page(dock: Any) -> Any:
    page = dock.scenes_page
    QApplication.clipboard().setText(AREA)
    page.form.area.row.menus.paste_action.trigger()
    days(page, "2026-05-01", "2026-05-31")
    return page


def days(page: Any, first: str, last: str) -> None:
    page.form.start.setDate(QDate.fromString(first, Qt.DateFormat.ISODate))
    page.form.end.setDate(QDate.fromString(last, Qt.DateFormat.ISODate))


def searched(page: Any, qtbot: Any) -> Any:
    page.form.button.click()
    wait(qtbot, lambda: page.model.rowCount() and page.footprints.layer is not None and outlines(page) == page.model.rowCount())
    return page


def outlines(page: Any) -> int:
    return sum(1 for _ in page.footprints.layer.getFeatures())


def column(page: Any, number: int) -> list[str]:
    return [page.model.index(row, number).data() for row in range(page.model.rowCount())]


def choose(page: Any, *rows: int) -> list[str]:
    from qgis.PyQt.QtCore import QItemSelectionModel

    page.table.clearSelection()
    for row in rows:
        flags = QItemSelectionModel.SelectionFlag
        page.table.selectionModel().select(page.model.index(row, 0), flags.Select | flags.Rows)
    return [scene.id for scene in page.chosen()]


def map_selection(page: Any) -> set[str]:
    return {feature["scene_id"] for feature in page.footprints.layer.getSelectedFeatures()}


def test_search_fills_table_and_map_in_step(page: Any, simulator: Simulator, qtbot: Any) -> None:
    from groundtrack.ui.scenes_model import Column

    searched(page, qtbot)
    asked = simulator.requests.find("GET", "*search*")
    assert len(asked) == 1
    dates = column(page, Column.DATE)
    assert dates == sorted(dates, reverse=True)
    assert all(date.startswith("2026-05-") for date in dates)
    assert any(text.endswith("%") for text in column(page, Column.COVERAGE))
    assert {"Sentinel-2A", "Landsat-9"} & set(column(page, Column.PLATFORM))
    first = choose(page, 2)
    assert map_selection(page) == set(first)
    other = next(feature for feature in page.footprints.layer.getFeatures() if feature["scene_id"] not in first)
    page.footprints.layer.selectByIds([other.id()])
    assert [scene.id for scene in page.chosen()] == [other["scene_id"]]
    assert map_selection(page) == {other["scene_id"]}
    page.footprints.layer.removeSelection()
    assert page.chosen() == []


def test_all_scenes_are_chosen_at_once_in_table_and_map(page: Any, qtbot: Any) -> None:
    from groundtrack.ui.scenes_model import Column

    searched(page, qtbot)
    page.table.selectAll()
    ids = [scene.id for scene in page.chosen()]
    assert [scene.taken[:16].replace("T", " ") for scene in page.chosen()] == column(page, Column.DATE)
    assert map_selection(page) == set(ids)
    assert page.use_action.isEnabled()
    page.footprints.layer.removeSelection()
    assert page.chosen() == []
    page.footprints.layer.selectAll()
    assert [scene.id for scene in page.chosen()] == ids


def test_enter_in_the_form_searches(page: Any, qtbot: Any) -> None:
    page.form.cloud.setFocus()
    wait(qtbot, page.isVisible)
    QTest.keyClick(page.form.cloud, Qt.Key.Key_Return)
    wait(qtbot, page.model.rowCount)


def test_clouds_days_and_collection_are_asked_for(page: Any, qtbot: Any) -> None:
    from groundtrack.ui.scenes_model import Column

    page.form.cloud.setValue(40)
    page.form.collection_box.setCurrentIndex(page.form.collection_box.findText("Landsat Collection 2 L2"))
    searched(page, qtbot)
    assert set(column(page, Column.COLLECTION)) == {"Landsat Collection 2 L2"}
    assert all(int(text.split()[0]) <= 40 for text in column(page, Column.CLOUD))


def test_scenes_that_cover_little_are_hidden_in_table_and_map(page: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    everything = page.model.rowCount()
    shares = [page.model.found(row).share for row in range(everything)]
    page.least.setValue(50)
    wanted = sum(share >= 50 for share in shares)
    assert page.model.rowCount() == wanted < everything
    assert outlines(page) == wanted
    assert f"{wanted} of {everything} scenes" in texts(page)
    page.least.setValue(100)
    if not page.model.rowCount():
        assert "Lower the coverage" in texts(page)
    page.least.setValue(0)
    assert outlines(page) == everything


def test_further_pages_come_below_and_no_scene_twice(page: Any, qtbot: Any) -> None:
    page.form.limit.setValue(5)
    searched(page, qtbot)
    first = page.model.rowCount()
    assert page.more_button.isVisible()
    page.more_button.click()
    wait(qtbot, lambda: page.model.rowCount() > first and outlines(page) == page.model.rowCount())
    ids = [page.model.found(row).scene.id for row in range(page.model.rowCount())]
    assert len(ids) == len(set(ids))


def test_two_scenes_go_into_a_change_job_in_the_order_of_their_days(page: Any, dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.scenes_model import Column

    searched(page, qtbot)
    newest = choose(page, 0, page.model.rowCount() - 1)
    dates = column(page, Column.DATE)
    assert dates[0] > dates[-1]
    page.use_action.trigger()
    assert dock.tabs.currentWidget() is dock.first_tab
    job = dock.new_job
    assert job.task.operation().key == "change_detection"
    assert job.form.values()["scene_ids"] == tuple(reversed(newest))
    wait(qtbot, job.foot.run_button.isEnabled)
    job.foot.run_button.click()
    wait(qtbot, lambda: any(item.remote_id for item in session.jobs.values()))


def test_one_scene_goes_into_ndvi_and_a_second_one_joins_a_change_job(page: Any, dock: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    one = choose(page, 0)
    page.use_action.trigger()
    assert dock.new_job.task.operation().key == "ndvi"
    assert dock.new_job.form.values()["scene_ids"] == tuple(one)
    dock.new_job.task.select("change_detection")
    other = choose(page, page.model.rowCount() - 1)
    page.use_action.trigger()
    assert dock.new_job.task.operation().key == "change_detection"
    assert set(dock.new_job.form.values()["scene_ids"]) == {*one, *other}


def test_quicklooks_come_for_seen_rows_only_and_stay_on_disk(page: Any, simulator: Simulator, qtbot: Any, tmp_path: Path) -> None:
    simulator.astra.settings.crowded = True
    page.table.parent().setFixedHeight(220)
    searched(page, qtbot)
    seen = page.table.scenes_in_view()
    assert 0 < len(seen) < page.model.rowCount()
    wait(qtbot, lambda: all(page.quicklooks.pixmap(scene) is not None for scene in seen if not page.quicklooks.is_missing(scene)))
    pictures = simulator.requests.find("GET", "*thumbnail*")
    assert 0 < len(pictures) <= len(seen) + 2
    assert len(list((tmp_path / "home/quicklooks").glob("*.img"))) == len(pictures)
    assert all("Authorization" not in request.headers for request in pictures)
    page.table.scrollToBottom()
    wait(qtbot, lambda: all(page.quicklooks.pixmap(scene) is not None for scene in page.table.scenes_in_view()))


def test_a_silent_picture_server_holds_nothing_up(page: Any, simulator: Simulator, qtbot: Any) -> None:
    simulator.fault("hang", path="*thumbnail*", times=50)
    searched(page, qtbot)
    wait(qtbot, lambda: simulator.requests.find("GET", "*thumbnail*"))
    for _ in range(5):  # more than there are threads for questions
        searched(page, qtbot)
    assert page.model.rowCount()


def test_a_quicklook_lies_where_its_scene_is(page: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    choose(page, 0)
    scene = page.chosen()[0]
    with qtbot.waitSignal(page.previews.shown, timeout=10_000) as caught:
        page.preview_action.trigger()
    layer = caught.args[0]
    west, _, _, north = scene.bounds
    extent = layer.extent()
    assert layer.crs().authid() == "EPSG:4326"
    assert extent.xMinimum() == pytest.approx(west, abs=0.01)
    assert extent.yMaximum() == pytest.approx(north, abs=0.01)
    assert layer.temporalProperties().isActive()
    assert not page.quicklooks.store.place(scene).parent.samefile(Path(layer.source()).parent)  # there files make room for others
    order = [node.layer() for node in QgsProject.instance().layerTreeRoot().children()]
    assert order == [page.footprints.layer, layer]
    before = len(QgsProject.instance().mapLayers())
    page.preview_action.trigger()
    assert len(QgsProject.instance().mapLayers()) == before


def test_hiding_keeps_what_is_chosen_and_sorting_keeps_it_in_place(page: Any, qtbot: Any) -> None:
    from groundtrack.ui.scenes_model import Column

    searched(page, qtbot)
    shares = [page.model.found(row).share for row in range(page.model.rowCount())]
    most, smallest = shares.index(max(shares)), page.model.found(shares.index(min(shares))).scene.id
    chosen = choose(page, most)
    page.table.sortByColumn(Column.CLOUD, Qt.SortOrder.AscendingOrder)
    clouds = [page.model.found(row).scene.cloud for row in range(page.model.rowCount())]
    known = [cloud for cloud in clouds if cloud is not None]
    assert known == sorted(known)
    assert [scene.id for scene in page.chosen()] == chosen
    page.least.setValue(int(min(shares)) + 5)
    assert [scene.id for scene in page.chosen()] == chosen
    assert map_selection(page) == set(chosen)
    page.least.setValue(0)
    page.table.sortByColumn(Column.DATE, Qt.SortOrder.DescendingOrder)
    assert choose(page, page.model.row(smallest)) == [smallest]
    page.least.setValue(int(min(shares)) + 5)
    assert page.chosen() == []
    assert map_selection(page) == set()


def test_assets_become_layers_without_the_key(page: Any, simulator: Simulator, qtbot: Any) -> None:
    searched(page, qtbot)
    choose(page, 0)
    dialog = page.open_assets()
    wait(qtbot, lambda: dialog.tree.topLevelItemCount())
    for row in range(2):
        dialog.tree.topLevelItem(row).setCheckState(0, Qt.CheckState.Checked)
    dialog.add_button.click()
    wait(qtbot, lambda: len(QgsProject.instance().mapLayers()) == 3)
    assert not dialog.chosen()
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if layer is not page.footprints.layer]
    assert all(layer.isValid() and simulator.astra.key not in layer.source() for layer in layers)
    assert all("X-Amz" not in layer.source() and Path(layer.source()).is_file() for layer in layers)  # expiring links are downloaded
    fetched = [r for r in simulator.requests.find("GET") if r.path.endswith(".tif")]
    assert fetched
    assert all("Authorization" not in request.headers for request in fetched)
    dialog.reject()


def test_a_new_search_and_the_end_clear_the_map(page: Any, dock: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    first = page.footprints.layer
    days(page, "2026-04-01", "2026-04-05")
    searched(page, qtbot)
    assert page.footprints.layer is first
    assert outlines(page) == page.model.rowCount()
    assert not QgsProject.instance().isDirty()
    page.footprints.close_down()
    assert not QgsProject.instance().mapLayers()
    QgsProject.instance().readProject.connect(page.footprints._remove_strangers)


def test_a_removed_layer_comes_back_with_the_next_search(page: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    QgsProject.instance().removeMapLayer(page.footprints.layer.id())
    assert page.footprints.layer is None
    choose(page, 0)
    searched(page, qtbot)
    assert outlines(page) == page.model.rowCount()


def test_project_saved_with_outlines_opens_without_a_lost_layer(page: Any, qtbot: Any, tmp_path: Path) -> None:
    searched(page, qtbot)
    project = QgsProject.instance()
    assert project.write(str(tmp_path / "munich.qgs"))
    assert project.read(str(tmp_path / "munich.qgs"))
    assert not project.mapLayers()
    searched(page, qtbot)
    assert len(project.mapLayers()) == 1


def test_search_can_be_cancelled(page: Any, simulator: Simulator, qtbot: Any) -> None:
    simulator.fault("hang", path="*search*", times=5)
    page.form.button.click()
    assert page.form.button.text() == "Cancel"
    assert page.form.progress.isVisible()
    assert "Searching…" in texts(page)
    page.form.button.click()
    assert page.form.button.text() == "Search"
    assert "The search was cancelled." in texts(page)
    simulator.faults.clear()
    searched(page, qtbot)


def test_area_is_the_one_of_new_job(page: Any, dock: Any, qtbot: Any) -> None:
    assert dock.new_job.area.source() == "drawn"
    assert dock.new_job.area.pieces()[0].bounds == (11.5, 48.1, 11.6, 48.2)
    dock.new_job.area.set_source("view")
    assert page.form.area.row.source() == "view"
    wait(qtbot, lambda: "km²" in page.form.area.row.summary.text())


def test_outlines_are_never_taken_for_the_area(page: Any, qtbot: Any) -> None:
    searched(page, qtbot)
    choose(page, 0, 1)
    page.form.area.row.set_source("selection")
    wait(qtbot, lambda: "No polygon is selected" in page.form.area.row.summary.text())
    page.form.area.row.set_source("layer")
    assert page.form.area.row.layer_box.currentLayer() is None


def test_nothing_found_says_what_to_try(page: Any, qtbot: Any) -> None:
    page.form.cloud.setValue(0)
    days(page, "2026-05-01", "2026-05-01")
    page.form.button.click()
    wait(qtbot, lambda: "Nothing was found. Try more days" in texts(page))


def test_warnings_and_refusals_are_plain_text(page: Any, simulator: Simulator, qtbot: Any) -> None:
    simulator.astra.settings.trouble = {"landsat": "PROVIDER_TIMEOUT"}
    searched(page, qtbot)
    assert "No answer in time." in page.notice.text()
    simulator.astra.revoke(simulator.astra.key)
    page.form.button.click()
    wait(qtbot, lambda: page.notice.level() == "failed")
    assert "API key" in page.notice.text()
    assert simulator.astra.key not in texts(page)


def test_without_a_service_that_can_search_the_page_leads_to_one(make_dock: Any, session: Any, simulator: Simulator) -> None:
    add_account(session, simulator.sateais.url)
    dock = make_dock()
    dock.tabs.setCurrentWidget(dock.scenes_page)
    assert "No account here can search for scenes" in texts(dock.scenes_page)
    assert not dock.scenes_page.form.button.isEnabled()
    dock.scenes_page.add_button.click()
    assert dock._dialog is not None


def test_closing_down_stops_what_runs(make_dock: Any, session: Any, simulator: Simulator, qgis_canvas: Any, qtbot: Any) -> None:
    from groundtrack.ui.scenes_page import ScenesPage

    add_account(session, simulator.astra.url, "Munich", "astra", simulator.astra.key)
    dock = make_dock()
    items = len(qgis_canvas.scene().items())
    extra = ScenesPage(session, dock._iface if hasattr(dock, "_iface") else dock.scenes_page._iface, dock.new_job.area, dock)
    days(extra, "2026-05-01", "2026-05-31")
    searched(extra, qtbot)
    simulator.fault("hang", path="*search*", times=5)
    extra.form.button.click()
    extra.close_down()
    assert not QgsProject.instance().mapLayers()
    assert len(qgis_canvas.scene().items()) == items
    extra.deleteLater()
