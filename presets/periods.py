"""Periods that follow one another: what a dated series is made of. All days are UTC, first and last day included."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Tuple

from ..providers.fields import Field, Kind
from .dates import RelativeDate, relative_date, resolved

MOST = 366  # periods of a series
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From a day to a day; one day for tasks that ask for a single date."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        """ISO 8601: a day, or two with a slash. Sorts by time."""
        first, last = self.first.isoformat(), self.last.isoformat()
        return first if first == last else f"{first}/{last}"


@dataclass(frozen=True)
class Step:
    """How far it is from one period to the next."""

    amount: int = 1
    unit: str = "month"

    def after(self, day: dt.date, times: int = 1, keep: int = 0) -> dt.date:
        """The day so many steps later; one that a shorter month lacks becomes that month's last.

        `keep` is the day of the month that a series began with: where a shorter month cut it off, longer ones have it again.
        """
        later = RelativeDate("today", self.amount * times, self.unit).on(day)
        if self.unit not in ("month", "year") or keep <= day.day or (day + _DAY).day != 1:
            return later
        return later.replace(day=min(keep, calendar.monthrange(later.year, later.month)[1]))


def dated_fields(fields: Sequence[Field], values: Mapping[str, Any]) -> Tuple[str, ...]:
    """Names of the one date or of the first and last day that a task asks for, as its values stand; empty when it asks for neither."""
    names = tuple(field.name for field in fields if field.kind is Kind.DATE and field.counts(values))
    return names if len(names) in (1, 2) else ()


def is_moving(names: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Whether one of these days is told in relation to today."""
    return any(relative_date(values.get(name)) is not None for name in names)


def period_of(names: Sequence[str], values: Mapping[str, Any], today: dt.date) -> Optional[Period]:
    """What the values ask for now; None while a day is missing or none."""
    try:
        days = [dt.date.fromisoformat(str(resolved(values.get(name), today))) for name in names]
    except ValueError:
        return None
    return Period(min(days), max(days)) if days else None


def step_of(period: Period) -> Step:
    """The length of a period: in months where it is whole ones, else in days."""
    after = period.last + _DAY
    if period.first.day == 1 and after.day == 1:
        months = (after.year - period.first.year) * 12 + after.month - period.first.month
        return Step(months // 12, "year") if months % 12 == 0 else Step(months, "month")
    return Step((after - period.first).days, "day")


def following(period: Period, step: Step, *, single: bool, keep: int = 0) -> Period:
    """The next period; with `single` the day one step later. `keep` as in `Step.after`."""
    if single:
        return Period(step.after(period.last, keep=keep), step.after(period.last, keep=keep))
    first = period.last + _DAY
    return Period(first, step.after(first) - _DAY)


def cut(first: dt.date, last: dt.date, step: Step, *, single: bool, keep: int = 0) -> Tuple[Period, ...]:
    """The span from `first` to `last` in periods of a step, the last one cut short where it does not fit; with `single` one day each.

    At most MOST + 1, so that one sees that there are too many. `keep` as in `Step.after`.
    """
    return tuple(_cut(first, last, step, single, keep))


def with_period(names: Sequence[str], values: Mapping[str, Any], period: Period) -> Dict[str, Any]:
    """The values with the period in the place of their own."""
    days = (period.first.isoformat(), period.last.isoformat())
    return {**values, **dict(zip(names, days))}


def _cut(first: dt.date, last: dt.date, step: Step, single: bool, keep: int) -> Iterator[Period]:
    for number in range(MOST + 1):
        start = step.after(first, number, keep)
        if start > last:
            return
        yield Period(start, start) if single else Period(start, min(last, step.after(first, number + 1, keep) - _DAY))


def is_member(text: str) -> bool:
    """Whether a text names a period, as those of a series do."""
    return period_in(text) is not None


def period_in(text: str) -> Optional[Period]:
    """The period that a text names, None when it names none."""
    first, _, last = text.partition("/")
    try:
        return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last or first))
    except ValueError:
        return None
