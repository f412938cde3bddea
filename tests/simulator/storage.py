"""Pre-signed object storage on a port of its own: refuses bearer keys, forgets links, serves byte ranges."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from email.utils import formatdate
from typing import Callable, Union
from urllib.parse import quote, unquote, urlencode

from .clock import VirtualClock
from .messages import Request, Response, xml_error
from .personas.base import Persona

SIGNING_KEY = b"simulated storage"
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
Content = Union[bytes, Callable[[], bytes]]


@dataclass
class StorageSettings:
    """Switches of the storage."""

    ranges: bool = True
    etags: bool = True
    send_type: bool = True


@dataclass
class StoredObject:
    """One object; content made by a callable is made on first use."""

    content: Content
    media_type: str
    stored: float
    public: bool = False

    def data(self) -> bytes:
        """The bytes of the object."""
        if callable(self.content):
            self.content = self.content()
        return self.content


class Storage(Persona):
    """Objects by key, reached over signed links; public ones over their plain address too."""

    name = "storage"

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.clock = clock
        self.settings = StorageSettings()
        self.objects: dict[str, StoredObject] = {}

    def put(self, key: str, content: Content, media_type: str, public: bool = False) -> None:
        """Store or replace an object."""
        self.objects[key] = StoredObject(content, media_type, self.clock.now(), public)

    def address(self, key: str) -> str:
        """The plain address of an object, without a signature."""
        return f"{self.url}/results/{quote(key)}"

    def link(self, key: str, seconds: float) -> str:
        """A signed address for GET, good for so many virtual seconds from now."""
        return self.link_until(key, self.clock.now() + seconds)

    def link_until(self, key: str, moment: float) -> str:
        """A signed address for GET, good until a virtual time."""
        expires = f"{moment:.3f}"
        query = urlencode({"X-Sim-Expires": expires, "X-Sim-Signature": _signature(key, expires)})
        return f"{self.address(key)}?{query}"

    def handle(self, request: Request) -> Response:
        """Answer one request the way object storage does, errors in XML."""
        if request.header("Authorization") is not None:
            return xml_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        key = unquote(request.path)[len("/results/"):]
        refused = self._link_refused(request, key)
        if refused:
            return refused
        if key not in self.objects:
            return xml_error(404, "NoSuchKey", "The specified key does not exist.")
        return self._object(request, self.objects[key])

    def _link_refused(self, request: Request, key: str) -> Response | None:
        if key in self.objects and self.objects[key].public and request.method in ("GET", "HEAD"):
            return None
        query = request.query
        expires, signature = query.get("X-Sim-Expires", ""), query.get("X-Sim-Signature", "")
        if not signature or request.method != "GET":
            return xml_error(403, "AccessDenied", "Access Denied")
        if not hmac.compare_digest(signature, _signature(key, expires)):
            return xml_error(403, "SignatureDoesNotMatch", "The request signature does not match.")
        if self.clock.now() > float(expires):
            return xml_error(403, "AccessDenied", "Request has expired")
        return None

    def _object(self, request: Request, stored: StoredObject) -> Response:
        data = stored.data()
        tag = f'"{hashlib.md5(data).hexdigest()}"'
        headers = {"Last-Modified": formatdate(stored.stored, usegmt=True)}
        if self.settings.send_type:
            headers["Content-Type"] = stored.media_type
        if self.settings.etags:
            headers["ETag"] = tag
        if not self.settings.ranges:
            return Response(200, headers, data)
        headers["Accept-Ranges"] = "bytes"
        wanted = request.header("Range")
        if wanted is None or request.header("If-Range") not in (None, tag, headers["Last-Modified"]):
            return Response(200, headers, data)
        return _part(data, wanted, headers)


def _part(data: bytes, wanted: str, headers: dict[str, str]) -> Response:
    match = RANGE.fullmatch(wanted.strip())
    if match is None or match.group(0) == "bytes=-":
        return Response(200, headers, data)
    first, last = _bounds(match.group(1), match.group(2), len(data))
    if first > last:
        answer = xml_error(416, "InvalidRange", "The requested range is not satisfiable")
        answer.headers["Content-Range"] = f"bytes */{len(data)}"
        return answer
    return Response(206, {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}, data[first:last + 1])


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _signature(key: str, expires: str) -> str:
    return hmac.new(SIGNING_KEY, f"{key}\n{expires}".encode(), hashlib.sha256).hexdigest()
