"""One algorithm for each operation, made from its declaration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ..providers.fields import FieldError, Kind, is_empty, parse_all
from ..providers.operation import Needs, Operation, Request, Result
from ..providers.registry import Offer, provider_class
from .algorithm import Algorithm, hand_over, terms_of, text_of
from .aside import aside
from .costs import LOCAL
from .parameters import (
    ACCOUNT,
    AOI,
    account_parameter,
    budget_parameter,
    field_help,
    folder_parameter,
    operation_parameters,
    parameter_name,
    plain,
    rasters_parameter,
    raw_values,
    timeout_parameter,
    wait_parameter,
)
from .texts import tr

if TYPE_CHECKING:
    from .areas import Area
    from .run import Run
    from .sign_in import SignedIn


class OperationAlgorithm(Algorithm):
    """Submits one operation for each area, follows it and brings its result."""

    def __init__(self, service: Offer, operation: Operation) -> None:
        super().__init__()
        self._service = service
        self._operation = operation
        self._signed: Optional[SignedIn] = None
        self.id_ = f"{service.key}_{operation.key}"
        self.group_key = service.key

    def createInstance(self) -> OperationAlgorithm:
        return OperationAlgorithm(self._service, self._operation)

    def displayName(self) -> str:
        return f"{tr(self._operation.title)} ({self._service.title})"

    def group(self) -> str:
        return self._service.title

    def shortHelpString(self) -> str:
        notes = [
            tr(self._operation.summary),
            tr("It is computed here and costs nothing." if self._service.key == LOCAL else "The job may be charged by {}.").format(
                self._service.title
            ),
            tr("Features of the area layer are sent as the service allows: many in one request, or one job for each polygon."),
        ]
        if self._operation.aoi.needs is Needs.NONE:
            notes.pop()
        helped = [f"<b>{parameter_name(field)}</b>: {field_help(field)}" for field in self._operation.fields if field_help(field)]
        return "<p>" + "</p><p>".join([*notes, *helped]) + "</p>"

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        for parameter in operation_parameters(self._operation):
            self.addParameter(parameter)
        for parameter in (account_parameter(), folder_parameter(), wait_parameter(), timeout_parameter()):
            self.addParameter(parameter)
        if self._operation.result is Result.RASTER:
            self.addParameter(rasters_parameter())
        if self._service.key != LOCAL:
            self.addParameter(budget_parameter())
        self.add_outputs()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        """Our sentences before QGIS's; choices are accepted in any spelling that the field accepts."""
        given = dict(parameters)
        try:
            raw = raw_values(self._operation.fields, parameters, context)
        except FieldError as error:
            return False, str(error)
        values, wrong = parse_all(self._operation.fields, raw)
        missing = [tr("An area is missing: give a file or layer of polygons.")] if self._lacks_area(parameters, context) else []
        if wrong or missing:
            return False, " ".join([*wrong.values(), *missing])
        for field in self._operation.fields:
            if field.kind is Kind.CHOICE and parameter_name(field) in given:
                given[parameter_name(field)] = values.get(field.name)
        return super().checkParameterValues(given, context)

    def ready(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from .sign_in import sign_in

        self._signed = sign_in(provider_class(self._service.key), text_of(parameters, ACCOUNT, context), feedback.isCanceled)

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .outcome import results_of
        from .run import Order, Run

        values = raw_values(self._operation.fields, parameters, context)
        values = {name: value for name, value in values.items() if not is_empty(value)}
        request = Request(self._operation.key, self._typed(values))
        run = Run(self._signed, feedback, terms_of(parameters, context))
        areas, told = self._areas(parameters, context, run)
        if told:
            feedback.pushInfo(told)
        orders = [Order(replace(request, aoi=area.aoi), area.label) for area in areas]
        jobs = aside(lambda: run.send(self._operation, orders))
        hand_over(jobs, run.made, context)
        return results_of(jobs)

    def _lacks_area(self, parameters: Mapping[str, Any], context: QgsProcessingContext) -> bool:
        return self._operation.aoi.needs is Needs.REQUIRED and is_empty(plain(parameters.get(AOI), context))

    def _typed(self, raw: Dict[str, Any]) -> Dict[str, Any]:
        """Values that apply, defaults filled in. Raises FieldError."""
        values, wrong = parse_all(self._operation.fields, raw)
        if wrong:
            raise FieldError(" ".join(wrong.values()))
        return values

    def _areas(self, parameters: Mapping[str, Any], context: QgsProcessingContext, run: Run) -> Tuple[List[Area], str]:
        from .areas import Area, AreaRefused, arrange, read_features

        if self._operation.aoi.needs is Needs.NONE or is_empty(plain(parameters.get(AOI), context)):
            return [Area(None)], ""
        source = self.parameterAsSource(dict(parameters), AOI, context)
        if source is None:
            raise AreaRefused(tr("The area layer cannot be opened."))
        features, rule = read_features(source, context), self._operation.aoi
        if rule.most_parts is None and sum(len(aoi.polygons) for _, aoi in features) > 1:
            rule = aside(lambda: run.rule(self._operation))
        return arrange(features, rule, self._operation.title)
