"""Recognises the features that nearly every service sends, flat and finite, in one match instead of taking them apart."""

from __future__ import annotations

import re
from typing import Match, Optional

_GAP = rb"[ \t\r\n]*"  # as sets of letters: the names of groups of letters are slower, and coordinates are long
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_NUMBER = rb"-?[0-9]{1,17}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?"
_PAIR = rb'%b"[^"\\]+"%b:%b(?:%b|%b|true|false|null)%b' % (_GAP, _GAP, _GAP, _STRING, _NUMBER, _GAP)
_PROPERTIES = rb"null|\{(?P<properties>%b(?:,%b)*|%b)\}" % (_PAIR, _PAIR, _GAP)
_COORDINATES = rb"\[%b[-0-9[][-+0-9.,[\] \t\r\neE]*\]" % _GAP
_GEOMETRY = rb'\{%b"type"%b:%b"(?P<kind>[A-Za-z]+)"%b,%b"coordinates"%b:%b%b%b\}' % (*[_GAP] * 7, _COORDINATES, _GAP)
_MEMBERS = (
    rb'type"%b:%b(?P<type>"Feature")' % (_GAP, _GAP),
    rb'id"%b:%b(?:null|(?P<identity>%b|%b))' % (_GAP, _GAP, _STRING, _NUMBER),
    rb'properties"%b:%b(?:%b)' % (_GAP, _GAP, _PROPERTIES),
    rb'geometry"%b:%b(?P<geometry>%b)' % (_GAP, _GAP, _GEOMETRY),
)
_FEATURE = re.compile(rb'\{(?:%b"(?:%b)%b(?:,(?=%b")|(?=\})))+\}' % (_GAP, rb"|".join(_MEMBERS), _GAP, _GAP), re.DOTALL)


def ordinary(feature: bytes) -> Optional[Match[bytes]]:
    """A match for a feature without nested attributes, lists, NaN or numbers beyond 64 bits; None for every other one.

    Its groups: `properties`, the text between the braces; `geometry` and its `kind`; `identity`, the text of the feature's own id.
    """
    match = _FEATURE.fullmatch(feature)
    return match if match and match.start("type") > 0 < match.start("kind") else None
