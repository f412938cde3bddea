"""The journal's file: its tables, their version, and how an older file is brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Callable, Dict

from .request_table import TABLE, split_bodies

VERSION = 3
WAIT = 10.0  # s for another process to finish its change

_GROUPS = "CREATE TABLE groups (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
_TABLES = (
    # the body, all of a job but its request, comes last, so that the short columns are read without it
    """CREATE TABLE entries (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL,
    remote_id TEXT NOT NULL, created_at REAL NOT NULL, revision INTEGER NOT NULL, holder TEXT NOT NULL, held_until REAL NOT NULL,
    member_of TEXT NOT NULL DEFAULT '', price REAL, body TEXT NOT NULL)""",
    "CREATE INDEX jobs_by_state ON entries (state)",
    "CREATE INDEX jobs_by_revision ON entries (revision)",
    "CREATE INDEX jobs_by_remote_id ON entries (remote_id)",
    "CREATE INDEX jobs_by_fingerprint ON entries (fingerprint, created_at)",
    "CREATE INDEX jobs_by_group ON entries (member_of, state, price)",
    TABLE,
    "CREATE TABLE events (job TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL)",
    "CREATE INDEX events_by_job ON events (job, at)",
    "CREATE TABLE revision (number INTEGER NOT NULL)",
    "INSERT INTO revision VALUES (0)",
    _GROUPS,
)


def _from_1(db: sqlite3.Connection) -> None:
    """Version 1 knew no groups: none of its jobs belongs to one, or takes anything of a budget."""
    db.execute("ALTER TABLE jobs ADD COLUMN member_of TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE jobs ADD COLUMN price REAL")
    db.execute("CREATE INDEX jobs_by_group ON jobs (member_of, state, price)")
    db.execute(_GROUPS)


MIGRATIONS: Dict[int, Callable[[sqlite3.Connection], None]] = {1: _from_1, 2: split_bodies}  # from that version to the next


class JournalError(Exception):
    """The journal cannot be used; the message says why and what to do."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal, making or updating it as needed; every commit is durable when it returns. Raises JournalError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(str(path), timeout=WAIT, isolation_level=None)
        try:
            _refuse_newer(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            _update(db, path)
        except BaseException:
            db.close()
            raise
        return db
    except (sqlite3.Error, OSError) as error:
        text = f"The job journal {path} cannot be used: {error}. Check that it is a file and that its folder can be written to."
        raise JournalError(text) from None


def _refuse_newer(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise JournalError(f"The job journal {path} was written by a newer Groundtrack. Update the plugin; no job was touched.")
    return version


def _update(db: sqlite3.Connection, path: Path) -> None:
    """Create the tables, or migrate after a backup copy; one transaction, whoever comes first."""
    if _refuse_newer(db, path) == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version = _refuse_newer(db, path)
        if 0 < version < VERSION:
            _copy(path, path.with_suffix(f".v{version}.bak"))  # now, while nobody else can migrate it
        if version == 0:
            for statement in _TABLES:
                db.execute(statement)
        for step in range(max(1, version), VERSION if version else 0):
            MIGRATIONS[step](db)
        db.execute(f"PRAGMA user_version = {VERSION:d}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _copy(path: Path, target: Path) -> None:
    """Through a connection of its own, as one that writes cannot be copied from."""
    with closing(sqlite3.connect(str(path), timeout=WAIT)) as source, closing(sqlite3.connect(str(target))) as copy:
        source.backup(copy)
