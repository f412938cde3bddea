"""Takes many features apart at once where all are written like one before them, as is usual in a result.

What is fixed in their text is compared, what is between is read by one call for all.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any, Dict, List, Match, NamedTuple, Optional, Sequence

_FLAT = {str, int, float, bool, type(None)}
_COORDINATES = b"[]-+0123456789.,eE \t\r\n"
_ENDS_TEXT = b"\\u0000"
_BEGINS = re.compile(rb"\[[ \t\r\n]*[-0-9[]")
_MOST = 1e17  # beyond, numbers need a look at each

Values = Dict[str, Any]


class Regular(NamedTuple):
    """The attributes of each feature, the text of each shape, and the type of all of them."""

    values: List[Values]
    geometries: List[bytes]
    kind: bytes


class Pattern:
    """Learns from `ordinary` matches how features are written: attributes first, then the shape, and nothing else that varies."""

    def __init__(self) -> None:
        self._head = self._glue = self._tail = self._kind = self._rest = b""
        self._before = self._after = 0  # bytes of the glue before the shape, and of the tail after it

    def learn(self, match: Match[bytes]) -> None:
        text, (begin, end) = match.string, match.span("properties")
        self._glue = b""
        if match["identity"] is not None or not 0 < begin <= end < match.start("geometry"):
            return
        self._head, self._kind = text[:begin], match["kind"]
        self._glue, self._tail = text[end : text.index(b"[", match.start("geometry"))], text[text.rindex(b"]") + 1 :]
        self._before, self._after = match.start("geometry") - end, len(text) - match.end("geometry")
        self._rest = match["geometry"].translate(None, _COORDINATES)
        if b"[" in self._tail or not match.start("type") < match.start("geometry"):
            self._glue = b""

    def parts(self, features: Sequence[bytes], most: int) -> Optional[Regular]:
        """None where one of the features is written otherwise, is not flat, has no shape of numbers, or attributes beyond `most` bytes."""
        head, glue, tail = self._head, self._glue, self._tail
        if not glue or not all(one.startswith(head) and one.endswith(tail) for one in features):
            return None
        begin = len(head)
        ends = [one.find(glue, begin) for one in features]
        if min(ends) < begin or max(ends) > most:
            return None
        begins = len(glue)
        if not all(_BEGINS.match(one, end + begins) for one, end in zip(features, ends)):
            return None
        before, after = self._before, self._after
        geometries = [one[end + before : len(one) - after] for one, end in zip(features, ends)]
        if b"".join(geometries).translate(None, _COORDINATES) != self._rest * len(geometries):
            return None
        values = _flat([one[begin - 1 : end + 1] for one, end in zip(features, ends)])
        return None if values is None else Regular(values, geometries, self._kind)


def values_of(attributes: Sequence[bytes]) -> List[Values]:
    """JSON objects read. Raises ValueError."""
    if any(_ENDS_TEXT in one for one in attributes):
        raise ValueError("GDAL ends a text there")
    # a line break keeps a string that is not closed from reaching into the next object
    found: List[Values] = json.loads((b"[" + b",\n".join(attributes) + b"]").decode())
    if len(found) != len(attributes):
        raise ValueError("not one object each")
    return found


def _flat(attributes: Sequence[bytes]) -> Optional[List[Values]]:
    """None where a table could not take them in as they are."""
    try:
        found = values_of(attributes)
        every = list(chain.from_iterable(map(dict.values, found)))
    except (ValueError, TypeError, RecursionError):
        return None
    if not set(map(type, every)) <= _FLAT or "" in set().union(*found):
        return None
    numbers = [value for value in every if type(value) is not str and value is not None]
    # what is no number at all compares with nothing
    return found if all(-_MOST < value < _MOST for value in numbers) else None
