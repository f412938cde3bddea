"""Sentinel Hub in the dock: account and storage, script, price, tiles, and what comes of it on the map. Over real S3 storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.cases import ALL_DAYS, CASES
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QToolButton
from simulator import Simulator
from support.docks import running_session, texts, wait

TOWN = '{"type": "Polygon", "coordinates": [[[11.4, 48.1], [11.44, 48.1], [11.44, 48.12], [11.4, 48.12], [11.4, 48.1]]]}'


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


def known(simulator: Simulator, **changes: str) -> dict[str, str]:
    """What an account knows, secrets among it."""
    case = CASES["sentinelhub"]
    return {"deployment": "other", **case.public(simulator), **case.secrets(simulator), **changes}


@pytest.fixture
def dialog(session: Any, simulator: Simulator, qgis_iface: Any, qtbot: Any) -> Any:
    from groundtrack.providers.sentinelhub import SentinelHub
    from groundtrack.ui.account_dialog import AccountDialog

    made = AccountDialog(session, SentinelHub, None, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.form.set_values(known(simulator))
    made.show()
    return made


def test_storage_is_tried_from_the_account(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    full = simulator.s3.admin
    dialog.form.set_values(known(simulator, s3_access_key=full.key_id, s3_secret_key=full.secret))
    dialog.storage.button.click()
    wait(qtbot, lambda: "The storage works" in texts(dialog))
    assert "delete: works" in texts(dialog)


def test_missing_permissions_are_named(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    weak = simulator.s3.no_write
    dialog.form.set_values(known(simulator, s3_access_key=weak.key_id, s3_secret_key=weak.secret, s3_role_arn=""))
    dialog.storage.button.click()
    wait(qtbot, lambda: "Missing permissions: s3:PutObject" in texts(dialog))
    assert weak.secret not in texts(dialog)


def test_a_key_that_only_reads_is_enough_beside_a_role(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    dialog.storage.button.click()
    wait(qtbot, lambda: "The role delivers" in texts(dialog))
    assert "list: works" in texts(dialog)
    assert "Missing" not in texts(dialog)


def test_wrong_storage_key_is_told(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    dialog.form.set_values(known(simulator, s3_access_key="AKIAWRONG", s3_secret_key="wrong"))
    dialog.storage.button.click()
    wait(qtbot, lambda: "refuses" in dialog.storage.result.text())
    assert dialog.storage.button.isEnabled()


def test_policies_can_be_copied(dialog: Any, simulator: Simulator) -> None:
    dialog.form.set_values(known(simulator, external_id="my-domain"))
    dialog.storage.rights_action.trigger()
    assert f"arn:aws:s3:::{simulator.s3.bucket}/*" in QApplication.clipboard().text()
    dialog.storage.trust_action.trigger()
    assert '"sts:ExternalId": "my-domain"' in QApplication.clipboard().text()
    assert "was copied" in texts(dialog)


def test_other_services_have_no_storage_to_test(session: Any, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.providers.sateais import SateAIs
    from groundtrack.ui.account_dialog import AccountDialog

    made = AccountDialog(session, SateAIs, None, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.show()
    assert "Test Storage" not in texts(made)


@pytest.fixture
def page(session: Any, simulator: Simulator, qgis_iface: Any, qgis_canvas: Any, qtbot: Any) -> Iterator[Any]:
    """The New Job page of a dock with a Sentinel Hub account, filled in but for the script."""
    from groundtrack.providers.base import Account, Secrets
    from groundtrack.ui.dock import GroundtrackDock

    case = CASES["sentinelhub"]
    session.store.save(Account("sentinelhub", "Alps", case.public(simulator), Secrets(case.secrets(simulator))), remember=False)
    session.refresh_accounts()
    dock = GroundtrackDock(qgis_iface, session)
    qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    qgis_iface.mainWindow().show()
    QApplication.clipboard().setText(TOWN)
    dock.new_job.area.menus.paste_action.trigger()
    wait(qtbot, lambda: dock.new_job.task.operation() is not None and not dock.new_job.checker._pause.isActive())
    wait(qtbot, lambda: dock.new_job.checker.verdict is not None)
    dock.new_job.form.set_values({"date_start": "2024-06-01", "date_end": "2024-06-30", "resolution": 60.0})
    yield dock.new_job
    dock.close_down()
    qgis_iface.removeDockWidget(dock)
    dock.deleteLater()


def run(page: Any, session: Any, qtbot: Any, **values: Any) -> None:
    """Fill in, wait for the checks, and press the button."""
    page.form.set_values({**page.form.values(), **values})
    wait(qtbot, lambda: page.checker.verdict is not None and page.foot.run_button.isEnabled())
    page.foot.run_button.click()


def layers() -> list[QgsRasterLayer]:
    return [layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsRasterLayer)]


@pytest.mark.parametrize(("script", "kind"), [
    ("ndvi", "singlebandpseudocolor"),
    ("ndmi_8bit", "singlebandpseudocolor"),
    ("scl", "paletted"),
    ("true_color", "multibandcolor"),
    ("true_color_float", "multibandcolor"),
])  # fmt: skip
def test_result_is_drawn_as_its_script_asks(page: Any, session: Any, qtbot: Any, script: str, kind: str) -> None:
    from groundtrack.evalscripts.library import find

    run(page, session, qtbot, evalscript=find(script).script)
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == ["loaded"], 30_000)
    (layer,) = layers()
    assert layer.renderer().type() == kind
    assert layer.name().startswith(find(script).title)
    if script == "ndmi_8bit":
        assert (layer.renderer().classificationMin(), layer.renderer().classificationMax()) == (1.0, 255.0)
    if script == "scl":
        from groundtrack.results.palettes import SCL

        assert {item.label.lower() for item in layer.renderer().classes()} <= {name for name, _ in SCL[1:]}
    if script == "true_color_float":
        assert layer.renderer().redContrastEnhancement().maximumValue() == pytest.approx(0.4)


def test_too_large_area_runs_as_tiles_and_comes_back_as_one_layer(page: Any, session: Any, qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("groundtrack.providers.hub.plan.LARGEST", 32)
    page.form.set_values({**page.form.values(), "evalscript": "ndvi"})
    wait(qtbot, lambda: "Split Into Up to 4 Jobs" in texts(page.foot))
    next(item for item in page.foot.findChildren(QToolButton) if item.text().startswith("Split Into")).click()
    wait(qtbot, lambda: page.checker.verdict is not None and page.foot.run_button.isEnabled())
    assert page.foot.run_button.text() == "Run 4 Jobs (Tiles of One Area)"
    page.foot.run_button.click()
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == ["loaded"] * 4, 60_000)
    (layer,) = layers()
    assert layer.source().endswith("whole_default.vrt")
    whole = layer.width() * layer.height()
    assert whole > 32 * 32
    block = layer.dataProvider().block(1, layer.extent(), layer.width(), layer.height())
    filled = sum(not block.isNoData(row, column) for row in range(layer.height()) for column in range(layer.width()))
    assert filled > 0.8 * whole  # no seams without data between the tiles


@pytest.mark.parametrize("tiles", [False, True])
def test_downloads_become_cogs_when_that_was_chosen(page: Any, session: Any, qtbot: Any, monkeypatch: Any, tiles: bool) -> None:
    from osgeo import gdal
    from qgis.core import QgsSettings

    QgsSettings().setValue("groundtrack/make_cog", "always")
    if tiles:
        monkeypatch.setattr("groundtrack.providers.hub.plan.LARGEST", 32)
    run(page, session, qtbot, evalscript="ndvi", split=tiles)
    wait(qtbot, lambda: {job.state.value for job in session.jobs.values()} == {"loaded"}, 60_000)
    (layer,) = layers()
    assert layer.source().endswith("whole_default_cog.tif" if tiles else "default_cog.tif")
    assert gdal.Open(layer.source()).GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    assert all(Path(name).is_file() for job in session.jobs.values() for name in job.files)
    assert layer.renderer().type() == "singlebandpseudocolor"


def test_script_comes_from_the_library_and_is_read(page: Any, qtbot: Any) -> None:
    field = page.form.input("evalscript")
    field.fill_menu()
    actions = {action.text(): action for action in field.menu.actions()}
    assert not actions["Scene classification, SCL"].icon().isNull()
    actions["Vegetation index, NDVI (float)"].trigger()
    wait(qtbot, lambda: "Delivers default: 1 band of FLOAT32." in field.check.text())
    assert "Reads B08, B04, dataMask." in texts(page)
    wait(qtbot, lambda: page.foot.run_button.isEnabled())


def test_a_script_chooses_the_collection_that_it_reads(page: Any, qtbot: Any) -> None:
    field, collection = page.form.input("evalscript"), page.form.input("collection")

    def begin(title: str) -> None:
        field.fill_menu()
        next(action for action in field.menu.actions() if action.text() == title).trigger()

    begin("Radar VV and VH (8-bit)")
    assert collection.value() == "sentinel-1-grd"
    wait(qtbot, lambda: "The collection was changed to Sentinel-1 GRD" in field.check.text() and "Reads VV, VH" in field.check.text())
    wait(qtbot, page.foot.run_button.isEnabled)
    field.set_value(field.value() + "\n")
    wait(qtbot, lambda: "was changed" not in field.check.text())
    begin("Water index, NDWI (float)")
    assert collection.value() == "sentinel-2-l2a"
    collection.set_value("sentinel-2-l1c")
    begin("Vegetation index, NDVI (float)")
    assert collection.value() == "sentinel-2-l1c"  # which has these bands too
    begin("Scene classification, SCL")
    assert collection.value() == "sentinel-2-l2a"


def test_a_collection_of_ones_own_can_be_entered(page: Any, qtbot: Any) -> None:
    own = "byoc-2d7a7b1e-1c1f-4c4e-9a37-0f1d1b0e7a11"
    collection = page.form.input("collection")
    page.form.set_values({**page.form.values(), "evalscript": "ndvi"})
    collection.widget.setEditText(own)
    wait(qtbot, lambda: page.checker.verdict is not None and page.foot.run_button.isEnabled())
    assert page.form.values()["collection"] == own
    collection.widget.setEditText("byoc-mine")
    wait(qtbot, lambda: "Collection cannot be “byoc-mine”" in texts(page))
    collection.widget.setEditText("Sentinel-1 GRD")
    assert collection.value() == "sentinel-1-grd"


def test_a_format_that_cannot_hold_the_outputs_is_told_and_mended(page: Any, qtbot: Any) -> None:
    page.form.set_values({**page.form.values(), "evalscript": "ndvi", "format": "png"})
    wait(qtbot, lambda: "PNG cannot hold the FLOAT32 values of the output “default”." in texts(page))
    assert not page.foot.run_button.isEnabled()
    next(item for item in page.foot.findChildren(QToolButton) if item.text() == "Deliver as GeoTIFF").click()
    wait(qtbot, lambda: page.foot.run_button.isEnabled())


def test_scripts_beside_the_project_and_from_files(page: Any, tmp_path: Path, qtbot: Any) -> None:
    from groundtrack.evalscripts.library import find

    (tmp_path / "own.js").write_text(find("scl").script, encoding="utf-8")
    assert QgsProject.instance().write(str(tmp_path / "alps.qgs"))
    field = page.form.input("evalscript")
    field.fill_menu()
    next(action for action in field.menu.actions() if action.text() == "own.js").trigger()
    wait(qtbot, lambda: "UINT8" in field.check.text())
    field.take_file(str(tmp_path / "missing.js"))
    assert "missing.js cannot be read as a script." in texts(page)
    assert field.value() == find("scl").script


def test_a_script_that_the_service_would_refuse_is_told(page: Any, qtbot: Any) -> None:
    page.form.input("evalscript").set_value("function setup() {}\n")
    wait(qtbot, lambda: "must begin with the line //VERSION=3" in texts(page))
    assert not page.foot.run_button.isEnabled()


def test_cost_is_shown_with_its_working_and_compared_in_the_end(page: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    page.form.set_values({**page.form.values(), "evalscript": "ndvi"})
    wait(qtbot, lambda: "PU (our estimate; perhaps at least 10 PU)" in page.foot.estimate.text())
    assert "bands" not in page.foot.estimate.text()
    page.foot.how_button.click()
    assert "2 bands / 3 × 2 (32-bit float) = 0.013 PU." in page.foot.working.text()
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.run_button.click()
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == ["loaded"], 30_000)
    (job,) = session.jobs.values()
    assert job.cost.endswith(" PU")
    assert job.estimate.startswith("0.013")


@pytest.mark.parametrize(("plan", "state", "next_step"), [
    ({"outcome": "nothing"}, "unresolved", "s3:PutObject"),
    ({"fail_message": "Out of memory."}, "failed", "running it again is a new job"),
])  # fmt: skip
def test_an_end_without_result_says_what_to_do(
    page: Any, session: Any, simulator: Simulator, qtbot: Any, plan: dict[str, Any], state: str, next_step: str
) -> None:
    simulator.sentinelhub.next_job(**plan)
    run(page, session, qtbot, evalscript="ndvi")
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == [state], 40_000)
    assert next_step in next(iter(session.jobs.values())).message


def test_a_failed_tile_that_is_run_again_completes_the_whole(
    page: Any, session: Any, simulator: Simulator, qtbot: Any, monkeypatch: Any
) -> None:
    from groundtrack.ui.jobs_page import JobsPage

    monkeypatch.setattr("groundtrack.providers.hub.plan.LARGEST", 32)
    simulator.sentinelhub.next_job(fail_message="Out of memory.")
    run(page, session, qtbot, evalscript="ndvi", split=True)
    wait(qtbot, lambda: sorted(job.state.value for job in session.jobs.values()) == ["failed", *["fetched"] * 3], 60_000)
    assert not layers()
    failed = next(job for job in session.jobs.values() if job.state.value == "failed")
    page.window().findChild(JobsPage).repeat_requested.emit(failed)
    wait(qtbot, lambda: page.foot.run_button.isEnabled() and "tile" in page.form.values())
    page.foot.run_button.click()
    wait(qtbot, lambda: len(layers()) == 1, 60_000)
    wait(qtbot, lambda: sorted(job.state.value for job in session.jobs.values()) == ["failed", *["loaded"] * 4])
    assert layers()[0].source().endswith("whole_default.vrt")


def test_notes_of_the_script_become_layer_notes(page: Any, session: Any, qtbot: Any) -> None:
    from qgis.core import QgsLayerNotesUtils

    run(page, session, qtbot, evalscript=ALL_DAYS)
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == ["loaded"], 40_000)
    assert sorted(layer.name().split(" 2024")[0] for layer in layers()) == ["Process, default", "Process, rgb"]
    (job,) = session.jobs.values()
    notes = next(Path(name) for name in job.files if name.endswith("userdata.json")).read_text(encoding="utf-8")
    assert notes.strip(" {}\n").partition(":")[0].strip('"') in QgsLayerNotesUtils.layerNotes(layers()[0])


def test_tiles_that_cannot_be_joined_are_warned_of(page: Any, qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("groundtrack.providers.hub.plan.LARGEST", 32)
    page.form.set_values({**page.form.values(), "evalscript": "true_color", "format": "png", "split": True})
    wait(qtbot, lambda: "The tiles cannot be joined" in texts(page))
    next(item for item in page.foot.findChildren(QToolButton) if item.text() == "Deliver as GeoTIFF").click()
    wait(qtbot, lambda: page.foot.run_button.isEnabled() and "cannot be joined" not in texts(page))
    wait(qtbot, lambda: page.foot.run_button.text() == "Run 4 Jobs (Tiles of One Area)")
    assert len({request.values["tile"] for request in page.checker.verdict.requests}) == 4


def test_a_batch_of_rasters_becomes_one_mosaic_by_its_button(page: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui import batch_header as deeds
    from groundtrack.ui.batch_panel import BatchPanel
    from qgis.core import QgsFeature, QgsField, QgsGeometry, QgsPointXY, QgsRectangle, QgsVectorLayer, edit
    from qgis.PyQt.QtCore import QVariant

    fields = QgsVectorLayer("Polygon?crs=EPSG:4326", "Fields", "memory")
    with edit(fields):
        fields.addAttribute(QgsField("name", QVariant.String))
        fields.updateFields()
        for number in range(3):  # of different sizes, apart from each other, off any grid
            feature = QgsFeature(fields.fields())
            feature.setAttributes([f"field {number}"])
            west = 11.4003 + number * 0.015
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(west, 48.1007, west + 0.01 + number * 0.0011, 48.1091)))
            fields.addFeature(feature)
    QgsProject.instance().addMapLayer(fields)
    page.area.layer_box.setLayer(fields)
    page.area.set_source("layer")
    page.area.batch.use("name", None)
    run(page, session, qtbot, evalscript="ndvi")
    wait(qtbot, lambda: [job.state.value for job in session.jobs.values()] == ["loaded"] * 3, 60_000)
    singles = layers()
    assert sorted(layer.name().partition(" · ")[0] for layer in singles) == ["field 0", "field 1", "field 2"]
    panel = page.window().findChild(BatchPanel)
    (header,) = panel.headers.values()
    wait(qtbot, lambda: header.main_button.defaultAction() is header.deeds[deeds.MERGE], 30_000)
    header.main_button.click()
    wait(qtbot, lambda: len(layers()) == 4, 30_000)
    (merged,) = [layer for layer in layers() if layer not in singles]
    assert (merged.source().endswith("merged_default.vrt"), merged.name()) == (True, singles[0].name().partition(" · ")[2])
    assert (merged.renderer().type(), merged.crs()) == ("singlebandpseudocolor", singles[0].crs())
    for single in singles:
        middle = single.extent().center()
        assert merged.extent().contains(single.extent())
        assert merged.dataProvider().sample(middle, 1) == single.dataProvider().sample(middle, 1)
    gap = QgsPointXY(singles[0].extent().xMaximum() + 60, middle.y())
    assert not merged.dataProvider().sample(gap, 1)[1]  # nothing was measured between the fields
    header.deeds[deeds.JOIN].trigger()
    wait(qtbot, lambda: QgsProject.instance().mapLayersByName("Fields with results"), 30_000)
    (joined,) = QgsProject.instance().mapLayersByName("Fields with results")
    assert all(-1 <= feature["job_mean"] <= 1 for feature in joined.getFeatures())
