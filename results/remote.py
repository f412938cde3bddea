"""Rasters opened where they lie, over HTTP ranges. For worker threads, except `opens_in_place`."""

from __future__ import annotations

import enum
from typing import Union
from urllib.parse import quote, urlsplit

from ..providers.base import Asset
from ..providers.scenes import SceneAsset
from ..providers.transport import check_address

REMOTE = "/vsicurl"

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
    ALWAYS = "always"


def opens_in_place(asset: Union[Asset, SceneAsset], wish: InPlace) -> bool:
    """Whether a file may be opened over its link. A link that expires leaves a layer that is empty one day."""
    if wish is InPlace.NEVER or getattr(asset, "signed", False) or urlsplit(asset.url).scheme not in ("http", "https"):
        return False
    if "tif" not in f"{asset.media_type} {urlsplit(asset.url).path}".lower():
        return False
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


def is_remote(source: str) -> bool:
    """Whether a source is read over its link."""
    return source.startswith(REMOTE)


def forget_remote(url: str) -> None:
    """Let GDAL forget what it has read from an address, after a link was renewed."""
    from osgeo import gdal

    gdal.VSICurlPartialClearCache(f"{REMOTE}/{url.partition('?')[0]}")

