"""Bulky values stay out of the table and out of memory; change is counted."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from groundtrack.results.charts import charts_path, read_chart
from groundtrack.results.geojson import convert
from support.geojson import CHANGE, Workshop, collection, feature


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_change_cells_count_only_when_they_changed(shop: Workshop) -> None:
    deviations = [0.05, -0.05, 0.049, -0.76, 1.14, 0.0, None, float("nan")]
    done = shop.convert(collection(*(feature(deviation=value) for value in deviations)), CHANGE)
    assert (done.features, done.matched) == (8, 4)


def test_change_without_the_deviation_counts_all(shop: Workshop) -> None:
    assert shop.convert(collection(feature(), feature(a=1)), CHANGE).matched == 2


def test_charts_go_to_the_side_file(shop: Workshop) -> None:
    cells = [
        feature(deviation=0.6, changePointDates=["2025-09-14"], upper_chart={"data_series": [0.1, float("nan")]}, lower_chart=None),
        feature(deviation=0.0, changePointDates=[]),
        feature(deviation=0.1, changePointDates=["2025-01-02"], upper_chart={"s": '}{"'}),
    ]
    shop.convert(collection(*cells), CHANGE)
    assert list(shop.types()) == ["deviation", "changePointDates"]
    assert shop.types()["changePointDates"] == "String"
    assert [row["changePointDates"] for row in shop.rows()] == ["2025-09-14", "", "2025-01-02"]
    assert shop.left() == {shop.target.name, charts_path(shop.target).name}
    assert read_chart(shop.target, 1) == {"upper_chart": {"data_series": [0.1, None]}, "lower_chart": None}
    assert read_chart(shop.target, 2) is None
    assert read_chart(shop.target, 3) == {"upper_chart": {"s": '}{"'}}


def test_one_date_in_every_list_is_still_text(shop: Workshop) -> None:
    shop.convert(collection(*(feature(changePointDates=["2025-09-14"]) for _ in range(3))), CHANGE)
    assert shop.types() == {"changePointDates": "String"}
    assert {row["changePointDates"] for row in shop.rows()} == {"2025-09-14"}


def test_monsters_never_reach_the_table(shop: Workshop) -> None:
    shop.convert(collection(feature(a=1, big="x" * 40_000, deep={"rows": list(range(20_000))}), feature(a=2, big="y")))
    assert shop.rows() == [{"a": 1, "big": None}, {"a": 2, "big": "y"}]
    assert read_chart(shop.target, 1) == {"big": "x" * 40_000, "deep": {"rows": list(range(20_000))}}


def test_converting_again_leaves_nothing_of_the_result_before(shop: Workshop) -> None:
    shop.convert(collection(feature(a=1, upper_chart=1)), CHANGE)
    shop.convert(collection(feature(b=1)), CHANGE)
    assert shop.rows() == [{"b": 1}]
    assert read_chart(shop.target, 1) is None
    assert shop.left() == {shop.target.name}


def test_a_broken_side_file_is_no_chart(shop: Workshop) -> None:
    shop.convert(collection(feature(a=1)))
    charts_path(shop.target).write_bytes(b"not a database" * 100)
    assert read_chart(shop.target, 1) is None


def test_no_large_piece_is_ever_parsed_at_once_and_memory_stays_small(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's parser holds the interpreter, and with it the whole application, until it is done."""
    chart = {"data_series": [n / 7 for n in range(400)]}
    cells = [feature(deviation=0.1, n=n, changePointDates=["2025-01-02"], upper_chart=chart, lower_chart=chart) for n in range(1500)]
    shop.source.write_bytes(json.dumps(collection(*cells, feature(big=chart["data_series"] * 100))).encode())
    del cells
    assert shop.source.stat().st_size > 20e6
    parsed: list[int] = []
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda text, **more: parsed.append(len(text)) or loads(text, **more))
    tracemalloc.start()
    try:
        done = convert(shop.source, shop.target, CHANGE, progress=shop.progress.append, cancelled=lambda: False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done.features == 1501
    assert 0 < max(parsed) < 64 * 1024
    assert peak < 16e6
