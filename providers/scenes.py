"""Scenes as values: what is searched for, what a service has, and what can be opened of it."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..aoi import Aoi, crosses_antimeridian, cut_at_antimeridian, to_shapely

TILES = "application/x-xyz-tiles"  # media type of an asset whose address is a template of tiles
Bounds = Tuple[float, float, float, float]  # west, south, east, north in degrees

_TIME = re.compile(r"(?<!\d)(\d{8})(?:T(\d{6}))?(?!\d)")
_PLACE = re.compile(r"_T(\d{2}[A-Z]{3})(?:_|$)|_L[12]\w{2}_(\d{6})_")


@dataclass(frozen=True)
class SceneQuery:
    """What is looked for: scenes that touch `aoi`, taken from `start` to `end` (days YYYY-MM-DD in UTC, both included, "" for open).

    `most_cloud` in percent, included (None: any), `collections` in the service's words (empty: all), `limit` how many on a page,
    `offset` how many come before it, `filters` values of the fields that the service declares as `scene_filters`.
    """

    aoi: Aoi
    start: str = ""
    end: str = ""
    most_cloud: Optional[float] = None
    collections: Tuple[str, ...] = ()
    limit: int = 100
    offset: int = 0
    filters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SceneAsset:
    """One file of a scene: a band, a picture. `common_name` is the band in plain words (red, nir), `size` in bytes, None when unknown.

    A link with `expires_at` (ISO 8601 UTC) is asked for again later; `needs_sign_in` tells that a sign-in of its own host is required.
    """

    name: str
    url: str
    title: str = ""
    media_type: str = ""
    common_name: str = ""
    size: Optional[int] = None
    expires_at: str = ""
    needs_sign_in: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it is made to be looked at only."""
        return self.media_type.startswith(("image/png", "image/jpeg", "image/webp"))


@dataclass(frozen=True)
class Scene:
    """One scene as a service lists it. `id` goes into a request exactly as it stands.

    `taken` is ISO 8601 UTC ("" when not told), `cloud` in percent, `gsd` the pixel size in m, `off_nadir` in degrees, None where not
    told; `source` is who provides it, `price` in words, `title` what its owner calls it. `assets` are what the search already names;
    `Provider.scene_assets` gives links that work.
    """

    id: str
    provider: str
    collection: str = ""
    taken: str = ""
    cloud: Optional[float] = None
    platform: str = ""
    gsd: Optional[float] = None
    footprint: Optional[Aoi] = None
    bounds: Optional[Bounds] = None
    quicklook: Optional[SceneAsset] = None
    assets: Tuple[SceneAsset, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    off_nadir: Optional[float] = None
    source: str = ""
    price: str = ""
    title: str = ""


@dataclass(frozen=True)
class ScenePage:
    """Scenes, newest first, with the service's remarks as sentences. `more` is the query of the next page; pages may overlap."""

    scenes: Tuple[Scene, ...]
    warnings: Tuple[str, ...] = ()
    more: Optional[SceneQuery] = None


def taken_at(scene_id: str) -> Optional[dt.datetime]:
    """When a scene was taken (UTC), where its id tells, as those of Sentinel-2 and Landsat do."""
    for day, time in _TIME.findall(scene_id):
        with suppress(ValueError):
            return dt.datetime.strptime(day + (time or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=dt.timezone.utc)
    return None


def in_time_order(scene_ids: Sequence[str]) -> Tuple[str, ...]:
    """The same ids, earliest first; as given when one of them does not tell its time."""
    times = [taken_at(scene_id) for scene_id in scene_ids]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return tuple(scene_ids)
    return tuple(scene_id for _, scene_id in sorted(zip(known, scene_ids), key=lambda pair: pair[0]))


def place_of(scene_id: str) -> str:
    """The tile (Sentinel-2) or path and row (Landsat) that an id names, "" when it names none."""
    match = _PLACE.search(scene_id)
    return next((part for part in match.groups() if part), "") if match else ""


def coverage(scene: Scene, aoi: Aoi) -> Optional[float]:
    """How much of an area a scene covers, in percent; None when the scene's outline is not known. Raises AoiError."""
    return coverages((scene,), aoi)[0]


def coverages(scenes: Sequence[Scene], aoi: Aoi) -> Tuple[Optional[float], ...]:
    """`coverage` of many scenes. Raises AoiError."""
    wanted = _shape(aoi)
    return tuple(_share(scene.footprint, wanted) for scene in scenes)


def _share(footprint: Optional[Aoi], wanted: Any) -> Optional[float]:
    if footprint is None or wanted.is_empty:
        return None
    return float(min(100.0, 100.0 * _shape(footprint).intersection(wanted).area / wanted.area))


def _shape(aoi: Aoi) -> Any:
    return to_shapely(cut_at_antimeridian(aoi) if crosses_antimeridian(aoi) else aoi).buffer(0)


def boxes(aoi: Aoi) -> Tuple[Bounds, ...]:
    """One box around an area, two when it lies on both sides of the 180° meridian; inside ±180°, ±90°. Raises AoiError when empty."""
    parts = cut_at_antimeridian(aoi) if crosses_antimeridian(aoi) else aoi
    west, _, east, _ = parts.bounds
    if west <= -180 and east >= 180:
        sides = (_side(parts, -1), _side(parts, 1))
        if all(side and side[2] - side[0] < 180 for side in sides):
            return tuple(side for side in sides if side)
    return (_clamped(parts.bounds),)


def _side(aoi: Aoi, sign: int) -> Optional[Bounds]:
    """The box of the parts whose middle lies west (-1) or east (1) of Greenwich."""
    parts: List[Aoi] = [part for part in aoi.parts() if (part.bounds[0] + part.bounds[2]) * sign > 0]
    return _clamped(Aoi(tuple(part.polygons[0] for part in parts)).bounds) if parts else None


def _clamped(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)
