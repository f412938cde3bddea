"""One delivered feature made fit for a table: flat attributes, no monsters, a usable shape."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Dict, NamedTuple, Optional, Set

from .errors import ResultError
from .members import members
from .scanner import DAMAGED, NO_FEATURES
from .tables import TableSpec

LARGEST_VALUE = 32 * 1024
_EDGE = 2048  # where the names in a geometry stand; the middle is coordinates, perhaps many megabytes
_NO_NUMBER = (b"NaN", b"Infinity", b"-Infinity")
_GEOMETRY_TYPE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_NO_COORDINATES = re.compile(rb'"(?:coordinates|geometries)"\s*:\s*\[\s*\]')


class Cleaned(NamedTuple):
    """`text` is a feature free of the record separator (0x1E); `side` JSON text of what does not belong into a table, or empty."""

    text: bytes
    side: bytes


class FeatureCleaner:
    """Cleans features one by one and remembers what the table has to know about all of them."""

    def __init__(self, spec: TableSpec) -> None:
        self._side = {name.encode() for name in spec.side}
        self.shapeless = 0
        self.geometries: Set[str] = set()
        self.names: Set[str] = set()
        self.lists: Set[str] = set()  # names of attributes that came as arrays

    def clean(self, feature: bytes) -> Optional[Cleaned]:
        """None for a feature without a usable shape. Raises ResultError for what is not a feature."""
        try:
            parts = members(feature)
            if parts.get(b"type") != b'"Feature"':
                raise ResultError(NO_FEATURES)
            attributes = parts.get(b"properties", b"null")
            properties = members(attributes) if attributes != b"null" else {}
            geometry = self._shape(parts.get(b"geometry", b"null"))
            if geometry is None:
                self.shapeless += 1
                return None
            properties.setdefault(b"id", parts.get(b"id", b"null"))
            return self._put_together(properties, geometry)
        except (ValueError, RecursionError) as problem:
            raise ResultError(DAMAGED) from problem

    def _shape(self, geometry: bytes) -> Optional[bytes]:
        edges = geometry if len(geometry) < 2 * _EDGE else geometry[:_EDGE] + geometry[-_EDGE:]
        kinds = _GEOMETRY_TYPE.findall(edges)
        if not kinds or b"NaN" in geometry or b"Infinity" in geometry or _NO_COORDINATES.search(edges):
            return None
        self.geometries.add(kinds[0].decode() if len(kinds) == 1 else "GeometryCollection")
        return geometry

    def _put_together(self, properties: Dict[bytes, bytes], geometry: bytes) -> Cleaned:
        kept, aside = [], []
        for name, value in properties.items():
            if name in self._side or len(value) > LARGEST_VALUE:
                aside.append(b'"%b":%b' % (name, value))
            elif name != b"id" or value != b"null":
                name = name or b"unnamed"
                kept.append(b'"%b":%b' % (name, self._flat(name, value)))
        text = b'{"type":"Feature","properties":{%b},"geometry":%b}' % (b",".join(kept), geometry)
        return Cleaned(text.replace(b"\x1e", b" "), b"{%b}" % b",".join(aside) if aside else b"")

    def _flat(self, name: bytes, value: bytes) -> bytes:
        text_name = _text(name)
        self.names.add(text_name)
        first = value[:1]
        if first == b"[":
            self.lists.add(text_name)
            return _list_text(value)
        if first == b"{":
            return json.dumps(_compact(_parsed(value))).encode()
        return value if first in b'"tfn' else _number(value)


def _text(name: bytes) -> str:
    """A member's name as people read it."""
    return json.loads(b'"%b"' % name) if b"\\" in name else name.decode("utf-8", "replace")


def _list_text(value: bytes) -> bytes:
    items = _parsed(value)
    if any(isinstance(item, (list, dict)) for item in items):
        return json.dumps(_compact(items)).encode()
    return json.dumps(", ".join(item if isinstance(item, str) else _compact(item) for item in items)).encode()


def _parsed(value: bytes) -> Any:
    return json.loads(value, parse_constant=lambda _: None)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _number(value: bytes) -> bytes:
    """Null for what is not finite; whole numbers beyond 64 bits become approximate instead of being clipped."""
    if value in _NO_NUMBER:
        return b"null"
    if len(value) < 19 and b"e" not in value and b"E" not in value:
        return value
    number = float(value)
    if not math.isfinite(number):
        return b"null"
    return value if abs(number) < 2**63 else repr(number).encode()
