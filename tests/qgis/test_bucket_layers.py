"""Results opened in the person's own bucket: with rights that live in memory only, one account beside the other."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.cases import ALL_DAYS, CASES, JUNE, TOWN
from groundtrack.jobs.job import State
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.operation import Request
from groundtrack.results.in_place import chosen_policy
from groundtrack.results.loader import loader_of
from qgis.core import QgsLayerNotesUtils, QgsProject, QgsRasterLayer, QgsSettings
from simulator import Simulator
from support.docks import running_session, wait

LONG = 60_000  # ms


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running
    QgsProject.instance().clear()


def store(session: Any, simulator: Simulator, name: str, *, remember: bool = False, public: Any = None, **secrets: str) -> Account:
    """Keep an account, which is then in use."""
    case = CASES["sentinelhub"]
    known = Account("sentinelhub", name, {**case.public(simulator), **(public or {})}, Secrets({**case.secrets(simulator), **secrets}))
    session.store.save(known, remember=remember)
    session.refresh_accounts()
    return known


def run(session: Any, qtbot: Any, account: Account, setting: str = "own", **values: Any) -> tuple[Any, list[QgsRasterLayer]]:
    """Run a job to its layers."""
    QgsSettings().setValue("groundtrack/open_in_place", setting)
    session.poller.leave_in_place(chosen_policy())
    request = Request("process", {**JUNE, "evalscript": "ndvi", "resolution": 60.0, **values}, TOWN)
    (job,) = session.run(account, [request])
    wait(qtbot, lambda: session.jobs[job.id].state is State.LOADED, LONG)
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if layer.customProperty("groundtrack/job") == job.id]
    return session.jobs[job.id], layers


def filled(layer: QgsRasterLayer) -> bool:
    """Whether pixels can be read through the layer."""
    block = layer.dataProvider().block(1, layer.extent(), layer.width(), layer.height())
    return block.isValid() and any(not block.isNoData(row, column) for row in range(layer.height()) for column in range(layer.width()))


@pytest.mark.parametrize("setting", ["own", "always"])
def test_a_result_is_opened_in_the_bucket(session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path, setting: str) -> None:
    account = store(session, simulator, "Alps")
    job, (layer,) = run(session, qtbot, account, setting)
    assert (job.files, job.links) == ((), ("default.tif",))
    assert layer.source() == f"/vsis3/{simulator.s3.bucket}/{simulator.sentinelhub.expected(job.remote_id).files['default'].key}"
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert filled(layer)
    assert not list(tmp_path.rglob("*.tif"))


@pytest.mark.parametrize("setting", ["", "never", "lasting"])
def test_it_is_downloaded_unless_that_was_chosen(session: Any, simulator: Simulator, qtbot: Any, setting: str) -> None:
    job, (layer,) = run(session, qtbot, store(session, simulator, "Alps"), setting)
    assert job.links == ()
    assert Path(layer.source()).is_file()


def test_what_a_script_writes_down_comes_to_layers_in_the_bucket(session: Any, simulator: Simulator, qtbot: Any) -> None:
    job, layers = run(session, qtbot, store(session, simulator, "Alps"), evalscript=ALL_DAYS)
    assert sorted(job.links) == ["default.tif", "rgb.tif"]
    assert [Path(name).name for name in job.files] == ["userdata.json"]
    notes = Path(job.files[0]).read_text(encoding="utf-8")
    assert len(layers) == 2
    for layer in layers:
        assert notes.strip(" {}\n").partition(":")[0].strip('"') in QgsLayerNotesUtils.layerNotes(layer)


def test_two_accounts_read_each_with_its_own_key(session: Any, simulator: Simulator, qtbot: Any) -> None:
    s3 = simulator.s3
    first = store(session, simulator, "First", s3_access_key=s3.reader.key_id, s3_secret_key=s3.reader.secret)
    role = s3.make_role("sh-second", ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"), buckets=(s3.second_bucket,))
    second = store(session, simulator, "Second", public={"bucket_url": f"s3://{s3.second_bucket}/maps", "s3_role_arn": role},
                   s3_access_key=s3.second_user.key_id, s3_secret_key=s3.second_user.secret)
    # the same bucket as the first one's, with a key of its own
    third = store(session, simulator, "Third", s3_access_key=s3.user.key_id, s3_secret_key=s3.user.secret)
    before = len(s3.requests())
    drawn = []
    for account in (first, second, third):
        _, (layer,) = run(session, qtbot, account)
        drawn.append(layer)
    assert all(map(filled, drawn))
    asked = [item for item in s3.requests()[before:] if item["service"] == "s3" and item["path"].endswith("default.tif")]
    for layer, account in zip(drawn, (first, second, third)):
        path = "/" + layer.source().removeprefix("/vsis3/")
        keys = {item["key_id"] for item in asked if item["path"] == path and item["method"] == "GET"}
        assert keys == {account.secrets["s3_access_key"]}, account.name


def test_the_key_is_in_no_project_layer_or_journal(session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path) -> None:
    account = store(session, simulator, "Alps")
    job, (layer,) = run(session, qtbot, account)
    for name in ("kept.qgs", "kept.qgz"):
        assert QgsProject.instance().write(str(tmp_path / name))
    with zipfile.ZipFile(tmp_path / "kept.qgz") as bundle:
        texts = [bundle.read(name) for name in bundle.namelist()]
    texts += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    texts.append("".join([layer.source(), repr(job), QgsLayerNotesUtils.layerNotes(layer), *layer.metadata().history()]).encode())
    for name in ("s3_access_key", "s3_secret_key", "client_secret"):
        assert not [text for text in texts if account.secrets[name].encode() in text], name
    assert b"/vsis3/" in texts[-1]


def test_a_project_that_is_opened_again_finds_its_bucket_open(session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path) -> None:
    _, (layer,) = run(session, qtbot, store(session, simulator, "Alps"))
    layer.setOpacity(0.5)
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    QgsProject.instance().clear()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    (layer,) = QgsProject.instance().mapLayers().values()
    assert layer.isValid()
    assert layer.opacity() == 0.5
    assert filled(layer)


def test_a_bucket_is_shut_until_the_account_is_there(session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path) -> None:
    account = store(session, simulator, "Alps")
    _, (layer,) = run(session, qtbot, account)
    layer.setName("Mine")
    layer.setOpacity(0.5)
    assert QgsProject.instance().write(str(tmp_path / "kept.qgs"))
    QgsProject.instance().clear()
    session.store.remove("sentinelhub/Alps")
    session.refresh_accounts()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgs"))
    (layer,) = QgsProject.instance().mapLayers().values()
    assert not layer.isValid()
    store(session, simulator, "Alps")
    wait(qtbot, layer.isValid, LONG)
    assert (layer.name(), layer.opacity()) == ("Mine", 0.5)
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert filled(layer)


def test_the_end_of_the_session_shuts_the_bucket(
    qgis_app: Any, clean_settings: Any, simulator: Simulator, qtbot: Any, tmp_path: Path
) -> None:
    from osgeo import gdal

    with running_session(tmp_path) as session:
        _, (layer,) = run(session, qtbot, store(session, simulator, "Alps"))
        source = layer.source()
        assert gdal.GetPathSpecificOption(source, "AWS_SECRET_ACCESS_KEY")
    QgsProject.instance().clear()
    assert not gdal.GetPathSpecificOption(source, "AWS_SECRET_ACCESS_KEY")


def test_the_next_session_opens_what_the_last_one_left(
    qgis_app: Any, clean_settings: Any, simulator: Simulator, qtbot: Any, tmp_path: Path
) -> None:
    with running_session(tmp_path) as session:
        run(session, qtbot, store(session, simulator, "Alps"))
        assert QgsProject.instance().write(str(tmp_path / "kept.qgs"))
        QgsProject.instance().clear()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgs"))
    (layer,) = QgsProject.instance().mapLayers().values()
    assert not layer.isValid()
    with running_session(tmp_path) as session:
        session.store.remove("sentinelhub/Alps")
        store(session, simulator, "Alps")
        wait(qtbot, layer.isValid, LONG)
    QgsProject.instance().clear()


def test_rights_that_were_not_to_be_had_are_asked_for_again(
    session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groundtrack.providers.errors import TransportError
    from groundtrack.providers.sentinelhub import SentinelHub

    def lost(*_: Any) -> None:
        asked.append(1)
        raise TransportError("No connection.")

    asked: list[int] = []
    run(session, qtbot, store(session, simulator, "Alps"))
    assert QgsProject.instance().write(str(tmp_path / "kept.qgs"))
    QgsProject.instance().clear()
    session.store.remove("sentinelhub/Alps")
    session.refresh_accounts()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgs"))
    (layer,) = QgsProject.instance().mapLayers().values()
    with monkeypatch.context() as offline:
        offline.setattr(SentinelHub, "rights", lost)
        store(session, simulator, "Alps")
        places = loader_of(session)._in_buckets
        wait(qtbot, lambda: asked and not places._served, LONG)
    assert not layer.isValid()
    places._timer.timeout.emit()
    wait(qtbot, layer.isValid, LONG)


def test_a_temporary_key_is_renewed(session: Any, simulator: Simulator, qtbot: Any, monkeypatch: Any) -> None:
    s3 = simulator.s3
    arn = s3.make_role("reads-maps", ("s3:GetObject", "s3:ListBucket"), "arn:aws:iam::123456789012:user/admin")
    keys = {"s3_access_key": s3.admin.key_id, "s3_secret_key": s3.admin.secret}
    account = store(session, simulator, "Alps", public={"s3_read_role_arn": arn}, **keys)
    _, (layer,) = run(session, qtbot, account)
    from osgeo import gdal

    assert gdal.GetPathSpecificOption(layer.source(), "AWS_SESSION_TOKEN")
    before = gdal.GetPathSpecificOption(layer.source(), "AWS_ACCESS_KEY_ID")
    # as if it were about to end
    monkeypatch.setattr("botocore.credentials.RefreshableCredentials._advisory_refresh_timeout", 10**9)
    monkeypatch.setattr("botocore.credentials.CachedCredentialFetcher._is_expired", lambda *_: True)
    loader_of(session)._in_buckets._timer.timeout.emit()
    wait(qtbot, lambda: gdal.GetPathSpecificOption(layer.source(), "AWS_ACCESS_KEY_ID") not in (None, "", before), LONG)
    assert filled(layer)


def test_nothing_is_written_into_the_bucket(session: Any, simulator: Simulator, qtbot: Any) -> None:
    admin = simulator.s3.admin
    account = store(session, simulator, "Alps", s3_access_key=admin.key_id, s3_secret_key=admin.secret)
    _, (layer,) = run(session, qtbot, account)
    folder = layer.source().partition(f"{simulator.s3.bucket}/")[2].rpartition("/")[0]
    before = simulator.s3.keys(folder)
    layer.dataProvider().bandStatistics(1)
    assert filled(layer)
    QgsProject.instance().removeAllMapLayers()
    assert simulator.s3.keys(folder) == before


def test_tiles_of_a_large_area_are_brought_here_all_the_same(session: Any, simulator: Simulator, qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("groundtrack.providers.hub.plan.LARGEST", 32)
    account = store(session, simulator, "Alps")
    QgsSettings().setValue("groundtrack/open_in_place", "own")
    session.poller.leave_in_place(chosen_policy())
    request = Request("process", {**JUNE, "evalscript": "ndvi", "resolution": 60.0, "split": True}, TOWN)
    jobs = session.run(account, session.provider(account).split(request))
    assert len(jobs) > 1
    wait(qtbot, lambda: {session.jobs[job.id].state for job in jobs} == {State.LOADED}, 2 * LONG)
    (layer,) = QgsProject.instance().mapLayers().values()
    assert layer.source().endswith("whole_default.vrt")
