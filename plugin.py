"""The composition root: builds what is needed when it is needed, and undoes each thing in reverse."""

from __future__ import annotations

import logging
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, Qt, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .ui.dock import GroundtrackDock
    from .ui.session import Session

log = logging.getLogger("groundtrack")

QUIET = 3000  # ms after start in which QGIS is left alone
LOOK = 50  # ms between two looks whether the imports are done
WIDTH = 62  # characters of the dock when it first opens
LONGEST_END = 300  # ms to wait for a thread of ours; the planning one ends within a few


class GroundtrackPlugin:
    """What QGIS loads. Nothing but an action is made at start; the rest follows on first use."""

    def __init__(self, iface: QgisInterface) -> None:  # None without a window, where only initProcessing is called
        self.iface = iface
        self._undo = ExitStack()
        self._session: Optional[Session] = None
        self._dock: Optional[GroundtrackDock] = None
        self._toolbox = False
        self._warming: Optional[threading.Thread] = None

    def initGui(self) -> None:
        """Add the action; register the toolbox and resume open jobs a little later."""
        self._action = QAction(QIcon(str(Path(__file__).parent / "ui/icons/groundtrack.svg")), "Groundtrack", self.iface.mainWindow())
        self._action.setObjectName("GroundtrackAction")
        self._action.setToolTip(QCoreApplication.translate("Groundtrack", "Find out what is there: run a job on an area of the map"))
        self._action.triggered.connect(self.show_dock)
        self.iface.addWebToolBarIcon(self._action)
        self.iface.addPluginToWebMenu("Groundtrack", self._action)
        self._undo.callback(self._remove_action)
        self._add_options()
        self._timer = QTimer(self._action)
        self._timer.timeout.connect(self._warm_up)
        self._timer.start(QUIET)
        self._undo.callback(self._timer.stop)

    def _add_options(self) -> None:
        from .ui.options_page import OptionsFactory

        factory = OptionsFactory(self._take_settings, self.show_accounts)
        self.iface.registerOptionsWidgetFactory(factory)
        self._undo.callback(self.iface.unregisterOptionsWidgetFactory, factory)

    def _take_settings(self) -> None:
        if self._session is not None:
            from .results.in_place import chosen_policy

            self._session.poller.leave_in_place(chosen_policy())

    def initProcessing(self) -> None:
        """Register the toolbox; all that qgis_process calls."""
        if self._toolbox:
            return
        from .toolbox.provider import GroundtrackProvider

        provider = GroundtrackProvider()
        registry = QgsApplication.processingRegistry()
        if registry.addProvider(provider):
            self._toolbox = True
            self._undo.callback(registry.removeProvider, provider)

    def unload(self) -> None:
        """Undo everything, last first; returns at once whatever is in flight."""
        self._undo.close()
        self._dock = self._session = None
        self._toolbox = False

    def show_dock(self) -> None:
        """Open the dock, or close it when it is in front."""
        hide = self._dock is not None and self._dock.isUserVisible()
        self._the_dock().setUserVisible(not hide)

    def show_job(self, identity: str) -> None:
        """Open the dock at a job, or at all of them when `identity` is empty."""
        dock = self._the_dock()
        dock.setUserVisible(True)
        dock.show_jobs(identity)

    def show_accounts(self) -> None:
        """Open the dock with the accounts in front of it."""
        dock = self._the_dock()
        dock.setUserVisible(True)
        dock.open_accounts()

    def session(self) -> Session:
        """The hub of jobs and accounts, made and started on first use."""
        if self._session is None:
            self._session = self._make_session()
        return self._session

    def _the_dock(self) -> GroundtrackDock:
        if self._dock is None:
            self._dock = self._make_dock(self.session())
        return self._dock

    def _warm_up(self) -> None:
        """Import beside the event loop what would otherwise hold it up; the timer then looks whether that is done."""
        if self._warming is None:
            self._warming = threading.Thread(target=_import_what_follows, name="groundtrack-import", daemon=True)
            self._warming.start()
            self._timer.start(LOOK)
        elif not self._warming.is_alive():
            self._timer.stop()
            self._after_start()

    def _after_start(self) -> None:
        self.initProcessing()
        from .network import home

        if (home() / "journal.sqlite").exists() or (home() / "watches.sqlite").exists():
            self.session()

    def _make_session(self) -> Session:
        from .accounts import AccountStore
        from .jobs.journal import Journal
        from .jobs.poller import Poller
        from .network import home, network, pace
        from .providers.connect import Connector
        from .results.arriving import read_along
        from .results.in_place import chosen_policy
        from .results.loader import ResultLoader, results_folder
        from .ui.layer_menu import LayerMenu
        from .ui.notices import Notices
        from .ui.session import Session
        from .ui.watch_notices import WatchNotices
        from .ui.watcher import Watcher

        connector = Connector(network())
        poller = Poller(Journal(home() / "journal.sqlite"), connector, results_folder(), pace())
        poller.leave_in_place(chosen_policy())
        poller.read_along(read_along)
        session = Session(poller, AccountStore(), connector, time.time)
        self._undo.callback(_end, session)
        loader = ResultLoader(session)
        self._undo.callback(loader.close_down)
        notices = Notices(session, loader, self.iface)
        self._undo.callback(notices.close_down)
        notices.details_requested.connect(self.show_job)
        menu = LayerMenu(session, self.iface)
        self._undo.callback(menu.close_down)
        menu.ran.connect(lambda jobs: self.show_job(jobs[0].id))
        watcher = Watcher(session)
        self._undo.callback(watcher.close_down)
        watch_notices = WatchNotices(watcher, self.iface)
        self._undo.callback(watch_notices.close_down)
        watch_notices.jobs_wanted.connect(self.show_job)
        watch_notices.list_wanted.connect(self._show_watches)
        session.start()
        return session

    def _show_watches(self) -> None:
        dock = self._the_dock()
        dock.setUserVisible(True)
        dock.new_job.presets.show_watches()

    def _make_dock(self, session: Session) -> GroundtrackDock:
        from .ui.dock import GroundtrackDock

        dock = GroundtrackDock(self.iface, session)
        self.iface.addTabifiedDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock, ["LayerStyling"], True)
        window: Any = self.iface.mainWindow()
        window.resizeDocks([dock], [dock.fontMetrics().averageCharWidth() * WIDTH], Qt.Orientation.Horizontal)
        self._undo.callback(self._remove_dock, dock)
        return dock

    def _remove_dock(self, dock: GroundtrackDock) -> None:
        dock.close_down()
        self.iface.removeDockWidget(dock)
        dock.setParent(None)
        dock.deleteLater()

    def _remove_action(self) -> None:
        self.iface.removePluginWebMenu("Groundtrack", self._action)
        self.iface.removeWebToolBarIcon(self._action)
        self._action.deleteLater()


def _import_what_follows() -> None:
    from .providers.registry import entries
    from .toolbox import provider
    from .ui import dock

    log.debug("%s and %s are ready with %d services", provider.__name__, dock.__name__, len(entries()))


def _end(session: Session) -> None:
    session.stop()
    engine = sys.modules.get(f"{__package__}.rasters.engine")
    if engine is not None:  # something may be computed here
        engine.ENGINE.stop_all(LONGEST_END / 1000)
    if not session.poller.wait(LONGEST_END):
        # a QThread that is dropped while it runs would end QGIS; let it finish on its own
        session.poller.finished.connect(session.poller.deleteLater)
        session.poller.setParent(QCoreApplication.instance())
    session.deleteLater()
