"""Areas drawn and edited on the map, in every way an analyst has."""

from __future__ import annotations

import math
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from support.areas import paste, press, read, row, session, spot
from support.docks import click, mouse, wait

__all__ = ["row", "session"]


# Drawing


def test_freehand_follows_the_pointer_and_ends_with_the_button(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["freehand"].trigger()
    mouse(qgis_canvas, "press", 100, 100)
    for step in range(60):
        angle = step / 60 * 2 * math.pi
        mouse(qgis_canvas, "move", round(200 - 100 * math.cos(angle)), round(200 - 100 * math.sin(angle)))
    assert "so far" in row.summary.text()
    mouse(qgis_canvas, "release", 100, 110)
    assert row.drawer.tool is None
    (area,) = read(row)
    assert 15 < area.vertices <= 62
    assert row.source() == "drawn"


def test_a_click_alone_draws_nothing_freehand(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["freehand"].trigger()
    click(qgis_canvas, 100, 100)
    assert row.drawer.tool.corners() == 0
    assert row.pieces() == ()
    row.drawer.stop()


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:3035"])
def test_circle_is_one_on_the_ground_and_tells_its_radius(row: Any, qgis_canvas: Any, crs: str) -> None:
    extents = {
        "EPSG:4326": QgsRectangle(3, 65, 5, 67), "EPSG:3857": QgsRectangle(330000, 9800000, 560000, 10030000),
        "EPSG:3035": QgsRectangle(4000000, 4500000, 4200000, 4700000),
    }  # fmt: skip
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    qgis_canvas.setExtent(extents[crs])
    row.menus.drawing["circle"].trigger()
    click(qgis_canvas, 200, 200)
    mouse(qgis_canvas, "move", 300, 200)
    radius = row.drawer.tool.radius()
    assert f"{radius:.1f} km" in row.summary.text()
    click(qgis_canvas, 300, 200)
    (area,) = read(row)
    assert area.area_km2 == pytest.approx(math.pi * radius**2, rel=2e-3)


def test_a_circle_of_a_typed_radius_round_a_clicked_centre(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["circle"].trigger()
    assert row.radius.isVisibleTo(row)
    click(qgis_canvas, 200, 200)
    QTest.keyClicks(qgis_canvas, "5")
    QTest.keyClicks(row.radius.input, ".5")
    QTest.keyClick(row.radius.input, Qt.Key.Key_Return)
    assert row.drawer.tool is None
    assert not row.radius.isVisibleTo(row)
    assert read(row)[0].area_km2 == pytest.approx(math.pi * 5.5**2, rel=1e-3)


def test_a_radius_given_first_needs_the_centre_alone(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["circle"].trigger()
    row.radius.input.selectAll()
    QTest.keyClicks(row.radius.input, "2")
    QTest.keyClick(row.radius.input, Qt.Key.Key_Return)
    mouse(qgis_canvas, "move", 100, 100)
    assert "radius of 2.00 km" in row.summary.text()
    click(qgis_canvas, 100, 100)
    assert row.drawer.tool is None
    assert read(row)[0].area_km2 == pytest.approx(math.pi * 4, rel=1e-3)
    row.menus.drawing["circle"].trigger()
    assert row.radius.input.value() == 0
    row.drawer.stop()


def test_a_drawing_beyond_the_limit_says_so_before_it_is_done(row: Any, qgis_canvas: Any) -> None:
    from groundtrack.providers.operation import AoiRule
    from groundtrack.ui.area_band import BAD, GOOD

    row.rule = AoiRule(most_km2=50)
    row.menus.drawing["rectangle"].trigger()
    click(qgis_canvas, 200, 200)
    mouse(qgis_canvas, "move", 202, 202)
    assert row.drawer.tool._band.strokeColor() == GOOD
    mouse(qgis_canvas, "move", 300, 300)
    assert "more than 50 km²" in row.summary.text()
    assert row.drawer.tool._band.strokeColor() == BAD
    row.drawer.stop()


def test_there_is_one_outline_on_the_map_also_while_another_is_drawn(row: Any, qgis_canvas: Any) -> None:
    from groundtrack.ui.area_band import AreaBand
    from groundtrack.ui.area_reading import outline

    paste(row)
    band = AreaBand(qgis_canvas, row.drawer.outlined)
    band.show_area(outline(row.pieces()), good=True)
    row.menus.drawing["polygon"].trigger()
    assert not band.band.isVisible()
    row.drawer.stop()
    assert band.band.isVisible()
    band.remove()


def test_a_circle_round_the_pole_is_cut_so_that_services_take_it(row: Any, qgis_canvas: Any) -> None:
    from groundtrack.aoi import cut_at_antimeridian, faults

    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3413"))
    qgis_canvas.setExtent(QgsRectangle(-1000000, -1000000, 1000000, 1000000))
    row.menus.drawing["circle"].trigger()
    click(qgis_canvas, *spot(qgis_canvas, 100_000, 0))
    mouse(qgis_canvas, "move", *spot(qgis_canvas, 600_000, 0))
    radius = row.drawer.tool.radius()
    click(qgis_canvas, *spot(qgis_canvas, 600_000, 0))
    (area,) = read(row)
    assert [fault.code for fault in faults(area)] == ["antimeridian"]
    assert cut_at_antimeridian(area).area_km2 == pytest.approx(math.pi * radius**2, rel=0.01)


# Editing


@pytest.fixture
def tool(row: Any, qgis_canvas: Any, qtbot: Any) -> Any:
    paste(row)
    row.menus.changing["edit"].trigger()
    wait(qtbot, lambda: row.drawer.tool is not None)
    return row.drawer.tool


def test_a_dragged_corner_moves_and_can_be_put_back(row: Any, qgis_canvas: Any, tool: Any) -> None:
    before = read(row)
    mouse(qgis_canvas, "press", *spot(qgis_canvas, 4.5, 52.5))
    mouse(qgis_canvas, "move", *spot(qgis_canvas, 4.7, 52.6))
    mouse(qgis_canvas, "release", *spot(qgis_canvas, 4.8, 52.8))
    after = read(row)
    assert after[0].bounds == pytest.approx((3.5, 51.5, 4.8, 52.8), abs=0.01)
    press(tool, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert read(row) == before
    press(tool, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert read(row) == after
    assert row.drawer.tool is tool


def test_a_click_on_an_edge_adds_a_corner_and_delete_takes_it(row: Any, qgis_canvas: Any, tool: Any) -> None:
    click(qgis_canvas, *spot(qgis_canvas, 4.0, 51.5))
    (area,) = read(row)
    assert area.vertices == 5
    assert any(point == pytest.approx((4.0, 51.5), abs=0.01) for point in area.polygons[0][0])
    press(tool, Qt.Key.Key_Delete)
    assert read(row)[0].vertices == 4
    press(tool, Qt.Key.Key_Delete)  # nothing is held any more
    assert read(row)[0].vertices == 4


def test_the_last_three_corners_stay(row: Any, qgis_canvas: Any, tool: Any) -> None:
    for lon, lat in ((3.5, 51.5), (4.5, 51.5)):
        click(qgis_canvas, *spot(qgis_canvas, lon, lat))
        press(tool, Qt.Key.Key_Delete)
    assert read(row)[0].vertices == 3


def test_escape_lets_go_of_a_corner_and_right_click_is_done(row: Any, qgis_canvas: Any, tool: Any) -> None:
    before = read(row)
    mouse(qgis_canvas, "press", *spot(qgis_canvas, 4.5, 52.5))
    mouse(qgis_canvas, "move", *spot(qgis_canvas, 4.8, 52.8))
    press(tool, Qt.Key.Key_Escape)
    mouse(qgis_canvas, "release", *spot(qgis_canvas, 4.8, 52.8))
    assert read(row) == before
    mouse(qgis_canvas, "press", 10, 10, Qt.MouseButton.RightButton)
    assert row.drawer.tool is None
    assert not row.menus.changing["edit"].isChecked()


def test_undo_reaches_the_outline_by_the_keyboard(row: Any, qgis_canvas: Any, tool: Any, qgis_iface: Any) -> None:
    from qgis.PyQt.QtWidgets import QAction

    window, undone = qgis_iface.mainWindow(), []
    action = QAction("Undo", window)
    action.setShortcut("Ctrl+Z")
    action.triggered.connect(lambda: undone.append(True))
    window.addAction(action)
    click(qgis_canvas, *spot(qgis_canvas, 4.0, 51.5))
    window.activateWindow()
    qgis_canvas.setFocus()
    QApplication.processEvents()
    QTest.keyClick(qgis_canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert read(row)[0].vertices == 4
    assert not undone


def test_editing_leaves_nothing_on_the_map(row: Any, qgis_canvas: Any, qtbot: Any) -> None:
    paste(row)
    before = len(qgis_canvas.scene().items())
    row.menus.changing["edit"].trigger()
    wait(qtbot, lambda: row.drawer.tool is not None)
    assert len(qgis_canvas.scene().items()) > before
    row.set_source("view")
    assert row.drawer.tool is None
    assert len(qgis_canvas.scene().items()) == before


def test_too_many_corners_to_edit_are_told(row: Any, qtbot: Any) -> None:
    from groundtrack.aoi import Aoi

    ring = tuple((4 + math.cos(n / 3000 * math.pi), 52 + math.sin(n / 3000 * math.pi)) for n in range(6000))
    row.set_pieces((Aoi((((*ring, ring[0]),),)),))
    row.menus.changing["edit"].trigger()
    wait(qtbot, lambda: "Simplify it first" in row.summary.text())
    assert row.drawer.tool is None
