"""Lines of text in a row of a table: the first as it is, the others fainter, readable in a chosen row of any theme."""

from __future__ import annotations

from typing import Callable, Iterable

from qgis.PyQt.QtCore import QRect, Qt
from qgis.PyQt.QtGui import QColor, QFontMetrics, QPainter, QPalette
from qgis.PyQt.QtWidgets import QStyle, QStyleOptionViewItem

_CONTRAST = 3.0  # least ratio between text and a chosen row
_FAINT = 0.72
# lines may stand closer than letters are high: their feet are not cut
_FLAGS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)

Cut = Callable[[str, int, QFontMetrics], str]


def elided(text: str, width: int, metrics: QFontMetrics) -> str:
    """The text with an ellipsis where it is too long."""
    return str(metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))


def draw_lines(painter: QPainter, place: QRect, view: QStyleOptionViewItem, lines: Iterable[str], cut: Cut = elided) -> None:
    """Draw those lines that say something, in the middle of `place`. Pen, font and opacity of the painter change."""
    said = [line for line in lines if line]
    chosen = bool(view.state & QStyle.StateFlag.State_Selected)
    height = view.fontMetrics.lineSpacing()
    top = place.top() + max(0, (place.height() - height * len(said)) // 2)
    painter.setFont(view.font)
    painter.setPen(_chosen_pen(view) if chosen else view.palette.color(QPalette.ColorRole.Text))
    for number, line in enumerate(said):
        painter.setOpacity(_FAINT if number and not chosen else 1.0)
        where = QRect(place.left(), top + number * height, place.width(), height)
        painter.drawText(where, _FLAGS, cut(line, where.width(), view.fontMetrics))


def _chosen_pen(view: QStyleOptionViewItem) -> QColor:
    """The colour of text in a chosen row: the theme's own where it stands out from the row."""
    group = QPalette.ColorGroup.Active if view.state & QStyle.StateFlag.State_Active else QPalette.ColorGroup.Inactive
    row = _lightness(view.palette.color(group, QPalette.ColorRole.Highlight))
    own = view.palette.color(group, QPalette.ColorRole.HighlightedText)
    choices = (own, QColor(Qt.GlobalColor.white), QColor(Qt.GlobalColor.black))
    contrasts = [(max(row, light) + 0.05) / (min(row, light) + 0.05) for light in map(_lightness, choices)]
    return own if contrasts[0] >= _CONTRAST else choices[contrasts.index(max(contrasts))]


def _lightness(colour: QColor) -> float:
    """Relative luminance as WCAG defines it, 0…1."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts))
