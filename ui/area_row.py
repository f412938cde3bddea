"""The Area row: where the area comes from, tools to draw, fetch and change it, and what it amounts to."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgisInterface, QgsMapLayerComboBox
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..aoi import Aoi, AoiError
from ..providers.operation import AoiRule, Needs
from .area_band import POLYGON
from .area_drawer import CIRCLE, AreaDrawer
from .area_menus import EDIT, AreaMenus, how_to_draw
from .area_radius import RadiusBox
from .area_reading import Reading, from_map, of_layer, of_map_view, of_pieces
from .area_sources import AreaSources
from .batch_row import BatchRow
from .elided_combo import ElidedCombo
from .field_widgets import narrow
from .icons import theme_icon
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .session import Session
from .words import area, count, in_brackets, length, translate

VIEW, SELECTION, LAYER, DRAWN, WHOLE = "view", "selection", "layer", "drawn", "whole"
FOOTPRINTS_PROPERTY = "groundtrack/footprints"  # of the layer of found scenes, which is no area of anybody's


class AreaRow(QWidget):
    """`changed` tells that the area may be another one now; `reading()` takes it."""

    changed = pyqtSignal()

    def __init__(self, session: Session, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self._canvas = iface.mapCanvas()
        self._pieces: Tuple[Aoi, ...] = ()
        self._label = ""
        self._watched: Optional[QgsVectorLayer] = None
        self.rule = AoiRule(most_parts=None)  # of the task the area is for
        self.footprints: Tuple[Aoi, ...] = ()  # of the scenes that were chosen for the task, where known
        self._hint = ""  # what to do on the map now
        self.drawer = AreaDrawer(self._canvas, self)
        self.menus = AreaMenus(session.jobs.values, self)
        self.sources = AreaSources(session, iface, self)
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

    def label(self) -> str:
        """What the fixed area is called, "" for the drawn one."""
        return self._label

    def set_pieces(self, pieces: Tuple[Aoi, ...], label: str = "") -> None:
        """Fix the area; it takes the place of the drawn one, under a name of its own if it has one."""
        if not self.drawer.edits(tuple(pieces)):
            self.drawer.stop()
        self._pieces, self._label = tuple(pieces), label
        self.source_box.setItemText(self.source_box.findData(DRAWN), label or translate("Groundtrack", "Drawn Area"))
        if self.source() == DRAWN:
            self._show_source()
        else:
            self.set_source(DRAWN)

    def edit(self) -> None:
        """Let the corners of the fixed area be moved on the map."""
        self.drawer.edit(self._pieces)
        self._explain(EDIT)

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
        self.drawer.show_state(good=level == SUCCESS)
        polygons = sum(len(piece.polygons) for piece in pieces)
        words = [area(km2)] if km2 else []
        words += [count(polygons, translate("Groundtrack", "1 polygon"), translate("Groundtrack", "{} polygons"))]
        if len(pieces) > 1:
            part = translate("Groundtrack", "{} jobs, one for each part")
            words.append(count(len(pieces), "", translate("Groundtrack", "{} features, one by one") if self.batch.each() else part))
        if verdict:
            words.append(verdict + in_brackets(limits(self.rule, each=len(pieces) > 1)))
        self.tell("\n".join(filter(None, (" · ".join(words), self._hint))), level)

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
        self.batch.setEnabled(used)
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
        self.source_box = narrow(ElidedCombo(self))
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
        self.radius = RadiusBox(self)
        self.batch = BatchRow(self)
        self.summary = Sentence(self)
        row = QHBoxLayout(self._controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.source_box, 1)
        row.addWidget(self.menus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._controls, self.layer_box, self.radius, self.batch, self.summary):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.source_box.currentIndexChanged.connect(self._show_source)
        self.layer_box.layerChanged.connect(self._layer_changed)
        self.batch.changed.connect(self.changed)
        self._canvas.extentsChanged.connect(self._map_moved)
        self._canvas.destinationCrsChanged.connect(self._map_moved)
        self._canvas.selectionChanged.connect(self._selection_changed)
        self._iface.currentLayerChanged.connect(self._selection_changed)
        self.drawer.drawn.connect(self._take_drawing)
        self.drawer.edited.connect(lambda pieces: self.set_pieces(pieces, self._label))
        self.drawer.ended.connect(self._drawing_ended)
        self.drawer.measured.connect(self._show_live)
        self.drawer.typed.connect(self.radius.begin)
        self.radius.given.connect(self.drawer.set_radius)
        self.menus.draw_wanted.connect(self._draw)

    def _show_source(self) -> None:
        source = self.source()
        self.layer_box.setVisible(source == LAYER)
        self.sources.drop()
        if source != DRAWN:
            self.drawer.stop()
        layer = self._layer()
        self._watch(layer)
        self.batch.show_layer(layer, selected=source == SELECTION)
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
        self.drawer.stop()
        if kind:
            self.drawer.start(kind)
            self._explain(kind)

    def _explain(self, kind: str) -> None:
        self._hint = how_to_draw(kind)
        self.menus.show_drawing(kind)
        self.radius.offer(wanted=kind == CIRCLE)
        self.tell(self._hint)

    def _drawing_ended(self) -> None:
        self._hint = ""
        self.menus.show_drawing("")
        self.radius.offer(wanted=False)
        self.changed.emit()

    def _show_live(self, km2: float, radius: float) -> None:
        most = self.rule.most_km2
        fits = most is None or km2 <= most
        self.drawer.show_live(good=fits)
        size = area(km2) if fits else translate("Groundtrack", "{}, more than {},").format(area(km2), area(float(most or 0)))
        if radius:
            words = translate("Groundtrack", "{} so far, with a radius of {}. Click sets it, Esc gives up.")
            self.tell(words.format(size, length(radius)), INFO if fits else WARNING)
        else:
            words = translate("Groundtrack", "{} so far. Right click finishes, Esc gives up.")
            self.tell(words.format(size), INFO if fits else WARNING)

    def _take_drawing(self, geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        try:
            self.set_pieces((from_map(geometry, crs, QgsProject.instance().transformContext()),))
        except AoiError as error:
            self.tell(str(error), ERROR)


def limits(rule: AoiRule, *, each: bool = False) -> str:
    """What a task takes at most, or each of several jobs does; "" when it names no limit."""
    words = []
    if rule.most_km2 is not None:
        words.append(area(float(rule.most_km2)))
    if rule.most_parts is not None and rule.needs is not Needs.NONE:
        words.append(count(rule.most_parts, translate("Groundtrack", "1 polygon"), translate("Groundtrack", "{} polygons")))
    if rule.most_vertices is not None:
        words.append(count(rule.most_vertices, "", translate("Groundtrack", "{} corners")))
    most = translate("Groundtrack", "each at most {}") if each else translate("Groundtrack", "at most {}")
    return most.format(", ".join(words)) if words else ""


def _has_selected_polygons(layer: QgsVectorLayer) -> bool:
    return layer.geometryType() == POLYGON and layer.selectedFeatureCount() > 0 and not layer.customProperty(FOOTPRINTS_PROPERTY)


def _none_yet(text: str) -> Reading:
    def read() -> Tuple[Aoi, ...]:
        raise AoiError(text)

    return read
