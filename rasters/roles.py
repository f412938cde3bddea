"""Which band is red, which near infrared: guessed from descriptions, metadata, colour meaning, file names and wavelengths.

Roles are the common names of the STAC EO extension. A guess is only a proposal; where signs are absent there is none.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any, Dict, List, Mapping, Optional, Sequence

from osgeo import gdal

from .stac import bands_beside

ROLES = {
    "blue": "Blue",
    "green": "Green",
    "red": "Red",
    "nir": "Near infrared",
    "swir16": "Short-wave infrared 1.6 µm",
    "swir22": "Short-wave infrared 2.2 µm",
}

_WORDS = {
    "blue": "blue", "green": "green", "red": "red", "nir": "nir", "nir08": "nir", "nearinfrared": "nir", "infrared": "nir",
    "swir16": "swir16", "swir1": "swir16", "swir22": "swir22", "swir2": "swir22",
}  # fmt: skip
_OTHER = {"edge", "coastal", "thermal", "aerosol", "far", "mid", "middle"}  # bands named after a colour that they are not
_SPELLINGS = (
    (re.compile(r"\bshort[ _-]?wave[ _-]?(?:length[ _-]?)?(?:infrared|ir)\b"), "swir"),
    (re.compile(r"\bnear[ _-]?(?:infrared|infra[ _-]red|ir)\b"), "nir"),
    (re.compile(r"\bswir[ _-]*(?:1\.6\d*|16\d\d|1)(?!\d)"), "swir16"),
    (re.compile(r"\bswir[ _-]*(?:2\.[12]\d*|2[12]\d\d|2)(?!\d)"), "swir22"),
)
_SENTINEL_2 = {2: "blue", 3: "green", 4: "red", 8: "nir", 11: "swir16", 12: "swir22"}
_LANDSAT_8 = {2: "blue", 3: "green", 4: "red", 5: "nir", 6: "swir16", 7: "swir22"}
_LANDSAT_7 = {1: "blue", 2: "green", 3: "red", 4: "nir", 5: "swir16", 7: "swir22"}
_MODIS = {1: "red", 2: "nir", 3: "blue", 4: "green", 6: "swir16", 7: "swir22"}
_SENSORS = (
    (re.compile(r"(^|[^a-z])(m[oyc]d\d\d|modis|sur_refl)", re.IGNORECASE), _MODIS),
    (re.compile(r"(^|[^a-z])(l[co]0?[89]|landsat[ _-]?[89]|hls[._]l30)", re.IGNORECASE), _LANDSAT_8),
    (re.compile(r"(^|[^a-z])(l[te]0?[4-7]|landsat[ _-]?[4-7])", re.IGNORECASE), _LANDSAT_7),
    (re.compile(r"(^|[^a-z])(s2[abc]?([^a-z0-9]|$)|sentinel[ _-]?2|hls[._]s30|t\d\d[a-z]{3}_)", re.IGNORECASE), _SENTINEL_2),
)
_BAND_CODE = re.compile(r"(?:^|[^a-z0-9])(?:sr_)?b(\d{1,2}a?)(?![a-z0-9])", re.IGNORECASE)
_MICROMETRES = {
    "blue": (0.45, 0.52),
    "green": (0.52, 0.60),
    "red": (0.62, 0.69),
    "nir": (0.76, 0.90),
    "swir16": (1.55, 1.75),
    "swir22": (2.08, 2.35),
}
_NAME_KEYS = ("common_name", "eo:common_name", "eo_common_name", "bandname", "band_name", "name")
_WAVELENGTH_KEYS = ("central_wavelength_um", "center_wavelength", "wavelength")


def guess_roles(name: str, dataset: Any) -> List[str]:
    """One role for each band of an open dataset, "" where nothing tells or where two bands would share a role."""
    count = dataset.RasterCount
    eo = _eo_bands(dataset, count) or bands_beside(name, count) or [{}] * count
    roles = [_of_band(name, dataset.GetRasterBand(number), eo[number - 1], count) for number in range(1, count + 1)]
    return [role if role and roles.count(role) == 1 else "" for role in roles]


def _of_band(name: str, band: Any, eo: Mapping[str, Any], count: int) -> str:
    declared = [item.partition("=") for domain in ("", "IMAGERY") for item in band.GetMetadata_List(domain) or ()]
    facts = {key.lower(): value for key, value in [*eo.items(), *((key, value) for key, _, value in declared)]}
    texts = [str(facts[key]) for key in _NAME_KEYS if key in facts] + [band.GetDescription()]
    if count == 1:
        texts.append(PurePath(name).stem)
    found = (_by_words(text) or _by_code(text, name) for text in texts)
    return next((role for role in found if role), "") or _by_wavelength(facts) or _by_colour(band, count)


def _by_words(text: str) -> str:
    whole = re.sub(r"[^a-z0-9]", "", text.lower())
    if whole in _WORDS:
        return _WORDS[whole]
    text = text.lower().replace("_", " ")
    for spelling, word in _SPELLINGS:
        text = spelling.sub(word, text)
    words = re.split(r"[^a-z0-9]+", text)
    named = {_WORDS[word] for word in words if word in _WORDS}
    return named.pop() if len(named) == 1 and not _OTHER.intersection(words) and "rededge" not in words else ""


def _by_code(text: str, name: str) -> str:
    """B04 in a band's or file's name, read by the table of the sensor that the names tell."""
    codes = _BAND_CODE.findall(text)
    if not codes or not codes[-1].isdigit():
        return ""
    code = codes[-1]
    for sensor, table in _SENSORS:
        if sensor.search(text) or sensor.search(PurePath(name).name):
            return table.get(int(code), "")
    return _SENTINEL_2.get(int(code), "") if len(code) == 2 else ""  # two digits without more: Sentinel-2's way of writing


def _by_wavelength(facts: Mapping[str, Any]) -> str:
    value = next((_number(facts[key]) for key in _WAVELENGTH_KEYS if key in facts), None)
    if value is None:
        return ""
    micrometres = value / 1000 if value > 100 else value
    return next((role for role, (low, high) in _MICROMETRES.items() if low <= micrometres <= high), "")


def _by_colour(band: Any, count: int) -> str:
    meanings: Dict[int, str] = {gdal.GCI_RedBand: "red", gdal.GCI_GreenBand: "green", gdal.GCI_BlueBand: "blue"}
    near = getattr(gdal, "GCI_NIRBand", None)
    if near is not None:
        meanings[near] = "nir"
    return meanings.get(band.GetColorInterpretation(), "") if count >= 3 else ""


def _eo_bands(dataset: Any, count: int) -> Sequence[Mapping[str, Any]]:
    """The list `eo:bands` (or `bands`) that some tools copy from a STAC item into the file."""
    for key in ("eo:bands", "EO_BANDS", "eo_bands", "bands"):
        try:
            listed = json.loads(dataset.GetMetadataItem(key) or "")
        except ValueError:
            listed = None
        if isinstance(listed, list) and len(listed) == count and all(isinstance(item, dict) for item in listed):
            return listed
    return ()


def _number(value: Any) -> Optional[float]:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
