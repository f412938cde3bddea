"""A stand-in for QGIS's interface object: real widgets, only the members listed here.

An unknown member raises AttributeError, as the real interface would: nothing succeeds silently.
"""

from __future__ import annotations

from typing import Any

from qgis.core import QgsLayerTreeModel, QgsProject
from qgis.gui import QgsLayerTreeView, QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QObject, QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMainWindow, QToolBar, QVBoxLayout, QWidget


class TestInterface(QObject):
    """Main window, map canvas, message bar and layer tree; remembers what a plugin added."""

    __test__ = False
    currentLayerChanged = pyqtSignal(object)
    initializationCompleted = pyqtSignal()
    newProjectCreated = pyqtSignal()
    projectRead = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._window = QMainWindow()
        self._window.resize(1200, 800)
        centre = QWidget(self._window)
        column = QVBoxLayout(centre)
        self._bar = QgsMessageBar(centre)
        self._canvas = QgsMapCanvas(centre)
        column.addWidget(self._bar)
        column.addWidget(self._canvas)
        self._window.setCentralWidget(centre)
        self._tree = QgsLayerTreeView(self._window)
        self._tree.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), self._tree))
        self._toolbar = self._window.addToolBar("Web")
        self.menu_actions: list[tuple[str, QAction]] = []
        self.toolbar_actions: list[QAction] = []
        self.docks: list[QDockWidget] = []
        self.options_factories: list[Any] = []
        self.opened_options: list[str] = []
        self.log_panel_opened = 0
        self.layer_actions: dict[QAction, list[str]] = {}  # with the ids of the layers that offer them

    def mainWindow(self) -> QMainWindow:
        return self._window

    def mapCanvas(self) -> QgsMapCanvas:
        return self._canvas

    def mapCanvases(self) -> list[QgsMapCanvas]:
        return [self._canvas]

    def messageBar(self) -> QgsMessageBar:
        return self._bar

    def layerTreeView(self) -> QgsLayerTreeView:
        return self._tree

    def webToolBar(self) -> QToolBar:
        return self._toolbar

    def pluginToolBar(self) -> QToolBar:
        return self._toolbar

    def iconSize(self, dockedToolbar: bool = False) -> QSize:
        return QSize(16, 16) if dockedToolbar else QSize(24, 24)

    def activeLayer(self) -> Any:
        return self._tree.currentLayer()

    def setActiveLayer(self, layer: Any) -> bool:
        self._tree.setCurrentLayer(layer)
        self.currentLayerChanged.emit(layer)
        return True

    def addDockWidget(self, area: Qt.DockWidgetArea, dock: QDockWidget) -> None:
        self._window.addDockWidget(area, dock)
        self.docks.append(dock)

    def addTabifiedDockWidget(
        self, area: Qt.DockWidgetArea, dock: QDockWidget, tabifyWith: list[str] = (), raiseTab: bool = False
    ) -> None:
        self.addDockWidget(area, dock)

    def removeDockWidget(self, dock: QDockWidget) -> None:
        self._window.removeDockWidget(dock)
        self.docks.remove(dock)

    def addPluginToWebMenu(self, name: str, action: QAction) -> None:
        self.menu_actions.append((name, action))

    def removePluginWebMenu(self, name: str, action: QAction) -> None:
        self.menu_actions.remove((name, action))

    addPluginToMenu = addPluginToWebMenu
    removePluginMenu = removePluginWebMenu

    def addWebToolBarIcon(self, action: QAction) -> int:
        self._toolbar.addAction(action)
        self.toolbar_actions.append(action)
        return len(self.toolbar_actions)

    def removeWebToolBarIcon(self, action: QAction) -> None:
        self._toolbar.removeAction(action)
        self.toolbar_actions.remove(action)

    addToolBarIcon = addWebToolBarIcon
    removeToolBarIcon = removeWebToolBarIcon

    def addCustomActionForLayerType(self, action: QAction, menu: str, kind: Any, allLayers: bool) -> None:
        self.layer_actions.setdefault(action, [])

    def addCustomActionForLayer(self, action: QAction, layer: Any) -> None:
        self.layer_actions[action].append(layer.id())

    def removeCustomActionForLayerType(self, action: QAction) -> bool:
        return self.layer_actions.pop(action, None) is not None

    def registerOptionsWidgetFactory(self, factory: Any) -> None:
        self.options_factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory: Any) -> None:
        self.options_factories.remove(factory)

    def showOptionsDialog(self, parent: QWidget | None = None, currentPage: str = "") -> None:
        self.opened_options.append(currentPage)

    def openMessageLog(self) -> None:
        self.log_panel_opened += 1

    def leftovers(self) -> list[Any]:
        """What a plugin added and did not take away."""
        return [*self.menu_actions, *self.toolbar_actions, *self.docks, *self.options_factories, *self.layer_actions]

    def close(self) -> None:
        """Delete the widgets while the application still exists."""
        self._canvas.stopRendering()
        self._window.close()
        self._window.deleteLater()
