"""Statistics of a result: a table, and a small histogram in the colours of the map."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.PyQt.QtCore import QEvent, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPixmap
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from ..results.statistics import Bar, Statistics
from .sentence import plain_label
from .words import plain, translate

LINES = 4  # of text: the height of the bars
LEAST = 1.5  # pixels of a bar that is not empty


class Histogram(QLabel):  # themes made of style sheets give labels their colours, plain widgets none
    """Bars side by side, the values at both ends below them; a bar tells what it is under the mouse."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._bars: Tuple[Bar, ...] = ()
        self._ends = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(translate("Groundtrack", "Histogram"))

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        return QSize(30 * self.fontMetrics().averageCharWidth(), (LINES + bool(self._ends[0])) * line + 4)

    def show_bars(self, bars: Tuple[Bar, ...], ends: Tuple[str, str]) -> None:
        """Draw other bars."""
        self._bars, self._ends = bars, ends
        self.setAccessibleDescription("\n".join(bar.label for bar in bars if bar.height))
        self.setVisible(bool(bars))
        self.updateGeometry()
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        ink = palette.color(QPalette.ColorRole.Text)
        floor = LINES * self.fontMetrics().lineSpacing()
        outline = QColor(ink)
        outline.setAlpha(90)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(self._bars) < 20)
        for number, bar in enumerate(self._bars):
            if bar.height:
                height = max(LEAST, bar.height * (floor - 2))
                place = QRectF(self._left(number), floor - height, self._left(number + 1) - self._left(number), height)
                colour = QColor(bar.colour) if bar.colour else palette.color(QPalette.ColorRole.Highlight)
                painter.fillRect(place, colour)
                painter.setPen(outline)  # pale bars on a pale background
                painter.drawLine(place.topLeft(), place.topRight())
        painter.setPen(outline)
        painter.drawLine(0, floor, self.width(), floor)
        painter.setPen(ink)
        below = QRectF(0, floor + 2, self.width(), self.fontMetrics().lineSpacing())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._ends[0])
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._ends[1])
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._bars:
            number = int(event.pos().x() / max(1, self.width()) * len(self._bars))
            QToolTip.showText(event.globalPos(), plain(self._bars[min(number, len(self._bars) - 1)].label), self)
            return True
        return super().event(event)

    def _left(self, number: int) -> float:
        return float(round(number * self.width() / len(self._bars)))


class StatisticsView(QWidget):
    """Table and histogram; hidden while there are none."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._shown: Optional[Statistics] = None
        self._table = QWidget(self)
        self.histogram = Histogram(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 4)
        title = QLabel(translate("Groundtrack", "Statistics"), self)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        for widget in (title, self._table, self.histogram):
            self._column.addWidget(widget)
        self.hide()

    def show_statistics(self, found: Optional[Statistics]) -> None:
        """Show what was found out about a result, or nothing."""
        self._shown = found
        self.setVisible(found is not None)
        if found is not None:
            table = self._make_table(found)
            self._column.replaceWidget(self._table, table)
            self._table.deleteLater()
            self._table = table
            self.histogram.show_bars(found.bars, found.ends)

    def lines(self) -> Tuple[str, ...]:
        """The table as text."""
        return tuple(f"{_said(name)}: {value}" for name, value, _ in self._shown.rows) if self._shown else ()

    def _make_table(self, found: Statistics) -> QWidget:
        table = QWidget(self)
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for row, (name, value, colour) in enumerate(found.rows):
            number = plain_label(value, table)
            number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
            if colour:
                grid.addWidget(self._swatch(colour, table), row, 0)
            grid.addWidget(QLabel(_said(name), table), row, 1)
            grid.addWidget(number, row, 2)
        return table

    def _swatch(self, colour: str, parent: QWidget) -> QLabel:
        swatch, side = QLabel(parent), self.fontMetrics().ascent()
        picture = QPixmap(side, side)
        picture.fill(QColor(colour))
        swatch.setPixmap(picture)
        return swatch


def _said(name: str) -> str:
    """The name of a row in the language of QGIS; class names from elsewhere stay as they are."""
    return translate("Groundtrack", name)
