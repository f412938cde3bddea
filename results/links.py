"""Results that stayed at the service or in the person's bucket, opened with what is asked for at that moment. For worker threads.

A job keeps the names of such files and never their addresses: a link may be as good as a key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Tuple

from ..jobs.job import Job
from ..providers.base import Asset, Provider
from .buckets import Buckets
from .errors import ResultError
from .facts import style_of
from .prepare import Prepared, title_of
from .rasters import INDEX_STYLES, inspect
from .remote import InPlace, bucket_source, forget_remote, opens_in_place, remote_source
from .scripts import notes_of

MISSING = "The service does not offer {} any more. Run the job again."
NOT_ALLOWED = "The link to the result expires, and the settings keep such links out of layers. Use Download Again."
NOT_IN_BUCKET = "The result is in the bucket, and the settings say to download it from there. Use Download Again."


def prepare_links(job: Job, provider: Provider, wish: InPlace, buckets: Buckets) -> Tuple[Prepared, ...]:
    """Look into each file of a job that stayed. Raises ResultError and what `provider.assets` and `provider.rights` raise."""
    assets = {asset.name: asset for asset in provider.assets(job.handle)}
    return tuple(_prepared(job, name, _source(job, assets.get(name), name, provider, wish, buckets)) for name in job.links)


def _source(job: Job, asset: Optional[Asset], name: str, provider: Provider, wish: InPlace, buckets: Buckets) -> str:
    """What GDAL opens, with all that it needs for that."""
    if asset is None:
        raise ResultError(MISSING.format(name))
    lies = bucket_source(asset.url)
    if not opens_in_place(asset, wish):
        raise ResultError(NOT_IN_BUCKET if lies else NOT_ALLOWED)
    if not lies:
        forget_remote(asset.url)
        return remote_source(asset.url)
    rights = provider.rights(job.handle)
    if rights is None:
        raise ResultError(NOT_IN_BUCKET)
    buckets.admit(job, rights)
    return lies


def _prepared(job: Job, name: str, source: str) -> Prepared:
    facts = inspect(source, index=style_of(job) in INDEX_STYLES)
    title = title_of(job) if len(job.links) == 1 else f"{title_of(job)}, {Path(name).stem}"
    return Prepared(Path(name), "", title, 1, 1, facts.extent, warnings=facts.warnings, raster=facts, notes=notes_of(job.files))
