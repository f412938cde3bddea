"""A scene's files as rasters that can be opened: in place, downloaded, or as a smaller copy. For worker threads."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional, Sequence
from urllib.parse import urlsplit

from ..jobs.downloads import download, safe_name
from ..providers.base import Asset, Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, NotFound
from ..providers.scenes import Scene, SceneAsset
from ..results.errors import ResultError
from ..results.rasters import DRIVERS, RasterFacts, inspect
from ..results.remote import InPlace, opens_in_place, remote_source
from .scenes_query import cancellable

SIDE = 4096  # most pixels along a side of a copy that is made for a look
_ENDINGS = {"image/tiff": ".tif", "image/png": ".png", "image/jpeg": ".jpg", "image/jp2": ".jp2"}
_TRUE_COLOUR = ("visual", "tci", "true_color", "true_colour", "truecolor", "rgb")
_SINGLE = ("red", "nir", "green", "blue")

Share = Callable[[float], None]  # 0…1, -1 when it is not known


def open_asset(
    provider: Provider, scene: Scene, asset: SceneAsset, folder: Path, wish: InPlace, cancel: Cancel, progress: Share
) -> RasterFacts:
    """Make one file of a scene ready to be a layer. Raises ServiceProblem, ResultError, OSError."""
    if opens_in_place(asset, wish):
        return inspect(remote_source(asset.url))
    known = Asset(file_name(asset), asset.url, asset.media_type, asset.size, asset.expires_at)
    place = folder / safe_name(scene.id)
    path = download(
        cancellable(provider, cancel), known, place, cancel=cancel, pause=lambda number: float(min(30, 2**number)), owner=scene.id,
        progress=lambda done, total: progress(done / total if total else -1.0),
    )  # fmt: skip
    return inspect(str(path))


def open_preview(provider: Provider, scene_id: str, folder: Path, cancel: Cancel) -> RasterFacts:
    """A local true-colour copy of a scene, at most SIDE pixels along a side. Raises ServiceProblem, ResultError."""
    scene = Scene(scene_id, provider.key)
    target = folder / safe_name(scene_id) / f"preview_{SIDE}.tif"
    if not target.exists():
        asset = best_for_eyes(cancellable(provider, cancel).scene_assets(scene))
        if asset is None:
            raise NotFound("The service offers no picture of this scene that could be compared.", advice="Open its bands instead.")
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(remote_source(asset.url), target, cancel)
    return inspect(str(target))


def best_for_eyes(assets: Sequence[SceneAsset]) -> Optional[SceneAsset]:
    """The asset in natural colours, else a single band that shows most."""
    rasters = [asset for asset in assets if not asset.is_picture and not asset.needs_sign_in]
    for name in _TRUE_COLOUR:
        for asset in rasters:
            if name in (asset.name.lower(), asset.common_name.lower()) or "true colo" in asset.title.lower():
                return asset
    return next((asset for name in _SINGLE for asset in rasters if asset.common_name == name), None)


def file_name(asset: SceneAsset) -> str:
    """A name for a file on disk, with the ending of its kind."""
    own = Path(urlsplit(asset.url).path).suffix.lower()
    kind = asset.media_type.partition(";")[0].strip().lower()
    ending = own if own in (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg") else _ENDINGS.get(kind, ".tif")
    return safe_name(f"{asset.name or asset.common_name or 'asset'}{ending}")


def _copy(source: str, target: Path, cancel: Cancel) -> None:
    """A smaller copy, read from the overview that is large enough."""
    from osgeo import gdal

    part = target.with_name(f"{target.name}.part")
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        opened = gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY, allowed_drivers=list(DRIVERS))
        if opened is None:
            raise ResultError("The scene cannot be opened over its link. Try again later.")
        scale = min(1.0, SIDE / max(opened.RasterXSize, opened.RasterYSize))
        made = gdal.Translate(
            str(part), opened, format="GTiff", width=max(1, round(opened.RasterXSize * scale)), height=0 if scale == 1 else
            max(1, round(opened.RasterYSize * scale)), creationOptions=["TILED=YES", "COMPRESS=DEFLATE"],
            callback=lambda *_: 0 if cancel.is_set() else 1,
        )  # fmt: skip
        if cancel.is_set():
            raise Cancelled("Stopped.")
        if made is None:
            raise ResultError("The scene broke off while it was read. Try again.")
        made.BuildOverviews("AVERAGE", [2, 4, 8])
        made = None
        part.replace(target)
    finally:
        gdal.PopErrorHandler()
        part.unlink(missing_ok=True)
