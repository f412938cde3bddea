"""Inputs for rasters and their bands: layers of the project, files, addresses; bands by number, as the image calls them."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Sequence, Tuple

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtGui import QFocusEvent
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from .field_widgets import Input, narrow
from .icons import theme_icon
from .words import plain, translate

PAUSE = 500  # ms without a key until a typed path counts as given
_REMOTE = re.compile(r"://|/vsi(curl|s3|gs|az|adls|oss|swift|webhdfs)")


def layer_sources() -> Dict[str, str]:
    """Sources of the project's raster layers that GDAL reads, by the layer's name, in the order of names."""
    found: Dict[str, str] = {}
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsRasterLayer)]
    for layer in sorted(layers, key=lambda layer: layer.name().lower()):
        if layer.providerType() == "gdal" and layer.isValid():
            name, number = layer.name(), 2
            while name in found:
                name, number = f"{layer.name()} ({number})", number + 1
            found[name] = layer.source().partition("|")[0]  # without options, which may name credentials
    return found


class _LayerCombo(QComboBox):
    """Lists the layers as they are whenever somebody is about to look."""

    looked_at = pyqtSignal()

    def showPopup(self) -> None:
        self.looked_at.emit()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.looked_at.emit()
        super().focusInEvent(event)


class RasterInput(Input):
    """A raster layer of the project, a file or an address; its value is the source. `settled` once a value is given in full."""

    settled = pyqtSignal()

    def make(self, parent: QWidget) -> None:
        self._value: Optional[str] = None
        self._told: Optional[str] = None  # the value that `settled` was last emitted for
        self.widget = QWidget(parent)
        self.combo = narrow(_LayerCombo(self.widget))
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.lineEdit().setPlaceholderText(self.field.placeholder or translate("Groundtrack", "Layer, file or address"))
        self.combo.lineEdit().setClearButtonEnabled(True)
        self.combo.setAccessibleName(self.field.label)
        self.browse_button = QToolButton(self.widget)
        self.browse_button.setIcon(theme_icon("mActionFileOpen"))
        browse = translate("Groundtrack", "Choose files; several count as one image")
        self.browse_button.setToolTip(browse)
        self.browse_button.setAccessibleName(browse)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.combo, 1)
        row.addWidget(self.browse_button)
        self.widget.setFocusProxy(self.combo)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._settle)
        self.combo.looked_at.connect(self._list_layers)
        self.combo.activated.connect(self._choose)
        self.combo.editTextChanged.connect(self._type)
        self.combo.lineEdit().editingFinished.connect(self._settle)
        self.browse_button.clicked.connect(self._browse)

    def value(self) -> Optional[str]:
        return self._value

    def set_value(self, value: Any) -> None:
        text = str(value or "").strip()
        name = next((name for name, source in layer_sources().items() if source == text), text)
        self._show(name, text or None)
        self._show_what_tells()
        self._settle()

    def _show(self, text: str, value: Optional[str]) -> None:
        changed = value != self._value
        self._value = value
        self.combo.blockSignals(True)
        self.combo.setEditText(text)
        self.combo.blockSignals(False)
        self.combo.setToolTip(plain(value or ""))
        if changed:
            self.changed.emit()

    def _show_what_tells(self) -> None:
        """The beginning of a layer's name, the end of a path."""
        line = self.combo.lineEdit()
        if line.text() == self._value:
            line.end(False)
        else:
            line.home(False)

    def _list_layers(self) -> None:
        text = self.combo.currentText()
        self.combo.blockSignals(True)
        self.combo.clear()
        for name, source in layer_sources().items():
            self.combo.addItem(theme_icon("mIconRaster"), name, source)
        self.combo.setCurrentIndex(self.combo.findText(text))
        self.combo.setEditText(text)
        self.combo.blockSignals(False)

    def _choose(self, index: int) -> None:
        self._show(self.combo.itemText(index), self.combo.itemData(index))
        self._show_what_tells()
        self._settle()

    def _type(self, text: str) -> None:
        text = text.strip()
        self._show(self.combo.currentText(), layer_sources().get(text, text) or None)
        if not _REMOTE.search(text):  # half an address would be asked for in vain
            self._pause.start()

    def _browse(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self.widget, self.field.label)
        if names:
            self.set_value("; ".join(names))

    def _settle(self) -> None:
        self._pause.stop()
        if self._value != self._told:
            self._told = self._value
            self.settled.emit()


class BandInput(Input):
    """The number of a band: chosen from those of an image, or typed while they are not known."""

    def make(self, parent: QWidget) -> None:
        self.widget = narrow(QComboBox(parent))
        self.widget.setEditable(True)
        self.widget.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.widget.lineEdit().setPlaceholderText(translate("Groundtrack", "Not set"))
        self.widget.lineEdit().setClearButtonEnabled(True)
        self.widget.editTextChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Any:
        """The number; text that names none is handed on, so that it is called wrong."""
        text = self.widget.currentText().strip()
        number = re.match(r"\d+", text)
        return int(number.group()) if number else text or None

    def set_value(self, value: Any) -> None:
        index = self.widget.findData(value) if isinstance(value, int) else -1
        self.widget.setCurrentIndex(index)
        self.widget.setEditText(self.widget.itemText(index) if index >= 0 else "" if value is None else str(value))

    def offer(self, options: Sequence[Tuple[Any, str]]) -> None:
        """List these bands; the value stays."""
        value = self.value()
        self.widget.blockSignals(True)
        self.widget.clear()
        for number, label in options:
            self.widget.addItem(label, number)
        self.set_value(value)
        self.widget.blockSignals(False)
