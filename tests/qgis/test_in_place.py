"""Results that stay at the service: when, what is written down of their links, how they are renewed; what a layer warns of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from groundtrack.jobs.job import State, new_job
from groundtrack.providers.operation import Request
from groundtrack.results.in_place import chosen_policy
from groundtrack.results.loader import ResultLoader, loader_of
from groundtrack.ui.jobs_page import JobsPage
from groundtrack.ui.notices import Notices
from qgis.core import QgsLayerNotesUtils, QgsPalettedRasterRenderer, QgsProject, QgsSettings
from simulator import Simulator
from simulator.client import START
from simulator.personas.astra_settings import CODED_KEY
from support.docks import add_account, running_session, wait
from support.rasters import write_raster

SIGNATURE = "X-Sim-Signature"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, start=START, seed=7) as running:
        running.astra.settings.size = 200
        running.astra.settings.tier = "pro"
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running
    QgsProject.instance().clear()


@pytest.fixture
def loaded(session: Any, simulator: Simulator, qtbot: Any) -> Any:
    """A function that runs a job to its layer: (setting, through the service as published or as coded) -> job, layer."""

    def run(setting: str, coded: bool = False, operation: str = "ndvi", **plan: Any) -> tuple[Any, Any]:
        if setting:
            QgsSettings().setValue("groundtrack/open_in_place", setting)
        session.poller.leave_in_place(chosen_policy())
        simulator.astra.next_job(**plan)
        key = add_account(session, simulator.astra.url, "Munich", "astra", CODED_KEY if coded else simulator.astra.key)
        ids = [simulator.astra.before, simulator.astra.after][: 1 if operation == "ndvi" else 2]
        ids = [name.replace("sentinel-2:", "sentinel-2-l2a:") for name in ids] if coded else ids
        (job,) = session.run(session.store.account(session.store.find(key)), [Request(operation, {"scene_ids": ids})])
        wait(qtbot, lambda: session.jobs[job.id].state is State.LOADED, 30_000)
        (layer,) = QgsProject.instance().mapLayers().values()
        return session.jobs[job.id], layer

    return run


def written(folder: Path) -> bytes:
    """All that the journal has on disk."""
    return b"".join(path.read_bytes() for path in folder.glob("journal.sqlite*"))


@pytest.mark.parametrize("setting", ["", "lasting"])
def test_a_link_that_lasts_is_opened_in_place(loaded: Any, setting: str, tmp_path: Path, simulator: Simulator) -> None:
    job, layer = loaded(setting, coded=True, no_expiry=True)
    assert (job.files, job.layers, job.links) == ((), (), ("ndvi.tif",))
    assert unquote(layer.source()).endswith(".tif")
    assert simulator.storage.url in unquote(layer.source())
    assert not list(tmp_path.glob("*/*.tif"))


@pytest.mark.parametrize(("setting", "coded"), [("", False), ("lasting", False), ("never", False), ("never", True)])
def test_everything_else_is_downloaded(loaded: Any, setting: str, coded: bool) -> None:
    job, layer = loaded(setting, coded=coded, no_expiry=coded)
    assert job.links == ()
    assert layer.source() == job.files[0]
    assert Path(job.files[0]).is_file()


def test_a_link_that_expires_is_only_in_the_layer_that_was_wished_for(loaded: Any, tmp_path: Path, simulator: Simulator) -> None:
    job, layer = loaded("always")
    assert (job.files, job.links) == ((), ("ndvi.tif",))
    assert SIGNATURE in unquote(layer.source())
    assert b"X-Sim" not in written(tmp_path)
    assert SIGNATURE not in "".join(layer.metadata().history()) + QgsLayerNotesUtils.layerNotes(layer)
    elsewhere = [request for request in simulator.requests if request.persona == "storage"]
    assert elsewhere
    assert not [request for request in elsewhere if request.header("Authorization")]


def test_a_storage_that_hands_out_whole_files_only_is_downloaded_from(loaded: Any, simulator: Simulator) -> None:
    simulator.storage.settings.ranges = False
    job, _ = loaded("always")
    assert job.links == ()
    assert Path(job.files[0]).is_file()


@pytest.mark.parametrize("reopened", [False, True])
def test_an_expired_link_is_renewed_and_the_layer_keeps_its_looks(
    loaded: Any, session: Any, simulator: Simulator, qgis_iface: Any, qtbot: Any, tmp_path: Path, reopened: bool
) -> None:
    job, layer = loaded("always")
    layer.setName("Mine")
    layer.renderer().setOpacity(0.5)
    old = layer.source()
    simulator.clock.advance(simulator.astra.settings.link_seconds + 60)
    if reopened:
        from groundtrack.results.remote import forget_remote

        project = QgsProject.instance()
        assert project.write(str(tmp_path / "map.qgs"))
        forget_remote(unquote(old.partition("url=")[2]))
        project.clear()
        assert project.read(str(tmp_path / "map.qgs"))
        (layer,) = project.mapLayers().values()
        assert not layer.isValid()
    page = JobsPage(session, qgis_iface)
    qtbot.addWidget(page)
    page.show_job(job.id)
    renew = page._actions.actions["renew"]
    assert renew.isVisible()
    renew.trigger()
    assert not renew.isVisible()
    wait(qtbot, lambda: layer.source() != old, 20_000)
    wait(qtbot, renew.isVisible)
    assert layer.isValid()
    assert layer.name() == "Mine"
    assert layer.renderer().opacity() == 0.5
    assert (layer.renderer().classificationMin(), layer.renderer().classificationMax()) == (-1, 1)
    assert SIGNATURE in unquote(layer.source())
    assert b"X-Sim" not in written(tmp_path)


def test_a_job_that_was_downloaded_has_no_link_to_renew(loaded: Any, session: Any, qgis_iface: Any, qtbot: Any) -> None:
    job, _ = loaded("never")
    page = JobsPage(session, qgis_iface)
    qtbot.addWidget(page)
    page.show_job(job.id)
    assert not page._actions.actions["renew"].isVisible()


def test_a_setting_that_was_taken_back_keeps_links_out_of_layers(loaded: Any, session: Any, qtbot: Any) -> None:
    job, _ = loaded("always")
    QgsProject.instance().removeAllMapLayers()
    QgsSettings().setValue("groundtrack/open_in_place", "never")
    with qtbot.waitSignal(loader_of(session).refused, timeout=20_000) as blocker:
        loader_of(session).load(job)
    assert "Download Again" in blocker.args[1]
    assert not QgsProject.instance().mapLayers()


def test_a_change_map_without_class_names_says_that_its_classes_are_assumed(loaded: Any) -> None:
    _, layer = loaded("", operation="change_detection", class_names=False)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    names = [item.label for item in renderer.classes()]
    assert names
    assert all(name.endswith("(assumed)") or name.startswith("Unknown") for name in names)
    named = [item[0] for item in renderer.legendSymbologyItems()]
    assert any("(assumed)" in name for name in named)


def test_values_that_no_index_has_are_told_in_the_note_and_in_the_layer(
    session: Any, qgis_iface: Any, qtbot: Any, tmp_path: Path
) -> None:
    qgis_iface.mainWindow().show()
    notices = Notices(session, session.findChild(ResultLoader) or loader_of(session), qgis_iface)
    file = write_raster(tmp_path / "ndvi.tif", [np.linspace(-3, 250, 400, dtype=np.float32).reshape(20, 20)])
    job = new_job("astra", "Munich", Request("ndvi", {"scene_ids": ["sentinel-2:x"]}), 1_790_000_000.0, title="NDVI")
    session.own.add(job.id)
    session.poller.run_jobs([job.changed(state=State.FETCHED, remote_id="job_1", files=(file,), folder=str(tmp_path))])
    wait(qtbot, lambda: qgis_iface.messageBar().items(), 20_000)
    (layer,) = QgsProject.instance().mapLayers().values()
    assert "between −1 and 1" in qgis_iface.messageBar().items()[0].text()
    assert "between −1 and 1" in QgsLayerNotesUtils.layerNotes(layer)
    notices.close_down()
