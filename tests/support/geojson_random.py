"""GeoJSON as no one service sends it, made up from a number: attributes and shapes that change on the way, and texts like these."""

from __future__ import annotations

import json
import random
from typing import Any, Callable

_TEXTS = ["", "abc", "ż ó", "a\"b\\c", "\U0001f600", "\ud800", "nul\0", "line\nbreak",
          "[1,2]", '{"a":1}', "NaN", "12", "2024-01-01", "\x1e", "y" * 33_000]  # fmt: skip
_DATES = ["2024-01-01", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00.123Z", "2024-02-30", "2024/01/01",
          "2024-01-01T10:00:00+02:00", "24:00"]  # fmt: skip
_NUMBERS = [2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**63, 10**30, 1e300, -0.0,
            5e-324, 1.0, 2**53 + 1, float("nan"), float("inf")]  # fmt: skip
_NAMES = ["n", "kind", "id", "fid", "geom", "ż", 'a"b', "", "Kind", "upper_chart", "geometry", "type", "rowid"]
_ORDERS = ["type properties geometry", "type geometry properties", "geometry type properties", "type id properties geometry",
           "type properties geometry id"]  # fmt: skip

_VALUES: dict[str, Callable[[random.Random], Any]] = {
    "small": lambda dice: dice.randint(-1000, 1000),
    "large": lambda dice: dice.randint(-(2**62), 2**62),
    "share": lambda dice: dice.random(),
    "number": lambda dice: dice.choice(_NUMBERS),
    "word": lambda dice: dice.choice(["alpha", "beta"]),
    "text": lambda dice: dice.choice(_TEXTS),
    "day": lambda dice: f"2024-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
    "time": lambda dice: f"2024-{dice.randint(1, 12):02}-11T10:00:00.{dice.randint(0, 999):03}Z",
    "date": lambda dice: dice.choice(_DATES),
    "on": lambda dice: dice.random() < 0.5,
    "nothing": lambda dice: None,
    "list": lambda dice: dice.choice([[], [1, 2], ["a", "b"], ["2024-01-01"], [1.5, None], [{"a": 1}]]),
    "object": lambda dice: dice.choice([{}, {"a": 1}, {"b": {"c": None}}]),
}


def _ring(dice: random.Random, more: tuple[float, ...] = ()) -> list[Any]:
    west, south, size = round(dice.uniform(-170, 170), dice.randint(0, 14)), dice.uniform(-80, 80), dice.choice([0.001, 0.1])
    return [[west + x * size, south + y * size, *more] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]


def polygon(dice: random.Random) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [_ring(dice) for _ in range(dice.choice([1, 1, 2]))]}


def multipolygon(dice: random.Random) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [[_ring(dice)] for _ in range(dice.choice([1, 2]))]}


def line(dice: random.Random) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": _ring(dice)}


def odd(dice: random.Random) -> Any:
    """A shape that is none, or one of another kind."""
    inside: list[Any] = [[[]], [[[1, 2], [3, 4], [5, float("nan")], [1, 2]]], [[[1, 2], [3, 4], [float("inf"), 6], [1, 2]]],
                         [[[1, 2], [3, "4"], [5, 6], [1, 2]]], [[[1, 2], [3, None], [5, 6], [1, 2]]], [[[1, 2]]], [_ring(dice, (7.5,))], [],
                         [[[1, 2], [3, 4, 5], [5, 6], [1, 2]]], [_ring(dice), []]]  # fmt: skip
    others = [None, line(dice), {"type": "Point", "coordinates": [1, 2]}, {**polygon(dice), "bbox": [1, 2, 3, 4]},
              {"type": "GeometryCollection", "geometries": [polygon(dice), line(dice)]},
              {"type": "GeometryCollection", "geometries": []}]  # fmt: skip
    return dice.choice([*others, *({"type": "Polygon", "coordinates": one} for one in inside)])


_SHAPES = [(polygon,), (polygon,), (multipolygon,), (polygon, polygon, multipolygon), (line,), (polygon, line), (polygon, odd)]


def _anew(columns: list[tuple[str, str]], dice: random.Random) -> list[tuple[str, str]]:
    return [(name, dice.choice(list(_VALUES))) for name, _ in columns]


def document(seed: int) -> bytes:
    """A result of up to a hundred features."""
    dice = random.Random(seed)
    count = dice.choice([1, 5, 40, 100])
    change, strange = dice.randint(0, count), dice.choice([0.0, 0.0, 0.03])
    columns = [(name, dice.choice(list(_VALUES))) for name in dice.sample(_NAMES, dice.randint(0, 4))]
    later = dice.choice([columns, columns, columns[1:], [*columns, ("late", "word")], _anew(columns, dice)])
    first, then = dice.choice(_SHAPES), dice.choice(_SHAPES)
    then = dice.choice([first, first, then])
    order, gaps = dice.choice(_ORDERS).split(), dice.choice([0.0, 0.0, 0.2])
    features = []
    for number in range(count):
        shape = odd if dice.random() < strange else dice.choice(first if number < change else then)
        values = {name: _VALUES[kind](dice) for name, kind in (columns if number < change else later) if dice.random() >= gaps}
        if values and dice.random() < strange:
            values[next(iter(values))] = dice.choice(list(_VALUES.values()))(dice)
        members = {"type": "Feature", "id": number, "properties": values, "geometry": shape(dice)}
        features.append({name: members[name] for name in order})
    looks: dict[str, Any] = {"ensure_ascii": dice.random() < 0.5, "indent": dice.choice([None, None, 1])}
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=dice.choice([None, (",", ":")]), **looks)
    return dice.choice([b"", b"", b"\xef\xbb\xbf"]) + text.encode("utf-8", "surrogatepass")
