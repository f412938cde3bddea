"""The main thread's hub: jobs as they are known, accounts, and questions to services that are answered later."""

from __future__ import annotations

import logging
from collections import Counter, deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Deque, Dict, Iterable, Optional, Sequence, Set, Tuple

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..accounts import AccountInfo, AccountStore, of_environment
from ..jobs.found import found_job, whole
from ..jobs.group import Group
from ..jobs.job import Job
from ..jobs.poller import Poller
from ..providers.base import Account, Provider, RemoteJob, Request
from ..providers.cancel import Cancel
from ..providers.connect import Connector
from ..providers.errors import ServiceProblem
from ..providers.transport import Transport
from .job_making import Making

SLICE = 100  # jobs whose news is told in one turn of the event loop
LOOK_AT_STORE = 1000  # ms between two looks whether the store was unlocked elsewhere

log = logging.getLogger("groundtrack")


@dataclass(frozen=True)
class _Waiting:
    owner: QObject
    then: Callable[[Any], None]
    failed: Callable[[Exception], None]


class Session(QObject):
    """What the dock's parts share.

    `jobs` are what is known now; the news of many is told a few at a time, in order.

    Signals: `jobs_changed` tuple of Job, `jobs_forgotten` tuple of ids, `accounts_changed`, `stuck_changed` dict of account key to
    sentence ("" = not available: locked or missing), `groups_changed` after `groups` changed, `broken` sentence.
    """

    jobs_changed = pyqtSignal(object)
    jobs_forgotten = pyqtSignal(object)
    accounts_changed = pyqtSignal()
    stuck_changed = pyqtSignal(object)
    groups_changed = pyqtSignal()
    broken = pyqtSignal(str)

    def __init__(self, poller: Poller, store: AccountStore, connector: Connector, clock: Callable[[], float]) -> None:
        super().__init__()
        self.poller = poller
        self.store = store
        self.jobs: Dict[str, Job] = {}
        self.followed: Counter[str] = Counter()  # jobs that are still followed, by account key
        self.groups: Dict[str, Group] = {}
        self.own: Set[str] = set()  # ids of jobs that were asked for here since QGIS started
        self.stuck: Dict[str, str] = {}
        self._connector = connector
        self._clock = clock
        self._waiting: Dict[int, _Waiting] = {}
        self._unsent: Dict[int, Callable[[], None]] = {}  # by ticket: writes jobs down that a worker makes
        poller.jobs_changed.connect(self._take_jobs)
        poller.jobs_forgotten.connect(self._drop_jobs)
        poller.answered.connect(self._take_answer)
        poller.accounts_stuck.connect(self._take_stuck)
        poller.groups_changed.connect(self._take_groups)
        poller.broken.connect(self.broken)
        self._news: Deque[Job] = deque()  # not told yet
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.timeout.connect(self._tell)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_AT_STORE)
        self._timer.timeout.connect(self._look_at_store)

    def start(self) -> None:
        """Begin to follow. Never asks for the master password."""
        self.refresh_accounts()
        self.poller.start()

    def stop(self) -> None:
        """End at once; nothing is answered any more. Jobs that a worker still makes are written down for the next time."""
        self._timer.stop()
        for write_down in self._unsent.values():
            write_down()
        self._unsent.clear()
        self._waiting.clear()
        self.poller.stop()

    def provider(self, account: Account) -> Provider:
        """For pure calls (problems, build, operations) on any thread. Raises LookupError."""
        return self._connector(account, Cancel())

    def account(self, key: str) -> Optional[Account]:
        """The account with its secrets, None while it is locked or missing. Never asks."""
        info = self.store.find(key)
        return self.store.account(info) if info else None

    def unlocked(self, info: Optional[AccountInfo]) -> Optional[Account]:
        """The account, after asking for the master password where that alone keeps its key away. Only when a person wants something."""
        if info in self.store.waiting() and self.store.unlock():
            self.refresh_accounts()
        return self.store.account(info) if info else None

    def storage(self) -> Transport:
        """For files that anybody may read, such as quicklooks; outside the accounts' budgets, from any thread."""
        return self._connector.storage()

    def ask(
        self, owner: QObject, account: Account, question: Callable[[Provider], Any],
        then: Callable[[Any], None], failed: Callable[[Exception], None], cancel: Optional[Cancel] = None,
    ) -> int:  # fmt: skip
        """Put a question to a service; one of the two callbacks is called later, unless `owner` is gone or the ticket dropped.

        `cancel` breaks off its calls.
        """
        return self._wait(self.poller.ask(account, question, cancel), owner, then, failed)

    def work(self, owner: QObject, task: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[Exception], None]) -> int:
        """Like `ask`, for any work that must not be done on the main thread."""
        return self._wait(self.poller.work(task), owner, then, failed)

    def drop(self, ticket: int) -> None:
        """The answer is no longer wanted."""
        self._waiting.pop(ticket, None)

    def send(
        self, owner: QObject, account: Account, requests: Sequence[Request], then: Callable[[Any], None],
        failed: Callable[[Exception], None], **more: Any,
    ) -> None:  # fmt: skip
        """Make jobs of requests and have them sent, each once; `more` is that of Making.

        `then` is called with the jobs once they are known here, for a few of them before this returns; else `failed`. What was asked
        for is sent also when `owner` is gone, or written down when QGIS ends; only nobody is told then.
        """
        making = self._making(requests, **more)
        if making.is_quick:
            try:
                jobs = self._launch(making, making.jobs(self.provider(account)))
            except (LookupError, ServiceProblem, ValueError) as error:
                failed(error)
            else:
                then(jobs)
            return
        ticket = -1

        def made(jobs: Tuple[Job, ...]) -> None:
            self._unsent.pop(ticket, None)
            self._launch(making, jobs)
            if not sip.isdeleted(owner):
                then(jobs)

        def refused(error: Exception) -> None:
            self._unsent.pop(ticket, None)
            if not sip.isdeleted(owner):
                failed(error)

        ticket = self.work(self, lambda: making.jobs(self.provider(account)), made, refused)
        self._unsent[ticket] = partial(self._write_down, making, account)

    def run(self, account: Account, requests: Sequence[Request], **more: Any) -> Tuple[Job, ...]:
        """Like `send` for a few requests; returns the jobs. Raises LookupError, ServiceProblem, ValueError."""
        making = self._making(requests, **more)
        return self._launch(making, making.jobs(self.provider(account)))

    def _making(self, requests: Sequence[Request], **more: Any) -> Making:
        return Making(requests, self._clock(), QgsProject.instance().absoluteFilePath(), **more)

    def _launch(self, making: Making, jobs: Tuple[Job, ...]) -> Tuple[Job, ...]:
        self.own.update(job.id for job in jobs if job.project == making.project)
        self.poller.run_jobs(jobs, making.group)
        if making.group is not None:
            self._take_groups((*self.groups.values(), making.group))
        self._take_jobs(jobs)  # known at once, so that a second click finds them
        return jobs

    def _write_down(self, making: Making, account: Account) -> None:
        try:
            self.poller.run_jobs(making.jobs(self.provider(account)), making.group)
        except (LookupError, ServiceProblem, ValueError) as error:
            log.warning("jobs were not made: %s", error)

    def adopt(
        self, owner: QObject, account: Account, remote: RemoteJob, failed: Callable[[Exception], None], *, load: bool = False
    ) -> None:
        """Make a job that was found at its service one of ours; nothing happens when it is one already. `load`: onto the map, once here.

        It goes on when `owner` is gone; then nobody is told of a failure.
        """

        def refuse(error: Exception) -> None:
            if not sip.isdeleted(owner):
                failed(error)

        if self.known(account.provider, remote.handle.remote_id) is None:
            self.ask(self, account, partial(whole, remote=remote), lambda found: self._adopt(account, found, load), refuse)

    def _adopt(self, account: Account, remote: RemoteJob, load: bool) -> None:
        job = found_job(self.provider(account), remote, self._clock(), QgsProject.instance().absoluteFilePath() if load else "")
        if load:
            self.own.add(job.id)
        self.poller.adopt_jobs((job,))

    def known(self, provider: str, remote_id: str) -> Optional[Job]:
        """The job here that has this id at its service."""
        found = (job for job in self.jobs.values() if job.provider == provider and job.remote_id == remote_id)
        return next(found, None) if remote_id else None

    def events(self, owner: QObject, identity: str, then: Callable[[Any], None], failed: Callable[[Exception], None]) -> int:
        """What happened to a job, as `Journal.events` tells it."""
        return self._wait(self.poller.events(identity), owner, then, failed)

    def similar(self, fingerprints: Iterable[str], within: float) -> Optional[Job]:
        """The newest job that asked the same within so many seconds and did not fail, or of which nobody knows whether it did."""
        wanted, since = set(fingerprints), self._clock() - within
        alike = [job for job in self.jobs.values() if job.fingerprint in wanted]
        found = [job for job in alike if job.in_doubt or (job.counts and job.created_at >= since)]
        return max(found, key=lambda job: job.created_at, default=None)

    def refresh_accounts(self) -> None:
        """Hand the accounts that can be used now to the poller. Call after every change of the store."""
        self.poller.set_accounts({**of_environment(), **self.store.usable()})
        if self.store.waiting():
            self._timer.start()
        else:
            self._timer.stop()
        self.accounts_changed.emit()

    def _look_at_store(self) -> None:
        if QgsApplication.authManager().masterPasswordIsSet():
            self.refresh_accounts()

    def _wait(self, ticket: int, owner: QObject, then: Callable[[Any], None], failed: Callable[[Exception], None]) -> int:
        self._waiting[ticket] = _Waiting(owner, then, failed)
        return ticket

    def _take_answer(self, ticket: int, value: Any) -> None:
        waiting = self._waiting.pop(ticket, None)
        if waiting is None or sip.isdeleted(waiting.owner):
            return
        if isinstance(value, Exception):
            waiting.failed(value)
        else:
            waiting.then(value)

    def _take_jobs(self, jobs: Tuple[Job, ...]) -> None:
        for job in jobs:
            before, self.jobs[job.id] = self.jobs.get(job.id), job
            if before is None or before.state is not job.state:
                self._count(before, -1)
                self._count(job, 1)
        self._news.extend(jobs)
        if not self._next_turn.isActive():
            self._tell()

    def _tell(self) -> None:
        news = tuple(self._news.popleft() for _ in range(min(SLICE, len(self._news))))
        if self._news:
            self._next_turn.start(0)
        if news:
            self.jobs_changed.emit(news)

    def _count(self, job: Optional[Job], step: int) -> None:
        if job is not None and job.state.followed:
            self.followed[job.account_key] += step

    def _drop_jobs(self, identities: Tuple[str, ...]) -> None:
        gone = set(identities)
        self._news = deque(job for job in self._news if job.id not in gone)
        for identity in identities:
            self._count(self.jobs.pop(identity, None), -1)
        self.jobs_forgotten.emit(identities)

    def _take_groups(self, groups: Tuple[Group, ...]) -> None:
        self.groups = {group.id: group for group in groups}
        self.groups_changed.emit()

    def _take_stuck(self, stuck: Dict[str, str]) -> None:
        self.stuck = stuck
        self.stuck_changed.emit(stuck)
