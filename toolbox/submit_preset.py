"""Runs the request that a preset file describes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
)

from ..providers.fields import FieldError, parse_all
from ..providers.operation import Needs, Request
from .algorithm import Algorithm, hand_over, terms_of, text_of
from .aside import aside
from .parameters import (
    ACCOUNT,
    AOI,
    account_parameter,
    budget_parameter,
    folder_parameter,
    plain,
    rasters_parameter,
    timeout_parameter,
    wait_parameter,
)
from .texts import tr

if TYPE_CHECKING:
    from ..presets.preset import AreaRule
    from .areas import Area
    from .preset_file import Order as PresetOrder
    from .sign_in import SignedIn

PRESET = "PRESET"


class SubmitPreset(Algorithm):
    """The area given here takes the place of the preset's own."""

    id_ = "submit_preset"
    title = "Submit preset"
    help_ = "Runs the request of a preset file. An area or account given here takes the place of the preset's own."

    def __init__(self) -> None:
        super().__init__()
        self._preset: Optional[PresetOrder] = None
        self._signed: Optional[SignedIn] = None

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        self.addParameter(QgsProcessingParameterFile(PRESET, tr("Preset file"), QgsProcessingParameterFile.File, "json"))
        kinds = [QgsProcessing.TypeVectorPolygon]
        self.addParameter(QgsProcessingParameterFeatureSource(AOI, tr("Area of interest"), kinds, None, True))
        for parameter in (account_parameter(), folder_parameter(), wait_parameter(), timeout_parameter()):
            self.addParameter(parameter)
        for parameter in (rasters_parameter(), budget_parameter()):
            self.addParameter(parameter)
        self.add_outputs()

    def ready(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from .preset_file import read_order
        from .sign_in import sign_in

        self._preset = read_order(Path(text_of(parameters, PRESET, context)).expanduser())
        self._signed = sign_in(self._preset.kind, text_of(parameters, ACCOUNT, context) or self._preset.account, feedback.isCanceled)

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .outcome import results_of
        from .run import Order, Run

        operation = self._preset.operation
        values, wrong = parse_all(operation.fields, self._preset.values)
        if wrong:
            raise FieldError(" ".join(wrong.values()))
        areas, told = self._areas(parameters, context)
        if told:
            feedback.pushInfo(told)
        orders = [Order(Request(operation.key, values, area.aoi), area.label) for area in areas]
        terms, each = terms_of(parameters, context), self._preset.each
        if each is not None and terms.budget is None:
            terms = replace(terms, budget=each.budget)
        run = Run(self._signed, feedback, terms)
        jobs = aside(lambda: run.send(operation, orders))
        hand_over(jobs, run.made, context)
        return results_of(jobs)

    def _areas(self, parameters: Mapping[str, Any], context: QgsProcessingContext) -> Tuple[List[Area], str]:
        from ..presets.preset import FIXED, WHOLE
        from .areas import Area, AreaRefused, arrange, read_features

        rule, title = self._preset.operation.aoi, self._preset.operation.title
        given = plain(parameters.get(AOI), context) not in (None, "")
        kept = None if given else self._preset.area
        if not given and (kept is None or kept.rule == WHOLE):
            return [Area(None)], ""
        if kept is not None and kept.rule == FIXED:
            return arrange(list(enumerate(kept.shapes, 1)), rule, title)
        if rule.needs is Needs.NONE:
            raise AreaRefused(tr("{} takes no area.").format(title))
        source = self._source(parameters if kept is None else {AOI: _layer_id(kept, context)}, context)
        each = self._preset.each
        features = read_features(source, context, each.id_field if each else "")
        return arrange(features, rule, title, each=each is not None)

    def _source(self, parameters: Mapping[str, Any], context: QgsProcessingContext) -> Any:
        from .areas import AreaRefused

        source = self.parameterAsSource(dict(parameters), AOI, context)
        if source is None:
            raise AreaRefused(tr("The area layer cannot be opened."))
        return source


def _layer_id(area: AreaRule, context: QgsProcessingContext) -> str:
    """The layer of the project that a preset names. Raises AreaRefused."""
    from ..presets.preset import LAYER
    from .areas import AreaRefused

    if area.rule != LAYER:
        text = tr("The preset takes its area from the map view or the selected features, which only the dock has. Give the area as {}.")
        raise AreaRefused(text.format(AOI))
    project = context.project()
    found = project.mapLayersByName(area.layer) if project is not None else []
    if len(found) != 1:
        none = tr("The preset takes its area from the layer “{}”, which the project does not have. Give the area as {}.")
        several = tr("The preset takes its area from the layer “{}”, and the project has several of that name. Give the area as {}.")
        raise AreaRefused((several if found else none).format(area.layer, AOI))
    return str(found[0].id())
