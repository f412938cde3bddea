"""What a layer of map tiles tells of its server: address, numbering, projection, login."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, Tuple
from urllib.parse import unquote, urlsplit

from qgis.core import QgsDataSourceUri, QgsProject, QgsRasterLayer

from ..providers.checks import holds_key
from .words import translate

SYSTEMS = ("EPSG:3857", "EPSG:3395")
_UPSIDE = "{-y}"  # QGIS's word for rows that are counted from the south


class UnfitLayer(Exception):
    """One sentence on why the tiles of a layer cannot be used."""


@dataclass(frozen=True)
class TileSource:
    """A server of tiles. `scheme` is XYZ, TMS or QUADKEY; the login is empty where none is needed, and never shown."""

    url: str
    scheme: str
    crs: str
    login: Tuple[str, str] = field(default=("", ""), repr=False)

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.url).hostname or ""

    def values(self) -> Dict[str, object]:
        """What a form is filled in with; other imagery is taken out."""
        others = dict.fromkeys(("source", "image_ids", "mosaic_id"))
        return {**others, "source_url": self.url, "source_type": self.scheme, "source_crs": self.crs}


def tile_layers(project: QgsProject) -> List[QgsRasterLayer]:
    """The layers of a project that a server draws, by name."""
    found = [layer for layer in project.mapLayers().values() if isinstance(layer, QgsRasterLayer) and layer.providerType() == "wms"]
    return sorted(found, key=lambda layer: layer.name().lower())


def tile_source(layer: QgsRasterLayer) -> TileSource:
    """Where a layer's tiles come from. Raises UnfitLayer."""
    uri = QgsDataSourceUri()
    uri.setEncodedUri(layer.source())
    url, name = uri.param("url"), layer.name()
    if uri.param("type") != "xyz":
        raise _unfit("“{}” is a WMS or WMTS layer. Only tiles with {{x}}, {{y}} and {{z}} in their address can be used.", name)
    if uri.authConfigId() or uri.param("authcfg"):
        raise _unfit(
            "“{}” signs in with an authentication configuration of QGIS, which is not handed on. Enter the server’s login in the "
            "account, under Advanced.", name,
        )  # fmt: skip
    login, url = _login(uri, url)
    if not urlsplit(url).hostname or urlsplit(url).scheme not in ("http", "https"):
        raise _unfit("The tiles of “{}” lie on this computer, where the service cannot fetch them.", name)
    if holds_key(url):
        raise _unfit(
            "The address of “{}” seems to hold a key, which would be kept in the list of jobs. Enter the address yourself if everybody "
            "may see it there.", name,
        )  # fmt: skip
    crs = (uri.param("crs") or SYSTEMS[0]).upper()
    if crs not in SYSTEMS:
        raise _unfit("The tiles of “{}” are in {}; only EPSG:3857 and EPSG:3395 can be used.", name, crs)
    scheme = "QUADKEY" if "{q}" in url else "TMS" if _UPSIDE in url else "XYZ"
    return TileSource(url.replace(_UPSIDE, "{y}"), scheme, crs, login)


def _unfit(text: str, *told: str) -> UnfitLayer:
    return UnfitLayer(translate("Groundtrack", text).format(*told))


def _login(uri: QgsDataSourceUri, url: str) -> Tuple[Tuple[str, str], str]:
    """The login of a layer, and its address without one."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    inside = (unquote(parts.username or ""), unquote(parts.password or ""))
    told = (uri.username() or uri.param("username"), uri.password() or uri.param("password"))
    # only the place is changed: the braces stay as they are
    return (told if any(told) else inside), re.sub(r"^(https?://)[^/]*", rf"\g<1>{place}", url) if any(inside) else url
