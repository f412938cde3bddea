"""Groups of jobs inside the journal's file; every function works within a transaction that the journal has begun."""

from __future__ import annotations

import json
import sqlite3
from typing import Optional

from .group import Group, Hold, hold_of, price_of, taken
from .job import Job, State


def write_group(db: sqlite3.Connection, group: Group) -> None:
    """Write a group down, or its changes."""
    upsert = "INSERT INTO groups (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
    db.execute(upsert, (group.id, json.dumps(group.to_dict())))


def read_group(db: sqlite3.Connection, identity: str) -> Optional[Group]:
    """The group, None for jobs that belong to none that is written down."""
    row = db.execute("SELECT body FROM groups WHERE id = ?", (identity,)).fetchone() if identity else None
    return Group.from_dict(json.loads(row[0])) if row else None


def hold_in(db: sqlite3.Connection, job: Job) -> Hold:
    """What keeps a draft from being sent, with all that other threads and processes have written down so far."""
    group = read_group(db, job.group)
    if group is None:
        return Hold.NONE
    rows = db.execute("SELECT price FROM entries WHERE member_of = ? AND state != ?", (group.id, State.DRAFT.value))
    return hold_of(group, job, [price for (price,) in rows])


def forget_member(db: sqlite3.Connection, job: Job) -> None:
    """What a forgotten member took stays taken; the group goes with its last one."""
    group = read_group(db, job.group)
    if group is None:
        return
    others, dearest = db.execute("SELECT COUNT(*), MAX(price) FROM entries WHERE member_of = ? AND id != ?", (group.id, job.id)).fetchone()
    if others:
        write_group(db, group.changed(carried=group.carried + taken([price_of(job)], dearest or 0.0)))
    else:
        db.execute("DELETE FROM groups WHERE id = ?", (group.id,))
