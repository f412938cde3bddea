"""What ASTRA OS's search and asset resolver answer, in either dialect, as scenes."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..aoi import Aoi, AoiError, from_bounds, from_geojson
from . import replies
from .scenes import Bounds, Scene, SceneAsset, ScenePage, SceneQuery

EARLIEST = "2013-01-01"  # the service takes no search without a first day
_SMALL = ("thumbnail", "rendered_preview", "overview", "quicklook")


def search_parameters(query: SceneQuery, box: Bounds, most: int) -> Dict[str, str]:
    """The search as the service spells it."""
    start, end = query.start or EARLIEST, query.end or ".."
    asked = {
        "bbox": ",".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in box),
        "datetime": start if start == end else f"{start}/{end}",
        "limit": str(max(1, min(query.limit, most))),
    }
    if query.collections:
        asked["collections"] = ",".join(query.collections)
    if query.most_cloud is not None and query.most_cloud < 100:
        asked["cloud_cover_lt"] = f"{query.most_cloud + 0.01:g}"  # the service means less than
    return asked


def page(answers: Sequence[Mapping[str, Any]], query: SceneQuery, most: int) -> ScenePage:
    """One page out of the answers for each box."""
    found: Dict[str, Scene] = {}
    warnings: Dict[str, None] = {}
    full = False
    for answer in answers:
        features = answer.get("features")
        listed = [item for item in features if isinstance(item, Mapping)] if isinstance(features, list) else []
        full = full or len(listed) >= min(query.limit, most)
        found.update((scene.id, scene) for scene in map(_scene, listed) if scene is not None)
        warnings.update(dict.fromkeys(_warnings(answer.get("warnings"))))
    scenes = sorted((scene for scene in found.values() if _clear(scene, query)), key=lambda scene: scene.taken, reverse=True)
    return ScenePage(tuple(scenes), tuple(warnings), _next(query, list(found.values())) if full else None)


def resolved(answer: Mapping[str, Any]) -> Tuple[Tuple[SceneAsset, ...], Tuple[str, ...]]:
    """Assets with their links, and sentences about those that cannot be had."""
    listed = answer.get("assets")
    named = list(listed.items()) if isinstance(listed, Mapping) else [("", item) for item in listed] if isinstance(listed, list) else []
    found = [(item, _asset(str(name), item)) for name, item in named if isinstance(item, Mapping)]
    wrong = [replies.failure(item)[1] or replies.failure(item)[0] for item, asset in found if asset is None]
    return tuple(asset for _, asset in found if asset is not None), tuple(text for text in wrong if text)


def quicklook(item: Mapping[str, Any]) -> Optional[SceneAsset]:
    """The small picture among an item's assets."""
    return _quicklook(_assets(item))


def _next(query: SceneQuery, scenes: Sequence[Scene]) -> Optional[SceneQuery]:
    """There are no pages: earlier scenes are found by an earlier last day."""
    days = [scene.taken[:10] for scene in scenes if scene.taken]
    if not days:
        return None
    oldest = min(days)
    if oldest == max(days) or oldest == query.end:
        oldest = (dt.date.fromisoformat(oldest) - dt.timedelta(days=1)).isoformat()
    return replace(query, end=oldest) if oldest >= (query.start or EARLIEST) else None


def _clear(scene: Scene, query: SceneQuery) -> bool:
    return query.most_cloud is None or scene.cloud is None or scene.cloud <= query.most_cloud


def _scene(item: Mapping[str, Any]) -> Optional[Scene]:
    scene_id, told = item.get("id"), item.get("properties")
    if not isinstance(scene_id, str) or not scene_id:
        return None
    properties: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    known = _assets(item)
    bounds = _bounds(item.get("bbox"))
    footprint = _footprint(item.get("geometry")) or (from_bounds(*bounds) if bounds else None)
    extra = {name: replies.words(properties.get(name)) for name in ("astra:original_id", "astra:provider", "constellation", "proj:epsg")}
    return Scene(
        scene_id, "astra",
        collection=replies.words(item.get("collection")) or replies.words(properties.get("astra:collection")) or scene_id.partition(":")[0],
        taken=replies.stamp(replies.moment(properties.get("datetime"))),
        cloud=replies.number(properties.get("eo:cloud_cover")),
        platform=replies.words(properties.get("platform"), 60), gsd=replies.number(properties.get("gsd")),
        footprint=footprint, bounds=bounds or (footprint.bounds if footprint else None),
        quicklook=_quicklook(known), assets=known, extra={name: value for name, value in extra.items() if value},
    )  # fmt: skip


def _assets(item: Mapping[str, Any]) -> Tuple[SceneAsset, ...]:
    named = item.get("assets")
    assets = [_asset(str(name), asset) for name, asset in named.items() if isinstance(asset, Mapping)] if isinstance(named, Mapping) else []
    return tuple(asset for asset in assets if asset is not None)


def _asset(name: str, item: Mapping[str, Any]) -> Optional[SceneAsset]:
    url = item.get("href") or item.get("url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")) or item.get("status") == "error":
        return None
    name = name or replies.words(item.get("band"), 60)
    bands = item.get("eo:bands")
    common = replies.words(replies.member(bands[0], "common_name"), 60) if isinstance(bands, list) and bands else ""
    size = replies.number(item.get("file:size"))
    return SceneAsset(
        name, url, replies.words(item.get("title"), 120) or name, replies.words(item.get("type"), 120),
        common or replies.words(item.get("band"), 60), int(size) if size is not None and size >= 0 else None,
        replies.stamp(replies.moment(item.get("expires_at"))), item.get("astra:requires_auth") is True,
    )  # fmt: skip


def _quicklook(assets: Sequence[SceneAsset]) -> Optional[SceneAsset]:
    pictures = [asset for asset in assets if asset.is_picture]
    named = [asset for name in _SMALL for asset in pictures if asset.name == name]
    return next(iter(named or pictures), None)


def _footprint(geometry: Any) -> Optional[Aoi]:
    if isinstance(geometry, Mapping):
        with suppress(AoiError):
            aoi = from_geojson(geometry)
            return aoi if aoi.polygons else None
    return None


def _bounds(box: Any) -> Optional[Bounds]:
    numbers = [replies.number(value) for value in box] if isinstance(box, list) else []
    if len(numbers) == 6:  # with heights
        numbers = numbers[:2] + numbers[3:5]
    known = [value for value in numbers if value is not None]
    return (known[0], known[1], known[2], known[3]) if len(known) == 4 and len(numbers) == 4 else None


def _warnings(listed: Any) -> List[str]:
    """Sentences out of objects or texts."""
    found: List[str] = []
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, Mapping):
            code, message = replies.failure(item)
            source = replies.words(item.get("provider"), 60)
            found.append(": ".join(part for part in (source, message or code) if part))
        else:
            found.append(replies.words(item))
    return [text for text in found if text]
