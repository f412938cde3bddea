"""JSON from services, parsed without holding the interpreter for long.

Python's parser keeps every other thread waiting until it has read the whole text: 20 MB stop the main thread for a second. Large
texts are therefore read element by element, so that other threads run in between.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Tuple

_BLANKS = re.compile(r"[ \t\n\r]*")
SMALL = 64 * 1024  # characters parsed in one go


def _no_number(_: str) -> None:
    """Services write NaN and Infinity where there is no value."""
    return


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def gentle_loads(text: str) -> Any:
    """Like json.loads, with NaN and ±Infinity as None. Raises ValueError."""
    try:
        if len(text) <= SMALL:
            return _DECODER.decode(text)
        value, end = _value(text, _skip(text, 0), depth=0)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _skip(text, end) != len(text):
        raise ValueError("data after the end of the JSON text")
    return value


def _value(text: str, at: int, depth: int) -> Tuple[Any, int]:
    """Containers near the root are walked by hand, the small values below them by the decoder."""
    if depth < 3 and text[at : at + 1] == "[":
        return _array(text, at + 1, depth)
    if depth < 3 and text[at : at + 1] == "{":
        return _object(text, at + 1, depth)
    return _DECODER.raw_decode(text, at)


def _array(text: str, at: int, depth: int) -> Tuple[List[Any], int]:
    items: List[Any] = []
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        return items, at + 1
    while True:
        item, at = _value(text, _skip(text, at), depth + 1)
        items.append(item)
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return items, at + 1
        at = _expect(text, at, ",")


def _object(text: str, at: int, depth: int) -> Tuple[Dict[str, Any], int]:
    members: Dict[str, Any] = {}
    at = _skip(text, at)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        at = _skip(text, at)
        _expect(text, at, '"')
        name, at = _DECODER.raw_decode(text, at)
        at = _expect(text, _skip(text, at), ":")
        members[name], at = _value(text, _skip(text, at), depth + 1)
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return members, at + 1
        at = _expect(text, at, ",")


def _skip(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise ValueError(f"expected {mark} at {at}")
    return at + 1
