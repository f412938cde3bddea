"""The journal: every job, on disk, before anything is sent.

SQLite in WAL mode in the QGIS profile. Each change is one transaction that is durable when the call returns, so a crash at any
point loses no job. Several QGIS instances and headless runs share the file: a job is followed only by the holder of its lease,
and leases run out by themselves. Each thread has its own connection and closes it with `close`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from .job import Job, State

VERSION = 1
LEASE = 90.0  # seconds a lease holds without a heartbeat
_SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL,
    remote_id TEXT NOT NULL, created_at REAL NOT NULL, body TEXT NOT NULL,
    holder TEXT NOT NULL DEFAULT '', held_until REAL NOT NULL DEFAULT 0);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, created_at);
CREATE TABLE events (job TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX events_by_job ON events (job, at);
"""


class JournalError(Exception):
    """The journal cannot be used; the message says why and what to do."""


class Journal:
    """All jobs of one profile. `holder` names this process in leases."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, holder: str = "") -> None:
        self.path = path
        self.holder = holder or f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._clock = clock
        self._local = threading.local()

    def add(self, job: Job) -> Job:
        """Write a new job down and take its lease."""
        with self._change() as db:
            db.execute(
                "INSERT INTO jobs (id, state, provider, account, fingerprint, remote_id, created_at, body, holder, held_until)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (job.id, job.state.value, job.provider, job.account, job.fingerprint, job.remote_id, job.created_at,
                 json.dumps(job.to_dict()), self.holder, self._clock() + LEASE),
            )  # fmt: skip
            self._note(db, job)
        return job

    def change(self, identity: str, *, back: bool = False, **changes: Any) -> Job:
        """Apply changes and return the job as it now is.

        A state of lower rank is ignored, unless `back` says that the step back is meant. Raises KeyError when the job is unknown.
        """
        with self._change() as db:
            job = self._read(db, identity)
            wanted = changes.get("state", job.state)
            if wanted.rank < job.state.rank and not back:
                changes.pop("state")
            changed = job.changed(**changes)
            if changed != job:
                db.execute(
                    "UPDATE jobs SET state = ?, fingerprint = ?, remote_id = ?, body = ? WHERE id = ?",
                    (changed.state.value, changed.fingerprint, changed.remote_id, json.dumps(changed.to_dict()), identity),
                )
            if changed.state is not job.state:
                self._note(db, changed)
        return changed

    def get(self, identity: str) -> Job:
        """Raises KeyError when the job is unknown."""
        return self._read(self._db(), identity)

    def jobs(self, states: Iterable[State] = ()) -> Tuple[Job, ...]:
        """Jobs in these states (all when none are named), newest first."""
        wanted = [state.value for state in states]
        rows = self._db().execute("SELECT body, state FROM jobs ORDER BY created_at DESC, rowid DESC")
        return tuple(Job.from_dict(json.loads(body)) for body, state in rows if not wanted or state in wanted)

    def events(self, identity: str) -> List[Tuple[float, State, str]]:
        """What happened to a job: (time, state, note), oldest first."""
        rows = self._db().execute("SELECT at, state, note FROM events WHERE job = ? ORDER BY at, rowid", (identity,))
        return [(at, State(state), note) for at, state, note in rows]

    def similar(self, fingerprint: str, since: float) -> Optional[Job]:
        """The newest job with the same request that was created after `since` and has not failed."""
        rows = self._db().execute(
            "SELECT body FROM jobs WHERE fingerprint = ? AND created_at >= ? ORDER BY created_at DESC", (fingerprint, since)
        )
        jobs = (Job.from_dict(json.loads(body)) for (body,) in rows)
        return next((job for job in jobs if not job.state.failed), None)

    def remote_ids(self, provider: str) -> Tuple[str, ...]:
        """The service's ids that belong to jobs here."""
        rows = self._db().execute("SELECT remote_id FROM jobs WHERE provider = ? AND remote_id != ''", (provider,))
        return tuple(row[0] for row in rows)

    def version(self) -> int:
        """A number that changes when another connection has changed the file."""
        return int(self._db().execute("PRAGMA data_version").fetchone()[0])

    def forget(self, identity: str) -> None:
        """Remove a job from the journal. Files and the service's own record stay."""
        with self._change() as db:
            db.execute("DELETE FROM jobs WHERE id = ?", (identity,))
            db.execute("DELETE FROM events WHERE job = ?", (identity,))

    def hold(self, identity: str) -> bool:
        """Take or renew the lease of one job; False when someone else has it."""
        return identity in self.hold_all([identity])

    def hold_all(self, identities: Iterable[str]) -> Tuple[str, ...]:
        """Take or renew leases; the ids that are now ours."""
        now, ours = self._clock(), []
        with self._change() as db:
            for identity in identities:
                cursor = db.execute(
                    "UPDATE jobs SET holder = ?, held_until = ? WHERE id = ? AND (holder = ? OR held_until < ? OR held_until > ?)",
                    (self.holder, now + LEASE, identity, self.holder, now, now + 2 * LEASE),
                )
                if cursor.rowcount:
                    ours.append(identity)
        return tuple(ours)

    def release(self, identities: Optional[Iterable[str]] = None) -> None:
        """Give leases back: all of ours, or those named."""
        with self._change() as db:
            if identities is None:
                db.execute("UPDATE jobs SET held_until = 0 WHERE holder = ?", (self.holder,))
            for identity in identities or ():
                db.execute("UPDATE jobs SET held_until = 0 WHERE holder = ? AND id = ?", (self.holder, identity))

    def close(self) -> None:
        """Close this thread's connection."""
        db = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            del self._local.db

    def _read(self, db: sqlite3.Connection, identity: str) -> Job:
        row = db.execute("SELECT body FROM jobs WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise KeyError(identity)
        return Job.from_dict(json.loads(row[0]))

    def _note(self, db: sqlite3.Connection, job: Job) -> None:
        db.execute("INSERT INTO events (job, at, state, note) VALUES (?, ?, ?, ?)", (job.id, self._clock(), job.state.value, job.message))

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction."""
        db = self._db()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(f"The job journal {self.path} cannot be written: {error}. Check the disk.") from error

    def _db(self) -> sqlite3.Connection:
        if not hasattr(self._local, "db"):
            self._local.db = _open(self.path)
        db: sqlite3.Connection = self._local.db
        return db


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(str(path), timeout=20, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
        return db
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"The job journal {path} cannot be used: {error}. Check that the folder can be written to.") from error


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Create the tables, or bring an older file up to date after a copy. Raises JournalError on a newer one."""
    if _version(db) == VERSION:
        return
    if 0 < _version(db) < VERSION:
        with closing(sqlite3.connect(str(path.with_suffix(f".v{_version(db)}.bak")))) as copy:
            db.backup(copy)
    db.execute("BEGIN IMMEDIATE")
    try:
        version = _version(db)
        if version > VERSION:
            raise JournalError(f"The job journal {path} was written by a newer Groundtrack. Update the plugin; no job was touched.")
        if version == 0:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
        else:
            for step in range(version, VERSION):
                _MIGRATIONS[step](db)
        db.execute(f"PRAGMA user_version = {VERSION:d}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


_MIGRATIONS: Dict[int, Callable[[sqlite3.Connection], None]] = {}
