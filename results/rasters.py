"""What a raster file holds, found out by a worker before a layer is made of it. No Qt, no QGIS objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .errors import ResultError
from .remote import at_once, in_bucket, is_remote

MOSAIC = "VRT"  # leads on to other files: opened only where we made it ourselves
DRIVERS = ("GTiff", "JP2OpenJPEG", "JP2ECW", "JP2KAK", "JP2MrSID", "JPEG2000", "PNG", "JPEG")  # none that leads on to other files
DAMAGED = "The pixels of the result cannot be read: the file is damaged. Fetch the result again."
ENDINGS = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg")
INDEX_STYLES = frozenset(("ndvi", "ndwi", "ndmi", "nbr"))  # of operations whose values lie in −1…1
_INTEGERS = ("Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32")
_MOST_CODES = 256
_SAMPLE = 1000  # pixels along a side that are looked at
_PATCHES = 24  # blocks of a far image that are looked at
_SLOW = 4_000_000  # pixels without overviews that are slow to draw from afar

Colour = Tuple[int, int, int, int]  # red, green, blue, alpha, 0…255


@dataclass(frozen=True)
class RasterFacts:
    """A raster that was opened once and found good.

    `colours` names the colour interpretation of each band in GDAL's words, `data_type` and the members after it describe the first
    band: `low` and `high` of a sample, `codes` the whole numbers that occur, `palette` and `names` what the file says about them;
    `scaled`: its numbers stand for others, which GDAL and QGIS work out (then `low` and `high` are those, and there are no codes).
    `crs` is WKT, `extent` (west, south, east, north) in degrees.
    """

    source: str
    width: int
    height: int
    colours: Tuple[str, ...]
    data_type: str
    scaled: bool = False
    nodata: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    codes: Tuple[int, ...] = ()
    palette: Mapping[int, Colour] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    crs: str = ""
    extent: Optional[Tuple[float, float, float, float]] = None
    warnings: Tuple[str, ...] = ()

    @property
    def bands(self) -> int:
        return len(self.colours)

    @property
    def is_continuous(self) -> bool:
        """Whether its pixels are measurements, as they are or scaled to whole numbers."""
        return self.scaled or self.data_type.startswith("Float")

    @property
    def is_coded(self) -> bool:
        """Whether its pixels may be numbers of classes."""
        return self.bands == 1 and self.data_type in _INTEGERS and not self.scaled


def inspect(source: str, *, index: bool = False, own_mosaic: bool = False) -> RasterFacts:
    """Open a raster (path, or what `remote_source` gives) and tell what it holds; `index`: its values should lie in −1…1.

    `own_mosaic`: it is one that we made of several files.

    Reads headers and one small overview. Raises ResultError when it is no raster, or cut off.
    """
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        with at_once(source):
            opened = gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY, allowed_drivers=[MOSAIC] if own_mosaic else list(DRIVERS))
        if opened is None or not opened.RasterCount:
            raise ResultError(_why_not(source))
        if not is_remote(source):
            _check_whole(opened, source)
        return _facts(gdal, opened, source, index)
    except RuntimeError:  # somebody switched GDAL's exceptions on
        raise ResultError(_why_not(source)) from None
    finally:
        gdal.PopErrorHandler()


def _facts(gdal: Any, opened: Any, source: str, index: bool) -> RasterFacts:
    band = opened.GetRasterBand(1)
    names = [gdal.GetColorInterpretationName(opened.GetRasterBand(i + 1).GetColorInterpretation()) for i in range(opened.RasterCount)]
    data_type = gdal.GetDataTypeName(band.DataType)
    nodata = band.GetNoDataValue()
    low, high, codes = _values(band, nodata, data_type, source) if len(names) == 1 else (None, None, ())
    scale, offset = band.GetScale(), band.GetOffset()
    scaled = scale not in (None, 1.0) or offset not in (None, 0.0)
    if scaled and low is not None and high is not None:
        low, high = sorted(value * (1.0 if scale is None else scale) + (offset or 0.0) for value in (low, high))
    crs = opened.GetProjection()
    extent = _extent(opened, crs)
    warnings = _warnings(low, high, nodata, crs, index and len(names) == 1 and (scaled or data_type.startswith("Float")), len(names) == 1)
    if is_remote(source) and band.XSize * band.YSize > _SLOW and not band.GetOverviewCount():
        warnings = (*warnings, "It has no overviews: seen as a whole, all of it is read over the network. Download Again makes it fast.")
    return RasterFacts(
        source, opened.RasterXSize, opened.RasterYSize, tuple(names), data_type, scaled, nodata, low, high, () if scaled else codes,
        _palette(band), _class_names(opened, band), crs, extent, warnings,
    )  # fmt: skip


def _warnings(low: Optional[float], high: Optional[float], nodata: Optional[float], crs: str, index: bool, single: bool) -> Tuple[str, ...]:
    found = []
    if single and low is None:
        found.append("The result holds no valid pixel.")
    if index and low is not None and high is not None and (low < -1.0001 or high > 1.0001):
        found.append(f"Values from {low:.3g} to {high:.3g} occur, though the index lies between −1 and 1.")
    if not crs:
        found.append("The file names no CRS. Set the layer’s CRS before you use it.")
    return tuple(found)


def _values(band: Any, nodata: Optional[float], data_type: str, source: str) -> Tuple[Optional[float], Optional[float], Tuple[int, ...]]:
    """Lowest and highest value of a sample, and the codes that occur (of small local files all of them)."""
    import numpy as np

    seen = _seen(band, source)
    if seen is None:
        raise ResultError(DAMAGED)
    valid = seen[np.isfinite(seen)] if seen.dtype.kind == "f" else seen.ravel()
    if nodata is not None:
        valid = valid[valid != nodata]
    if not valid.size:
        return None, None, ()
    codes: Tuple[int, ...] = ()
    if data_type == "Byte" and not is_remote(source):
        codes = tuple(code for code in _all_bytes(band) if code != nodata)
    elif data_type in _INTEGERS:
        found = np.unique(valid)
        codes = tuple(int(code) for code in found) if len(found) <= _MOST_CODES else ()
    return float(valid.min()), float(valid.max()), codes


def _seen(band: Any, source: str) -> Any:
    """Pixels that stand for all of them, None when they cannot be read. What is far away and has no overviews is not read as a whole."""
    smallest = _smallest_overview(band)
    if smallest is not None:
        return smallest.ReadAsArray()
    if is_remote(source) and band.XSize * band.YSize > _SAMPLE * _SAMPLE:
        return _patches(band)
    return band.ReadAsArray(buf_xsize=min(band.XSize, _SAMPLE), buf_ysize=min(band.YSize, _SAMPLE))


def _patches(band: Any) -> Any:
    """The pixels of some blocks from all over the image."""
    import numpy as np

    wide, high = band.GetBlockSize()
    columns, rows = -(-band.XSize // wide), -(-band.YSize // high)
    found = []
    for number in np.linspace(0, columns * rows - 1, _PATCHES).astype(int):
        x, y = int(number % columns) * wide, int(number // columns) * high
        block = band.ReadAsArray(x, y, min(wide, band.XSize - x), min(high, band.YSize - y))
        if block is None:
            return None
        found.append(block.ravel())
    return np.concatenate(found)


def _all_bytes(band: Any) -> List[int]:
    """Every value that occurs. GDAL's own histogram would leave a file beside the result."""
    import numpy as np

    counts, rows = np.zeros(256, np.int64), 512
    for top in range(0, band.YSize, rows):
        strip = band.ReadAsArray(0, top, band.XSize, min(rows, band.YSize - top))
        if strip is None:
            raise ResultError(DAMAGED)
        counts += np.bincount(strip.ravel(), minlength=256)
    return [int(code) for code in np.flatnonzero(counts)]


def _smallest_overview(band: Any) -> Any:
    """The smallest overview that still shows something; it costs one short read."""
    overviews = [band.GetOverview(number) for number in range(band.GetOverviewCount())]
    fit = [item for item in overviews if item is not None and item.XSize * item.YSize >= 2500]
    return min(fit, key=lambda item: item.XSize * item.YSize, default=None)


def _palette(band: Any) -> Dict[int, Colour]:
    table = band.GetColorTable()
    if table is None:
        return {}
    return {code: tuple(table.GetColorEntry(code)) for code in range(table.GetCount())}


def _class_names(opened: Any, band: Any) -> Dict[int, str]:
    """Class names from the attribute table, the category names, or metadata items such as class_1."""
    found: Dict[int, str] = {}
    for told in (opened.GetMetadata() or {}, band.GetMetadata() or {}):
        for key, text in told.items():
            match = re.fullmatch(r"class[_ ]?(\d+)(?:[_ ]?name)?", str(key), re.IGNORECASE)
            if match and str(text).strip():
                found[int(match[1])] = str(text).strip()
    found.update({code: name for code, name in enumerate(band.GetCategoryNames() or ()) if name.strip()})
    found.update(_table_names(band.GetDefaultRAT()))
    return {code: name[:80] for code, name in found.items()}


def _table_names(table: Any) -> Dict[int, str]:
    from osgeo import gdal

    if table is None:
        return {}
    columns = {table.GetUsageOfCol(number): number for number in range(table.GetColumnCount())}
    name, code = columns.get(gdal.GFU_Name), columns.get(gdal.GFU_MinMax, columns.get(gdal.GFU_Min))
    if name is None or code is None:
        return {}
    rows = [(table.GetValueAsInt(row, code), table.GetValueAsString(row, name).strip()) for row in range(table.GetRowCount())]
    return {number: text for number, text in rows if text}


def _extent(opened: Any, crs: str) -> Optional[Tuple[float, float, float, float]]:
    """The raster's box in degrees, None when it does not lie on the earth."""
    from osgeo import osr

    transform = opened.GetGeoTransform(can_return_null=True)
    if not crs or not transform:
        return None
    left, top = transform[0], transform[3]
    right = left + opened.RasterXSize * transform[1] + opened.RasterYSize * transform[2]
    bottom = top + opened.RasterXSize * transform[4] + opened.RasterYSize * transform[5]
    own, degrees = osr.SpatialReference(), osr.SpatialReference()
    own.ImportFromWkt(crs)
    degrees.ImportFromEPSG(4326)
    for system in (own, degrees):
        system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    west, south, east, north = osr.CoordinateTransformation(own, degrees).TransformBounds(*box, 21)
    return (west, south, east, north) if all(abs(value) <= 360 for value in (west, south, east, north)) else None


def _check_whole(opened: Any, source: str) -> None:
    """A TIFF whose pixels lie beyond the end of the file was cut off; GDAL opens it all the same."""
    if opened.GetDriver().ShortName != "GTiff" or not Path(source).is_file():
        return
    size = Path(source).stat().st_size
    separate = opened.GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE") == "BAND"
    for number in range(opened.RasterCount if separate else 1):
        if any(end > size for end in _block_ends(opened.GetRasterBand(number + 1))):
            raise ResultError("The file is cut off: a part of its pixels is missing. Fetch the result again.")


def _block_ends(band: Any) -> List[int]:
    wide, high = band.GetBlockSize()
    ends = []
    for row in range(-(-band.YSize // high)):
        for column in range(-(-band.XSize // wide)):
            place, length = (band.GetMetadataItem(f"BLOCK_{what}_{column}_{row}", "TIFF") for what in ("OFFSET", "SIZE"))
            ends.append(int(place or 0) + int(length or 0))
    return ends


def _why_not(source: str) -> str:
    if in_bucket(source):
        return f"{Path(source).name} cannot be opened in the bucket. It may have been deleted, or may not be read; use Download Again."
    if is_remote(source):
        return "The raster cannot be opened over its link. The link may have expired; fetch the result again."
    path = Path(source)
    if not path.is_file():
        return f"The file {path.name} is not there any more. Fetch the result again."
    with path.open("rb") as file:
        head = file.read(400).lstrip().lower()
    if not head:
        return "The file that was delivered is empty. Fetch the result again."
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "The storage delivered a page of text instead of a raster. Fetch the result again."
    return "The file that was delivered is not a raster that QGIS can read, or it is damaged. Fetch the result again."
