"""What is done to jobs of the journal before or instead of following them."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import List, Optional, Sequence

from ..jobs.job import Job, State
from ..jobs.journal import Journal
from ..jobs.steps import Steps, looks_made
from ..providers.base import Provider
from .outcome import RunFailed, pick_up
from .texts import tr

_HERE = (State.FETCHED, State.LOADED)
_RUNNING = (State.QUEUED, State.RUNNING)


class Manage:
    """Leases are taken for the moment only; a job that another process holds is left alone."""

    def __init__(self, journal: Journal, steps: Steps, provider: Provider) -> None:
        self._journal = journal
        self._steps = steps
        self._provider = provider

    def awakened(self, jobs: Sequence[Job]) -> List[Job]:
        """The jobs, those that ended without a result to be looked at once more: what hindered them may be mended."""
        return [self._awake(job) for job in jobs]

    def placed(self, jobs: Sequence[Job], folder: Optional[Path]) -> List[Job]:
        """The jobs with a new folder, where one is given. What was fetched into another is copied, else fetched again."""
        return list(jobs) if folder is None else [self._moved(job, folder / folder_name(job)) for job in jobs]

    def finished(self, jobs: Sequence[Job]) -> List[Job]:
        """The jobs, looked at once where they still run. Raises RunFailed when one is not finished."""
        return [self._looked_at(job) for job in jobs]

    def cancelled(self, jobs: Sequence[Job]) -> List[Job]:
        """Have the service cancel. Raises RunFailed or a ServiceProblem when it cannot; the job then goes on."""
        return [self._cancelled(job) for job in jobs]

    def _awake(self, job: Job) -> Job:
        again = job.looked_at_again
        if not job.state.failed or again is job.state or not self._journal.hold(job.id):
            return job
        return self._journal.change(job.id, back=True, state=again, tries=looks_made(job), warning="")

    def _moved(self, job: Job, folder: Path) -> Job:
        if job.folder == str(folder) or not self._journal.hold(job.id):
            return job
        if job.state not in _HERE:
            return self._journal.change(job.id, folder=str(folder))
        if not _all_here(job):
            return self._journal.change(job.id, back=True, state=State.SUCCEEDED, folder=str(folder), layers=())
        folder.mkdir(parents=True, exist_ok=True)
        copies = tuple(str(shutil.copy2(name, folder)) for name in job.files)
        return self._journal.change(job.id, folder=str(folder), files=copies, layers=())

    def _looked_at(self, job: Job) -> Job:
        if job.state in _RUNNING and self._journal.hold(job.id):
            job = self._asked(job)
        if job.state in _HERE and not _all_here(job) and self._journal.hold(job.id):
            job = self._journal.change(job.id, back=True, state=State.SUCCEEDED, tries=0)
        if job.state.followed and job.state not in (State.SUCCEEDED, State.FETCHING):
            self._journal.release([job.id])
            raise RunFailed(tr("The job is not finished ({}). {}").format(job.state.value, pick_up([job])))
        return job

    def _cancelled(self, job: Job) -> Job:
        held = self._journal.hold(job.id)
        try:
            if job.state is State.DRAFT and held:
                text = tr("Cancelled before it was sent; nothing was charged.")
                return self._journal.change(job.id, state=State.CANCELLED, message=text, finished_at=time.time())
            if job.state not in _RUNNING:
                raise RunFailed(tr("The job cannot be cancelled any more: it is {}.").format(job.state.value.replace("_", " ")))
            self._provider.stop(job.handle)
            return self._asked(job) if held else self._journal.get(job.id)
        finally:
            self._journal.release([job.id])

    def _asked(self, job: Job) -> Job:
        steps = self._steps.poll([job], self._provider)
        return steps[0].job if steps else job


def folder_name(job: Job) -> str:
    """A folder for each job, so that files of several never collide."""
    return f"{job.provider}_{job.operation}_{job.id[:8]}"


def _all_here(job: Job) -> bool:
    return bool(job.files) and all(Path(name).exists() for name in job.files)
