"""From a job, or the layer that came of it, to the same for other days."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QWidget

from ..jobs.job import Job
from ..presets.dates import today_utc
from ..presets.periods import dated_fields, is_member, period_of
from ..providers.operation import Request
from ..results.facts import operation_of
from ..results.grouping import JOB_PROPERTY, adopt_group, subject_of
from ..results.layers import layers_of
from ..results.provenance import date
from ..results.tiles import tiles_of
from .series_dialog import Order, SeriesDialog, is_dated
from .session import Session
from .words import translate


def can_repeat(job: Job) -> bool:
    """Whether a job asks for days that can be others."""
    return is_dated(operation_of(job), Request(job.operation, job.request.get("values") or {}))


def job_of_layer(session: Session, layer: Optional[QgsMapLayer]) -> Optional[Job]:
    """The job that a layer came of, None when it is not known here."""
    return session.jobs.get(str(layer.customProperty(JOB_PROPERTY) or "")) if layer is not None else None


def repeat_dialog(session: Session, job: Job, parent: QWidget) -> Optional[SeriesDialog]:
    """The dialog that repeats a job with new dates; once it ran, the job is the first of its series. None without account or dates."""
    order = _order(session, job)
    if order is None:
        return None
    dialog = SeriesDialog(session, order, parent)
    dialog.ran.connect(lambda jobs: _begin_series(session, job, jobs[0]))
    return dialog


def no_account(job: Job) -> str:
    """The sentence about a job whose account is missing."""
    text = translate("Groundtrack", "The account “{}” of this job is not here. Add it, then repeat the job.")
    return text.format(job.account)


def _order(session: Session, job: Job) -> Optional[Order]:
    info, operation = session.store.find(job.account_key), operation_of(job)
    if info is None or operation is None or not can_repeat(job):
        return None
    tiles = tiles_of(job, session.jobs.values()) or (job,)
    requests = tuple(replace(tile.asked(), tag="") for tile in tiles)
    if is_member(job.member):
        return Order(info, operation, requests, job.group, job.group_title)
    title = " · ".join(part for part in (subject_of(job), job.account) if part)
    return Order(info, operation, requests, f"series-{uuid.uuid4().hex}", title)


def _begin_series(session: Session, job: Job, other: Job) -> None:
    """Let the job that was repeated be a member of the series too, unless it belongs to another group."""
    known = session.jobs.get(job.id)
    operation = operation_of(job)
    if known is None or known.group or operation is None:
        return
    values = known.request.get("values") or {}
    member = str(period_of(dated_fields(operation.fields, values), values, today_utc()))
    for tile in tiles_of(known, session.jobs.values()) or (known,):
        joined = {"group": other.group, "group_title": other.group_title, "member": member}
        session.poller.note(tile.id, **joined)
        changed = tile.changed(**joined)
        adopt_group(QgsProject.instance(), changed)
        for layer in layers_of(QgsProject.instance(), tile.id):
            if isinstance(layer, QgsVectorLayer):
                date(layer, changed)
