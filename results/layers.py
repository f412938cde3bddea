"""Layers of a job in the project. Main thread only; the files were opened by a worker before."""

from __future__ import annotations

import logging
import re
from typing import List, Tuple

from qgis.core import QgsDataProvider, QgsMapLayer, QgsMapLayerStyle, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.group import PART
from ..jobs.job import Job
from .dates import about, range_of
from .errors import ResultError
from .facts import style_of
from .grouping import JOB_PROPERTY, put_in_group
from .prepare import Prepared
from .provenance import date, document
from .raster_layers import raster_layer
from .rasters import RasterFacts
from .remote import is_remote
from .styling import style_path
from .symbols import load_style

CHARTS_PROPERTY = "groundtrack/charts"
LINK_PROPERTY = "groundtrack/link"  # of a layer: the name of the file that it reads over its link

_SERIES = re.compile(r"\d{4}-\d\d-\d\d")  # how the members of a series begin

log = logging.getLogger("groundtrack")


def layers_of(project: QgsProject, identity: str) -> Tuple[QgsMapLayer, ...]:
    """A job's layers in a project."""
    return tuple(layer for layer in project.mapLayers().values() if layer.customProperty(JOB_PROPERTY) == identity)


def let_go(project: QgsProject, identity: str) -> Tuple[QgsMapLayer, ...]:
    """A job's layers, which are nobody's from now on: what the job brings next is loaded beside them."""
    found = layers_of(project, identity)
    for layer in found:
        layer.removeCustomProperty(JOB_PROPERTY)
    return found


def make_layer(job: Job, made: Prepared) -> QgsMapLayer:
    """A styled, dated, documented layer that is not in the project yet. Raises ResultError."""
    return _make_vector(job, made) if made.raster is None else _make_raster(job, made, made.raster)


def _make_raster(job: Job, made: Prepared, facts: RasterFacts) -> QgsMapLayer:
    layer = raster_layer(facts, style_of(job), layer_name(job, made), range_of(job))
    layer.setCustomProperty(JOB_PROPERTY, job.id)
    if is_remote(facts.source):
        layer.setCustomProperty(LINK_PROPERTY, made.path.name)
    document(layer, job, made)
    return layer


def relink(layer: QgsMapLayer, made: Prepared) -> None:
    """Let a layer read its file over a fresh link; style, name and place stay. Raises ResultError."""
    if made.raster is not None and layer.customProperty(LINK_PROPERTY) == made.path.name and not reopen(layer, made.raster.source):
        raise ResultError(_tr("QGIS cannot open {name} over its new link. Try again later.").format(name=made.path.name))


def reopen(layer: QgsMapLayer, source: str) -> bool:
    """Let a raster layer read from a source, be it the same; style, name and place stay. Whether that went well."""
    style = QgsMapLayerStyle()
    if layer.isValid():
        style.readFromLayer(layer)
    layer.setDataSource(source, layer.name(), "gdal", QgsDataProvider.ProviderOptions())
    if layer.isValid():
        if style.isValid():
            style.writeToLayer(layer)
        layer.triggerRepaint()
    return bool(layer.isValid())


def _make_vector(job: Job, made: Prepared) -> QgsVectorLayer:
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsVectorLayer(f"{made.path}|layername={made.layer}", layer_name(job, made), "ogr", options)
    if not layer.isValid():
        raise ResultError(_tr("QGIS cannot open the layer’s file {path}. Load the result again.").format(path=made.path))
    # first, because a style may carry properties and a time of its own
    reason, styled = load_style(layer, style_path(style_of(job)))
    if not styled:
        log.warning("the style of %s was not taken: %s", job.operation, reason)
    layer.setCustomProperty(JOB_PROPERTY, job.id)
    layer.setCustomProperty(CHARTS_PROPERTY, made.charts)
    date(layer, job)
    document(layer, job, made)
    return layer


def add_layer(project: QgsProject, layer: QgsMapLayer, job: Job) -> None:
    """Put a made layer into the project, which then counts as changed."""
    put_in_group(project, layer, job)
    project.setDirty(True)


def layer_name(job: Job, made: Prepared) -> str:
    """“Ships 2026-11-18 (37)”; without a number for rasters. That of a feature of a batch begins with its id: “Harbour 3 · Ships …”."""
    subject = " ".join(part for part in (made.title, about(job.request.get("values") or {})) if part)
    name = subject if made.raster else f"{subject} ({count_in_words(made)})"
    return " · ".join([*_feature(job), name])


def _feature(job: Job) -> List[str]:
    """The feature that a result is of; none for a member of a series, whose date is in the name anyway."""
    if not job.member or _SERIES.match(job.member):
        return []
    return [job.member.replace(PART, "–")]


def count_in_words(made: Prepared) -> str:
    """“37”, “7 of 2,409”, “none found”."""
    if not made.features:
        return _tr("none found")
    if made.matched < made.features:
        return _tr("{some} of {all}").format(some=f"{made.matched:,}", all=f"{made.features:,}")
    return f"{made.features:,}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Layers", text)
