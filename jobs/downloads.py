"""Bringing a result file to disk: streamed to `.part`, resumed after a break, checked, then renamed in one step."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional
from urllib.parse import urlsplit

from ..providers.base import Asset, Provider
from ..providers.cancel import Cancel
from ..providers.errors import ConfigError, ProtocolError, ServiceProblem, TransportError
from ..providers.http import Body, Reply

Progress = Callable[[int, Optional[int]], None]  # bytes so far, bytes in all or None

SPARE = 64 * 1024 * 1024  # bytes of disk that are left free
TRIES = 5  # breaks in a row without a single new byte
_FORBIDDEN = frozenset('<>:"/\\|?*')
_BEGINNINGS = {".geojson": (b"{", b"["), ".tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), ".zip": (b"PK",)}


class LinkExpired(ServiceProblem):
    """The storage refuses the link; a fresh one may work."""

    retryable = True


def download(
    provider: Provider, asset: Asset, folder: Path, *, progress: Progress, cancel: Cancel, pause: Callable[[int], float]
) -> Path:
    """Bring one asset into `folder` and return its path. A complete file that is already there is taken as it is.

    `pause` gives the seconds to wait before the n-th new try. Raises Cancelled (the part is kept for later), LinkExpired, what the
    provider makes of a refusal, ConfigError (disk), ProtocolError (not what was announced), TransportError (broke off too often).
    """
    target = folder / safe_name(asset.name)
    if target.exists():
        return target
    part = target.with_name(target.name + ".part")
    _make(folder)
    broken = 0
    while True:
        before = _size(part)
        try:
            _stream(provider, asset, part, progress, cancel)
            return _finish(part, target)
        except TransportError:
            broken = 0 if _size(part) > before else broken + 1
            if broken >= TRIES:
                raise
            cancel.wait(pause(broken))


def safe_name(name: str) -> str:
    """A file name no file system objects to."""
    cleaned = "".join("_" if letter in _FORBIDDEN or ord(letter) < 32 else letter for letter in name).strip(". ")
    return cleaned[:120] or "result"


def _stream(provider: Provider, asset: Asset, part: Path, progress: Progress, cancel: Cancel) -> None:
    """One attempt, from where the last one ended."""
    start = _size(part) if _memory(part) else 0
    body = provider.open(asset, start, cancel)
    try:
        if body.status == 416 and start:
            _drop(part)
            raise TransportError("The storage has another file than before; the download begins again.")
        _refuse(provider, asset, body)
        start = start if _continues(part, body, start) else 0
        total = _total(body, start)
        _need_space(part.parent, (total or asset.size or 0) - start)
        _remember(part, body, total)
        _write(part, asset, body, start, total, progress)
    finally:
        body.close()


def _write(part: Path, asset: Asset, body: Body, start: int, total: Optional[int], progress: Progress) -> None:
    done = start
    try:
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            for block in body.blocks():
                if not done:
                    _check_beginning(asset, block)
                file.write(block)
                done += len(block)
                progress(done, total)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(f"The file {part} cannot be written: {error.strerror or error}.", advice="Free some space or choose another folder.") from None
    if total is not None and done != total:
        raise TransportError(f"{done:,} of {total:,} bytes arrived.")


def _refuse(provider: Provider, asset: Asset, body: Body) -> None:
    """Raise what a refusal means. A storage that is not the service's own host refuses expired links."""
    if body.status in (200, 206):
        return
    foreign = urlsplit(body.url).netloc != urlsplit(provider.account.url).netloc
    if foreign and body.status in (400, 401, 403, 404, 410):
        raise LinkExpired("The link to the result is no longer accepted by the storage.", status=body.status, advice="Run the job again.")
    raise provider.problem_of(Reply(body.status, body.headers, _excerpt(body), body.url))


def _excerpt(body: Body) -> bytes:
    """At most 64 KB of an error page."""
    text = b""
    for block in body.blocks():
        text += block
        if len(text) > 65536:
            break
    return text


def _check_beginning(asset: Asset, block: bytes) -> None:
    """An error page with status 200 must not become a result."""
    wanted = _BEGINNINGS.get(Path(asset.name).suffix.lower())
    start = block.lstrip(b"\xef\xbb\xbf \t\r\n") if wanted and wanted[0] in (b"{", b"[") else block
    if wanted and not start.startswith(wanted):
        excerpt = Reply(200, {}, block[:400], "").excerpt(80)
        raise ProtocolError(f"The file that arrived is not {asset.media_type or asset.name}: it begins with {excerpt}.")


def _continues(part: Path, body: Body, start: int) -> bool:
    """Whether the answer goes on where the part ends, and is the same file."""
    if not start or body.status != 206:
        return False
    range_start = body.headers.get("content-range", "").partition("bytes ")[2].partition("-")[0]
    return range_start == str(start) and _memory(part).get("etag", "") == body.headers.get("etag", "")


def _total(body: Body, start: int) -> Optional[int]:
    whole = body.headers.get("content-range", "").rpartition("/")[2]
    if whole.isdigit():
        return int(whole)
    length = body.headers.get("content-length", "")
    return start + int(length) if length.isdigit() and body.status == 200 else None


def _finish(part: Path, target: Path) -> Path:
    os.replace(part, target)
    _note(part).unlink(missing_ok=True)
    return target


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _remember(part: Path, body: Body, total: Optional[int]) -> None:
    """Note which file the part belongs to; never its link."""
    _note(part).write_text(json.dumps({"etag": body.headers.get("etag", ""), "total": total}), encoding="utf-8")


def _memory(part: Path) -> Mapping[str, Any]:
    try:
        known: Dict[str, Any] = json.loads(_note(part).read_text(encoding="utf-8"))
        return known if known.get("etag") or known.get("total") else {}
    except (OSError, ValueError):
        return {}


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be made: {error.strerror}.", advice="Choose another results folder.") from None


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + SPARE > free:
        raise ConfigError(f"The result needs {size / 2**20:,.0f} MB, but only {free / 2**20:,.0f} MB are free in {folder}.", advice="Free some space.")
