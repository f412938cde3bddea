"""Collections: which deployment has them, what they can be filtered by, and the bands that are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, Tuple

_AWS, _OREGON, _CDSE = "aws-eu-central-1", "aws-us-west-2", "cdse"
_EUROPE = (_AWS, _CDSE)
OWN = r"(?:byoc|batch|zarr)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
COARSEST = 1500.0  # metres a pixel of Sentinel-2


@dataclass(frozen=True)
class Collection:
    """One collection. `at`: deployments that have it, () for any. `by_clouds`: knows cloud cover; `timeless`: has no dates."""

    key: str
    title: str
    at: Tuple[str, ...] = ()
    by_clouds: bool = False
    least_cloudy: bool = False
    timeless: bool = False

    @property
    def is_sentinel_2(self) -> bool:
        return self.key.startswith("sentinel-2")

    @property
    def is_radar(self) -> bool:
        return self.key == "sentinel-1-grd"

    @property
    def has_catalog(self) -> bool:
        return not self.timeless


def _landsat(key: str, title: str) -> Collection:
    return Collection(key, f"Landsat {title}", (_OREGON,), True, True)


COLLECTIONS: Tuple[Collection, ...] = (
    Collection("sentinel-2-l2a", "Sentinel-2 L2A", _EUROPE, True, True),
    Collection("sentinel-2-l1c", "Sentinel-2 L1C", _EUROPE, True, True),
    Collection("sentinel-1-grd", "Sentinel-1 GRD", _EUROPE),
    Collection("dem", "Elevation model", _EUROPE, timeless=True),
    _landsat("landsat-ot-l2", "8–9 L2"),
    _landsat("landsat-ot-l1", "8–9 L1"),
    _landsat("landsat-etm-l2", "7 L2"),
    _landsat("landsat-etm-l1", "7 L1"),
    _landsat("landsat-tm-l2", "4–5 L2"),
    _landsat("landsat-tm-l1", "4–5 L1"),
    _landsat("landsat-mss-l1", "1–5 MSS L1"),
    _landsat("landsat-8-l1c", "8 L1C (old)"),
    Collection("hls", "Harmonized Landsat Sentinel", (_OREGON,), True, True),
    Collection("modis", "MODIS", (_OREGON,)),
    Collection("sentinel-3-olci", "Sentinel-3 OLCI", (_CDSE,)),
    Collection("sentinel-3-slstr", "Sentinel-3 SLSTR", (_CDSE,), True),
    Collection("sentinel-5p-l2", "Sentinel-5P L2", (_CDSE,)),
)
OLDER_NAMES = (("s2l2a", "sentinel-2-l2a"), ("s2l1c", "sentinel-2-l1c"), ("s1grd", "sentinel-1-grd"), ("dem", "dem"))

_BY_KEY: Dict[str, Collection] = {item.key: item for item in COLLECTIONS}
_ANGLES = "sunAzimuthAngles sunZenithAngles viewAzimuthMean viewZenithMean dataMask"
BANDS: Dict[str, FrozenSet[str]] = {
    "sentinel-2-l2a": frozenset(f"B01 B02 B03 B04 B05 B06 B07 B08 B8A B09 B11 B12 AOT SCL SNW CLD CLP CLM {_ANGLES}".split()),
    "sentinel-1-grd": frozenset("VV VH HH HV localIncidenceAngle scatteringArea shadowMask dataMask".split()),
    "dem": frozenset(("DEM", "dataMask")),
}


def collection_of(key: str) -> Collection:
    """A collection by the service's word, new or old; what users bring has its own. Raises LookupError."""
    word = dict(OLDER_NAMES).get(key.lower(), key.lower())
    if word in _BY_KEY:
        return _BY_KEY[word]
    if re.fullmatch(OWN, word):
        return Collection(word, word)
    raise LookupError(f"“{key}” is not a collection of Sentinel Hub.")
