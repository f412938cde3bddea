"""This computer as a service, in the dock: layers as inputs, bands that are shown, results with their statistics."""

from __future__ import annotations

import importlib
import platform
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QFocusEvent
from qgis.PyQt.QtWidgets import QApplication, QFileDialog
from support.docks import running_session, texts, wait
from support.ranges import serving
from support.rasters import flat, write_raster

NAMES = ("green", "red", "nir", "swir16")


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    from groundtrack.rasters.engine import ENGINE

    with running_session(tmp_path) as running:
        yield running
    ENGINE.stop_all()


@pytest.fixture
def dock(qgis_iface: Any, session: Any, qtbot: Any) -> Iterator[Any]:
    with opened(qgis_iface, session) as made:
        yield made


@contextmanager
def opened(qgis_iface: Any, session: Any, *, welcomed: bool = True) -> Iterator[Any]:
    """The dock, `welcomed`: after a person went on without an account, no area chosen."""
    from groundtrack.ui.dock import GroundtrackDock

    made = GroundtrackDock(qgis_iface, session)
    qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, made)
    qgis_iface.mainWindow().show()
    if welcomed:
        made.welcome.go_button.click()
        choose(made.new_job.area.source_box, "No Area")
    yield made
    made.close_down()
    qgis_iface.removeDockWidget(made)
    made.deleteLater()


def choose(combo: Any, text: str) -> None:
    index = combo.findText(text, Qt.MatchFlag.MatchContains)
    assert index >= 0, text
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def add_layer(path: str, name: str) -> QgsRasterLayer:
    layer = QgsRasterLayer(path, name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def image(folder: Path, name: str = "scene", *, swap: bool = False) -> str:
    bands = [flat(value, (40, 50)) for value in (500, 400, 3000, 1200)]
    return write_raster(folder / f"{name}.tif", [bands[0], bands[2], bands[1], bands[3]] if swap else bands,
                        names=("green", "nir", "red", "swir16") if swap else NAMES)  # fmt: skip


def look(raster: Any) -> list[str]:
    """What the combo box of a raster lists for somebody who is about to choose."""
    raster.combo.focusInEvent(QFocusEvent(QEvent.Type.FocusIn))
    return [raster.combo.itemText(index) for index in range(raster.combo.count())]


def jobs(session: Any) -> list[Any]:
    return sorted(session.jobs.values(), key=lambda job: job.created_at)


def test_who_went_on_without_an_account_is_not_asked_again(dock: Any, qgis_iface: Any, session: Any) -> None:
    with opened(qgis_iface, session, welcomed=False) as again:
        assert again.first_tab.currentWidget() is again.new_job


def test_layers_of_the_project_are_offered_and_their_bands_chosen(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    path = image(tmp_path)
    add_layer(path, "June")
    form = dock.new_job.form
    assert look(form.input("image")) == ["June"]
    choose(form.input("image").combo, "June")
    wait(qtbot, lambda: form.values().get("nir_band") == 3)
    assert form.values()["image"] == path
    assert form.values()["red_band"] == 2
    assert form.input("nir_band").widget.currentText() == "3 – nir (near infrared)"
    assert form.input("nir_band").widget.isVisible()
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    assert "By names and metadata" not in texts(dock)


def test_a_layer_that_came_later_is_offered_too(dock: Any, tmp_path: Path) -> None:
    raster = dock.new_job.form.input("image")
    assert look(raster) == []
    path = image(tmp_path)
    one, _ = add_layer(path, "Scene"), add_layer(path, "Scene")
    assert look(raster) == ["Scene", "Scene (2)"]
    raster.combo.lineEdit().setText("Scene")
    QgsProject.instance().removeMapLayer(one.id())
    assert raster.value() == path


def test_another_image_has_other_bands_but_a_choice_stays(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    form = dock.new_job.form
    form.input("image").set_value(image(tmp_path))
    wait(qtbot, lambda: form.values().get("nir_band") == 3)
    choose(form.input("red_band").widget, "1 – green")
    form.input("image").set_value(image(tmp_path, "other", swap=True))
    wait(qtbot, lambda: form.values().get("nir_band") == 2)
    assert form.values()["red_band"] == 1


def test_bands_that_nothing_tells_are_asked_for(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    form, foot = dock.new_job.form, dock.new_job.foot
    form.input("image").set_value(write_raster(tmp_path / "plain.tif", [flat(1), flat(2)]))
    wait(qtbot, lambda: form.input("red_band").widget.count() == 2)
    wait(qtbot, lambda: dock.new_job.checker.verdict is not None)
    assert not foot.run_button.isEnabled()
    assert "Nothing in plain.tif tells which band is near infrared. Give its number." in texts(dock)
    form.input("red_band").widget.setEditText("1")
    form.input("nir_band").widget.setEditText("2")
    wait(qtbot, foot.run_button.isEnabled)
    form.input("nir_band").widget.setEditText("second")
    wait(qtbot, lambda: "Near infrared band must be a number" in texts(dock))


def test_a_typed_path_counts_when_typing_pauses(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    form = dock.new_job.form
    form.input("image").combo.lineEdit().setText(f" {image(tmp_path)} ")
    assert form.values()["image"] == str(tmp_path / "scene.tif")
    wait(qtbot, lambda: form.values().get("nir_band") == 3)


def test_half_an_address_asks_no_server(dock: Any, session: Any, qtbot: Any) -> None:
    asked = []
    raster = dock.new_job.form.input("image")
    raster.settled.connect(lambda: asked.append(raster.value()))
    raster.combo.lineEdit().setText("https://example.org/sce")
    qtbot.wait(700)
    assert asked == []
    assert raster.value() == "https://example.org/sce"


def test_an_address_is_looked_at_once_it_is_given_in_full(dock: Any, session: Any, qtbot: Any, tmp_path: Path) -> None:
    form = dock.new_job.form
    with serving(Path(image(tmp_path))) as server:
        form.input("image").combo.lineEdit().setText(server.url)
        form.input("image").combo.lineEdit().editingFinished.emit()
        wait(qtbot, lambda: form.values().get("nir_band") == 3)
        assert run(dock, qtbot, session).state.value == "loaded"


def test_files_can_be_browsed_for_and_count_as_one_image(dock: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [write_raster(tmp_path / name, [flat(value)]) for name, value in (("T31TFJ_B04.tif", 1), ("T31TFJ_B08.tif", 3))]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (files, ""))
    form = dock.new_job.form
    form.input("image").browse_button.click()
    assert form.values()["image"] == "; ".join(files)
    wait(qtbot, lambda: form.values().get("nir_band") == 2)


def test_what_is_remembered_in_a_layers_source_besides_its_place_is_left_out(dock: Any, tmp_path: Path) -> None:
    path = image(tmp_path)
    add_layer(f"{path}|option:NUM_THREADS=2", "Scene")
    choose_from = dock.new_job.form.input("image")
    look(choose_from)
    choose(choose_from.combo, "Scene")
    assert choose_from.value() == path


def test_change_detection_shows_the_bands_it_will_use(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    page = dock.new_job
    choose(page.task.combo, "Change between")
    page.form.input("before").set_value(image(tmp_path))
    page.form.input("after").set_value(image(tmp_path, "later"))
    wait(qtbot, lambda: page.form.values().get("bands") == ("red=2", "nir=3", "green=1", "swir16=4"))
    page.form.input("after").set_value(image(tmp_path, "swapped", swap=True))
    wait(qtbot, lambda: page.form.values().get("bands") == ("red", "nir", "green", "swir16"))


def test_a_formula_says_what_the_bands_are_called(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    page = dock.new_job
    choose(page.task.combo, "Band formula")
    page.form.input("image").set_value(image(tmp_path))
    wait(qtbot, lambda: "Bands: b1 green, b2 red, b3 nir, b4 swir16" in texts(dock))


def test_what_is_previewed_is_not_a_web_request(dock: Any, qtbot: Any, tmp_path: Path) -> None:
    from groundtrack.ui.preview_dialog import PreviewDialog

    page = dock.new_job
    page.form.input("image").set_value(image(tmp_path))
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.preview_button.click()
    dialog = page.findChild(PreviewDialog)
    assert "RUN local:ndvi" in dialog.text.toPlainText()
    assert not dialog.curl_button.isVisible()
    assert "Nothing is sent." in dialog.note.text()
    dialog.reject()


def run(dock: Any, qtbot: Any, session: Any) -> Any:
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    dock.new_job.foot.run_button.click()
    wait(qtbot, lambda: jobs(session)[-1].state.value == "loaded", 30_000)
    return jobs(session)[-1]


def test_a_result_is_loaded_styled_and_its_statistics_stand_in_the_details(dock: Any, qtbot: Any, session: Any, tmp_path: Path) -> None:
    page = dock.new_job
    page.form.input("image").set_value(image(tmp_path))
    wait(qtbot, lambda: page.form.values().get("nir_band") == 3)
    page.form.input("data_type").set_value("int16")
    job = run(dock, qtbot, session)
    layer = next(layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsRasterLayer))
    assert layer.renderer().classificationMax() == 1
    details = dock.jobs_page.details
    wait(qtbot, details.statistics.isVisible)
    shown = texts(details)
    assert "Mean" in shown
    assert "0.7647" in shown
    assert "20.02 ha" in shown
    assert "Mean: 0.7647" in details.as_text()
    assert Path(job.files[0]).with_name(Path(job.files[0]).name + ".stats.json").exists()


def test_classes_stand_in_the_details_with_hectares(dock: Any, qtbot: Any, session: Any, tmp_path: Path) -> None:
    page = dock.new_job
    choose(page.task.combo, "Change between")
    before = [flat(value, (40, 50)) for value in (500, 400, 3000, 1200)]
    after = [band.copy() for band in before]
    after[2][:10] = 500
    page.form.input("before").set_value(write_raster(tmp_path / "before.tif", before, names=NAMES))
    page.form.input("after").set_value(write_raster(tmp_path / "after.tif", after, names=NAMES))
    wait(qtbot, lambda: page.form.values().get("bands"))
    run(dock, qtbot, session)
    details = dock.jobs_page.details
    wait(qtbot, details.statistics.isVisible)
    shown = texts(details)
    assert "No change" in shown
    assert "15.01 ha · 75.0%" in shown
    assert not details.statistics.grab().toImage().isNull()
    assert details.statistics.histogram.accessibleDescription().startswith("No change: 15.01 ha")


def test_a_job_that_died_with_qgis_says_so_and_is_run_again(
    qgis_app: Any, clean_settings: Any, qgis_iface: Any, qtbot: Any, tmp_path: Path
) -> None:
    from groundtrack.jobs.job import State, new_job
    from groundtrack.jobs.journal import Journal
    from groundtrack.providers.operation import Request

    request = Request("ndvi", {"image": image(tmp_path), "red_band": 2, "nir_band": 3})
    job = new_job("local", "This computer", request, time.time() - 60, title="Vegetation index (NDVI)")
    ended = subprocess.Popen(["true"])
    ended.wait()
    journal = Journal(tmp_path / "journal.sqlite", holder=f"{platform.node()}:{ended.pid}:qgis")  # as a QGIS that is gone left it
    journal.add(replace(job, state=State.RUNNING, remote_id=job.id, progress=0.4, sent_at=time.time() - 60))
    journal.close()
    with running_session(tmp_path) as session, opened(qgis_iface, session, welcomed=False) as dock:
        wait(qtbot, lambda: session.jobs.get(job.id) and session.jobs[job.id].state.value == "failed")
        dock.show_jobs(job.id)
        assert "QGIS was closed while this was computed. Run it again." in texts(dock.jobs_page)
        offered = {action.text(): action for action in dock.jobs_page._actions.actions.values() if action.isVisible()}
        offered["Repeat"].trigger()
        assert dock.new_job.isVisible()
        assert dock.new_job.area.source_box.currentText() == "No Area"  # as it was asked for
        assert "Download Again" not in offered
        again = run(dock, qtbot, session)
        assert again.id != job.id
        assert again.request["values"]["image"] == request.values["image"]
        assert (again.request["values"]["red_band"], again.request["values"]["nir_band"]) == (2, 3)


def test_stopping_everything_leaves_no_thread_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qgis_iface: Any) -> None:
    import tempfile

    import groundtrack.plugin as plugin_module
    from groundtrack.rasters import engine

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    begun = threading.Event()

    def work(folder: Path, progress: Any) -> Path:
        np.save(folder / "scratch.npy", np.zeros(9))
        begun.set()
        while progress(0.1):
            threading.Event().wait(0.01)
        raise RuntimeError("stopped")

    plugin = plugin_module.GroundtrackPlugin(qgis_iface)
    plugin.initGui()
    plugin.session()
    engine.ENGINE.start("open", work)
    assert begun.wait(5)
    plugin.unload()
    assert [thread.name for thread in threading.enumerate() if thread.name == "groundtrack-computing"] == []
    assert list((tmp_path / "temporary").iterdir()) == []
    QApplication.processEvents()


def test_the_demonstration_begins_ready_to_run(dock: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "demo"))
    first, scenes = importlib.import_module("first"), importlib.import_module("scenes")
    for path, date in zip(scenes.make_scenes(tmp_path), scenes.DATES):
        QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), f"Scene {date}"))
    first.fill_in(dock.new_job)
    wait(qtbot, dock.new_job.foot.run_button.isEnabled, 30_000)
    assert dock.new_job.form.values()["nir_band"] == 4
