"""The table of past jobs: whole rows, and only the columns there is room for; the tool tip of a row tells the rest."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..providers.base import RemoteJob
from .past_model import REMOTE_ROLE, Column, PastModel
from .table_rows import chosen_rows, keep_header_out
from .words import translate

_NAME = 22  # letters that the name has at least
_LETTERS = {Column.STATE: 14, Column.MADE: 18, Column.HERE: 12, Column.COST: 13, Column.PROJECT: 18, Column.TASK: 18, Column.AREA: 11}
_ROOM = 8  # pixels around a text


class PastTable(QTableView):
    """Columns give way from the last of those named above on."""

    def __init__(self, model: PastModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        keep_header_out(self)
        self.setAccessibleName(translate("Groundtrack", "Jobs made elsewhere"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().lineSpacing() + _ROOM)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)

    def chosen(self) -> List[RemoteJob]:
        """The selected jobs, from top to bottom."""
        return [self.model().index(row, 0).data(REMOTE_ROLE) for row in chosen_rows(self)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        digit = self.fontMetrics().horizontalAdvance("0")
        left = self.viewport().width() - _NAME * digit
        for column, letters in _LETTERS.items():
            width = letters * digit + _ROOM
            self.setColumnHidden(column, width > left)
            self.setColumnWidth(column, width)
            left -= width
