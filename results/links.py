"""Results that stayed at the service, opened over links that are asked for at that moment. For worker threads.

A job keeps the names of such files and never their addresses: a link may be as good as a key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Tuple

from ..jobs.job import Job
from ..providers.base import Asset, Provider
from .errors import ResultError
from .facts import operation_of, style_of
from .prepare import Prepared
from .rasters import INDEX_STYLES, inspect
from .remote import InPlace, forget_remote, opens_in_place, remote_source

MISSING = "The service does not offer {} any more. Run the job again."
NOT_ALLOWED = "The link to the result expires, and the settings keep such links out of layers. Use Download Again."


def prepare_links(job: Job, provider: Provider, wish: InPlace) -> Tuple[Prepared, ...]:
    """Look into each file of a job that stayed, over a fresh link. Raises ResultError and what `provider.assets` raises."""
    assets = {asset.name: asset for asset in provider.assets(job.handle)}
    return tuple(_prepared(job, name, assets.get(name), wish) for name in job.links)


def _prepared(job: Job, name: str, asset: Optional[Asset], wish: InPlace) -> Prepared:
    if asset is None:
        raise ResultError(MISSING.format(name))
    if not opens_in_place(asset, wish):
        raise ResultError(NOT_ALLOWED)
    forget_remote(asset.url)
    facts = inspect(remote_source(asset.url), index=style_of(job) in INDEX_STYLES)
    operation = operation_of(job)
    title = operation.title if operation else job.title or job.operation
    return Prepared(Path(name), "", title, 1, 1, facts.extent, warnings=facts.warnings, raster=facts)
