"""Results into the project when a dialog asked for them: style, time and description as from the dock."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, List, Mapping, Sequence

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..jobs.job import Job
from ..results.facts import style_of
from ..results.grouping import JOB_PROPERTY
from ..results.layers import CHARTS_PROPERTY, layer_name
from ..results.prepare import Prepared
from ..results.provenance import date, document
from ..results.raster_layers import dress_result
from ..results.styling import style_path
from ..results.symbols import load_style

# Processing keeps no reference to them, so the newest are kept here
_waiting: Deque[Dress] = deque(maxlen=500)


class Dress(QgsProcessingLayerPostProcessorInterface):
    """Called on the main thread with the loaded layer."""

    def __init__(self, job: Job, made: Prepared) -> None:
        super().__init__()
        self._job = job
        self._made = made

    def postProcessLayer(self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        if isinstance(layer, QgsRasterLayer) and self._made.raster is not None:
            dress_result(layer, self._made.raster, self._job)
            layer.setName(layer_name(self._job, self._made))
            layer.setCustomProperty(JOB_PROPERTY, self._job.id)
            document(layer, self._job, self._made)
            layer.triggerRepaint()
        elif isinstance(layer, QgsVectorLayer):
            load_style(layer, style_path(style_of(self._job)))
            layer.setName(layer_name(self._job, self._made))
            layer.setCustomProperty(JOB_PROPERTY, self._job.id)
            layer.setCustomProperty(CHARTS_PROPERTY, self._made.charts)
            date(layer, self._job)
            document(layer, self._job, self._made)
            layer.triggerRepaint()


def load_on_completion(jobs: Sequence[Job], made: Mapping[str, Sequence[Prepared]], context: QgsProcessingContext) -> None:
    """Name the layers that the dialog shall load. Other ways of running load nothing."""
    named = set()
    for job in jobs:
        prepared: Dict[str, List[Prepared]] = {}
        for item in made.get(job.id, ()):
            prepared.setdefault(str(item.path), []).append(item)
        for path in job.layers:
            if path in named:  # tiles share one
                continue
            named.add(path)
            if path not in prepared:
                context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails(job.title, context.project(), ""))
            for item in prepared.get(path, ()):
                details = QgsProcessingContext.LayerDetails(layer_name(job, item), context.project(), "")
                dress = Dress(job, item)
                _waiting.append(dress)
                details.setPostProcessor(dress)
                context.addLayerToLoadOnCompletion(f"{path}|layername={item.layer}" if item.layer else path, details)
