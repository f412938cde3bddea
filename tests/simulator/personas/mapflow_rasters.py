"""The routes below /rasters of the Mapflow persona: mosaics, images, uploads, previews, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ..clock import stamp
from ..messages import Request, Response
from .mapflow_codes import DataRefusal, Unprocessable
from .mapflow_geometry import box_of, rectangle, wkt
from .mapflow_imagery import Image, Mosaic, check, sent_file
from .mapflow_pixels import jpeg, png
from .mapflow_settings import Account

if TYPE_CHECKING:
    from .mapflow import Mapflow

SIDES = {"s": 256, "l": 1024}
KEPT = 4096      # bytes of an upload that stay in the log of requests
LINK_SECONDS = 3600


class Rasters:
    """Mosaics and images by id, oldest first."""

    def __init__(self, service: Mapflow) -> None:
        self.mosaics: dict[str, Mosaic] = {}
        self.images: dict[str, Image] = {}
        self._service = service
        add, mosaic, image = service.add, "/rasters/mosaic/{mosaic_id}", "/rasters/image/{image_id}"
        add("POST", "/rasters/mosaic", self._create)
        add("GET", "/rasters/mosaic", self._list)
        add("POST", "/rasters/mosaic/image", self._create_from_file)
        add("GET", mosaic, lambda account, request, mosaic_id: self._told(self._mosaic(account, mosaic_id)))
        add("PUT", mosaic, self._change)
        add("DELETE", mosaic, self._delete)
        add("POST", f"{mosaic}/image", self._upload)
        add("GET", f"{mosaic}/image", self._images)
        add("GET", f"{mosaic}/status", self._states)
        add("DELETE", f"{mosaic}/failed", self._delete_failed)
        add("POST", f"{mosaic}/link-image", self._link)
        add("GET", image, lambda account, request, image_id: self._image_told(self._image(account, image_id)))
        add("PUT", image, self._rename_image)
        add("DELETE", image, self._delete_image)
        add("GET", f"{image}/preview/{{size}}", self._preview)
        add("GET", f"{image}/status", lambda account, request, image_id: self._state_told(self._image(account, image_id)))
        add("GET", f"{image}/download", self._download)
        add("GET", "/rasters/memory", self._memory)

    def mosaic_of(self, account: Account, uid: Any) -> Mosaic | None:
        """A mosaic of the account, None when it has none of that id."""
        found = self.mosaics.get(uid) if isinstance(uid, str) else None
        return found if found and found.owner == account.owner else None

    def image_of(self, account: Account, uid: Any) -> Image | None:
        """An image of the account, its state brought up to date."""
        found = self.images.get(uid) if isinstance(uid, str) else None
        if found is None or found.owner != account.owner:
            return None
        found.state(self._service.clock.now())
        return found

    def ready(self, account: Account, mosaic_id: str | None = None) -> list[Image]:
        """Images that can be used."""
        now = self._service.clock.now()
        return [one for one in list(self.images.values()) if one.owner == account.owner and mosaic_id in (None, one.mosaic_id)
                and one.state(now) == "COMPLETED"]

    def _mosaic(self, account: Account, uid: str) -> Mosaic:
        return self._found(self.mosaics.get(uid), account, "mosaic", uid)

    def _image(self, account: Account, uid: str) -> Image:
        return self._found(self.images.get(uid), account, "image", uid)

    def _found(self, item: Any, account: Account, kind: str, uid: str) -> Any:
        if item is None:
            raise DataRefusal(404, "ItemNotFound", instance_type=kind, uid=uid)
        if item.owner != account.owner:
            raise DataRefusal(403, "AccessDenied", instance_type=kind, uid=uid)
        return item

    def _stamp(self, seconds: float) -> str:
        style = self._service.settings.data_time_style
        return stamp(seconds, "micro").removesuffix("Z") if style == "naive" else stamp(seconds, style)

    def _of(self, mosaic: Mosaic) -> list[Image]:
        listed = self._service.clock.now() - self._service.settings.upload_list_lag
        return [one for one in list(self.images.values()) if one.mosaic_id == mosaic.mosaic_id and one.uploaded <= listed]

    def _body(self, request: Request) -> dict[str, Any]:
        if not isinstance(request.json, dict):
            raise Unprocessable("body")
        return request.json

    def _make(self, account: Account, name: Any, tags: Any) -> Mosaic:
        if not isinstance(name, str) or not name:
            raise Unprocessable("body", "name")
        service = self._service
        made = Mosaic(service.new_id(), account.owner, name, _tags(tags), service.clock.now())
        self.mosaics[made.mosaic_id] = made
        return made

    def _short(self, mosaic: Mosaic) -> dict[str, Any]:
        return {"id": mosaic.mosaic_id, "name": mosaic.name, "tags": mosaic.tags, "created_at": self._stamp(mosaic.created)}

    def _told(self, mosaic: Mosaic) -> dict[str, Any]:
        images, shape, now = self._of(mosaic), self._service.settings.mosaic_shape, self._service.clock.now()
        told = self._short(mosaic)
        if shape in ("seed", "both", "layer"):
            told["image_count"] = len(images)
        if shape == "seed":
            return told
        states = [one.state(now) for one in images]
        rings = [one.ring for one in images if one.ready and one.ring]
        around = wkt(rectangle(box_of([[ring] for ring in rings])), multi=True) if rings else None
        return {**told, "rasterLayer": self._service.app.cog(f"s3://users-data/{mosaic.mosaic_id}") if rings else None,
                "footprint": around, "sizeInBytes": sum(one.size for one in images),
                "status_summary": {"total": len(images), "ready": states.count("COMPLETED"), "pending": states.count("PENDING"),
                                   "in_progress": states.count("IN_PROGRESS"), "failed": states.count("FAILED")}}

    def _create(self, account: Account, request: Request) -> Any:
        body = self._body(request)
        return self._short(self._make(account, body.get("name"), body.get("tags")))

    def _list(self, account: Account, request: Request) -> Any:
        wanted = {value for key, value in parse_qsl(request.raw_query) if key == "tags"}
        return [self._told(one) for one in list(self.mosaics.values())
                if one.owner == account.owner and wanted <= set(one.tags or ())]

    def _change(self, account: Account, request: Request, mosaic_id: str) -> Any:
        mosaic, body = self._mosaic(account, mosaic_id), self._body(request)
        if body.get("name") is not None:
            mosaic.name = str(body["name"])
        if "tags" in body:
            mosaic.tags = _tags(body["tags"])
        return self._service.done(self._short(mosaic))

    def _delete(self, account: Account, request: Request, mosaic_id: str) -> Any:
        mosaic, images = self._mosaic(account, mosaic_id), self._of(self._mosaic(account, mosaic_id))
        self._free({mosaic_id, *(one.image_id for one in images)})
        for one in images:
            del self.images[one.image_id]
        del self.mosaics[mosaic.mosaic_id]
        return self._service.done()

    def _free(self, ids: set[str]) -> None:
        now = self._service.clock.now()
        if any(ids & set(job.order.used) and not job.ended(now) for job in list(self._service.jobs.values())):
            raise DataRefusal(409, "Locked", reason="a processing uses it (lock)")

    def _create_from_file(self, account: Account, request: Request) -> Any:
        query = parse_qsl(request.raw_query)
        name = dict(query).get("name")
        if not name:
            raise Unprocessable("query", "name")
        sent_file(request)
        mosaic = self._make(account, name, [value for key, value in query if key == "tags"])
        try:
            return self._take(account, request, mosaic)
        except DataRefusal:
            del self.mosaics[mosaic.mosaic_id]
            raise

    def _upload(self, account: Account, request: Request, mosaic_id: str) -> Any:
        return self._take(account, request, self._mosaic(account, mosaic_id))

    def _take(self, account: Account, request: Request, mosaic: Mosaic) -> Any:
        service, settings = self._service, self._service.settings
        upload = sent_file(request)
        check(upload, settings, self._used(account), self._of(mosaic), mosaic.mosaic_id)
        fail = settings.prepare_fail or ("" if upload.tiff else "The image cannot be read")
        image = Image(service.new_id(), mosaic.mosaic_id, account.owner, upload.filename, len(upload.data), upload.data, upload.tiff,
                      service.clock.now(), settings.prepare_time, fail, f"s3://users-data/{mosaic.mosaic_id}/{upload.filename}")
        self.images[image.image_id] = image
        request.body = request.body[:KEPT]
        if settings.upload_shape == "message":
            return {"message": "Files successfully uploaded", "mosaic_id": mosaic.mosaic_id}
        return {"id": image.image_id, "mosaic_id": mosaic.mosaic_id, "filename": image.filename, "file_size": image.size,
                "uploaded_at": self._stamp(image.uploaded)}

    def _link(self, account: Account, request: Request, mosaic_id: str) -> Any:
        mosaic, url, service = self._mosaic(account, mosaic_id), self._body(request).get("url"), self._service
        if not isinstance(url, str) or not url.startswith("s3://"):
            raise Unprocessable("body", "url", text="must start with s3://")
        image = Image(service.new_id(), mosaic_id, account.owner, url.rsplit("/", 1)[-1], 0, b"", None, service.clock.now(),
                      service.settings.prepare_time, "", url, downloadable=False)
        self.images[image.image_id] = image
        return {"message": "File successfully linked to a mosaic", "mosaic_id": mosaic.mosaic_id}

    def _images(self, account: Account, request: Request, mosaic_id: str) -> Any:
        self._mosaic(account, mosaic_id)
        return [self._image_told(one) for one in self.ready(account, mosaic_id)]

    def _image_told(self, image: Image) -> dict[str, Any]:
        tiff, base = image.tiff, f"{self._service.url}/rasters/image/{image.image_id}/preview"
        meta = {"crs": f"EPSG:{tiff.epsg}", "count": tiff.count, "width": tiff.width, "height": tiff.height,
                "dtypes": [tiff.dtype] * tiff.count, "nodata": tiff.nodata, "pixel_size": list(tiff.pixel or ())} if tiff else {}
        return {"id": image.image_id, "mosaic_id": image.mosaic_id, "image_url": image.url, "preview_url_s": f"{base}/s",
                "preview_url_l": f"{base}/l", "uploaded_at": self._stamp(image.uploaded), "file_size": image.size,
                "footprint": wkt(image.ring) if image.ring else None, "filename": image.filename, "checksum": image.checksum(),
                "meta_data": meta, "cog_link": None, "available_for_download": image.downloadable}

    def _states(self, account: Account, request: Request, mosaic_id: str) -> Any:
        images = [self._state_told(one) for one in self._of(self._mosaic(account, mosaic_id))]
        states = [one["preprocessing_status"] for one in images]
        return {"mosaic_id": mosaic_id, "total_images": len(images), "ready_images": states.count("COMPLETED"),
                "pending_images": states.count("PENDING"), "in_progress_images": states.count("IN_PROGRESS"),
                "failed_images": states.count("FAILED"), "images": images}

    def _state_told(self, image: Image) -> dict[str, Any]:
        state = image.state(self._service.clock.now())
        return {"image_id": image.image_id, "filename": image.filename, "preprocessing_status": state,
                "preprocessing_error": image.fail if state == "FAILED" else None, "data_available": state == "COMPLETED",
                "uploaded_at": self._stamp(image.uploaded)}

    def _delete_failed(self, account: Account, request: Request, mosaic_id: str) -> Any:
        now = self._service.clock.now()
        failed = [one.image_id for one in self._of(self._mosaic(account, mosaic_id)) if one.state(now) == "FAILED"]
        for image_id in failed:
            del self.images[image_id]
        return {"message": f"{len(failed)} failed image(s) deleted", "count": len(failed), "deleted_image_ids": failed}

    def _rename_image(self, account: Account, request: Request, image_id: str) -> Any:
        image, name = self._image(account, image_id), request.query.get("name")
        if not name:
            raise Unprocessable("query", "name")
        image.filename = name
        return self._service.done(self._image_told(image))

    def _delete_image(self, account: Account, request: Request, image_id: str) -> Any:
        self._image(account, image_id)
        self._free({image_id})
        del self.images[image_id]
        return self._service.done()

    def _preview(self, account: Account, request: Request, image_id: str, size: str) -> Response:
        self._image(account, image_id)
        if size not in SIDES:
            raise DataRefusal(404, "ItemNotFound", instance_type="preview", uid=size)
        kind = self._service.settings.preview
        data = jpeg(SIDES[size]) if kind == "jpeg" else png(SIDES[size], image_id)
        return Response(200, {"Content-Type": "image/jpeg"}, data)

    def _download(self, account: Account, request: Request, image_id: str) -> Any:
        service, image = self._service, self.images.get(image_id)
        if image is None or image.owner != account.owner:
            raise DataRefusal(404, "ItemNotFound", instance_type="image", uid=image_id)
        if not image.downloadable:
            raise DataRefusal(403, "AccessDenied", instance_type="image", uid=image_id)
        if image.state(service.clock.now()) != "COMPLETED":
            raise DataRefusal(409, "NotReady", uid=image_id)
        key = f"mapflow/{image_id}/{image.filename}"
        service.storage.put(key, image.data, "image/tiff")
        return {"download_url": service.storage.link(key, LINK_SECONDS), "filename": image.filename, "expires_in": LINK_SECONDS}

    def _used(self, account: Account) -> int:
        return sum(one.size for one in self.images.values() if one.owner == account.owner)

    def _memory(self, account: Account, request: Request) -> Any:
        settings, used = self._service.settings, self._used(account)
        limit = None if settings.memory_unlimited else settings.memory_limit
        if settings.memory_shape == "seed":
            whole = limit or 0
            return {"used_bytes": used, "limit_bytes": limit, "used_gb": round(used / 2**30, 2), "limit_gb": round(whole / 2**30, 2),
                    "usage_percent": round(100 * used / whole, 1) if whole else 0}
        return {"memoryLimit": limit, "memoryUsed": used, "memoryFree": None if limit is None else limit - used,
                "maxUploadFileSize": settings.max_upload, "maxPixelCount": settings.max_pixels}


def _tags(tags: Any) -> list[str] | None:
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise Unprocessable("body", "tags", text="a list of texts is needed")
    return tags
