"""The presets of the project: one JSON text an entry, saved with the project and copied with it."""

from __future__ import annotations

import secrets
from typing import Dict, List

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..presets.preset import Preset, PresetError, from_dict, parse_json
from .words import translate

SCOPE = "groundtrack"
FOLDER = "presets"
ORDER = "preset_order"
LARGEST = 1_000_000  # characters of one preset: it is parsed on the main thread when the project opens
LARGEST_ALL = 4_000_000
MOST = 200


class ProjectPresets(QObject):
    """`changed` follows every change, by us or by another project."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._presets: Dict[str, Preset] = {}
        self._refused: List[str] = []
        project = QgsProject.instance()
        project.readProject.connect(self._load)
        project.cleared.connect(self._drop)
        self._load()

    def presets(self) -> Dict[str, Preset]:
        """Presets by id, in the person's order."""
        return dict(self._presets)

    def refused(self) -> List[str]:
        """Sentences about entries that are no presets; they stay in the project untouched."""
        return list(self._refused)

    def put(self, preset: Preset, identity: str = "") -> str:
        """Store a preset, over the one with this id or as a new last one; returns the id. Raises PresetError."""
        text = preset.to_json()
        if len(text) > LARGEST:
            raise PresetError(translate("Groundtrack", "The preset is too large for the project. Take its area from a layer instead."))
        if not identity and len(self._presets) >= MOST:
            raise PresetError(translate("Groundtrack", "The project holds {} presets already. Delete some first.").format(MOST))
        identity = identity or f"p{secrets.token_hex(4)}"
        QgsProject.instance().writeEntry(SCOPE, f"{FOLDER}/{identity}", text)
        self._presets[identity] = preset
        self._write_order(list(self._presets))
        return identity

    def remove(self, identity: str) -> None:
        QgsProject.instance().removeEntry(SCOPE, f"{FOLDER}/{identity}")
        self._presets.pop(identity, None)
        self._write_order(list(self._presets))

    def arrange(self, order: List[str]) -> None:
        """Put the presets in this order."""
        self._presets = {identity: self._presets[identity] for identity in order}
        self._write_order(order)

    def close_down(self) -> None:
        """Stop listening to the project."""
        QgsProject.instance().readProject.disconnect(self._load)
        QgsProject.instance().cleared.disconnect(self._drop)

    def _write_order(self, order: List[str]) -> None:
        QgsProject.instance().writeEntry(SCOPE, ORDER, order)
        self.changed.emit()

    def _drop(self) -> None:
        self._presets, self._refused = {}, []
        self.changed.emit()

    def _load(self) -> None:
        project = QgsProject.instance()
        self._presets, self._refused = {}, []
        held = sorted(project.entryList(SCOPE, FOLDER))
        order = [name for name in project.readListEntry(SCOPE, ORDER)[0] if name in held]
        size = 0
        for identity in dict.fromkeys([*order, *held]):
            text = project.readEntry(SCOPE, f"{FOLDER}/{identity}")[0]
            size += len(text)
            if len(text) > LARGEST or size > LARGEST_ALL or len(self._presets) >= MOST:
                self._refused.append(translate("Groundtrack", "The preset {} of this project is too large.").format(identity))
                continue
            try:
                self._presets[identity] = from_dict(parse_json(text, identity), identity)
            except PresetError as error:
                self._refused.append(str(error))
        self.changed.emit()
