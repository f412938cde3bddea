"""Preset files dropped onto the dock."""

from __future__ import annotations

from pathlib import Path
from typing import List

from qgis.PyQt.QtCore import QEvent, QMimeData, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget


class PresetDrop(QObject):
    """Lets a widget take JSON files. `dropped` carries their paths."""

    dropped = pyqtSignal(object)

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            return False
        paths = _files(event.mimeData())
        if not paths:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.dropped.emit(paths)
        return True


def _files(data: QMimeData) -> List[Path]:
    """JSON files, none when anything else is among them."""
    names = [url.toLocalFile() for url in data.urls()]
    return [Path(name) for name in names] if names and all(name.lower().endswith(".json") for name in names) else []
