"""A GeoPackage's spatial index, written leaf by leaf while the table grows.

The usual way, one insertion for each feature, takes as long as everything else together and can only begin at the end. Here each
batch of features becomes full leaves of the R-tree at once; the few levels above them are written when the last batch is in. The
layout of the nodes is documented at https://www.sqlite.org/rtree.html (section 7) and checked by SQLite's own `rtreecheck`.
"""

from __future__ import annotations

import sqlite3
from typing import List, Sequence, Tuple

import numpy as np

from .bulk_insert import insert

_ROOT = 1
_HEAD = 4  # bytes of a node before its cells: depth of the tree (in the root only) and number of cells, two bytes each
_CELL = np.dtype([("number", ">i8"), ("box", ">f4", 4)])


class PackedIndex:
    """Fills the empty R-tree `name` of a database. Boxes are (min x, max x, min y, max y), in any unit."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        self._database = database
        self._quoted = name.replace('"', '""')
        self._size = int(self._run('SELECT length(data) FROM "{}_node" WHERE nodeno = 1').fetchone()[0])
        self._most = (self._size - _HEAD) // _CELL.itemsize
        self._next = _ROOT + 1
        self._leaves: List[Tuple[np.ndarray, np.ndarray]] = []

    def add(self, rows: np.ndarray, boxes: np.ndarray) -> None:
        """Index rows of the table by number (n) and box (n × 4). Inside a transaction of the caller's."""
        if not len(rows):
            return
        boxes = _rounded(boxes)
        order = _spread(boxes, self._most)
        rows, boxes = rows[order], boxes[order]
        nodes, parents = self._write(rows, boxes, 0)
        order = np.argsort(rows)
        self._insert("rowid", rows[order].tolist(), parents[order].tolist())
        self._leaves.append((nodes, _around(boxes, self._most)))

    def finish(self) -> None:
        """Write the levels above the leaves, up to the root. Inside a transaction of the caller's."""
        if not self._leaves:
            return
        numbers, boxes = (np.concatenate(parts) for parts in zip(*self._leaves))
        depth = 0
        while len(numbers) > 1:
            depth += 1
            order = _spread(boxes, self._most)
            numbers, boxes = numbers[order], boxes[order]
            nodes, parents = self._write(numbers, boxes, depth)
            self._insert("parent", numbers.tolist(), parents.tolist())
            numbers, boxes = nodes, _around(boxes, self._most)
        self._crown(int(numbers[0]))

    def _write(self, numbers: np.ndarray, boxes: np.ndarray, depth: int) -> Tuple[np.ndarray, np.ndarray]:
        """Nodes over these cells: their numbers, and for each cell the one it is in."""
        count = -(-len(numbers) // self._most)
        cells = np.zeros(count * self._most, _CELL)
        cells["number"][: len(numbers)] = numbers
        cells["box"][: len(numbers)] = boxes
        filled = np.full(count, self._most, ">u2")
        filled[-1] = len(numbers) - (count - 1) * self._most
        nodes = np.zeros((count, self._size), np.uint8)
        nodes[:, 1] = depth
        nodes[:, 2:_HEAD] = filled.view(np.uint8).reshape(count, 2)
        nodes[:, _HEAD : _HEAD + self._most * _CELL.itemsize] = cells.view(np.uint8).reshape(count, -1)
        known = np.arange(self._next, self._next + count)
        self._next += count
        self._insert("node", known.tolist(), [node.tobytes() for node in nodes])
        return known, np.repeat(known, filled.astype(np.int64))

    def _crown(self, top: int) -> None:
        """The topmost node becomes the root, whose number is fixed."""
        self._run('DELETE FROM "{}_node" WHERE nodeno = 1')
        self._run('UPDATE "{}_node" SET nodeno = 1 WHERE nodeno = ?', top)
        self._run('UPDATE "{}_parent" SET parentnode = 1 WHERE parentnode = ?', top)
        if top == _ROOT + 1:  # the only leaf of a small table
            self._run('UPDATE "{}_rowid" SET nodeno = 1')

    def _insert(self, part: str, numbers: Sequence[int], values: Sequence[object]) -> None:
        insert(self._database, f'"{self._quoted}_{part}"', (numbers, values))

    def _run(self, statement: str, *values: int) -> sqlite3.Cursor:
        return self._database.execute(statement.format(self._quoted), values)


def _rounded(boxes: np.ndarray) -> np.ndarray:
    """Single precision, outwards, so that no feature falls out of its box."""
    single = boxes.astype(np.float32)
    single[:, 0::2] = np.where(single[:, 0::2] > boxes[:, 0::2], np.nextafter(single[:, 0::2], np.float32(-np.inf)), single[:, 0::2])
    single[:, 1::2] = np.where(single[:, 1::2] < boxes[:, 1::2], np.nextafter(single[:, 1::2], np.float32(np.inf)), single[:, 1::2])
    return single


def _spread(boxes: np.ndarray, most: int) -> np.ndarray:
    """An order in which each run of `most` boxes lies close together: strips from west to east, each from south to north."""
    order = np.argsort(boxes[:, 0] + boxes[:, 1], kind="stable")
    nodes = -(-len(boxes) // most)
    strip = most * max(1, int(np.ceil(np.sqrt(nodes))))
    heights = boxes[:, 2] + boxes[:, 3]
    for start in range(0, len(order), strip):
        part = order[start : start + strip]
        order[start : start + strip] = part[np.argsort(heights[part], kind="stable")]
    return order


def _around(boxes: np.ndarray, most: int) -> np.ndarray:
    """The box around each run of `most` boxes."""
    starts = np.arange(0, len(boxes), most)
    sides = (np.minimum, np.maximum, np.minimum, np.maximum)
    return np.stack([side.reduceat(boxes[:, index], starts) for index, side in enumerate(sides)], axis=1)
