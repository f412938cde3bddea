"""A table of mosaics or images that tells which rows are seen."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from .imagery_models import ITEM_ROLE, RowsModel
from .table_rows import keep_header_out

_PAUSE = 80  # ms of rest before pictures of the rows in view are asked for
_LEAST = 26  # letters of the name, which the last columns give way to
_WORD = 13  # letters of another column with words, at least
_MOST = 30  # letters of any other column


class ImageryTable(QTableView):
    """Whole rows, the name taking the room that is left. `seen` follows once scrolling rests."""

    seen = pyqtSignal()

    def __init__(self, model: RowsModel, name: str, parent: Optional[QWidget] = None, *, several: bool = False) -> None:
        super().__init__(parent)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_PAUSE)
        self._rest.timeout.connect(self.seen)
        modes = QAbstractItemView.SelectionMode
        self.setAccessibleName(name)
        self.setModel(model)
        keep_header_out(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(10)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalScrollBar().valueChanged.connect(self.look_again)

    def look_again(self) -> None:
        """Other rows may be in view now."""
        self._rest.start()

    def items_in_view(self) -> List[Any]:
        """The rows that can be seen, from top to bottom."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = last if last >= 0 else self.model().rowCount() - 1
        return [self.model().index(row, 0).data(ITEM_ROLE) for row in range(first, last + 1)] if first >= 0 else []

    def fit(self) -> None:
        """Give every column what it needs as long as there is room, and the name the rest."""
        letter = self.fontMetrics().averageCharWidth()
        room = self.viewport().width() - _LEAST * letter
        for column in range(1, self.model().columnCount()):
            width = min(max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column)) + letter, _MOST * letter)
            least = width if self.model().is_number(column) else min(width, _WORD * letter)
            self.setColumnHidden(column, least > room)
            if least <= room:
                self.setColumnWidth(column, min(width, room))
                room -= min(width, room)
        self.setColumnWidth(0, _LEAST * letter + room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        self.look_again()
