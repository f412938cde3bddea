"""Scenes as the ASTRA persona tells them: STAC items, lists of assets, answers to searches."""

from __future__ import annotations

from typing import Any

from ..clock import stamp
from .astra_catalog import COMPANIES, Scene, between, newest_first, prefixes
from .astra_files import Files
from .astra_gate import invalid
from .astra_grid import cells_in
from .astra_pixels import COMMON, NATIVE
from .astra_rasters import COG, MEDIA
from .astra_rules import Search

WAVELENGTHS = dict(zip(COMMON, (0.49, 0.56, 0.665, 0.842, 1.61, 2.19)))
TROUBLE = {"PROVIDER_TIMEOUT": "No answer in time.", "PROVIDER_ERROR": "The source failed.",
           "PARTIAL_RESULTS": "Fewer scenes than expected."}
EXTENSIONS = [f"https://stac-extensions.github.io/{name}/schema.json" for name in
              ("eo/v1.1.0", "projection/v1.1.0", "view/v1.0.0")]


def feature(scene: Scene, dialect: str, root: str, files: Files) -> dict[str, Any]:
    """One scene of a search answer; `root` is the address of the service."""
    scene_id, coded = scene.scene_id(dialect), dialect != "documented"
    properties: dict[str, Any] = {"datetime": stamp(scene.moment.timestamp()), "platform": scene.platform,
                  "constellation": "landsat" if scene.source == "landsat" else "sentinel-2", "gsd": scene.metres,
                  "proj:epsg": scene.cell.epsg, "astra:collection": scene.collection(dialect)}
    if scene.cloud is not None:
        properties["eo:cloud_cover"] = scene.cloud
    provider = prefixes(dialect)[scene.source]
    if coded:
        properties.update({"astra:provider": provider, "astra:provider_name": COMPANIES[scene.source].capitalize(),
                           "astra:original_id": scene.original})
    else:
        properties["astra:provider"] = COMPANIES[scene.source]
    item = {"type": "Feature", "stac_version": "1.0.0", "id": scene_id,
            "geometry": {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in scene.cell.ring]]},
            "bbox": [round(value, 6) for value in scene.cell.box], "properties": properties,
            "assets": _assets(scene, coded, files), "links": [{"rel": "self", "href": f"{root}/api/v1/scenes/{scene_id}"}]}
    return {**item, "collection": scene.collection(dialect)} if coded else item


def detail(scene: Scene, dialect: str, root: str, files: Files) -> dict[str, Any]:
    """One scene with everything that is known about it."""
    item = feature(scene, dialect, root, files)
    taken = stamp(scene.moment.timestamp())
    item["stac_extensions"] = EXTENSIONS
    item["properties"].update({"created": taken, "updated": taken, "view:sun_azimuth": 152.4, "view:sun_elevation": 55.8,
                               "instruments": ["oli", "tirs"] if scene.source == "landsat" else ["msi"]})
    item["assets"]["visual"] = {"href": files.plain(scene, "visual"), "type": COG, "title": "True colour"}
    item["assets"]["overview"] = {"href": files.picture(scene, "quicklook"), "type": MEDIA["png"], "title": "Quicklook"}
    return item


def resolved(scene: Scene, bands: list[str], form: str, expires: float, files: Files) -> dict[str, Any]:
    """The documented answer of the asset resolver; raises Refusal for an unknown band."""
    assets = {}
    for band in bands or [*COMMON, "visual"]:
        common = common_name(scene, band)
        if common is None:
            raise invalid(f"There is no band {band}.", parameter="bands", received=band)
        href, size = files.asset(scene, common, form, expires)
        assets[_native(scene, common)] = {"href": href, "type": MEDIA[form], "title": _title(scene, common),
                                          "file:size": size, **_eo(scene, common), "expires_at": stamp(expires)}
    return {"scene_id": scene.scene_id(), "format": form, "assets": assets,
            "metadata": {"crs": f"EPSG:{scene.cell.epsg}", "resolution": scene.metres, "source_provider": COMPANIES[scene.source],
                         "routing": "direct" if scene.source == "planetary-computer" else "converted"}}


def coded_assets(scene: Scene, bands: list[str], expires: float, files: Files) -> dict[str, Any]:
    """The resolver's answer as coded: only the second source's links are signed."""
    assets: list[dict[str, Any]] = []
    for band in bands or list(COMMON):
        common = common_name(scene, band)
        if common is None:
            assets.append({"band": band, "status": "error", "error": f'Band "{band}" not found'})
        elif scene.source == "planetary-computer":
            assets.append({"band": band, "status": "ready", "url": files.asset(scene, common, "cog", expires)[0],
                           "type": "image/tiff", "is_cog": True})
        else:
            assets.append({"band": band, "status": "ready", "url": files.plain(scene, _native(scene, common))[:-3] + "jp2",
                           "type": "image/jp2", "is_cog": False})
    return {"assets": assets}


def common_name(scene: Scene, band: str) -> str | None:
    """The common name of a band given by any name, None for an unknown one."""
    names = {**dict(zip(NATIVE[scene.source], COMMON)), **{name: name for name in (*COMMON, "visual")}}
    return names.get(band)


def matching(wanted: Search, last: Any, trouble: dict[str, str], crowded: bool, coded: bool) -> list[Scene]:
    """Scenes a search finds, newest first; sources in trouble are left out or halved."""
    dialect = "as-coded" if coded else "documented"
    found = []
    for scene in between(cells_in(wanted.box), wanted.first, min(wanted.last or last, last), crowded):
        problem = trouble.get(scene.source, "")
        if problem and (problem != "PARTIAL_RESULTS" or scene.number % 2):
            continue
        if wanted.collections and scene.collection(dialect) not in wanted.collections:
            continue
        if wanted.cloud is None or scene.cloud is None or scene.cloud < wanted.cloud:
            found.append(scene)
    return sorted(found, key=newest_first)


def answer(features: list[dict[str, Any]], matched: int, limit: int, trouble: dict[str, str]) -> dict[str, Any]:
    """The documented answer to a search."""
    warnings = [{"provider": source, "code": code, "message": TROUBLE.get(code, code)} for source, code in trouble.items()]
    return {"type": "FeatureCollection", "features": features,
            "context": {"matched": matched, "returned": len(features), "limit": limit}, "warnings": warnings}


def coded_answer(features: list[dict[str, Any]], wanted: Search, trouble: dict[str, str]) -> dict[str, Any]:
    """The answer to a search as coded: warnings are texts, absent without any."""
    warnings = [f"{source}: {TROUBLE.get(code, code)}" for source, code in trouble.items()]
    if wanted.collections == ("planetary-computer",):
        warnings.append("No providers match the requested collections")
    found = {"type": "FeatureCollection", "features": features, "context": {"matched": len(features), "returned": len(features)}}
    return {**found, "warnings": warnings} if warnings else found


def _assets(scene: Scene, coded: bool, files: Files) -> dict[str, Any]:
    assets: dict[str, Any] = {}
    for common in COMMON:
        native = _native(scene, common)
        asset = {"href": files.plain(scene, native), "type": COG, **_eo(scene, common)}
        if coded:
            second = scene.source == "planetary-computer"
            asset.update({"astra:band_name": native, "astra:is_cog": second, "astra:requires_auth": not second})
        assets[common if coded else native] = asset
    assets["thumbnail"] = {"href": files.picture(scene, "thumbnail"), "type": MEDIA["png"], "title": "Thumbnail",
                           "roles": ["thumbnail"]}
    return assets


def _native(scene: Scene, common: str) -> str:
    return dict(zip(COMMON, NATIVE[scene.source])).get(common, common)


def _title(scene: Scene, common: str) -> str:
    name = "True colour" if common == "visual" else f"{common.capitalize()} ({_native(scene, common)})"
    return f"{name} - {scene.metres}m"


def _eo(scene: Scene, common: str) -> dict[str, Any]:
    if common == "visual":
        return {}
    return {"eo:bands": [{"name": _native(scene, common), "common_name": common, "center_wavelength": WAVELENGTHS[common]}]}
