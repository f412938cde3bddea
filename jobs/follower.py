"""Planning: which job takes its next step when, and what each step led to.

Everything here runs on one planning thread and never blocks; steps are handed to workers, whose outcome comes back as a command. The
journal says which jobs there are, and leases in it keep two QGIS instances apart.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from ..providers.base import Account, Can, Provider
from ..providers.cancel import Cancel
from ..providers.errors import AuthError, ServiceProblem
from .job import Job, State
from .journal import LEASE, Journal
from .schedule import Schedule
from .steps import Step, Steps
from .workers import Workers

BATCH = 0.1  # s between two batches of snapshots
WATCH = 3.0  # s between two looks for changes by other processes
ROUND = 5.0  # s between two status rounds of one account
CROWDED = 1.0  # s until a draft looks for a free slot again
DOWNLOADS = 2

log = logging.getLogger("groundtrack")

Connect = Callable[[Account, Cancel], Provider]
Command = Callable[[], None]


@dataclass(frozen=True)
class Outlets:
    """Where news goes: snapshots, forgotten ids, and a sentence for each account that waits for its person."""

    changed: Callable[[Tuple[Job, ...]], None]
    forgotten: Callable[[Tuple[str, ...]], None]
    stuck: Callable[[Dict[str, str]], None]


class Follower:
    """Follows the jobs of one journal. `wake` is called whenever a command is waiting."""

    def __init__(
        self, journal: Journal, connect: Connect, folder: Callable[[Job], Path], workers: Workers, outlets: Outlets,
        wake: Callable[[], None], cancel: Cancel, pace: float = 1.0,
    ) -> None:  # fmt: skip
        self.journal = journal
        self._connect_to = connect
        self._folder = folder
        self._workers = workers
        self._outlets = outlets
        self._wake = wake
        self._cancel = cancel
        self._pace = pace
        self._steps = Steps(journal, pace=pace)
        self._commands: Deque[Command] = deque()
        self._schedule = Schedule()
        self._jobs: Dict[str, Job] = {}
        self._busy: Set[str] = set()
        self._resting: Set[str] = set()  # given up until a person asks
        self._downloads: Dict[str, Cancel] = {}
        self._accounts: Dict[str, Account] = {}
        self._providers: Dict[str, Provider] = {}
        self._stuck: Dict[str, str] = {}
        self._told_stuck: Dict[str, str] = {}
        self._rounds: Dict[str, float] = {}
        self._fresh: Dict[str, Job] = {}
        self._last_batch = self._next_watch = self._next_beat = 0.0
        self._version = -1

    # Called from any thread --------------------------------------------------------------------------------------------------------

    def post(self, command: Command) -> None:
        """Have the planning thread run `command`."""
        self._commands.append(command)
        self._wake()

    def stop_downloads(self) -> None:
        """Break off what is being fetched; the parts stay."""
        for cancel in list(self._downloads.values()):
            cancel.set()

    # Commands ----------------------------------------------------------------------------------------------------------------------

    def take_accounts(self, accounts: Mapping[str, Account]) -> None:
        """The accounts that may be used. A changed account gets another chance."""
        for key in {*accounts, *self._accounts}:
            if accounts.get(key) != self._accounts.get(key):
                self._providers.pop(key, None)
                self._stuck.pop(key, None)
                self._resting -= {job.id for job in self._jobs.values() if job.account_key == key}
        self._accounts = dict(accounts)
        self._next_beat = 0.0
        self._tell_stuck()

    def resume(self, key: str) -> None:
        """Try an account again that was not accepted."""
        self._stuck.pop(key, None)
        self._next_beat = 0.0
        self._tell_stuck()

    def add(self, jobs: Sequence[Job]) -> None:
        """Write drafts down, then send them as slots become free."""
        for job in jobs:
            self._learn(self.journal.add(job))
            self._plan(job)

    def check_now(self, identity: str) -> None:
        """Take the next step of a job at once, also of one that had been given up."""
        job = self._jobs.get(identity)
        if job is None or identity in self._busy or not self.journal.hold(identity):
            return
        again = {State.CANNOT_READ: State.SUCCEEDED, State.UNRESOLVED: State.RUNNING, State.LOST: State.RUNNING, State.FETCHED: State.SUCCEEDED}
        job = self.journal.change(identity, back=True, state=again.get(job.state, job.state), tries=0, warning="")
        self._learn(job)
        self._resting.discard(identity)
        self._rounds.pop(job.account_key, None)
        self._plan(job, 0.0)

    def cancel_job(self, identity: str) -> None:
        """Drop a draft, break off a download, or ask the service to cancel where it can; else only stop following."""
        job = self._jobs.get(identity)
        if job is None:
            return
        if identity in self._downloads:
            self._downloads[identity].set()
            self._schedule.drop(identity)
        elif identity in self._busy:
            return
        elif job.state is State.DRAFT:
            self._finish_cancel(job, "Cancelled before it was sent; nothing was charged.")
        elif job.remote_id and Can.CANCEL in self._can(job):
            self.call_job(identity, lambda provider, known: provider.stop(known.handle))
        else:
            self._finish_cancel(job, "No longer followed here. The service cannot cancel: the job goes on there and may be charged.")

    def call_job(self, identity: str, call: Callable[[Provider, Job], None]) -> None:
        """Let a worker do something with a job at its service, then look at the job again."""
        job = self._jobs.get(identity)
        provider = self._provider(job) if job else None
        if job is None or provider is None or identity in self._busy:
            return
        known = provider

        def steps() -> List[Step]:
            call(known, job)
            return [Step(self.journal.get(job.id), 0.0)]

        self._do([job], steps)

    def forget(self, identity: str) -> None:
        """Remove a job here; the service's own record and the files stay."""
        if identity in self._downloads:
            self._downloads[identity].set()
        self.journal.forget(identity)
        self._drop(identity)
        self._outlets.forgotten((identity,))

    def note(self, identity: str, changes: Mapping[str, Any]) -> None:
        """Write a change of the application's own."""
        if identity in self._jobs:
            self._learn(self.journal.change(identity, **changes))

    # Planning ----------------------------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Do all that is due now."""
        while self._commands:
            self._obey(self._commands.popleft())
        now = time.monotonic()
        if now >= self._next_watch:
            self._watch()
        if now >= self._next_beat:
            self._beat()
        self._start_due(now)
        self._send_batch(now)

    def rest(self) -> float:
        """Seconds until something is to be done without being woken."""
        now = time.monotonic()
        times = [self._next_watch, self._next_beat, self._schedule.next_time() or now + WATCH]
        if self._fresh:
            times.append(self._last_batch + BATCH)
        return max(0.005, min(times) - now)

    def _obey(self, command: Command) -> None:
        try:
            command()
        except KeyError as error:  # the job was forgotten meanwhile, here or in another QGIS
            log.debug("job %s is no longer in the journal", error)

    def _watch(self) -> None:
        """See what other processes wrote."""
        self._next_watch = time.monotonic() + WATCH
        version = self.journal.version()
        if version == self._version:
            return
        self._version = version
        jobs = {job.id: job for job in self.journal.jobs()}
        gone = tuple(identity for identity in self._jobs if identity not in jobs)
        for identity in gone:
            self._drop(identity)
        if gone:
            self._outlets.forgotten(gone)
        for job in jobs.values():
            if self._jobs.get(job.id) != job and job.id not in self._busy:
                self._learn(job)
        self._next_beat = 0.0

    def _beat(self) -> None:
        """Renew our leases, take those that ran out, and plan jobs that became ours."""
        self._next_beat = time.monotonic() + LEASE / 3
        wanted = [job.id for job in self._jobs.values() if job.state.followed and not (job.state is State.DRAFT and job.origin != "dock")]
        ours = set(self.journal.hold_all(wanted)) if wanted else set()
        for identity in wanted:
            if identity not in ours:
                self._schedule.drop(identity)
            elif identity not in self._schedule and identity not in self._busy and identity not in self._resting:
                self._plan(self._jobs[identity])

    def _plan(self, job: Job, delay: Optional[float] = None) -> None:
        """Set the time of the next step; jobs of accounts that wait for their person are left unplanned."""
        provider = self._provider(job)
        if provider is None:
            self._tell_stuck()
            return
        wait = self._steps.first_delay(job, provider) if delay is None else delay
        if wait is not None:
            self._schedule.set(job.id, time.monotonic() + wait)

    def _start_due(self, now: float) -> None:
        asked: Dict[str, List[Job]] = {}
        for identity in self._schedule.take_due(now):
            job = self._jobs.get(identity)
            provider = self._provider(job) if job else None
            if job is None or provider is None or identity in self._busy:
                continue
            if job.state in (State.QUEUED, State.RUNNING):
                asked.setdefault(job.account_key, []).append(job)
            else:
                self._start_one(job, provider, now)
        for key, jobs in asked.items():
            self._start_round(key, jobs, now)

    def _start_round(self, key: str, jobs: List[Job], now: float) -> None:
        """One question for all due jobs of an account, and not too often."""
        earliest = self._rounds.get(key, 0.0)
        if now < earliest:
            for job in jobs:
                self._schedule.set(job.id, earliest)
            return
        self._rounds[key] = now + ROUND * self._pace
        provider = self._providers[key]
        self._do(jobs, lambda: self._steps.poll(jobs, provider))

    def _start_one(self, job: Job, provider: Provider, now: float) -> None:
        if job.state is State.DRAFT:
            if self._running(job.account_key) >= provider.most_running:
                self._schedule.set(job.id, now + CROWDED * self._pace)
            else:
                self._do([job], lambda: [self._steps.submit(job, provider)])
        elif job.state in (State.SUBMITTING, State.UNCONFIRMED):
            self._do([job], lambda: [self._steps.recover(job, provider)])
        elif len(self._downloads) >= DOWNLOADS:
            self._schedule.set(job.id, now + 0.5)
        else:
            self._fetch(job, provider)

    def _fetch(self, job: Job, provider: Provider) -> None:
        cancel = Cancel()
        self._downloads[job.id] = cancel
        folder = Path(job.folder) if job.folder else self._folder(job)
        self._do([job], lambda: [self._steps.fetch(job, provider, folder, cancel, self._tell)])

    def _running(self, key: str) -> int:
        waiting = {job.id for job in self._jobs.values() if job.account_key == key and job.state.at_work}
        return len(waiting | {i for i in self._busy if self._jobs[i].account_key == key and self._jobs[i].state is State.DRAFT})

    # Between the planning thread and the workers -----------------------------------------------------------------------------------

    def _do(self, jobs: Sequence[Job], steps: Callable[[], List[Step]]) -> None:
        """Let a worker take steps for these jobs, then bring the outcome back to the planning thread."""
        self._busy.update(job.id for job in jobs)

        def task() -> None:
            try:
                taken = steps()
                self.post(lambda: self._done(jobs, taken))
            except Exception as error:  # must not end the worker; it becomes the account's or the job's problem
                problem = error
                self.post(lambda: self._refused(jobs, problem))

        self._workers.do(task)

    def _done(self, jobs: Sequence[Job], taken: List[Step]) -> None:
        self._free(jobs)
        for step in taken:
            self._learn(step.job)
            if step.delay is None:
                self._resting.add(step.job.id)
            else:
                self._plan(step.job, step.delay)

    def _refused(self, jobs: Sequence[Job], error: Exception) -> None:
        """The account is not accepted, or our own fault: the jobs keep their state."""
        self._free(jobs)
        if isinstance(error, AuthError):
            self._stuck[jobs[0].account_key] = str(error)
        for job in jobs:
            text = str(error) if isinstance(error, ServiceProblem) else f"Something went wrong in Groundtrack: {error!r}"
            self._learn(self.journal.change(job.id, warning=text))
            if not isinstance(error, AuthError):
                self._plan(self._jobs[job.id], 60.0 * self._pace)
        self._tell_stuck()

    def _free(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._busy.discard(job.id)
            self._downloads.pop(job.id, None)

    def _tell(self, job: Job) -> None:
        self.post(lambda: self._show(job))

    def _learn(self, job: Job) -> None:
        """Take a snapshot from the journal as the truth and tell it."""
        if not job.state.followed:
            self._schedule.drop(job.id)
        self._jobs[job.id] = job
        self._show(job)

    def _show(self, job: Job) -> None:
        if job.id in self._jobs:
            self._fresh[job.id] = job

    def _drop(self, identity: str) -> None:
        self._schedule.drop(identity)
        self._jobs.pop(identity, None)
        self._fresh.pop(identity, None)

    def _send_batch(self, now: float) -> None:
        if self._fresh and now - self._last_batch >= BATCH:
            self._last_batch = now
            jobs, self._fresh = tuple(self._fresh.values()), {}
            self._outlets.changed(jobs)

    def _finish_cancel(self, job: Job, message: str) -> None:
        self._schedule.drop(job.id)
        self._learn(self.journal.change(job.id, state=State.CANCELLED, message=message, finished_at=time.time()))

    def _can(self, job: Job) -> Can:
        provider = self._provider(job)
        return provider.can if provider else Can.NOTHING

    def _provider(self, job: Optional[Job]) -> Optional[Provider]:
        """The job's service through its account, None while the account cannot be used."""
        if job is None or job.account_key in self._stuck or job.account_key not in self._accounts:
            return None
        key = job.account_key
        if key not in self._providers:
            self._providers[key] = self._connect_to(self._accounts[key], self._cancel)
        return self._providers[key]

    def _tell_stuck(self) -> None:
        """Which accounts hold up jobs: not accepted (with the reason), or not available ("")."""
        waiting = {job.account_key for job in self._jobs.values() if job.state.followed}
        stuck = {key: self._stuck.get(key, "") for key in waiting if key in self._stuck or key not in self._accounts}
        if stuck != self._told_stuck:
            self._told_stuck = stuck
            self._outlets.stuck(stuck)
