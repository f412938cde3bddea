"""Amounts, counts and times as words, in the language and number format of QGIS."""

from __future__ import annotations

import html
import re
from typing import Tuple

from qgis.PyQt.QtCore import QCoreApplication, QLocale

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_BREAK = "\u200b"  # zero-width space: a place where a line may end


def translate(context: str, text: str) -> str:
    """A text in the language of QGIS."""
    return str(QCoreApplication.translate(context, text))


def count(number: int, one: str, many: str) -> str:
    """`one` for 1, else `many` with the number in the place of {}."""
    return one if number == 1 else many.format(QLocale().toString(number))


def area(km2: float) -> str:
    """An area in the unit that reads best."""
    if km2 < 0.1:
        return translate("Groundtrack", "{} m²").format(QLocale().toString(km2 * 1e6, "f", 0))
    digits = 0 if km2 >= 1000 or km2 == round(km2) else 1 if km2 >= 1 else 2
    return translate("Groundtrack", "{} km²").format(QLocale().toString(km2, "f", digits))


def localised(text: str) -> str:
    """The sentence with its large numbers and areas in the number format of QGIS."""
    return re.sub(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+(?= km²))(?![\d,])", _localised_number, text)


def _localised_number(match: re.Match[str]) -> str:
    number = match.group().replace(",", "")
    return str(QLocale().toString(float(number), "f", len(number.partition(".")[2])))


def length(km: float) -> str:
    """A distance in the unit that reads best."""
    if km < 1:
        return translate("Groundtrack", "{} m").format(QLocale().toString(km * 1000, "f", 0))
    return translate("Groundtrack", "{} km").format(QLocale().toString(km, "f", 2 if km < 10 else 1 if km < 1000 else 0))


def in_brackets(text: str) -> str:
    """A remark behind other words, "" when there is none."""
    return f" ({text})" if text else ""


def duration(minutes: Tuple[float, float]) -> str:
    """A usual run time."""
    low, high = minutes
    if high >= 180:
        return translate("Groundtrack", "about {} h").format(_span(low / 60, high / 60))
    return translate("Groundtrack", "about {} min").format(_span(low, high))


def _span(low: float, high: float) -> str:
    first, last = f"{max(1.0, low):.0f}", f"{max(1.0, high):.0f}"
    return first if first == last else f"{first}–{last}"


def ago(seconds: float) -> str:
    """How long ago something was."""
    if seconds < MINUTE:
        return translate("Groundtrack", "less than a minute ago")
    if seconds < HOUR:
        return count(int(seconds // MINUTE), translate("Groundtrack", "1 minute ago"), translate("Groundtrack", "{} minutes ago"))
    if seconds < DAY:
        return count(int(seconds // HOUR), translate("Groundtrack", "1 hour ago"), translate("Groundtrack", "{} hours ago"))
    return count(int(seconds // DAY), translate("Groundtrack", "1 day ago"), translate("Groundtrack", "{} days ago"))


def plain(text: str) -> str:
    """Text for a place that takes markup (tool tips, message bars): shown as it is, and wrapped."""
    return f"<span>{html.escape(text)}</span>" if text else ""


def breakable(text: str) -> str:
    """The text with places to end a line inside very long words (addresses, scene ids), so that no label forces a window wide."""
    return re.sub(r"\S{24}(?=\S)", lambda part: part.group() + _BREAK, text)
