"""Periods that follow one another."""

from __future__ import annotations

import datetime as dt

import pytest
from groundtrack.presets.periods import (
    MOST,
    Period,
    Step,
    cut,
    dated_fields,
    following,
    is_moving,
    period_in,
    period_of,
    step_of,
    with_period,
)
from groundtrack.providers.sateais import OPERATIONS

D = dt.date
SHIP = OPERATIONS[0].fields
RANGE = OPERATIONS[4].fields
TODAY = D(2026, 11, 27)


def texts(periods: tuple[Period, ...]) -> list[str]:
    return [str(period) for period in periods]


def test_a_task_is_dated_by_one_day_or_two_unless_a_scene_decides() -> None:
    assert dated_fields(SHIP, {"date": "2026-05-04"}) == ("date",)
    assert dated_fields(SHIP, {"scene_id": "S1A_X"}) == ()
    assert dated_fields(RANGE, {}) == ("date_start", "date_end")


def test_relative_days_are_worked_out_and_missing_ones_are_none() -> None:
    assert str(period_of(("date",), {"date": "today - 7 days"}, TODAY)) == "2026-11-20"
    assert period_of(("date_start", "date_end"), {"date_start": "2026-05-04"}, TODAY) is None
    assert period_of((), {}, TODAY) is None
    assert is_moving(("date",), {"date": "today - 7 days"})
    assert not is_moving(("date",), {"date": "2026-05-04"})


@pytest.mark.parametrize(
    ("first", "last", "step", "after"),
    [
        (D(2026, 5, 1), D(2026, 5, 31), Step(1, "month"), "2026-06-01/2026-06-30"),
        (D(2026, 1, 1), D(2026, 2, 28), Step(2, "month"), "2026-03-01/2026-04-30"),
        (D(2024, 1, 1), D(2025, 12, 31), Step(2, "year"), "2026-01-01/2027-12-31"),
        (D(2026, 5, 4), D(2026, 5, 10), Step(7, "day"), "2026-05-11/2026-05-17"),
        (D(2026, 5, 1), D(2026, 5, 30), Step(30, "day"), "2026-05-31/2026-06-29"),
    ],
)
def test_the_next_period_has_the_same_length(first: dt.date, last: dt.date, step: Step, after: str) -> None:
    period = Period(first, last)
    assert step_of(period) == step
    assert str(following(period, step_of(period), single=False)) == after


def test_the_next_day_is_a_step_later_and_a_shorter_month_has_its_last() -> None:
    assert str(following(Period(D(2026, 1, 31), D(2026, 1, 31)), Step(1, "month"), single=True)) == "2026-02-28"


@pytest.mark.parametrize(
    ("first", "step", "keep", "days"),
    [
        (D(2026, 2, 28), Step(1, "month"), 31, "2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        (D(2026, 2, 28), Step(1, "month"), 28, "2026-02-28 2026-03-28 2026-04-28 2026-05-28"),
        (D(2026, 2, 14), Step(1, "month"), 31, "2026-02-14 2026-03-14 2026-04-14 2026-05-14"),
        (D(2026, 4, 30), Step(10, "day"), 31, "2026-04-30 2026-05-10 2026-05-20 2026-05-30"),
        (D(2023, 2, 28), Step(1, "year"), 29, "2023-02-28 2024-02-29 2025-02-28 2026-02-28"),
    ],
)
def test_a_day_that_a_short_month_cut_off_comes_again(first: dt.date, step: Step, keep: int, days: str) -> None:
    assert " ".join(texts(cut(first, D(2026, 5, 31), step, single=True, keep=keep))) == days
    assert str(following(Period(first, first), step, single=True, keep=keep)) == days.split()[1]


def test_a_span_is_cut_into_whole_periods_and_the_rest() -> None:
    whole = cut(D(2026, 9, 1), D(2026, 11, 27), Step(1, "month"), single=False)
    assert texts(whole) == ["2026-09-01/2026-09-30", "2026-10-01/2026-10-31", "2026-11-01/2026-11-27"]
    ends = cut(D(2026, 1, 31), D(2026, 4, 30), Step(1, "month"), single=True)
    assert texts(ends) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert cut(D(2026, 2, 1), D(2026, 1, 1), Step(), single=True) == ()
    assert len(cut(D(1990, 1, 1), D(2026, 1, 1), Step(1, "day"), single=True)) == MOST + 1


def test_periods_do_not_overlap_and_leave_no_day_out() -> None:
    found = cut(D(2026, 1, 31), D(2027, 1, 30), Step(1, "month"), single=False)
    assert all((after.first - before.last).days == 1 for before, after in zip(found, found[1:]))


def test_names_of_periods_are_read_again() -> None:
    assert period_in("2026-05-04") == Period(D(2026, 5, 4), D(2026, 5, 4))
    assert period_in("2026-05-01/2026-05-31") == Period(D(2026, 5, 1), D(2026, 5, 31))
    assert period_in("feature 7") is None
    assert period_in("") is None


def test_values_get_the_days_of_the_period() -> None:
    names = ("date_start", "date_end")
    may = {"date_start": "2026-05-01", "date_end": "2026-05-31"}
    assert with_period(names, {"x": 1}, Period(D(2026, 5, 1), D(2026, 5, 31))) == {"x": 1, **may}
