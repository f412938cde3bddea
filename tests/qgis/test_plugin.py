"""The plugin through QGIS's own loader: what it adds, it takes away again."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.interface import TestInterface
from support.qthreads import running_threads


def wait_until(holds: Any, what: str, limit: float = 10.0) -> None:
    end = time.monotonic() + limit
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"waited {limit} s for {what}", pytrace=False)
        QCoreApplication.processEvents()
        threading.Event().wait(0.01)


def settle() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    gc.collect()


def open_files() -> set[str]:
    """Paths and sockets this process holds open."""
    held = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if "groundtrack" in target or target.startswith("socket:"):
            held.add(target)
    return held


def ours() -> list[str]:
    names = [f"{type(widget)} {widget.objectName()}" for widget in QApplication.allWidgets()]
    return [name for name in names if "roundtrack" in name]


def modules() -> list[str]:
    """Our files that stay imported."""
    return [name for name, item in sys.modules.items() if name.startswith("groundtrack.") and not hasattr(item, "__path__")]


def load(loader: Any) -> Any:
    assert loader.loadPlugin("groundtrack")
    assert loader.startPlugin("groundtrack")
    return loader.plugins["groundtrack"]


def test_loads_unloads_and_loads_again_without_a_trace(plugin_loader: Any, qgis_iface: TestInterface) -> None:
    held, threads = open_files(), set(threading.enumerate())
    for _ in range(2):
        plugin = load(plugin_loader)
        plugin.initProcessing()
        assert QgsApplication.processingRegistry().providerById("groundtrack") is not None
        plugin.show_dock()
        wait_until(lambda: running_threads(), "the poller to run")
        assert qgis_iface.docks
        assert [factory.title() for factory in qgis_iface.options_factories] == ["Groundtrack"]
        services = sys.modules["groundtrack.providers.registry"].entries().values()
        assert [service.reason for service in services if service.provider is None] == []
        assert plugin_loader.unloadPlugin("groundtrack")
        settle()
        assert QgsApplication.processingRegistry().providerById("groundtrack") is None
        assert (qgis_iface.docks, qgis_iface.menu_actions, qgis_iface.toolbar_actions) == ([], [], [])
        assert qgis_iface.options_factories == []
        assert not running_threads()
        assert ours() == []
        assert modules() == [], "an update would not replace them"
    wait_until(lambda: set(threading.enumerate()) <= threads, "worker threads to end")
    assert open_files() <= held


def test_start_opens_no_store_no_socket_and_writes_nothing(
    plugin_loader: Any, qgis_iface: TestInterface, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    manager = QgsApplication.authManager()
    monkeypatch.setattr(type(manager), "setMasterPassword", lambda *_: touched.append("master password"))
    profile = Path(QgsApplication.qgisSettingsDirPath()) / "groundtrack"
    before = sorted(profile.rglob("*")) if profile.exists() else []
    plugin = load(plugin_loader)
    QCoreApplication.processEvents()
    assert plugin._session is None, "the session must wait for first use"
    assert (sorted(profile.rglob("*")) if profile.exists() else []) == before
    assert touched == []
    assert not running_threads()


def test_unload_returns_at_once_while_a_server_is_silent(plugin_loader: Any, qgis_iface: TestInterface) -> None:
    with Simulator() as simulator:
        simulator.fault("hang", path="/api/v1/me")
        plugin = load(plugin_loader)
        session = plugin.session()
        base = sys.modules["groundtrack.providers.base"]
        account = base.Account("sateais", "Port", {"url": simulator.sateais.url}, base.Secrets({"api_key": simulator.sateais.key}))
        session.ask(session, account, lambda provider: provider.check(), lambda _: None, lambda _: None)
        wait_until(lambda: len(simulator.requests) > 0, "the question to reach the server")
        began = time.monotonic()
        assert plugin_loader.unloadPlugin("groundtrack")
        assert time.monotonic() - began < 1.0
        assert not running_threads()
        settle()
