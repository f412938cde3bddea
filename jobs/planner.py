"""Planning: which job takes its next step when, and what each step led to.

Everything here runs on one planning thread and never blocks; steps are handed to workers, whose outcome comes back as a command. The
journal says which jobs there are, and leases in it keep two QGIS instances apart.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Deque, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from ..providers.base import Provider
from ..providers.cancel import Cancel
from ..providers.errors import AuthError, ServiceProblem
from .group import Gate, Group
from .job import Job, State
from .journal import LEASE, Journal, JournalError, UnknownJob
from .outbox import Outbox
from .schedule import Schedule
from .services import Services
from .steps import POLLED, Step, Steps
from .workers import Workers

WATCH = 3.0  # s between two looks for changes by other processes
APART = 60.0  # s between two status rounds, at most: jobs due meanwhile are asked for together
NEARLY = 0.05  # of the time between rounds: jobs due so soon after one are asked for as well
UNFORESEEN = 60.0  # s until a step is tried again that failed in a way that nobody thought of
RETRY = 5.0  # s until a journal that could not be used is tried again
DOWNLOADS = 3
SOUGHT = 600.0  # s in which a job that is looked for takes up one of the account's slots: longer than all looks take

log = logging.getLogger("groundtrack")

Command = Callable[[], None]
Take = Callable[[List[Job]], List[Step]]


@dataclass(frozen=True)
class Outlets:
    """Where news goes: snapshots, forgotten ids, a sentence for each account that waits for its person, one about the journal.

    `wake` is called whenever a command is waiting, `groups` with all groups whenever one of them changed.
    """

    changed: Callable[[Tuple[Job, ...]], None]
    forgotten: Callable[[Tuple[str, ...]], None]
    stuck: Callable[[Dict[str, str]], None]
    broken: Callable[[str], None]
    wake: Callable[[], None]
    groups: Callable[[Tuple[Group, ...]], None] = lambda groups: None


class Planner:
    """Takes the steps of the jobs of one journal when they are due."""

    def __init__(
        self, journal: Journal, services: Services, folder: Callable[[Job], Path], workers: Workers, outlets: Outlets, cancel: Cancel,
        pace: float = 1.0,
    ) -> None:  # fmt: skip
        self._journal = journal
        self._services = services
        self._folder = folder
        self._workers = workers
        self._outlets = outlets
        self._cancel = cancel
        self._pace = pace
        self._steps = Steps(journal, pace=pace)
        self._commands: Deque[Command] = deque()
        self._outbox = Outbox(outlets.changed)
        self._jobs: Dict[str, Job] = {}
        self._groups: Dict[str, Group] = {}
        self._schedule = Schedule()
        self._busy: Dict[str, List[Command]] = {}  # handed to a worker; the commands for when it is done
        self._begun: Set[str] = set()  # those that a worker has really begun with
        self._downloads: Dict[str, Cancel] = {}
        self._asking: Set[str] = set()  # accounts with a status round under way
        self._rounds: Dict[str, Tuple[float, float]] = {}  # when an account's next round may begin, and which due times it takes in
        self._crowded: Dict[str, float] = {}  # until when an account sends no draft
        self._told_stuck: Dict[str, str] = {}
        self._next_watch = self._next_beat = 0.0
        self._version = -1

    # Called from any thread --------------------------------------------------------------------------------------------------------

    def post(self, command: Command) -> None:
        """Have the planning thread run `command`."""
        self._commands.append(command)
        self._outlets.wake()

    def stop_downloads(self) -> None:
        """Break off what is being fetched; the parts stay."""
        for cancel in list(self._downloads.values()):
            cancel.set()

    # Planning ----------------------------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Do all that is due now. Raises JournalError; nothing is lost then, the next turn goes on."""
        while self._commands:
            self._obey(self._commands.popleft())
        now = time.monotonic()
        if now >= self._next_watch:
            self._watch()
        if now >= self._next_beat:
            self._beat()
        self._start_due(now)
        self._outbox.send(now)

    def rest(self) -> float:
        """Seconds until something is to be done without being woken."""
        now = time.monotonic()
        times = [self._next_watch, self._next_beat, self._schedule.next_time(), self._outbox.due(), *self._crowded.values()]
        return max(0.005, min(at for at in times if at is not None) - now)

    def end(self) -> None:
        """Write down what was asked for last, then give back the leases of jobs that no worker has begun with."""
        while self._commands:
            self._obey(self._commands.popleft())
        self._journal.release([job.id for job in self._jobs.values() if job.state.followed and job.id not in self._begun])

    def _obey(self, command: Command) -> None:
        try:
            command()
        except UnknownJob as error:  # the job was forgotten meanwhile, here or in another QGIS
            log.debug("job %s is no longer in the journal", error)
        except JournalError:
            self._commands.appendleft(command)
            raise
        except Exception:  # one command must not stop the others
            log.exception("a command failed")

    def _watch(self) -> None:
        """See what other processes, and our own workers, wrote."""
        self._next_watch = time.monotonic() + min(WATCH, max(0.2, WATCH * self._pace))
        version = self._journal.version()
        if version == self._version:
            return
        self._learn_groups()
        for job in self._journal.changed_since(self._version):
            before = self._jobs.get(job.id)
            if before != job:
                self._learn(job)
            if before is not None and before.state is not job.state and self._schedule.rests(job.id):
                self._schedule.drop(job.id)  # somebody went on with it
        gone = tuple(self._jobs.keys() - self._journal.ids())
        for identity in gone:
            self._drop(identity)
        if gone:
            self._outlets.forgotten(gone)
        self._version = version
        self._next_beat = 0.0

    def _beat(self) -> None:
        """Renew our leases, take those that ran out, and plan jobs that became ours."""
        self._next_beat = time.monotonic() + LEASE / 3
        wanted = [job.id for job in self._jobs.values() if self._is_wanted(job)]
        ours = set(self._journal.hold_all(wanted))
        for identity in wanted:
            if identity not in ours:
                self._schedule.drop(identity)
            elif identity not in self._schedule and identity not in self._busy:
                self._plan(self._jobs[identity])
        self._tell_stuck()

    def _is_wanted(self, job: Job) -> bool:
        """A job whose account is not usable here is left to others; a draft of a headless run is that run's to send."""
        return job.state.followed and self._services.usable(job.account_key) and not (job.state is State.DRAFT and job.origin != "dock")

    def _plan(self, job: Job, delay: Optional[float] = None) -> None:
        """Set the time of the next step; jobs of accounts that wait for their person are left unplanned."""
        provider = self._provider(job)
        if provider is None:
            return
        wait = self._steps.first_delay(job, provider) if delay is None else delay
        if wait is not None and job.state.followed:
            self._schedule.set(job.id, time.monotonic() + wait)

    def _start_due(self, now: float) -> None:
        self._crowded = {key: until for key, until in self._crowded.items() if until > now}
        due = self._schedule.take_due(now)
        running = self._running() if due else {}
        gate = Gate(self._groups, self._jobs.values())
        asked: Dict[str, List[Job]] = {}
        for identity in due:
            job = self._jobs.get(identity)
            provider = self._provider(job)
            if job is None or provider is None or identity in self._busy or not job.state.followed:
                continue
            if job.state in POLLED:
                asked.setdefault(job.account_key, []).append(job)
            elif not self._start_one(job, provider, running, gate):
                self._schedule.wait(identity)
        for key, jobs in asked.items():
            self._start_round(key, jobs, now)

    def _start_round(self, key: str, jobs: List[Job], now: float) -> None:
        """One question for all due jobs of an account, those due soon included, and not too often."""
        provider, (earliest, nearly) = self._services.provider(key), self._rounds.get(key, (0.0, 0.0))
        if provider is None or key in self._asking or now < earliest:
            for job in jobs:
                if key in self._asking:
                    self._schedule.wait(job.id)
                else:
                    self._schedule.set(job.id, earliest)
            return
        soon = [self._jobs[identity] for identity in self._schedule.due_by(now + nearly)]
        jobs += [job for job in soon if job.account_key == key and job.state in POLLED and job.id not in self._busy]
        self._asking.add(key)
        known = provider
        taken: List[Step] = []

        def take(fresh: List[Job]) -> List[Step]:
            taken.extend(self._steps.poll(fresh, known))
            return taken

        self._do(jobs, known, take, lambda: self._end_round(key, known.round_seconds * self._pace, taken))

    def _end_round(self, key: str, least: float, taken: List[Step]) -> None:
        """The next round comes after `least` seconds, and so late that the jobs of this one are asked for together again."""
        self._asking.discard(key)
        delays = [step.delay for step in taken if step.delay and step.job.state in POLLED]
        shortest = min([*delays, APART * self._pace]) if delays else 0.0
        self._rounds[key] = time.monotonic() + max(least, shortest * (1 - NEARLY)), shortest * NEARLY * 1.1

    def _start_one(self, job: Job, provider: Provider, running: Dict[str, int], gate: Gate) -> bool:
        """Let a worker take this job's step; False when it has to wait for a free slot, or for its group."""
        key = job.account_key
        if job.state is State.DRAFT:
            if key in self._crowded or running[key] >= provider.most_running or not gate.lets(job):
                return False
            running[key] += 1
            self._do([job], provider, lambda fresh: [self._steps.submit(fresh[0], provider)])
        elif job.state in (State.SUBMITTING, State.UNCONFIRMED):
            if self._is_sending_alike(job):
                return False
            self._do([job], provider, lambda fresh: [self._steps.recover(fresh[0], provider)])
        elif len(self._downloads) >= DOWNLOADS:
            return False
        else:
            self._fetch(job, provider)
        return True

    def _fetch(self, job: Job, provider: Provider) -> None:
        cancel = self._downloads[job.id] = Cancel()
        if self._cancel.is_set():  # `stop_downloads` may have been before us
            cancel.set()
        folder = Path(job.folder) if job.folder else self._folder(job)

        def take(fresh: List[Job]) -> List[Step]:
            return [self._steps.fetch(fresh[0], provider, folder, cancel, self._tell)]

        self._do([job], provider, take, lambda: self._downloads.pop(job.id, None))

    def _sending(self) -> List[Job]:
        """Drafts that are on their way."""
        busy = (self._jobs.get(identity) for identity in self._busy)
        return [job for job in busy if job is not None and job.state is State.DRAFT]

    def _running(self) -> Dict[str, int]:
        """Jobs at work by account. Those that nobody asks for any more count no longer, or drafts would wait for ever."""
        at_work = [job for job in self._jobs.values() if job.state.at_work and not self._schedule.rests(job.id)]
        return Counter(job.account_key for job in at_work + self._sending() if not self._is_long_sought(job))

    def _is_long_sought(self, job: Job) -> bool:
        """Whether a job is looked for so long that it takes up no slot any more, because the service's list cannot be read."""
        return job.state is State.UNCONFIRMED and abs(time.time() - job.sent_at) > SOUGHT * self._pace

    def _is_sending_alike(self, job: Job) -> bool:
        """Whether the same request is on its way again: what turns up at the service then may be that one."""
        return bool(job.fingerprint) and any(other.fingerprint == job.fingerprint for other in self._sending())

    # Between the planning thread and the workers -----------------------------------------------------------------------------------

    def _do(self, jobs: Sequence[Job], provider: Provider, take: Take, after: Callable[[], object] = lambda: None) -> None:
        """Let a worker take steps for those of the jobs that are ours and still stand where they were planned; then `after`."""
        planned = {job.id: job.state for job in jobs}
        for identity in planned:
            self._schedule.drop(identity)
            self._busy.setdefault(identity, [])

        def task() -> None:
            self._begun.update(planned)
            try:
                held = () if self._cancel.is_set() else self._journal.hold_all(planned)
                found = [self._read(identity) for identity in held]
                fresh = [job for job in found if job is not None and job.state is planned[job.id]]
                taken = take(fresh) if fresh else []
                self.post(lambda: self._done(planned, taken, after))
            except Exception as error:  # noqa: BLE001 - it becomes the account's or the job's problem
                problem = error
                self.post(lambda: self._refused(planned, provider, problem, after))
            finally:
                self._begun.difference_update(planned)  # before the look at `cancel`: either `end` gives the leases back, or we do
                if self._cancel.is_set():
                    self._journal.release(planned)

        self._workers.do(task)

    def _read(self, identity: str) -> Optional[Job]:
        try:
            return self._journal.get(identity)
        except UnknownJob:
            return None

    def _done(self, planned: Iterable[str], taken: List[Step], after: Callable[[], object]) -> None:
        delays = {step.job.id: step.delay for step in taken}
        held = {step.job.id for step in taken if step.held}
        if held:
            self._learn_groups()
        for identity in planned:
            job = self._read(identity)
            if job is None:
                self._drop(identity)
                continue
            self._learn(job)
            delay = delays.get(identity)
            if delay is not None:
                self._plan(job, delay)
                if job.state is State.DRAFT and identity not in held:
                    self._crowded[job.account_key] = time.monotonic() + delay
            elif identity in delays and job.state.followed:
                self._schedule.rest(identity)
            elif job.state.followed:  # not ours, or changed meanwhile
                self._next_beat = 0.0
        self._free(planned, after)

    def _refused(self, planned: Iterable[str], provider: Provider, error: Exception, after: Callable[[], object]) -> None:
        """The account is not accepted, the journal cannot be used, or it is our own fault: the jobs keep their state."""
        if isinstance(error, JournalError):
            self._outlets.broken(str(error))
        elif not isinstance(error, (ServiceProblem, UnknownJob)):
            log.warning("a step failed", exc_info=error)
        for identity in planned:
            job = self._read(identity)
            if job is None:
                self._drop(identity)
                continue
            if isinstance(error, AuthError):
                self._services.refuse(job.account_key, provider, str(error))
            if not isinstance(error, (JournalError, UnknownJob)):
                text = str(error) if isinstance(error, ServiceProblem) else f"Something went wrong in Groundtrack: {error!r}"
                job = self._journal.change(identity, warning=text)
            self._learn(job)
            self._plan(job, (RETRY if isinstance(error, JournalError) else UNFORESEEN) * self._pace)
        self._free(planned, after)
        self._tell_stuck()

    def _free(self, planned: Iterable[str], after: Callable[[], object]) -> None:
        after()
        for identity in planned:
            self._commands.extend(self._busy.pop(identity, []))

    def _tell(self, job: Job) -> None:
        """Progress of a download; not worth the journal."""
        self.post(lambda: self._outbox.put(job) if job.id in self._downloads else None)

    def _learn(self, job: Job) -> None:
        """Take a snapshot from the journal as the truth and tell it."""
        self._jobs[job.id] = job
        self._outbox.put(job)
        if not job.state.followed:
            self._schedule.drop(job.id)

    def _learn_groups(self) -> None:
        groups = self._journal.groups()
        if groups != tuple(self._groups.values()):
            self._groups = {group.id: group for group in groups}
            self._outlets.groups(groups)

    def _drop(self, identity: str) -> None:
        self._schedule.drop(identity)
        self._jobs.pop(identity, None)
        self._outbox.drop(identity)

    def _provider(self, job: Optional[Job]) -> Optional[Provider]:
        return self._services.provider(job.account_key) if job else None

    def _tell_stuck(self) -> None:
        """Which accounts hold up jobs."""
        stuck = self._services.stuck({job.account_key for job in self._jobs.values() if job.state.followed})
        if stuck != self._told_stuck:
            self._told_stuck = stuck
            self._outlets.stuck(stuck)
