"""What is asked about imagery: a name and tags, and the name once more before something is deleted for good."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from .name_dialog import NameDialog
from .sentence import WARNING, Sentence, plain_label
from .words import translate

_NAMED = 8  # names that are listed


class DeleteDialog(QDialog):
    """Says what goes, and wants its name typed before anything can be deleted."""

    def __init__(self, parent: QWidget, name: str, sentence: str, inside: Sequence[str]) -> None:
        super().__init__(parent)
        self._name = name
        self.setWindowTitle(translate("Groundtrack", "Delete for Good"))
        told = Sentence(self)
        told.say(sentence, WARNING)
        more = len(inside) - _NAMED
        rest = [translate("Groundtrack", "and {} more").format(more)] if more > 0 else []
        listed = plain_label("\n".join([*inside[:_NAMED], *rest]), self)
        listed.setVisible(bool(inside))
        label = plain_label(translate("Groundtrack", "To confirm, type the name: {}").format(name), self)
        self.typed = QgsFilterLineEdit(self)
        self.typed.setPlaceholderText(name)
        self.typed.setAccessibleName(translate("Groundtrack", "Name"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.button = self.buttons.addButton(translate("Groundtrack", "Delete"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setEnabled(False)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.typed.textChanged.connect(lambda text: self.button.setEnabled(text.strip() == self._name.strip()))
        column = QVBoxLayout(self)
        for widget in (told, listed, label, self.typed):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        fit_height(self)


def fit_height(dialog: QDialog) -> None:
    """Make a dialog high enough for sentences that wrap."""
    for widget in (*reversed(dialog.findChildren(QWidget)), dialog):  # from the inside out: each asks those in it how high they are
        if widget.layout() is not None:
            widget.layout().activate()
    wide = max(dialog.width(), dialog.minimumWidth())
    high = max(dialog.layout().totalHeightForWidth(wide), dialog.minimumSizeHint().height())
    dialog.setMinimumHeight(high)
    dialog.resize(wide, high)


def ask_name(
    parent: QWidget, title: str, yes: str, name: str, tags: Optional[Sequence[str]] = None
) -> Optional[Tuple[str, Tuple[str, ...]]]:
    """Name and tags, None when the person thinks better of it."""
    dialog, given = NameDialog(title, yes, name, tags=tags, parent=parent), []
    dialog.named.connect(lambda named, _: given.append((named, dialog.given_tags())))
    dialog.exec()
    return given[0] if given else None


def ask_delete(parent: QWidget, name: str, sentence: str, inside: Sequence[str]) -> bool:
    """Whether something shall be deleted at the service for good."""
    dialog = DeleteDialog(parent, name, sentence, inside)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return bool(accepted)
