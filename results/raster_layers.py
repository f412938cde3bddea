"""Raster layers. Main thread only; the files and links were inspected by a worker before."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional, Tuple

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsDateTimeRange, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication, QDateTime, Qt

from ..jobs.job import Job
from .dates import time_range
from .errors import ResultError
from .facts import style_of
from .raster_styles import renderer_for
from .rasters import RasterFacts

Range = Tuple[dt.datetime, dt.datetime]


def raster_layer(facts: RasterFacts, style: str, name: str, when: Optional[Range] = None) -> QgsRasterLayer:
    """A styled layer that is not in the project yet, with a fixed range of time where one is known. Raises ResultError."""
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    options.skipCrsValidation = True  # a question nobody asked for; the facts warn of it
    layer = QgsRasterLayer(facts.source, name, "gdal", options)
    if not layer.isValid():
        raise ResultError(_tr("QGIS cannot open the raster {name}. Fetch the result again.").format(name=name))
    _dress(layer, facts, style, when)
    _describe(layer, facts)
    return layer


def dress_result(layer: QgsRasterLayer, facts: RasterFacts, job: Job) -> None:
    """Style and time of a job's result, for a layer that was made elsewhere."""
    _dress(layer, facts, style_of(job), time_range(job.request.get("values") or {}))


def _dress(layer: QgsRasterLayer, facts: RasterFacts, style: str, when: Optional[Range]) -> None:
    renderer = renderer_for(layer.dataProvider(), facts, style)
    if renderer is not None:
        layer.setRenderer(renderer)
    if when is not None:
        fix_time(layer, when)


def fix_time(layer: QgsRasterLayer, when: Range) -> None:
    """Give a layer the range of time that its scenes are from."""
    properties: Any = layer.temporalProperties()
    properties.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    properties.setFixedTemporalRange(QgsDateTimeRange(_qt_time(when[0]), _qt_time(when[1])))
    properties.setIsActive(True)


def _describe(layer: QgsRasterLayer, facts: RasterFacts) -> None:
    metadata = layer.metadata()
    metadata.setType("dataset")
    metadata.setTitle(layer.name())
    metadata.setAbstract(" ".join(facts.warnings))
    metadata.setCrs(QgsCoordinateReferenceSystem(layer.crs()))
    layer.setMetadata(metadata)


def _qt_time(moment: dt.datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000), Qt.TimeSpec.UTC)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RasterLayers", text)
