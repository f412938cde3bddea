"""One of a few words, or one that only the person knows."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from .field_widgets import Input, narrow


class OpenChoiceInput(Input):
    """A list of choices that can also be typed into. The value is the service's word, not the label."""

    def make(self, parent: QWidget) -> None:
        self.widget = narrow(QComboBox(parent))
        self.widget.setEditable(True)
        self.widget.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for value, label in self.field.choices:
            self.widget.addItem(label, value)
        self.widget.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.widget.currentTextChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Optional[str]:
        text = self.widget.currentText().strip()
        return next((value for value, label in self.field.choices if text.lower() in (label.lower(), value.lower())), text) or None

    def set_value(self, value: Any) -> None:
        label = dict(self.field.choices).get(value)
        if label is None:
            self.widget.setEditText("" if value is None else str(value))
        else:
            self.widget.setCurrentIndex(self.widget.findData(value))
            self.widget.setEditText(label)
