"""A session with a real poller and store over a simulator, and the few gestures that dock tests repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapMouseEvent
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtWidgets import QApplication, QWidget

KEY = "sk_live_simulator_first"
SQUARE = '{"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]}'
TIMEOUT = 10_000  # ms, for conditions


@contextmanager
def running_session(folder: Path) -> Iterator[Any]:
    """A started session whose journal is in `folder`; ended without a thread left."""
    from groundtrack.accounts import AccountStore
    from groundtrack.jobs.journal import Journal
    from groundtrack.jobs.poller import Poller
    from groundtrack.providers.connect import Connector
    from groundtrack.providers.transport import Network
    from groundtrack.results.loader import ResultLoader
    from groundtrack.ui.session import Session

    connector = Connector(Network(pace=0.01))
    poller = Poller(Journal(folder / "journal.sqlite"), connector, lambda job: folder / job.id, 0.01)
    session = Session(poller, AccountStore(), connector, time.time)
    loader = ResultLoader(session)
    session.start()
    yield session
    session.stop()
    poller.wait(5000)
    loader.close_down()
    session.deleteLater()


def add_account(session: Any, url: str, name: str = "Port of X", provider: str = "sateais", key: str = KEY, remember: bool = False) -> str:
    """A SateAIs account at the simulator's address; returns its key."""
    from groundtrack.providers.base import Account, Secrets

    info = session.store.save(Account(provider, name, {"url": url}, Secrets({"api_key": key})), remember=remember)
    session.refresh_accounts()
    return info.key


def squares(count: int, name: str = "sites", size: float = 0.05, gap: float = 0.1) -> QgsVectorLayer:
    """A layer of squares in a row off the Dutch coast, in the project."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", name, "memory")
    features = []
    for index in range(count):
        west, south = 3.0 + index * gap, 52.0
        feature = QgsFeature()
        ring = f"{west} {south}, {west + size} {south}, {west + size} {south + size}, {west} {south + size}, {west} {south}"
        feature.setGeometry(QgsGeometry.fromWkt(f"Polygon(({ring}))"))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


def wait(qtbot: Any, condition: Callable[[], Any], timeout: int = TIMEOUT) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=timeout)



def choose(combo: Any, text: str) -> None:
    """Choose the first entry with this text."""
    index = combo.findText(text, Qt.MatchFlag.MatchContains)
    assert index >= 0, text
    combo.setCurrentIndex(index)


def paste(dock: Any, text: str = SQUARE) -> None:
    """Paste an area into the form."""
    QApplication.clipboard().setText(text)
    dock.new_job.area.menus.paste_action.trigger()


def mouse(canvas: Any, kind: str, x: int, y: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """Let the map's tool have a mouse event, as the canvas would."""
    kinds = {
        "press": (QEvent.Type.MouseButtonPress, "canvasPressEvent"), "release": (QEvent.Type.MouseButtonRelease, "canvasReleaseEvent"),
        "move": (QEvent.Type.MouseMove, "canvasMoveEvent"), "double": (QEvent.Type.MouseButtonDblClick, "canvasDoubleClickEvent"),
    }
    event_type, handler = kinds[kind]
    getattr(canvas.mapTool(), handler)(QgsMapMouseEvent(canvas, event_type, QPoint(x, y), button, button))


def click(canvas: Any, x: int, y: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    mouse(canvas, "press", x, y, button)
    mouse(canvas, "release", x, y, button)


def texts(widget: QWidget) -> str:
    """Every text that is visible inside a widget."""
    from qgis.PyQt.QtWidgets import QAbstractButton, QLabel

    found = [item.text() for kind in (QLabel, QAbstractButton) for item in widget.findChildren(kind) if item.isVisible()]
    return "\n".join(found).replace("\u200b", "")
