"""Mosaics and images of the Mapflow persona, and the uploads they come from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import Any

from ..geometry import Ring
from ..messages import Request
from .mapflow_codes import DataRefusal, Unprocessable
from .mapflow_settings import MapflowSettings
from .mapflow_tiff import MAGIC, Tiff, read

BOUNDARY = re.compile(r'multipart/form-data;.*boundary="?([^";]+)"?', re.IGNORECASE)
COARSEST = 20.0  # metres per pixel


@dataclass
class Mosaic:
    """One mosaic of one owner. Times are virtual."""

    mosaic_id: str
    owner: str
    name: str
    tags: list[str] | None
    created: float


@dataclass
class Image:
    """One image. It is prepared from `uploaded` for `prepare_time` seconds; `fail` is the error that ends with."""

    image_id: str
    mosaic_id: str
    owner: str
    filename: str
    size: int
    data: bytes
    tiff: Tiff | None
    uploaded: float
    prepare_time: float
    fail: str
    url: str
    ready: bool = False
    downloadable: bool = True

    @property
    def ring(self) -> Ring | None:
        """The footprint in degrees."""
        return self.tiff.ring if self.tiff else None

    def state(self, now: float) -> str:
        """PENDING, IN_PROGRESS, COMPLETED or FAILED; keeps `ready` up to date."""
        passed = now - self.uploaded
        state = "PENDING" if passed < self.prepare_time / 4 else "IN_PROGRESS"
        if passed >= self.prepare_time:
            state = "FAILED" if self.fail else "COMPLETED"
        self.ready = state == "COMPLETED"
        return state

    def checksum(self) -> str:
        """SHA-1 of the file."""
        return hashlib.sha1(self.data).hexdigest()


@dataclass
class Upload:
    """A file as sent: its name, its bytes, what its header tells."""

    filename: str
    data: bytes
    tiff: Tiff | None
    issues: dict[str, Any] = field(default_factory=dict)


def sent_file(request: Request) -> Upload:
    """The part named `file` of a form; raises Unprocessable or DataRefusal."""
    match = BOUNDARY.match(request.header("Content-Type") or "")
    if match is None:
        raise Unprocessable("body", "file")
    for part in request.body.split(b"--" + match.group(1).encode())[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        header = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        name, filename = header.get_param("name", header="content-disposition"), header.get_filename()
        if name != "file":
            continue
        if not filename:
            raise Unprocessable("body", "file", text="file name missing")
        data = data.removesuffix(b"\r\n")
        if data[:4] not in MAGIC or not filename.lower().endswith((".tif", ".tiff")):
            raise DataRefusal(400, "FileOpenError")
        return Upload(filename, data, read(data))
    raise Unprocessable("body", "file")


def check(upload: Upload, settings: MapflowSettings, used: int, others: list[Image], mosaic_id: str) -> None:
    """Refuse a file that is too large, unfit, or unlike the other images of its mosaic; raises DataRefusal."""
    size, tiff = len(upload.data), upload.tiff
    if size > settings.max_upload:
        raise DataRefusal(400, "FileTooBig", max_file_size=settings.max_upload, actual_file_size=size)
    if not settings.memory_unlimited and size > settings.memory_limit - used:
        raise DataRefusal(400, "MemoryLimitExceeded", memory_requested=size, available_memory=settings.memory_limit - used)
    if tiff is None:
        return
    unfit = {"crs": None} if tiff.epsg is None else {}
    if max(tiff.width, tiff.height) >= settings.max_pixels:
        unfit["size"] = (tiff.width, tiff.height)
    if tiff.count not in (1, 3, 4):
        unfit["count"] = tiff.count
    if tiff.metres > COARSEST:
        unfit["pixel_size"] = tiff.metres
    if unfit:
        raise DataRefusal(400, "FileCheckFailed", filename=upload.filename, bad_parameters=unfit)
    if tiff.ring and any(abs(x) > 180 or abs(y) > 90 for x, y in tiff.ring):
        raise DataRefusal(400, "ImageOutOfBounds")
    counts = {image.tiff.count for image in others if image.tiff}
    if counts and tiff.count not in counts:
        raise DataRefusal(422, "FileValidationFailed", filename=upload.filename, mosaic_id=mosaic_id, param_name="count",
                          got_param=tiff.count, expected_param=min(counts))
