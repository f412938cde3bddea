"""A fetched result becomes a layer: styled, dated, documented, in its group, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.results.loader import ResultLoader
from qgis.core import QgsLayerNotesUtils, QgsProject, QgsVectorLayerTemporalProperties
from qgis.PyQt.QtCore import QDateTime, Qt
from support.jobs import cells, deliver, running_session


@pytest.fixture
def session(qgis_app: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def loader(session: Any) -> Iterator[Any]:
    made = ResultLoader(session)
    yield made
    made.close_down()


def _arrive(session: Any, job: Any) -> None:
    """The job was asked for here, and is fetched now."""
    session.own.add(job.id)
    session.poller.run_jobs([job])


def _loaded(qtbot: Any, session: Any, loader: Any, job: Any) -> Any:
    with qtbot.waitSignal(loader.loaded, timeout=20000) as blocker:
        _arrive(session, job)
    return blocker.args[0].layers[0]


def test_a_fetched_job_of_this_session_becomes_a_layer_by_itself(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    layer = _loaded(qtbot, session, loader, job)
    assert QgsProject.instance().mapLayer(layer.id()) is layer
    assert layer.name() == "Ships 2026-11-18 (3)"
    assert layer.featureCount() == 3
    assert layer.source().startswith(str(Path(job.folder) / "ship.gpkg"))
    assert layer.crs().authid() == "EPSG:4326"
    assert QgsProject.instance().isDirty()
    qtbot.waitUntil(lambda: session.jobs[job.id].state is State.LOADED, timeout=5000)
    assert session.jobs[job.id].layers == (str(Path(job.folder) / "ship.gpkg"),)


def test_the_layer_stands_in_a_group_of_its_job_on_top(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    root = QgsProject.instance().layerTreeRoot()
    root.addGroup("Mine")
    layer = _loaded(qtbot, session, loader, deliver(tmp_path))
    group = root.children()[0]
    assert group.name() == "Ships · 2026-11-18 · Port"
    assert group.isExpanded()
    assert [node.layerId() for node in group.findLayers()] == [layer.id()]


def test_a_second_run_of_the_same_request_can_be_told_apart(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    layers = [_loaded(qtbot, session, loader, deliver(tmp_path / str(run))) for run in range(3)]
    assert [layer.name() for layer in layers] == ["Ships 2026-11-18 (3)", "Ships 2026-11-18 (3) – 2", "Ships 2026-11-18 (3) – 3"]
    groups = [group.name() for group in QgsProject.instance().layerTreeRoot().findGroups()]
    assert groups == ["Ships · 2026-11-18 · Port – 3", "Ships · 2026-11-18 · Port – 2", "Ships · 2026-11-18 · Port"]


def test_the_layer_knows_its_time(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    layer = _loaded(qtbot, session, loader, deliver(tmp_path))
    properties = layer.temporalProperties()
    assert properties.isActive()
    assert properties.mode() == QgsVectorLayerTemporalProperties.ModeFixedTemporalRange
    span = properties.fixedTemporalRange()
    assert span.begin() == QDateTime.fromString("2026-11-04T00:00:00Z", Qt.DateFormat.ISODate)
    assert span.end().toUTC().toString(Qt.DateFormat.ISODate) == "2026-12-02T23:59:59Z"


def test_the_layer_tells_where_it_comes_from(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, remote_id="remote-7", cost="3.4 credits", sent_at=1.79e9, finished_at=1.79e9 + 900)
    metadata = _loaded(qtbot, session, loader, job).metadata()
    story = "\n".join(metadata.history())
    assert metadata.identifier() == job.id
    assert metadata.title() == "Ships 2026-11-18 (3)"
    assert "ships" in metadata.abstract().lower()
    for word in ("SateAIs", "Port", "remote-7", "3.4 credits", "2026-09-21", '"date": "2026-11-18"', "Groundtrack 0."):
        assert word in story
    assert metadata.links()[0].url.startswith("https://")
    assert metadata.extent().spatialExtents()[0].bounds.xMinimum() == pytest.approx(3.99)
    assert metadata.extent().temporalExtents()[0].begin().date().toString("yyyy-MM-dd") == "2026-11-04"


def test_notes_never_interpret_what_a_service_wrote(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, remote_id="<img src='file:///etc/passwd'>")
    notes = QgsLayerNotesUtils.layerNotes(_loaded(qtbot, session, loader, job))
    assert "<img" not in notes
    assert "&lt;img" in notes


def test_an_empty_result_says_so_in_its_name(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    layer = _loaded(qtbot, session, loader, deliver(tmp_path, features=[]))
    assert layer.name() == "Ships 2026-11-18 (none found)"
    assert layer.isValid()
    assert layer.crs().authid() == "EPSG:4326"


def test_a_change_result_counts_the_changed_cells(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    layer = _loaded(qtbot, session, loader, deliver(tmp_path, "timeseries", cells(120)))
    assert layer.name() == "Change 2026-01-01 – 2026-11-01 (3 of 120)"
    assert layer.customProperty("groundtrack/charts") in (True, "true")
    span = layer.temporalProperties().fixedTemporalRange()
    assert span.begin().date().toString("yyyy-MM-dd") == "2026-01-01"


def test_loading_twice_shows_the_layer_that_is_there(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    layer = _loaded(qtbot, session, loader, job)
    with qtbot.waitSignal(loader.loaded, timeout=5000) as blocker:
        loader.load(session.jobs[job.id])
    assert blocker.args[0].layers == (layer,)
    assert not blocker.args[0].fresh
    assert len(QgsProject.instance().mapLayers()) == 1


def test_a_removed_layer_comes_back_with_its_edits(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    layer = _loaded(qtbot, session, loader, job)
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    assert layer.commitChanges()
    QgsProject.instance().removeAllMapLayers()
    with qtbot.waitSignal(loader.loaded, timeout=20000) as blocker:
        loader.load(job)
    assert blocker.args[0].layers[0].featureCount() == 2


def test_a_damaged_result_is_told_and_can_be_loaded_again(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    good = Path(job.files[0]).read_bytes()
    Path(job.files[0]).write_bytes(good[:200])
    with qtbot.waitSignal(loader.refused, timeout=20000) as blocker:
        _arrive(session, job)
    assert "incomplete" in blocker.args[1]
    qtbot.waitUntil(lambda: "incomplete" in session.jobs[job.id].message, timeout=5000)
    assert session.jobs[job.id].state is State.FETCHED
    Path(job.files[0]).write_bytes(good)
    with qtbot.waitSignal(loader.loaded, timeout=20000):
        loader.load(session.jobs[job.id])
    qtbot.waitUntil(lambda: session.jobs[job.id].message == "", timeout=5000)


def test_cancelled_loading_leaves_nothing(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, "timeseries", cells(3000))
    session.poller.run_jobs([job])
    loader.load(job)
    loader.cancel(job.id)
    qtbot.waitUntil(lambda: not loader.is_loading(job.id), timeout=20000)
    assert QgsProject.instance().mapLayers() == {}
    assert sorted(path.name for path in Path(job.folder).iterdir()) == ["timeseries.geojson"]


def test_a_job_of_another_project_is_only_offered(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path, project=str(tmp_path / "other.qgz"))
    session.poller.run_jobs([job.changed(state=State.SUCCEEDED)])
    qtbot.waitUntil(lambda: job.id in session.jobs, timeout=5000)
    with qtbot.waitSignal(loader.offered, timeout=5000):
        session.poller.note(job.id, state=State.FETCHED)
    assert QgsProject.instance().mapLayers() == {}


def test_a_job_of_another_saved_project_is_only_offered(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    QgsProject.instance().write(str(tmp_path / "this.qgz"))
    job = deliver(tmp_path, project=str(tmp_path / "other.qgz"))
    session.poller.run_jobs([job.changed(state=State.FETCHING)])
    qtbot.waitUntil(lambda: job.id in session.jobs, timeout=5000)
    with qtbot.waitSignal(loader.offered, timeout=5000) as blocker:
        session.poller.note(job.id, state=State.FETCHED)
    assert blocker.args[0].id == job.id
    assert not loader.is_loading(job.id)


def test_a_project_opened_while_loading_does_not_get_the_layer(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    loaded: list[Any] = []
    loader.loaded.connect(loaded.append)
    with qtbot.waitSignal(loader.changed, timeout=20000):
        _arrive(session, job)
    with qtbot.waitSignal(loader.offered, timeout=20000) as blocker:
        QgsProject.instance().clear()
    assert blocker.args[0].id == job.id
    assert not loaded
    assert not QgsProject.instance().mapLayers()
    assert session.jobs[job.id].state is State.FETCHED


def test_its_own_project_opened_again_while_loading_gets_the_layer(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    project = tmp_path / "own.qgz"
    QgsProject.instance().write(str(project))
    job = deliver(tmp_path, project=str(project))
    with qtbot.waitSignal(loader.changed, timeout=20000):
        _arrive(session, job)
    with qtbot.waitSignal(loader.loaded, timeout=20000) as blocker:
        QgsProject.instance().read(str(project))
    assert QgsProject.instance().mapLayer(blocker.args[0].layers[0].id()) is not None


def test_a_job_that_was_fetched_before_is_left_alone(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: job.id in session.jobs, timeout=5000)
    assert not loader.is_loading(job.id)


def test_opening_its_project_loads_what_became_ready_meanwhile(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    path = tmp_path / "port.qgz"
    QgsProject.instance().write(str(path))
    QgsProject.instance().clear()
    job = deliver(tmp_path, project=str(path))
    session.poller.run_jobs([job])
    qtbot.waitUntil(lambda: job.id in session.jobs, timeout=5000)
    with qtbot.waitSignal(loader.loaded, timeout=20000):
        QgsProject.instance().read(str(path))
    assert len(QgsProject.instance().mapLayers()) == 1


def test_a_saved_project_keeps_everything(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    layer = _loaded(qtbot, session, loader, deliver(tmp_path))
    symbols = layer.renderer().type()
    path = str(tmp_path / "saved.qgz")
    QgsProject.instance().write(path)
    QgsProject.instance().clear()
    QgsProject.instance().read(path)
    again = next(iter(QgsProject.instance().mapLayers().values()))
    assert again.isValid()
    assert again.name() == "Ships 2026-11-18 (3)"
    assert again.renderer().type() == symbols
    assert again.temporalProperties().isActive()
    assert again.metadata().history()
    assert again.customProperty("groundtrack/job")


def test_a_result_without_a_file_to_draw_is_told(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = deliver(tmp_path)
    Path(job.files[0]).rename(Path(job.files[0]).with_suffix(".zip"))
    with qtbot.waitSignal(loader.refused, timeout=20000) as blocker:
        _arrive(session, job.changed(files=(job.files[0].replace(".geojson", ".zip"),)))
    assert "folder" in blocker.args[1]


def test_the_request_in_the_history_is_json(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    history = _loaded(qtbot, session, loader, deliver(tmp_path)).metadata().history()
    text = next(line for line in history if line.startswith("Request"))
    assert json.loads(text.partition(": ")[2])["operation"] == "ship"
