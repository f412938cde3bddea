"""One group a job, at the top of the layer tree.

The groups are not kept inside one group of ours: a new result is what a person wants to see, it goes on top like any added layer, and
where it is moved to afterwards is the project's own order.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.job import Job
from .dates import dates_in_words
from .errors import ResultError
from .facts import table_of
from .tables import GENERIC

JOB_PROPERTY = "groundtrack/job"


def subject_of(job: Job) -> str:
    """What a result is called: “Ships”."""
    spec = table_of(job)
    return spec.title if spec is not GENERIC else job.title or spec.title


def group_name(job: Job) -> str:
    """“Ships · 2026-11-18 · Port”: the task, the days, the account."""
    return " · ".join(part for part in (subject_of(job), dates_in_words(job.request.get("values") or {}), job.account) if part)


def put_in_group(project: QgsProject, layer: QgsMapLayer, job: Job) -> None:
    """Add a layer to the project, inside its job's group. Raises ResultError."""
    if project.addMapLayer(layer, False) is None:
        raise ResultError(QCoreApplication.translate("Grouping", "QGIS did not take the layer into the project. Load the result again."))
    group = find_group(project, job.id)
    if group is not None:
        group.addLayer(layer)
        return
    group = QgsLayerTreeGroup(group_name(job))
    group.setCustomProperty(JOB_PROPERTY, job.id)
    group.addLayer(layer)
    project.layerTreeRoot().insertChildNode(0, group)
    for expanded in (False, True):  # the layer panel shows a new group closed, whatever it says, until it changes
        group.setExpanded(expanded)


def find_group(project: QgsProject, identity: str) -> Optional[QgsLayerTreeGroup]:
    """The group of a job, wherever it was moved to."""
    groups = project.layerTreeRoot().findGroups(True)
    return next((group for group in groups if group.customProperty(JOB_PROPERTY) == identity), None)
