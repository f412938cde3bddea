"""Series of one place over time, drawn with the colours of the present theme."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ..results.series import Series
from .plot_scale import date_ticks, padded, round_ticks

_LINE = 1.6
_DOT = 1.8
_HUES = (None, "#d97f14", "#3a9d4a", "#9b59b6", "#d64545")  # after the theme's own highlight; told apart on light and dark
_CHANGE = "#d64545"


@dataclass(frozen=True)
class Panel:
    """One of several charts above each other, all over the same time."""

    title: str
    series: Tuple[Series, ...]


class PlotView(QLabel):  # themes made of style sheets give labels their colours, plain widgets none
    """Panels with axes, change dates as dashed lines, and the values under the mouse."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._panels: Tuple[Panel, ...] = ()
        self._changes: Tuple[dt.date, ...] = ()
        self._message = ""
        self._mouse: Optional[float] = None
        self._span = (0.0, 1.0)
        self._dated = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        letter = self.fontMetrics().averageCharWidth()
        return QSize(90 * letter, 24 * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 3

    def say(self, message: str) -> None:
        """Show a sentence in the place of charts."""
        self._panels, self._message = (), message
        self.setAccessibleDescription(message)
        self.update()

    def plot(self, panels: Sequence[Panel], changes: Sequence[str]) -> None:
        """Show charts; `changes` are ISO days."""
        self._panels = tuple(panel for panel in panels if panel.series)
        self._changes = tuple(day for day in map(_day, changes) if day)
        lines = [line for panel in self._panels for line in panel.series]
        self._dated = bool(lines) and all(line.dates for line in lines)
        places = [x for line in lines for x in self._places(line)]
        self._span = (min(places), max(places)) if places and min(places) < max(places) else (0.0, 1.0)
        self.setAccessibleDescription(", ".join([*(panel.title for panel in self._panels), *changes]))
        self.update()

    # Drawing -----------------------------------------------------------------------------------------------------------------------

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if not self._panels:
            painter.setPen(self._ink(0.75))
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            return
        for panel, frame in zip(self._panels, self._frames()):
            self._draw_panel(painter, panel, frame)
        self._draw_dates(painter, self._frames())
        painter.end()

    def _frames(self) -> List[QRectF]:
        """Where each panel's lines are drawn."""
        line, letter = self.fontMetrics().lineSpacing(), self.fontMetrics().averageCharWidth()
        left, right, foot = 8.0 * letter, self.width() - 2.0 * letter, 1.6 * line
        height = (self.height() - foot - 0.4 * line) / len(self._panels)
        return [QRectF(left, number * height + 1.7 * line, right - left, height - 2.1 * line) for number in range(len(self._panels))]

    def _draw_panel(self, painter: QPainter, panel: Panel, frame: QRectF) -> None:
        values = [value for line in panel.series for value in line.values if value is not None]
        low, high = padded(min(values), max(values)) if values else (0.0, 1.0)
        self._draw_grid(painter, frame, low, high)
        painter.setPen(self._ink(1.0))
        line_height = self.fontMetrics().lineSpacing()
        head = QRectF(frame.left(), frame.top() - 1.4 * line_height, frame.width(), 1.3 * line_height)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, panel.title)
        painter.save()
        painter.setClipRect(frame.adjusted(-2, -2, 2, 2))
        self._draw_changes(painter, frame)
        for number, line in enumerate(panel.series):
            self._draw_line(painter, frame, line, (low, high), self._hue(number))
        painter.restore()
        self._draw_readout(painter, panel, frame, head)

    def _draw_grid(self, painter: QPainter, frame: QRectF, low: float, high: float) -> None:
        most = max(2, int(frame.height() / (2.2 * self.fontMetrics().lineSpacing())))
        ticks, decimals = round_ticks(low, high, most)
        height = self.fontMetrics().height()
        for tick in ticks:
            y = frame.bottom() - (tick - low) / (high - low) * frame.height()
            painter.setPen(QPen(self._ink(0.15), 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(self._ink(0.75))
            label = QRectF(0, y - height / 2, frame.left() - 6, height)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{tick:.{decimals}f}".replace("-", "−"))
        painter.setPen(QPen(self._ink(0.5), 1))
        painter.drawLine(frame.bottomLeft(), frame.bottomRight())
        painter.drawLine(frame.topLeft(), frame.bottomLeft())

    def _draw_line(self, painter: QPainter, frame: QRectF, line: Series, bounds: Tuple[float, float], hue: QColor) -> None:
        low, high = bounds
        run: List[QPointF] = []
        runs = [run]
        for x, value in zip(self._places(line), line.values):
            if value is None:
                run = []
                runs.append(run)
            else:
                run.append(QPointF(self._x(frame, x), frame.bottom() - (value - low) / (high - low) * frame.height()))
        painter.setPen(QPen(hue, _LINE))
        painter.setBrush(hue)
        for points in runs:
            painter.drawPolyline(QPolygonF(points))
            if len(line.values) < frame.width() / 6:
                for point in points:
                    painter.drawEllipse(point, _DOT, _DOT)

    def _draw_changes(self, painter: QPainter, frame: QRectF) -> None:
        if not self._dated:
            return
        painter.setPen(QPen(QColor(_CHANGE), 1.4, Qt.PenStyle.DashLine))
        for day in self._changes:
            x = self._x(frame, day.toordinal())
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()))

    def _draw_dates(self, painter: QPainter, frames: Sequence[QRectF]) -> None:
        frame, letter = frames[-1], self.fontMetrics().averageCharWidth()
        foot = QRectF(frame.left(), frame.bottom() + 3, 0, self.fontMetrics().lineSpacing())
        most = max(2, int(frame.width() / (13 * letter)))
        if self._dated:
            first, last = (dt.date.fromordinal(int(end)) for end in self._span)
            labels = [(float(day.toordinal()), text) for day, text in date_ticks(first, last, most)]
        else:
            ticks, decimals = round_ticks(*self._span, most)
            labels = [(tick, f"{tick:.{decimals}f}") for tick in ticks]
        for place, text in labels:
            x = self._x(frame, place)
            for each in frames:
                painter.setPen(QPen(self._ink(0.15), 1))
                painter.drawLine(QPointF(x, each.top()), QPointF(x, each.bottom()))
            width = self.fontMetrics().horizontalAdvance(text) + 4
            left = min(max(0.0, x - width / 2), self.width() - width)
            painter.setPen(self._ink(0.75))
            painter.drawText(QRectF(left, foot.top(), width, foot.height()), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_readout(self, painter: QPainter, panel: Panel, frame: QRectF, head: QRectF) -> None:
        """The values under the mouse, else the names of the lines."""
        parts = []
        for number, line in enumerate(panel.series):
            text = line.label if len(panel.series) > 1 else ""
            nearest = self._nearest(line, frame)
            if nearest is not None:
                value = line.values[nearest]
                day = line.dates[nearest][:10] if line.dates else str(nearest)
                text = f"{text} {day}  {'–' if value is None else f'{value:.4g}'}".strip()
            if text:
                parts.append((text, self._hue(number)))
        right = head.right()
        for text, hue in reversed(parts):
            width = self.fontMetrics().horizontalAdvance(text) + 14
            painter.setPen(hue)
            place = QRectF(right - width, head.top(), width, head.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            right -= width
        if self._mouse is not None and frame.left() <= self._mouse <= frame.right():
            painter.setPen(QPen(self._ink(0.5), 1))
            painter.drawLine(QPointF(self._mouse, frame.top()), QPointF(self._mouse, frame.bottom()))

    def _nearest(self, line: Series, frame: QRectF) -> Optional[int]:
        if self._mouse is None or not frame.left() <= self._mouse <= frame.right():
            return None
        distances = [abs(self._x(frame, place) - self._mouse) for place in self._places(line)]
        return distances.index(min(distances)) if distances else None

    # Places and colours ------------------------------------------------------------------------------------------------------------

    def _places(self, line: Series) -> List[float]:
        """Days as ordinals, or mere numbers when a line has no dates."""
        if not (line.dates and self._dated):
            return [float(number) for number in range(len(line.values))]
        days = [_day(text) for text in line.dates]
        return [float(day.toordinal()) if day else 0.0 for day in days]

    def _x(self, frame: QRectF, place: float) -> float:
        first, last = self._span
        return frame.left() + (place - first) / (last - first) * frame.width()

    def _ink(self, strength: float) -> QColor:
        colour = QColor(self.palette().color(QPalette.ColorRole.Text))
        colour.setAlphaF(strength)
        return colour

    def _hue(self, number: int) -> QColor:
        hue = _HUES[number % len(_HUES)]
        return QColor(hue) if hue else self.palette().color(QPalette.ColorRole.Highlight)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = float(event.pos().x())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse = None
        self.update()
        super().leaveEvent(event)


def _day(text: str) -> Optional[dt.date]:
    """The day of an ISO text; months without a day count from their first."""
    try:
        return dt.date.fromisoformat(text[:10] if len(text) >= 10 else f"{text[:7]}-01")
    except ValueError:
        return None
