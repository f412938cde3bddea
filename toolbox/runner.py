"""Follows the jobs of one run to their end, step by step, on the thread that calls.

The steps are those of the dock's poller, over the same journal. Each job is held by a lease of this run; a job that another process
holds (a QGIS that is open) is only watched.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from ..jobs.job import Job, State
from ..jobs.journal import Journal, UnknownJob
from ..jobs.steps import Step, Steps
from ..providers.base import Account, Can, Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, ServiceProblem
from ..results.arriving import read_along
from .failures import failed_for_all
from .report import Report
from .texts import problem_text, tr
from .watch import Watch

GLANCE = 1.0  # s between two looks at a job that another process follows
ROUND = 5.0  # s between two questions for the states of an account's jobs, at least
NEARLY = 0.2  # of an interval: jobs due so soon are asked for together
MOST_LOOKS = 10  # for a job whose submission got no answer
CROWDED = 1.0  # s until a draft looks for a free slot again
FAREWELL = 5.0  # s for the call that asks the service to cancel

_POLLED = (State.QUEUED, State.RUNNING)

Connect = Callable[[Account, Cancel], Provider]


class Runner:
    """`timeout` is in s and counts from `follow`; None waits as long as it takes."""

    def __init__(
        self, journal: Journal, connect: Connect, account: Account, report: Report, folder: Callable[[Job], Path],
        *, timeout: Optional[float] = None, pace: float = 1.0,
    ) -> None:  # fmt: skip
        self.jobs: Dict[str, Job] = {}
        self.problem = ""  # what ended the run for all jobs
        self._journal = journal
        self._connect = connect
        self._account = account
        self._report = report
        self._folder = folder
        self._pace = pace
        self._cancel = Cancel()
        self._provider = connect(account, self._cancel)
        self._steps = Steps(journal, pace=pace)
        self._steps.reads = read_along
        self._due: Dict[str, float] = {}
        self._looks: Dict[str, int] = {}
        self._round = self._interval = 0.0
        self._watch = Watch(journal, self._open_ids, self._cancel, report.feedback.isCanceled, timeout)

    @property
    def stopped(self) -> bool:
        """Whether the person stopped the run."""
        return self._watch.stopped

    @property
    def late(self) -> bool:
        """Whether the wait ended before the jobs did."""
        return self._watch.late

    def follow(self, jobs: Sequence[Job], until: Callable[[Job], bool]) -> None:
        """Take steps until `until` holds for every job, or nothing more can be done. Jobs that go on are left to other processes.

        Never raises for what a service does: `jobs`, `problem`, `stopped` and `late` tell.
        """
        for job in jobs:
            self._learn(Step(job, self._steps.first_delay(job, self._provider)))
        try:
            with self._watch:
                self._go_on(until)
                if self.stopped:
                    self._say_goodbye()
        finally:
            self._journal.release(self.jobs)
            close(self._provider)

    def _go_on(self, until: Callable[[Job], bool]) -> None:
        try:
            while any(not until(self.jobs[identity]) for identity in self._due):
                self._turn()
        except Cancelled:
            return
        except ServiceProblem as problem:  # the account is not accepted: the jobs keep their state
            self.problem = problem_text(problem)

    def _turn(self) -> None:
        self._cancel.wait(min(self._due.values()) - time.monotonic())
        now = time.monotonic()
        asked: List[Job] = []
        for identity in [identity for identity, due in self._due.items() if due <= now]:
            job = self._held(identity)
            if job is None:
                continue
            if job.state in _POLLED:
                asked.append(job)
            elif job.state.followed:
                self._learn(self._one(job))
            else:
                self._learn(Step(job, None))
        if asked:
            self._ask(asked, now)

    def _held(self, identity: str) -> Optional[Job]:
        """The job as the journal has it, when it is ours; else only what another process made of it is told."""
        ours = self._journal.hold(identity)
        try:
            job = self._journal.get(identity)
        except UnknownJob:
            self._due.pop(identity, None)
            self.problem = tr("Job {} was removed from the job list.").format(identity)
            return None
        if ours:
            return job
        self._learn(Step(job, GLANCE * self._pace if job.state.followed else None))
        return None

    def _one(self, job: Job) -> Step:
        """A step that concerns one job."""
        if job.state is State.DRAFT:
            return self._submit(job)
        if job.state in (State.SUBMITTING, State.UNCONFIRMED):
            return self._recover(job)
        return self._steps.fetch(job, self._provider, self._folder(job), self._cancel, self._report.job)

    def _recover(self, job: Job) -> Step:
        """Look for a job that may exist; a run without a window does not look for ever."""
        self._looks[job.id] = self._looks.get(job.id, 0) + 1
        step = self._steps.recover(job, self._provider)
        return step if self._looks[job.id] < MOST_LOOKS else Step(step.job, None)

    def _submit(self, job: Job) -> Step:
        if any(failed_for_all(other) for other in self.jobs.values()):
            text = tr("Not sent, for the account was not accepted.")
            return Step(self._journal.change(job.id, state=State.CANCELLED, message=text), None)
        if sum(other.state.at_work for other in self.jobs.values()) >= self._provider.most_running:
            return Step(job, CROWDED * self._pace)
        self._watch.sending = True
        try:
            return self._steps.submit(job, self._provider)
        finally:
            self._watch.sending = False

    def _ask(self, jobs: List[Job], now: float) -> None:
        """One question for all jobs that are due, or nearly, and not too often."""
        if now < self._round:
            for job in jobs:
                self._due[job.id] = self._round
            return
        soon = now + NEARLY * self._interval
        known = {job.id for job in jobs}
        others = [i for i, due in self._due.items() if i not in known and due <= soon and self.jobs[i].state in _POLLED]
        jobs = jobs + [job for job in map(self._held, others) if job is not None]
        steps = self._steps.poll(jobs, self._provider)
        delays = [step.delay for step in steps if step.delay and step.job.state in _POLLED]
        self._interval = min(delays, default=0.0)
        self._round = time.monotonic() + max(ROUND * self._pace, self._interval * (1 - NEARLY))
        for step in steps:
            self._learn(step)

    def _learn(self, step: Step) -> None:
        """Note where a job stands; without a delay it needs no further step."""
        job = step.job
        self.jobs[job.id] = job
        self._due.pop(job.id, None)
        if step.delay is not None:
            self._due[job.id] = time.monotonic() + step.delay
        self._report.job(job)

    def _open_ids(self) -> List[str]:
        return list(self._due)

    def _say_goodbye(self) -> None:
        """Drop what was not sent, and cancel at the service where it can."""
        for identity in list(self._due):
            job = self._held(identity)
            if job is None:
                continue
            if job.state is State.DRAFT:
                text = tr("Cancelled before it was sent; nothing was charged.")
                self._learn(Step(self._journal.change(identity, state=State.CANCELLED, message=text), None))
            elif job.remote_id and Can.CANCEL in self._provider.can and job.state in _POLLED:
                self._learn(self._stop(job))

    def _stop(self, job: Job) -> Step:
        return stop_job(job, self._connect, self._account, self._steps, self._report)


def close(provider: Provider) -> None:
    """Close this thread's connections to a service."""
    getattr(provider.transport, "close", lambda: None)()


def stop_job(job: Job, connect: Connect, account: Account, steps: Steps, report: Report) -> Step:
    """Ask the service to cancel, look once at what came of it; a service that does not answer is left alone soon."""
    import threading

    cancel = Cancel()
    timer = threading.Timer(FAREWELL, cancel.set)
    timer.daemon = True
    timer.start()
    provider = connect(account, cancel)
    try:
        provider.stop(job.handle)
        return next(iter(steps.poll([job], provider)), Step(job, None))
    except ServiceProblem as problem:
        report.warning(problem_text(problem))
        return Step(job, None)
    finally:
        timer.cancel()
        close(provider)
