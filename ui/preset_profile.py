"""A person's own presets: one JSON file each, in the QGIS profile."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Dict, List, Tuple

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..network import home
from ..presets.files import file_stem, read_presets, write_presets
from ..presets.preset import Preset, PresetError
from .session import Session

ORDER = "groundtrack/preset_order"
MOST = 500

log = logging.getLogger("groundtrack")


class ProfilePresets(QObject):
    """`changed` follows every change. Files are read by a worker; the few kilobytes of one preset are written at once.

    What a person saved is on disk when the dialog has closed, whatever happens next.
    """

    changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = home() / "presets"
        self._presets: Dict[str, Preset] = {}
        self._refused: List[str] = []
        folder = self._folder
        session.work(self, lambda: _read_folder(folder), self._take, self._fail)

    def presets(self) -> Dict[str, Preset]:
        """Presets by id, in the person's order."""
        return dict(self._presets)

    def refused(self) -> List[str]:
        """Sentences about files that are no presets; they stay where they are."""
        return list(self._refused)

    def put(self, preset: Preset, identity: str = "") -> str:
        """Store a preset, over the one with this id or as a new last one; returns the id. Raises PresetError."""
        identity = identity or f"{file_stem(preset.name)}_{secrets.token_hex(3)}"
        write_presets(self._path(identity), [preset])
        self._presets[identity] = preset
        self._write_order(list(self._presets))
        return identity

    def remove(self, identity: str) -> None:
        """Raises PresetError when the file cannot be deleted."""
        try:
            self._path(identity).unlink(missing_ok=True)
        except OSError as error:
            raise PresetError(f"{self._path(identity)}: {error.strerror or error}") from None
        self._presets.pop(identity, None)
        self._write_order(list(self._presets))

    def arrange(self, order: List[str]) -> None:
        """Put the presets in this order."""
        self._presets = {identity: self._presets[identity] for identity in order}
        self._write_order(order)

    def close_down(self) -> None:
        """Nothing is listened to."""

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.json"

    def _write_order(self, order: List[str]) -> None:
        QgsSettings().setValue(ORDER, order)
        self.changed.emit()

    def _take(self, found: Tuple[Dict[str, Preset], List[str]]) -> None:
        read, self._refused = found
        read.update(self._presets)  # what was saved while the folder was read
        order = [name for name in QgsSettings().value(ORDER, []) or [] if name in read]
        self._presets = {identity: read[identity] for identity in dict.fromkeys([*order, *read])}
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        log.warning("the presets of the profile cannot be read: %s", error)
        self._refused = [str(error)]


def _read_folder(folder: Path) -> Tuple[Dict[str, Preset], List[str]]:
    presets: Dict[str, Preset] = {}
    refused: List[str] = []
    for path in sorted(folder.glob("*.json"))[:MOST]:
        try:
            presets[path.stem] = read_presets(path)[0]
        except PresetError as error:
            refused.append(str(error))
    return presets, refused
