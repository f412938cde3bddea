"""A sentence with an icon that says how grave it is; wraps, never interprets its text."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStyle, QWidget

from .icons import icon, theme_icon
from .words import breakable

INFO, SUCCESS, WARNING, ERROR = "mIconInfo", "mIconSuccess", "mIconWarning", "failed"

__all__ = ["ERROR", "INFO", "SUCCESS", "WARNING", "Sentence", "plain_label"]


def plain_label(text: str = "", parent: Optional[QWidget] = None) -> QLabel:
    """A label that wraps and shows its text as it is."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setText(breakable(text))
    return label


class Sentence(QWidget):
    """Icon and text; hidden while there is nothing to say."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._level = ""
        self._text = ""
        self._icon = QLabel(self)
        self._label = plain_label(parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.say("")

    def text(self) -> str:
        """What is said now, "" for nothing."""
        return self._text

    def level(self) -> str:
        return self._level

    def say(self, text: str, level: str = INFO) -> None:
        """Show a sentence; "" hides the widget. `level` "" leaves the icon out."""
        self._text, self._level = text, level
        self._label.setText(breakable(text))
        self._draw_icon()
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw_icon()

    def _draw_icon(self) -> None:
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        picture = icon(self._level) if self._level == ERROR else theme_icon(self._level)
        self._icon.setPixmap(picture.pixmap(size, size))
        self._icon.setVisible(bool(self._level))
