"""Recognises the features that nearly every service sends, flat and finite, in one match instead of taking them apart."""

from __future__ import annotations

import re
from typing import Match, Optional

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_NUMBER = rb"-?\d{1,17}(?:\.\d+)?(?:[eE][-+]?\d\d?)?"
_PAIR = rb'\s*"[^"\\]+"\s*:\s*(?:%b|%b|true|false|null)\s*' % (_STRING, _NUMBER)
_PROPERTIES = rb"null|\{(?P<properties>%b(?:,%b)*|\s*)\}" % (_PAIR, _PAIR)
_COORDINATES = rb"\[\s*[-\d\[][-+\d.,\[\]\seE]*\]"
_GEOMETRY = rb'\{\s*"type"\s*:\s*"(?P<kind>\w+)"\s*,\s*"coordinates"\s*:\s*%b\s*\}' % _COORDINATES
_MEMBERS = (
    rb'type"\s*:\s*(?P<type>"Feature")',
    rb'id"\s*:\s*(?:null|(?P<identity>%b|%b))' % (_STRING, _NUMBER),
    rb'properties"\s*:\s*(?:%b)' % _PROPERTIES,
    rb'geometry"\s*:\s*(?P<geometry>%b)' % _GEOMETRY,
)
_FEATURE = re.compile(rb'\{(?:\s*"(?:%b)\s*(?:,(?=\s*")|(?=\})))+\}' % rb"|".join(_MEMBERS), re.DOTALL)


def ordinary(feature: bytes) -> Optional[Match[bytes]]:
    """A match for a feature without nested attributes, lists, NaN or numbers beyond 64 bits; None for every other one.

    Its groups: `properties`, the text between the braces; `geometry` and its `kind`; `identity`, the text of the feature's own id.
    """
    match = _FEATURE.fullmatch(feature)
    return match if match and match["type"] and match["kind"] else None
