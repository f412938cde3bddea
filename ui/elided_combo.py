"""A combo box that shows by an ellipsis that its text goes on."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPaintEvent
from qgis.PyQt.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

_SPACE = 4  # pixels around icon and text


class ElidedCombo(QComboBox):
    """Like any other, but nothing is cut off in the middle of a letter."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self).width()
        icon = 0 if option.currentIcon.isNull() else option.iconSize.width() + _SPACE
        text = option.fontMetrics.elidedText(option.currentText, Qt.TextElideMode.ElideRight, room - icon - _SPACE)
        option.currentText = text
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
