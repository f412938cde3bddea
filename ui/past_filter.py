"""Which past jobs are wanted: words, state, project, days."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Sequence, Tuple

from qgis.gui import QgsDateEdit, QgsFilterLineEdit
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from ..providers.base import HistoryQuery, Phase, Project
from .field_widgets import DAY_FORMAT, guard_wheel, narrow
from .words import translate

THINK = 400  # ms without a change before it is asked


class PastFilter(QWidget):
    """`changed` follows every change, once nobody types any more."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.words = QgsFilterLineEdit(self)
        self.words.setShowSearchIcon(True)
        self.words.setPlaceholderText(translate("Groundtrack", "Name, task, imagery, project or number"))
        self.state = narrow(QComboBox(self))
        self.project = narrow(QComboBox(self))
        self.first, self.last = self._day(), self._day()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(THINK)
        self._timer.timeout.connect(self.changed)
        self._fill_states()
        self._lay_out()
        self.offer_projects(())
        self.words.textChanged.connect(lambda _: self._timer.start())
        for combo in (self.state, self.project):
            combo.currentIndexChanged.connect(lambda _: self._timer.start(0))
        for edit in (self.first, self.last):
            edit.dateValueChanged.connect(lambda _: self._timer.start())

    def query(self) -> HistoryQuery:
        """What is asked for."""
        return HistoryQuery(
            self.words.text(), self.state.currentData() or (), self.project.currentData() or "", _text(self.first), _text(self.last)
        )

    def sifts(self) -> bool:
        """Whether it is about more than where jobs are kept."""
        return replace(self.query(), project="") != HistoryQuery()

    def complaint(self) -> str:
        """What is wrong with it, "" for nothing."""
        first, last = _text(self.first), _text(self.last)
        return translate("Groundtrack", "The first day lies after the last one.") if first and last and first > last else ""

    def offer_projects(self, projects: Sequence[Project]) -> None:
        """The projects to choose from; without any the choice is hidden."""
        chosen = self.project.currentData()
        self.project.blockSignals(True)
        self.project.clear()
        self.project.addItem(translate("Groundtrack", "All projects"), "")
        for project in sorted(projects, key=lambda one: one.name.lower()):
            self.project.addItem(project.name or project.id, project.id)
        self.project.setCurrentIndex(max(0, self.project.findData(chosen)))
        self.project.blockSignals(False)
        for widget in (self.project, self._project_label):
            widget.setVisible(bool(projects))

    def stop(self) -> None:
        """Ask nothing any more."""
        self._timer.stop()

    def _fill_states(self) -> None:
        choices: Tuple[Tuple[str, Tuple[Phase, ...]], ...] = (
            (translate("Groundtrack", "Any state"), ()),
            (translate("Groundtrack", "Finished"), (Phase.SUCCEEDED,)),
            (translate("Groundtrack", "At work"), (Phase.QUEUED, Phase.RUNNING)),
            (translate("Groundtrack", "Failed or cancelled"), (Phase.FAILED, Phase.CANCELLED, Phase.EXPIRED)),
        )
        for label, phases in choices:
            self.state.addItem(label, phases)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self._project_label = QLabel(translate("Groundtrack", "Project"), self)
        labels = (
            (translate("Groundtrack", "Search"), self.words, 0, 0), (translate("Groundtrack", "State"), self.state, 0, 2),
            (translate("Groundtrack", "From"), self.first, 1, 0), (translate("Groundtrack", "To"), self.last, 1, 2),
        )  # fmt: skip
        for text, widget, row, column in labels:
            label = QLabel(text, self)
            label.setBuddy(widget)
            widget.setAccessibleName(text)
            grid.addWidget(label, row, column)
            grid.addWidget(widget, row, column + 1)
        self._project_label.setBuddy(self.project)
        self.project.setAccessibleName(self._project_label.text())
        grid.addWidget(self._project_label, 0, 4)
        grid.addWidget(self.project, 0, 5)
        for column, share in ((1, 3), (3, 2), (5, 2)):
            grid.setColumnStretch(column, share)

    def _day(self) -> QgsDateEdit:
        edit = QgsDateEdit(self)
        edit.setAllowNull(True)
        edit.setNullRepresentation(translate("Groundtrack", "Any day"))
        edit.setDisplayFormat(DAY_FORMAT)
        edit.setCalendarPopup(True)
        edit.setToolTip(translate("Groundtrack", "Days begin and end in UTC."))
        edit.clear()
        guard_wheel(edit)
        return edit


def _text(edit: QgsDateEdit) -> str:
    return "" if edit.isNull() else str(edit.date().toString(Qt.DateFormat.ISODate))
