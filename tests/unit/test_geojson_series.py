"""Whatever shape chart data has, its numbers are found, and nothing makes it fail."""

from __future__ import annotations

import math
from typing import Any

import pytest
from groundtrack.results.series import Series, series
from hypothesis import given
from hypothesis import strategies as st

D1, D2 = "2025-01-02", "2025-02-03"


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        ({"upper_chart": {"data_series": [0.1, 0.7]}}, [Series("data_series", (0.1, 0.7))]),
        ({"lower_chart": {"main_series": {}}, "upper_chart": None}, []),
        ({"a": {"dates": [D1, D2], "vv": [1, None], "vh": [3, 4]}}, [Series("vv", (1, None), (D1, D2)), Series("vh", (3, 4), (D1, D2))]),
        ({"a": {"x": [D1, D2], "y": [1, 2], "short": [1]}}, [Series("y", (1, 2), (D1, D2)), Series("short", (1,))]),
        ({"main": [{"date": D1, "value": 1}, {"date": D2, "value": None}]}, [Series("main", (1, None), (D1, D2))]),
        ({"main": [[D1, 1], [D2, 2]]}, [Series("main", (1, 2), (D1, D2))]),
        ({"main": [[1735776000000, 1.5], [1738540800000, 2]]}, [Series("main", (1.5, 2), (D1, D2))]),
        ({"data": [{"name": "VV", "data": [1, 2]}, {"name": "VH", "data": [3, 4]}]}, [Series("VV", (1, 2)), Series("VH", (3, 4))]),
        ({"a": [1, math.inf, math.nan]}, [Series("a", (1, None, None))]),
        ({"a": ["x", 1], "b": [True], "c": "text", "d": 5, "e": []}, []),
    ],
)
def test_known_shapes(chart: dict[str, Any], expected: list[Series]) -> None:
    assert series(chart) == expected


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.just(D1), st.text(max_size=3)),
            lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["x", "name", "date"]), inner)),
        ),
        max_size=4,
    )
)
def test_never_fails_and_gives_only_numbers(chart: dict[str, Any]) -> None:
    for line in series(chart):
        assert len(line.dates) in (0, len(line.values))
        assert all(value is None or math.isfinite(value) for value in line.values)


def test_endless_nesting() -> None:
    node: list[Any] = [1]
    for _ in range(5000):
        node = [node]
    assert series({"a": node}) == []
