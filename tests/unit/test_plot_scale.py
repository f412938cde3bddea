"""Round ticks along the axes of a plot."""

from __future__ import annotations

import datetime as dt

import pytest
from groundtrack.ui.plot_scale import date_ticks, padded, round_ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (0.0, 1.0, 5, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-10.2, -5.9, 3, [-10, -8, -6]),
        (0, 100, 4, [0, 25, 50, 75, 100]),
        (3.0, 3.0, 4, [3.0]),
    ],
)
def test_values(low: float, high: float, most: int, ticks: list[float]) -> None:
    assert round_ticks(low, high, most)[0] == pytest.approx(ticks)


def test_labels_have_as_many_decimals_as_they_need() -> None:
    ticks, decimals = round_ticks(0, 0.1, 4)
    assert [f"{tick:.{decimals}f}" for tick in ticks] == ["0.000", "0.025", "0.050", "0.075", "0.100"]


@pytest.mark.parametrize("days", [0, 5, 61, 70, 400, 1100, 9000])
@pytest.mark.parametrize("most", [2, 5, 9])
def test_dates_are_few_and_inside(days: int, most: int) -> None:
    first = dt.date(2026, 1, 17)
    last = first + dt.timedelta(days)
    ticks = date_ticks(first, last, most)
    assert all(first <= day <= last for day, _ in ticks)
    assert len(ticks) <= most + 1
    assert len({text for _, text in ticks}) == len(ticks)


def test_a_flat_line_gets_room() -> None:
    low, high = padded(5, 5)
    assert low < 5 < high
