"""Areas fetched from files, texts, places and earlier jobs, and changed."""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeocoderInterface,
    QgsGeocoderResult,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsGeocoderLocatorFilter, QgsLocatorWidget
from qgis.PyQt.QtWidgets import QDialogButtonBox, QInputDialog
from support.areas import PARTS, SQUARE, paste, read, row, session
from support.docks import squares, wait

__all__ = ["row", "session"]


# From elsewhere


def written(folder: Path, name: str, crs: str, wkts: list[str], layer: str = "areas", append: bool = False) -> str:
    source = QgsVectorLayer(f"MultiPolygon?crs={crs}", layer, "memory")
    for wkt in wkts:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        source.dataProvider().addFeature(feature)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = layer
    if append:
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    path = folder / name
    QgsVectorFileWriter.writeAsVectorFormatV3(source, str(path), QgsProject.instance().transformContext(), options)
    return str(path)


def test_file_in_another_crs_keeps_its_parts_and_holes(row: Any, tmp_path: Path, qtbot: Any) -> None:
    first = "((445000 6780000, 456000 6780000, 456000 6790000, 445000 6780000))"
    second = "((500000 6780000, 501000 6780000, 501000 6781000, 500000 6780000))"
    path = written(tmp_path, "harbour.gpkg", "EPSG:3857", [f"MULTIPOLYGON({first}, {second})"])
    row.sources.read_file(path)
    wait(qtbot, lambda: row.source() == "drawn")
    (area,) = read(row)
    assert len(area.polygons) == 2
    assert area.bounds == pytest.approx((3.9975, 51.89, 4.5, 51.95), abs=0.01)
    assert row.source_box.currentText() == "harbour.gpkg"


def test_zipped_geojson_is_opened(row: Any, tmp_path: Path, qtbot: Any) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.geojson", '{"type": "Polygon", "coordinates": [[[3, 51], [4, 51], [4, 52], [3, 51]]]}')
    row.sources.read_file(str(tmp_path / "a.zip"))
    wait(qtbot, lambda: row.source() == "drawn")
    assert read(row)[0].bounds == (3, 51, 4, 52)


def test_files_without_an_area_are_told_and_change_nothing(row: Any, tmp_path: Path, qtbot: Any) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "points.geojson").write_text('{"type": "Point", "coordinates": [1, 2]}')
    for path, words in (("notes.txt", "cannot be opened"), ("points.geojson", "no polygons")):
        row.sources.read_file(str(tmp_path / path))
        wait(qtbot, lambda expected=words: expected in row.summary.text())
    assert row.source() == "view"


def test_of_several_layers_in_a_file_one_is_chosen(row: Any, tmp_path: Path, qtbot: Any) -> None:
    two = written(tmp_path, "two.gpkg", "EPSG:4326", [SQUARE.replace("POLYGON", "MULTIPOLYGON(") + ")"], "first")
    written(tmp_path, "two.gpkg", "EPSG:4326", [PARTS], "second", append=True)
    row.sources.read_file(two)
    wait(qtbot, lambda: row.findChild(QInputDialog) is not None)
    dialog = row.findChild(QInputDialog)
    assert "several polygon layers (first, second)" in row.summary.text()
    assert dialog.comboBoxItems() == ["first", "second"]
    dialog.setTextValue("second")
    dialog.accept()
    wait(qtbot, lambda: row.source() == "drawn")
    assert len(read(row)[0].polygons) == 2
    assert row.label() == "second"


def test_another_source_meanwhile_wins_over_a_file(row: Any, tmp_path: Path, qtbot: Any) -> None:
    path = written(tmp_path, "late.gpkg", "EPSG:4326", [PARTS])
    row.sources.read_file(path)
    paste(row)
    qtbot.wait(300)
    assert row.source_box.currentText() == "Pasted Area"
    assert read(row)[0].vertices == 4


def test_subset_filter_of_a_layer_is_respected(row: Any, tmp_path: Path) -> None:
    from groundtrack.aoi import AoiError

    layer = QgsVectorLayer(written(tmp_path, "many.gpkg", "EPSG:4326", [PARTS, PARTS, PARTS]), "many", "ogr")
    QgsProject.instance().addMapLayer(layer)
    row.set_source("layer")
    assert len(read(row)[0].polygons) == 6
    layer.setSubsetString("fid = 2")
    (area,) = read(row)
    assert (len(area.polygons), area.holes) == (2, 1)
    layer.setSubsetString("fid = 99")
    with pytest.raises(AoiError, match="its filter lets through"):
        read(row)


def test_an_area_from_elsewhere_is_brought_into_view_one_that_is_seen_is_not(row: Any, qgis_canvas: Any, qtbot: Any) -> None:
    before = qgis_canvas.extent()
    paste(row)
    assert qgis_canvas.extent() == before
    paste(row, "POLYGON((100 10, 101 10, 101 11, 100 10))")
    assert qgis_canvas.extent().contains(QgsRectangle(100, 10, 101, 11))
    qgis_canvas.setExtent(before)
    row.menus.changing["zoom"].trigger()
    wait(qtbot, lambda: qgis_canvas.extent().contains(QgsRectangle(100, 10, 101, 11)))


def test_a_map_of_the_whole_world_is_an_area(row: Any, qgis_canvas: Any) -> None:
    from groundtrack.aoi import faults

    for crs, size in (("EPSG:4326", 200), ("EPSG:3857", 3e7)):
        qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
        qgis_canvas.setExtent(QgsRectangle(-size, -size, size, size))
        (area,) = read(row)
        assert faults(area) == ()
        assert area.area_km2 > 500_000_000


@pytest.mark.parametrize("kind", ["wkt", "geojson"])
def test_long_texts_are_read_aside(row: Any, qtbot: Any, kind: str) -> None:
    points = [(4 + math.cos(n / 5000 * math.pi), 52 + math.sin(n / 5000 * math.pi)) for n in range(10000)]
    points.append(points[0])
    shape = QgsGeometry.fromPolygonXY([[QgsPointXY(*point) for point in points]])
    paste(row, shape.asWkt(8) if kind == "wkt" else shape.asJson(8))
    assert row.source() == "view"
    wait(qtbot, lambda: row.source() == "drawn")
    assert read(row)[0].vertices == 10000


def test_area_of_an_earlier_job_comes_back(row: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.aoi import from_wkt
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.base import Request

    job = new_job("sateais", "Port", Request("ship", {}, from_wkt(SQUARE)), 1.0, title="Ships")
    same = new_job("sateais", "Port", Request("ship", {}, from_wkt(SQUARE)), 2.0, title="Ships Again")
    without = new_job("sateais", "Port", Request("ship", {"scene_id": "S"}), 3.0, title="Scene Only")
    session.jobs.update({item.id: item for item in (job, same, without)})
    row.menus.jobs_menu.aboutToShow.emit()
    (action,) = row.menus.jobs_menu.actions()
    assert action.text().startswith("Ships Again · ")
    action.trigger()
    wait(qtbot, lambda: row.source() == "drawn")
    assert read(row)[0].bounds == (3.5, 51.5, 4.5, 52.5)
    assert row.source_box.currentText() == "Area of Ships Again"


class Gazetteer(QgsGeocoderInterface):
    """Knows one place, and never asks a network."""

    asked: list[str] = []

    def flags(self) -> Any:
        return QgsGeocoderInterface.Flag.GeocodesStrings

    def geocodeString(self, string: str, context: Any, feedback: Any = None) -> list[Any]:
        self.asked.append(string)
        if string != "Rotterdam":
            return []
        point = QgsGeometry.fromPointXY(QgsPointXY(4.5, 51.9))
        result = QgsGeocoderResult("Rotterdam, Netherlands", point, QgsCoordinateReferenceSystem("EPSG:4326"))
        result.setViewport(QgsRectangle(4.3, 51.8, 4.6, 52.0))
        return [result]


def test_place_name_asks_the_locators_geocoder_and_only_when_told(row: Any, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.ui.area_place import PlaceDialog

    opened = row.menus.from_button.menu().aboutToShow
    opened.emit()
    assert not row.menus.place_action.isEnabled()
    gazetteer = Gazetteer()
    bar = QgsLocatorWidget(qgis_iface.mainWindow())
    bar.locator().registerFilter(QgsGeocoderLocatorFilter("gazetteer", "Gazetteer", "gaz", gazetteer, qgis_iface.mapCanvas()))
    opened.emit()
    assert row.menus.place_action.isEnabled()
    row.menus.place_action.trigger()
    dialog = row.findChild(PlaceDialog)
    assert "sent to Gazetteer" in dialog.told.text()
    dialog.name.setText("Atlantis")
    assert gazetteer.asked == []
    dialog.search_button.click()
    wait(qtbot, lambda: "knows no place" in dialog.told.text())
    dialog.name.setText("Rotterdam")
    dialog.search_button.click()
    wait(qtbot, lambda: dialog.list.count() == 1)
    dialog.accept()
    assert read(row)[0].bounds == pytest.approx((4.3, 51.8, 4.6, 52.0))
    assert row.source_box.currentText() == "Rotterdam"
    assert gazetteer.asked == ["Atlantis", "Rotterdam"]


# Changing


@pytest.mark.parametrize(("change", "parts", "holes", "corners"), [("envelope", 1, 0, 4), ("holes", 2, 0, 7), ("largest", 1, 1, 7)])
def test_changes_without_a_question(row: Any, qtbot: Any, change: str, parts: int, holes: int, corners: int) -> None:
    paste(row, PARTS)
    row.menus.changing[change].trigger()
    wait(qtbot, lambda: row.source_box.currentText() == "Drawn Area")
    (area,) = read(row)
    assert (len(area.polygons), area.holes, area.vertices) == (parts, holes, corners)


def test_clipping_needs_scenes_and_keeps_what_lies_in_all_of_them(row: Any, qtbot: Any) -> None:
    from groundtrack.aoi import from_bounds

    paste(row)
    row.menus.change_button.menu().aboutToShow.emit()
    assert not row.menus.changing["clip"].isEnabled()
    row.footprints = (from_bounds(3, 51, 4.2, 53), from_bounds(3.8, 51, 5, 53))
    row.menus.change_button.menu().aboutToShow.emit()
    assert row.menus.changing["clip"].isEnabled()
    row.menus.changing["clip"].trigger()
    wait(qtbot, lambda: row.source_box.currentText() == "Drawn Area")
    assert read(row)[0].bounds == pytest.approx((3.8, 51.5, 4.2, 52.5))


def test_simplifying_shows_the_difference_before_it_is_applied(row: Any, qtbot: Any) -> None:
    from groundtrack.aoi import Aoi
    from groundtrack.ui.area_changes import SimplifyDialog

    ring = tuple((4 + math.cos(n / 1000 * math.pi), 52 + math.sin(n / 1000 * math.pi)) for n in range(2000))
    row.set_pieces((Aoi((((*ring, ring[0]),),)),))
    row.menus.changing["simplify"].trigger()
    dialog = row.findChild(SimplifyDialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert ok.isDefault()  # Enter means it
    dialog.most.setValue(20)
    assert not ok.isEnabled()
    wait(qtbot, ok.isEnabled)
    assert "of 2,000 corners stay" in dialog.told.text()
    assert "−" in dialog.told.text()
    assert read(row)[0].vertices == 2000
    ok.click()
    assert read(row)[0].vertices <= 20


def test_grid_tells_how_many_jobs_come_of_it(row: Any, qtbot: Any) -> None:
    from groundtrack.ui.area_changes import GridDialog

    paste(row)
    row.menus.changing["grid"].trigger()
    dialog = row.findChild(GridDialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.cell.setValue(1.0)
    wait(qtbot, lambda: "Choose larger cells" in dialog.told.text())
    assert not ok.isEnabled()
    dialog.cell.setValue(60.0)
    dialog.overlap.setValue(500)
    wait(qtbot, ok.isEnabled)
    number = int(dialog.told.text().split()[0])
    ok.click()
    assert len(row.pieces()) == number > 1
    assert sum(piece.area_km2 for piece in row.pieces()) > row.pieces()[0].area_km2


def test_changing_nothing_is_told(row: Any, qtbot: Any) -> None:
    row.set_pieces(())
    row.menus.changing["envelope"].trigger()
    wait(qtbot, lambda: "Nothing is drawn yet" in row.summary.text())


def test_limits_of_the_task_are_told_with_the_area(row: Any) -> None:
    from groundtrack.providers.operation import AoiRule
    from groundtrack.ui.sentence import SUCCESS

    row.rule = AoiRule(most_parts=1, most_km2=50, most_vertices=1000)
    row.show_area(12.5, (), "inside limits", SUCCESS)
    told = row.summary.text().replace(",", "")  # digits may be grouped
    assert re.search(r"inside limits \(at most 50(\.0)? km² 1 polygon 1000 corners\)", told)


def test_layer_of_squares_becomes_editable(row: Any, qtbot: Any) -> None:
    squares(3)
    row.set_source("layer")
    row.menus.changing["edit"].trigger()
    wait(qtbot, lambda: row.drawer.tool is not None)
    assert row.source() == "drawn"
    assert len(read(row)[0].polygons) == 3
    row.drawer.stop()


def test_every_entry_of_the_menus_has_a_picture(row: Any) -> None:
    menus = row.menus
    actions = [*menus.drawing.values(), *menus.changing.values(), menus.paste_action, menus.file_action, menus.place_action]
    assert len(actions) == 16
    assert [action.text() for action in actions if not painted(action.icon())] == []


def painted(picture: Any) -> bool:
    """Whether anything of an icon can be seen."""
    image = picture.pixmap(16, 16).toImage()
    return any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_a_crs_without_a_place_on_earth_is_told(row: Any, tmp_path: Path, qtbot: Any) -> None:
    from osgeo import ogr, osr

    path, crs = tmp_path / "site.gpkg", osr.SpatialReference()
    crs.SetFromUserInput('LOCAL_CS["site",UNIT["m",1]]')
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = made.CreateLayer("site", crs, ogr.wkbPolygon)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON((5 50, 6 50, 6 51, 5 50))"))
    layer.CreateFeature(feature)
    layer = made = None
    row.sources.read_file(str(path))
    wait(qtbot, lambda: "no place on earth" in row.summary.text())
