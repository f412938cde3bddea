"""Scenes of the catalogue (STAC), and the days on which there are some."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Set

from ...aoi import Aoi, AoiError, from_bounds, from_geojson
from .. import replies
from ..scenes import Bounds, Scene, ScenePage, SceneQuery, boxes
from .collections import Collection, collection_of

MOST = 100  # of one answer
_MOST_PAGES = 20

Search = Callable[[Dict[str, Any]], Mapping[str, Any]]  # the body of a search; the answer


def search(query: SceneQuery, search_one: Search) -> ScenePage:
    """Scenes of the first collection of the query, newest first. Raises AoiError, LookupError."""
    collection = collection_of(query.collections[0] if query.collections else "sentinel-2-l2a")
    found: Dict[str, Scene] = {}
    full = False
    for box in boxes(query.aoi):
        body: Dict[str, Any] = {**_wanted(collection, box, query.start, query.end), "limit": min(MOST, max(1, query.limit))}
        if collection.by_clouds and query.most_cloud is not None and query.most_cloud < 100:
            body["filter"] = f"eo:cloud_cover <= {query.most_cloud:g}"
            body["filter-lang"] = "cql2-text"
        before = len(found)
        for answer in _pages(body, search_one):
            listed = [_scene(item, collection) for item in _features(answer)]
            found.update((scene.id, scene) for scene in listed if scene is not None)
            if len(found) - before >= query.limit:
                full = True
                break
    scenes = tuple(sorted(found.values(), key=lambda scene: scene.taken, reverse=True))
    return ScenePage(scenes, (), _earlier(query, scenes) if full else None)


def days(collection: Collection, aoi: Aoi, start: str, end: str, search_one: Search) -> int:
    """On how many days there are scenes of an area. Raises AoiError."""
    found: Set[str] = set()
    for box in boxes(aoi):
        for answer in _pages({**_wanted(collection, box, start, end), "distinct": "date", "limit": MOST}, search_one):
            for item in answer.get("features") or ():
                told = item if isinstance(item, str) else replies.member(item, "properties", "datetime") or replies.member(item, "date")
                found.add(str(told)[:10])
    return len(found)


def _wanted(collection: Collection, box: Bounds, start: str, end: str) -> Dict[str, Any]:
    first = f"{start}T00:00:00Z" if start else ".."
    last = f"{end}T23:59:59Z" if end else dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if first == ".." else ".."
    return {"collections": [collection.key], "datetime": f"{first}/{last}", "bbox": [round(value, 6) for value in box]}


def _pages(body: Dict[str, Any], search_one: Search) -> Iterator[Mapping[str, Any]]:
    following: Any = None
    for _ in range(_MOST_PAGES):
        answer = search_one(body if following is None else {**body, "next": following})
        yield answer
        following = replies.member(answer, "context", "next")
        if following is None or not answer.get("features"):
            return


def _features(answer: Mapping[str, Any]) -> List[Mapping[str, Any]]:
    listed = answer.get("features")
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def _scene(item: Mapping[str, Any], collection: Collection) -> Optional[Scene]:
    name = replies.words(item.get("id"), 200)
    if not name:
        return None
    told = item.get("properties")
    properties: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    box = _box(item.get("bbox"))
    footprint = _footprint(item.get("geometry")) or (from_bounds(*box) if box else None)
    return Scene(
        name, "sentinelhub", collection=collection.key, taken=replies.stamp(replies.moment(properties.get("datetime"))),
        cloud=replies.number(properties.get("eo:cloud_cover")), platform=replies.words(properties.get("platform"), 60),
        gsd=replies.number(properties.get("gsd")), footprint=footprint, bounds=box or (footprint.bounds if footprint else None),
    )  # fmt: skip


def _footprint(geometry: Any) -> Optional[Aoi]:
    if isinstance(geometry, Mapping):
        with suppress(AoiError):
            aoi = from_geojson(geometry)
            return aoi if aoi.polygons else None
    return None


def _box(value: Any) -> Optional[Bounds]:
    numbers = [replies.number(item) for item in value] if isinstance(value, list) else []
    known = [item for item in numbers if item is not None]
    return (known[0], known[1], known[2], known[3]) if len(known) == 4 == len(numbers) else None


def _earlier(query: SceneQuery, scenes: Any) -> Optional[SceneQuery]:
    """The search for what is older than all of these."""
    known = [scene.taken[:10] for scene in scenes if scene.taken]
    if not known:
        return None
    oldest = min(known)
    if oldest == max(known) or oldest == query.end:
        oldest = (dt.date.fromisoformat(oldest) - dt.timedelta(days=1)).isoformat()
    return replace(query, end=oldest) if not query.start or oldest >= query.start else None
