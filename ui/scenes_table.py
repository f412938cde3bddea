"""The table's looks: a quicklook beside the date, and columns that give way when there is little room."""

from __future__ import annotations

from typing import Dict, List, Optional

from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPixmap, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ..providers.scenes import Scene
from .icons import theme_icon
from .scenes_model import SCENE_ROLE, Column, ScenesModel
from .scenes_quicklooks import Quicklooks
from .table_rows import keep_header_out
from .two_lines import draw_lines

_LETTERS = {Column.CLOUD: 8, Column.COVERAGE: 11, Column.PLATFORM: 14, Column.COLLECTION: 20, Column.PIXELS: 9,
            Column.OFF_NADIR: 10, Column.SOURCE: 18, Column.PRICE: 17}  # fmt: skip
_SECOND = (Column.PLATFORM, Column.PIXELS, Column.OFF_NADIR, Column.SOURCE, Column.PRICE, Column.COLLECTION)
_DATE = 20  # letters, for digits are wide
_GAP = 4
_PAUSE = 80  # ms of rest before quicklooks of the rows in view are asked for
_LINES = 3  # height of a row, in lines of text


class QuicklookLines(QStyledItemDelegate):
    """A picture, the date, and fainter below it what has no column of its own at this width."""

    def __init__(self, quicklooks: Quicklooks, parent: QTableView) -> None:
        super().__init__(parent)
        self._quicklooks = quicklooks

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        view = QStyleOptionViewItem(option)
        self.initStyleOption(view, index)
        view.text = ""
        style = view.widget.style() if view.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        side = view.rect.height() - 2 * _GAP
        frame = QRect(view.rect.left() + _GAP, view.rect.top() + _GAP, side, side)
        painter.save()
        self._draw_picture(painter, frame, index.data(SCENE_ROLE), view)
        draw_lines(painter, view.rect.adjusted(side + 3 * _GAP, 0, -_GAP, 0), view, (index.data(), self._second(index)))
        painter.restore()

    def _draw_picture(self, painter: QPainter, frame: QRect, scene: Scene, view: QStyleOptionViewItem) -> None:
        pixmap = self._quicklooks.pixmap(scene)
        if pixmap is not None:
            _draw_in(painter, frame, pixmap)
            return
        ground = QColor(view.palette.color(QPalette.ColorRole.Text))
        ground.setAlpha(24)
        painter.fillRect(frame, ground)
        if self._quicklooks.is_missing(scene):
            inner = frame.width() // 3
            painter.setOpacity(0.5)
            theme_icon("mIconRaster").paint(painter, frame.adjusted(inner, inner, -inner, -inner))
            painter.setOpacity(1.0)

    def _second(self, index: QModelIndex) -> str:
        table: ScenesTable = self.parent()
        hidden = [column for column in _SECOND if table.isColumnHidden(column)]
        return " · ".join(text for text in (index.sibling(index.row(), column).data() for column in hidden) if text)


def _draw_in(painter: QPainter, frame: QRect, pixmap: QPixmap) -> None:
    """The whole picture, in the middle of a frame."""
    size = pixmap.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, size.width(), size.height())
    place.moveCenter(frame.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, pixmap)


class ScenesTable(QTableView):
    """Whole rows. `seen` follows which rows are in view, once scrolling rests."""

    seen = pyqtSignal()

    def __init__(self, quicklooks: Quicklooks, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_PAUSE)
        self._rest.timeout.connect(self.seen)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setItemDelegateForColumn(Column.DATE, QuicklookLines(quicklooks, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setMinimumSectionSize(10)
        self.verticalScrollBar().valueChanged.connect(self.look_again)

    def setModel(self, model: ScenesModel) -> None:
        super().setModel(model)
        keep_header_out(self)
        self.setSortingEnabled(True)
        self.sortByColumn(Column.DATE, Qt.SortOrder.DescendingOrder)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.layoutChanged):
            signal.connect(self.look_again)
        for signal in (model.rowsInserted, model.modelReset):
            signal.connect(self.fit)
        self.fit()

    def look_again(self) -> None:
        """Other rows may be in view now."""
        self._rest.start()

    def scenes_in_view(self) -> List[Scene]:
        """The scenes of the rows that can be seen, from top to bottom."""
        if self.model() is None or not self.isVisible():
            return []
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = last if last >= 0 else self.model().rowCount() - 1
        rows = range(first, last + 1) if first >= 0 else range(0)
        return [self.model().index(row, Column.DATE).data(SCENE_ROLE) for row in rows]

    def fit(self) -> None:
        """Choose columns and widths for the present width."""
        if self.model() is None:
            return
        metrics = QFontMetrics(self.font())
        letter, height = metrics.averageCharWidth(), _LINES * metrics.lineSpacing() + 2 * _GAP
        self.verticalHeader().setDefaultSectionSize(height)
        date = height + _DATE * letter
        room = self.viewport().width() - date
        shown: Dict[Column, int] = {}
        for column, letters in _LETTERS.items():
            if not self.model().tells(column) or (letters * letter > room and len(shown) >= 2):
                continue
            shown[column] = letters * letter
            room -= letters * letter
        for column in Column:
            self.setColumnHidden(column, column is not Column.DATE and column not in shown)
        for column, width in shown.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(Column.DATE, max(height + 6 * letter, date + room))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 6 * self.verticalHeader().defaultSectionSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        self.look_again()
