"""All files of one finished job."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, List, Optional, Tuple
from urllib.parse import urlsplit

from ..providers.base import Asset, Provider
from ..providers.cancel import Cancel
from ..providers.errors import ProtocolError
from .downloads import FileMissing, LinkExpired, can_stay, download
from .job import Job
from .readers import Reads, nobody_reads

BUCKETS = ("s3", "gs")  # schemes of what lies in somebody's bucket
TOLD = 0.1  # s between two words on progress

Stays = Callable[[Asset], bool]  # whether a file should be left where it is


class NoResult(ProtocolError):
    """The service calls the job finished and names no result."""

    advice = "Ask the service’s support."


@dataclass(frozen=True)
class Brought:
    """What became of a result's files: those on this disk, and the names of those that stayed where they are."""

    paths: Tuple[Path, ...]
    links: Tuple[str, ...] = ()


def nothing_stays(asset: Asset) -> bool:
    """The policy that downloads everything."""
    return False


def bring(
    job: Job, provider: Provider, folder: Path, *, cancel: Cancel, tell: Callable[[Job], None], pause: Callable[[int], float],
    stays: Stays = nothing_stays, reads: Reads = nobody_reads,
) -> Brought:  # fmt: skip
    """Download every asset into `folder`, but for those that `stays` wants left in place and whose storage allows it.
    `reads` says who reads along.

    A link that is refused or leads to nothing is asked for again, once. Raises what `download` and `assets` raise.
    """
    assets = provider.assets(job.handle)
    if not assets:
        raise NoResult("The service says the job is finished but names no result.")
    paths: List[Path] = []
    links: List[str] = []

    def take(number: int, asset: Asset) -> None:
        if stays(asset) and _may_stay(job, asset, provider, cancel):
            links.append(asset.name)
            return
        progress = _Share(job, number, len(assets), tell)
        known = [name for name in job.files if Path(name) not in paths]
        owner = f"{job.id}/{number}"
        paths.append(download(
            provider, asset, folder, progress=progress, cancel=cancel, pause=pause, owner=owner, known=known, reads=partial(reads, job)
        ))  # fmt: skip

    for number, asset in enumerate(assets):
        try:
            take(number, asset)
        except (LinkExpired, FileMissing):
            take(number, _again(asset, number, provider.assets(job.handle)))
    return Brought(tuple(paths), tuple(links))


def _may_stay(job: Job, asset: Asset, provider: Provider, cancel: Cancel) -> bool:
    """Whether a file can be read where it lies: in a bucket that the account gives rights to, or over a link that is all it takes."""
    if urlsplit(asset.url).scheme in BUCKETS:
        return provider.rights(job.handle) is not None
    return _is_open(asset, provider) and can_stay(provider, asset, cancel)


def _is_open(asset: Asset, provider: Provider) -> bool:
    """Whether a file can be had without the account's key, which goes to the service's own host only."""
    address = urlsplit(asset.url)
    return not asset.signed and address.scheme in ("https", "http") and address.netloc != urlsplit(provider.account.url).netloc


def _again(asset: Asset, number: int, fresh: Tuple[Asset, ...]) -> Asset:
    """The same file with a fresh link."""
    if number < len(fresh) and fresh[number].name == asset.name:
        return fresh[number]
    return next((item for item in fresh if item.name == asset.name), asset)


class _Share:
    """Progress of one file of several, told as progress of the job."""

    def __init__(self, job: Job, number: int, count: int, tell: Callable[[Job], None]) -> None:
        self._job, self._number, self._count, self._tell = job, number, count, tell
        self._told = 0.0

    def __call__(self, done: int, total: Optional[int]) -> None:
        if total and time.monotonic() - self._told >= TOLD:
            self._told = time.monotonic()
            self._tell(self._job.changed(progress=(self._number + min(1.0, done / total)) / self._count))
