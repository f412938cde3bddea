"""The ground as the Sentinel Hub persona sees it, and what a script would make of it (guessed from its text)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .sentinelhub_output import Order
from .sentinelhub_rules import Area
from .sentinelhub_script import Output, Setup

DIFFERENCE = re.compile(r"\w+\.(\w+)\s*-\s*\w+\.(\w+)|\bindex\(\s*\w+\.(\w+)\s*,\s*\w+\.(\w+)\s*\)")
LIST = re.compile(r"\[([^\[\]]*)\]")
MEMBER = re.compile(r"\b\w+\.(B\d[\dA]|[A-Z]{2,3}|dataMask)\b")
GAIN = re.compile(r"\bgain\s*=\s*([\d.]+)|([\d.]+)\s*\*\s*\w+\.B\d")
RANGES = {"INT8": (-128, 127), "UINT8": (0, 255), "INT16": (-32768, 32767), "UINT16": (0, 65535)}
DTYPES = {"INT8": "int16", "UINT8": "uint8", "INT16": "int16", "UINT16": "uint16", "FLOAT32": "float32", "AUTO": "uint8"}
# reflectance of water, bare soil and plants
SPECTRA = {"B01": (.06, .10, .03), "B02": (.06, .11, .03), "B03": (.07, .14, .07), "B04": (.04, .18, .04),
           "B05": (.03, .20, .11), "B06": (.02, .22, .28), "B07": (.02, .24, .36), "B08": (.02, .26, .42),
           "B8A": (.02, .27, .44), "B09": (.02, .28, .44), "B10": (.01, .01, .01), "B11": (.01, .34, .20), "B12": (.01, .30, .10)}
WATER, SOIL, PLANTS, CLOUD = 6, 5, 4, 9


@dataclass(frozen=True)
class Recipe:
    """How an output is filled: `kind` index, colours or bands, from which bands, times what."""

    kind: str
    bands: tuple[str, ...]
    gain: float = 1.0


def recipe(setup: Setup, output: Output) -> Recipe:
    """The best guess at what the script computes for an output."""
    wanted = [band for band in setup.bands if band != "dataMask"]
    if output.bands == 1:
        for match in DIFFERENCE.finditer(setup.text):
            pair = tuple(name for name in match.groups() if name)
            if len(pair) == 2 and all(name in wanted for name in pair):
                return Recipe("index", pair)
        return Recipe("bands", tuple(wanted[:1]) or ("dataMask",), _gain(setup.text) if wanted[:1] != ["SCL"] else 1.0)
    for inside in LIST.findall(setup.text):
        names = tuple(MEMBER.findall(inside))
        if len(names) == output.bands:
            return Recipe("colours", names, _gain(setup.text))
    filled = [wanted[index % len(wanted)] if wanted else "dataMask" for index in range(output.bands)]
    return Recipe("bands", tuple(filled))


def rows(order: Order, setup: Setup, output: Output, first: int, last: int) -> Any:
    """Array (bands, last - first, width) of an output, in its data type, no data where the polygon is not."""
    import numpy as np

    place, (width, height) = order.area, order.size
    west, south, east, north = place.box
    x = west + (np.arange(width) + .5) * ((east - west) / width)
    y = north - (np.arange(first, last) + .5) * ((north - south) / height)
    water, plants, clouds = _ground(x[None, :] * place.metres, y[:, None] * place.metres)
    mask = inside(order, first, last)
    how = recipe(setup, output)
    decibels = bool(re.search(r"log10|Math\.log\b|LOG10E", setup.text))
    found = [_band(name, water, plants, clouds, decibels) * (1.0 if name in ("dataMask", "SCL") else how.gain) for name in how.bands]
    if how.kind == "index":
        found = [(found[0] - found[1]) / (found[0] + found[1])]
    made = np.stack([_as_type(values, output, how) for values in found])
    made[:, ~mask] = 0 if output.nodata is None else output.nodata
    return made


def inside(order: Order, first: int, last: int) -> Any:
    """True where a pixel's centre lies in the polygon, everywhere without one."""
    import numpy as np

    width = order.size[0]
    if order.area.geometry is None:
        return np.ones((last - first, width), bool)
    return _burnt(order.area, order.size, first, last)


def transform(place: Area, size: tuple[int, int]) -> tuple[float, ...]:
    """GDAL's six numbers."""
    west, south, east, north = place.box
    return west, (east - west) / size[0], 0.0, north, 0.0, -(north - south) / size[1]


def _ground(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Whether there is water, how much grows (0 to 1), whether clouds hide it: by place alone, in metres."""
    import numpy as np

    plants = .5 + .5 * np.sin(x / 130.0) * np.cos(y / 170.0)
    water = np.sin(x / 310.0 + np.cos(y / 230.0)) > .82
    clouds = np.sin(x / 2300.0) * np.sin(y / 1900.0) > .97
    return np.broadcast_to(water, plants.shape), plants, np.broadcast_to(clouds, plants.shape)


def _band(name: str, water: Any, plants: Any, clouds: Any, decibels: bool) -> Any:
    import numpy as np

    if name in SPECTRA:
        wet, bare, green = SPECTRA[name]
        return np.where(clouds, .7, np.where(water, wet, bare + (green - bare) * plants))
    if name == "SCL":
        return np.where(clouds, CLOUD, np.where(water, WATER, np.where(plants > .45, PLANTS, SOIL))).astype(float)
    if name == "dataMask":
        return np.ones(plants.shape)
    if name == "DEM":
        return 400 + 250 * plants - 100 * water
    if name in ("VV", "VH", "HH", "HV"):
        power = np.where(water, .008, .05 + .12 * plants) * (1.0 if name in ("VV", "HH") else .2)
        return 10 * np.log10(power) if decibels else power
    return plants * 1.0


def _as_type(values: Any, output: Output, how: Recipe) -> Any:
    import numpy as np

    kind = output.sample_type
    if kind == "FLOAT32":
        return values.astype("float32")
    if kind == "AUTO" or (kind == "UINT8" and how.kind == "colours"):
        return np.clip(np.round(values * 255), 0, 255).astype("uint8")
    if how.kind == "index":
        values = (values + 1) * 100 if kind == "UINT8" else values * (100 if kind == "INT8" else 10_000)
    elif set(how.bands) <= set(SPECTRA):
        values = values * (255 if kind in ("UINT8", "INT8") else 10_000)
    return np.clip(np.round(values), *RANGES[kind]).astype(DTYPES[kind])


def _gain(text: str) -> float:
    match = GAIN.search(text)
    return float(match.group(1) or match.group(2)) if match else 1.0


def _burnt(place: Area, size: tuple[int, int], first: int, last: int) -> Any:
    import json

    from osgeo import gdal, ogr

    move = list(transform(place, size))
    move[3] += first * move[5]
    picture = gdal.GetDriverByName("MEM").Create("", size[0], last - first, 1, gdal.GDT_Byte)
    picture.SetGeoTransform(move)
    source = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = source.CreateLayer("polygon")
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromJson(json.dumps(place.geometry)))
    layer.CreateFeature(feature)
    gdal.PushErrorHandler("CPLQuietErrorHandler")  # it warns that there is no CRS: both are in the same one
    gdal.RasterizeLayer(picture, [1], layer, burn_values=[1])
    gdal.PopErrorHandler()
    return picture.ReadAsArray() == 1
