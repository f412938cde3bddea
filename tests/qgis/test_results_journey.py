"""The whole way of a job, from the request over a simulated service to the layer and the note."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import from_geojson
from groundtrack.jobs.job import State
from groundtrack.providers.base import Account, Request, Secrets
from groundtrack.results.loader import ResultLoader
from groundtrack.ui.notices import Notices
from qgis.core import QgsProject
from simulator import Simulator
from support.jobs import SERIES, SHIP, SQUARE, running_session

PACE = 0.001  # of our own waits; the service runs in real time, and its jobs end when told to


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(seed=11) as simulator:
        yield simulator


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path, pace=PACE) as running:
        yield running


@pytest.fixture
def account(session: Any, service: Simulator) -> Account:
    from simulator.personas.sateais_settings import KEY

    made = Account("sateais", "Port", {"url": service.sateais.url}, Secrets({"api_key": KEY}))
    session.store.save(made, remember=False)
    session.refresh_accounts()
    return made


@pytest.fixture
def notices(session: Any, qgis_iface: Any) -> Iterator[Any]:
    qgis_iface.mainWindow().show()
    loader = ResultLoader(session)
    made = Notices(session, loader, qgis_iface)
    yield made
    made.close_down()
    loader.close_down()


def _finished_there(qtbot: Any, session: Any, service: Simulator, job: Any) -> None:
    qtbot.waitUntil(lambda: job.id in session.jobs and bool(session.jobs[job.id].remote_id), timeout=20000)
    service.sateais.finish(session.jobs[job.id].remote_id)


@pytest.mark.parametrize(
    ("operation", "values", "name"), [("ship", SHIP, "Ships 2026-11-18 ("), ("timeseries", SERIES, "Change 2026-01-01 – ")]
)
def test_from_request_to_layer(
    qtbot: Any, session: Any, service: Simulator, account: Account, notices: Any, qgis_iface: Any,
    operation: str, values: dict[str, str], name: str,
) -> None:  # fmt: skip
    (job,) = session.run(account, [Request(operation, values, from_geojson(SQUARE))])
    _finished_there(qtbot, session, service, job)
    qtbot.waitUntil(lambda: job.id in session.jobs and session.jobs[job.id].state is State.LOADED, timeout=30000)
    (layer,) = QgsProject.instance().mapLayers().values()
    assert layer.name().startswith(name)
    assert layer.featureCount() > 0
    assert layer.metadata().identifier() == job.id
    qtbot.waitUntil(lambda: len(qgis_iface.messageBar().items()) == 1, timeout=5000)
    assert "found" in qgis_iface.messageBar().items()[0].text()


def test_a_failed_job_is_told_in_the_service_s_words(
    qtbot: Any, session: Any, service: Simulator, account: Account, notices: Any, qgis_iface: Any
) -> None:
    service.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message="No scene near the requested date.")
    (job,) = session.run(account, [Request("ship", SHIP, from_geojson(SQUARE))])
    _finished_there(qtbot, session, service, job)
    qtbot.waitUntil(lambda: job.id in session.jobs and session.jobs[job.id].state is State.FAILED, timeout=30000)
    qtbot.waitUntil(lambda: len(qgis_iface.messageBar().items()) == 1, timeout=5000)
    assert "No scene near the requested date." in qgis_iface.messageBar().items()[0].text()
