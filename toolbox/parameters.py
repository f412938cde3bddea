"""From an operation's fields to Processing parameters, and from the values given for them back to the fields' raw values.

Names are the fields' names in upper case and never change: scripts and models use them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProperty,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QVariant

from ..providers.errors import ended
from ..providers.fields import Field, FieldError, Kind
from ..providers.operation import AoiRule, Needs, Operation
from .texts import tr

AOI = "AOI"
ACCOUNT = "ACCOUNT"
OUTPUT_FOLDER = "OUTPUT_FOLDER"
WAIT = "WAIT"
TIMEOUT = "TIMEOUT"
BUDGET = "BUDGET"
RASTERS = "RASTERS"
WISHES = ("delivered", "vrt", "cog")  # for rasters
LONGEST_PATH = 1000  # characters; anything longer is the text itself
_SCRIPT_ENDINGS = (".js", ".txt", ".json")

Definition = QgsProcessingParameterDefinition


def parameter_name(field: Field) -> str:
    """The name in the toolbox."""
    return field.name.upper()


def operation_parameters(operation: Operation) -> List[Definition]:
    """The area (where the operation takes one), then its fields."""
    area = aoi_parameter(operation.aoi)
    return [*([area] if area else []), *(field_parameter(field) for field in operation.fields)]


def aoi_parameter(rule: AoiRule) -> Optional[Definition]:
    """The area, None where it has no meaning."""
    if rule.needs is Needs.NONE:
        return None
    optional = rule.needs is Needs.OPTIONAL
    return QgsProcessingParameterFeatureSource(AOI, tr("Area of interest"), [QgsProcessing.TypeVectorPolygon], None, optional)


def field_parameter(field: Field) -> Definition:
    """One field. What applies only under a condition is optional here; the operation's own checks decide."""
    definition = _MAKERS.get(field.kind, _text)(field, not field.required or field.shown_if is not None)
    definition.setHelp(field_help(field))
    if field.advanced:
        definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    return definition


def field_help(field: Field) -> str:
    """What a field is, its unit, and the words to choose from."""
    unit = tr("Unit: {}.").format(field.unit) if field.unit else ""
    words = _words(field) if field.kind is Kind.CHOICE else []
    choice = tr("One of these words: {}.").format(", ".join(words)) if words else ""
    return " ".join(part for part in (ended(tr(field.help)), unit, choice) if part)


def account_parameter() -> Definition:
    """The name of a stored account; the secret itself is never a parameter, for parameters are logged."""
    definition = QgsProcessingParameterString(ACCOUNT, tr("Account"), None, False, True)
    definition.setHelp(tr("Name of a stored account. Without it, the account is read from environment variables."))
    return definition


def folder_parameter() -> Definition:
    """Not a destination: those default to a folder that is deleted, and results are paid for."""
    definition = QgsProcessingParameterFile(OUTPUT_FOLDER, tr("Results folder"), QgsProcessingParameterFile.Folder, "", None, True)
    definition.setHelp(tr("Folder where result files go, made when it is not there; without it, the results folder of the profile."))
    return definition


def wait_parameter() -> Definition:
    """Whether to follow the job to its end."""
    definition = QgsProcessingParameterBoolean(WAIT, tr("Wait for the result"), True)
    definition.setHelp(tr("Without it, the job is only submitted; fetch its result later with “Wait for job”."))
    return definition


def timeout_parameter() -> Definition:
    """Ends waiting, not the job."""
    definition = QgsProcessingParameterNumber(
        TIMEOUT, tr("Longest wait in minutes"), QgsProcessingParameterNumber.Double, None, True, 0.0
    )
    definition.setHelp(tr("Ends the waiting, not the job; without it, the wait lasts as long as the job."))
    return definition


def budget_parameter() -> Definition:
    """The most that all jobs of a run may cost together."""
    definition = QgsProcessingParameterNumber(BUDGET, tr("Budget"), QgsProcessingParameterNumber.Double, None, True, 0.0)
    definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    definition.setHelp(tr("In the unit of the service. Prices are asked for first; jobs that would go beyond it are not sent, and named."))
    return definition


def rasters_parameter() -> Definition:
    """What becomes of delivered rasters."""
    definition = QgsProcessingParameterEnum(RASTERS, tr("Rasters"), list(WISHES), False, WISHES[0], True, True)
    definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
    text = tr("delivered: as they come, each tile of a large area by itself. vrt: the tiles of an area are put together in one raster.")
    definition.setHelp(f"{text} {tr('cog: the same, and every raster becomes a cloud optimized GeoTIFF with overviews.')}")
    return definition


def raster_wish(value: Any, context: QgsProcessingContext) -> str:
    """The word that was given for RASTERS, or its number. Raises FieldError."""
    wish = Field("rasters", RASTERS, Kind.CHOICE, WISHES[0], choices=tuple((word, word) for word in WISHES))
    return str(wish.parse(_choice_word(wish, plain(value, context))) or WISHES[0])


def raw_values(fields: Tuple[Field, ...], given: Mapping[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
    """What was given for each field, by field name; fields that were left out keep their default. Raises FieldError."""
    values: Dict[str, Any] = {}
    for field in fields:
        if parameter_name(field) in given:
            value = plain(given[parameter_name(field)], context)
            if field.kind is Kind.RASTER:
                value = _raster_source(value, context)
            values[field.name] = _READERS.get(field.kind, _as_given)(field, value)
    return values


def plain(value: Any, context: QgsProcessingContext) -> Any:
    """A parameter's value as a Python value: expressions evaluated, dates as text, QGIS's null as None."""
    if isinstance(value, QgsProperty):
        value = value.value(context.expressionContext(), None)[0]
    if isinstance(value, QVariant):
        value = None if value.isNull() else value.value()
    if isinstance(value, QDateTime):
        value = value.date()
    if isinstance(value, QDate):
        return value.toString("yyyy-MM-dd") if value.isValid() else None
    return value


def _raster_source(value: Any, context: QgsProcessingContext) -> Any:
    """The source of a raster layer that is given as such, by its id or by a name that only one has; anything else as it is."""
    if isinstance(value, str) and context.project() is not None:
        named = context.project().mapLayersByName(value)
        value = context.project().mapLayer(value) or (named[0] if len(named) == 1 else value)
    return value.source().partition("|")[0] if isinstance(value, QgsRasterLayer) else value


def _as_given(field: Field, value: Any) -> Any:
    return value


def _choice_word(field: Field, value: Any) -> Any:
    """The word for a number: qgis_process's own help offers numbers for choices."""
    words = _words(field)
    text = str(value).strip()
    return words[int(text)] if text.isdigit() and text not in words and int(text) < len(words) else value


def _words(field: Field) -> List[str]:
    return [value for value, _ in field.choices if value]


def _script_text(field: Field, value: Any) -> Any:
    """Text as it is, or the contents of the file it names."""
    if not isinstance(value, str) or "\n" in value.strip() or len(value) > LONGEST_PATH or "://" in value:
        return value
    path = Path(value.strip()).expanduser()
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FieldError(tr("{}: the file {} cannot be read: {}.").format(field.label, path, error)) from None
    if path.suffix.lower() in _SCRIPT_ENDINGS and ";" not in value:
        raise FieldError(tr("{}: there is no file {}.").format(field.label, path))
    return value


def _choice(field: Field, optional: bool) -> Definition:
    words = _words(field)
    if field.others:
        return _text(field, optional)
    default = field.default if field.default in words else None
    return QgsProcessingParameterEnum(parameter_name(field), field.label, words, False, default, optional or not words, True)


def _number(field: Field, optional: bool) -> Definition:
    whole = field.kind is Kind.INTEGER
    kind = QgsProcessingParameterNumber.Integer if whole else QgsProcessingParameterNumber.Double
    definition = QgsProcessingParameterNumber(parameter_name(field), field.label, kind, field.default, optional)
    if field.minimum is not None:
        definition.setMinimum(field.minimum)
    if field.maximum is not None:
        definition.setMaximum(field.maximum)
    return definition


def _boolean(field: Field, optional: bool) -> Definition:
    return QgsProcessingParameterBoolean(parameter_name(field), field.label, field.default, optional)


def _file(field: Field, optional: bool) -> Definition:
    return QgsProcessingParameterFile(parameter_name(field), field.label, QgsProcessingParameterFile.File, "", field.default, optional)


def _text(field: Field, optional: bool) -> Definition:
    default = field.default
    if isinstance(default, (list, tuple)):
        default = ",".join(map(str, default))
    return QgsProcessingParameterString(parameter_name(field), field.label, default, field.kind in (Kind.SCRIPT, Kind.JSON), optional)


_MAKERS: Dict[Kind, Callable[[Field, bool], Definition]] = {
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.INTEGER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.FILE: _file,
    Kind.RASTER: _file,
}
_READERS: Dict[Kind, Callable[[Field, Any], Any]] = {Kind.CHOICE: _choice_word, Kind.SCRIPT: _script_text, Kind.JSON: _script_text}
