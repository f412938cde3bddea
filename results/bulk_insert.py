"""Many rows into a table of SQLite. Several in one statement take a third of the time that a statement for each does."""

from __future__ import annotations

import sqlite3
from itertools import chain
from typing import Iterable, Sequence

_ROWS = 100  # in a statement
_VALUES = 999  # in a statement, which every SQLite allows: https://www.sqlite.org/limits.html


def insert(database: sqlite3.Connection, table: str, columns: Sequence[Iterable[object]]) -> None:
    """Append rows given by columns of one length. `table` is its name, quoted, and its columns where these are not all."""
    width = len(columns)
    values = list(chain.from_iterable(zip(*columns)))
    step = max(1, min(_ROWS, _VALUES // width)) * width
    full = len(values) // step * step
    database.executemany(_statement(table, width, step), (values[start : start + step] for start in range(0, full, step)))
    if full < len(values):
        database.execute(_statement(table, width, len(values) - full), values[full:])


def _statement(table: str, width: int, values: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * (values // width))}"  # noqa: S608 # nosec B608 - only question marks
