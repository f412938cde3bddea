"""What is wrong with the request, each with the button that cures it."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..providers.base import Problem, Severity
from .sentence import ERROR, WARNING, Sentence
from .words import count, translate

MOST = 4  # shown at once


class ProblemList(QWidget):
    """Sentences with buttons; `repair_wanted` carries the code of the problem to cure."""

    repair_wanted = pyqtSignal(str)

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
        sentence.say(problem.message, ERROR if problem.severity is Severity.ERROR else WARNING)
        layout.addWidget(sentence)
        if problem.repair is not None:
            button = QPushButton(problem.repair.label, row)
            button.clicked.connect(lambda _, code=problem.code: self.repair_wanted.emit(code))
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
            layout.addLayout(line)
        return row

    def _clear(self) -> None:
        while self._column.count():
            widget = self._column.takeAt(0).widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
