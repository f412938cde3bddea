"""Thousands of rows chosen at once: right, and without the model being asked for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.providers.scenes import Scene
from qgis.PyQt.QtCore import QItemSelectionModel, QModelIndex, Qt

MANY = 3000
LOOKS = 1500  # that drawing a dozen rows may take, and fewer than there are rows


@pytest.fixture
def table(qgis_app: Any, tmp_path: Path) -> Iterator[Any]:
    """The table of scenes, whose model counts how often it is asked."""
    from groundtrack.ui.scenes_model import ScenesModel
    from groundtrack.ui.scenes_pictures import PictureStore
    from groundtrack.ui.scenes_query import Found
    from groundtrack.ui.scenes_quicklooks import Quicklooks
    from groundtrack.ui.scenes_table import ScenesTable
    from qgis.PyQt.QtCore import QObject

    class Counting(ScenesModel):
        asked: Counter[str] = Counter()

        def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
            self.asked["rowCount"] += 1
            return super().rowCount(parent)

        def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
            self.asked["data"] += 1
            return super().data(index, role)

    class Silent:
        def close(self) -> None:
            """There is nothing to close."""

    owner = QObject()
    quicklooks = Quicklooks(Silent(), PictureStore(tmp_path), owner)
    made = ScenesTable(quicklooks)
    model = Counting(made)
    made.setModel(model)
    model.add([Found(Scene(f"made:{number}", "astra", "s2", f"2026-05-01T{number:06d}")) for number in range(MANY)])
    made.resize(500, 600)
    made.show()
    made.grab()
    model.asked.clear()
    yield made
    quicklooks.stop()
    made.close()
    made.deleteLater()


def test_all_rows_are_chosen_and_drawn_without_a_look_at_each(table: Any) -> None:
    from groundtrack.ui.table_rows import chosen_rows

    table.selectAll()
    table.grab()
    assert chosen_rows(table) == list(range(MANY))
    assert sum(table.model().asked.values()) < LOOKS, table.model().asked


def test_rows_here_and_there_are_chosen_and_the_first_is_brought_into_view(table: Any) -> None:
    from groundtrack.ui.table_rows import choose_rows, chosen_rows

    table.selectAll()
    wanted = [*range(2500, 2900), 17, 18, 19, 1200]
    choose_rows(table, reversed(wanted))
    assert chosen_rows(table) == sorted(wanted)
    assert len(table.selectionModel().selection()) == 3  # in runs: Qt compares each piece with each
    assert table.currentIndex().row() == 17
    assert table.rowAt(0) <= 17 <= table.rowAt(table.viewport().height() - 1)
    choose_rows(table, ())
    assert chosen_rows(table) == []


def test_what_is_taken_out_of_a_chosen_whole_is_not_chosen(table: Any) -> None:
    from groundtrack.ui.table_rows import chosen_rows

    flags = QItemSelectionModel.SelectionFlag
    table.selectAll()
    table.selectionModel().select(table.model().index(5, 0), flags.Toggle | flags.Rows)
    assert chosen_rows(table) == [row for row in range(MANY) if row != 5]
