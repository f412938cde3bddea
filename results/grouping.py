"""Groups at the top of the layer tree: one a job, or one for all jobs that belong together, in the order of what tells them apart.

The groups are not kept inside one group of ours: a new result is what a person wants to see, it goes on top like any added layer, and
where it is moved to afterwards is the project's own order.
"""

from __future__ import annotations

from itertools import count
from typing import Optional

from qgis.core import (
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsLayerTreeNode,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.job import Job
from .dates import about
from .errors import ResultError
from .facts import table_of
from .tables import GENERIC

JOB_PROPERTY = "groundtrack/job"
GROUP_PROPERTY = "groundtrack/group"
MEMBER_PROPERTY = "groundtrack/member"
LONGEST_LEGEND = 20  # classes that are listed below a layer without being asked for


def subject_of(job: Job) -> str:
    """What a result is called: “Ships”."""
    spec = table_of(job)
    return spec.title if spec is not GENERIC else job.title or spec.title


def group_name(job: Job) -> str:
    """“Ships · 2026-11-18 · Port”: the task, the days, the account; or the name of what the job belongs to."""
    if job.group:
        return job.group_title or subject_of(job)
    return " · ".join(part for part in (subject_of(job), about(job.request.get("values") or {}), job.account) if part)


def put_in_group(project: QgsProject, layer: QgsMapLayer, job: Job) -> None:
    """Add a layer to the project, inside its job's group. Raises ResultError."""
    if project.addMapLayer(layer, False) is None:
        raise ResultError(QCoreApplication.translate("Grouping", "QGIS did not take the layer into the project. Load the result again."))
    layer.setCustomProperty(MEMBER_PROPERTY, job.member)
    group = find_group(project, job)
    new = group is None
    group = group or _new_group(project, job)
    layer.setName(layer.name() + _run_of(group, job))
    node = QgsLayerTreeLayer(layer)
    node.setExpanded(not _is_long(layer))
    _place(group, node)
    if new:
        project.layerTreeRoot().insertChildNode(0, group)
        for expanded in (False, True):  # the layer panel shows a new group closed, whatever it says, until it changes
            group.setExpanded(expanded)


def find_group(project: QgsProject, job: Job) -> Optional[QgsLayerTreeGroup]:
    """The group of a job, or of what it belongs to, wherever it was moved to."""
    wanted, value = (GROUP_PROPERTY, job.group) if job.group else (JOB_PROPERTY, job.id)
    groups = project.layerTreeRoot().findGroups(True)
    return next((group for group in groups if group.customProperty(wanted) == value), None)


def adopt_group(project: QgsProject, job: Job) -> None:
    """Let the group that a job has of its own become that of the series which the job now is the beginning of."""
    groups = project.layerTreeRoot().findGroups(True)
    own = next((group for group in groups if group.customProperty(JOB_PROPERTY) == job.id), None)
    if own is None or find_group(project, job) is not None:
        return
    own.removeCustomProperty(JOB_PROPERTY)
    own.setCustomProperty(GROUP_PROPERTY, job.group)
    own.setName(_free_name(project, group_name(job)))
    for node in own.findLayers():
        if node.layer() is not None and node.layer().customProperty(JOB_PROPERTY) == job.id:
            node.layer().setCustomProperty(MEMBER_PROPERTY, job.member)
    project.setDirty(True)


def _new_group(project: QgsProject, job: Job) -> QgsLayerTreeGroup:
    group = QgsLayerTreeGroup(_free_name(project, group_name(job)))
    if job.group:
        group.setCustomProperty(GROUP_PROPERTY, job.group)
    else:
        group.setCustomProperty(JOB_PROPERTY, job.id)
    return group


def _is_long(layer: QgsMapLayer) -> bool:
    """Whether the legend would fill the layer panel."""
    renderer = layer.renderer() if isinstance(layer, QgsRasterLayer) else None
    return isinstance(renderer, QgsPalettedRasterRenderer) and len(renderer.classes()) > LONGEST_LEGEND


def _place(group: QgsLayerTreeGroup, node: QgsLayerTreeLayer) -> None:
    """Put a layer among the others: the latest member on top, the layers of one member as they come."""
    member = _member(node)
    if not member:
        group.addChildNode(node)
        return
    later = [index for index, child in enumerate(group.children()) if _member(child) >= member]
    group.insertChildNode(later[-1] + 1 if later else 0, node)


def _member(node: QgsLayerTreeNode) -> str:
    layer = node.layer() if isinstance(node, QgsLayerTreeLayer) else None
    return str(layer.customProperty(MEMBER_PROPERTY) or "") if layer is not None else ""


def _free_name(project: QgsProject, name: str) -> str:
    """The name, with “ – 2” and so on when another group has it."""
    taken = {group.name() for group in project.layerTreeRoot().findGroups(True)}
    runs = (f"{name} – {run}" if run > 1 else name for run in count(1))
    return next(free for free in runs if free not in taken)


def _run_of(group: QgsLayerTreeGroup, job: Job) -> str:
    """What tells a repeated run's group, and its layers, from those of the run before; "" for the first, or one that was renamed."""
    name, first = group.name(), group_name(job)
    return name[len(first) :] if not job.group and name.startswith(f"{first} – ") else ""
