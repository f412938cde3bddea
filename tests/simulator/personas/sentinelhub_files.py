"""Results of the Sentinel Hub persona as files: plain GeoTIFFs, pictures, userdata; and what can be wrong with them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import sentinelhub_data as data
from . import sentinelhub_pixels as pixels
from .sentinelhub_output import JPEG, JSON, PNG, TIFF, USERDATA, Order, Wanted
from .sentinelhub_script import Output, Setup
from .sentinelhub_settings import SentinelhubPlan

EXTENSIONS = {TIFF: "tif", PNG: "png", JPEG: "jpg", JSON: "json"}
LONG = {TIFF: "tiff", JPEG: "jpeg"}
STRIP = 512
PAGE = b"<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Not here</h1></body></html>"


@dataclass(frozen=True)
class ExpectedFile:
    """One file of a job without trouble: `array` of shape (bands, height, width), None for userdata; `value` of userdata."""

    identifier: str
    key: str
    media_type: str
    array: Any = None
    nodata: float | None = None
    epsg: int = 0
    transform: tuple[float, ...] = ()
    value: Any = None


def name(wanted: Wanted, plan: SentinelhubPlan) -> str:
    """The name of the file of a response."""
    extension = LONG.get(wanted.media_type, "") if plan.long_extension else ""
    return f"{wanted.identifier}.{extension or EXTENSIONS[wanted.media_type]}"


def expected(order: Order, setup: Setup, wanted: Wanted, key: str) -> ExpectedFile:
    """What a response must hold."""
    if wanted.identifier == USERDATA:
        return ExpectedFile(USERDATA, key, JSON, value=userdata(order, setup))
    output = _output(setup, wanted)
    return ExpectedFile(wanted.identifier, key, wanted.media_type, pixels.rows(order, setup, output, 0, order.size[1]),
                        output.nodata, order.area.epsg, pixels.transform(order.area, order.size))


def write(order: Order, setup: Setup, wanted: Wanted, plan: SentinelhubPlan, folder: Path) -> Path:
    """Make the file of a response in a folder, with the trouble of the plan."""
    path = folder / name(wanted, plan)
    if plan.file == "wrong_size":
        order = replace(order, size=(max(1, order.size[0] // 2), max(1, order.size[1] // 2)))
    if plan.file == "html":
        path.write_bytes(PAGE)
    elif wanted.identifier == USERDATA:
        path.write_text(json.dumps(userdata(order, setup)))
    elif plan.file == "wrong_kind":
        path.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    else:
        _raster(order, setup, wanted, path)
    if plan.file in ("truncated", "empty"):
        path.write_bytes(path.read_bytes()[:path.stat().st_size // 2 if plan.file == "truncated" else 0])
    with path.open("ab") as opened:
        for _ in range(plan.padding_megabytes):
            opened.write(b" " * 1_000_000)
    return path


def userdata(order: Order, setup: Setup) -> dict[str, Any]:
    """What updateOutputMetadata fills in, when the script has it: the first and last moment of each source."""
    if "updateOutputMetadata" not in setup.text:
        return {}
    ranges = [source.data_filter.get("timeRange", {}) for source in order.sources]
    return {"days": sorted({str(value)[:10] for one in ranges for value in one.values()})}


def cost(order: Order, setup: Setup, megabytes: float, foreign: bool) -> float:
    """Processing units of a job, by the published formula; `foreign`: delivered to another region."""
    across, along = order.size
    bands = len([band for band in setup.bands if band != "dataMask"]) or 1
    kinds = {output.identifier: output.sample_type for output in setup.outputs}
    floats = any(kinds.get(wanted.identifier) == "FLOAT32" for wanted in order.responses)
    radar = 1.0
    for source in order.sources:
        if source.collection == "sentinel-1-grd":
            terrain = source.processing.get("backCoeff") == "GAMMA0_TERRAIN"
            radar *= 2.5 if terrain else 2 if source.processing.get("orthorectify") else 1
            radar *= 2 if source.processing.get("speckleFilter", {}).get("type") == "LEE" else 1
    rate = 0.1 if order.delivery.scheme == "gs" else 0.03 if foreign else 0.0
    units = max(.01, across * along / 262_144) * bands / 3 * (2 if floats else 1) * samples(order, setup) * len(order.sources) * radar
    return round(units * (2 / 3 if across * along >= 10_000 else 1) + rate * megabytes, 6)


def samples(order: Order, setup: Setup) -> int:
    """Samples per pixel: one a day for ORBIT and TILE, every fifth day."""
    told = [source.data_filter["timeRange"] for source in order.sources if "timeRange" in source.data_filter]
    if setup.mosaicking == "SIMPLE" or not told:
        return 1
    first, last = data.moment(told[0]["from"]), data.moment(told[0]["to"])
    days = (last - first).total_seconds() / 86_400 if first and last else 0
    return max(1, math.ceil(days / 5))


def _output(setup: Setup, wanted: Wanted) -> Output:
    return next(output for output in setup.outputs if output.identifier == wanted.identifier)


def _raster(order: Order, setup: Setup, wanted: Wanted, path: Path) -> None:
    from osgeo import gdal

    output, (across, along) = _output(setup, wanted), order.size
    types = {"uint8": gdal.GDT_Byte, "int16": gdal.GDT_Int16, "uint16": gdal.GDT_UInt16, "float32": gdal.GDT_Float32}
    kind = types[pixels.DTYPES[output.sample_type]]
    plain = wanted.media_type == TIFF
    driver = gdal.GetDriverByName("GTiff" if plain else "MEM")
    options = ["COMPRESS=DEFLATE", "ZLEVEL=1", "BIGTIFF=IF_SAFER"] if plain else []
    made = driver.Create(str(path) if plain else "", across, along, output.bands, kind, options)
    made.SetGeoTransform(pixels.transform(order.area, order.size))
    made.SetProjection(_projection(order.area.epsg))
    for first in range(0, along, STRIP):
        last = min(along, first + STRIP)
        block = pixels.rows(order, setup, output, first, last)
        made.WriteRaster(0, first, across, last - first, block.tobytes())
    if output.nodata is not None and plain:
        for number in range(1, output.bands + 1):
            made.GetRasterBand(number).SetNoDataValue(output.nodata)
    if not plain:
        quality = [f"QUALITY={max(1, wanted.quality)}"] if wanted.media_type == JPEG else []
        gdal.GetDriverByName("JPEG" if wanted.media_type == JPEG else "PNG").CreateCopy(str(path), made, options=quality)
        Path(f"{path}.aux.xml").unlink(missing_ok=True)


def _projection(epsg: int) -> str:
    from osgeo import osr

    system = osr.SpatialReference()
    system.ImportFromEPSG(epsg)
    return str(system.ExportToWkt())
