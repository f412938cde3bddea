"""A copy of the layer that a batch was run over, with what came of each feature beside its attributes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.group import amount_of
from ..providers.cancel import Cancel
from .errors import ResultError
from .feature_results import Figures

LAYER = "features"
_NEW = {
    "job_state": "string", "job_message": "string", "job_found": "integer", "job_mean": "double", "job_cost": "double", "job_id": "string",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """What is needed of a layer to copy it on a worker; taken on the main thread."""

    source: QgsVectorLayerFeatureSource
    fields: QgsFields
    more: QgsFields
    geometry: Any
    crs: QgsCoordinateReferenceSystem
    context: QgsCoordinateTransformContext


def table_of_layer(layer: QgsVectorLayer) -> Table:
    """The layer as it stands now, unsaved edits included. Main thread only."""
    source, context = QgsVectorLayerFeatureSource(layer), QgsProject.instance().transformContext()
    # a layer makes the fields, for the names of their types are others in QGIS 4
    more = QgsVectorLayer("None?" + "&".join(f"field={name}:{kind}" for name, kind in _NEW.items()), "", "memory").fields()
    return Table(source, layer.fields(), more, layer.wkbType(), layer.crs(), context)


def join(
    table: Table, figures: Mapping[str, Figures], id_of: Callable[[QgsFeature], str], state_words: Callable[[Any], str], target: Path,
    cancel: Cancel,
) -> int:  # fmt: skip
    """Write the copy; returns how many features have figures. Features that were not part of the batch have none. Raises ResultError."""
    fields, places = _fields(table)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", LAYER
    options.layerOptions = [f"FID={_free('fid', fields)}"]  # so that a column of the copied layer may have that name
    writer = QgsVectorFileWriter.create(str(target), fields, QgsWkbTypes.multiType(table.geometry), table.crs, table.context, options)
    try:
        _refuse_broken(writer, target)
        joined = 0
        for feature in table.source.getFeatures():
            cancel.check()
            known = figures.get(id_of(feature))
            joined += known is not None
            writer.addFeature(_copied(feature, fields, places, _values(known, state_words) if known else {}))
        _refuse_broken(writer, target)
    finally:
        del writer  # closes the file
    return joined


def _fields(table: Table) -> Tuple[QgsFields, Dict[str, int]]:
    """The layer's fields and ours, under names that are free; and where ours are."""
    fields, places = QgsFields(table.fields), {}
    for index, name in enumerate(_NEW):
        field = QgsField(table.more.field(index))
        field.setName(_free(name, fields))
        fields.append(field)
        places[name] = fields.count() - 1
    return fields, places


def _free(name: str, fields: QgsFields) -> str:
    taken = {name.lower() for name in fields.names()}
    while name in taken:
        name += "_"
    return name


def _copied(feature: QgsFeature, fields: QgsFields, places: Mapping[str, int], values: Mapping[str, Any]) -> QgsFeature:
    made = QgsFeature(fields)
    shape = feature.geometry()
    if not shape.isEmpty():
        shape.convertToMultiType()
    made.setGeometry(shape)
    attributes: List[Any] = [*feature.attributes(), *(None for _ in _NEW)]
    for name, value in values.items():
        attributes[places[name]] = value
    made.setAttributes(attributes)
    return made


def _values(known: Figures, state_words: Callable[[Any], str]) -> Dict[str, Any]:
    costs = [amount for amount in (amount_of(job.cost) for job in known.jobs) if amount is not None]
    return {
        "job_state": "; ".join(dict.fromkeys(state_words(job.state) for job in known.jobs)),
        "job_message": " ".join(dict.fromkeys(job.message for job in known.jobs if job.message)) or None,
        "job_found": known.count,
        "job_mean": known.mean,
        "job_cost": _sum(costs),
        "job_id": ", ".join(job.remote_id or job.id for job in known.jobs),
    }


def _sum(costs: List[float]) -> Optional[float]:
    return round(sum(costs), 6) if costs else None


def _refuse_broken(writer: Any, target: Path) -> None:
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        text = "The copy {path} could not be written: {reason}. Check the folder and its free space."
        raise ResultError(QCoreApplication.translate("BatchJoin", text).format(path=target, reason=writer.errorMessage()))
