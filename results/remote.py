"""Rasters opened where they lie, over HTTP ranges or in a bucket. For worker threads, except `opens_in_place`."""

from __future__ import annotations

import enum
from contextlib import contextmanager
from typing import Iterator, Union
from urllib.parse import quote, urlsplit

from ..jobs.fetch import BUCKETS
from ..providers.base import Asset
from ..providers.scenes import SceneAsset
from ..providers.transport import check_address

REMOTE = "/vsicurl"
INGESTED = "GDAL_INGESTED_BYTES_AT_OPEN"
HEADER_BYTES = "344064"  # 21 of GDAL’s 16 KB pieces: header and smallest overview of a COG, in one request instead of two
_IN_BUCKETS = {"s3": "/vsis3/", "gs": "/vsigs/"}  # what GDAL calls them, by scheme

# without the first one GDAL and QGIS look for some forty side files, one request each; nothing may wait for ever
_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_MAX_RETRY": "2",
    "GDAL_HTTP_RETRY_DELAY": "1",
}


class InPlace(enum.Enum):
    """When a person wants a result opened where it lies instead of downloaded."""

    NEVER = "never"
    LASTING = "lasting"  # only links that do not expire
    OWN = "own"  # those, and what lies in the person's own bucket
    ALWAYS = "always"


def opens_in_place(asset: Union[Asset, SceneAsset], wish: InPlace) -> bool:
    """Whether a file may be opened where it lies. A link that expires leaves a layer that is empty one day."""
    scheme = urlsplit(asset.url).scheme
    if wish is InPlace.NEVER or getattr(asset, "signed", False) or scheme not in ("http", "https", *BUCKETS):
        return False
    if "tif" not in f"{asset.media_type} {urlsplit(asset.url).path}".lower():
        return False
    if scheme in BUCKETS:
        return wish in (InPlace.OWN, InPlace.ALWAYS) and reads_buckets()
    return wish is InPlace.ALWAYS or not (asset.expires_at or urlsplit(asset.url).query)


def remote_source(url: str) -> str:
    """What GDAL and QGIS open for an address; time limits stay in this process. Raises ConfigError for plain HTTP."""
    from osgeo import gdal

    check_address(url)
    head = "use_head=no&" if urlsplit(url).query else ""  # a link that was signed for GET is refused for anything else
    # what was read under the short form, /vsicurl/ and the address, newer QGIS forgets whenever a layer opens, and reads again
    source = f"{REMOTE}?{head}empty_dir=yes&max_retry=2&retry_delay=1&url={quote(url, safe='')}"
    if hasattr(gdal, "SetPathSpecificOption"):  # since GDAL 3.6
        for name, value in _OPTIONS.items():
            gdal.SetPathSpecificOption(source.partition("%3F")[0], name, value)
    return source


def bucket_source(url: str) -> str:
    """What GDAL and QGIS open for s3:// and gs:// addresses, once they were given the rights; "" for any other address."""
    scheme, _, rest = url.partition("://")
    return f"{_IN_BUCKETS[scheme]}{rest}" if scheme in _IN_BUCKETS else ""


def reads_buckets() -> bool:
    """Whether this GDAL can be given rights to one folder alone (since 3.6)."""
    from osgeo import gdal

    return hasattr(gdal, "SetPathSpecificOption")


def in_bucket(source: str) -> bool:
    """Whether a source lies in somebody's bucket."""
    return source.startswith(tuple(_IN_BUCKETS.values()))


@contextmanager
def at_once(source: str) -> Iterator[None]:
    """While a remote file is opened in this thread: fetch with its header what a first look at its smallest overview needs."""
    from osgeo import gdal

    change = getattr(gdal, "SetThreadLocalConfigOption", None) if is_remote(source) else None
    if change is None:
        yield
        return
    change(INGESTED, HEADER_BYTES)
    try:
        yield
    finally:
        change(INGESTED, None)


def is_remote(source: str) -> bool:
    """Whether a source is read where it lies, not on this computer."""
    return source.startswith(REMOTE) or in_bucket(source)


def forget_remote(url: str) -> None:
    """Let GDAL forget what it has read from an address, after a link was renewed."""
    from osgeo import gdal

    gdal.VSICurlPartialClearCache(f"{REMOTE}/{url.partition('?')[0]}")


def opens(source: str) -> bool:
    """Whether GDAL can open a source now. What it reads for that is not read again soon."""
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY) is not None
    except RuntimeError:  # somebody switched GDAL's exceptions on
        return False
    finally:
        gdal.PopErrorHandler()
