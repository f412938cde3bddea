"""Projects of Mapflow: made, renamed, deleted. What is in one goes with it."""

from __future__ import annotations

from contextlib import suppress
from typing import Dict, Optional
from urllib.parse import quote

from . import errors
from .mapflow_calls import MapflowCalls


class MapflowProjects(MapflowCalls):
    """The part of the provider that changes projects. None of these calls is repeated by itself."""

    def create_project(self, name: str, description: str = "") -> None:
        self._change_projects("POST", "/projects", _told(name, description))

    def change_project(self, project_id: str, name: str, description: str = "") -> None:
        self._change_projects("PUT", _path(project_id), {"name": name, "description": description})

    def delete_project(self, project_id: str) -> None:
        with suppress(errors.NotFound):  # it is gone already
            self._change_projects("DELETE", _path(project_id))

    def _change_projects(self, method: str, path: str, body: Optional[Dict[str, str]] = None) -> None:
        try:
            self.tell(method, path, body=body)
        finally:
            self.forget_projects()  # also after a lost answer


def _told(name: str, description: str) -> Dict[str, str]:
    return {"name": name, **({"description": description} if description else {})}


def _path(project_id: str) -> str:
    return f"/projects/{quote(project_id, safe='')}"
