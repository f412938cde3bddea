"""A person's own imagery at Mapflow: mosaics, their images, room for more."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote, urlencode

from ..aoi import AoiError, from_wkt
from . import errors, replies
from .http import HttpCall, Reply
from .imagery import Image, ImageryKeeper, ImageState, Mosaic, Storage
from .mapflow_calls import MISSING, MapflowCalls
from .mapflow_read import items, mapping
from .remote import Asset
from .scenes import Bounds
from .transport import Options

_LARGEST_PICTURE = 8 * 1024 * 1024  # bytes
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # what they begin with; a JPEG that was promised may be a PNG
_STATES = {"NONE": ImageState.READY, "COMPLETED": ImageState.READY, "FAILED": ImageState.FAILED}
_CUT = "Cut the raster into smaller files and upload those."
_ADVICE = {"MemoryLimitExceeded": "Delete images that are no longer needed, or extend the storage at Mapflow.", "FileTooBig": _CUT,
           "FileValidationFailed": "Upload it into another mosaic.", "AccessDenied": "Refresh the list."}  # fmt: skip


class MapflowImagery(MapflowCalls, ImageryKeeper):
    """The part of the provider that is about imagery uploaded to it."""

    def mosaics(self) -> Tuple[Mosaic, ...]:
        found = [item for item in map(_mosaic, items(self.answer(self.ask("GET", "/rasters/mosaic")), "results", "mosaics")) if item]
        return tuple(sorted(found, key=lambda item: item.created, reverse=True))

    def images(self, mosaic_id: str) -> Tuple[Image, ...]:
        return self.listing(mosaic_id)[0]

    def listing(self, mosaic_id: str) -> Tuple[Tuple[Image, ...], bool]:
        """The images of a mosaic, and whether those that are not ready are among them: older versions of the service leave them out."""
        place = f"/rasters/mosaic/{path_part(mosaic_id)}"
        reply = self.ask("GET", f"{place}/status")  # first: what gets ready in between is at worst told as being prepared
        states = [] if reply.status in MISSING else items(self.answer(reply), "images")
        listed = items(self.answer(self.ask("GET", f"{place}/image")), "results", "images")
        found = {item.id: item for item in (_image(data, mosaic_id) for data in listed) if item is not None}
        for item in (_state(data, mosaic_id) for data in states):
            if item is not None:
                known = found.get(item.id)
                found[item.id] = item if known is None else replace(known, state=item.state, problem=item.problem)
        return tuple(sorted(found.values(), key=lambda item: item.uploaded, reverse=True)), reply.status not in MISSING

    def storage(self) -> Storage:
        told = mapping(self.answer(self.ask("GET", "/rasters/memory")))
        used, limit = _first(told, "memoryUsed", "used_bytes"), _first(told, "memoryLimit", "limit_bytes")
        return Storage(used, limit or None, _first(told, "maxUploadFileSize") or None, _first(told, "maxPixelCount") or None)

    def create_mosaic(self, name: str, tags: Sequence[str] = ()) -> Mosaic:
        reply = self._change("POST", "/rasters/mosaic", {"name": name, "tags": list(tags)})
        made = _mosaic(mapping(reply.json_or_none()))
        if made is None:
            raise errors.ProtocolError("Mapflow did not name the new mosaic.", advice="Refresh the list to see whether it is there.")
        return made

    def change_mosaic(self, mosaic_id: str, name: str, tags: Sequence[str]) -> None:
        self._change("PUT", f"/rasters/mosaic/{path_part(mosaic_id)}", {"name": name, "tags": list(tags)})

    def delete_mosaic(self, mosaic_id: str) -> None:
        self._change("DELETE", f"/rasters/mosaic/{path_part(mosaic_id)}")

    def rename_image(self, image_id: str, name: str) -> None:
        self._change("PUT", f"/rasters/image/{path_part(image_id)}?{urlencode({'name': name})}")

    def delete_image(self, image_id: str) -> None:
        self._change("DELETE", f"/rasters/image/{path_part(image_id)}")

    def picture(self, image_id: str, large: bool = False) -> bytes:
        address = f"{self.root}/rasters/image/{path_part(image_id)}/preview/{'l' if large else 's'}"
        options = Options(headers={**self.signature(), "Accept": "image/*"}, most_bytes=_LARGEST_PICTURE, cancel=self.cancel)
        reply = self.transport.send(HttpCall("GET", address, signature=self.scheme), options)
        if not reply.ok:
            raise self.problem_of(reply)
        if not reply.body.startswith(_PICTURES):
            raise errors.ProtocolError("Mapflow sent something else than a picture.")
        return reply.body

    def image_file(self, image: Image) -> Asset:
        reply = self.ask("GET", f"/rasters/image/{path_part(image.id)}/download")
        if reply.status in (403, 409):
            told = "Mapflow does not give this image out." if reply.status == 403 else "The image is still being prepared."
            advice = "Only images that were uploaded can be downloaded." if reply.status == 403 else "Try again in a few minutes."
            raise errors.InvalidRequest(told, status=reply.status, request_id=reply.request_id, advice=advice)
        data = mapping(self.answer(reply))
        address = data.get("download_url")
        if not isinstance(address, str) or not address:
            raise errors.ProtocolError("Mapflow named no link to the image.", status=reply.status)
        return Asset(replies.words(data.get("filename")) or image.name, address, "image/tiff", image.size)

    def link_image(self, mosaic_id: str, address: str) -> None:
        self._change("POST", f"/rasters/mosaic/{path_part(mosaic_id)}/link-image", {"url": address})

    def problem_of(self, reply: Reply) -> errors.ServiceProblem:
        problem = super().problem_of(reply)
        if not reply.url.startswith(f"{self.root}/rasters/"):
            return problem
        if reply.status == 413 and problem.code not in _ADVICE:
            told = "The file is larger than Mapflow takes (HTTP 413)."
            return errors.InvalidRequest(told, code=problem.code, status=413, request_id=problem.request_id, advice=_CUT)
        if problem.code in _ADVICE:
            problem.advice = _ADVICE[problem.code]
        elif reply.status == 404:
            problem.advice = "It may have been deleted meanwhile. Refresh the list."
        elif reply.status == 409:
            problem.advice = "A processing that uses it has to end first."
        elif isinstance(problem, errors.InvalidRequest):
            problem.advice = "Nothing was changed."
        return problem

    def _change(self, method: str, path: str, body: Any = None) -> Reply:
        try:
            reply = self.ask(method, path, body, repeat=False)
        except errors.AmbiguousSubmit:
            told = "Mapflow gave no answer, so it is not known whether this was done."
            raise errors.TransportError(told, advice="Refresh the list to see it.") from None
        if not reply.ok:
            raise self.problem_of(reply)
        return reply


def path_part(identity: str) -> str:
    """An id as one part of a path."""
    return quote(identity, safe="")


def _first(told: Mapping[str, Any], *names: str) -> Optional[int]:
    found = [replies.number(told.get(name)) for name in names]
    return next((int(value) for value in found if value is not None and value >= 0), None)


def _mosaic(data: Mapping[str, Any]) -> Optional[Mosaic]:
    identity = replies.words(data.get("id"))
    if not identity:
        return None
    count = replies.number(replies.member(data, "status_summary", "total"))
    count = replies.number(data.get("image_count")) if count is None else count
    tags = data.get("tags")
    named = tuple(text for text in map(replies.words, tags) if text) if isinstance(tags, list) else ()
    created, size = replies.stamp(replies.moment(data.get("created_at"))), _first(data, "sizeInBytes")
    return Mosaic(
        identity, replies.words(data.get("name")) or identity, named, created, None if count is None else int(count), size,
        _bounds(data.get("footprint")),
    )  # fmt: skip


def _image(data: Mapping[str, Any], mosaic_id: str) -> Optional[Image]:
    identity = replies.words(data.get("id"))
    if not identity:
        return None
    told = mapping(data.get("meta_data"))
    pixel = told.get("pixel_size")
    sides = [replies.number(side) for side in pixel] if isinstance(pixel, list) else []
    name, when = replies.words(data.get("filename")), replies.stamp(replies.moment(data.get("uploaded_at")))
    return Image(
        identity, mosaic_id, name or identity, uploaded=when, size=_first(data, "file_size"), crs=replies.words(told.get("crs"), 60),
        bands=_first(told, "count"), width=_first(told, "width"), height=_first(told, "height"),
        pixel=abs(sides[0]) if sides and sides[0] else None, bounds=_bounds(data.get("footprint")),
        downloadable=data.get("available_for_download") is not False,
    )  # fmt: skip


def _state(data: Mapping[str, Any], mosaic_id: str) -> Optional[Image]:
    """An image as the list of states tells it. An unknown word counts as long as the image is not there."""
    identity = replies.words(data.get("image_id")) or replies.words(data.get("id"))
    if not identity:
        return None
    word = replies.words(data.get("preprocessing_status"), 60).upper()
    state = _STATES.get(word, ImageState.READY if data.get("data_available") is True else ImageState.PREPARING)
    problem = replies.words(data.get("preprocessing_error")) if state is ImageState.FAILED else ""
    name, when = replies.words(data.get("filename")), replies.stamp(replies.moment(data.get("uploaded_at")))
    return Image(identity, mosaic_id, name or identity, state, problem, when)


def _bounds(text: Any) -> Optional[Bounds]:
    with suppress(AoiError, ValueError):
        shape = from_wkt(text) if isinstance(text, str) else None
        return shape.bounds if shape is not None and shape.polygons else None
    return None
