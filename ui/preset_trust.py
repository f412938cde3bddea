"""Addresses of presets that a person has agreed to on this computer, and the question about others."""

from __future__ import annotations

import hashlib
from typing import List, Optional, Sequence, Tuple

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from ..presets.addresses import addresses
from ..presets.preset import Preset
from .preset_words import fixed_operation
from .sentence import plain_label
from .words import translate

AGREED = "groundtrack/agreed_addresses"  # their checksums: an address may be as good as a key
MOST = 1000
WIDTH = 60  # characters


def strange_addresses(preset: Preset) -> Tuple[str, ...]:
    """Addresses of a preset that nobody agreed to here."""
    agreed = set(_agreed())
    return tuple(address for address in _addresses(preset) if _checksum(address) not in agreed)


def agree_to(preset: Preset) -> None:
    """A person made the preset here, or agreed to its addresses."""
    new = [_checksum(address) for address in strange_addresses(preset)]
    if new:
        QgsSettings().setValue(AGREED, (_agreed() + new)[-MOST:])


class AddressesDialog(QDialog):
    """Shows the addresses of a preset that came from elsewhere. `agreed` when they may be used."""

    agreed = pyqtSignal()

    def __init__(self, preset: Preset, strange: Sequence[str], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackPresetAddressesDialog")
        self.setWindowTitle(translate("Groundtrack", "Addresses of the Preset"))
        what = translate("Groundtrack", "The preset “{}” names addresses that were not used here before.").format(preset.name)
        may = translate(
            "Groundtrack", "Your account’s service or this computer will contact them, and may sign in there as you do elsewhere."
        )
        why = translate("Groundtrack", "Use them only if you trust whoever made the preset.")
        self.list = QPlainTextEdit("\n".join(strange), self)
        self.list.setReadOnly(True)
        self.list.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.list.setAccessibleName(translate("Groundtrack", "Addresses"))
        self.list.setFixedHeight(self.fontMetrics().lineSpacing() * (2 + min(8, 2 * len(strange))))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(translate("Groundtrack", "Use These Addresses"))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (plain_label(f"{what} {may} {why}", self), self.list, self.buttons):
            column.addWidget(widget)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def accept(self) -> None:
        super().accept()
        self.agreed.emit()


def _addresses(preset: Preset) -> Tuple[str, ...]:
    operation = fixed_operation(preset)
    return addresses(preset.values, operation.fields if operation else ())


def _agreed() -> List[str]:
    return [str(item) for item in QgsSettings().value(AGREED, []) or []]


def _checksum(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
