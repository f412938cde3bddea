"""The imagery catalogue of Mapflow: scenes and mosaics as scenes, and what a job needs to use them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..aoi import Aoi, AoiError, from_geojson, from_shapely, to_shapely
from . import errors, replies
from .base import Problem, Repair, with_aoi
from .fields import Field, Kind
from .mapflow_ask import Known, source_kind
from .mapflow_calls import MISSING
from .mapflow_imagery import MapflowImagery
from .mapflow_read import items
from .operation import Request
from .scenes import TILES, Scene, SceneAsset, ScenePage, SceneQuery

SCENE, MOSAIC = "image", "mosaic"  # kinds of hits, as we call them
LEAST = "least_km2"  # in a scene's `extra`: the smallest area that is sold of it
KINDS = ((SCENE, "Scenes"), (MOSAIC, "Mosaics"))
FILTERS = (
    Field("providers", "Providers", Kind.LIST, choices_from="searched", advanced=True, help="Only imagery of these. Empty: of all."),
    Field("coarsest", "Pixel size up to", Kind.NUMBER, minimum=0, unit="m", advanced=True,
          help="Coarser imagery is left out. Imagery without a figure is shown as well."),
    Field("finest", "Pixel size from", Kind.NUMBER, minimum=0, unit="m", advanced=True, help="Finer imagery is left out."),
    Field("most_off_nadir", "Off-nadir up to", Kind.NUMBER, minimum=0, maximum=90, unit="°", advanced=True,
          help="How far the satellite looked aside, in degrees. Buildings lean the more, the larger it is."),
    Field("least_share", "Part of the area shown", Kind.NUMBER, minimum=0, maximum=100, unit="%", advanced=True,
          help="Imagery that shows less of the area is left out."),
    Field("usable", "Only what this account may process", Kind.BOOLEAN, True, advanced=True,
          help="Leave out imagery whose provider is not linked to the account."),
)  # fmt: skip
OWN_MOSAICS = "my_imagery_mosaics"  # their source
_REMEMBERED = 5000  # hits, the last ones
_OUTSIDE = 0.0005  # part of an area that may lie beside the images, for rounding
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


class MapflowCatalog(MapflowImagery):
    """The part of the provider that searches for imagery."""

    scene_collections = KINDS
    scene_filters = FILTERS
    scene_files = False

    def search_scenes(self, query: SceneQuery) -> ScenePage:
        known = Known(self.plan_if_told(300.0))
        _check_size(query.aoi, known.plan.search_km2 if known.plan else None)
        whole = 1.0 if self.account.value("shares") == "fraction" else 100.0
        reply = self.ask("POST", "/catalog/meta", question(query, known, whole))
        if reply.status in MISSING:
            told = "This version of Mapflow has no search for imagery."
            raise errors.NotFound(told, advice="Name a provider in New Job instead.", status=reply.status)
        data = self.answer(reply)
        listed = items(data, "images", "results")
        scenes = tuple(scene for scene in (hit(item, known) for item in listed) if scene is not None)
        if whole == 1.0 and all(scene.cloud is None or scene.cloud <= 1.0 for scene in scenes):
            scenes = tuple(scene if scene.cloud is None else replace(scene, cloud=scene.cloud * 100) for scene in scenes)
        scenes = self._titled(scenes)
        self._remember(scenes)
        total, seen = replies.number(replies.member(data, "total")), query.offset + len(listed)
        full = len(listed) >= query.limit if total is None else seen < total
        return ScenePage(scenes, (), replace(query, offset=seen) if full and listed else None)

    def _titled(self, scenes: Tuple[Scene, ...]) -> Tuple[Scene, ...]:
        """With the names of one's own mosaics, which a search does not tell."""
        if not any(scene.extra["source"] == OWN_MOSAICS for scene in scenes):
            return scenes
        names: Mapping[str, str] = {}
        with suppress(errors.ServiceProblem):  # a plan may do without imagery of one's own
            names = {mosaic.id: mosaic.name for mosaic in self.mosaics()}
        return tuple(replace(scene, title=names.get(scene.id, "")) if scene.extra["source"] == OWN_MOSAICS else scene for scene in scenes)

    def scene_values(self, scenes: Sequence[Scene]) -> Tuple[str, Mapping[str, Any]]:
        wrong = _mixed(scenes)
        if wrong:
            raise errors.InvalidRequest(wrong, advice="Choose others.")
        zooms = {scene.extra["zoom"] for scene in scenes if "zoom" in scene.extra}
        zoom = int(max(zooms, key=int)) if zooms else None
        ids = tuple(scene.id for scene in scenes)
        return "processing", {"source": scenes[0].extra["source"], "image_ids": ids, "zoom": zoom, "mosaic_id": None, "source_url": None}

    def _remember(self, scenes: Sequence[Scene]) -> None:
        known = {**self.learnt().hits, **{scene.id: scene for scene in scenes}}
        self._learn(hits=dict(list(known.items())[-_REMEMBERED:]))


def _check_size(aoi: Aoi, most_km2: Optional[float]) -> None:
    if most_km2 is not None and aoi.area_km2 > most_km2:
        told = f"The area has {aoi.area_km2:,.2f} km²; Mapflow searches at most {most_km2:,.6g} km² at once."
        raise errors.InvalidRequest(told, advice="Zoom in, or draw a smaller area.")


def question(query: SceneQuery, known: Known, whole: float = 100.0) -> Dict[str, Any]:
    """The body of a search. `whole` is what the service calls all of something: 100, or 1 in its older versions."""
    asked: Dict[str, Any] = {"aoi": query.aoi.geojson(), "limit": query.limit, "offset": query.offset,
                             "sortBy": "ACQUISITION_DATE", "sortOrder": "DESC"}  # fmt: skip
    if query.start:
        asked["acquisitionDateFrom"] = f"{query.start}T00:00:00Z"
    if query.end:
        asked["acquisitionDateTo"] = f"{query.end}T23:59:59Z"
    if query.most_cloud is not None and query.most_cloud < 100:
        asked["maxCloudCover"] = query.most_cloud * whole / 100
    if query.filters.get("least_share"):
        asked["minAoiIntersectionPercent"] = query.filters["least_share"] * whole / 100
    if query.collections:
        asked["productTypes"] = [word.upper() for word in query.collections]
    for ours, theirs in (("finest", "minResolution"), ("coarsest", "maxResolution"), ("most_off_nadir", "maxOffNadirAngle")):
        if query.filters.get(ours) is not None:
            asked[theirs] = query.filters[ours]
    if query.filters.get("usable"):
        asked["hideUnavailable"] = True
    wanted = [known.source(name, searched=True) for name in query.filters.get("providers") or ()]
    if query.filters.get("providers"):  # an empty list would mean none
        asked["dataProviders"] = [item.name if item else name for item, name in zip(wanted, query.filters["providers"])]
    return asked


def hit(data: Mapping[str, Any], known: Known) -> Optional[Scene]:
    """One hit as a scene, None for what has no id. Numbers are shown as they were given."""
    identity, provider = replies.words(data.get("id")), replies.words(data.get("providerName"))
    if not identity or not provider:
        return None
    kind = MOSAIC if "mosaic" in replies.words(data.get("productType")).lower() else SCENE
    source, footprint = known.source(provider, searched=True), _footprint(data.get("footprint"))
    zoom, least = replies.number(data.get("zoom")), replies.number(data.get("minAreaSqkm"))
    prices = {step: price for step, price in (source.prices if source else ()) if zoom is None or step == int(zoom)}
    picture, tiles = _preview(data)
    extra = {"source": provider, **({"zoom": str(int(zoom))} if zoom is not None else {}), **({LEAST: f"{least:g}"} if least else {})}
    return Scene(
        identity, "mapflow", collection=kind, taken=replies.stamp(replies.moment(data.get("acquisitionDate"))),
        cloud=replies.number(data.get("cloudCover")),
        platform=replies.words(data.get("satId"), 60) or replies.words(data.get("sensor"), 60),
        gsd=replies.number(data.get("pixelResolution")) or None, footprint=footprint, bounds=footprint.bounds if footprint else None,
        quicklook=picture, assets=(tiles,) if tiles else (), extra=extra, off_nadir=replies.number(data.get("offNadirAngle")),
        source=source.label if source else provider, price=f"{min(prices.values()):g} credits/km²" if prices else "",
    )  # fmt: skip


def catalog_problems(request: Request, values: Mapping[str, Any], hits: Mapping[str, Scene]) -> Iterator[Problem]:
    """What is wrong with images of a search and the area. Images that were not found here are not judged."""
    if source_kind(values) != "imagerySearch":
        return
    chosen = [hits[name] for name in values["image_ids"] if name in hits]
    wrong = _mixed(chosen) if chosen else ""
    if wrong:
        yield Problem("images", wrong, field="image_ids")
    elif request.aoi is not None and request.aoi.polygons and len(chosen) == len(values["image_ids"]):
        yield from _beside(request.aoi, [scene.footprint for scene in chosen if scene.footprint])
        yield from _too_small(request.aoi, chosen)


def _beside(area: Aoi, footprints: List[Aoi]) -> Iterator[Problem]:
    if not footprints:
        return
    with suppress(AoiError, ValueError):  # the area's own faults are told elsewhere
        wanted, shown = to_shapely(area).buffer(0), to_shapely(Aoi(tuple(p for item in footprints for p in item.polygons))).buffer(0)
        common = wanted.intersection(shown)
        if common.is_empty:
            yield Problem("beside", "The chosen images do not show the area. Choose others, or move the area.")
        elif wanted.area - common.area > _OUTSIDE * wanted.area:
            share = 100 * (1 - common.area / wanted.area)
            told = f"{share:.2g} % of the area" if share >= 1 else "A part of the area"
            crop = Repair("Keep What the Images Show", lambda request: (with_aoi(request, from_shapely(common)),))
            yield Problem("beside", f"{told} lies beside the chosen images, which Mapflow refuses.", repair=crop)


def _too_small(area: Aoi, chosen: Sequence[Scene]) -> Iterator[Problem]:
    least = max(float(scene.extra.get(LEAST, 0)) for scene in chosen)
    if area.area_km2 < least:
        yield Problem("too_small", f"The area has {area.area_km2:,.2f} km²; of these images at least {least:,.6g} km² are sold.")


def _mixed(scenes: Sequence[Scene]) -> str:
    """Why hits cannot be used together, "" when they can."""
    if len({scene.collection for scene in scenes}) > 1:
        return "Scenes and mosaics cannot be used in one job."
    if scenes[0].collection == SCENE and len({scene.extra["source"].lower() for scene in scenes}) > 1:
        return "Scenes of several providers cannot be used in one job."
    if scenes[0].collection == MOSAIC and len({scene.extra.get("zoom", "") for scene in scenes}) > 1:
        return "Mosaics of different zooms cannot be used in one job."
    return ""


def _preview(data: Mapping[str, Any]) -> Tuple[Optional[SceneAsset], Optional[SceneAsset]]:
    """A picture, or tiles. Their addresses belong to others: nothing of the account is sent there."""
    kind, url = replies.words(data.get("previewType")).lower(), data.get("previewUrl")
    if not url:
        kind, url = "png", _first_part(data.get("previews"))
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None, None
    if kind in _PICTURES:
        return SceneAsset("preview", url, media_type=_PICTURES[kind]), None
    if kind == "tms":
        url = url.replace("{y}", "{-y}")
    return None, SceneAsset("tiles", url, media_type=TILES) if kind in ("xyz", "tms") else None


def _first_part(told: Any) -> Any:
    """The picture of a scene that is made of parts; the list may come as text."""
    with suppress(ValueError):
        parts = items(json.loads(told) if isinstance(told, str) else told)
        return parts[0].get("url") if len(parts) == 1 else None
    return None


def _footprint(shape: Any) -> Optional[Aoi]:
    with suppress(AoiError):
        found = from_geojson(shape) if isinstance(shape, Mapping) else None
        return found if found is not None and found.polygons else None
    return None
