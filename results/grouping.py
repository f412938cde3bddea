"""One group a job, at the top of the layer tree.

The groups are not kept inside one group of ours: a new result is what a person wants to see, it goes on top like any added layer, and
where it is moved to afterwards is the project's own order.
"""

from __future__ import annotations

from itertools import count
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
        layer.setName(layer.name() + _run_of(group, job))
        group.addLayer(layer)
        return
    group = QgsLayerTreeGroup(_free_name(project, group_name(job)))
    layer.setName(layer.name() + _run_of(group, job))
    group.setCustomProperty(JOB_PROPERTY, job.id)
    group.addLayer(layer)
    project.layerTreeRoot().insertChildNode(0, group)
    for expanded in (False, True):  # the layer panel shows a new group closed, whatever it says, until it changes
        group.setExpanded(expanded)


def _free_name(project: QgsProject, name: str) -> str:
    """The name, with “ – 2” and so on when another job's group has it."""
    taken = {group.name() for group in project.layerTreeRoot().findGroups(True)}
    runs = (f"{name} – {run}" if run > 1 else name for run in count(1))
    return next(free for free in runs if free not in taken)


def _run_of(group: QgsLayerTreeGroup, job: Job) -> str:
    """What tells a repeated run's group, and its layers, from those of the run before; "" for the first, or a group that was renamed."""
    name, first = group.name(), group_name(job)
    return name[len(first) :] if name.startswith(f"{first} – ") else ""


def find_group(project: QgsProject, identity: str) -> Optional[QgsLayerTreeGroup]:
    """The group of a job, wherever it was moved to."""
    groups = project.layerTreeRoot().findGroups(True)
    return next((group for group in groups if group.customProperty(JOB_PROPERTY) == identity), None)
