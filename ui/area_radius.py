"""The radius of a circle by its number, shown while a circle is drawn."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsDoubleSpinBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QWidget

from .field_widgets import guard_wheel
from .map_tool_shapes import LONGEST_RADIUS
from .words import translate


class RadiusBox(QWidget):
    """`given` carries a radius in km, 0 for one that is drawn; it follows Enter and the leaving of the input."""

    given = pyqtSignal(float)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.input = QgsDoubleSpinBox(self)
        self.input.setRange(0.0, LONGEST_RADIUS / 1000)
        self.input.setDecimals(3)
        self.input.setSuffix(translate("Groundtrack", " km"))
        self.input.setClearValueMode(QgsDoubleSpinBox.ClearValueMode.MinimumValue, translate("Groundtrack", "As drawn"))
        self.input.setKeyboardTracking(False)
        self.input.valueChanged.connect(self.given)
        guard_wheel(self.input)
        label = QLabel(translate("Groundtrack", "Radius"), self)
        label.setBuddy(self.input)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.input, 1)
        self.hide()

    def begin(self, text: str) -> None:
        """Go on with a number whose first sign was typed elsewhere."""
        self.input.setFocus()
        self.input.lineEdit().setText(text)
        self.input.lineEdit().setCursorPosition(len(text))  # before the unit

    def offer(self, *, wanted: bool) -> None:
        """Show the input, empty, while a circle is drawn."""
        self.input.blockSignals(True)
        self.input.setValue(0.0)
        self.input.blockSignals(False)
        self.setVisible(wanted)
