"""Vector tiles: features in degrees written as a Mapbox Vector Tile with one layer, `vector_layer`."""

from __future__ import annotations

import math
import struct
from typing import Any

from .mapflow_features import Feature

EXTENT = 4096
BUFFER = 64
LAYER = b"vector_layer"
KINDS = {"Point": 1, "LineString": 2, "Polygon": 3}


def encoded(features: list[Feature], z: int, x: int, y: int) -> bytes:
    """The tile; things that do not touch it are left out, the others are not clipped."""
    keys: dict[str, int] = {}
    values: dict[Any, int] = {}
    items = [_feature(feature, z, x, y, keys, values) for feature in features if feature["geometry"]]
    layer = _field(1, LAYER) + b"".join(_field(2, item) for item in items if item)
    layer += b"".join(_field(3, key.encode()) for key in keys) + b"".join(_field(4, _value(value)) for value in values)
    return _field(3, layer + _key(5, 0) + _varint(EXTENT) + _key(15, 0) + _varint(2))


def _feature(feature: Feature, z: int, x: int, y: int, keys: dict[str, int], values: dict[Any, int]) -> bytes:
    kind, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
    lines = {"Point": lambda: [[coordinates]], "LineString": lambda: [coordinates], "Polygon": lambda: coordinates}[kind]()
    placed = [[_place(point, z, x, y) for point in line] for line in lines]
    points = [point for line in placed for point in line]
    if all(p[0] < -BUFFER for p in points) or all(p[0] > EXTENT + BUFFER for p in points) or all(
            p[1] < -BUFFER for p in points) or all(p[1] > EXTENT + BUFFER for p in points):
        return b""
    tags = [number for key, value in feature["properties"].items() if isinstance(value, (str, int, float))
            for number in (keys.setdefault(key, len(keys)), values.setdefault(value, len(values)))]
    numbers = _commands(kind, placed)
    return (_key(1, 0) + _varint(int(feature["properties"]["id"])) + _field(2, b"".join(map(_varint, tags)))
            + _key(3, 0) + _varint(KINDS[kind]) + _field(4, b"".join(map(_varint, numbers))))


def _commands(kind: str, lines: list[list[tuple[int, int]]]) -> list[int]:
    numbers, last = [], (0, 0)
    for line in lines:
        if kind == "Polygon":
            line = line[:-1] if _turns_right(line) else line[:-1][::-1]
        numbers += [9, _zigzag(line[0][0] - last[0]), _zigzag(line[0][1] - last[1])]
        last = line[0]
        if kind == "Point":
            continue
        numbers.append((len(line) - 1) << 3 | 2)
        for point in line[1:]:
            numbers += [_zigzag(point[0] - last[0]), _zigzag(point[1] - last[1])]
            last = point
        if kind == "Polygon":
            numbers.append(15)
    return numbers


def _turns_right(ring: list[tuple[int, int]]) -> bool:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) > 0


def _place(point: Any, z: int, x: int, y: int) -> tuple[int, int]:
    count = 1 << z
    across = (point[0] + 180) / 360 * count
    down = (1 - math.asinh(math.tan(math.radians(point[1]))) / math.pi) / 2 * count
    return round((across - x) * EXTENT), round((down - y) * EXTENT)


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _field(1, value.encode())
    if isinstance(value, float):
        return _key(3, 1) + struct.pack("<d", value)
    return _key(4, 0) + _varint(value)


def _field(number: int, data: bytes) -> bytes:
    return _key(number, 2) + _varint(len(data)) + data


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)
