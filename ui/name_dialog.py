"""Asks for a name, and for a description where there is room for one."""

from __future__ import annotations

from typing import Collection, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from .sentence import WARNING, Sentence, plain_label
from .words import translate

LONGEST = 200  # characters of a name
WIDTH = 55  # characters
LINES = 3  # of a description


class NameDialog(QDialog):
    """`named` carries name and description when the person agreed. `taken` are names that are refused, whatever their case."""

    named = pyqtSignal(str, str)

    def __init__(
        self, title: str, yes: str, name: str = "", description: Optional[str] = None, taken: Collection[str] = (), note: str = "",
        parent: Optional[QWidget] = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("GroundtrackNameDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._taken = {text.lower() for text in taken} - {name.lower()}
        self.name = QLineEdit(name, self)
        self.name.setMaxLength(LONGEST)
        self.name.selectAll()
        self.description: Optional[QPlainTextEdit] = None
        self.complaint = Sentence(self)
        rows = QFormLayout()
        rows.addRow(translate("Groundtrack", "Name"), self.name)
        if description is not None:
            self.description = QPlainTextEdit(description, self)
            self.description.setTabChangesFocus(True)
            self.description.setFixedHeight((LINES + 1) * self.fontMetrics().lineSpacing())
            rows.addRow(translate("Groundtrack", "Description"), self.description)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.yes = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        if note:
            column.addWidget(plain_label(note, self))
        column.addWidget(self.complaint)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())
        self.name.textChanged.connect(self._check)
        self._check()

    def accept(self) -> None:
        self.named.emit(self._given(), self.description.toPlainText().strip() if self.description is not None else "")
        super().accept()

    def _given(self) -> str:
        return " ".join(self.name.text().split())

    def _check(self) -> None:
        taken = self._given().lower() in self._taken
        self.complaint.say(translate("Groundtrack", "This name is taken. Choose another one.") if taken else "", WARNING)
        self.yes.setEnabled(bool(self._given()) and not taken)
