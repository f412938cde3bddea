"""The three questions about presets: under which name to save, what to fill in, and which account to use instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ..accounts import AccountInfo
from ..presets.filling import variables
from ..presets.preset import LONGEST_NAME
from ..providers.fields import Field, Kind, parse_all
from .account_picker import account_title
from .field_widgets import narrow
from .form import OperationForm
from .preset_shelf import PROFILE, PROJECT, Shelf
from .sentence import WARNING, Sentence, plain_label
from .words import translate

WIDTH = 55  # characters


class SavePresetDialog(QDialog):
    """Asks for a name and a place. `named` carries both when the person agreed."""

    named = pyqtSignal(str, str)

    def __init__(self, shelf: Shelf, proposal: str, note: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackSavePresetDialog")
        self.setWindowTitle(translate("Groundtrack", "Save as Preset"))
        self._shelf = shelf
        self.name = QLineEdit(proposal, self)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.selectAll()
        self.place = narrow(QComboBox(self))
        self.place.addItem(translate("Groundtrack", "In This Project"), PROJECT)
        self.place.addItem(translate("Groundtrack", "In My Profile"), PROFILE)
        self.note, self.complaint = Sentence(self), Sentence(self)
        self.note.say(note, WARNING)
        rows = QFormLayout()
        rows.addRow(translate("Groundtrack", "Name"), self.name)
        rows.addRow(translate("Groundtrack", "Keep"), self.place)
        text = translate("Groundtrack", "Dates in relation to today and the way the area is found are kept as such. Keys are never saved.")
        self.buttons = _buttons(self, QDialogButtonBox.StandardButton.Save)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        column.addWidget(plain_label(text, self))
        for sentence in (self.note, self.complaint):
            column.addWidget(sentence)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())
        self.name.textChanged.connect(self._check)
        self.place.currentIndexChanged.connect(self._check)
        self._check()

    def accept(self) -> None:
        self.named.emit(self._name(), self.place.currentData())
        super().accept()

    def _name(self) -> str:
        return " ".join(self.name.text().split())

    def _check(self) -> None:
        taken = self._name() in {kept.preset.name for kept in self._shelf.kept(self.place.currentData())}
        text = translate("Groundtrack", "There is already a preset called “{}” here. Choose another name, or update that one.")
        self.complaint.say(text.format(self._name()) if taken else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(bool(self._name()) and not taken)


class VariablesDialog(QDialog):
    """Asks what to fill in for the names in braces. `answered` carries texts by name."""

    answered = pyqtSignal(object)

    def __init__(
        self, title: str, values: Mapping[str, Any], fields: Sequence[Field], before: Mapping[str, str], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackPresetVariablesDialog")
        self.setWindowTitle(title)
        self._names = variables(values, fields)
        self._fields = tuple(_field(f"v{index}", name, values, fields) for index, name in enumerate(self._names))
        self.form = OperationForm(self._fields, self)
        self.form.set_values({field.name: before.get(name) for field, name in zip(self._fields, self._names)})
        self.buttons = _buttons(self, QDialogButtonBox.StandardButton.Ok)
        column = QVBoxLayout(self)
        column.addWidget(plain_label(translate("Groundtrack", "The preset leaves this open. Fill it in for this time."), self))
        column.addWidget(self.form)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def accept(self) -> None:
        values, wrong = parse_all(self._fields, self.form.rules())
        self.form.show_problems(wrong, everywhere=True)
        if not wrong:
            self.answered.emit(self._answers(values))
            super().accept()

    def _answers(self, values: Mapping[str, Any]) -> Dict[str, str]:
        given = ((name, values[field.name]) for field, name in zip(self._fields, self._names))
        return {name: ", ".join(value) if isinstance(value, tuple) else str(value) for name, value in given}


class MissingAccountDialog(QDialog):
    """Asks which account to use when that of the preset is not here. Signals: `chosen` key, `add_wanted`."""

    chosen = pyqtSignal(str)
    add_wanted = pyqtSignal()

    def __init__(self, account: str, service: str, others: Tuple[AccountInfo, ...], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackMissingAccountDialog")
        self.setWindowTitle(translate("Groundtrack", "Account of the Preset"))
        missing = translate("Groundtrack", "The preset uses the account “{}” of {}, which is not here.").format(account, service)
        unnamed = translate("Groundtrack", "The preset names no account of {}.").format(service)
        self.combo = narrow(QComboBox(self))
        for info in others:
            self.combo.addItem(account_title(info), info.key)
        self.combo.setAccessibleName(translate("Groundtrack", "Account to use instead"))
        self.buttons = _buttons(self, QDialogButtonBox.StandardButton.Ok)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(translate("Groundtrack", "Use This Account"))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(others))
        self.add_button = QPushButton(translate("Groundtrack", "Add Account…"), self)
        self.buttons.addButton(self.add_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.add_button.clicked.connect(self._add)
        column = QVBoxLayout(self)
        column.addWidget(plain_label(missing if account else unnamed, self))
        column.addWidget(self.combo)
        self.combo.setVisible(bool(others))
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def accept(self) -> None:
        self.chosen.emit(self.combo.currentData() or "")
        super().accept()

    def _add(self) -> None:
        self.reject()
        self.add_wanted.emit()


def _field(key: str, label: str, values: Mapping[str, Any], fields: Sequence[Field]) -> Field:
    """The field to ask with: that of the value which is nothing but this name, else a line of text."""
    whole = next((field for field in fields if values.get(field.name) == f"{{{label}}}"), None)
    if whole is None:
        return Field(key, label, Kind.TEXT, required=True)
    return replace(whole, name=key, label=label, default=None, required=True, shown_if=None, advanced=False)


def _buttons(dialog: QDialog, yes: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    buttons = QDialogButtonBox(yes | QDialogButtonBox.StandardButton.Cancel, dialog)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
