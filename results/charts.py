"""The side file of a table: charts and other bulky values of each feature, kept out of the attribute table."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Dict, List, Optional, Tuple, Type

_BATCH = 256
_LEVEL = 3


def charts_path(table: Path) -> Path:
    """The side file that belongs to a GeoPackage; it exists only when some feature has bulky values."""
    return table.with_name(f"{table.stem}.charts.sqlite")


class ChartWriter:
    """Collects JSON texts by feature id. A context manager; the file is made with the first text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: List[Tuple[int, bytes]] = []
        self._database: Optional[sqlite3.Connection] = None

    def add(self, fid: int, text: bytes) -> None:
        self._rows.append((fid, zlib.compress(text, _LEVEL)))
        if len(self._rows) >= _BATCH:
            self._write()

    def _write(self) -> None:
        if self._database is None:
            self._database = sqlite3.connect(self._path)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("CREATE TABLE charts (fid INTEGER PRIMARY KEY, data BLOB NOT NULL)")
        self._database.executemany("INSERT INTO charts VALUES (?, ?)", self._rows)
        self._rows = []

    def __enter__(self) -> ChartWriter:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], _: Optional[BaseException], __: Optional[TracebackType]) -> None:
        if kind is None and self._rows:
            self._write()
        if self._database is not None:
            self._database.commit()
            self._database.close()


def read_chart(table: Path, fid: int) -> Optional[Dict[str, object]]:
    """The values put aside for one feature of a GeoPackage, non-finite numbers as None; None when there are none."""
    path = charts_path(table)
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute("SELECT data FROM charts WHERE fid = ?", (fid,)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return json.loads(zlib.decompress(row[0]), parse_constant=lambda _: None) if row else None


def replace_charts(made: Path, table: Path) -> None:
    """Put a finished side file into its place, or remove one left from an earlier conversion."""
    if made.exists():
        os.replace(made, charts_path(table))
    else:
        charts_path(table).unlink(missing_ok=True)
