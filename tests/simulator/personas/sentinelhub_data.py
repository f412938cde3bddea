"""Collections of the Sentinel Hub persona, where they are hosted, and the options of a data source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Union

Rule = Union[tuple[str, ...], Callable[[Any], str]]
AWS, OREGON, CDSE = "aws-eu-central-1", "aws-us-west-2", "cdse"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OWN = re.compile(rf"(byoc|batch|zarr)-{UUID}")
ALIASES = {"S2L2A": "sentinel-2-l2a", "S2L1C": "sentinel-2-l1c", "S1GRD": "sentinel-1-grd", "DEM": "dem"}
LANDSAT = ("landsat-ot-l1", "landsat-ot-l2", "landsat-etm-l1", "landsat-etm-l2", "landsat-tm-l1", "landsat-tm-l2",
           "landsat-mss-l1", "landsat-8-l1c")
HOSTS = {"sentinel-2-l2a": (AWS, CDSE), "sentinel-2-l1c": (AWS, CDSE), "sentinel-1-grd": (AWS, CDSE), "dem": (AWS, CDSE),
         "hls": (OREGON,), "modis": (OREGON,), "sentinel-3-olci": (CDSE,), "sentinel-3-slstr": (CDSE,),
         "sentinel-5p-l2": (CDSE,), **dict.fromkeys(LANDSAT, (OREGON,))}
S2L2A_BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12", "AOT", "SCL", "SNW", "CLD",
               "sunAzimuthAngles", "sunZenithAngles", "viewAzimuthMean", "viewZenithMean", "dataMask")
# other collections are not established band by band
BANDS = {"sentinel-2-l2a": S2L2A_BANDS, "dem": ("DEM", "dataMask"),
         "sentinel-1-grd": ("VV", "VH", "HH", "HV", "localIncidenceAngle", "scatteringArea", "shadowMask", "dataMask")}
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Family:
    """How the options of a collection are checked."""

    data_filter: Mapping[str, Rule]
    processing: Mapping[str, Rule]
    timeless: bool = False


def number(lowest: float, highest: float, whole: bool = False) -> Callable[[Any], str]:
    """A rule for numbers in a range."""
    def rule(value: Any) -> str:
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not lowest <= value <= highest:
            return f"must be {'an integer' if whole else 'a number'} from {lowest:g} to {highest:g}"
        return ""
    return rule


def flag(value: Any) -> str:
    """A rule for true and false."""
    return "" if isinstance(value, bool) else "must be true or false"


def speckle(value: Any) -> str:
    """The rule for a speckle filter."""
    if not isinstance(value, dict) or value.get("type") not in ("NONE", "LEE"):
        return "must have type NONE or LEE"
    wanted = {"type"} if value["type"] == "NONE" else {"type", "windowSizeX", "windowSizeY"}
    if set(value) != wanted:
        return f"{value['type']} takes exactly {', '.join(sorted(wanted))}"
    wrong = [name for name in wanted - {"type"} if number(1, 7, whole=True)(value[name])]
    return f"{sorted(wrong)[0]} must be an integer from 1 to 7" if wrong else ""


def time_range(value: Any) -> str:
    """The rule for a time range."""
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        return "must have from and to"
    moments = [moment(value["from"]), moment(value["to"])]
    if moments[0] is None or moments[1] is None:
        return "must be date-times with time and offset, such as 2024-06-01T00:00:00Z"
    return "from must not be after to" if moments[0] > moments[1] else ""


def moment(text: Any) -> datetime | None:
    """An RFC 3339 date-time, None when it is something else."""
    match = MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match.group(1) + match.group(3).replace("Z", "+00:00"))
    except ValueError:
        return None


CLOUDY_ORDER = ("mostRecent", "leastRecent", "leastCC")
PLAIN_ORDER = CLOUDY_ORDER[:2]
SAMPLING = ("NEAREST", "BILINEAR", "BICUBIC")
TIMED: dict[str, Rule] = {"timeRange": time_range, "mosaickingOrder": PLAIN_ORDER}
CLOUDY: dict[str, Rule] = {"timeRange": time_range, "mosaickingOrder": CLOUDY_ORDER, "maxCloudCoverage": number(0, 100)}
SAMPLED: dict[str, Rule] = {"upsampling": SAMPLING, "downsampling": SAMPLING}
S2: dict[str, Rule] = {**SAMPLED, "harmonizeValues": flag}
PREVIEWS = ("DETAIL", "TILE_PREVIEW", "PREVIEW", "EXTENDED_PREVIEW")
S1_FILTER: dict[str, Rule] = {
    **TIMED, "resolution": ("HIGH", "MEDIUM", "FULL"), "acquisitionMode": ("SM", "IW", "EW", "WV", "EN", "AN", "IM"),
    "polarization": ("SH", "SV", "DH", "DV", "HH", "HV", "VV", "VH"), "orbitDirection": ("ASCENDING", "DESCENDING"),
    "timeliness": ("NRT10m", "NRT1h", "NRT3h", "Fast24h", "Offline", "Reprocessing", "ArchNormal")}
S1_PROCESSING: dict[str, Rule] = {
    **SAMPLED, "backCoeff": ("BETA0", "SIGMA0_ELLIPSOID", "GAMMA0_ELLIPSOID", "GAMMA0_TERRAIN"), "orthorectify": flag,
    "demInstance": ("MAPZEN", "COPERNICUS", "COPERNICUS_30", "COPERNICUS_90"),
    "radiometricTerrainOversampling": number(1, 4), "speckleFilter": speckle}
HEIGHTS = ("MAPZEN", "COPERNICUS_30", "COPERNICUS_90")


def known_type(name: Any) -> str:
    """The present name of a collection, empty when there is none of that name."""
    if not isinstance(name, str):
        return ""
    name = ALIASES.get(name, name)
    return name if name in HOSTS or OWN.fullmatch(name) else ""


def hosted(collection: str, deployment: str) -> bool:
    """True when a deployment has a collection; what users bring is where they created it."""
    return bool(OWN.fullmatch(collection)) or deployment in HOSTS[collection]


def family(collection: str, deployment: str) -> Family:
    """The options of a collection."""
    if collection.startswith("sentinel-2"):
        return Family({**CLOUDY, "previewMode": PREVIEWS} if collection.endswith("l1c") else CLOUDY, S2)
    if collection == "sentinel-1-grd":
        return Family(S1_FILTER, S1_PROCESSING)
    if collection == "dem":
        heights = HEIGHTS[1:] if deployment == CDSE else HEIGHTS
        return Family({"demInstance": heights}, {**SAMPLED, "clampNegative": flag, "egm": flag}, timeless=True)
    if collection.startswith("landsat"):
        tiers = ("TIER_1", "ALL_TIERS") if collection.endswith("l2") else ("TIER_1", "TIER_1_AND_RT", "ALL_TIERS")
        return Family({**CLOUDY, "tiers": tiers}, SAMPLED)
    if collection == "hls":
        return Family({**CLOUDY, "constellation": ("SENTINEL", "LANDSAT")}, SAMPLED)
    if collection == "sentinel-3-slstr":
        return Family({**TIMED, "maxCloudCoverage": number(0, 100)}, SAMPLED)
    return Family(TIMED, SAMPLED)


def broken(rule: Rule, value: Any) -> str:
    """What is wrong with a value, empty when nothing is."""
    if callable(rule):
        return rule(value)
    return "" if value in rule else f"must be one of {', '.join(rule)}"
