"""Before and after of a change job, side by side on the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRectangle
from qgis.gui import QgsMapToolPan
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QColor, QImage, QKeyEvent, QPainter
from simulator import Simulator
from simulator.client import START
from support.docks import add_account, mouse, running_session, wait


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, start=START, seed=7) as running:
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
def dock(qgis_iface: Any, qgis_canvas: Any, session: Any, simulator: Simulator) -> Iterator[Any]:
    from groundtrack.ui.dock import GroundtrackDock

    add_account(session, simulator.astra.url, "Munich", "astra", simulator.astra.key)
    qgis_canvas.setExtent(QgsRectangle(11.4, 48.3, 11.5, 48.4))
    dock = GroundtrackDock(qgis_iface, session)
    qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    qgis_iface.mainWindow().show()
    yield dock
    dock.close_down()
    qgis_iface.removeDockWidget(dock)
    dock.deleteLater()


@pytest.fixture
def change(dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> Iterator[Any]:
    """The jobs page with a change job that is loaded and chosen; the map follows the project."""
    from groundtrack.providers.operation import Request
    from qgis.gui import QgsLayerTreeMapCanvasBridge

    info = session.store.find("astra/Munich")
    ids = (simulator.astra.before, simulator.astra.after)
    jobs = session.run(session.store.account(info), [Request("change_detection", {"scene_ids": ids})])
    canvas = dock.jobs_page._iface.mapCanvas()
    bridge = QgsLayerTreeMapCanvasBridge(QgsProject.instance().layerTreeRoot(), canvas, canvas)
    bridge.setAutoSetupOnFirstLayer(False)
    dock.tabs.setCurrentWidget(dock.jobs_page)
    wait(qtbot, lambda: session.jobs[jobs[0].id].state.value == "loaded", 30_000)
    dock.jobs_page.show_job(jobs[0].id)
    yield dock.jobs_page
    sip.delete(bridge)


def compare(page: Any, qtbot: Any) -> Any:
    told: list[str] = []
    page.comparison.failed.connect(told.append)
    page._actions.actions["compare"].trigger()
    wait(qtbot, lambda: told or (page.comparison.swipe is not None and page.comparison.swipe.complete))
    assert not told
    return page.comparison.swipe


def shot(swipe: Any) -> QImage:
    box = swipe.item.boundingRect()
    image = QImage(int(box.width()), int(box.height()), QImage.Format.Format_ARGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    swipe.item.paint(painter)
    painter.end()
    return image


def pixels(image: QImage, share: float) -> list[int]:
    """Colours along a row of the picture, away from line and names, on one side."""
    row = image.height() // 3
    return [image.pixel(int(image.width() * x), row) for x in (share - 0.04, share - 0.02, share, share + 0.02, share + 0.04)]


def test_one_click_adds_both_scenes_and_compares_them(change: Any, simulator: Simulator, qgis_canvas: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    group = QgsProject.instance().layerTreeRoot().children()[0]
    names = [layer.layer().name() for layer in group.findLayers()]
    assert {"Before 2025-05-04", "After 2026-05-04"} < set(names)
    assert len(names) == 3
    assert qgis_canvas.mapTool() is swipe
    moved = [r for r in simulator.requests.find("GET") if r.path.endswith(".tif")]
    assert all("Authorization" not in request.headers for request in moved)
    assert not [layer for layer in QgsProject.instance().mapLayers().values() if "http" in layer.source()]


def test_the_line_parts_before_from_after(change: Any, qgis_canvas: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    swipe.item.move_line(1.0)
    before = pixels(shot(swipe), 0.5)
    swipe.item.move_line(0.0)
    after = pixels(shot(swipe), 0.5)
    assert before != after
    swipe.item.move_line(0.8)
    assert pixels(shot(swipe), 0.5) == before
    swipe.item.move_line(0.2)
    assert pixels(shot(swipe), 0.5) == after


def test_the_names_of_the_sides_lie_at_the_bottom_where_no_message_covers_them(change: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    named = shot(swipe)
    swipe.item._names = ("", "")
    plain = shot(swipe)
    rows = [y for y in range(named.height()) if any(named.pixel(x, y) != plain.pixel(x, y) for x in range(0, named.width(), 3))]
    assert rows
    assert min(rows) > named.height() * 0.8


def test_dragging_and_arrow_keys_move_the_line(change: Any, qgis_canvas: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    mouse(qgis_canvas, "press", qgis_canvas.width() // 4, 50)
    assert swipe.item.share == pytest.approx(0.25, abs=0.01)
    mouse(qgis_canvas, "move", qgis_canvas.width() * 3 // 4, 50)
    assert swipe.item.share == pytest.approx(0.75, abs=0.01)
    swipe.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier))
    assert swipe.item.share == pytest.approx(0.73, abs=0.01)


def test_the_pictures_follow_the_map(change: Any, qgis_canvas: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    extent = qgis_canvas.extent()
    extent.scale(0.4)
    qgis_canvas.setExtent(extent)
    assert not swipe.complete  # nothing that lies elsewhere is shown
    wait(qtbot, lambda: swipe.complete)


def test_a_picture_that_ends_twice_is_taken_once(change: Any, qtbot: Any) -> None:
    swipe = compare(change, qtbot)
    picture = swipe._pictures[0]
    swipe._draw()
    job = picture._jobs[-1]
    wait(qtbot, lambda: swipe.complete)
    image = picture.image
    job.finished.emit()
    assert picture.image is image


def test_escape_gives_the_map_back(change: Any, qgis_canvas: Any, qtbot: Any) -> None:
    pan = QgsMapToolPan(qgis_canvas)
    qgis_canvas.setMapTool(pan)
    items = len(qgis_canvas.scene().items())
    swipe = compare(change, qtbot)
    assert len(qgis_canvas.scene().items()) == items + 1
    swipe.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier))
    assert qgis_canvas.mapTool() is pan
    assert len(qgis_canvas.scene().items()) == items
    assert change.comparison.swipe is None
    assert len(QgsProject.instance().mapLayers()) == 3


def test_once_more_ends_it_and_nothing_is_fetched_twice(change: Any, simulator: Simulator, qgis_canvas: Any, qtbot: Any) -> None:
    compare(change, qtbot)
    change._actions.actions["compare"].trigger()
    assert change.comparison.swipe is None
    asked = len(simulator.requests.find("GET", "*assets*"))
    compare(change, qtbot)
    assert len(simulator.requests.find("GET", "*assets*")) == asked
    assert len(QgsProject.instance().mapLayers()) == 3


def test_another_tool_ends_it(change: Any, qgis_canvas: Any, qtbot: Any) -> None:
    items = len(qgis_canvas.scene().items())
    compare(change, qtbot)
    pan = QgsMapToolPan(qgis_canvas)
    qgis_canvas.setMapTool(pan)
    assert change.comparison.swipe is None
    assert qgis_canvas.mapTool() is pan
    assert len(qgis_canvas.scene().items()) == items


def test_removed_layers_are_added_again(change: Any, qtbot: Any) -> None:
    compare(change, qtbot)
    gone = [layer.id() for layer in QgsProject.instance().mapLayers().values() if layer.name().startswith("Before")]
    QgsProject.instance().removeMapLayers(gone)
    change.comparison.end()
    compare(change, qtbot)
    names = sorted(layer.name().split()[0] for layer in QgsProject.instance().mapLayers().values())
    assert names == ["After", "Before", "Change"]


def test_a_scene_that_cannot_be_had_is_told(change: Any, dock: Any, simulator: Simulator, qtbot: Any) -> None:
    simulator.astra.revoke(simulator.astra.key)
    with qtbot.waitSignal(change.comparison.failed, timeout=10_000) as caught:
        change._actions.actions["compare"].trigger()
    assert "API key" in caught.args[0]
    assert change.comparison.swipe is None


def test_other_jobs_offer_no_comparison(dock: Any, session: Any, simulator: Simulator) -> None:
    from groundtrack.providers.operation import Request

    info = session.store.find("astra/Munich")
    jobs = session.run(session.store.account(info), [Request("ndvi", {"scene_ids": (simulator.astra.after,)})])
    dock.jobs_page.show_job(jobs[0].id)
    assert not dock.jobs_page._actions.actions["compare"].isVisible()


def test_closing_the_dock_ends_it(change: Any, dock: Any, qgis_canvas: Any, qtbot: Any) -> None:
    items = len(qgis_canvas.scene().items())
    compare(change, qtbot)
    dock.jobs_page.close_down()
    assert len(qgis_canvas.scene().items()) == items
    assert qgis_canvas.mapTool() is None
