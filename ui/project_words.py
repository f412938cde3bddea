"""A project of a service in words."""

from __future__ import annotations

from typing import List, Tuple

from qgis.PyQt.QtCore import QLocale

from ..providers.base import Project
from .words import count, plain, translate


def row_words(project: Project) -> List[str]:
    """Name, counts, sharing and day of the last change, as a list shows them."""
    name = project.name or project.id
    shown = translate("Groundtrack", "{} (default)").format(name) if project.is_default else name
    people = count(len(project.people), translate("Groundtrack", "with 1 person"), translate("Groundtrack", "with {} people"))
    shared = translate("Groundtrack", "yours as {}").format(project.role) if _is_foreign(project) else people if project.people else ""
    return [shown, _number(project.succeeded), _number(project.failed), shared, project.changed_at[:10]]


def project_tip(project: Project) -> str:
    """What a row has no room for."""
    lines = [project.name or project.id, project.description]
    lines += [f"{who} – {role}" if role else who for who, role in project.people]
    return "<br>".join(plain(line) for line in lines if line)


def deletion_words(project: Project, here: int) -> Tuple[str, str]:
    """What goes when it is deleted, and the sentence a person has to agree to. `here` counts its jobs in this list of jobs."""
    number = (project.succeeded or 0) + (project.failed or 0)
    jobs = count(number, translate("Groundtrack", "1 finished job"), translate("Groundtrack", "{} finished jobs")) if number else ""
    everything = translate("Groundtrack", "all its jobs")
    what = translate("Groundtrack", "{jobs} and whatever still runs in it").format(jobs=jobs) if jobs else everything
    text = translate("Groundtrack", "Delete the project “{name}” at the service? With it go {what}, and their results. Nobody can undo it.")
    told = [text.format(name=project.name or project.id, what=what)]
    if here:
        one = translate("Groundtrack", "1 of its jobs is in your list: its downloaded files and layers stay here.")
        told.append(count(here, one, translate("Groundtrack", "{} of its jobs are in your list: downloaded files and layers stay here.")))
    if project.people:
        one = translate("Groundtrack", "It is shared with 1 person, who loses it too.")
        told.append(count(len(project.people), one, translate("Groundtrack", "It is shared with {} people, who lose it too.")))
    return " ".join(told), translate("Groundtrack", "Delete the project with its jobs and results")


def _is_foreign(project: Project) -> bool:
    return project.role.lower() not in ("", "owner")


def _number(value: object) -> str:
    return QLocale().toString(value) if isinstance(value, int) else ""
