"""Files dropped onto the dock: presets, or something with an area in it. Others go to QGIS as usual."""

from __future__ import annotations

from pathlib import Path
from typing import List

from qgis.PyQt.QtCore import QEvent, QMimeData, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

PRESETS = (".json",)
AREAS = (".geojson", ".gpkg", ".shp", ".kml", ".kmz", ".gml", ".fgb", ".zip", ".json")  # a few that are surely no pictures


class FileDrop(QObject):
    """Lets a widget take files. `presets_dropped` carries paths of JSON files, `area_dropped` that of one other file."""

    presets_dropped = pyqtSignal(object)
    area_dropped = pyqtSignal(str)

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            return False
        paths = _files(event.mimeData())
        presets = bool(paths) and all(path.suffix.lower() in PRESETS for path in paths)
        area = len(paths) == 1 and paths[0].suffix.lower() in AREAS
        if not presets and not area:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            if presets:
                self.presets_dropped.emit(paths)
            else:
                self.area_dropped.emit(str(paths[0]))
        return True


def _files(data: QMimeData) -> List[Path]:
    """The local files, none when anything else is among them."""
    names = [url.toLocalFile() for url in data.urls()]
    return [Path(name) for name in names] if all(names) else []
