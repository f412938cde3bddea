"""What an analyst does in the dock, from an area to a job that runs."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QToolButton
from simulator import Simulator
from support.docks import KEY, add_account, choose, click, paste, squares, texts, wait


def ready(dock: Any) -> bool:
    return dock.new_job.foot.run_button.isEnabled()


def test_ships_in_a_drawn_area_run_and_show_in_the_jobs_tab(dock: Any, simulator: Simulator, session: Any, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    paste(dock)
    wait(qtbot, lambda: "km² · 1 polygon · inside limits" in page.area.summary.text())
    assert not ready(dock)
    assert "Date is missing" in page.foot.reason.text()
    page.form.input("date").set_value("2026-05-04")
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    wait(qtbot, lambda: "credits (service’s estimate) · about 15–30 min" in page.foot.estimate.text())
    page.foot.run_button.click()
    assert dock.tabs.currentWidget() is dock.jobs_page
    assert dock.tabs.tabText(1) == "Jobs (1)"
    wait(qtbot, lambda: any(job.remote_id for job in session.jobs.values()))
    sent = [r for r in simulator.requests.find("POST") if "preview" not in r.path]
    assert len(sent) == 1
    assert "credits" in next(iter(session.jobs.values())).estimate


def test_the_same_request_again_needs_a_second_click(dock: Any, session: Any, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    paste(dock)
    page.form.input("date").set_value("2026-05-04")
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    page.foot.run_button.click()
    dock.tabs.setCurrentIndex(0)
    page.foot.run_button.click()
    assert len(session.jobs) == 1
    assert "The same request was sent less than a minute ago" in texts(page)
    assert page.foot.run_button.text() == "Run Anyway"
    page.foot.run_button.click()
    assert len(session.jobs) == 2


def test_a_map_view_of_a_country_is_told_as_what_it_is(dock: Any, qgis_canvas: Any, qtbot: Any) -> None:
    from groundtrack.ui.sentence import INFO

    page = dock.new_job
    choose(page.task.combo, "Ships")
    qgis_canvas.setExtent(QgsRectangle(0, 45, 10, 52))
    wait(qtbot, lambda: "whole map view" in page.area.summary.text())
    assert page.area.summary.level() == INFO
    qgis_canvas.setExtent(QgsRectangle(3.9, 51.95, 4.2, 52.1))
    wait(qtbot, lambda: "inside limits" in page.area.summary.text())


def test_several_polygons_become_one_job_each(dock: Any, session: Any, qgis_iface: Any, qtbot: Any) -> None:
    layer = squares(4)
    layer.selectAll()
    qgis_iface.setActiveLayer(layer)
    page = dock.new_job
    choose(page.task.combo, "Ships")
    page.form.input("date").set_value("2026-05-04")
    choose(page.area.source_box, "Selected Features")
    wait(qtbot, lambda: "4 parts" in texts(page.foot))
    assert not ready(dock)
    assert "needs a change" in page.area.summary.text()
    button = next(item for item in page.foot.findChildren(QToolButton) if item.text().startswith("Send 4 Jobs"))
    button.click()
    wait(qtbot, lambda: page.foot.run_button.text() == "Run 4 Jobs" and ready(dock))
    assert "4 jobs, one for each part" in page.area.summary.text()
    page.foot.run_button.click()
    assert len(session.jobs) == 4


def test_a_scene_takes_the_place_of_the_area(dock: Any, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    scene = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
    page.form.input("scene_id").set_value(scene)
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    assert "Not used: Scene ID decides" in texts(page.area)
    assert not page.area.source_box.isEnabled()
    assert not page.form.input("date").widget.isVisible()
    assert page.checker.verdict.requests[0].aoi is None


def test_preview_shows_what_is_sent_and_masks_the_key(dock: Any, qtbot: Any) -> None:
    from groundtrack.ui.preview_dialog import PreviewDialog

    page = dock.new_job
    paste(dock)
    choose(page.task.combo, "Ships")
    page.form.input("date").set_value("2026-05-04")
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    page.foot.preview_button.click()
    dialog = page.findChild(PreviewDialog)
    assert "POLYGON((3.9 51.95" in dialog.text.toPlainText()
    assert KEY not in dialog.text.toPlainText()
    dialog.curl_button.click()
    copied = QApplication.clipboard().text()
    assert copied.startswith("curl -X POST")
    assert KEY not in copied
    assert "masked" in texts(dialog)
    dialog.close()


def test_nothing_is_asked_of_the_service_while_there_are_errors(dock: Any, simulator: Simulator, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ground Change")
    page.form.set_values({"date_start": "2025-03-01", "date_end": "2026-03-01"})
    paste(dock)
    wait(qtbot, lambda: "at most 50 km²" in texts(page.foot))
    qtbot.wait(900)  # longer than the pause before an estimate
    assert not simulator.requests.find("*", "*preview*")


def test_too_large_an_area_is_split_on_request(dock: Any, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ground Change")
    page.form.set_values({"date_start": "2025-03-01", "date_end": "2026-03-01"})
    paste(dock)
    wait(qtbot, lambda: "Split Into Several Jobs" in texts(page.foot))
    next(item for item in page.foot.findChildren(QToolButton) if "Split" in item.text()).click()
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    assert page.foot.run_button.text().startswith("Run ")
    assert all(request.aoi.area_km2 <= 50 for request in page.checker.verdict.requests)


def test_a_closed_dock_asks_nothing_when_the_map_moves(dock: Any, qgis_canvas: Any, qtbot: Any) -> None:
    page = dock.new_job
    wait(qtbot, lambda: page.checker.verdict is not None)
    dock.close()
    qgis_canvas.setExtent(QgsRectangle(5, 50, 6, 51))
    assert not page.checker._pause.isActive()
    dock.show()
    wait(qtbot, lambda: page.checker.verdict is not None and page.checker.verdict.pieces[0].bounds[0] > 4)


def test_map_view_in_a_projected_crs_keeps_its_edges(dock: Any, qgis_canvas: Any, qtbot: Any) -> None:
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3035"))
    qgis_canvas.setExtent(QgsRectangle(4_000_000, 2_500_000, 5_000_000, 3_500_000))
    page = dock.new_job
    wait(qtbot, lambda: page.checker.verdict is not None and page.checker.verdict.pieces)
    assert page.checker.verdict.pieces[0].vertices > 8  # bent, since the edges are no straight lines in degrees


def test_drawing_a_polygon_shows_it_and_gives_the_tool_back(dock: Any, qgis_canvas: Any, qtbot: Any) -> None:
    from qgis.gui import QgsMapToolPan

    pan = QgsMapToolPan(qgis_canvas)
    qgis_canvas.setMapTool(pan)
    page = dock.new_job
    page.area.menus.drawing["polygon"].trigger()
    assert "Right click finishes" in page.area.summary.text()
    for x, y in ((50, 50), (200, 60), (180, 200)):
        click(qgis_canvas, x, y)
    assert "so far" in page.area.summary.text()
    click(qgis_canvas, 180, 200, Qt.MouseButton.RightButton)
    assert qgis_canvas.mapTool() is pan
    assert page.area.source() == "drawn"
    assert not page.area.menus.drawing["polygon"].isChecked()
    wait(qtbot, lambda: "1 polygon" in page.area.summary.text())
    assert page.band.band.isVisible()
    assert page.checker.verdict.pieces[0].vertices == 3


def test_prefill_brings_an_earlier_request_back(dock: Any, session: Any, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "New Buildings")
    page.form.set_values({"date_start": "2025-03-01", "date_end": "2026-03-01"})
    paste(dock)
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    page.foot.run_button.click()
    job = next(iter(session.jobs.values()))
    choose(page.task.combo, "Ships")
    page.area.menus.changing["clear"].trigger()
    dock.jobs_page.edit_requested.emit(job)
    assert dock.tabs.currentIndex() == 0
    wait(qtbot, page.foot.preview_button.isEnabled)
    assert page.task.operation().key == "newbuilding"
    assert page.form.values()["date_start"] == "2025-03-01"
    assert page.checker.verdict.fingerprints == (job.fingerprint,)


def test_closing_down_takes_everything_off_the_map(qgis_iface: Any, qgis_canvas: Any, session: Any, simulator: Simulator) -> None:
    from groundtrack.ui.dock import GroundtrackDock

    before = len(qgis_canvas.scene().items())
    add_account(session, simulator.sateais.url)
    dock = GroundtrackDock(qgis_iface, session)
    qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    qgis_iface.mainWindow().show()
    dock.new_job.area.menus.drawing["rectangle"].trigger()
    dock.close_down()
    assert qgis_canvas.mapTool() is None
    assert len(qgis_canvas.scene().items()) == before
    qgis_iface.removeDockWidget(dock)
    dock.deleteLater()


def test_layer_far_away_from_degrees_is_told_with_a_reason(dock: Any, qgis_iface: Any, qtbot: Any) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32631", "lost", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("Polygon((0 1e30, 1e30 1e30, 1e30 0, 0 1e30))"))
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    page = dock.new_job
    page.area.set_source("layer")
    wait(qtbot, lambda: page.checker.verdict is not None and page.checker.verdict.errors)
    assert page.area.summary.text()
    assert not page.foot.run_button.isEnabled()


def test_message_of_a_service_is_shown_as_it_is(dock: Any) -> None:
    from qgis.PyQt.QtWidgets import QTextBrowser

    dock.report("Refused: <b>area</b> & <img src='x'>")
    shown = [browser.toPlainText() for browser in dock.message_bar.findChildren(QTextBrowser)]
    assert shown == ["Refused: <b>area</b> & <img src='x'>"]


def test_a_long_message_is_shown_whole_in_a_narrow_dock(dock: Any, qtbot: Any) -> None:
    from qgis.PyQt.QtWidgets import QTextBrowser

    dock.report("Refused: " + "the area is too large, " * 12)
    text = dock.message_bar.findChild(QTextBrowser)
    for width in (420, 520):
        dock.setFixedWidth(width)
        wait(qtbot, lambda: text.viewport().height() >= text.document().size().height() > 3 * text.fontMetrics().lineSpacing())


def test_the_form_never_waits_for_a_silent_service(dock: Any, simulator: Simulator, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    simulator.fault("hang", path="*preview*", times=50)
    paste(dock)
    for day in range(1, 8):
        page.form.input("date").set_value(f"2026-05-0{day}")
        wait(qtbot, page.foot.run_button.isEnabled, 2000)
        wait(qtbot, lambda: "Asking what it costs" in page.foot.estimate.text(), 2000)
    assert page.checker.verdict.requests[0].values["date"] == "2026-05-07"
    assert len(simulator.requests.find("*", "*preview*")) == 1
