"""A sentence with an icon that says how grave it is; wraps, never interprets its text."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStyle, QToolButton, QVBoxLayout, QWidget

from .icons import icon, theme_icon
from .words import breakable, translate

INFO, SUCCESS, WARNING, ERROR = "mIconInfo", "mIconSuccess", "mIconWarning", "failed"
_UNBOUNDED = 16777215  # Qt's own largest height

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
    """Icon and text; hidden while there is nothing to say. With `most_lines` a longer text is cut until one asks for more."""

    def __init__(self, parent: Optional[QWidget] = None, most_lines: int = 0) -> None:
        super().__init__(parent)
        self._most = most_lines
        self._level = ""
        self._text = ""
        self._icon = QLabel(self)
        self._label = plain_label(parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._label)
        row.addLayout(column, 1)
        self._more = QToolButton(self)
        self._more.setText(translate("Groundtrack", "More"))
        self._more.setAutoRaise(True)
        self._more.setCheckable(True)
        self._more.toggled.connect(self._cut)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignRight)
        if most_lines:
            self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._label.setIndent(0)  # a style's frame would push the text down, and cut the last line in half
        self.say("")

    def text(self) -> str:
        """What is said now, "" for nothing."""
        return self._text

    def level(self) -> str:
        return self._level

    def say(self, text: str, level: str = INFO) -> None:
        """Show a sentence; "" hides the widget. `level` "" leaves the icon out."""
        if text != self._text:
            self._more.setChecked(False)
        self._text, self._level = text, level
        self._label.setText(breakable(text))
        self._draw_icon()
        self.setAccessibleName(text)
        self._cut()
        self.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._cut()

    def _cut(self, _: bool = False) -> None:
        """Give the text as many lines as it may have."""
        if not self._most:
            self._more.hide()
            return
        metrics = self._label.fontMetrics()
        frame = self._label.height() - self._label.contentsRect().height()
        most = self._most * metrics.lineSpacing() + frame
        long = self._label.heightForWidth(self._label.width()) > most + metrics.lineSpacing()
        self._more.setVisible(long)
        self._label.setMaximumHeight(most if long and not self._more.isChecked() else _UNBOUNDED)
        self._more.setText(translate("Groundtrack", "Less") if self._more.isChecked() else translate("Groundtrack", "More"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw_icon()

    def _draw_icon(self) -> None:
        if not self._text:  # most have nothing to say, and a picture costs more than all the rest of them
            return
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        picture = icon(self._level) if self._level == ERROR else theme_icon(self._level)
        self._icon.setPixmap(picture.pixmap(size, size))
        self._icon.setVisible(bool(self._level))
