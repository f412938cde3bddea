"""Map tiles of a processing: what was found, how it was rendered, the imagery it was found in.

They are on another host than the API and open to anybody who has the address; nothing of the account is ever sent there
(docs/contracts/mapflow.md, section 14).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Iterable, Optional, Tuple
from urllib.parse import urlsplit

from . import replies
from .cancel import Cancel
from .errors import Cancelled, ServiceProblem
from .http import HttpCall
from .remote import TileSet
from .transport import Options, Transport, check_address

Bounds = Tuple[float, float, float, float]

_LAYERS = (("vectorLayer", "result", True, (14, 22)), ("resultRasterLayer", "rendered result", False, (0, 18)),
           ("rasterLayer", "imagery", False, (0, 18)))  # fmt: skip
_LARGEST = 1024 * 1024  # bytes of a TileJSON


def tile_sets(data: Any, transport: Transport, cancel: Cancel, secrets: Iterable[str]) -> Tuple[TileSet, ...]:
    """The tiles that a processing tells of. Addresses that are not safe to write into a project are passed over."""
    found = []
    for member, name, vector, zooms in _LAYERS:
        layer = replies.member(data, member)
        url = replies.member(layer, "tileUrl")
        if isinstance(url, str) and _is_open(url, secrets):
            about = replies.member(layer, "tileJsonUrl")
            bounds = _bounds(about, transport, cancel) if isinstance(about, str) and _is_open(about, secrets) else None
            found.append(TileSet(name, url, vector, zooms, bounds))
    return tuple(found)


def _is_open(url: str, secrets: Iterable[str]) -> bool:
    """Whether an address can be called and holds no sign-in."""
    try:
        check_address(url)
    except ServiceProblem:
        return False
    return "@" not in urlsplit(url).netloc and not any(secret and secret in url for secret in secrets)


def _bounds(url: str, transport: Transport, cancel: Cancel) -> Optional[Bounds]:
    """What the TileJSON says, None when it cannot be had: the tiles are good without it."""
    try:
        reply = transport.send(HttpCall("GET", url, signature=""), Options(most_bytes=_LARGEST, metered=False, cancel=cancel))
    except Cancelled:
        raise
    except ServiceProblem:
        return None
    told = replies.member(reply.json_or_none(), "bounds") if reply.ok else None
    numbers = [replies.number(item) for item in told] if isinstance(told, list) else []
    with suppress(TypeError, ValueError):
        west, south, east, north = (float(item) for item in numbers if item is not None)
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
    return None
