"""The journal: every job, on disk, before anything is sent.

SQLite in WAL mode in the QGIS profile. Each change is one transaction that is durable when the call returns, so a crash at any
point loses no job. Several QGIS instances and headless runs share the file: a job is followed only by the holder of its lease,
and leases run out by themselves. Each thread has its own connection and closes it with `close`.

Every method raises JournalError when the file cannot be used, and UnknownJob for a job that is not in it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, List, Optional, Sequence, Set, Tuple

from ..providers.scrub import Scrub
from .group import Group, HeldBack, Hold, price_of
from .group_table import forget_member, hold_in, read_group, write_group
from .job import Job, State
from .leases import LEASE, holder_name, is_free, needs_renewal
from .request_table import Requests
from .schema import JournalError, connect

__all__ = ["LEASE", "Journal", "JournalError", "UnknownJob"]


_SAID = ("message", "details", "warning", "word")


class UnknownJob(KeyError):
    """The job is not in the journal, or no longer."""


class Journal:
    """All jobs of one profile. `holder` names this process in leases."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, holder: str = "") -> None:
        self.path = path
        self.holder = holder or holder_name()
        self.scrub: Callable[[str], str] = Scrub()  # what services say is written down without secrets
        self._clock = clock
        self._local = threading.local()
        self._requests = Requests(self._rows)
        self._writing = threading.Lock()  # so that our own threads take turns instead of polling SQLite's lock

    def add(self, job: Job) -> Job:
        """Write a new job down and take its lease; one that is there already stays as it is."""
        self.add_all([job])
        return job

    def add_all(self, jobs: Sequence[Job], group: Optional[Group] = None) -> None:
        """Write new jobs down, all or none, with the group they belong to, and take their leases."""
        with self._change() as db:
            if group is not None:
                write_group(db, group)
            for job in jobs:
                self._insert(db, job)

    def add_found(self, job: Job) -> Job:
        """Write down a job that was found at its service. The one that has the service's id already is returned in its place."""
        with self._change() as db:
            there = self._jobs("remote_id = ? AND provider = ?", job.remote_id, job.provider)
            if not there:
                self._insert(db, job)
            return there[0] if there else job

    def change(self, identity: str, *, back: bool = False, **changes: Any) -> Job:
        """Apply changes and return the job as it now is. A state of lower rank is ignored, unless `back` says that it is meant.

        The request is no part of them: it stays as it was written down first.
        """
        with self._change() as db:
            return self._write(db, self.get(identity), back, changes)

    def change_all(self, identities: Iterable[str], only: State, *, back: bool = False, **changes: Any) -> Tuple[Job, ...]:
        """Apply the same changes to those of the jobs that are in the state `only`, in one transaction; returns those."""
        with self._change() as db:
            found = [job for identity in identities for job in self._jobs("id = ?", identity)]
            return tuple(self._write(db, job, back, changes) for job in found if job.state is only)

    def begin(self, identity: str, sent_at: float, sent_there: float = 0.0) -> Optional[Job]:
        """Make a draft an intent to send. None when it is no draft any more: so nothing is sent twice.

        Raises HeldBack when its group is paused, or has not the budget for its estimate: what all members took is summed up in the
        same transaction, whoever sent them.
        """
        with self._change() as db:
            job = self.get(identity)
            if job.state is not State.DRAFT:
                return None
            hold = hold_in(db, job)
            if hold is not Hold.NONE:
                raise HeldBack(hold)
            sent = {"state": State.SUBMITTING, "sent_at": sent_at, "sent_there": sent_there}
            return self._write(db, job, False, {**sent, "message": "", "details": "", "word": ""})

    def adopt(self, identity: str, remote_id: str, **changes: Any) -> Optional[Job]:
        """Give a job the service's id, with other changes. None when another job has that id already.

        Also one that had been given up goes on then.
        """
        with self._change() as db:
            job = self.get(identity)
            others = "SELECT 1 FROM entries WHERE remote_id = ? AND provider = ? AND id != ?"
            if db.execute(others, (remote_id, job.provider, identity)).fetchone():
                return None
            return self._write(db, job, job.state in (State.LOST, State.UNKNOWN), {"remote_id": remote_id, **changes})

    def get(self, identity: str) -> Job:
        found = self._jobs("id = ?", identity)
        if not found:
            raise UnknownJob(identity)
        return found[0]

    def jobs(self, states: Iterable[State] = ()) -> Tuple[Job, ...]:
        """Jobs in these states (all when none are named), newest first."""
        wanted = [state.value for state in states]
        only = f"state IN ({', '.join('?' * len(wanted))})" if wanted else "1"
        return self._jobs(f"{only} ORDER BY created_at DESC, rowid DESC", *wanted)

    def changed_since(self, version: int) -> Tuple[Job, ...]:
        """Jobs that were written after the journal had this version."""
        return self._jobs("revision > ? ORDER BY revision", version)

    def ids(self) -> Set[str]:
        """The ids of all jobs."""
        found = {identity for (identity,) in self._rows("SELECT id FROM entries")}
        self._requests.keep(found)
        return found

    def groups(self) -> Tuple[Group, ...]:
        """All groups, oldest first."""
        return tuple(Group.from_dict(json.loads(body)) for (body,) in self._rows("SELECT body FROM groups ORDER BY rowid"))

    def group(self, identity: str) -> Optional[Group]:
        """A group, None when it is not written down."""
        rows = self._rows("SELECT body FROM groups WHERE id = ?", identity)
        return Group.from_dict(json.loads(rows[0][0])) if rows else None

    def change_group(self, identity: str, **changes: Any) -> Optional[Group]:
        """Apply changes to a group and return it as it now is, None when there is none."""
        if "note" in changes:
            changes["note"] = self.scrub(changes["note"])
        with self._change() as db:
            group = read_group(db, identity)
            if group is not None:
                group = group.changed(**changes)
                write_group(db, group)
                _next_revision(db)
            return group

    def events(self, identity: str) -> List[Tuple[float, State, str]]:
        """What happened to a job: (time, state, note), oldest first."""
        rows = self._rows("SELECT at, state, note FROM events WHERE job = ? ORDER BY rowid", identity)
        return [(at, State(state), note) for at, state, note in rows]

    def similar(self, fingerprint: str, since: float) -> Optional[Job]:
        """The newest job with the same request that was created after `since` and may be paid for."""
        jobs = self._jobs("fingerprint = ? AND created_at >= ? ORDER BY created_at DESC", fingerprint, since)
        return next((job for job in jobs if job.counts), None)

    def remote_ids(self, provider: str) -> Tuple[str, ...]:
        """The service's ids that belong to jobs here."""
        return tuple(row[0] for row in self._rows("SELECT remote_id FROM entries WHERE provider = ? AND remote_id != ''", provider))

    def version(self) -> int:
        """A number that grows with every change of a job."""
        return int(self._rows("SELECT number FROM revision")[0][0])

    def forget(self, identity: str) -> None:
        """Remove a job from the journal. Files and the service's own record stay."""
        with self._change() as db:
            if db.execute("SELECT 1 FROM entries WHERE id = ? AND member_of != ''", (identity,)).fetchone():
                forget_member(db, self.get(identity))
            db.execute("DELETE FROM entries WHERE id = ?", (identity,))
            db.execute("DELETE FROM events WHERE job = ?", (identity,))
            self._requests.forget(db, identity)
            _next_revision(db)

    def hold(self, identity: str) -> bool:
        """Take or renew the lease of one job; False when someone else has it."""
        return identity in self.hold_all([identity])

    def hold_all(self, identities: Iterable[str]) -> Tuple[str, ...]:
        """Take or renew leases; the ids that are now ours. Writes only what has to be written."""
        wanted, now, find = list(identities), self._clock(), "SELECT holder, held_until FROM entries WHERE id = ?"
        found = {identity: self._rows(find, identity) for identity in wanted}
        stale = [i for i, rows in found.items() if rows and (rows[0][0] != self.holder or needs_renewal(rows[0][1], now))]
        ours = {identity for identity, rows in found.items() if rows} - set(stale)
        if any(self._may_take(found[identity][0], now) for identity in stale):
            with self._change() as db:
                for identity in stale:
                    row = db.execute(find, (identity,)).fetchone()
                    if row and self._may_take(row, now):
                        db.execute("UPDATE entries SET holder = ?, held_until = ? WHERE id = ?", (self.holder, now + LEASE, identity))
                        ours.add(identity)
        return tuple(identity for identity in wanted if identity in ours)

    def release(self, identities: Optional[Iterable[str]] = None) -> None:
        """Give leases back: all of ours, or those named."""
        with self._change() as db:
            if identities is None:
                db.execute("UPDATE entries SET held_until = 0 WHERE holder = ?", (self.holder,))
            for identity in identities or ():
                db.execute("UPDATE entries SET held_until = 0 WHERE holder = ? AND id = ?", (self.holder, identity))
            _next_revision(db)  # others look for jobs to follow

    def close(self) -> None:
        """Close this thread's connection."""
        db = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            del self._local.db

    def _may_take(self, lease: Tuple[Any, ...], now: float) -> bool:
        holder, held_until = lease
        return bool(holder == self.holder or is_free(holder, held_until, now))

    def _write(self, db: sqlite3.Connection, job: Job, back: bool, changes: Any) -> Job:
        if changes.get("state", job.state).rank < job.state.rank and not back:
            changes = {name: value for name, value in changes.items() if name != "state"}
        said = {name: self.scrub(changes[name]) for name in _SAID if name in changes}
        changed = job.changed(**{**changes, **said})
        if changed != job:
            db.execute(
                "UPDATE entries SET state = ?, fingerprint = ?, remote_id = ?, revision = ?, member_of = ?, price = ?, body = ?"
                " WHERE id = ?",
                (changed.state.value, changed.fingerprint, changed.remote_id, _next_revision(db), changed.group, price_of(changed),
                 _body(changed), job.id),
            )  # fmt: skip
        if changed.state is not job.state:
            self._note(db, changed)
        return changed

    def _insert(self, db: sqlite3.Connection, job: Job) -> None:
        cursor = db.execute(
            "INSERT OR IGNORE INTO entries"
            " (id, state, provider, account, fingerprint, remote_id, created_at, revision, holder, held_until, member_of, price, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (job.id, job.state.value, job.provider, job.account, job.fingerprint, job.remote_id, job.created_at,
             _next_revision(db), self.holder, self._clock() + LEASE, job.group, price_of(job), _body(job)),
        )  # fmt: skip
        if cursor.rowcount:
            self._requests.write(db, job.id, job.request)
            self._note(db, job)

    def _note(self, db: sqlite3.Connection, job: Job) -> None:
        db.execute("INSERT INTO events (job, at, state, note) VALUES (?, ?, ?, ?)", (job.id, self._clock(), job.state.value, job.message))

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        with self._writing:
            db = self._db()
            try:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                finally:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise JournalError(f"The job journal {self.path} cannot be written: {error}. Check the disk; no job is lost.") from None

    def _rows(self, question: str, *values: Any) -> List[Tuple[Any, ...]]:
        try:
            return self._db().execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"The job journal {self.path} cannot be read: {error}. Check the disk.") from None

    def _jobs(self, which: str, *values: Any) -> Tuple[Job, ...]:
        """Jobs by a condition, with what orders them."""
        rows = self._rows(f"SELECT id, body FROM entries WHERE {which}", *values)  # nosec B608: written in this file  # noqa: S608
        return tuple(Job.from_dict({**json.loads(body), "request": self._requests.of(identity)}) for identity, body in rows)

    def _db(self) -> sqlite3.Connection:
        if not hasattr(self._local, "db"):
            self._local.db = connect(self.path)
        db: sqlite3.Connection = self._local.db
        return db


def _body(job: Job) -> str:
    """What may change of a job."""
    return json.dumps({name: value for name, value in job.to_dict().items() if name != "request"})


def _next_revision(db: sqlite3.Connection) -> int:
    db.execute("UPDATE revision SET number = number + 1")
    return int(db.execute("SELECT number FROM revision").fetchone()[0])
