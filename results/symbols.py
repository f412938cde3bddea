"""Styles made for areas, fitted to layers of lines and points. Main thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Tuple

from qgis.core import (
    QgsFeatureRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)

_KINDS: Any = QgsWkbTypes.GeometryType  # the stubs do not know its members
_LINE, _POINT = 0.8, 2.2  # mm
_OPAQUE = 255


def load_style(layer: QgsVectorLayer, path: Path) -> Tuple[str, bool]:
    """Give a layer a style that is made for areas; lines and points get its colours. What was wrong, and whether it was taken."""
    if layer.geometryType() not in (_KINDS.LineGeometry, _KINDS.PointGeometry):
        return tuple(layer.loadNamedStyle(str(path)))  # type: ignore[return-value]  # a pair
    areas = QgsVectorLayer("MultiPolygon?crs=EPSG:4326", "", "memory")
    reason, taken = areas.loadNamedStyle(str(path))
    if taken:
        layer.setRenderer(_fit(areas.renderer().clone(), layer.geometryType()))
    return reason, taken


def _fit(renderer: QgsFeatureRenderer, kind: int) -> QgsFeatureRenderer:
    if isinstance(renderer, QgsRuleBasedRenderer):
        for rule in renderer.rootRule().descendants():
            fitted = _fitted(rule.symbol(), kind)
            if fitted is not None:
                rule.setSymbol(fitted)
    elif isinstance(renderer, QgsSingleSymbolRenderer):
        fitted = _fitted(renderer.symbol(), kind)
        if fitted is not None:
            renderer.setSymbol(fitted)
    return renderer


def _fitted(symbol: Optional[QgsSymbol], kind: int) -> Optional[QgsSymbol]:
    """A symbol for shapes of this kind in place of one for areas; None where there is none."""
    if not isinstance(symbol, QgsFillSymbol):
        return None
    colour = symbol.color()
    colour.setAlpha(_OPAQUE)
    name = colour.name()
    if kind == _KINDS.LineGeometry:
        return QgsLineSymbol.createSimple({"line_color": name, "line_width": str(_LINE), "capstyle": "round", "joinstyle": "round"})
    outline = colour.darker(150).name()
    return QgsMarkerSymbol.createSimple({"name": "circle", "color": name, "outline_color": outline, "size": str(_POINT)})
