"""The Area row as a preset's rule, and a preset's rule on the Area row."""

from __future__ import annotations

import math
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer

from ..aoi import AoiError
from ..presets import preset as rules
from ..presets.preset import AreaRule, Each
from .area_band import POLYGON
from .area_row import DRAWN, LAYER, SELECTION, VIEW, WHOLE, AreaRow
from .words import translate

_SOURCES = {rules.VIEW: VIEW, rules.SELECTION: SELECTION, rules.WHOLE: WHOLE}
_RULES = {source: rule for rule, source in _SOURCES.items()}


def rule_of(row: AreaRow) -> Optional[AreaRule]:
    """How the area is found, None while nothing is drawn or no layer is chosen."""
    source = row.source()
    if source == LAYER:
        layer = row.layer_box.currentLayer()
        return AreaRule(rules.LAYER, layer.name()) if layer is not None else None
    if source == DRAWN:
        return AreaRule(rules.FIXED, shapes=row.pieces()) if row.pieces() else None
    return AreaRule(_RULES.get(source, rules.VIEW))


def use_rule(row: AreaRow, rule: AreaRule) -> None:
    """Have the area found by the rule. Raises AoiError with a sentence when it cannot be; then no area is set."""
    if rule.rule == rules.FIXED:
        row.set_pieces(rule.shapes)
        return
    if rule.rule != rules.LAYER:
        row.set_source(_SOURCES[rule.rule])
        return
    found = [layer for layer in QgsProject.instance().mapLayersByName(rule.layer) if _has_polygons(layer)]
    if len(found) != 1:
        row.set_pieces(())  # nothing to run on, rather than some other layer
        none = translate("Groundtrack", "which this project does not have. Open it, or choose another area.")
        several = translate("Groundtrack", "and there are several of that name. Rename the others.")
        said = translate("Groundtrack", "The preset takes its area from the layer “{}”, {}")
        raise AoiError(said.format(rule.layer, several if found else none))
    row.layer_box.setLayer(found[0])
    row.set_source(LAYER)


def each_of(row: AreaRow) -> Optional[Each]:
    """The choice of one job for each feature, None where all features go into one."""
    return Each(row.batch.id_box.currentField(), row.batch.budget()) if row.batch.each() else None


def use_each(row: AreaRow, each: Optional[Each]) -> None:
    """Choose one job for each feature, or one for all.

    Raises AoiError when the layer has not the field or the budget cannot be kept; then all go into one.
    """
    row.batch.set_each(False)
    if each is None:
        return
    layer = row.batch.id_box.layer()
    if layer is None:
        raise AoiError(translate("Groundtrack", "The preset makes one job for each feature, and there are not several here."))
    if each.id_field and layer.fields().indexOf(each.id_field) < 0:
        text = translate("Groundtrack", "The preset tells features apart by the field “{}”, which the layer “{}” does not have.")
        raise AoiError(text.format(each.id_field, layer.name()))
    budget = None if each.budget is None else math.floor(each.budget * 100 + 1e-6) / 100  # the input rounds, and shows 0 as no limit
    if budget == 0:
        text = translate("Groundtrack", "The preset’s budget of {:g} is too small to be kept here, where the smallest is 0.01.")
        raise AoiError(text.format(each.budget))
    row.batch.use(each.id_field, budget)


def _has_polygons(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsVectorLayer) and layer.geometryType() == POLYGON
