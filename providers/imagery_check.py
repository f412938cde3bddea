"""What a service would refuse of a raster file, found before a byte of it is sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional, Sequence, Tuple

from .base import Problem, Severity
from .imagery import Image, ImageState, Storage
from .scenes import Bounds

MOST_FILE = 2 * 2**30  # bytes, where the service does not tell
MOST_SIDE = 30_000  # pixels, likewise
BANDS = (1, 3, 4)
COARSEST, FINEST = 20.0, 0.1  # m


@dataclass(frozen=True)
class RasterFile:
    """A local raster as it was found. `crs` is its name, "" for none; `pixel` in m; `bounds` in degrees; None where not known.

    `geotiff`: it can be sent as it is. `wgs84`: its CRS rests on WGS 84. `data_type` in GDAL's words.
    """

    path: Path
    size: int
    width: int
    height: int
    bands: int
    data_type: str
    crs: str = ""
    wgs84: bool = True
    pixel: Optional[float] = None
    bounds: Optional[Bounds] = None
    geotiff: bool = True


def check_file(file: RasterFile, storage: Storage, others: Sequence[Image] = ()) -> Tuple[Problem, ...]:
    """Sentences about a file that shall join the images of a mosaic; errors first."""
    found = [*_place(file), *_pixels(file), *_room(file, storage), *_company(file, others)]
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.ERROR))


def _place(file: RasterFile) -> Iterator[Problem]:
    if not file.crs:
        yield Problem("crs", "The raster has no CRS. Assign one with Raster → Projections → Assign Projection, then upload it.")
    elif not file.wgs84:
        text = f"Its CRS {file.crs} does not rest on WGS 84; the service may refuse it. UTM on WGS 84 or EPSG:3857 are safe."
        yield Problem("crs", text, Severity.WARNING)
    if file.crs and file.bounds is None:
        yield Problem("bounds", "The raster does not lie on the earth: its CRS and its coordinates do not belong together.")
    elif file.bounds is not None and (max(map(abs, file.bounds[::2])) > 180 or max(map(abs, file.bounds[1::2])) > 90):
        yield Problem("bounds", "The raster reaches beyond 180° or the poles; cut it there first.")


def _pixels(file: RasterFile) -> Iterator[Problem]:
    if file.bands not in BANDS:
        text = f"The raster has {file.bands} bands; one band, RGB or RGB with a mask can be uploaded. Export these bands alone."
        yield Problem("bands", text)
    if file.data_type != "Byte":
        text = f"Its pixels are of the type {file.data_type}; the service turns them into 8 bit by itself, which may look different."
        yield Problem("type", text, Severity.WARNING)
    if file.pixel is not None and file.pixel > COARSEST:
        yield Problem("pixel", f"Its pixels measure {file.pixel:,.4g} m; at most {COARSEST:g} m are accepted.")
    elif file.pixel is not None and file.pixel < FINEST:
        text = f"Its pixels measure {file.pixel * 100:.3g} cm; the service makes {FINEST * 100:.0f} cm of them."
        yield Problem("pixel", text, Severity.WARNING)


def _room(file: RasterFile, storage: Storage) -> Iterator[Problem]:
    side, most = storage.most_side or MOST_SIDE, storage.most_file or MOST_FILE
    if max(file.width, file.height) >= side:
        text = f"The raster is {file.width:,} × {file.height:,} pixels; each side must stay below {side:,}. Cut it into tiles."
        yield Problem("side", text)
    if file.size > most:
        text = f"The file has {megabytes(file.size)}; at most {megabytes(most)} can be uploaded. Compress it, or cut it into tiles."
        yield Problem("size", text)
    if storage.free is not None and file.size > storage.free:
        text = f"The file has {megabytes(file.size)}, but only {megabytes(storage.free)} of the storage are free. Delete images first."
        yield Problem("room", text)


def _company(file: RasterFile, others: Sequence[Image]) -> Iterator[Problem]:
    fit = [image for image in others if image.state is not ImageState.FAILED]
    if any(image.name.casefold() == file.path.name.casefold() and image.size in (None, file.size) for image in fit):
        text = f"The mosaic has an image {file.path.name} of this size already; it would be there twice."
        yield Problem("again", text, Severity.WARNING)
    counts = {image.bands for image in fit if image.bands}
    if counts and file.bands in BANDS and file.bands not in counts:
        text = f"The images of the mosaic have {min(counts)} bands, this raster has {file.bands}. Choose another mosaic."
        yield Problem("company", text)
    systems = {image.crs.upper() for image in fit if image.crs}
    if systems and file.crs and file.crs.upper() not in systems:
        text = f"The images of the mosaic are in {', '.join(sorted(systems))}; this one will be resampled to match."
        yield Problem("company", text, Severity.WARNING)


def megabytes(size: float) -> str:
    """A number of bytes in words."""
    return f"{size / 2**30:,.2f} GB" if size >= 2**30 else f"{size / 2**20:,.1f} MB"
