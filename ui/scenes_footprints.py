"""The outlines of the found scenes: one layer of the map that goes with the table.

A layer in memory, marked so that QGIS does not ask on closing whether it shall be kept. It is filled in small steps.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from qgis.core import (
    NULL,
    Qgis,
    QgsFeature,
    QgsFields,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor

from .area_row import FOOTPRINTS_PROPERTY
from .scenes_query import Found
from .words import translate

LAYER = (
    "MultiPolygon?crs=EPSG:4326&field=scene_id:string&field=taken:datetime&field=cloud:double&field=coverage:double"
    "&field=platform:string&field=collection:string"
)
STEP = 50  # outlines added in one turn of the event loop
_UNASKED = "skipMemoryLayersCheck"  # QGIS's own mark for layers that need not be kept


class Footprints(QObject):
    """Signal: `chosen` ids of the scenes that were selected on the map."""

    chosen = pyqtSignal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._layer: Optional[QgsVectorLayer] = None
        self._fids: Dict[str, int] = {}
        self._ids: Dict[int, str] = {}
        self._waiting: Deque[Found] = deque()
        self._least = 0.0
        self._selected: Tuple[str, ...] = ()
        self._busy = False
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._add_some)
        QgsProject.instance().readProject.connect(self._remove_strangers)

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer, None while there is none."""
        return self._layer if self._layer is not None and not sip.isdeleted(self._layer) else None

    def clear(self) -> None:
        """Show no outlines."""
        self._waiting.clear()
        self._turn.stop()
        self._fids.clear()
        self._ids.clear()
        self._selected = ()
        if self.layer is not None:
            self._guarded(self.layer.removeSelection)
            self.layer.dataProvider().truncate()
            self.layer.triggerRepaint()

    def add(self, found: Sequence[Found]) -> None:
        """Show further outlines, a few at a time."""
        self._waiting.extend(item for item in found if item.outline)
        if self._waiting:
            self._make_layer()
            self._turn.start()

    def select(self, scene_ids: Iterable[str]) -> None:
        """Select these scenes on the map; nothing is told back."""
        self._selected = tuple(scene_ids)
        if self.layer is None:
            return
        fids = {self._fids[scene_id] for scene_id in self._selected if scene_id in self._fids}
        if fids != set(self.layer.selectedFeatureIds()):
            self._guarded(lambda: self.layer.selectByIds(list(fids)))

    def set_least(self, percent: float) -> None:
        """Hide outlines that cover less of the area than this."""
        self._least = percent
        if self.layer is not None:
            self._guarded(lambda: self.layer.setSubsetString(_subset(percent)))
            self.layer.triggerRepaint()

    def remove(self) -> None:
        """Take the layer out of the project."""
        self.clear()
        layer, self._layer = self.layer, None
        if layer is not None:
            with_dirty(lambda: QgsProject.instance().removeMapLayer(layer.id()))

    def close_down(self) -> None:
        """Remove the layer and stop listening."""
        QgsProject.instance().readProject.disconnect(self._remove_strangers)
        self.remove()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _make_layer(self) -> None:
        if self.layer is not None:
            return
        layer = QgsVectorLayer(LAYER, translate("Groundtrack", "Scenes (Groundtrack)"), "memory")
        layer.updateFields()
        layer.setCustomProperty(_UNASKED, 1)
        layer.setCustomProperty(FOOTPRINTS_PROPERTY, True)
        layer.setReadOnly(True)
        layer.setRenderer(_renderer())
        layer.setDisplayExpression('"scene_id"')
        _date(layer)
        layer.setSubsetString(_subset(self._least))
        layer.selectionChanged.connect(self._tell)
        layer.willBeDeleted.connect(self._lose)
        self._layer = layer
        with_dirty(lambda: _put_on_top(layer))

    def _add_some(self) -> None:
        layer = self.layer
        if layer is None or not self._waiting:
            self._turn.stop()
            return
        found = [self._waiting.popleft() for _ in range(min(STEP, len(self._waiting)))]
        fields = layer.fields()
        _, features = layer.dataProvider().addFeatures([_feature(item, fields) for item in found])
        for item, feature in zip(found, features):
            self._fids[item.scene.id] = feature.id()
            self._ids[feature.id()] = item.scene.id
        if not self._waiting:  # drawing in between would have the provider copy everything for each step
            self._turn.stop()
            layer.updateExtents()
            layer.triggerRepaint()
            self.select(self._selected)

    def _tell(self, *_: Any) -> None:
        layer = self.layer
        if not self._busy and layer is not None:
            self._selected = tuple(self._ids[fid] for fid in layer.selectedFeatureIds() if fid in self._ids)
            self.chosen.emit(self._selected)

    def _guarded(self, change: Any) -> None:
        """Change the layer without telling the table what came from there."""
        self._busy = True
        try:
            change()
        finally:
            self._busy = False

    def _lose(self) -> None:
        """Somebody removed the layer, or the project was closed."""
        self._layer = None
        self._turn.stop()
        self._waiting.clear()
        self._fids.clear()
        self._ids.clear()

    def _remove_strangers(self) -> None:
        """What a project was saved with has lost its outlines."""
        project = QgsProject.instance()
        own: Set[str] = {self.layer.id()} if self.layer is not None else set()
        lost: List[str] = [key for key, layer in project.mapLayers().items() if layer.customProperty(FOOTPRINTS_PROPERTY)]
        with_dirty(lambda: project.removeMapLayers([key for key in lost if key not in own]))


def with_dirty(change: Any) -> None:
    """Change the project without making it count as changed: what is searched for is nothing to be saved."""
    project = QgsProject.instance()
    before = project.isDirty()
    change()
    project.setDirty(before)


def _put_on_top(layer: QgsVectorLayer) -> None:
    project = QgsProject.instance()
    project.addMapLayer(layer, False)
    project.layerTreeRoot().insertLayer(0, layer)


def _feature(found: Found, fields: QgsFields) -> QgsFeature:
    scene = found.scene
    feature = QgsFeature(fields)
    shape = QgsGeometry()
    shape.fromWkb(found.outline)
    shape.convertToMultiType()
    feature.setGeometry(shape)
    taken = QDateTime.fromString(scene.taken[:19], Qt.DateFormat.ISODate) if scene.taken else NULL
    feature.setAttributes([scene.id, taken, scene.cloud, found.share, scene.platform, scene.collection])
    return feature


def _subset(percent: float) -> str:
    return f'"coverage" IS NULL OR "coverage" >= {percent:g}' if percent else ""


def _date(layer: QgsVectorLayer) -> None:
    properties: Any = layer.temporalProperties()
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeInstantFromField)
    properties.setStartField("taken")
    properties.setIsActive(True)


def _renderer() -> QgsRuleBasedRenderer:
    """Outlines only, so that what lies below stays visible however many overlap."""
    root = QgsRuleBasedRenderer.Rule(None)
    for order, (label, filter_text, colour, width) in enumerate((
        (translate("Groundtrack", "Found"), "ELSE", "#cc79a7", 0.4),
        (translate("Groundtrack", "Chosen"), "is_selected()", "#ffff00", 1.0),  # QGIS draws it in its own colour of selections
    )):  # fmt: skip
        line = QgsSimpleLineSymbolLayer(QColor(colour), width)  # a fill, even none, is painted over when selected
        line.setRenderingPass(order)
        symbol = QgsFillSymbol.createSimple({})
        symbol.changeSymbolLayer(0, line)  # takes the line over, unlike the constructor
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, filter_text, label))
    return QgsRuleBasedRenderer(root)
