"""One delivered feature made fit for a table: flat attributes, no monsters, a usable shape."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Dict, Match, NamedTuple, Optional, Set

from .errors import ResultError
from .members import members
from .ordinary import ordinary
from .scanner import DAMAGED, NO_FEATURES
from .tables import TableSpec

LARGEST_VALUE = 32 * 1024
_EDGE = 2048  # where the names in a geometry stand; the middle is coordinates, perhaps many megabytes
_NO_NUMBER = (b"NaN", b"Infinity", b"-Infinity")
_GEOMETRY_TYPE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_NO_COORDINATES = re.compile(rb'"(?:coordinates|geometries)"\s*:\s*\[\s*\]')


class Cleaned(NamedTuple):
    """`text` is a feature free of the record separator (0x1E); `side` JSON text of what does not belong into a table, or empty.

    `match` is what `ordinary` says of the text where that is known already.
    """

    text: bytes
    side: bytes = b""
    match: Optional[Match[bytes]] = None


class FeatureCleaner:
    """Cleans features one by one and remembers what the table has to know about all of them."""

    def __init__(self, spec: TableSpec) -> None:
        self._side = {name.encode() for name in spec.side}
        self.shapeless = 0
        self._kinds: Set[bytes] = set()
        self.lists: Set[str] = set()  # names of attributes that came as arrays

    @property
    def geometries(self) -> Set[str]:
        """The types of all shapes so far."""
        return {kind.decode() for kind in self._kinds}

    def clean(self, feature: bytes) -> Optional[Cleaned]:
        """None for a feature without a usable shape. Raises ResultError for what is not a feature."""
        return self._kept(feature) or self._taken_apart(feature)

    def _kept(self, feature: bytes) -> Optional[Cleaned]:
        """The quick way for what is clean already; None when the feature has to be looked at piece by piece."""
        match = ordinary(feature)
        if match is None or b"\x1e" in feature:
            return None
        kind, identity = match.group("kind", "identity")
        begin, end = match.span("properties")
        if end - begin > LARGEST_VALUE or (self._side and any(name in feature[begin:end] for name in self._side)):
            return None
        if identity is None:
            self._kinds.add(kind)
            return Cleaned(feature, match=match)
        properties = match["properties"] or b""
        if b'"id"' in properties:
            return None
        self._kinds.add(kind)
        properties += b'%b"id":%b' % (b"," if properties.strip() else b"", identity)
        return Cleaned(b'{"type":"Feature","properties":{%b},"geometry":%b}' % (properties, match["geometry"]))

    def _taken_apart(self, feature: bytes) -> Optional[Cleaned]:
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
        self._kinds.add(kinds[0] if len(kinds) == 1 else b"GeometryCollection")
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
        first = value[:1]
        if first == b"[":
            self.lists.add(_text(name))
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
