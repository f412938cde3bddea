"""Where pixels come from: the notation of sources, and the bands of what it names.

A source is a path, a GDAL name or a web address; `#4` at its end picks band 4. Several sources with `;` between them count as one
image whose bands follow each other: `B04.tif; B08.tif`. `https://`, `s3://` and `gs://` are read in place, piece by piece.
"""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Callable, List, Optional, Tuple
from urllib.parse import unquote

from osgeo import gdal

from .roles import guess_roles

_REMOTE = {"https://": "/vsicurl/https://", "http://": "/vsicurl/http://", "s3://": "/vsis3/", "gs://": "/vsigs/"}
_NETWORK = re.compile(r"://|/vsi(curl|s3|gs|az|adls|oss|swift|webhdfs)")
_SIGNATURE = re.compile(r"(\?|%3F)[^\s'`\"]*", re.IGNORECASE)  # what follows an address and may open it for anybody
# Remote files are asked for pieces only, and a silent server must not hold a job for ever.
_READING = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}


AREA = "aoi"  # the input that is not among an operation's fields
_OPENING = gdal.OF_RASTER | gdal.OF_READONLY | gdal.OF_VERBOSE_ERROR


class RasterProblem(Exception):
    """One sentence that says why something cannot be computed; `field` names the input to change, "" when any image may be meant."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Source:
    """A name for GDAL, and the number of its band when one was picked."""

    name: str
    band: Optional[int] = None


@dataclass(frozen=True)
class Band:
    """A band that exists: `role` is a common name such as red or nir, "" when nothing tells; `label` and `title` are for people."""

    name: str
    number: int
    role: str = ""
    label: str = ""
    title: str = ""  # what the file calls it, "" when it does not


def parse_sources(text: str) -> Tuple[Source, ...]:
    """The sources that a text names, in order."""
    parts = [text] if os.path.exists(text.strip()) else text.split(";")  # a file's own name may hold such signs
    return tuple(_parse_one(part.strip()) for part in parts if part.strip())


def is_remote(text: str) -> bool:
    """Whether reading it would use the network."""
    return _NETWORK.search(text) is not None


def bands_of(text: str) -> Tuple[Band, ...]:
    """The bands of one or several sources, their roles guessed from names and metadata. Raises RasterProblem."""
    found: List[Band] = []
    for source in parse_sources(text):
        dataset = open_raster(source.name)
        if source.band is not None and source.band > dataset.RasterCount:
            raise RasterProblem(f"{short_name(source.name)} has no band {source.band}; it has {_count(dataset.RasterCount)}.")
        roles = guess_roles(file_part(source.name), dataset)
        numbers = [source.band] if source.band is not None else range(1, dataset.RasterCount + 1)
        found += [_band(source.name, dataset, number, roles[number - 1]) for number in numbers]
    return tuple(found)


def open_raster(name: str) -> Any:
    """A GDAL dataset with at least one band. Raises RasterProblem."""
    if is_remote(name) and hasattr(gdal, "SetPathSpecificOption"):  # since GDAL 3.6; a thread's own options would outlive this file
        for option, value in _READING.items():
            gdal.SetPathSpecificOption(name.partition("%3F" if "/vsicurl?" in name else "?")[0], option, value)
    dataset = attempt(lambda: gdal.OpenEx(name, _OPENING, open_options=["NUM_THREADS=ALL_CPUS"]))
    if dataset is None:
        raise RasterProblem(f"{short_name(name)} cannot be opened as a raster{last_error()}.")
    if not dataset.RasterCount:
        raise RasterProblem(f"{short_name(name)} holds several images; name one of them.")
    return dataset


def attempt(call: Callable[[], Any]) -> Any:
    """What GDAL gives, None when it fails, whether this process lets GDAL raise or not."""
    gdal.ErrorReset()
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return call()
    except RuntimeError:
        return None
    finally:
        gdal.PopErrorHandler()


def last_error() -> str:
    """GDAL's last complaint in this thread as the end of a sentence, "" when there is none."""
    text = " ".join(_SIGNATURE.sub("", gdal.GetLastErrorMsg()).split()).rstrip(".")
    return f": {text[:200]}" if text else ""


def short_name(name: str) -> str:
    """What people call a source: its file name, without an address that may hold a signature."""
    return PurePath(file_part(name)).name or name


def file_part(name: str) -> str:
    """A source's path or address without a query."""
    if not is_remote(name):
        return name
    address = re.search(r"/vsicurl[^/]*[?&]url=([^&]+)", name)  # as QGIS layers name what is read in place
    return (unquote(address.group(1)) if address else name).partition("?")[0]


def _parse_one(text: str) -> Source:
    match = None if os.path.exists(text) else re.fullmatch(r"(.+)#(\d+)", text)
    name, band = (match.group(1), int(match.group(2))) if match else (text, None)
    return Source(next((inside + name[len(start) :] for start, inside in _REMOTE.items() if name.lower().startswith(start)), name), band)


def _band(name: str, dataset: Any, number: int, role: str) -> Band:
    title = dataset.GetRasterBand(number).GetDescription().strip()
    return Band(name, number, role, f"band {number} of {short_name(name)}" + (f" ({title})" if title else ""), title)


def _count(count: int) -> str:
    return "one band" if count == 1 else f"{count} bands"
