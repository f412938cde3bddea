"""Asks for a name, and for a description or tags where there is room for them."""

from __future__ import annotations

from typing import Collection, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from .sentence import WARNING, Sentence
from .words import translate

LONGEST = 200  # characters of a name
WIDTH = 55  # characters
LINES = 3  # of a description


class NameDialog(QDialog):
    """`named` carries name and description when the person agreed. `taken` are names that are refused, whatever their case.

    Description and tags are asked for where they are given, even empty.
    """

    named = pyqtSignal(str, str)

    def __init__(
        self, title: str, yes: str, name: str = "", description: Optional[str] = None, taken: Collection[str] = (),
        tags: Optional[Sequence[str]] = None, parent: Optional[QWidget] = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("GroundtrackNameDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._taken = {text.lower() for text in taken} - {name.lower()}
        self.name = QLineEdit(name, self)
        self.name.setMaxLength(LONGEST)
        self.name.setSelection(len(name), -len(name))  # from the end, so that the beginning is seen
        self.description: Optional[QPlainTextEdit] = None
        self.tags: Optional[QLineEdit] = None
        self.complaint = Sentence(self)
        rows = QFormLayout()
        rows.addRow(translate("Groundtrack", "Name"), self.name)
        if description is not None:
            self.description = QPlainTextEdit(description, self)
            self.description.setTabChangesFocus(True)
            self.description.setFixedHeight((LINES + 1) * self.fontMetrics().lineSpacing())
            rows.addRow(translate("Groundtrack", "Description"), self.description)
        if tags is not None:
            self.tags = QLineEdit(", ".join(tags), self)
            self.tags.setPlaceholderText(translate("Groundtrack", "Separated by commas"))
            self.tags.setCursorPosition(0)
            rows.addRow(translate("Groundtrack", "Tags"), self.tags)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.yes = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        column.addWidget(self.complaint)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * WIDTH)
        self.name.textChanged.connect(self._check)
        self._check()

    def accept(self) -> None:
        self.named.emit(self._given(), self.description.toPlainText().strip() if self.description is not None else "")
        super().accept()

    def given_tags(self) -> Tuple[str, ...]:
        """The tags as entered."""
        parts = self.tags.text().split(",") if self.tags is not None else ()
        return tuple(part.strip() for part in parts if part.strip())

    def _given(self) -> str:
        return " ".join(self.name.text().split())

    def _check(self) -> None:
        taken = self._given().lower() in self._taken
        self.complaint.say(translate("Groundtrack", "This name is taken. Choose another one.") if taken else "", WARNING)
        self.yes.setEnabled(bool(self._given()) and not taken)
