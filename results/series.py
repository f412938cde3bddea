"""Numbers worth plotting, found in chart data of unknown shape."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?$")
_LABELS = ("name", "label", "title")
_EARLIEST_MS = 1e11  # 1973 in milliseconds; smaller numbers are values, not times
_DEEPEST = 8


@dataclass(frozen=True)
class Series:
    """One line of a chart. `values` are finite or None (a gap); `dates` are ISO texts of the same number, or empty when there are none."""

    label: str
    values: Tuple[Optional[float], ...]
    dates: Tuple[str, ...] = ()


def series(chart: Dict[str, Any]) -> List[Series]:
    """Every numeric series in the chart, in the order of the data. Never fails: what is not understood is left out."""
    return list(_walk(chart, "", (), 0))


def _walk(node: Any, label: str, dates: Tuple[str, ...], depth: int) -> Iterator[Series]:
    if depth > _DEEPEST:
        return
    if isinstance(node, dict):
        own = next((node[key] for key in _LABELS if isinstance(node.get(key), str)), "")
        dates = next((found for found in map(_dates, node.values()) if found), dates)
        for key, value in node.items():
            yield from _walk(value, own or str(key), dates, depth + 1)
    elif isinstance(node, list) and node and not _dates(node):
        found = _line(node, label, dates)
        if found:
            yield found
        else:
            for value in node:
                yield from _walk(value, label, dates, depth + 1)


def _line(items: List[Any], label: str, dates: Tuple[str, ...]) -> Optional[Series]:
    if all(isinstance(item, (dict, list)) for item in items):
        points = [_point(list(item.values()) if isinstance(item, dict) else item) for item in items]
        known = [point for point in points if point]
        if len(known) < len(items):
            return None
        return Series(label, tuple(value for _, value in known), tuple(date for date, _ in known))
    values = _values(items)
    if not values:
        return None
    return Series(label, values, dates if len(dates) == len(values) else ())


def _point(parts: List[Any]) -> Optional[Tuple[str, Optional[float]]]:
    """A date and a number side by side, in either order."""
    if len(parts) < 2:
        return None
    for index, part in enumerate(parts):
        date = _date(part)
        if date:
            rest = parts[:index] + parts[index + 1 :]
            numbers = [_value(other) for other in rest if _is_number(other) or other is None]
            return (date, numbers[0]) if numbers else None
    return None


def _values(items: Sequence[Any]) -> Tuple[Optional[float], ...]:
    usable = all(_is_number(item) or item is None for item in items)
    values = tuple(map(_value, items)) if usable else ()
    return values if any(value is not None for value in values) else ()


def _dates(node: Any) -> Tuple[str, ...]:
    if not isinstance(node, list) or not node:
        return ()
    dates = tuple(map(_date, node))
    return dates if all(dates) else ()


def _date(item: Any) -> str:
    if isinstance(item, str):
        return item if _DATE.match(item) else ""
    if _is_number(item) and _EARLIEST_MS < item < 1e13:
        return datetime.fromtimestamp(item / 1000, timezone.utc).date().isoformat()
    return ""


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)


def _value(item: Any) -> Optional[float]:
    if item is None:
        return None
    try:
        value = float(item)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None
