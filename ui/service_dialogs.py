"""Questions about a job at its service: where to, how good, and what is wrong with it."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QFont
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..providers.base import Account, Project
from .sentence import ERROR, INFO, Sentence, plain_label
from .session import Session
from .words import plain, translate

WIDTH = 55  # characters
LINES = 4  # of a comment
STARS = 5
_ID = Qt.ItemDataRole.UserRole


class _Question(QDialog):
    """A text, what is asked, and two buttons."""

    def __init__(self, name: str, title: str, text: str, yes: str, parent: Optional[QWidget]) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.yes: QPushButton = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.column = QVBoxLayout(self)
        self.column.addWidget(plain_label(text, self))
        self.yes.setEnabled(False)

    def lay_out(self, *widgets: QWidget) -> None:
        """Put what is asked between text and buttons."""
        for widget in widgets:
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * WIDTH, self.sizeHint().height())

    def comment(self, label: str) -> QPlainTextEdit:
        """A place for some sentences."""
        made = QPlainTextEdit(self)
        made.setPlaceholderText(label)
        made.setAccessibleName(label)
        made.setTabChangesFocus(True)
        made.setFixedHeight((LINES + 1) * self.fontMetrics().lineSpacing())
        return made


class MoveDialog(_Question):
    """Asks for a project among those of the account, which are asked for meanwhile. `chosen` carries the project."""

    chosen = pyqtSignal(object)

    def __init__(
        self, session: Session, account: Account, names: Sequence[str], present: str, parent: Optional[QWidget] = None
    ) -> None:
        one = translate("Groundtrack", "Move “{}” to which project?").format(names[0] if names else "")
        many = translate("Groundtrack", "Move {} jobs to which project?").format(len(names))
        title, yes = translate("Groundtrack", "Move to Project"), translate("Groundtrack", "Move")
        super().__init__("GroundtrackMoveDialog", title, one if len(names) == 1 else many, yes, parent)
        self._present = present
        self.list = QListWidget(self)
        self.list.setAccessibleName(translate("Groundtrack", "Projects"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.notice = Sentence(self)
        self.lay_out(self.list, self.notice)
        self.list.itemSelectionChanged.connect(lambda: self.yes.setEnabled(bool(self.list.selectedItems())))
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.notice.say(translate("Groundtrack", "Asking the service…"))
        session.ask(self, account, lambda provider: provider.projects(), self._offer, lambda error: self.notice.say(str(error), ERROR))

    def accept(self) -> None:
        for item in self.list.selectedItems():
            self.chosen.emit(item.data(_ID))
        super().accept()

    def _offer(self, projects: Sequence[Project]) -> None:
        others = [project for project in projects if project.id != self._present and project.role.lower() != "readonly"]
        for project in others:
            item = QListWidgetItem(project.name or project.id, self.list)
            item.setData(_ID, project)
            item.setToolTip(plain("\n".join(part for part in (project.name, project.description) if part)))
        self.notice.say("" if others else translate("Groundtrack", "There is no other project. Make one with Manage Projects."), INFO)


class RateDialog(_Question):
    """Asks for one to five stars and a comment. `rated` carries both."""

    rated = pyqtSignal(int, str)

    def __init__(self, name: str, stars: int, parent: Optional[QWidget] = None) -> None:
        text = translate("Groundtrack", "How good is the result of “{}”? The service is told.").format(name)
        super().__init__("GroundtrackRateDialog", translate("Groundtrack", "Rate Result"), text, translate("Groundtrack", "Rate"), parent)
        self.group = QButtonGroup(self)
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        for number in range(1, STARS + 1):
            button = QToolButton(row)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFont(_larger(button))
            button.setAccessibleName(translate("Groundtrack", "{} of {} stars").format(number, STARS))
            button.setToolTip(button.accessibleName())
            self.group.addButton(button, number)
            line.addWidget(button)
        line.addStretch(1)
        self.text = self.comment(translate("Groundtrack", "What is good, what is missing (optional)"))
        self.lay_out(row, self.text)
        self.group.idClicked.connect(self._show)
        if stars:
            self.group.button(stars).setChecked(True)
        self._show(stars)

    def accept(self) -> None:
        self.rated.emit(self.group.checkedId(), self.text.toPlainText().strip())
        super().accept()

    def _show(self, stars: int) -> None:
        for number in range(1, STARS + 1):
            self.group.button(number).setText("★" if number <= stars else "☆")
        self.yes.setEnabled(stars > 0)


class RejectDialog(_Question):
    """Asks what is wrong with a result. `rejected_with` carries the comment, and whether the selected features mark where."""

    rejected_with = pyqtSignal(str, bool)

    def __init__(self, name: str, selected: str, parent: Optional[QWidget] = None) -> None:
        text = translate(
            "Groundtrack",
            "What is wrong with the result of “{}”? The service works on it again; the layer that is here stays, and the new result "
            "is loaded beside it.",
        ).format(name)
        title, yes = translate("Groundtrack", "Reject Result"), translate("Groundtrack", "Reject")
        super().__init__("GroundtrackRejectDialog", title, text, yes, parent)
        self.text = self.comment(translate("Groundtrack", "What is wrong or missing"))
        self.mark = QCheckBox(translate("Groundtrack", "Mark the area of the selected features: {}").format(selected), self)
        self.mark.setVisible(bool(selected))
        self.lay_out(self.text, self.mark)
        self.text.textChanged.connect(lambda: self.yes.setEnabled(bool(self.text.toPlainText().strip())))

    def accept(self) -> None:
        self.rejected_with.emit(self.text.toPlainText().strip(), self.mark.isChecked())
        super().accept()


def _larger(widget: QWidget) -> QFont:
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * 1.6)
    return font
