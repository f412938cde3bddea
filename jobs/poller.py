"""The thread that follows all jobs while QGIS runs.

One QThread plans and never blocks; calls are made by a few daemon threads. Everything that may change a job comes in as a command,
everything learned goes out as immutable snapshots, at most ten batches a second.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QThread, pyqtSignal

from ..providers.base import Account, Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, ServiceProblem
from ..providers.scrub import Scrub
from .fetch import Stays
from .follower import Follower, Outlets
from .group import Group
from .job import Job
from .journal import Journal, JournalError
from .planner import RETRY
from .readers import Reads
from .services import Connect, Services
from .workers import Workers

WORKERS = 8  # steps of jobs at once
HELPERS = 4  # questions and other work at once
SAID = 60.0  # s in which the same complaint about the journal is not repeated

log = logging.getLogger("groundtrack")


class Poller(QThread):
    """Follows jobs until `stop`. All public methods may be called from the main thread and return at once.

    Signals: `jobs_changed` tuple of Job; `jobs_forgotten` tuple of ids; `answered` (ticket, value or exception) for `ask` and `work`;
    `accounts_stuck` dict of account key to sentence ("" when the account is not available) for accounts that hold up jobs; `broken` a
    sentence when the journal cannot be used (it is tried again by itself); `groups_changed` tuple of every Group.
    """

    jobs_changed = pyqtSignal(object)
    jobs_forgotten = pyqtSignal(object)
    answered = pyqtSignal(int, object)
    accounts_stuck = pyqtSignal(object)
    broken = pyqtSignal(str)
    groups_changed = pyqtSignal(object)

    def __init__(self, journal: Journal, connect: Connect, folder: Callable[[Job], Path], pace: float = 1.0) -> None:
        super().__init__()
        self.setObjectName("groundtrack poller")
        self._journal = journal
        self._pace = pace
        self._cancel = Cancel()
        self._wake = threading.Event()
        self._services = Services(connect, self._cancel)
        self._workers = Workers(WORKERS, self._end_thread, "groundtrack step")
        self._helpers = Workers(HELPERS, self._end_thread, "groundtrack helper")
        outlets = Outlets(
            self.jobs_changed.emit, self.jobs_forgotten.emit, self.accounts_stuck.emit, self._tell_broken, self._wake.set,
            self.groups_changed.emit,
        )  # fmt: skip
        self._follower = Follower(journal, self._services, folder, self._workers, outlets, self._cancel, pace)
        self._ticket = 0
        self._told: Tuple[str, float] = ("", 0.0)

    def set_accounts(self, accounts: Mapping[str, Account]) -> None:
        """The accounts that may be used, by key, with their secrets. A changed account resumes its jobs."""
        given = dict(accounts)
        self._follower.post(lambda: self._follower.take_accounts(given))

    def resume(self, account_key: str) -> None:
        """Try an account again that was not accepted."""
        self._follower.post(lambda: self._follower.resume(account_key))

    def leave_in_place(self, stays: Stays) -> None:
        """Which files of a result are left where they are from now on; all are downloaded until this is called."""
        self._follower.post(lambda: self._follower.leave_in_place(stays))

    def read_along(self, reads: Reads) -> None:
        """Who reads the files of a result while they arrive from now on; nobody until this is called."""
        self._follower.post(lambda: self._follower.read_along(reads))

    def run_jobs(self, jobs: Sequence[Job], group: Optional[Group] = None) -> None:
        """Write drafts, and a new group they belong to, into the journal, then send them as slots become free."""
        given = tuple(jobs)
        self._follower.post(lambda: self._follower.add(given, group))

    def change_group(self, identity: str, **changes: Any) -> None:
        """Change a group: `paused`, `budget`, `note` …; what waited for that goes on."""
        self._follower.post(lambda: self._follower.change_group(identity, changes))

    def cancel_rest(self, identity: str) -> None:
        """Drop the jobs of a group that were not sent yet."""
        self._follower.post(lambda: self._follower.cancel_rest(identity))

    def retry_failed(self, identity: str) -> None:
        """Send the members of a group again that failed, or were never found at the service."""
        self._follower.post(lambda: self._follower.retry_failed(identity))

    def check_now(self, identity: str) -> None:
        """Look at a job at once: ask, look for it, fetch it again, or send a draft that waits for a person."""
        self._follower.post(lambda: self._follower.check_now(identity))

    def cancel_job(self, identity: str) -> None:
        """Drop a draft, stop a download, or ask the service to cancel where it can."""
        self._follower.post(lambda: self._follower.cancel_job(identity))

    def run_again(self, identity: str, **changes: Any) -> None:
        """Follow a job again that had ended, because its service works on it once more; with other changes."""
        self._follower.post(lambda: self._follower.run_again(identity, changes))

    def adopt_jobs(self, jobs: Sequence[Job]) -> None:
        """Write jobs that were found at their service into the journal and follow them; those that are in it already stay as they are."""
        given = tuple(jobs)
        self._follower.post(lambda: self._follower.adopt(given))

    def forget(self, identity: str) -> None:
        """Remove a job from the journal only."""
        self._follower.post(lambda: self._follower.forget(identity))

    def note(self, identity: str, **changes: Any) -> None:
        """Write a change of the application's own (a job was loaded, an error while loading) into the journal."""
        self._follower.post(lambda: self._follower.note(identity, changes))

    def ask(self, account: Account, question: Callable[[Provider], Any], cancel: Optional[Cancel] = None) -> int:
        """Put a question to a service; `answered` brings the ticket with the value, or the exception that was raised.

        `cancel` breaks off its calls; without one only `stop` does.
        """

        def put() -> Any:
            try:
                with self._services.borrowed(account, cancel) as provider:
                    return question(provider)
            except ServiceProblem as problem:
                problem.message = Scrub(account.secrets.values())(problem.message)
                raise

        return self.work(put)

    def work(self, task: Callable[[], Any]) -> int:
        """Let a worker thread do something; `answered` brings the ticket with the value, or the exception that was raised."""
        self._ticket += 1
        ticket = self._ticket
        self._helpers.do(lambda: self._answer(ticket, task))
        return ticket

    def events(self, identity: str) -> int:
        """Read what happened to a job, as `Journal.events` tells it; `answered` brings it."""
        return self.work(lambda: self._journal.events(identity))

    def stop(self) -> None:
        """End the thread and break off its calls; returns at once, whatever is in flight."""
        self._cancel.set()
        self._follower.stop_downloads()
        self._workers.stop()
        self._helpers.stop()
        self._wake.set()

    def run(self) -> None:
        """The planning loop."""
        try:
            while not self._cancel.is_set():
                self._turn()
                self._wake.wait(self._follower.rest())
                self._wake.clear()
            self._follower.end()
        except JournalError as error:
            log.warning("leases were not given back: %s", error)
        finally:
            self._journal.close()

    def _turn(self) -> None:
        try:
            self._follower.turn()
        except JournalError as error:
            self._tell_broken(str(error))
            self._pause(RETRY * self._pace)
        except Exception:  # jobs go on whatever went wrong with one
            log.exception("planning failed")
            self._pause(1.0)

    def _tell_broken(self, text: str) -> None:
        told, at = self._told
        if text != told or time.monotonic() - at > SAID:
            self._told = text, time.monotonic()
            self.broken.emit(text)

    def _pause(self, seconds: float) -> None:
        with suppress(Cancelled):
            self._cancel.wait(seconds)

    def _answer(self, ticket: int, task: Callable[[], Any]) -> None:
        try:
            value: Any = task()
        except Exception as error:  # noqa: BLE001 - the exception is the answer
            value = error
        if not self._cancel.is_set():
            self.answered.emit(ticket, value)

    def _end_thread(self) -> None:
        self._journal.close()
        self._services.close_thread()
