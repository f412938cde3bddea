"""The Area row: where the area comes from, tools to draw it, and what it amounts to."""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from qgis.core import QgsGeometry, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgisInterface, QgsMapLayerComboBox
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..aoi import Aoi, AoiError
from .area_band import POLYGON
from .area_reading import Reading, from_map, from_text, of_layer, of_map_view, of_pieces
from .field_widgets import narrow
from .icons import icon, theme_icon
from .map_tools import AreaDrawer
from .sentence import ERROR, INFO, Sentence
from .words import area, count, translate

VIEW, SELECTION, LAYER, DRAWN, WHOLE = "view", "selection", "layer", "drawn", "whole"
FOOTPRINTS_PROPERTY = "groundtrack/footprints"  # of the layer of found scenes, which is no area of anybody's


class AreaRow(QWidget):
    """`changed` tells that the area may be another one now; `reading()` takes it."""

    changed = pyqtSignal()

    def __init__(self, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self._canvas = iface.mapCanvas()
        self._pieces: Tuple[Aoi, ...] = ()
        self._watched: Optional[QgsVectorLayer] = None
        self.drawer = AreaDrawer(self._canvas, self)
        self._lay_out()
        self._connect()
        self._show_source()

    # What others ask -----------------------------------------------------------------------------------------------------------

    def source(self) -> str:
        """Where the area comes from: VIEW, SELECTION, LAYER, DRAWN or, for what can do without an area, WHOLE."""
        return str(self.source_box.currentData())

    def set_source(self, source: str) -> None:
        self.source_box.setCurrentIndex(self.source_box.findData(source))

    def pieces(self) -> Tuple[Aoi, ...]:
        """The drawn area; several when there shall be one job for each."""
        return self._pieces

    def set_pieces(self, pieces: Tuple[Aoi, ...]) -> None:
        """Fix the area; it becomes the drawn one."""
        self._pieces = tuple(pieces)
        if self.source() == DRAWN:
            self._show_source()
        else:
            self.set_source(DRAWN)

    def reading(self) -> Reading:
        """How to read the area on a worker; it raises AoiError with a sentence when there is none yet."""
        source = self.source()
        if source == VIEW:
            return of_map_view(self._canvas)
        if source == WHOLE:
            return of_pieces(())
        if source == DRAWN:
            if not self._pieces:
                return _none_yet(translate("Groundtrack", "Nothing is drawn yet. Draw a rectangle or a polygon, or paste one."))
            return of_pieces(self._pieces)
        layer = self._layer()
        if layer is None and source == SELECTION:
            return _none_yet(translate("Groundtrack", "No polygon is selected. Select features in a polygon layer."))
        if layer is None:
            return _none_yet(translate("Groundtrack", "There is no polygon layer in the project. Add one, or draw the area."))
        return of_layer(layer, selected=source == SELECTION)

    def tell(self, text: str, level: str = INFO) -> None:
        """Show the summary line."""
        self.summary.say(text, level)

    def show_area(self, km2: float, pieces: Tuple[Aoi, ...], verdict: str, level: str) -> None:
        """Sum the area up: its size (0: it has none that means anything), its parts, and `verdict` in words."""
        polygons = sum(len(piece.polygons) for piece in pieces)
        words = [area(km2)] if km2 else []
        words += [count(polygons, translate("Groundtrack", "1 polygon"), translate("Groundtrack", "{} polygons"))]
        if len(pieces) > 1:
            words.append(count(len(pieces), "", translate("Groundtrack", "{} jobs, one for each part")))
        self.tell(" · ".join([*words, verdict] if verdict else words), level)

    def set_optional(self, optional: bool) -> None:
        """Offer, or offer no longer, to do without an area."""
        index = self.source_box.findData(WHOLE)
        if optional and index < 0:
            self.source_box.addItem(theme_icon("mIconRaster"), translate("Groundtrack", "No Area"), WHOLE)
        elif not optional and index >= 0:
            if self.source() == WHOLE:
                self.set_source(VIEW)
            self.source_box.removeItem(index)

    def set_used(self, used: bool) -> None:
        """Switch the row off while the area is not asked for."""
        self._controls.setEnabled(used)
        if not used:
            self.drawer.stop()

    def close_down(self) -> None:
        """Let go of the map."""
        self.drawer.stop()
        self._canvas.extentsChanged.disconnect(self._map_moved)
        self._canvas.destinationCrsChanged.disconnect(self._map_moved)
        self._canvas.selectionChanged.disconnect(self._selection_changed)
        self._iface.currentLayerChanged.disconnect(self._selection_changed)
        self._watch(None)

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._controls = QWidget(self)
        self.source_box = narrow(QComboBox(self))
        self.source_box.setAccessibleName(translate("Groundtrack", "Where the area comes from"))
        for name, label, picture in (
            (VIEW, translate("Groundtrack", "Map View"), "mLayoutItemMap"),
            (SELECTION, translate("Groundtrack", "Selected Features"), "mIconSelected"),
            (LAYER, translate("Groundtrack", "Layer"), "mIconPolygonLayer"),
            (DRAWN, translate("Groundtrack", "Drawn Area"), "mActionToggleEditing"),
        ):
            self.source_box.addItem(theme_icon(picture), label, name)
        self.layer_box = QgsMapLayerComboBox(self)
        self.layer_box.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer_box.setAccessibleName(translate("Groundtrack", "Layer with the area"))
        narrow(self.layer_box)
        self.summary = Sentence(self)
        row = QHBoxLayout(self._controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.source_box, 1)
        for button in self._buttons():
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._controls, self.layer_box, self.summary):
            column.addWidget(widget)

    def _buttons(self) -> Tuple[QToolButton, ...]:
        rectangle, polygon = translate("Groundtrack", "Draw Rectangle"), translate("Groundtrack", "Draw Polygon")
        self.rectangle_button = self._button(icon("area_rectangle"), rectangle, lambda: self._draw("rectangle"))
        self.polygon_button = self._button(icon("area_polygon"), polygon, lambda: self._draw("polygon"))
        for button in (self.rectangle_button, self.polygon_button):
            button.setCheckable(True)
        paste = translate("Groundtrack", "Paste Area (GeoJSON or WKT in longitude and latitude)")
        self.paste_button = self._button(theme_icon("mActionEditPaste"), paste, self._paste)
        self.clear_button = self._button(theme_icon("mActionDeleteSelected"), translate("Groundtrack", "Clear Drawn Area"), self._clear)
        return self.rectangle_button, self.polygon_button, self.paste_button, self.clear_button

    def _button(self, picture: QIcon, name: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(picture)
        button.setAutoRaise(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.clicked.connect(lambda _: action())
        return button

    def _connect(self) -> None:
        self.source_box.currentIndexChanged.connect(self._show_source)
        self.layer_box.layerChanged.connect(self._layer_changed)
        self._canvas.extentsChanged.connect(self._map_moved)
        self._canvas.destinationCrsChanged.connect(self._map_moved)
        self._canvas.selectionChanged.connect(self._selection_changed)
        self._iface.currentLayerChanged.connect(self._selection_changed)
        self.drawer.drawn.connect(self._take_drawing)
        self.drawer.ended.connect(self._drawing_ended)
        self.drawer.measured.connect(self._show_live)

    def _show_source(self) -> None:
        source = self.source()
        self.layer_box.setVisible(source == LAYER)
        self.clear_button.setEnabled(source == DRAWN and bool(self._pieces))
        self._watch(self._layer())
        self.changed.emit()

    def _layer(self) -> Optional[QgsVectorLayer]:
        if self.source() == LAYER:
            chosen = self.layer_box.currentLayer()
            return chosen if isinstance(chosen, QgsVectorLayer) else None
        if self.source() != SELECTION:
            return None
        layers = [self._iface.activeLayer(), *QgsProject.instance().mapLayers().values()]
        return next((layer for layer in layers if isinstance(layer, QgsVectorLayer) and _has_selected_polygons(layer)), None)

    def _watch(self, layer: Optional[QgsVectorLayer]) -> None:
        """Hear of edits of the layer in use."""
        if layer is self._watched:
            return
        self._unwatch()
        if layer is not None:
            layer.layerModified.connect(self.changed)
            layer.subsetStringChanged.connect(self.changed)
            layer.willBeDeleted.connect(self._unwatch_deleted)
        self._watched = layer

    def _unwatch(self) -> None:
        before, self._watched = self._watched, None
        if before is not None:
            before.layerModified.disconnect(self.changed)
            before.subsetStringChanged.disconnect(self.changed)
            before.willBeDeleted.disconnect(self._unwatch_deleted)

    def _unwatch_deleted(self) -> None:
        self._watched = None
        QTimer.singleShot(0, self.changed.emit)

    def _layer_changed(self) -> None:
        if self.source() == LAYER:
            self._show_source()

    def _map_moved(self) -> None:
        if self.source() == VIEW:
            self.changed.emit()

    def _selection_changed(self) -> None:
        if self.source() == SELECTION:
            self._show_source()

    def _draw(self, kind: str) -> None:
        button = self.rectangle_button if kind == "rectangle" else self.polygon_button
        if not button.isChecked():
            self.drawer.stop()
            return
        self.drawer.start(kind)
        button.setChecked(True)
        if kind == "rectangle":
            self.tell(translate("Groundtrack", "Click two opposite corners on the map, or drag. Esc gives up."))
        else:
            text = translate("Groundtrack", "Click the corners on the map. Right click finishes, Backspace takes one back, Esc gives up.")
            self.tell(text)

    def _drawing_ended(self) -> None:
        self.rectangle_button.setChecked(False)
        self.polygon_button.setChecked(False)
        self.changed.emit()

    def _show_live(self, km2: float) -> None:
        self.tell(translate("Groundtrack", "{} so far. Right click finishes, Esc gives up.").format(area(km2)))

    def _take_drawing(self, geometry: QgsGeometry) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        self._take(lambda: from_map(geometry, crs, QgsProject.instance().transformContext()))

    def _paste(self) -> None:
        self._take(lambda: from_text(QApplication.clipboard().text()))

    def _take(self, read: Callable[[], Aoi]) -> None:
        try:
            self.set_pieces((read(),))
        except AoiError as error:
            self.tell(str(error), ERROR)

    def _clear(self) -> None:
        self.set_pieces(())


def _has_selected_polygons(layer: QgsVectorLayer) -> bool:
    return layer.geometryType() == POLYGON and layer.selectedFeatureCount() > 0 and not layer.customProperty(FOOTPRINTS_PROPERTY)


def _none_yet(text: str) -> Reading:
    def read() -> Tuple[Aoi, ...]:
        raise AoiError(text)

    return read
