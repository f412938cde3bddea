"""The question before something is deleted for good: it has to be agreed to twice."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from .sentence import WARNING, Sentence

WIDTH = 60  # characters


class ConfirmDialog(QDialog):
    """Says what goes; the button works once the box is checked, whose text repeats it."""

    def __init__(self, title: str, text: str, understood: str, yes: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackConfirmDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = Sentence(self)
        self.text.say(text, WARNING)
        self.box = QCheckBox(understood, self)
        self.box.setAccessibleDescription(text)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.yes = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.yes.setEnabled(False)
        self.box.toggled.connect(self.yes.setEnabled)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(self.box)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())
