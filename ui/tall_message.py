"""A message as tall as its text: QGIS's message bar shows one line of it and cuts the rest, which is most of it in a narrow dock."""

from __future__ import annotations

import math

from qgis.gui import QgsMessageBarItem
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QTextBrowser

MOST_LINES = 12  # of what a service says; the rest is scrolled to
STYLE = "QTextEdit {{ background-color: transparent; margin-top: 0.25em; min-height: {0}px; max-height: {0}px; }}"


class TallMessage(QObject):
    """Lives as long as the item, and follows its width."""

    def __init__(self, item: QgsMessageBarItem) -> None:
        super().__init__(item)
        self._height = 0
        self._text = item.findChild(QTextBrowser)
        if self._text is not None:
            self._text.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit(event.size().width())
        return False

    def _fit(self, width: int) -> None:
        laid_out = self._text.document().clone()  # the text itself is laid out later
        laid_out.setTextWidth(width)
        height, most = math.ceil(laid_out.size().height()), MOST_LINES * self._text.fontMetrics().lineSpacing()
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if height > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._text.setVerticalScrollBarPolicy(policy)
        height = min(height, most)
        if height != self._height:
            self._height = height
            self._text.setStyleSheet(STYLE.format(height))
