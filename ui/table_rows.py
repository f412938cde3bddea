"""Whole rows of a table that are chosen, thousands of them too: Qt's own ways ask the model for every cell, which Python answers."""

from __future__ import annotations

from itertools import groupby
from typing import Iterable, Iterator, List, Sequence, Tuple

from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel
from qgis.PyQt.QtWidgets import QTableView


def chosen_rows(table: QTableView) -> List[int]:
    """The selected rows, from top to bottom."""
    parts = table.selectionModel().selection()
    return sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})


def choose_rows(table: QTableView, rows: Iterable[int]) -> None:
    """Select these rows alone, and bring the first of them into view."""
    model, selection = table.model(), QItemSelection()
    runs = list(_runs(sorted(set(rows))))
    for top, bottom in runs:
        selection.select(model.index(top, 0), model.index(bottom, 0))
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
    if runs:
        first = model.index(runs[0][0], 0)
        table.selectionModel().setCurrentIndex(first, flags.NoUpdate)
        table.scrollTo(first)


def keep_header_out(table: QTableView) -> None:
    """Have the header, which marks nothing as chosen, not look through all chosen rows whenever it is drawn. Call after `setModel`."""
    header = table.horizontalHeader()
    header.setSelectionModel(QItemSelectionModel(table.model(), header))


def _runs(rows: Sequence[int]) -> Iterator[Tuple[int, int]]:
    """First and last of each run without a gap, in sorted numbers."""
    for _, run in groupby(enumerate(rows), lambda item: item[1] - item[0]):
        numbers = [row for _, row in run]
        yield numbers[0], numbers[-1]
