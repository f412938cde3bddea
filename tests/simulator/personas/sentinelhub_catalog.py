"""The Catalog of the Sentinel Hub persona: scenes that follow from place and day alone, and searches in them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ..messages import Response
from . import sentinelhub_data as data
from .sentinelhub_settings import SentinelhubSettings

MEMBERS = ("collections", "datetime", "bbox", "intersects", "ids", "limit", "next", "filter", "filter-lang", "filter-crs",
           "fields", "distinct")
EVERY = {"sentinel-1-grd": 6, "hls": 3, "modis": 1}
CLOUD = "eo:cloud_cover"
RADAR = {"sar:instrument_mode": "IW", "s1:polarization": "DV", "s1:resolution": "HIGH", "s1:timeliness": "Offline"}
COMPARISON = re.compile(r"\s*([\w:]+)\s*(<=|>=|<>|=|<|>)\s*('[^']*'|-?[\d.]+)\s*")
BETWEEN = re.compile(r"\s*([\w:]+)\s+between\s+(-?[\d.]+)\s+and\s+(-?[\d.]+)\s*", re.IGNORECASE)
WORDS = {"=": "eq", "<>": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "!=": "neq",
         **{word: word for word in ("eq", "neq", "lt", "lte", "gt", "gte", "between")}}
TESTS = {"eq": lambda a, b: a == b, "neq": lambda a, b: a != b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b,
         "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "between": lambda a, b, c: b <= a <= c}
USUAL = {"id", "type", "geometry", "bbox", "links", "assets", "properties.datetime"}
LONGEST = 3660
Condition = tuple[str, str, list[Any]]


class Wrong(Exception):
    """A search that breaks a rule."""


@dataclass(frozen=True)
class Scene:
    """One tile of one pass: a cell of one degree, its lower left corner in whole degrees."""

    collection: str
    west: int
    south: int
    day: date

    @property
    def identifier(self) -> str:
        """The item id."""
        return f"{self.collection.upper()}_{self.day:%Y%m%d}T{self.moment:%H%M%S}_{self.west + 180:03}{self.south + 90:03}"

    @property
    def moment(self) -> datetime:
        """When it was taken; neighbours of one pass some seconds apart."""
        seconds = 10 * 3600 + (self.south + 90) * 14
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=timezone.utc) + timedelta(seconds=seconds)

    @property
    def properties(self) -> dict[str, Any]:
        """What an item tells."""
        told: dict[str, Any] = {"datetime": self.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                                "proj:epsg": (32600 if self.south >= 0 else 32700) + (self.west + 180) // 6 + 1}
        if self.collection == "sentinel-1-grd":
            passing = "ascending" if self.day.toordinal() // 6 % 2 else "descending"
            return {**told, "platform": "sentinel-1a", "sat:orbit_state": passing, **RADAR}
        cloud = hashlib.sha256(f"{self.identifier}".encode()).digest()[0] * 100 / 255
        name = self.collection.replace("-l2a", "a").replace("-l1c", "a")
        return {**told, "platform": name, CLOUD: round(cloud, 2), "gsd": 10}

    def feature(self, url: str) -> dict[str, Any]:
        """The item."""
        w, s, e, n = self.west, self.south, self.west + 1, self.south + 1
        ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
        link = {"rel": "self", "href": f"{url}/api/v1/catalog/1.0.0/collections/{self.collection}/items/{self.identifier}"}
        return {"type": "Feature", "stac_version": "1.0.0", "id": self.identifier, "collection": self.collection,
                "bbox": [w, s, e, n], "geometry": {"type": "Polygon", "coordinates": [ring]}, "links": [link],
                "assets": {"data": {"href": f"s3://sentinel-archive/{self.identifier}/", "title": "s3"}},
                "properties": self.properties}


def search(body: Any, settings: SentinelhubSettings, now: float, url: str) -> Response:
    """Answer a search."""
    try:
        answer = _answer(body, settings, datetime.fromtimestamp(now, timezone.utc), url)
    except Wrong as wrong:
        return error(400, str(wrong))
    return Response(200, {"Content-Type": "application/geo+json"}, json.dumps(answer).encode())


def error(status: int, description: str) -> Response:
    """An error in the Catalog's own shape."""
    return Response(status, {"Content-Type": "application/json"}, json.dumps({"code": status, "description": description}).encode())


def _answer(body: Any, settings: SentinelhubSettings, now: datetime, url: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Wrong("The body must be a JSON object.")
    strange = [name for name in body if name not in MEMBERS]
    if strange and (settings.strict_fields or "query" in strange):
        raise Wrong(f"Unknown member {strange[0]}.")
    scenes = list(_matching(body, settings, now))
    limit, start = _whole(body.get("limit", 10), 1, 100, "limit"), _whole(body.get("next", 0), 0, 10**9, "next")
    features: list[Any] = [_chosen(scene.feature(url), body.get("fields")) for scene in scenes]
    if "distinct" in body:
        features = _distinct(scenes, body["distinct"], settings, url)
    page = features[start:start + limit]
    context = {"limit": limit, "returned": len(page)}
    links = [{"rel": "self", "href": f"{url}/api/v1/catalog/1.0.0/search"}]
    if start + limit < len(features):
        context["next"] = start + limit
        links.append({"rel": "next", "href": links[0]["href"], "method": "POST", "body": {"next": start + limit}, "merge": True})
    return {"type": "FeatureCollection", "features": page, "links": links, "context": context}


def _matching(body: dict[str, Any], settings: SentinelhubSettings, now: datetime) -> Iterator[Scene]:
    """Scenes that match, newest first."""
    collection, (first, last) = _collection(body, settings), _period(body.get("datetime"), now)
    west, south, east, north = _place(body)
    ids, conditions = body.get("ids"), _conditions(body)
    cells = [(x, y) for x in range(math.floor(west), math.ceil(east)) for y in range(math.floor(south), math.ceil(north))]
    if len(cells) > 400:
        raise Wrong("The area is too large for the simulator.")
    day = last.date()
    while day >= first.date():
        for x, y in cells if settings.crowded or day.toordinal() % EVERY.get(collection, 5) == 0 else ():
            scene = Scene(collection, x, y, day)
            if first <= scene.moment <= last and (ids is None or scene.identifier in ids) and _meets(scene, conditions):
                yield scene
        day -= timedelta(days=1)


def _collection(body: dict[str, Any], settings: SentinelhubSettings) -> str:
    given = body.get("collections")
    if not isinstance(given, list) or len(given) != 1:
        raise Wrong("collections must be an array with one collection.")
    name = data.known_type(given[0])
    if not name or name == "dem" or not data.hosted(name, settings.deployment):
        raise Wrong(f"Illegal collection {given[0]}.")
    return name


def _period(text: Any, now: datetime) -> tuple[datetime, datetime]:
    parts = text.split("/") if isinstance(text, str) else []
    if len(parts) != 2 or parts == ["..", ".."]:
        raise Wrong("datetime must be from/to.")
    moments = [now if part == ".." else data.moment(part) for part in parts]
    if parts[0] == ".." and moments[1] is not None:
        moments[0] = moments[1] - timedelta(days=LONGEST)
    first, last = moments
    if first is None or last is None or (last - first).days > LONGEST:
        raise Wrong("datetime must hold two RFC 3339 date-times, at most ten years apart.")
    return first, min(last, now)


def _place(body: dict[str, Any]) -> tuple[float, float, float, float]:
    if ("bbox" in body) == ("intersects" in body):
        raise Wrong("Either bbox or intersects is required.")
    box: Any = body.get("bbox")
    if "intersects" in body:
        numbers = re.findall(r"\[\s*(-?[\d.e+-]+)\s*,\s*(-?[\d.e+-]+)\s*\]", json.dumps(body["intersects"]))
        if not numbers:
            raise Wrong("intersects must be a geometry.")
        xs, ys = [float(x) for x, _ in numbers], [float(y) for _, y in numbers]
        box = [min(xs), min(ys), max(xs), max(ys)]
    try:
        west, south, east, north = (float(part) for part in box)
    except (TypeError, ValueError):
        raise Wrong("bbox must be four numbers.") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Wrong("bbox must be west, south, east, north in degrees.")
    return west, south, east, north


def _conditions(body: dict[str, Any]) -> list[Condition]:
    given = body.get("filter")
    if given is None:
        return []
    language = body.get("filter-lang", "cql2-text")
    if language == "cql2-text" and isinstance(given, str):
        return _from_text(given)
    if language == "cql2-json" and isinstance(given, dict):
        return _from_object(given)
    raise Wrong("filter does not fit filter-lang.")


def _from_text(text: str) -> list[Condition]:
    found: list[Condition] = []
    for part in re.split(r"\band\b(?!\s+-?[\d.]+\s*(?:$|and))", text, flags=re.IGNORECASE):
        between, plain = BETWEEN.fullmatch(part), COMPARISON.fullmatch(part)
        if between:
            found.append((between.group(1), "between", [float(between.group(2)), float(between.group(3))]))
        elif plain:
            value = plain.group(3)
            found.append((plain.group(1), WORDS[plain.group(2)], [value[1:-1] if value[0] == "'" else float(value)]))
        else:
            raise Wrong(f"filter cannot be read at {part.strip()!r}.")
    return found


def _from_object(given: dict[str, Any]) -> list[Condition]:
    args = given.get("args")
    if given.get("op") == "and" and isinstance(args, list):
        return [condition for part in args for condition in _from_object(part)]
    if given.get("op") not in WORDS or not isinstance(args, list) or not isinstance(args[0], dict):
        raise Wrong(f"filter has an unknown operator {given.get('op')}.")
    values = args[1] if isinstance(args[1], list) else args[1:]
    return [(args[0]["property"], WORDS[given["op"]], values)]


def _meets(scene: Scene, conditions: list[Condition]) -> bool:
    told = scene.properties
    for name, test, values in conditions:
        if name not in told:
            raise Wrong(f"{name} is no property of {scene.collection}.")
        if not TESTS[test](told[name], *values):
            return False
    return True


def _distinct(scenes: list[Scene], name: Any, settings: SentinelhubSettings, url: str) -> list[Any]:
    first: dict[str, Scene] = {}
    for scene in scenes:
        known = {"date": scene.day.isoformat(), **{key: value for key, value in scene.properties.items() if key in RADAR
                                                  or key == "sat:orbit_state"}}
        if name not in known:
            raise Wrong(f"distinct cannot be {name}.")
        first.setdefault(str(known[name]), scene)
    return list(first) if settings.distinct_as == "scalars" else [scene.feature(url) for scene in first.values()]


def _chosen(feature: dict[str, Any], fields: Any) -> dict[str, Any]:
    if not isinstance(fields, dict):
        return feature
    wanted = (USUAL | set(fields.get("include", ()))) - set(fields.get("exclude", ()))
    kept = {name: value for name, value in feature.items() if name in wanted}
    every = "properties" in wanted
    kept["properties"] = {name: value for name, value in feature["properties"].items() if every or f"properties.{name}" in wanted}
    return kept


def _whole(value: Any, lowest: int, highest: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise Wrong(f"{name} must be a whole number from {lowest} to {highest}.")
    return value
