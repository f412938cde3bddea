"""What the ASTRA persona accepts: bodies of submissions and queries of searches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Callable

from ..messages import Request
from .astra_catalog import Scene
from .astra_gate import Refusal, invalid
from .astra_pixels import COMMON, RAMPS
from .astra_settings import AstraSettings

Find = Callable[[str], "Scene | None"]
OPERATIONS = {"ndvi": ("colormap",), "change_detection": ("threshold", "bands")}
CODED_OPERATIONS = (*OPERATIONS, "cog_convert")
MEMBERS = ("operation", "scene_ids", "params", "webhook_url")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SCENE_ID = re.compile(r"[a-z0-9-]+:\S+")
PARAMETERS = ("bbox", "datetime", "collections", "cloud_cover_lt", "limit")
MOST = 100


@dataclass(frozen=True)
class Order:
    """A submission that passed all checks. `scenes` lacks what the service does not know (as coded)."""

    operation: str
    scene_ids: tuple[str, ...]
    scenes: tuple[Scene, ...]
    params: dict[str, Any] = field(default_factory=dict)
    webhook: str = ""
    bbox: Any = None


@dataclass(frozen=True)
class Search:
    """A search that passed all checks; `last` None is open."""

    box: tuple[float, float, float, float]
    first: date
    last: date | None
    collections: tuple[str, ...]
    cloud: float | None
    limit: int


def documented(body: Any, settings: AstraSettings, find: Find) -> Order:
    """The order in a documented body; raises Refusal."""
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object.")
    if settings.strict_fields:
        _known("body", body, MEMBERS)
    operation = body.get("operation")
    if operation not in tuple(OPERATIONS):
        raise invalid(f"operation must be one of {', '.join(OPERATIONS)}.", parameter="operation", received=operation)
    ids, params = _ids(operation, body.get("scene_ids")), body.get("params", {})
    if not isinstance(params, dict):
        raise invalid("params must be an object.", parameter="params", received=params)
    if settings.strict_fields:
        _known("params", params, OPERATIONS[operation])
    _check_params(params)
    webhook = body.get("webhook_url", "")
    if not isinstance(webhook, str) or ("webhook_url" in body and not webhook.startswith(("https://", "http://"))):
        raise invalid("webhook_url must be an address.", parameter="webhook_url", received=webhook)
    scenes = tuple(known_scene(scene_id, find) for scene_id in ids)
    return Order(operation, ids, scenes, params, webhook)


def as_coded(body: Any, find: Find) -> Order:
    """The order in a body as the published code reads it, parameters at its top level; raises Refusal."""
    if not isinstance(body, dict):
        raise invalid("Invalid JSON body")
    operation, scene_id = body.get("operation"), body.get("scene_id")
    if not operation:
        raise invalid("operation is required")
    if operation not in CODED_OPERATIONS:
        raise invalid(f"Unknown operation. Use one of: {', '.join(CODED_OPERATIONS)}")
    if not isinstance(scene_id, str) or not scene_id:
        raise invalid("scene_id is required")
    scene, params = find(scene_id), {name: body[name] for name in ("colormap", "threshold", "bands") if name in body}
    try:
        _check_params(params)
    except Refusal:
        params = {}  # nothing but the operation and the scene is looked at
    return Order(operation, (scene_id,), (scene,) if scene else (), params, body.get("webhook_url", ""), body.get("bbox"))


def known_scene(scene_id: str, find: Find) -> Scene:
    """An issued scene; raises Refusal."""
    if not SCENE_ID.fullmatch(scene_id):
        raise Refusal(400, "INVALID_ID_FORMAT", "A scene id is written provider:id.", parameter="scene_id", received=scene_id)
    scene = find(scene_id)
    if scene is None:
        raise Refusal(404, "SCENE_NOT_FOUND", f"There is no scene {scene_id}.")
    return scene


def search(request: Request, settings: AstraSettings, coded: bool) -> Search:
    """The search in a query; raises Refusal."""
    query = request.query
    if settings.strict_fields and not coded:
        _known("query", query, PARAMETERS)
    for name in ("bbox", "datetime"):
        if not query.get(name):
            raise invalid(f"{name} is required.", parameter=name, received=None)
    first, last = _period(query["datetime"])
    cloud = _number(query, "cloud_cover_lt")
    if cloud is not None and not 0 <= cloud <= 100:
        raise invalid("cloud_cover_lt must be from 0 to 100.", parameter="cloud_cover_lt", received=cloud)
    collections = tuple(name for name in query.get("collections", "").split(",") if name)
    return Search(_box(query["bbox"]), first, last, collections, cloud, _limit(query, settings, coded))


def _ids(operation: str, ids: Any) -> tuple[str, ...]:
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise invalid("scene_ids must be an array of strings.", parameter="scene_ids", received=ids)
    wanted = 2 if operation == "change_detection" else 1
    if len(ids) != wanted:
        raise invalid(f"{operation} takes exactly {wanted} scene_ids.", parameter="scene_ids", received=ids)
    return tuple(ids)


def _check_params(params: dict[str, Any]) -> None:
    if "colormap" in params and params["colormap"] not in list(RAMPS):
        raise invalid(f"colormap must be one of {', '.join(RAMPS)}.", parameter="colormap", received=params["colormap"])
    threshold = params.get("threshold", 0.1)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
        raise invalid("threshold must be a number from 0.0 to 1.0.", parameter="threshold", received=threshold)
    bands = params.get("bands", ["red", "nir"])
    if not isinstance(bands, list) or not bands or not all(band in COMMON for band in bands):
        raise invalid(f"bands must be an array out of {', '.join(COMMON)}.", parameter="bands", received=bands)


def _known(where: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise invalid(f"Unknown member {name} of {where}.", parameter=name)


def _box(text: str) -> tuple[float, float, float, float]:
    wrong = invalid("bbox must be west,south,east,north in degrees.", parameter="bbox", received=text)
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise wrong from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise wrong
    return west, south, east, north


def _period(text: str) -> tuple[date, date | None]:
    start, slash, end = text.partition("/")
    try:
        first = _day(start)
        last = None if end == ".." else _day(end) if slash else first
    except ValueError:
        raise invalid("datetime must be a day, day/day or day/..", parameter="datetime", received=text) from None
    if last is not None and last < first:
        raise invalid("datetime ends before it starts.", parameter="datetime", received=text)
    return first, last


def _day(text: str) -> date:
    if not DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _number(query: dict[str, str], name: str) -> float | None:
    if name not in query:
        return None
    try:
        return float(query[name])
    except ValueError:
        raise invalid(f"{name} must be a number.", parameter=name, received=query[name]) from None


def _limit(query: dict[str, str], settings: AstraSettings, coded: bool) -> int:
    text = query.get("limit", "10")
    if not text.isdigit() or int(text) < 1:
        raise invalid(f"limit must be a whole number from 1 to {MOST}.", parameter="limit", received=text)
    if int(text) > MOST and settings.over_limit == "reject" and not coded:
        raise invalid(f"limit must be at most {MOST}.", parameter="limit", received=text)
    return min(MOST, int(text))
