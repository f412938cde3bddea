"""Days that are told in relation to today, such as "today - 30 days" or "month start - 12 months".

A preset holds them as that text; they become a day (UTC, as services count) when a request is made.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Optional

ANCHORS = ("today", "month start", "month end", "year start", "year end")
UNITS = ("day", "week", "month", "year")
FARTHEST = {"day": 9999, "week": 2000, "month": 1200, "year": 100}

_RULE = re.compile(
    rf"(?P<anchor>{'|'.join(ANCHORS)})(?:\s*(?P<sign>[+-])\s*(?P<amount>\d{{1,4}})\s*(?P<unit>{'|'.join(UNITS)})s?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class RelativeDate:
    """A day `amount` units from today (negative: before), then the beginning or end of its month or year where `anchor` says so."""

    anchor: str = "today"
    amount: int = 0
    unit: str = "day"

    def __str__(self) -> str:
        if not self.amount:
            return self.anchor
        sign = "-" if self.amount < 0 else "+"
        return f"{self.anchor} {sign} {abs(self.amount)} {self.unit}{'' if abs(self.amount) == 1 else 's'}"

    def on(self, today: dt.date) -> dt.date:
        """The day that is meant when it is `today`. A day that a shorter month lacks becomes that month's last."""
        day = self._moved(today)
        month = 1 if self.anchor == "year start" else 12 if self.anchor == "year end" else day.month
        if self.anchor.endswith("start"):
            return dt.date(day.year, month, 1)
        if self.anchor.endswith("end"):
            return dt.date(day.year, month, calendar.monthrange(day.year, month)[1])
        return day

    def _moved(self, today: dt.date) -> dt.date:
        if self.unit in ("day", "week"):
            return today + dt.timedelta(days=self.amount * (7 if self.unit == "week" else 1))
        months = today.year * 12 + today.month - 1 + self.amount * (12 if self.unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def relative_date(text: Any) -> Optional[RelativeDate]:
    """The relative day that a text tells, None when it is anything else."""
    found = _RULE.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    anchor, unit = found["anchor"].lower(), (found["unit"] or "day").lower()
    amount = int(found["amount"] or 0) * (-1 if found["sign"] == "-" else 1)
    return RelativeDate(anchor, amount, unit) if abs(amount) <= FARTHEST[unit] else None


def today_utc() -> dt.date:
    """Today, as services count days."""
    return dt.datetime.now(dt.timezone.utc).date()


def resolved(value: Any, today: dt.date) -> Any:
    """A relative day as YYYY-MM-DD; anything else as it is."""
    rule = relative_date(value)
    return rule.on(today).isoformat() if rule else value
