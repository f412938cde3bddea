"""The key of an account appears nowhere but in the encrypted store: not in files, logs, reprs or errors."""

from __future__ import annotations

import base64
import os
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qgis.core import QgsApplication, QgsProject
from simulator import Simulator

MARKS = ("sk_live_", "Bearer ")


def forms_of(key: str) -> list[bytes]:
    """The key as it might be written down."""
    return [key.encode(), quote(key, safe="").encode(), base64.b64encode(key.encode())[:-4], key[::-1].encode(), key.encode("utf-16-le")]


def leaks(folder: Path, key: str) -> list[str]:
    """Files below `folder` that hold the key in some form; archives are looked into."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        texts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as bundle:
                texts += [bundle.read(name) for name in bundle.namelist()]
        if any(form in text for text in texts for form in forms_of(key)):
            found.append(str(path))
    return found


def test_the_key_is_in_no_file_log_or_error(
    plugin_loader: Any, qgis_iface: Any, auth_manager: Any, tmp_path: Path, qtbot: Any, capfd: Any
) -> None:
    logged: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(lambda *message: logged.append(repr(message)))
    os.environ["GROUNDTRACK_PACE"] = "0.005"
    try:
        with Simulator(speed=200.0, seed=2) as simulator:
            simulator.sateais.settings.link_seconds = 1e6
            key = simulator.sateais.key
            plugin_loader.loadPlugin("groundtrack")
            plugin_loader.startPlugin("groundtrack")
            plugin = plugin_loader.plugins["groundtrack"]
            plugin.show_dock()
            session = plugin.session()
            run(session, simulator, key, qtbot)
            for name in ("kept.qgz", "kept.qgs"):
                QgsProject.instance().write(str(tmp_path / name))
            shown = "".join(repr(job) + job.message + job.details for job in session.jobs.values())
            account = next(iter(session.store.usable().values()))
            assert account.secrets["api_key"] == key
            shown += repr(account) + repr(session.provider(account)) + repr(vars(session.provider(account))["account"])
            plugin_loader.unloadPlugin("groundtrack")
    finally:
        del os.environ["GROUNDTRACK_PACE"]
        session.store.remove("sateais/Port")
    written = capfd.readouterr()
    assert leaks(Path(os.environ["HOME"]), key) == []
    assert leaks(tmp_path, key) == []
    for text in (shown, "".join(logged), written.out, written.err):
        assert not any(mark in text for mark in MARKS)


def run(session: Any, simulator: Simulator, key: str, qtbot: Any) -> None:
    """A good job, a failed one, a refused key: whatever tells of the account."""
    base = sys.modules["groundtrack.providers.base"]
    area = sys.modules["groundtrack.aoi"].from_bounds(4.0, 51.95, 4.1, 52.0)
    session.store.save(base.Account("sateais", "Port", {"url": simulator.sateais.url}, base.Secrets({"api_key": key})), remember=True)
    session.refresh_accounts()
    account = next(iter(session.store.usable().values()))
    ask = sys.modules["groundtrack.providers.operation"].Request("ship", {"date": "2026-05-04"}, area)
    session.run(account, [ask])
    simulator.sateais.next_job()
    simulator.sateais.next_job(fail_code="SCENE_NOT_FOUND")
    session.run(account, [ask])
    ended = ("loaded", "failed")
    qtbot.waitUntil(lambda: [job.state.value in ended for job in session.jobs.values()] == [True, True], timeout=20000)
    simulator.sateais.gate.revoked.add(key)
    heard: list[Exception] = []
    session.ask(session, account, lambda provider: provider.check(), heard.append, heard.append)
    qtbot.waitUntil(lambda: bool(heard), timeout=10000)
    assert key not in str(heard[0]) + repr(heard[0])
