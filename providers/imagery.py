"""Imagery of one's own that a service keeps: mosaics of images, what may be uploaded, and what became of an upload."""

from __future__ import annotations

import abc
import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import FrozenSet, Optional, Sequence, Tuple

from .cancel import Cancel
from .multipart import Report
from .remote import Asset
from .scenes import Bounds

__all__ = ["Arrival", "Image", "ImageState", "ImageryKeeper", "Mosaic", "Outcome", "Report", "Storage", "Upload"]


class ImageState(enum.Enum):
    """Whether an image can be used."""

    READY = "ready"
    PREPARING = "preparing"
    FAILED = "failed"


@dataclass(frozen=True)
class Mosaic:
    """A named collection of images. `created` is ISO 8601 UTC, `size` in bytes, `bounds` in degrees; None or "" where not told."""

    id: str
    name: str
    tags: Tuple[str, ...] = ()
    created: str = ""
    images: Optional[int] = None
    size: Optional[int] = None
    bounds: Optional[Bounds] = None


@dataclass(frozen=True)
class Image:
    """One image of a mosaic. `problem` says why it failed, `pixel` is in units of `crs`; None or "" where not told.

    `downloadable`: the service gives the file out.
    """

    id: str
    mosaic_id: str
    name: str
    state: ImageState = ImageState.READY
    problem: str = ""
    uploaded: str = ""
    size: Optional[int] = None
    crs: str = ""
    bands: Optional[int] = None
    width: Optional[int] = None
    height: Optional[int] = None
    pixel: Optional[float] = None
    bounds: Optional[Bounds] = None
    downloadable: bool = True


@dataclass(frozen=True)
class Storage:
    """Room at the service in bytes, `most_side` in pixels. `limit` None: without one, or not told."""

    used: Optional[int] = None
    limit: Optional[int] = None
    most_file: Optional[int] = None
    most_side: Optional[int] = None

    @property
    def free(self) -> Optional[int]:
        """What is left, None when there is no limit."""
        return None if self.limit is None else max(0, self.limit - (self.used or 0))


@dataclass(frozen=True)
class Upload:
    """A file on its way into a mosaic. `known` are the ids of the images that were there before; `began` is Unix time in s."""

    mosaic_id: str
    path: Path
    size: int
    known: FrozenSet[str] = field(default_factory=frozenset)
    began: float = 0.0


class Outcome(enum.Enum):
    """What became of an upload."""

    ARRIVED = "arrived"
    MISSING = "missing"  # it is not there; sending it again makes no second copy
    UNKNOWN = "unknown"  # it may still appear


@dataclass(frozen=True)
class Arrival:
    """The end of an upload; `image_id` "" when the service does not name it, `reason` why nobody knows."""

    outcome: Outcome
    image_id: str = ""
    reason: str = ""


class ImageryKeeper(abc.ABC):
    """What a service can do that keeps imagery (Can.IMAGERY). Every method calls the service, from any thread."""

    @abc.abstractmethod
    def mosaics(self) -> Tuple[Mosaic, ...]:
        """All mosaics, the newest first."""

    @abc.abstractmethod
    def images(self, mosaic_id: str) -> Tuple[Image, ...]:
        """The images of a mosaic, those still being prepared included, the newest first. Raises NotFound."""

    @abc.abstractmethod
    def storage(self) -> Storage:
        """How much room there is."""

    @abc.abstractmethod
    def create_mosaic(self, name: str, tags: Sequence[str] = ()) -> Mosaic:
        """Make an empty mosaic."""

    @abc.abstractmethod
    def change_mosaic(self, mosaic_id: str, name: str, tags: Sequence[str]) -> None:
        """Give a mosaic another name and other tags. Raises NotFound."""

    @abc.abstractmethod
    def delete_mosaic(self, mosaic_id: str) -> None:
        """Delete a mosaic with all its images, for good. Raises NotFound, InvalidRequest while a job uses it."""

    @abc.abstractmethod
    def rename_image(self, image_id: str, name: str) -> None:
        """Give an image another name. Raises NotFound."""

    @abc.abstractmethod
    def delete_image(self, image_id: str) -> None:
        """Delete an image for good. Raises NotFound, InvalidRequest while a job uses it."""

    @abc.abstractmethod
    def picture(self, image_id: str, large: bool = False) -> bytes:
        """A small picture of an image as PNG or JPEG, 256 pixels wide, or 1024. Raises NotFound."""

    @abc.abstractmethod
    def image_file(self, image: Image) -> Asset:
        """The file of an image as it was uploaded, by a fresh link. Raises NotFound, InvalidRequest where it is not given out (yet)."""

    @abc.abstractmethod
    def link_image(self, mosaic_id: str, address: str) -> None:
        """Let a mosaic have an image that lies in the service's storage already (s3://…). Raises NotFound, InvalidRequest."""

    @abc.abstractmethod
    def upload(self, upload: Upload, report: Report, cancel: Cancel) -> Arrival:
        """Send a file, once.

        Raises InvalidRequest, QuotaError … when the service refused it, TransportError when it broke off before all of it was sent,
        Cancelled; then nothing was kept. UNKNOWN: all of it was sent, and no answer came back.
        """

    @abc.abstractmethod
    def find_upload(self, upload: Upload, cancel: Cancel, *, patient: bool = True) -> Arrival:
        """After UNKNOWN or a crash: whether the image is there. `patient`: looks several times, for it may be listed late."""
