"""Where a layer comes from, written into the layer: metadata, notes, time."""

from __future__ import annotations

import datetime as dt
import html
import json
from typing import Any, List, Tuple

from qgis.core import (
    QgsAbstractMetadataBase,
    QgsBox3d,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsLayerMetadata,
    QgsLayerNotesUtils,
    QgsMapLayer,
    QgsVectorLayer,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QCoreApplication, QDateTime, Qt

from ..jobs.job import Job
from .dates import range_of
from .facts import operation_of, plugin_version, provider_of, service_of
from .prepare import Prepared


def document(layer: QgsMapLayer, job: Job, made: Prepared) -> None:
    """Write the job's story into a layer."""
    layer.setMetadata(_metadata(layer, job, made))
    lines = [*facts_of(job), *((_tr("Note"), warning) for warning in made.warnings), *made.notes]
    QgsLayerNotesUtils.setLayerNotes(layer, "".join(f"<p><b>{html.escape(name)}</b> {html.escape(text)}</p>" for name, text in lines))


def date(layer: QgsVectorLayer, job: Job) -> None:
    """Give a layer the fixed range of time its request is about."""
    found = range_of(job)
    if found is None:
        return
    properties: Any = layer.temporalProperties()
    properties.setMode(QgsVectorLayerTemporalProperties.ModeFixedTemporalRange)
    properties.setFixedTemporalRange(QgsDateTimeRange(_qt_time(found[0]), _qt_time(found[1])))
    properties.setIsActive(True)


def facts_of(job: Job) -> List[Tuple[str, str]]:
    """What is known of a job, as names and plain texts; empty ones left out."""
    facts = [
        (_tr("Service"), service_of(job)),
        (_tr("Account"), job.account),
        (_tr("Task"), job.title or job.operation),
        (_tr("Request"), _request_text(job)),
        (_tr("Number at the service"), job.remote_id),
        (_tr("Number here"), job.id),
        (_tr("Cost"), job.cost or (job.estimate and _tr("about {amount} (estimate)").format(amount=job.estimate))),
        (_tr("Sent"), stamp(job.sent_at)),
        (_tr("Finished"), stamp(job.finished_at)),
        (_tr("Software"), f"Groundtrack {plugin_version()}"),
    ]
    return [(name, text) for name, text in facts if text]


def stamp(seconds: float) -> str:
    """Unix seconds as “2026-11-18 09:17 UTC”, "" for 0."""
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""


def _metadata(layer: QgsMapLayer, job: Job, made: Prepared) -> QgsLayerMetadata:
    metadata = QgsLayerMetadata()
    metadata.setIdentifier(job.id)
    metadata.setType("dataset")
    metadata.setTitle(layer.name())
    operation, kind = operation_of(job), provider_of(job)
    metadata.setAbstract(" ".join(part for part in (operation.summary if operation else job.title, *made.warnings) if part))
    metadata.setCrs(layer.crs())
    metadata.setExtent(_extent(job, made))
    for name, text in facts_of(job):
        metadata.addHistoryItem(f"{name}: {text}")
    if kind and kind.website:
        metadata.addLink(QgsAbstractMetadataBase.Link(kind.title, "WWW:LINK", kind.website))
    licence = getattr(kind, "licence", "")
    if licence:
        metadata.setLicenses([licence])
    return metadata


def _extent(job: Job, made: Prepared) -> QgsLayerMetadata.Extent:
    extent = QgsLayerMetadata.Extent()
    if made.extent:
        west, south, east, north = made.extent
        spatial = QgsLayerMetadata.SpatialExtent()
        spatial.extentCrs = QgsCoordinateReferenceSystem("EPSG:4326")
        spatial.bounds = QgsBox3d(west, south, 0, east, north, 0)
        extent.setSpatialExtents([spatial])
    found = range_of(job)
    if found:
        extent.setTemporalExtents([QgsDateTimeRange(_qt_time(found[0]), _qt_time(found[1]))])
    return extent


def _request_text(job: Job) -> str:
    shown = {name: value for name, value in job.request.items() if name != "tag" and value}
    return json.dumps(shown, ensure_ascii=False, default=str)


def _qt_time(moment: dt.datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000), Qt.TimeSpec.UTC)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Provenance", text)
