"""The time-series result: a grid of about 50 m cells over the outline, most of its bytes charts."""

from __future__ import annotations

import json
import math
import random
from datetime import date, timedelta
from typing import Any

from ..geometry import Ring, bounds, spans

CELL = 50.0
METRES_PER_DEGREE = 111_320.0
CHART_POINTS = 58
CHART_VARIANTS = 48
STRANGE_WORDS = ("NaN", "Infinity", "-Infinity")
Cell = tuple[int, float, float, float, float]


def series_features(ring: Ring, first: str, last: str, draw: random.Random, charts: str, strange: bool) -> list[str]:
    """One GeoJSON feature text per grid cell; `strange` puts NaN and Infinity among the numbers."""
    days = _days(first, last, CHART_POINTS if charts == "full" else 2)
    blobs = [_charts(days, draw) for _ in range(CHART_VARIANTS if charts == "full" else 1)]
    cells = _grid(ring)
    changed = _changes(cells, draw)
    features = []
    for index, cell in enumerate(cells):
        value = changed.get(index, draw.uniform(-0.045, 0.045))
        dates = json.dumps(sorted(draw.sample(days, min(len(days), draw.choice((1, 1, 2)))))) if index in changed else "[]"
        text = STRANGE_WORDS[index % 3] if strange and index % 10 == 0 else f"{value:.4f}"
        features.append(
            f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{_corners(cell)}]}}, '
            f'"properties": {{"i_h": {index}, "deviation": {text}, "changePointDates": {dates}, '
            f'"fill": "{_fill(value)}", {blobs[draw.randrange(len(blobs))]}}}}}')
    return features


def _grid(ring: Ring) -> list[Cell]:
    west, south, _, north = bounds(ring)
    high = CELL / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians((south + north) / 2)), 0.01)
    cells: list[Cell] = []
    for row in range(max(1, math.ceil((north - south) / high))):
        low = south + row * high
        inside = [span for share in (0.001, 0.25, 0.5, 0.75, 0.999) for span in spans(ring, low + share * high)]
        columns = {column for a, b in inside for column in range(int((a - west) / wide), int((b - west) / wide) + 1)}
        for column in sorted(columns):
            left = west + column * wide
            cells.append((len(cells), left, low, left + wide, low + high))
    return cells


def _corners(cell: Cell) -> str:
    _, west, south, east, north = cell
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "[" + ", ".join(f"[{x:.7f}, {y:.7f}]" for x, y in corners) + "]"


def _changes(cells: list[Cell], draw: random.Random) -> dict[int, float]:
    """Deviation of the few changed cells, gathered around one to three spots."""
    wanted = min(len(cells), max(2, len(cells) // 340))
    spots = [draw.choice(cells) for _ in range(draw.randint(1, 3))]
    nearest = sorted(cells, key=lambda cell: min(abs(cell[1] - s[1]) + abs(cell[2] - s[2]) for s in spots))
    return {cell[0]: _deviation(draw) for cell in nearest[:wanted]}


def _deviation(draw: random.Random) -> float:
    return draw.uniform(0.06, 1.14) if draw.random() < 0.6 else draw.uniform(-0.76, -0.06)


def _fill(value: float) -> str:
    if abs(value) < 0.05:
        return "#D9D9D9"
    shade = int(170 - 130 * min(abs(value), 1.0))
    return f"#E0{shade:02X}{shade:02X}" if value > 0 else f"#{shade:02X}{shade:02X}E0"


def _charts(days: list[str], draw: random.Random) -> str:
    level = draw.uniform(-14, -6)
    series = [{"x": day, "y": round(level + draw.gauss(0, 0.6), 3)} for day in days]
    main: dict[str, Any] = {"x": days, "y": [round(draw.gauss(0, 0.2), 4) for _ in days]}
    upper, lower = json.dumps({"data_series": series}), json.dumps({"main_series": main})
    return f'"upper_chart": {upper}, "lower_chart": {lower}'


def _days(first: str, last: str, count: int) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    span = (end - start).days
    return sorted({(start + timedelta(days=span * n // (count - 1))).isoformat() for n in range(count)})
