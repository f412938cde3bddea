"""A real QGIS for this tier: one application per run, a clean project and a guarded event loop per test.

Own fixtures instead of the pytest-qgis plugin: that one starts QGIS for every tier and its
interface object answers any call with a mock.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from qgis.core import QgsApplication, QgsAuthManager, QgsCoordinateReferenceSystem, QgsProject, QgsRectangle, QgsSettings
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QCoreApplication, QEvent, Qt
from simulator import Simulator
from support.dialogs import ModalWatch, refuse_static_dialogs
from support.docks import add_account, running_session
from support.interface import TestInterface
from support.pollers import PACE, Watched, fake, threads
from support.qthreads import running_threads, watch_thread_starts
from support.service import World, open_files, wait_until

PROCESSING = Path(os.environ.get("QGIS_PREFIX_PATH", "/usr")) / "share/qgis/python/plugins"


@pytest.fixture(scope="session")
def qgis_app() -> Iterator[QgsApplication]:
    """The application with providers loaded and a master password set in a throw-away store."""
    QCoreApplication.setOrganizationName("QGIS")
    QCoreApplication.setApplicationName("groundtrack-tests")
    application = QgsApplication([], True, os.environ["QGIS_CUSTOM_CONFIG_PATH"])
    application.initQgis()
    watch_thread_starts()
    yield application
    QgsProject.instance().clear()
    application.processEvents()
    gc.collect()
    application.exitQgis()


@pytest.fixture(scope="session")
def qapp(qgis_app: QgsApplication) -> QgsApplication:
    """What pytest-qt calls the application: ours."""
    return qgis_app


@pytest.fixture(scope="session")
def modal_watch(qgis_app: QgsApplication) -> ModalWatch:
    return ModalWatch()


@pytest.fixture(autouse=True)
def clean_qgis(qgis_app: QgsApplication, modal_watch: ModalWatch, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty project before and after; no dialog left to a person; no QThread left running."""
    QgsProject.instance().clear()
    refuse_static_dialogs(monkeypatch)
    del modal_watch.closed[:]
    yield
    left = running_threads()
    QgsProject.instance().clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if modal_watch.closed:
        pytest.fail(f"dialogs waited for a person: {modal_watch.closed}", pytrace=False)
    if left:
        pytest.fail(f"QThreads still running after the test: {left}", pytrace=False)


@pytest.fixture
def qgis_iface(qgis_app: QgsApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestInterface]:
    """A fresh interface object, also as `qgis.utils.iface`."""
    import qgis.utils

    interface = TestInterface()
    monkeypatch.setattr(qgis.utils, "iface", interface)
    yield interface
    interface.close()


@pytest.fixture
def qgis_canvas(qgis_iface: TestInterface) -> QgsMapCanvas:
    """The interface's map canvas, in WGS 84."""
    canvas = qgis_iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    return canvas


@pytest.fixture
def clean_settings(qgis_app: QgsApplication) -> Iterator[QgsSettings]:
    """QGIS settings without anything a test before wrote."""
    settings = QgsSettings()
    settings.clear()
    yield settings
    settings.clear()


@pytest.fixture
def auth_manager(qgis_app: QgsApplication) -> Iterator[QgsAuthManager]:
    """The authentication store, unlocked, emptied before and after."""
    manager = qgis_app.authManager()
    if manager.isDisabled():
        pytest.fail(f"authentication store: {manager.disabledMessage()}", pytrace=False)
    if not manager.masterPasswordIsSet():
        manager.setMasterPassword("groundtrack-tests", True)
    manager.removeAllAuthenticationConfigs()
    yield manager
    manager.removeAllAuthenticationConfigs()


@pytest.fixture
def world() -> World:
    """The service that pollers of a test talk to."""
    return World()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """A function that makes pollers on one journal; they end with nothing left behind."""
    made: list[Watched] = []
    before = set(open_files(tmp_path))  # GDAL keeps connections that other tests made

    def one(world: World, pace: float = PACE) -> Watched:
        made.append(fake(tmp_path, world, pace))
        return made[-1]

    yield one
    for watched in made:
        watched.end()
    wait_until(lambda: not threads(), what="threads left behind")
    assert set(open_files(tmp_path)) <= before


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The simulated services, a minute in a second."""
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    """A session over a real poller, without anybody's presets."""
    from groundtrack.network import home

    shutil.rmtree(home() / "presets", ignore_errors=True)
    with running_session(tmp_path) as running:
        yield running
    shutil.rmtree(home() / "presets", ignore_errors=True)


@pytest.fixture
def make_dock(qgis_iface: Any, qgis_canvas: Any, session: Any, qtbot: Any) -> Iterator[Any]:
    """A function that shows a dock of the session."""
    docks = []

    def make() -> Any:
        from groundtrack.ui.dock import GroundtrackDock

        qgis_canvas.setExtent(QgsRectangle(3.9, 51.95, 4.2, 52.1))
        dock = GroundtrackDock(qgis_iface, session)
        qgis_iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        qgis_iface.mainWindow().show()
        docks.append(dock)
        return dock

    yield make
    for dock in docks:
        dock.close_down()
        qgis_iface.removeDockWidget(dock)
        dock.deleteLater()


@pytest.fixture
def sateais_account(session: Any, simulator: Simulator) -> str:
    """The key of an account at the simulated SateAIs."""
    return add_account(session, simulator.sateais.url)


@pytest.fixture
def dock(make_dock: Any, sateais_account: str) -> Any:
    """A dock with an account at the simulated SateAIs."""
    return make_dock()


@pytest.fixture(scope="session")
def qgis_processing(qgis_app: QgsApplication) -> Any:
    """The Processing framework, initialised; returns the module `processing`."""
    if str(PROCESSING) not in sys.path:
        sys.path.append(str(PROCESSING))
    from processing.core.Processing import Processing

    Processing.initialize()
    return importlib.import_module("processing")


@pytest.fixture
def plugin_loader(
    qgis_iface: TestInterface, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """`qgis.utils` with the checkout on its plugin path as `groundtrack`: loadPlugin, startPlugin, unloadPlugin.

    The modules imported so far are set aside, and put back afterwards.
    """
    import qgis.utils

    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "groundtrack").symlink_to(root)
    monkeypatch.syspath_prepend(str(tmp_path / "plugins"))
    monkeypatch.setattr(qgis.utils, "plugin_paths", [str(tmp_path / "plugins")])
    kept = _take_package()
    qgis.utils.updateAvailablePlugins()
    yield qgis.utils
    if "groundtrack" in qgis.utils.plugins:
        qgis.utils.unloadPlugin("groundtrack")
    _take_package()
    sys.modules.update(kept)


def _take_package() -> dict[str, Any]:
    names = [name for name in sys.modules if name == "groundtrack" or name.startswith("groundtrack.")]
    return {name: sys.modules.pop(name) for name in names}
