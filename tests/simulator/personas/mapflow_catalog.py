"""Search for imagery of the Mapflow persona: invented scenes and mosaics, and the account's own ready images."""

from __future__ import annotations

import json
import math
import random
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .. import geometry
from ..messages import Request, json_response
from .mapflow_codes import bad
from .mapflow_gate import shaped
from .mapflow_geometry import Box, Polygon, area, box_of, clip, polygons, rectangle, touch
from .mapflow_models import SOURCES, Source, may_use
from .mapflow_settings import Account

if TYPE_CHECKING:
    from .mapflow import Mapflow

Hit = dict[str, Any]
STEP, SPREAD, EVERY = 0.25, 0.08, 9   # degrees between scenes, degrees they are away from there, days between passes
YEAR = 365
MEMBERS = ("aoi", "acquisitionDateFrom", "acquisitionDateTo", "minResolution", "maxResolution", "maxCloudCover", "minOffNadirAngle",
           "maxOffNadirAngle", "minAoiIntersectionPercent", "limit", "offset", "sortBy", "sortOrder", "hideUnavailable",
           "dataProviders", "productTypes")
SORTS = {"ACQUISITION_DATE": "acquisitionDate", "PROVIDER_NAME": "providerName", "SAT_ID": "satId", "CLOUD_COVER": "cloudCover",
         "OFF_NADIR_ANGLE": "offNadirAngle", "ZOOM": "zoom", "PIXEL_RESOLUTION": "pixelResolution"}
TYPES = {"image": False, "scene": False, "mosaic": True}
RANGES = (("minResolution", "maxResolution", "pixelResolution"), ("minOffNadirAngle", "maxOffNadirAngle", "offNadirAngle"))


class Catalogue:
    """The route /catalog/meta. Hits given out are kept, since only they can be processed."""

    def __init__(self, service: Mapflow) -> None:
        self._service = service
        self._issued: dict[str, Hit] = {}
        service.add("POST", "/catalog/meta", self._search, write=False)

    def hit_of(self, account: Account, uid: str) -> Hit | None:
        """What is known of a hit: provider, box, zoom, whether it is a mosaic."""
        return self._issued.get(uid)

    def _search(self, account: Account, request: Request) -> Any:
        service, body = self._service, self._service.gate.body(request)
        unknown = set(body) - set(MEMBERS)
        if unknown and service.settings.strict_fields:
            raise bad(f"unknown member {', '.join(sorted(unknown))}")
        shapes = polygons(body.get("aoi"))
        size = sum(area(shape) for shape in shapes)
        limit = service.settings.search_area_limit
        if limit and size > limit:
            raise bad("The area of the search is above the limit", area=round(size), searchAreaLimit=limit)
        found = [hit for hit in self._all(account, shapes, body) if _fits(hit, body)]
        key, order = SORTS.get(body.get("sortBy", "ACQUISITION_DATE")), body.get("sortOrder", "DESC")
        if key is None or order not in ("ASC", "DESC"):
            raise bad("sortBy or sortOrder is unknown")
        found.sort(key=lambda hit: (hit[key] is not None, hit[key] if hit[key] is not None else ""), reverse=order == "DESC")
        page = service.page(found, body, 100, self._told)
        images = page.get("results")
        if service.settings.catalog_shape == "array":
            return json_response(200, shaped(images or [], service.settings))
        told = {"images": images, "total": page["total"], "limit": body.get("limit", 100), "offset": body.get("offset", 0)}
        return told if "results" in page else {key: value for key, value in told.items() if key != "images"}

    def _all(self, account: Account, shapes: list[Polygon], body: dict[str, Any]) -> list[Hit]:
        names, kinds = body.get("dataProviders"), body.get("productTypes", list(TYPES))
        if not all(isinstance(kind, str) and kind.lower() in TYPES for kind in kinds):
            raise bad("productTypes knows IMAGE and MOSAIC")
        wanted = {TYPES[kind.lower()] for kind in kinds}
        sources = [one for one in SOURCES if one.searched and one.mosaics in wanted and (names is None or one.name in names)
                   and (not body.get("hideUnavailable") or may_use(account, one))]
        first, last = self._period(body)
        hits: list[Hit] = []
        for one in sources:
            hits += self._own(account, one) if one.own else _invented(one, box_of(shapes), first, last)
        return [hit for hit in hits if self._over(hit, shapes)]

    def _over(self, hit: Hit, shapes: list[Polygon]) -> bool:
        """Work out how much of the area a hit covers; True when there is any."""
        if not touch(hit["_box"], box_of(shapes)):
            return False
        inside = [clip(shape[0], hit["_box"]) for shape in shapes]
        covered = sum(geometry.area_sqkm(ring) for ring in inside if len(ring) > 3)
        hit["aoiIntersectionPercent"] = min(100.0, round(covered / sum(geometry.area_sqkm(shape[0]) for shape in shapes) * 100, 1))
        return covered > 0

    def _period(self, body: dict[str, Any]) -> tuple[date, date]:
        try:
            first, last = (datetime.fromisoformat(str(body[name]).replace("Z", "+00:00")).date() if name in body else None
                           for name in ("acquisitionDateFrom", "acquisitionDateTo"))
        except ValueError as error:
            raise bad("dates must be ISO 8601") from error
        today = self._service.clock.today()
        last = min(last or today, today)
        return first or last - timedelta(YEAR), last

    def _own(self, account: Account, one: Source) -> list[Hit]:
        rasters, app, hits = self._service._rasters, self._service.app, []
        ready = [image for image in rasters.ready(account) if image.ring]
        if not one.mosaics:
            return [_hit(one, image.image_id, geometry.bounds(image.ring), pixelResolution=image.tiff.metres)
                    for image in ready if image.ring and image.tiff]
        for mosaic_id in dict.fromkeys(image.mosaic_id for image in ready):
            box = box_of([[image.ring] for image in ready if image.mosaic_id == mosaic_id and image.ring])
            tiles = app.cog(f"s3://users-data/{mosaic_id}")["tileUrl"].replace("{y}", "{-y}")
            hits.append(_hit(one, mosaic_id, box, previewType="xyz", previewUrl=tiles))
        return hits

    def _told(self, hit: Hit) -> Hit:
        settings, app, uid = self._service.settings, self._service.app, hit["id"]
        self._issued[uid] = {"provider": hit["providerName"], "box": hit["_box"], "zoom": hit["zoom"], "mosaic": hit["_mosaic"]}
        told = {key: value for key, value in hit.items() if not key.startswith("_")}
        words = ("MOSAIC", "Image") if settings.catalog_words == "new" else ("Mosaic", "Scene")
        told["productType"] = words[0] if hit["_mosaic"] else words[1]
        if hit["_invented"] and not hit["_mosaic"]:
            told["previewUrl"] = app.preview(uid) if told["previewType"] else None
        elif hit["_invented"]:
            told["previewUrl"] = f"{app.url}/tiles/{hit['providerName']}/{{z}}/{{x}}/{{y}}.png"
        if settings.catalog_cloud == "fraction" and told["cloudCover"] is not None:
            told["cloudCover"] = round(told["cloudCover"] / 100, 3)
        if settings.catalog_zoom == "missing":
            del told["zoom"]
        elif settings.catalog_zoom == "text" and told["zoom"] is not None:
            told["zoom"] = str(told["zoom"])
        parts = [{"url": app.preview(f"{uid}-part"), "geometry": told["footprint"]}] if settings.catalog_previews == "parts" else []
        told["previews"] = json.dumps(parts) if settings.catalog_previews == "json_text" else parts
        return told


def _hit(one: Source, uid: str, box: Box, **members: Any) -> Hit:
    ring = [list(point) for point in rectangle(box)]
    footprint = {"type": "MultiPolygon", "coordinates": [[ring]]} if one.mosaics else {"type": "Polygon", "coordinates": [ring]}
    return {"id": uid, "productType": "", "acquisitionDate": None, "sensor": None, "satId": None, "pixelResolution": None,
            "cloudCover": None, "offNadirAngle": None, "colorBandOrder": None, "providerName": one.name, "previewType": None,
            "previewUrl": None, "previews": [], "zoom": None, "isNew": False, "footprint": footprint, "_box": box,
            "_mosaic": one.mosaics, "_invented": not one.own, **members}


def _invented(one: Source, box: Box, first: date, last: date) -> list[Hit]:
    hits = []
    west, south, east, north = (math.floor(value / STEP) for value in box)
    word = "EXM" if one.mosaics else "EX2" if not one.linked else "EX1"
    every = YEAR if one.mosaics else EVERY
    for day in range(-(-first.toordinal() // every) * every, last.toordinal() + 1, every):
        for column in range(west - 1, east + 2):
            for row in range(south - 1, north + 2):
                moment = date.fromordinal(day)
                uid = f"{word}_{moment:%Y%m%d}_{column + 720:04d}{row + 360:04d}"
                chance = random.Random(uid)
                x, y = column * STEP + chance.uniform(-SPREAD, SPREAD), row * STEP + chance.uniform(-SPREAD, SPREAD)
                size = (round(x, 4), round(y, 4), round(x + STEP + SPREAD, 4), round(y + STEP + SPREAD, 4))
                if not touch(size, box):
                    continue
                hits.append(_hit(one, uid, size, acquisitionDate=f"{moment:%Y-%m-%d}T10:{chance.randrange(60):02d}:07Z", sensor=word,
                                 satId=word, pixelResolution=0.0 if one.mosaics else chance.choice((0.3, 0.5, 0.75)),
                                 cloudCover=round(100 * chance.random() ** 3, 1), offNadirAngle=round(chance.uniform(-28, 28), 1),
                                 colorBandOrder="RGB", zoom=18 if one.mosaics else chance.choice((17, 18)), minAreaSqkm=one.least or None,
                                 previewType="xyz" if one.mosaics else chance.choice(("png", "png", "png", "jpg", None))))
    return hits


def _fits(hit: Hit, body: dict[str, Any]) -> bool:
    """Every filter; what is not known of a hit matches."""
    for low, high, key in RANGES:
        value = hit[key]
        if value is not None and not body.get(low, -math.inf) <= (abs(value) if key == "offNadirAngle" else value) <= body.get(
                high, math.inf):
            return False
    cloud, share = _percent(body, "maxCloudCover"), _percent(body, "minAoiIntersectionPercent")
    if cloud is not None and hit["cloudCover"] is not None and hit["cloudCover"] > cloud:
        return False
    if share is not None and hit["aoiIntersectionPercent"] < share:
        return False
    day = hit["acquisitionDate"]
    return day is None or body.get("acquisitionDateFrom", "") <= day <= body.get("acquisitionDateTo", "9")


def _percent(body: dict[str, Any], name: str) -> float | None:
    """A share, told from 0 to 1 or from 0 to 100."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise bad(f"{name} must be a number from 0 to 100")
    return float(value) if value > 1 else 100.0 * value
