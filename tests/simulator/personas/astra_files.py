"""Files of the ASTRA persona in the storage: results of jobs, bands of scenes, small pictures."""

from __future__ import annotations

import threading
from typing import Any, Callable

from ..storage import Storage
from . import astra_pixels as pixels
from .astra_catalog import Scene
from .astra_gate import PAGE
from .astra_jobs import Job, Link
from .astra_rasters import COG, MEDIA, Raster
from .astra_settings import AstraSettings

CODED_NAMES = {"ndvi": "ndvi.tif", "change_detection": "change.tif", "cog_convert": "output.tif"}
CLASS_COLOURS: list[tuple[int, ...]] = [(220, 220, 220, 255), (26, 152, 80, 255), (215, 48, 39, 255), (118, 42, 131, 255),
                                        (33, 102, 172, 255)]
NO_FILE = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code></Error>'
PICTURES = {"thumbnail": 8, "quicklook": 4}  # every so many pixels of the scene
ENDINGS = {"cog": "tif", "geotiff": "tif", "png": "png", "jpeg": "jpg"}


class Files:
    """Makes files when they are first needed and links to them."""

    def __init__(self, storage: Storage, settings: AstraSettings) -> None:
        self._storage = storage
        self._settings = settings
        self._lock = threading.RLock()

    def raster(self, job: Job) -> Raster:
        """What the result of a job holds; as coded a change has no second scene and compares the first with itself."""
        scenes, params, size = job.order.scenes, job.order.params, self._settings.size
        seen = [pixels.bands(scene, size) for scene in scenes]
        if job.order.operation == "change_detection":
            classes = pixels.change(seen[0], seen[-1], float(params.get("threshold", 0.1)))
            return Raster(classes[None], scenes[0].cell, pixels.NO_CLASS, CLASS_COLOURS if job.plan.colour_table else [],
                          pixels.CLASSES if job.plan.class_names else ())
        if job.order.operation == "cog_convert":
            return Raster(pixels.picture(seen[0]), scenes[0].cell, 0)
        values = pixels.ndvi(seen[0])
        if "colormap" not in params:
            return Raster(values[None], scenes[0].cell, float("nan"))
        return _coloured(values, params["colormap"], job.plan.colormap_as, scenes[0])

    def result(self, job: Job, now: float, coded: bool) -> Link:
        """A link to the result of a completed job, the file made if need be."""
        with self._lock:
            key = self._stored(job, coded)
            job.links += 1
            number = job.links
        missing = job.plan.file == "missing"
        size = 0 if missing else len(self._storage.objects[key].data())
        expires = (now if self._settings.resign else job.completed) + self._settings.link_seconds
        if coded or job.plan.link == "unsigned":
            href = self._storage.address(key)
        elif job.plan.link == "expired" or (job.plan.link == "expired_once" and number == 1):
            href = self._storage.link_until(key, now - 1)
        else:
            href = self._storage.link_until(key, expires)
        if job.plan.link == "other_host":
            href = href.replace("127.0.0.1", "localhost", 1)
        return Link(href, size, expires)

    def forget(self, job: Job) -> None:
        """Remove the result of a job, so that it is made anew."""
        with self._lock:
            for coded in (False, True):
                self._storage.objects.pop(_result_key(job, coded), None)

    def data(self, job: Job) -> bytes:
        """The result of a job as it would be without any trouble."""
        return self.raster(job).encoded()

    def plain(self, scene: Scene, band: str) -> str:
        """The address of a band without a signature: good for nothing but to look real."""
        return self._storage.address(f"{_folder(scene)}/{band}.tif")

    def picture(self, scene: Scene, kind: str) -> str:
        """The public address of a small PNG of a scene."""
        key, step, size = f"{_folder(scene)}/{self._settings.size}_{kind}.png", PICTURES[kind], self._settings.size
        self._put(key, lambda: Raster(pixels.picture(pixels.bands(scene, size)[:, ::step, ::step]), scene.cell).encoded("png"),
                  MEDIA["png"], True)
        return self._storage.address(key)

    def asset(self, scene: Scene, band: str, form: str, expires: float) -> tuple[str, int]:
        """A signed link to a band (common name, or `visual`) in a format, and the size of the file."""
        size = self._settings.size
        name = dict(zip(pixels.COMMON, pixels.NATIVE[scene.source])).get(band, band)
        key = f"{_folder(scene)}/{size}_{form}/{name}.{ENDINGS[form]}"
        self._put(key, lambda: self._band(scene, band, form, size).encoded(form), MEDIA[form], False)
        return self._storage.link_until(key, expires), len(self._storage.objects[key].data())

    def _band(self, scene: Scene, band: str, form: str, size: int) -> Raster:
        seen = pixels.bands(scene, size)
        if band == "visual":
            return Raster(pixels.picture(seen), scene.cell, 0)
        values = seen[pixels.COMMON.index(band)][None]
        if form in ("png", "jpeg"):
            return Raster((values / 40).clip(0, 255).astype("uint8"), scene.cell)
        return Raster(values, scene.cell, 0)

    def _put(self, key: str, content: Callable[[], bytes], media_type: str, public: bool) -> None:
        with self._lock:
            if key not in self._storage.objects:
                self._storage.put(key, content, media_type, public)

    def _stored(self, job: Job, coded: bool) -> str:
        key, how = _result_key(job, coded), job.plan.file
        if key in self._storage.objects or how == "missing":
            return key
        strange = {"html": (PAGE.format("Sign in").encode(), "text/html"), "xml": (NO_FILE, "application/xml"),
                   "empty": (b"", COG)}
        if how in strange:
            data, media_type = strange[how]
        else:
            data, media_type = self.data(job), COG
        if how == "truncated":
            data = data[:len(data) // 2]
        self._storage.put(key, data, media_type, coded and job.plan.link in ("good", "other_host"))
        return key


def _result_key(job: Job, coded: bool) -> str:
    name = CODED_NAMES[job.order.operation] if coded else f"{job.order.operation}_output.tif"
    return f"{job.job_id}/{name}" if coded else f"jobs/{job.job_id}/{name}"


def _folder(scene: Scene) -> str:
    return f"assets/{scene.source}/{scene.original}"


def _coloured(values: Any, colormap: str, how: str, scene: Scene) -> Raster:
    index, table = pixels.coloured(values), pixels.ramp(colormap)
    if how == "palette":
        return Raster(index[None], scene.cell, 255, [tuple(colour) for colour in table])
    channels = 4 if how == "rgba" else 3
    painted = table[index][:, :, :channels].transpose(2, 0, 1).copy()
    return Raster(painted, scene.cell, None if how == "rgba" else 0)
