"""Splits one JSON object into its members without parsing their values."""

from __future__ import annotations

import re
from typing import Dict, Iterator, Tuple

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_FIRST = re.compile(rb"\s*\{\s*(\}\s*$)?")
_KEY = re.compile(rb"(" + _STRING + rb")\s*:\s*", re.DOTALL)
_SCALAR = re.compile(_STRING + rb"|-?(?:\d[\d.eE+-]*|Infinity)|true|false|null|NaN", re.DOTALL)
# A flat array (a coordinate pair, a series of dates) is one token: most of a text is never looked at piece by piece.
_PLAIN = rb'[^][{}"]*'
_TOKEN = re.compile(rb"\[%b(?:%b%b){0,500}\]|%b|[][{}]" % (_PLAIN, _STRING, _PLAIN, _STRING), re.DOTALL)
_NEXT = re.compile(rb"\s*(?:(,)\s*|\}\s*$)")
_STEPS = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def members(text: bytes) -> Dict[bytes, bytes]:
    """The members of a JSON object in order: name without its quotes (escapes left as they are) -> text of the value.

    Raises ValueError when the text is not an object. Values that are objects or arrays are only checked for balance.
    """
    return dict(_pairs(text))


def _pairs(text: bytes) -> Iterator[Tuple[bytes, bytes]]:
    first = _FIRST.match(text)
    if not first:
        raise ValueError("not an object")
    at = first.end()
    while not first[1]:
        key = _KEY.match(text, at)
        if not key:
            raise ValueError("no member where one should be")
        end = _value_end(text, key.end())
        after = _NEXT.match(text, end)
        if not after:
            raise ValueError("a member does not end")
        yield key[1][1:-1], text[key.end() : end]
        at = after.end()
        if after[1] is None:
            return


def _value_end(text: bytes, start: int) -> int:
    if text[start : start + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(text, start)
        if not scalar:
            raise ValueError("no value where one should be")
        return scalar.end()
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += _STEPS.get(token[0], 0)
        if depth == 0:
            return token.end()
    raise ValueError("a value does not end")
