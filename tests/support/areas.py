"""What the tests of the Area row share: the row in a window, and gestures on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsPointXY,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QApplication
from support.docks import running_session

SQUARE = "POLYGON((3.5 51.5, 4.5 51.5, 4.5 52.5, 3.5 52.5, 3.5 51.5))"
PARTS = "MULTIPOLYGON(((3 51, 4 51, 4 52, 3 52, 3 51), (3.2 51.2, 3.4 51.2, 3.4 51.4, 3.2 51.2)), ((5 51, 5.1 51, 5.1 51.1, 5 51)))"

@pytest.fixture
def session(qgis_iface: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as made:
        yield made


@pytest.fixture
def row(session: Any, qgis_iface: Any, qgis_canvas: Any) -> Iterator[Any]:
    from groundtrack.ui.area_row import AreaRow

    qgis_iface.mainWindow().show()
    qgis_canvas.resize(400, 400)
    qgis_canvas.setExtent(QgsRectangle(3, 51, 5, 53))
    made = AreaRow(session, qgis_iface, qgis_iface.mainWindow())
    yield made
    made.close_down()


def read(row: Any) -> Any:
    return row.reading()()


def paste(row: Any, text: str = SQUARE) -> None:
    QApplication.clipboard().setText(text)
    row.menus.paste_action.trigger()


def spot(canvas: Any, lon: float, lat: float) -> tuple[int, int]:
    place = canvas.getCoordinateTransform().transform(QgsPointXY(lon, lat))
    return round(place.x()), round(place.y())


def press(tool: Any, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    tool.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, key, modifiers))
