"""The watches of a profile on disk, and which of their slots were used: SQLite, shared by every QGIS of the profile.

Using a slot and setting its price aside is one transaction, so no slot is used twice and no cap is passed, however many QGIS look at
the same time. For worker threads; each call opens the file anew. Every method raises WatchError when it cannot be used.
"""

from __future__ import annotations

import enum
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from .preset import PresetError
from .watch import Watch, watch_from

VERSION = 1
WAIT = 10.0  # s for another process to finish its change
_TABLES = (
    "CREATE TABLE watches (id TEXT PRIMARY KEY, newest TEXT NOT NULL, body TEXT NOT NULL)",
    """CREATE TABLE runs (watch TEXT NOT NULL, slot INTEGER NOT NULL, at REAL NOT NULL, held REAL NOT NULL, outcome TEXT NOT NULL,
    PRIMARY KEY (watch, slot))""",
    "CREATE TABLE charges (job TEXT PRIMARY KEY, watch TEXT NOT NULL, amount REAL NOT NULL)",
)


class WatchError(Exception):
    """One sentence that says why the watches cannot be used."""


class Claim(enum.Enum):
    """What came of the wish to use a slot."""

    OURS = "ours"
    TAKEN = "taken"  # used before, here or by another QGIS; or the watch was switched off meanwhile
    OVER_CAP = "over_cap"  # it would cost more than is left; the watch is off now


@dataclass(frozen=True)
class WatchState:
    """A watch and how it stands. `newest` is the last scene that was seen, as “time id”; `last_at` 0: it never ran.

    `used` are all its slots that were used, as a clock may go back to any of them.
    """

    watch: Watch
    newest: str = ""
    spent: float = 0.0
    last_at: float = 0.0
    outcome: str = ""
    used: Tuple[int, ...] = ()

    def due_at(self, now: float) -> float:
        """When it runs next."""
        return self.watch.due_at(now, done=self.watch.slot(now) in self.used)


class WatchStore:
    """All watches of one profile, in the order in which they were made."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def states(self) -> Tuple[WatchState, ...]:
        """Every watch with its last run; those that cannot be read are left out."""
        if not self.path.exists():
            return ()
        with self._open() as db:
            rows = db.execute("SELECT id, newest, body FROM watches ORDER BY rowid").fetchall()
            found = (_state(db, *row) for row in rows)
            return tuple(state for state in found if state is not None)

    def put(self, watch: Watch) -> None:
        """Keep a watch, in the place of the one with its id. What was spent counts on, as long as it is counted in the same unit; the
        newest scene is that of the same search only.
        """
        with self._open() as db:
            before = _find(db, watch.id)
            if before is not None and before.watch.unit != watch.unit:
                db.execute("DELETE FROM charges WHERE watch = ?", (watch.id,))
            if before is not None and _search(before.watch) != _search(watch):
                db.execute("UPDATE watches SET newest = '' WHERE id = ?", (watch.id,))
            known = "INSERT INTO watches VALUES (?, '', ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
            db.execute(known, (watch.id, json.dumps(watch.to_dict())))

    def remove(self, identity: str) -> None:
        """Forget a watch and its runs; jobs and results stay."""
        with self._open() as db:
            db.execute("DELETE FROM watches WHERE id = ?", (identity,))
            db.execute("DELETE FROM runs WHERE watch = ?", (identity,))
            db.execute("DELETE FROM charges WHERE watch = ?", (identity,))

    def switch_off(self, identity: str) -> None:
        with self._open() as db:
            _change(db, identity, on=False)

    def claim(self, identity: str, slot: int, amount: float, now: float, *, scheduled: bool = True) -> Claim:
        """Use a slot, and set `amount` (in the unit of the cap) aside for it. A run that a person wants need not be `scheduled`."""
        with self._open() as db:
            state = _find(db, identity)
            if state is None or (scheduled and not state.watch.on) or _is_used(db, identity, slot):
                return Claim.TAKEN
            if amount and state.spent + amount > state.watch.cap + 1e-9:
                _change(db, identity, on=False)
                return Claim.OVER_CAP
            ours = db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, '')", (identity, slot, now, amount)).rowcount
            return Claim.OURS if ours else Claim.TAKEN

    def finish(self, identity: str, slot: int, outcome: str, charges: Optional[Mapping[str, float]] = None) -> None:
        """Say what came of a run; what each job may cost takes the place of what was set aside."""
        with self._open() as db:
            db.execute("UPDATE runs SET outcome = ?, held = 0 WHERE watch = ? AND slot = ?", (outcome, identity, slot))
            for job, amount in (charges or {}).items():
                db.execute("INSERT OR REPLACE INTO charges VALUES (?, ?, ?)", (job, identity, amount))

    def settle(self, costs: Mapping[str, float]) -> None:
        """Jobs have ended, and their service told what they cost."""
        with self._open() as db:
            for job, amount in costs.items():
                db.execute("UPDATE charges SET amount = ? WHERE job = ?", (amount, job))

    def saw(self, identity: str, newest: str) -> None:
        """Remember the newest scene."""
        with self._open() as db:
            db.execute("UPDATE watches SET newest = ? WHERE id = ?", (newest, identity))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when it ends."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(str(self.path), timeout=WAIT, isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                _prepare(db, self.path)
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            text = f"The watches in {self.path} cannot be used: {error}. Check that it is a file and that its folder can be written to."
            raise WatchError(text) from None


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise WatchError(f"The watches in {path} were written by a newer Groundtrack. Update the plugin; none of them runs here.")
    if version == 0:
        for statement in _TABLES:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION:d}")


def _find(db: sqlite3.Connection, identity: str) -> Optional[WatchState]:
    row = db.execute("SELECT id, newest, body FROM watches WHERE id = ?", (identity,)).fetchone()
    return _state(db, *row) if row else None


def _state(db: sqlite3.Connection, identity: str, newest: str, body: str) -> Optional[WatchState]:
    try:
        watch = watch_from(json.loads(body))
    except (ValueError, PresetError):
        return None
    runs = db.execute("SELECT slot, at, outcome FROM runs WHERE watch = ? ORDER BY at DESC, rowid DESC", (identity,)).fetchall()
    sums = ("SELECT coalesce(sum(amount), 0) FROM charges WHERE watch = ?", "SELECT coalesce(sum(held), 0) FROM runs WHERE watch = ?")
    spent = float(sum(db.execute(query, (identity,)).fetchone()[0] for query in sums))
    last: Dict[str, Any] = {"last_at": runs[0][1], "outcome": runs[0][2]} if runs else {}
    return WatchState(watch, newest, spent, used=tuple(run[0] for run in runs), **last)


def _search(watch: Watch) -> Tuple[Any, ...]:
    return watch.kind, watch.search_account, watch.collections, watch.preset.area


def _is_used(db: sqlite3.Connection, identity: str, slot: int) -> bool:
    return db.execute("SELECT 1 FROM runs WHERE watch = ? AND slot = ?", (identity, slot)).fetchone() is not None


def _change(db: sqlite3.Connection, identity: str, **changes: Any) -> None:
    state = _find(db, identity)
    if state is not None:
        body = json.dumps(replace(state.watch, **changes).to_dict())
        db.execute("UPDATE watches SET body = ? WHERE id = ?", (body, identity))
