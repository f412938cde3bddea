"""What the projects are called that jobs are in at their services. Asked for when somebody wants to know, and once for all."""

from __future__ import annotations

import time
from functools import partial
from typing import Dict, Sequence

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..jobs.job import Job
from ..providers.base import Can, Project
from ..providers.remote import PROJECT
from ..results.facts import can_of
from .session import Session

PATIENCE = 60.0  # s in which an account is not asked again for what it did not tell


class ProjectNames(QObject):
    """One for each session. `changed` follows new names."""

    changed = pyqtSignal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._names: Dict[str, Dict[str, str]] = {}  # by account key and project id
        self._asked: Dict[str, float] = {}
        self._wanted: Dict[str, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    def of(self, job: Job) -> str:
        """The name of the project that the service has the job in; its id while the name is not known, "" without a project."""
        place = job.extra.get(PROJECT, "")
        if not place or Can.PROJECTS not in can_of(job):
            return ""
        known = self._names.get(job.account_key, {}).get(place)
        if known is None and time.monotonic() - self._asked.get(job.account_key, -PATIENCE) >= PATIENCE:
            self._wanted[job.account_key] = None
            if not self._timer.isActive():
                self._timer.start(0)
        return known or place

    def learn(self, account_key: str, projects: Sequence[Project]) -> None:
        """Take over what a service told elsewhere."""
        names = {project.id: project.name for project in projects}
        if names != self._names.get(account_key):
            self._names[account_key] = names
            self.changed.emit()

    def _ask(self) -> None:
        for key in self._wanted:
            self._asked[key] = time.monotonic()
            account = self._session.account(key)
            if account is not None:
                self._session.ask(self, account, lambda provider: provider.projects(), partial(self.learn, key), lambda _: None)
        self._wanted.clear()


def project_names_of(session: Session) -> ProjectNames:
    """The names of a session; made when there are none."""
    return session.findChild(ProjectNames) or ProjectNames(session)
