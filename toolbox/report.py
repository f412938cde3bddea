"""What a run tells while it goes on: one line for each change of a job, progress that never goes back, no secrets."""

from __future__ import annotations

import math
import time
from typing import Dict, Mapping, Protocol, Tuple

from ..jobs.job import Job, State
from ..providers.scrub import Scrub
from .texts import tr

_SHARES = {State.SUBMITTING: 0.02, State.UNCONFIRMED: 0.03, State.QUEUED: 0.05, State.SUCCEEDED: 0.7, State.FETCHED: 0.95}
_RUNNING_FROM, _RUNNING_TO, _FETCHING_TO = 0.1, 0.7, 0.95
_DONE = 1.0


class Feedback(Protocol):
    """What we use of QgsProcessingFeedback."""

    def isCanceled(self) -> bool: ...
    def pushInfo(self, info: str) -> None: ...
    def pushWarning(self, warning: str) -> None: ...
    def setProgress(self, progress: float) -> None: ...
    def setProgressText(self, text: str) -> None: ...


class Report:
    """`labels` say which feature a job stands for, `expected` is the usual run time in s of real waiting."""

    def __init__(self, feedback: Feedback, scrub: Scrub, labels: Mapping[str, str], expected: float) -> None:
        self.feedback = feedback
        self._scrub = scrub
        self._labels = labels
        self._expected = max(expected, 1e-3)
        self._told: Dict[str, Tuple[State, str, str]] = {}
        self._warned: Dict[str, str] = {}
        self._shares: Dict[str, float] = {}
        self._highest = 0.0

    def info(self, text: str) -> None:
        self.feedback.pushInfo(self._scrub(text))

    def warning(self, text: str) -> None:
        self.feedback.pushWarning(self._scrub(text))

    def job(self, job: Job) -> None:
        """One line when the state or the service's own words changed; a warning once."""
        seen = (job.state, job.word, job.message)
        if self._told.get(job.id) != seen:
            self._told[job.id] = seen
            self.feedback.setProgressText(self._scrub(self._line(job)))
        if job.warning and self._warned.get(job.id) != job.warning:
            self.warning(f"{self.name(job)}: {job.warning}")
        self._warned[job.id] = job.warning
        self.share(job, self._share(job))

    def share(self, job: Job, share: float) -> None:
        """How far a job is, 0…1."""
        self._shares[job.id] = share
        count = max(len(self._labels), len(self._shares))
        self._highest = max(self._highest, sum(self._shares.values()) / count)
        self.feedback.setProgress(100 * self._highest)

    def done(self, job: Job) -> None:
        self.share(job, _DONE)

    def name(self, job: Job) -> str:
        label = self._labels.get(job.id, "")
        title = job.title or job.operation
        return f"{title}, {label}" if label else title

    def _line(self, job: Job) -> str:
        parts = [f"{self.name(job)}: {job.state.value.replace('_', ' ')}"]
        if job.state is State.QUEUED and job.remote_id:
            parts.append(tr("the service’s id is {}").format(job.remote_id))
        if job.state in (State.QUEUED, State.RUNNING) and job.word and job.word.lower() != job.state.value:
            parts.append(tr("the service says “{}”").format(job.word))
        # why its only job failed is what a run ends with; among many, it is told when it happens
        said = "" if job.state.failed and len(self._labels) < 2 else job.message
        return "; ".join(parts) + (f". {said}" if said else "")

    def _share(self, job: Job) -> float:
        if job.state is State.RUNNING:
            known = job.progress if job.progress >= 0 else 1 - math.exp(-max(0.0, time.time() - job.sent_at) / self._expected)
            return _RUNNING_FROM + (_RUNNING_TO - _RUNNING_FROM) * min(1.0, known)
        if job.state is State.FETCHING:
            return _RUNNING_TO + (_FETCHING_TO - _RUNNING_TO) * max(0.0, job.progress)
        return _DONE if job.state.failed or job.layers else _SHARES.get(job.state, 0.0)
