"""What the Mapflow persona accepts as source of imagery, and what a processing then fails with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import urlsplit

from .mapflow_codes import Refusal, bad, message, missing
from .mapflow_geometry import Box, Polygon, box_of
from .mapflow_models import Model, Source, may_use, source
from .mapflow_settings import Account, MapflowSettings

MEMBERS = {"dataProvider": ("providerName", "zoom"), "myImagery": ("imageIds", "mosaicId"),
           "imagerySearch": ("dataProvider", "imageIds", "zoom", "searchId"),
           "userDefined": ("sourceType", "url", "zoom", "crs", "rasterLogin", "rasterPassword")}
KINDS = ("XYZ", "TMS", "QUADKEY", "SENTINEL_L2A", "LOCAL")
SYSTEMS = ("EPSG:3857", "EPSG:3395")
WHOLE = re.compile(r"\d+")
EDGE = 1e-5  # degrees an area may reach over the edge of an image


@dataclass
class Known:
    """What the account has and has found: image, mosaic and catalogue hit by id (None: unknown)."""

    image: Callable[[str], Any]
    mosaic: Callable[[str], Any]
    hit: Callable[[str], dict[str, Any] | None]


@dataclass
class Chosen:
    """A source that passed all checks; `codes` are the messages a processing fails with because of it."""

    key: str
    members: dict[str, Any]
    provider: Source | None = None
    zoom: int | None = None
    used: list[str] = field(default_factory=list)
    codes: list[Any] = field(default_factory=list)


def choose(params: Any, settings: MapflowSettings, model: Model, known: Known, account: Account, shapes: list[Polygon]) -> Chosen:
    """The source in params.sourceParams; raises Refusal."""
    told = params.get("sourceParams") if isinstance(params, dict) else None
    if not isinstance(told, dict):
        raise bad("params.sourceParams is required")
    keys = [key for key, value in told.items() if value is not None]
    if len(keys) != 1 or keys[0] not in MEMBERS:
        raise bad(f"sourceParams must have exactly one of {', '.join(MEMBERS)}")
    key, members = keys[0], told[keys[0]]
    if not isinstance(members, dict):
        raise bad(f"{key} must be an object")
    members = {name: value for name, value in members.items() if value is not None}
    unknown = set(members) - set(MEMBERS[key])
    if unknown and settings.strict_fields:
        raise bad(f"{key} has no member {', '.join(sorted(unknown))}")
    chosen = Chosen(key, members)
    if key == "dataProvider":
        chosen.provider = _provider(members.get("providerName"), account)
    elif key == "myImagery":
        _own(chosen, known)
    elif key == "imagerySearch":
        _searched(chosen, known, account, shapes)
    else:
        chosen.codes += _defined(members)
    _zoom(chosen, model)
    return chosen


def _provider(name: Any, account: Account) -> Source:
    if not isinstance(name, str) or not name:
        raise bad("the name of the data provider is required")
    found = source(name)
    if found is None:
        raise Refusal(404, "NOT_FOUND", f"Data provider {name} is not found")
    if not may_use(account, found):
        if found.premium:
            raise Refusal(403, "MAXAR_PROVIDERS_UNAVAILABLE", "Premium imagery is not part of your plan")
        raise Refusal(403, "FORBIDDEN", f"The data provider {found.name} is not available on your plan")
    return found


def _ids(members: dict[str, Any]) -> list[str]:
    ids = members.get("imageIds")
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str) and one for one in ids):
        raise bad("imageIds must be a list of at least one id")
    return ids


def _own(chosen: Chosen, known: Known) -> None:
    members = chosen.members
    if not members:
        raise bad("myImagery needs imageIds or mosaicId")
    for image_id in _ids(members) if "imageIds" in members else []:
        image = known.image(image_id)
        if image is None:
            raise missing(f"Image {image_id}")
        if not image.ready:
            raise bad(f"Image {image_id} is not ready")
        chosen.used += [image.mosaic_id, image_id]
    if "mosaicId" in members:
        mosaic = known.mosaic(members["mosaicId"])
        if mosaic is None:
            raise missing(f"Mosaic {members['mosaicId']}")
        chosen.used.append(mosaic.mosaic_id)


def _searched(chosen: Chosen, known: Known, account: Account, shapes: list[Polygon]) -> None:
    members = chosen.members
    chosen.provider = _provider(members.get("dataProvider"), account)
    hits = [known.hit(image_id) for image_id in _ids(members)]
    if any(hit is None for hit in hits):
        raise missing("Image")
    found = [hit for hit in hits if hit is not None]
    if len({hit["mosaic"] for hit in found}) > 1:
        raise bad("images must be of one product type")
    if not found[0]["mosaic"] and {hit["provider"] for hit in found} != {chosen.provider.name}:
        raise bad("images must be of the one provider named")
    if found[0]["mosaic"] and len({hit["zoom"] for hit in found}) > 1:
        raise bad("mosaics must have one zoom")
    if shapes and not _inside(box_of(shapes), _around([hit["box"] for hit in found])):
        raise bad("the area reaches over the edge of the images")
    chosen.used += members["imageIds"]


def _inside(one: Box, other: Box) -> bool:
    return all(a >= b - EDGE for a, b in zip(one[:2], other[:2])) and all(a <= b + EDGE for a, b in zip(one[2:], other[2:]))


def _around(boxes: list[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _defined(members: dict[str, Any]) -> list[Any]:
    kind, url = members.get("sourceType"), members.get("url")
    if kind is None:
        return [message("source-validator.RequestMustHaveSourceType")]
    if kind not in KINDS:
        return [message("source-validator.SourceTypeIsNotAllowed", source_type=kind, allowed_sources=", ".join(KINDS))]
    if not isinstance(url, str):
        return [message("source-validator.UrlMustBeString", url_type=type(url).__name__)]
    if kind == "LOCAL":
        return [] if url.startswith("s3://") else [message("source-validator.S3URLError", actual_s3_link=url)]
    if kind == "SENTINEL_L2A":
        return [] if url.startswith("S2") else [message("source-validator.SentinelInputStringFormatError", input_string=url)]
    if not url.startswith(("http://", "https://")):
        return [message("source-validator.UrlMustBeLink")]
    return _link(kind, url) or _system(members.get("crs", SYSTEMS[0]))


def _link(kind: str, url: str) -> list[Any]:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        return [message("source-validator.UrlFormatInvalid", parse_error_message=error)]
    if "openstreetmap" in host:
        return [message("source-validator.UrlBlacklisted", url=url)]
    holders = ("{q}",) if kind == "QUADKEY" else ("{x}", "{y}", "{z}")
    word = {"QUADKEY": "Quadkey"}.get(kind, kind)
    return [] if all(one in url for one in holders) else [message(f"source-validator.{word}LinkFormatError")]


def _system(crs: Any) -> list[Any]:
    return [] if isinstance(crs, str) and crs.upper() in SYSTEMS else [message("dataloader.CrsIsNotSupported")]


def _zoom(chosen: Chosen, model: Model) -> None:
    told = chosen.members.get("zoom")
    if told is None:
        return
    whole = isinstance(told, int) and not isinstance(told, bool)
    if not whole and not (isinstance(told, str) and WHOLE.fullmatch(told)):
        chosen.codes.append(message("source-validator.ZoomMustBeInteger", actual_zoom=told))
        return
    chosen.zoom = zoom = int(told)
    low, high = model.zooms
    if not 0 <= zoom <= 22:
        chosen.codes.append(message("source-validator.InvalidZoomValue", actual_zoom=zoom))
    elif zoom > high:
        chosen.codes.append(message("source-validator.TooHighZoom", max_zoom=high, actual_zoom=zoom))
    elif zoom < low:
        chosen.codes.append(message("source-validator.TooLowZoom", min_zoom=low, actual_zoom=zoom))
