"""What is worth a note about a large batch: that it is through, or stands still; not each of its jobs."""

from __future__ import annotations

from typing import Dict

from ..jobs.group import BATCH, standing
from ..jobs.job import Job
from ..results.loader import MOST_LAYERS
from .batch_words import hold_words, over_words
from .session import Session
from .words import translate


class BatchNews:
    """Remembers what was told of each batch."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: Dict[str, str] = {}

    def covers(self, job: Job) -> bool:
        """Whether the job is one of so many that nobody wants to hear of each."""
        group = self._session.groups.get(job.group)
        if group is None or group.kind != BATCH:
            return False
        return sum(other.group == job.group for other in self._session.jobs.values()) > MOST_LAYERS

    def news_of(self, job: Job) -> str:
        """A sentence when something new is to be told of the batch, else ""."""
        group = self._session.groups[job.group]
        shown = standing(group, self._session.jobs.values())
        text = over_words(group, shown) if shown.over else ""
        held = "" if shown.at_work or (group.paused and not group.note) else hold_words(group, shown)
        if held:
            text = translate("Groundtrack", "“{title}” stands still. {reason}").format(title=group.title, reason=held)
        if text == self._told.get(group.id):
            return ""
        self._told[group.id] = text
        return text

    def is_well(self, job: Job) -> bool:
        """Whether the batch went without a failure so far, and goes on."""
        group = self._session.groups[job.group]
        shown = standing(group, self._session.jobs.values())
        return shown.over and not shown.failed and not shown.unknown
