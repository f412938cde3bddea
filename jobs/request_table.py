"""Requests inside the journal's file: written once, with their job, and never again.

A request may hold an outline of 100,000 corners. Its text takes Python 0.1 s to write or read, in which no other thread runs; so what
changes of a job is kept apart from it, and a large outline is kept as well-known binary.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..aoi import DECIMALS, Aoi, from_wkb

TABLE = "CREATE TABLE requests (job TEXT PRIMARY KEY, body TEXT NOT NULL, outline BLOB)"  # the outline is missing in the body then
LARGE = 1000  # corners

Ask = Callable[..., List[Tuple[Any, ...]]]


class Requests:
    """The requests of jobs that were written or read here. They are shared by all snapshots of a job, and not to be changed."""

    def __init__(self, ask: Ask) -> None:
        """`ask` puts an SQL question to the journal."""
        self._ask = ask
        self._known: Dict[str, Mapping[str, Any]] = {}

    def of(self, identity: str) -> Mapping[str, Any]:
        """The request of a job that is in the journal."""
        known = self._known.get(identity)
        if known is None:
            rows = self._ask("SELECT body, outline FROM requests WHERE job = ?", identity)
            if not rows:  # the job was removed a moment ago
                return {}
            known = self._known[identity] = _read(*rows[0])
        return known

    def write(self, db: sqlite3.Connection, identity: str, request: Mapping[str, Any]) -> None:
        """Write down the request of a new job."""
        self._known[identity] = _write(db, identity, request)

    def forget(self, db: sqlite3.Connection, identity: str) -> None:
        """Remove the request of a job that is removed."""
        db.execute("DELETE FROM requests WHERE job = ?", (identity,))
        self._known.pop(identity, None)

    def keep(self, identities: Iterable[str]) -> None:
        """Remember those of these jobs alone."""
        for identity in set(self._known).difference(identities):
            self._known.pop(identity, None)


def split_bodies(db: sqlite3.Connection) -> None:
    """Move the requests out of the bodies of version 2. The jobs go into a table of another name, so that a Groundtrack of that version
    which has the file open finds none, instead of jobs without a request.
    """
    db.execute("ALTER TABLE jobs RENAME TO entries")
    db.execute(TABLE)
    for (identity,) in db.execute("SELECT id FROM entries").fetchall():
        (text,) = db.execute("SELECT body FROM entries WHERE id = ?", (identity,)).fetchone()
        body = json.loads(text)
        _write(db, identity, body.pop("request", {}))
        db.execute("UPDATE entries SET body = ? WHERE id = ?", (json.dumps(body), identity))


def _write(db: sqlite3.Connection, identity: str, request: Mapping[str, Any]) -> Dict[str, Any]:
    """Returns the request as it will be when it is read."""
    body, outline = _split(request)
    text = json.dumps(body)
    db.execute("INSERT OR REPLACE INTO requests (job, body, outline) VALUES (?, ?, ?)", (identity, text, outline))
    return {**json.loads(text), **({"aoi": request["aoi"]} if outline else {})}


def _split(request: Mapping[str, Any]) -> Tuple[Dict[str, Any], Optional[bytes]]:
    """A request without its large outline, and that; only one that is found again exactly is taken out."""
    area = request.get("aoi") or {}
    try:
        polygons = area["coordinates"] if area["type"] == "MultiPolygon" else [area["coordinates"]]
        if sum(len(ring) for polygon in polygons for ring in polygon) >= LARGE and _comes_back(area, polygons):
            return {name: value for name, value in request.items() if name != "aoi"}, Aoi(tuple(polygons)).wkb()
    except (TypeError, ValueError, LookupError, struct.error):  # no area, or one that nobody here has made
        return dict(request), None
    return dict(request), None


def _comes_back(area: Mapping[str, Any], polygons: Sequence[Any]) -> bool:
    """Whether an area is as `Aoi.geojson` makes it. Compared by numbers: to make another one would cost a full garbage collection."""
    kind = "Polygon" if len(polygons) == 1 else "MultiPolygon"
    points = (point for polygon in polygons for ring in polygon for point in ring)
    rounded = all(len(point) == 2 and all(round(number, DECIMALS) == number for number in point) for point in points)
    return set(area) == {"type", "coordinates"} and area["type"] == kind and rounded


def _read(body: str, outline: Optional[bytes]) -> Dict[str, Any]:
    request: Dict[str, Any] = json.loads(body)
    return {**request, "aoi": from_wkb(outline).geojson()} if outline else request
