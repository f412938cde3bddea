"""Bringing a result file to disk: streamed to `.part`, resumed after a break, checked, then renamed in one step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Callable, Iterable, Optional
from urllib.parse import urlsplit

from ..providers.base import Asset, Provider
from ..providers.cancel import Cancel
from ..providers.errors import ConfigError, ServiceProblem, TransportError
from ..providers.http import Body, Reply
from .content import ENOUGH, check_beginning, check_pixels, check_type, is_cut
from .parts import Part, place, safe_name, settle
from .readers import Reader

__all__ = ["FileMissing", "LinkExpired", "can_stay", "download", "safe_name", "settle"]

Progress = Callable[[int, Optional[int]], None]  # bytes so far, bytes in all or None
Reads = Callable[[Path], Optional[Reader]]  # the name that the file will have

SPARE = 64 * 1024 * 1024  # bytes of disk that are left free
TRIES = 5  # breaks in a row without a single new byte


class LinkExpired(ServiceProblem):
    """The storage refuses the link; a fresh one may work."""

    retryable = True


class FileMissing(ServiceProblem):
    """The storage takes the link and has no such file; a fresh link may still lead to it."""


def download(
    provider: Provider, asset: Asset, folder: Path, *, progress: Progress, cancel: Cancel, pause: Callable[[int], float],
    owner: str = "", known: Iterable[str] = (), reads: Reads = lambda target: None,
) -> Path:  # fmt: skip
    """Bring one asset into `folder` and return its path. A complete file of this `owner`, or one that is `known`, is taken as it is.

    `pause` gives the seconds to wait before the n-th new try; `reads` says who reads the file while it arrives. Raises Cancelled (the
    part is kept for later), LinkExpired, FileMissing, what the provider makes of a refusal, ConfigError (disk), WrongContent (not what
    was announced), TransportError (broke off too often).
    The note beside the file says whose it is until `settle` removes it: call that once the journal knows the file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = place(folder, asset.name, owner, known)
        ready = part.target.exists() or provider.bring(asset, part.target)
        return part.target if ready else _Download(provider, asset, part, progress, cancel, reads(part.target)).run(pause)
    except OSError as error:
        where = getattr(error, "filename", None) or folder
        text = f"{where} cannot be written: {error.strerror or error}."
        raise ConfigError(text, advice="Free some space, or choose another results folder.") from None


def can_stay(provider: Provider, asset: Asset, cancel: Cancel) -> bool:
    """Whether the storage hands out parts of the file, so that it can be read over its link without being downloaded.

    Raises Cancelled, LinkExpired, FileMissing, what the provider makes of a refusal, WrongContent, TransportError.
    """
    body = provider.open(asset, 0, cancel)
    try:
        _refuse(provider, body)
        check_type(asset.name, _media_type(body))
        head = next(iter(body.blocks()), b"")[:ENOUGH]
        if head:
            check_beginning(asset.name, head)
        return bool(head) and body.headers.get("accept-ranges", "").lower() == "bytes"
    finally:
        body.close()


class _Download:
    def __init__(
        self, provider: Provider, asset: Asset, part: Part, progress: Progress, cancel: Cancel, reader: Optional[Reader]
    ) -> None:  # fmt: skip
        self._provider = provider
        self._asset = asset
        self._part = part
        self._progress = progress
        self._cancel = cancel
        self._reader = reader
        self._told = 0

    def run(self, pause: Callable[[int], float]) -> Path:
        try:
            self._arrive(pause)
            if self._reader is None:
                return self._part.complete()
            size = self._part.size
            self._reader.catch_up(self._cancel, lambda: self._tell(size, size))
            path = self._part.complete()
            self._reader.placed()
            return path
        finally:
            if self._reader is not None:
                self._reader.stop()

    def _arrive(self, pause: Callable[[int], float]) -> None:
        broken, most = 0, self._part.size
        while True:
            try:
                self._attempt()
                return
            except TransportError:
                broken = 0 if self._part.size > most else broken + 1
                most = max(most, self._part.size)
                if broken >= TRIES:
                    raise
                self._cancel.wait(pause(broken))

    def _attempt(self) -> None:
        """One request, from where the last one ended. Returns when the part is complete."""
        start = self._start()
        if start and start == self._part.known.get("total"):
            self._show(start, self._part.known.get("total"))
            return
        body = self._provider.open(self._asset, start, self._cancel)
        try:
            if start and not _continues(self._part, body, start):
                _refuse(self._provider, body, also=(416,))
                if body.status != 200:
                    self._part.drop()
                    raise TransportError("The storage has another file than before; the download begins again.")
                start = 0
            _refuse(self._provider, body)
            self._take(body, start)
        finally:
            body.close()

    def _start(self) -> int:
        """Bytes that need not come again; 0 when nobody can tell whether they still belong to the file."""
        return self._part.size if self._part.known.get("validator") else 0

    def _take(self, body: Body, start: int) -> None:
        check_type(self._asset.name, _media_type(body))
        total = _total(body, start)
        _need_space(self._part.path.parent, (total or self._asset.size or 0) - start)
        self._part.remember(validator=_validator(body), total=total)
        done = self._write(body, start, total)
        if total is not None and done != total:
            raise TransportError(f"{done:,} of {total:,} bytes arrived.")
        self._check_whole(done, self._asset.size if total is None else None)

    def _write(self, body: Body, start: int, total: Optional[int]) -> int:
        done, head = start, b""
        with self._part.path.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            self._show(start, total)  # whoever reads along learns that the file begins again before other bytes are in it
            for block in body.blocks():
                if not start and len(head) < ENOUGH:
                    head += block[:ENOUGH]
                    if len(head) >= ENOUGH:
                        check_beginning(self._asset.name, head)
                file.write(block)
                done += len(block)
                if self._reader is not None:
                    file.flush()
                    self._show(done, total)
                self._tell(done, total)
            file.flush()
            os.fsync(file.fileno())
        return done

    def _show(self, size: int, total: Optional[int]) -> None:
        if self._reader is not None:
            self._reader.grown(self._part.path, size, total)

    def _tell(self, done: int, total: Optional[int]) -> None:
        """What has arrived and is not taken in yet counts half."""
        if self._reader is not None:
            done = self._told = max(self._told, done - self._reader.behind // 2)
        self._progress(done, total)

    def _check_whole(self, size: int, announced: Optional[int]) -> None:
        """What is of another kind or not the whole file is not kept."""
        with self._part.path.open("rb") as file:
            head = file.read(ENOUGH)
            file.seek(max(0, size - ENOUGH))
            tail = file.read()
        try:
            if size:
                check_beginning(self._asset.name, head)
            if not size or is_cut(self._asset.name, tail):
                raise TransportError("The file arrived incomplete.")
            if announced is not None and size != announced:
                raise TransportError(f"{size:,} of {announced:,} bytes arrived.")
            check_pixels(self._asset.name, self._part.path)
        except ServiceProblem:
            self._part.drop()
            raise


def _refuse(provider: Provider, body: Body, also: Iterable[int] = ()) -> None:
    """Raise what a refusal means. A storage that is not the service's own host refuses expired links."""
    if body.status in (200, 206, *also):
        return
    foreign = urlsplit(body.url).netloc != urlsplit(provider.account.url).netloc
    if foreign and body.status == 404:
        text = "The service says the job is finished, but its file is not there."
        raise FileMissing(text, status=404, advice="Check Now looks once more; else ask the service’s support.")
    if foreign and body.status in (400, 401, 403, 410):
        text = "The storage no longer accepts the link to the result: it has expired."
        raise LinkExpired(text, status=body.status, advice="Check Now asks for a new one; else run the job again.")
    raise provider.problem_of(Reply(body.status, body.headers, _excerpt(body), body.url))


def _media_type(body: Body) -> str:
    return body.headers.get("content-type", "").partition(";")[0].strip().lower()


def _continues(part: Part, body: Body, start: int) -> bool:
    """Whether the answer goes on where the part ends, and is the same file."""
    range_start = body.headers.get("content-range", "").partition("bytes ")[2].partition("-")[0]
    return body.status == 206 and range_start == str(start) and _validator(body) == part.known.get("validator")


def _validator(body: Body) -> str:
    """What tells one version of the service's file from another; "" when a part cannot be continued safely."""
    tag = body.headers.get("etag", "")
    if body.headers.get("content-encoding", "identity") != "identity":
        return ""
    return body.headers.get("last-modified", "") if tag.startswith("W/") else tag or body.headers.get("last-modified", "")


def _total(body: Body, start: int) -> Optional[int]:
    if body.headers.get("content-encoding", "identity") != "identity":
        return None
    whole = body.headers.get("content-range", "").rpartition("/")[2]
    if body.status == 206 and whole.isdigit():
        return int(whole)
    length = body.headers.get("content-length", "")
    return start + int(length) if length.isdigit() else None


def _excerpt(body: Body) -> bytes:
    """At most 64 KB of an error page."""
    text = b""
    for block in body.blocks():
        text += block
        if len(text) > 65536:
            break
    return text


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + SPARE > free:
        text = f"The result needs {size / 2**20:,.0f} MB, but only {free / 2**20:,.0f} MB are free in {folder}."
        raise ConfigError(text, advice="Free some space, or choose another results folder.")
