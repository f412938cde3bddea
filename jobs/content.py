"""Whether a file that arrived is what was asked for: an error page with status 200 must not become a result."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Dict, Tuple

from ..providers.errors import ProtocolError
from ..providers.http import Reply
from .tiff import is_whole

ENOUGH = 1024  # bytes from which the kind of a file can be told

_JSON = (b"{", b"[")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_KINDS: Dict[str, Tuple[str, Tuple[bytes, ...]]] = {
    ".geojson": ("GeoJSON", _JSON), ".json": ("JSON", _JSON), ".tif": ("GeoTIFF", _TIFF), ".tiff": ("GeoTIFF", _TIFF),
    ".png": ("PNG", (b"\x89PNG",)), ".jpg": ("JPEG", (b"\xff\xd8",)), ".jpeg": ("JPEG", (b"\xff\xd8",)), ".zip": ("ZIP", (b"PK",)),
}  # fmt: skip
_BLANK = b"\xef\xbb\xbf \t\r\n"


class WrongContent(ProtocolError):
    """Something else arrived than was announced. Worth another try only when a network's page came instead."""

    def __init__(self, message: str, *, again: bool, advice: str) -> None:
        super().__init__(message, advice=advice)
        self.retryable = again


def check_type(name: str, media_type: str) -> None:
    """Refuse by the Content-Type what surely is another kind of file, before it is read. Raises WrongContent."""
    wanted = _wanted(name)[0]
    if "html" in media_type and wanted:
        raise _a_page(wanted)
    if "zip" in media_type and "gzip" not in media_type and wanted not in ("", "ZIP"):
        raise _other(wanted, "a ZIP archive")


def check_beginning(name: str, head: bytes) -> None:
    """Refuse by its first bytes what is another kind of file. Raises WrongContent."""
    wanted, beginnings = _wanted(name)
    text = head.lstrip(_BLANK)
    if not wanted or (text if beginnings is _JSON else head).startswith(beginnings):
        return
    if text[:9].lower().startswith((b"<!doctype", b"<html")):
        raise _a_page(wanted)
    excerpt = Reply(200, {}, head[:400], "").excerpt(60)
    raise _other(wanted, "a ZIP archive" if head.startswith(b"PK") else f"something that begins with {excerpt}")


def is_cut(name: str, tail: bytes) -> bool:
    """Whether the end of a file shows that the rest is missing."""
    return _wanted(name)[1] is _JSON and not tail.rstrip(_BLANK).endswith((b"}", b"]"))


def check_pixels(name: str, path: Path) -> None:
    """Refuse a GeoTIFF whose directories name pixels that are not there. Raises WrongContent."""
    if _wanted(name)[1] is _TIFF and not is_whole(path):
        advice = "The service delivered it like this. Check Now fetches it again; else ask the service’s support."
        raise WrongContent("The GeoTIFF is cut off: a part of it is missing.", again=False, advice=advice)


def _wanted(name: str) -> Tuple[str, Tuple[bytes, ...]]:
    return _KINDS.get(PurePosixPath(name).suffix.lower(), ("", ()))


def _a_page(wanted: str) -> WrongContent:
    text = f"A web page arrived instead of the {wanted} file."
    return WrongContent(text, again=True, advice="The network may want you to sign in, or a proxy answers in the service’s place.")


def _other(wanted: str, arrived: str) -> WrongContent:
    advice = "Groundtrack cannot read it; look at it in the service’s own console."
    return WrongContent(f"The result is not {wanted} but {arrived}.", again=False, advice=advice)
