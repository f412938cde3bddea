"""Round numbers and dates along an axis. Pure arithmetic."""

from __future__ import annotations

import datetime as dt
import math
from typing import List, Tuple

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def round_ticks(low: float, high: float, most: int) -> Tuple[List[float], int]:
    """At most `most` round numbers from low to high, and the decimals to write them with."""
    span = high - low
    if not span > 0 or most < 1:
        return [low], 3
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in _STEPS if power * factor >= rough * 0.999999)
    first = math.ceil(low / step - 1e-9)
    ticks = [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if step / power == 2.5 else 0)
    return ticks[:most] if len(ticks) > most + 1 else ticks, decimals


def date_ticks(first: dt.date, last: dt.date, most: int) -> List[Tuple[dt.date, str]]:
    """At most `most` beginnings of months or years, or days where the time is short, with their labels."""
    days = (last - first).days
    if days < 62:
        every = max(1, math.ceil((days + 1) / max(1, most)))
        return [(day, day.isoformat()) for day in (first + dt.timedelta(number) for number in range(0, days + 1, every))]
    months = days / 30.4
    every = next((step for step in _MONTHS if months / step <= most), _MONTHS[-1])
    ticks: List[Tuple[dt.date, str]] = []
    number = first.year * 12 + first.month - 1
    number += -number % every
    while True:
        year, month = divmod(number, 12)
        day = dt.date(year, month + 1, 1)
        if day > last:
            return ticks
        if day >= first:
            ticks.append((day, str(year) if every >= 12 else f"{year}-{month + 1:02d}"))
        number += every


def padded(low: float, high: float) -> Tuple[float, float]:
    """A little room above and below; a line without height gets some."""
    room = (high - low) * 0.06 or max(abs(high) * 0.1, 1.0)
    return low - room, high + room
