"""Where an area comes from, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDistanceArea,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    edit,
)
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QApplication
from support.docks import click, mouse, running_session, squares

CONTEXT = QgsCoordinateTransformContext()


@pytest.fixture
def session(qgis_iface: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as made:
        yield made


@pytest.fixture
def row(session: Any, qgis_iface: Any, qgis_canvas: Any) -> Iterator[Any]:
    from groundtrack.ui.area_row import AreaRow

    qgis_canvas.resize(400, 400)
    qgis_canvas.setExtent(QgsRectangle(3, 51, 5, 53))
    made = AreaRow(session, qgis_iface, qgis_iface.mainWindow())
    qgis_iface.mainWindow().show()
    yield made
    made.close_down()


def read(row: Any) -> Any:
    return row.reading()()


def test_map_view_is_what_the_map_shows(row: Any, qgis_canvas: Any) -> None:
    (area,) = read(row)
    seen = qgis_canvas.extent()
    assert area.bounds == pytest.approx((seen.xMinimum(), seen.yMinimum(), seen.xMaximum(), seen.yMaximum()))
    assert area.vertices == 4


def test_map_view_beyond_the_poles_ends_there(row: Any, qgis_canvas: Any) -> None:
    qgis_canvas.setExtent(QgsRectangle(-100, -120, 100, 120))
    (area,) = read(row)
    assert area.bounds[1] == -90
    assert area.bounds[3] == 90


def test_turned_map_gives_a_turned_rectangle(row: Any, qgis_canvas: Any) -> None:
    flat = read(row)[0].area_km2
    qgis_canvas.setRotation(30)
    (area,) = read(row)
    assert area.vertices == 4
    assert area.area_km2 == pytest.approx(flat, rel=0.2)
    assert area.polygons[0][0][0][0] != pytest.approx(area.polygons[0][0][3][0])


def test_rectangle_in_a_conic_projection_keeps_its_place() -> None:
    from groundtrack.ui.area_reading import from_map

    crs = QgsCoordinateReferenceSystem("EPSG:3035")
    drawn = QgsGeometry.fromRect(QgsRectangle(4_000_000, 2_500_000, 5_000_000, 3_500_000))
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, CONTEXT)
    measure.setEllipsoid("WGS84")
    dense = measure.measureArea(drawn.densifyByCount(200)) / 1e6
    assert from_map(drawn, crs, CONTEXT).area_km2 == pytest.approx(dense, rel=1e-4)


def test_rectangle_in_mercator_stays_a_rectangle() -> None:
    from groundtrack.ui.area_reading import from_map

    drawn = QgsGeometry.fromRect(QgsRectangle(400_000, 6_700_000, 500_000, 6_800_000))
    assert from_map(drawn, QgsCoordinateReferenceSystem("EPSG:3857"), CONTEXT).vertices == 4


def test_selected_features_follow_the_selection(row: Any, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.aoi import AoiError

    layer = squares(5)
    qgis_iface.mapCanvas().setLayers([layer])
    row.set_source("selection")
    with pytest.raises(AoiError, match="No polygon is selected"):
        read(row)
    with qtbot.waitSignal(row.changed, timeout=2000):
        layer.selectByIds([1, 2])
    assert len(read(row)[0].polygons) == 2


def test_layer_is_read_in_degrees_with_unsaved_edits(row: Any) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857", "projected", "memory")
    QgsProject.instance().addMapLayer(layer)
    row.set_source("layer")
    from qgis.core import QgsFeature

    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(445_000, 6_780_000, 456_000, 6_790_000)))
    with edit(layer):
        layer.addFeature(feature)
        (area,) = read(row)
    assert area.bounds == pytest.approx((3.9975, 51.8, 4.0963, 51.86), abs=0.1)


def test_thousands_of_features_are_read(row: Any) -> None:
    squares(3000, gap=0.0005, size=0.0004)
    row.set_source("layer")
    assert len(read(row)[0].polygons) == 3000


def test_removed_layer_is_told_not_crashed_on(row: Any, qtbot: Any) -> None:
    from groundtrack.aoi import AoiError

    layer = squares(1)
    row.set_source("layer")
    with qtbot.waitSignal(row.changed, timeout=2000):
        QgsProject.instance().removeMapLayer(layer)
    with pytest.raises(AoiError, match="no polygon layer"):
        read(row)


@pytest.mark.parametrize(
    ("text", "corners", "parts"),
    [
        ('{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}', 3, 1),
        ("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))", 4, 1),
        ("wkt_geom\tid\nPolygon ((0 0, 1 0, 1 1, 0 0))\t1\nPolygon ((3 0, 4 0, 4 1, 3 0))\t2", 6, 2),
        ("3.9, 51.9, 4.2, 52.1", 4, 1),
    ],
)
def test_pasted_area_becomes_the_drawn_one(row: Any, text: str, corners: int, parts: int) -> None:
    QApplication.clipboard().setText(text)
    row.menus.paste_action.trigger()
    assert row.source() == "drawn"
    (area,) = read(row)
    assert (area.vertices, len(area.polygons)) == (corners, parts)


@pytest.mark.parametrize("text", ["", "hello", "{broken", '{"type": "Point", "coordinates": [1, 2]}', "1,2,3"])
def test_pasted_nonsense_is_told_and_changes_nothing(row: Any, text: str) -> None:
    QApplication.clipboard().setText(text)
    row.menus.paste_action.trigger()
    assert row.source() == "view"
    assert row.summary.text()


def test_rectangle_by_two_clicks_and_by_dragging(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["rectangle"].trigger()
    click(qgis_canvas, 50, 50)
    click(qgis_canvas, 150, 120)
    first = read(row)[0]
    assert first.vertices == 4
    row.menus.drawing["rectangle"].trigger()
    mouse(qgis_canvas, "press", 50, 50)
    mouse(qgis_canvas, "move", 100, 100)
    mouse(qgis_canvas, "release", 150, 120)
    assert read(row)[0].bounds == pytest.approx(first.bounds)
    assert qgis_canvas.mapTool() is None


def test_backspace_takes_a_corner_back_and_escape_gives_up(row: Any, qgis_canvas: Any) -> None:
    row.menus.drawing["polygon"].trigger()
    tool = row.drawer.tool
    for x in (50, 100, 150):
        click(qgis_canvas, x, 50 + x // 2)
    tool.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier))
    assert tool.corners() == 2
    tool.finish()
    assert row.drawer.tool is tool  # two corners are no area yet
    tool.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier))
    assert row.drawer.tool is None
    assert row.source() == "view"
    assert not row.menus.drawing["polygon"].isChecked()


def test_another_tool_ends_the_drawing(row: Any, qgis_canvas: Any) -> None:
    from qgis.gui import QgsMapToolPan

    row.menus.drawing["polygon"].trigger()
    pan = QgsMapToolPan(qgis_canvas)
    qgis_canvas.setMapTool(pan)
    assert row.drawer.tool is None
    assert not row.menus.drawing["polygon"].isChecked()
    assert qgis_canvas.mapTool() is pan


def test_buttons_have_names_and_menus(row: Any) -> None:
    from qgis.PyQt.QtWidgets import QToolButton

    buttons = row.menus.findChildren(QToolButton)
    assert len(buttons) == 3
    assert all(button.accessibleName() and button.toolTip() and button.menu() for button in buttons)


def test_band_follows_the_crs_and_shows_what_is_wrong(qgis_canvas: Any) -> None:
    from groundtrack.ui.area_band import AreaBand

    before = len(qgis_canvas.scene().items())
    band = AreaBand(qgis_canvas)
    shape = QgsGeometry.fromWkt("Polygon((3 51, 4 51, 4 52, 3 52, 3 51))")
    band.show_area(shape, good=False)
    assert band.band.asGeometry().boundingBox().xMaximum() == pytest.approx(4)
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    assert band.band.asGeometry().boundingBox().xMaximum() == pytest.approx(445_278, abs=1)
    band.clear()
    assert not band.band.isVisible()
    band.remove()
    assert len(qgis_canvas.scene().items()) == before


def test_doing_without_an_area_is_offered_only_where_that_works(row: Any) -> None:
    row.set_optional(True)
    row.set_source("whole")
    assert read(row) == ()
    row.set_optional(False)
    assert row.source() == "view"
    assert row.source_box.findData("whole") < 0
