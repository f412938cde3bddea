"""What is wrong with the request, each with the button that cures it."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..providers.base import Problem, Severity
from .sentence import ERROR, WARNING, Sentence
from .words import count, localised, translate

MOST = 4  # shown at once


class ProblemList(QWidget):
    """Sentences with buttons; `repair_wanted` carries the code of the problem to cure and which of its cures it shall be."""

    repair_wanted = pyqtSignal(str, int)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Replace what is shown."""
        self._clear()
        for problem in problems[:MOST]:
            self._column.addWidget(self._row(problem))
        if len(problems) > MOST:
            more = Sentence(self)
            rest = len(problems) - MOST
            more.say(count(rest, translate("Groundtrack", "and 1 more"), translate("Groundtrack", "and {} more")), "")
            self._column.addWidget(more)
        self.setVisible(bool(problems))

    def sentences(self) -> Sequence[str]:
        """What is shown now."""
        return [item.text() for item in self.findChildren(Sentence)]

    def _row(self, problem: Problem) -> QWidget:
        row = QWidget(self)
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        sentence = Sentence(row)
        sentence.say(localised(problem.message), ERROR if problem.severity is Severity.ERROR else WARNING)
        layout.addWidget(sentence)
        if problem.repair is not None:
            button = self._button(problem, row)
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
            layout.addLayout(line)
        return row

    def _button(self, problem: Problem, row: QWidget) -> QToolButton:
        """The proposed cure; the arrow beside it has the others."""
        button = QToolButton(row)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        actions = [QAction(repair.label, button) for repair in problem.repairs()]
        for index, action in enumerate(actions):
            action.triggered.connect(lambda _, code=problem.code, which=index: self.repair_wanted.emit(code, which))
        button.setDefaultAction(actions[0])
        if len(actions) > 1:
            button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
            button.addActions(actions[1:])
        return button

    def _clear(self) -> None:
        while self._column.count():
            widget = self._column.takeAt(0).widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
