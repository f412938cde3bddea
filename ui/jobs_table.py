"""The table's looks: two lines for a task, a bar for progress, and columns that give way when there is little room."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Set, Tuple

from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt, QTimer
from qgis.PyQt.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionProgressBar,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ..jobs.job import State
from .jobs_model import ASKED_ROLE, Cell, Column
from .table_rows import keep_header_out
from .two_lines import draw_lines, elided

# least width in letters, in the order in which columns stay when room gets scarce; the first two always do
_WIDTHS = {
    Column.TASK: 30, Column.STATE: 20, Column.TIME: 13, Column.PROGRESS: 11, Column.COST: 13, Column.KEPT: 14, Column.ACCOUNT: 16,
}  # fmt: skip
_MOST = {Column.STATE: 34, Column.TIME: 24, Column.PROGRESS: 14, Column.COST: 16, Column.KEPT: 16, Column.ACCOUNT: 26}
_TIMED = (State.QUEUED, State.RUNNING, State.FETCHING)
_GAP = 4
_SHARE = 4  # letters by which the task grows with each column that is shown
_CELLS = 10  # that are drawn anew in one turn of the event loop
_CUTS = 2000  # shortened texts that are kept
_PAUSE = 3  # ms between two of them, in which others have their turn
_TOGETHER = 60  # ms for which new rows are gathered before all that is seen is drawn anew


class TwoLines(QStyledItemDelegate):
    """A title and, fainter below it, a second line; both cut with an ellipsis."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        cell = self.parent().model().cell(index)
        self.paint_lines(painter, option, index, cell, cell.second)

    def paint_lines(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, cell: Cell, second: str) -> None:
        """Draw the cell with this as its second line."""
        view = _drawn_empty(option, index, cell)
        style = _style_of(view)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        if view.state & QStyle.StateFlag.State_Selected:
            _back_icon(painter, view, style)
        text = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, view, view.widget).adjusted(_GAP, 0, -_GAP, 0)
        painter.save()
        draw_lines(painter, text, view, (cell.text, second), self.parent().cut)
        painter.restore()

    def second_line(self, index: QModelIndex) -> str:
        """What is said below the title."""
        return index.data(ASKED_ROLE) or ""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), max(size.height(), 2 * option.fontMetrics.lineSpacing() + 2 * _GAP))


class StateLines(TwoLines):
    """The state, and below it until when it waits, or the time and progress of a job at work when their own columns had to go."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        cell = self.parent().model().cell(index)
        second = self._second(index, cell)
        if second:
            self.paint_lines(painter, option, index, cell, second)
        else:
            self.parent().itemDelegate().paint(painter, option, index)

    def second_line(self, index: QModelIndex) -> str:
        return self._second(index, self.parent().model().cell(index))

    def _second(self, index: QModelIndex, cell: Cell) -> str:
        table: JobsTable = self.parent()
        if cell.second or cell.job.state not in _TIMED:
            return cell.second
        hidden = [column for column in (Column.PROGRESS, Column.TIME) if table.isColumnHidden(column)]
        texts = (table.model().cell(index.sibling(index.row(), column)).text for column in hidden)
        return next((text for text in texts if text), "")


class Wrapped(QStyledItemDelegate):
    """Plain words that may take two lines."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        cell = self.parent().model().cell(index)
        view = _drawn_empty(option, index, cell)
        view.text = cell.text
        view.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        _style_of(view).drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText


class Bar(QStyledItemDelegate):
    """A progress bar where a share is known."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        cell = self.parent().model().cell(index)
        view = _drawn_empty(option, index, cell)
        style = _style_of(view)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        text = cell.text
        if not text:
            return
        bar = QStyleOptionProgressBar()
        height = min(view.rect.height() - 2 * _GAP, view.fontMetrics.height() + _GAP)
        bar.rect = QRect(view.rect.left() + _GAP, view.rect.center().y() - height // 2, view.rect.width() - 2 * _GAP, height)
        bar.minimum, bar.maximum, bar.progress = 0, 100, int(text.rstrip("%"))
        bar.text, bar.textVisible, bar.textAlignment = text, True, Qt.AlignmentFlag.AlignCenter
        bar.palette, bar.fontMetrics = view.palette, view.fontMetrics
        bar.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Horizontal
        style.drawControl(QStyle.ControlElement.CE_ProgressBar, bar, painter, view.widget)


class JobsTable(QTableView):
    """Whole rows, no grid, and only the columns there is room for; the details below tell the rest."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.look: Optional[QStyle] = None  # the style while it is drawn: asking for it takes long
        self._cuts: Dict[Tuple[str, int], str] = {}
        self._measured: Optional[QFontMetrics] = None  # with which they were made
        self._stale: Set[int] = set()  # rows that are drawn anew in one of the next turns
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(_PAUSE)
        self._next_turn.timeout.connect(self._redraw)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(_TOGETHER)
        self._gathering.timeout.connect(lambda: self.viewport().setUpdatesEnabled(True))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setItemDelegate(Wrapped(self))
        self.setItemDelegateForColumn(Column.TASK, TwoLines(self))
        self.setItemDelegateForColumn(Column.STATE, StateLines(self))
        self.setItemDelegateForColumn(Column.PROGRESS, Bar(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setMinimumSectionSize(10)

    def setModel(self, model: Any) -> None:
        super().setModel(model)
        keep_header_out(self)
        self.setSortingEnabled(True)
        self.sortByColumn(Column.TIME, Qt.SortOrder.DescendingOrder)
        self.fit()

    def dataChanged(self, first: QModelIndex, last: QModelIndex, roles: Sequence[int] = ()) -> None:
        """Qt draws the whole table anew for a change of several cells; rows that are seen have their turn one after the other."""
        self._stale.update(row for row in self._rows_in_view() if first.row() <= row <= last.row())
        if self._stale and not self._next_turn.isActive():
            self._next_turn.start()

    def rowsInserted(self, parent: QModelIndex, first: int, last: int) -> None:
        """Qt draws the whole table anew for each new row; many come one after the other."""
        if not self._gathering.isActive():
            self.viewport().setUpdatesEnabled(False)
            self._gathering.start()
        super().rowsInserted(parent, first, last)

    def look_again(self) -> None:
        """Draw all rows that are seen anew, because the time goes on."""
        rows = self._rows_in_view()
        if rows:
            self.dataChanged(self.model().index(rows[0], 0), self.model().index(rows[-1], 0))

    def cut(self, text: str, width: int, metrics: QFontMetrics) -> str:
        """The text with an ellipsis where it is too long; most are drawn many times."""
        if metrics != self._measured or len(self._cuts) > _CUTS:
            self._measured = QFontMetrics(metrics)
            self._cuts.clear()
        found = self._cuts.get((text, width))
        if found is None:
            found = self._cuts[text, width] = elided(text, width, metrics)
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        self.look = self.style()
        super().paintEvent(event)
        self.look = None

    def _rows_in_view(self) -> range:
        count, last = self.model().rowCount(), self.rowAt(self.viewport().height() - 1)
        return range(max(0, self.rowAt(0)), last + 1 if last >= 0 else count) if count else range(0)

    def _redraw(self) -> None:
        """Draw a few rows anew, cell by cell, as far as they are still seen; whatever moves rows draws all of them."""
        shown = [column for column in Column if not self.isColumnHidden(column)]
        rows = sorted(self._stale.intersection(self._rows_in_view()))
        few = max(1, _CELLS // len(shown))
        self._stale = set(rows[few:])
        for row in rows[:few]:
            for column in shown:
                index = self.model().index(row, column)
                super().dataChanged(index, index)
        if self._stale:
            self._next_turn.start()

    def fit(self) -> None:
        """Choose columns and widths for the present width."""
        if self.model() is None:
            return
        metrics = QFontMetrics(self.font())
        letter = metrics.averageCharWidth()
        self.verticalHeader().setDefaultSectionSize(2 * metrics.lineSpacing() + 3 * _GAP)
        width = self.viewport().width()
        task = min(_WIDTHS[Column.TASK] * letter, width * 55 // 100)
        state = min(_WIDTHS[Column.STATE] * letter, width - task)
        shown = {Column.STATE: state}
        room = width - task - state
        for column, letters in list(_WIDTHS.items())[2:]:
            if (letters + _SHARE) * letter > room:
                break
            shown[column] = letters * letter
            room -= (letters + _SHARE) * letter
        room += _SHARE * letter * (len(shown) - 1)
        for column in Column:
            self.setColumnHidden(column, column is not Column.TASK and column not in shown)
        for column, least in shown.items():
            more = max(0, min(room // (2 if len(shown) == 1 else 5), _MOST[column] * letter - least))
            room -= more
            self.setColumnWidth(column, least + more)
        self.setColumnWidth(Column.TASK, task + room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


def _back_icon(painter: QPainter, view: QStyleOptionViewItem, style: QStyle) -> None:
    """Draw a chosen row's icon on the colour that it has in other rows: it is not made for every selection colour."""
    if view.icon.isNull():
        return
    place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemDecoration, view, view.widget)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(view.palette.color(QPalette.ColorRole.Base))
    painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), _GAP, _GAP)
    painter.restore()
    view.icon.paint(painter, place)


def _style_of(view: QStyleOptionViewItem) -> QStyle:
    if isinstance(view.widget, JobsTable) and view.widget.look is not None:
        return view.widget.look
    return view.widget.style() if view.widget else QApplication.style()


def _drawn_empty(option: QStyleOptionViewItem, index: QModelIndex, cell: Cell) -> QStyleOptionViewItem:
    """The option for the cell without its text, which is drawn by ourselves. Only the icon is needed: the model has no other looks."""
    view = QStyleOptionViewItem(option)
    view.index = index
    view.features |= QStyleOptionViewItem.ViewItemFeature.HasDisplay
    if cell.picture is not None:
        view.icon = cell.picture
        view.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
    return view
