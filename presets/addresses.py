"""Addresses that a preset names: of rasters, buckets, servers that are to be called. A stranger may have chosen them."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, Sequence, Tuple

from ..providers.fields import Field, Kind

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,15}://|/vsi[a-z0-9_]+[/?]|\\\\\w)[^\s;'\"<>]*", re.IGNORECASE)


def addresses(values: Mapping[str, Any], fields: Sequence[Field] = ()) -> Tuple[str, ...]:
    """Each address once, in the order in which they come up. Scripts are left out: services run them where they reach nothing.

    Without `fields` every text of one line counts.
    """
    scripts = {field.name for field in fields if field.kind is Kind.SCRIPT}
    known = {field.name for field in fields}
    texts = (text for name, value in values.items() if name not in scripts and (not known or name in known) for text in _texts(value))
    return tuple(dict.fromkeys(found for text in texts if fields or "\n" not in text for found in _ADDRESS.findall(text)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
