"""All files of one finished job."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from ..providers.base import Asset, Provider
from ..providers.cancel import Cancel
from ..providers.errors import ProtocolError
from .downloads import FileMissing, LinkExpired, download
from .job import Job

TOLD = 0.1  # s between two words on progress


class NoResult(ProtocolError):
    """The service calls the job finished and names no result."""

    advice = "Ask the service’s support."


def bring(
    job: Job, provider: Provider, folder: Path, *, cancel: Cancel, tell: Callable[[Job], None], pause: Callable[[int], float]
) -> Tuple[Path, ...]:
    """Download every asset into `folder`; a link that is refused or leads to nothing is asked for again, once.

    Raises what `download` and `assets` raise.
    """
    assets = provider.assets(job.handle)
    if not assets:
        raise NoResult("The service says the job is finished but names no result.")
    paths: List[Path] = []
    for number, asset in enumerate(assets):
        known = [name for name in job.files if Path(name) not in paths]
        get = partial(
            download, provider, folder=folder, progress=_Share(job, number, len(assets), tell), cancel=cancel, pause=pause,
            owner=f"{job.id}/{number}", known=known,
        )  # fmt: skip
        try:
            paths.append(get(asset))
        except (LinkExpired, FileMissing):
            paths.append(get(_again(asset, number, provider.assets(job.handle))))
    return tuple(paths)


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
