"""A bucket, or a folder of one: list, look, read in parallel ranges, write, delete; and a test that names the missing permission.

Every store has credentials of its own, given as values: nothing is read from or written to a setting that two stores share.
"""

from __future__ import annotations

import abc
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from .cancel import Cancel
from .errors import ConfigError, NotFound, ServiceError, ServiceProblem
from .http import Body, HttpCall, Reply
from .replies import LONGEST_PAUSE
from .rights import Rights
from .stores.ranged import RangedBody
from .transport import Options, Transport, retry_after

_ADDRESS = re.compile(r"(s3|gs)://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?")
_MOST_BYTES = 16 * 1024 * 1024  # of an answer that is not a download


class StorageRefused(ServiceProblem):
    """The storage does not let these credentials do this. `fatal`: they are not accepted for anything."""

    advice = "Check the storage credentials of this account and their permissions."

    def __init__(self, message: str, *, fatal: bool = False, **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # the keywords are ServiceProblem's own
        self.fatal = fatal


class NoBucket(NotFound):
    """There is no such bucket."""

    advice = "Check the bucket's name, region and endpoint in the account."


@dataclass(frozen=True)
class Place:
    """A bucket and a key or the beginning of keys in it, without slashes at its ends."""

    scheme: str
    bucket: str
    key: str = ""

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.key}" if self.key else "")

    def under(self, *parts: str) -> Place:
        """A place below this one; empty parts are left out."""
        return Place(self.scheme, self.bucket, "/".join(part for part in (self.key, *parts) if part))


def place_of(url: str) -> Place:
    """Read s3://bucket/key or gs://bucket/key. Raises ConfigError."""
    match = _ADDRESS.fullmatch(url.strip())
    if match is None:
        text = f"“{url.strip()}” is not a bucket address such as s3://my-bucket/groundtrack; keys take letters, digits and . _ - / only."
        raise ConfigError(text)
    return Place(match.group(1), match.group(2), re.sub(r"/+", "/", match.group(3) or "").strip("/"))


@dataclass(frozen=True)
class Stored:
    """An object: key, size in bytes, the storage's mark of its content, when it was written (ISO 8601 UTC, "" when not told)."""

    key: str
    size: int
    mark: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Verb:
    """What is done, in words, and the permission it takes with S3 and Google Cloud Storage."""

    words: str
    s3: str
    gs: str

    def permission(self, scheme: str) -> str:
        return self.s3 if scheme == "s3" else self.gs


LIST = Verb("list", "s3:ListBucket", "storage.objects.list")
READ = Verb("read", "s3:GetObject", "storage.objects.get")
WRITE = Verb("write", "s3:PutObject", "storage.objects.create")
DELETE = Verb("delete", "s3:DeleteObject", "storage.objects.delete")


class Store(abc.ABC):
    """One bucket. Problems: StorageRefused, NoBucket, NotFound, ServiceError, TransportError, ConfigError, Cancelled."""

    scheme = ""

    def __init__(self, bucket: str, transport: Transport, cancel: Cancel) -> None:
        self.bucket = bucket
        self._transport = transport
        self._cancel = cancel

    def list(self, prefix: str, most: int = 10_000) -> List[Stored]:
        """Objects whose keys begin with `prefix`, in order, at most about `most`."""
        found: List[Stored] = []
        page = ""
        while True:
            reply = self._checked(self._ask(LIST, "", self._page(prefix, page)), LIST, prefix)
            objects, page = self._listed(reply)
            found += objects
            if not page or len(found) >= most:
                return found

    def head(self, key: str) -> Optional[Stored]:
        """An object without its content, None when there is none. Without permission to list, S3 refuses keys that are absent."""
        reply = self._ask_head(key)
        return None if reply.status == 404 and not self._is_bucket_missing(reply) else self._seen(key, self._checked(reply, READ, key))

    def read(self, key: str, start: int = 0, size: int = _MOST_BYTES) -> bytes:
        """At most `size` bytes of an object. Raises NotFound when there is none."""
        reply = self._ask(READ, key, {}, {"Range": f"bytes={start}-{start + size - 1}"})
        if reply.status == 416:
            return b""
        return self._checked(reply, READ, key).body[:size]

    def write(self, key: str, data: bytes) -> None:
        """Store an object."""
        self._checked(self._ask(WRITE, key, {}, {"Content-Type": "application/octet-stream"}, data), WRITE, key)

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no problem."""
        reply = self._ask(DELETE, key, {})
        if reply.status != 404:
            self._checked(reply, DELETE, key)

    def open(self, key: str, start: int = 0, cancel: Optional[Cancel] = None) -> Body:
        """An object from byte `start` in ranges that are read in parallel and come in order."""
        wanted = cancel or self._cancel

        def part(headers: Dict[str, str], stop: Cancel) -> Body:
            call, signed = self._signed(READ, key, {}, headers, b"")
            signed = {**signed, "Accept-Encoding": "identity"}
            return self._transport.stream(call, Options(headers=signed, follow=False, metered=False, cancel=stop))

        for last in (False, True):
            body = RangedBody(part, start, wanted, self._transport.close)
            if body.status in (200, 206, 416):
                return body
            reply = _refusal(body)
            if last or not self._moved(reply):
                self._checked(reply, READ, key)
        raise ServiceError(f"The storage answered HTTP {body.status}.", status=body.status)

    def _ask_head(self, key: str) -> Reply:
        return self._ask(READ, key, {}, method="HEAD")

    def _ask(
        self, verb: Verb, key: str, query: Dict[str, str], headers: Optional[Dict[str, str]] = None, data: bytes = b"", method: str = ""
    ) -> Reply:
        call, signed = self._signed(verb, key, query, headers or {}, data, method)
        options = Options(
            headers=signed, payload=data if verb is WRITE else None, follow=False, metered=False, most_bytes=_MOST_BYTES + 65536,
            cancel=self._cancel,
        )  # fmt: skip
        return self._transport.send(call, options)

    def _checked(self, reply: Reply, verb: Verb, key: str) -> Reply:
        """The answer when it is good. Raises what it means otherwise."""
        if reply.ok:
            return reply
        code, message = self._told(reply)
        where = Place(self.scheme, self.bucket, key).url
        known: Dict[str, Any] = {"code": code, "status": reply.status, "request_id": reply.request_id}
        if self._is_bucket_missing(reply):
            raise NoBucket(f"There is no bucket {self.bucket} ({message or code}).", **known)
        if reply.status == 404:
            raise NotFound(f"There is no object {where}.", **known, advice="It may have been deleted.")
        if reply.status in (408, 429) or reply.status >= 500:
            wait = retry_after(reply.headers)
            text = f"The storage of {self.scheme}://{self.bucket} answered HTTP {reply.status} {code}.".replace(" .", ".")
            raise ServiceError(text, **known, retry_after=None if wait is None else min(wait, LONGEST_PAUSE))
        told = f": {message or code}" if message or code else ""
        text = f"The storage refuses to {verb.words} {where}{told}".rstrip(". ")
        fatal = self._is_fatal(reply.status, code)
        need = "" if fatal else f" The permission {verb.permission(self.scheme)} is missing."
        raise StorageRefused(f"{text} (HTTP {reply.status}).{need}", fatal=fatal, **known)

    def rights(self, folder: str) -> Optional[Rights]:
        """What GDAL reads a folder of the bucket with, None where it cannot."""
        return None

    # What the kinds of storage have to say -----------------------------------------------------------------------------------------

    @abc.abstractmethod
    def _signed(
        self, verb: Verb, key: str, query: Dict[str, str], headers: Dict[str, str], data: bytes, method: str = ""
    ) -> Tuple[HttpCall, Dict[str, str]]:
        """The call and all its headers, the signature included."""

    @abc.abstractmethod
    def _page(self, prefix: str, page: str) -> Dict[str, str]:
        """The query of a listing."""

    @abc.abstractmethod
    def _listed(self, reply: Reply) -> Tuple[List[Stored], str]:
        """Objects of a listing, and what asks for the next page ("" at the end)."""

    @abc.abstractmethod
    def _seen(self, key: str, reply: Reply) -> Stored:
        """The object of a look at one."""

    @abc.abstractmethod
    def _told(self, reply: Reply) -> Tuple[str, str]:
        """Code and message of a refusal."""

    @abc.abstractmethod
    def _is_fatal(self, status: int, code: str) -> bool:
        """Whether a refusal means that the credentials themselves are not accepted."""

    @abc.abstractmethod
    def _is_bucket_missing(self, reply: Reply) -> bool:
        """Whether an answer says that there is no such bucket."""

    @abc.abstractmethod
    def _moved(self, reply: Reply) -> bool:
        """Whether an answer told where the bucket really is, so that asking again helps."""


def _refusal(body: Body) -> Reply:
    """An answer that is no download, read to its end."""
    try:
        return Reply(body.status, body.headers, b"".join(body.blocks())[:65536], body.url)
    finally:
        body.close()


@dataclass(frozen=True)
class Probe:
    """What a test of a store found: one line for each step, and the permissions that are missing."""

    lines: Tuple[str, ...]
    missing: Tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not self.missing


def probe(store: Store, prefix: str, *, writes: bool = True) -> Probe:
    """Write, list, read and delete a small object under `prefix`; what is refused is named, the rest is tried nonetheless.

    Without `writes` only listing is tried. Raises what means that nothing can be tried at all (bucket, network, credentials).
    """
    key = "/".join(part for part in (prefix, f"groundtrack-test-{secrets.token_hex(6)}.txt") if part)
    data = b"Groundtrack wrote this to test the storage; it may be deleted.\n"
    steps: List[Tuple[Verb, Callable[[], object]]] = [(LIST, lambda: store.list(f"{prefix}/" if prefix else "", 1))]
    if writes:
        read_back = (READ, lambda: _compare(store, key, data))
        steps = [(WRITE, lambda: store.write(key, data)), *steps, read_back, (DELETE, lambda: store.delete(key))]
    lines: List[str] = []
    missing: List[str] = []
    for verb, step in steps:
        permission = verb.permission(store.scheme)
        unwritten = WRITE.permission(store.scheme) in missing
        if unwritten and verb is READ and LIST.permission(store.scheme) not in missing:
            step = partial(_look_for, store, key)
        elif unwritten and verb in (READ, DELETE):
            lines.append(f"{verb.words}: not tried, for there is nothing to {verb.words}")
            continue
        try:
            step()
            lines.append(f"{verb.words}: works")
        except StorageRefused as problem:
            if problem.fatal:
                raise
            missing.append(permission)
            lines.append(f"{verb.words}: {permission} is missing")
    return Probe(tuple(lines), tuple(missing))


def _look_for(store: Store, key: str) -> None:
    """Read what is not there: who may list is told so when reading is allowed, and refused when it is not."""
    with suppress(NotFound):
        store.read(key)


def _compare(store: Store, key: str, data: bytes) -> None:
    if store.read(key) != data:
        raise ServiceError("The storage returned something else than what was written to it.")

