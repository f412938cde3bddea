"""What the operation asks for, declared once for the dock, the toolbox, presets and docs."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..fields import Field, Kind, ShownIf
from ..operation import AoiRule, Needs, Operation, Pace, Request, Result
from ..pixel_grid import GridError, crs_name
from .collections import COLLECTIONS, OLDER_NAMES, OWN

LARGEST = 10_000  # pixels a side of one request
FORMATS = {"tiff": "image/tiff", "png": "image/png", "jpeg": "image/jpeg"}

_S2 = ("sentinel-2-l2a", "sentinel-2-l1c")
_L1C = ("sentinel-2-l1c",)
_S1 = ("sentinel-1-grd",)
_DEM = ("dem",)
_LANDSAT = tuple(item.key for item in COLLECTIONS if item.key.startswith("landsat"))
_CLOUDY = tuple(item.key for item in COLLECTIONS if item.by_clouds)


def _crs_complaint(text: str) -> Optional[str]:
    try:
        crs_name(text)
    except GridError as error:
        return str(error)
    return None


def _words(*words: str) -> Tuple[Tuple[str, str], ...]:
    return (("", "Default"), *((word, word) for word in words))


def _only(name: str, label: str, collections: Sequence[str], kind: Kind = Kind.CHOICE, **known: Any) -> Field:
    """An option of some collections."""
    return Field(name, label, kind, shown_if=ShownIf("collection", tuple(collections)), advanced=True, **known)


_SAMPLING = _words("NEAREST", "BILINEAR", "BICUBIC")

# options by field name: where they go in a data source, and under which name
OPTIONS: Dict[str, Tuple[str, str]] = {
    "preview_mode": ("dataFilter", "previewMode"),
    "tiers": ("dataFilter", "tiers"),
    "constellation": ("dataFilter", "constellation"),
    "s1_resolution": ("dataFilter", "resolution"),
    "acquisition_mode": ("dataFilter", "acquisitionMode"),
    "polarization": ("dataFilter", "polarization"),
    "orbit_direction": ("dataFilter", "orbitDirection"),
    "timeliness": ("dataFilter", "timeliness"),
    "dem_instance": ("dataFilter", "demInstance"),
    "upsampling": ("processing", "upsampling"),
    "downsampling": ("processing", "downsampling"),
    "harmonize": ("processing", "harmonizeValues"),
    "back_coefficient": ("processing", "backCoeff"),
    "orthorectify": ("processing", "orthorectify"),
    "s1_dem": ("processing", "demInstance"),
    "terrain_oversampling": ("processing", "radiometricTerrainOversampling"),
    "clamp_negative": ("processing", "clampNegative"),
    "ellipsoidal": ("processing", "egm"),
}
SERVICE_DEFAULTS = {"harmonize": True, "orthorectify": False, "clamp_negative": False, "ellipsoidal": False}  # not sent

FIELDS: Tuple[Field, ...] = (
    Field("collection", "Collection", Kind.CHOICE, "sentinel-2-l2a", required=True, choices=tuple((c.key, c.title) for c in COLLECTIONS),
          others=OWN, aliases=OLDER_NAMES, help="In the service's word, such as sentinel-2-l2a; own ones as byoc-… with their id."),
    Field("date_start", "Start date", Kind.DATE, help="First day (UTC). Not needed for elevation models."),
    Field("date_end", "End date", Kind.DATE, help="Last day (UTC), which is included."),
    Field("max_cloud_cover", "Cloud cover", Kind.NUMBER, 100.0, minimum=0, maximum=100, unit="%", shown_if=ShownIf("collection", _CLOUDY),
          help="Scenes with more cloud are left out. It is the cloud of the whole scene, not of the area."),
    Field("mosaicking_order", "Which scene on top", Kind.CHOICE, "mostRecent", help="Where several scenes cover a place.",
          choices=(("mostRecent", "Most recent"), ("leastRecent", "Least recent"), ("leastCC", "Least cloudy"))),
    Field("evalscript", "Evalscript", Kind.SCRIPT, required=True,
          help="The script, the name of one of the library (such as ndvi), or s3:// or gs:// and its place in a bucket."),
    Field("resolution", "Resolution", Kind.NUMBER, 10.0, minimum=0.01, unit="m", help="Side of a pixel on the ground."),
    Field("format", "Format", Kind.CHOICE, "tiff", help="Floating-point values need GeoTIFF.",
          choices=(("tiff", "GeoTIFF"), ("png", "PNG"), ("jpeg", "JPEG")),
          aliases=(("image/tiff", "tiff"), ("tif", "tiff"), ("image/png", "png"), ("image/jpeg", "jpeg"), ("jpg", "jpeg"))),
    Field("split", "Split large areas", Kind.BOOLEAN, False,
          help=f"An area of more than {LARGEST:,} pixels a side is sent as a grid of jobs. Without it, it is refused."),
    Field("clip", "Clip to the outline", Kind.BOOLEAN, True, advanced=True, help="Pixels outside have no data, but cost nonetheless."),
    Field("crs", "CRS", advanced=True, check=_crs_complaint, placeholder="EPSG:32633", help="Empty for the UTM zone of the area."),
    Field("width", "Width", Kind.INTEGER, minimum=1, maximum=LARGEST, unit="px", advanced=True,
          help="With the height, an exact number of pixels instead of the resolution."),
    Field("height", "Height", Kind.INTEGER, minimum=1, maximum=LARGEST, unit="px", advanced=True, help="With the width."),
    Field("upsampling", "Upsampling", Kind.CHOICE, choices=_SAMPLING, advanced=True, help="Where pixels are finer than the source’s."),
    Field("downsampling", "Downsampling", Kind.CHOICE, choices=_SAMPLING, advanced=True, help="Where they are coarser."),
    _only("harmonize", "Harmonize values", _S2, Kind.BOOLEAN, default=True, help="Makes values before and after 2022 comparable."),
    _only("preview_mode", "Preview mode", _L1C, choices=_words("DETAIL", "TILE_PREVIEW", "PREVIEW", "EXTENDED_PREVIEW")),
    _only("s1_resolution", "Radar resolution", _S1, choices=_words("HIGH", "MEDIUM", "FULL")),
    _only("acquisition_mode", "Acquisition mode", _S1, choices=_words("SM", "IW", "EW", "WV", "EN", "AN", "IM")),
    _only("polarization", "Polarization", _S1, choices=_words("SH", "SV", "DH", "DV", "HH", "HV", "VV", "VH")),
    _only("orbit_direction", "Orbit direction", _S1, choices=_words("ASCENDING", "DESCENDING")),
    _only("timeliness", "Timeliness", _S1,
          choices=_words("NRT10m", "NRT1h", "NRT3h", "Fast24h", "Offline", "Reprocessing", "ArchNormal")),
    _only("back_coefficient", "Backscatter", _S1, choices=_words("BETA0", "SIGMA0_ELLIPSOID", "GAMMA0_ELLIPSOID", "GAMMA0_TERRAIN"),
          help="GAMMA0_TERRAIN corrects for the terrain and needs orthorectification."),
    _only("orthorectify", "Orthorectify", _S1, Kind.BOOLEAN, default=False, help="Doubles the cost."),
    _only("s1_dem", "Elevation model for it", _S1, choices=_words("MAPZEN", "COPERNICUS", "COPERNICUS_30", "COPERNICUS_90")),
    _only("terrain_oversampling", "Terrain oversampling", _S1, Kind.NUMBER, minimum=1, maximum=4),
    _only("speckle_filter", "Speckle filter", _S1, choices=_words("NONE", "LEE"), help="LEE doubles the cost."),
    _only("speckle_window", "Speckle window", _S1, Kind.INTEGER, default=5, minimum=1, maximum=7, unit="px"),
    _only("dem_instance", "Elevation model", _DEM, choices=_words("MAPZEN", "COPERNICUS_30", "COPERNICUS_90")),
    _only("clamp_negative", "No heights below zero", _DEM, Kind.BOOLEAN, default=False),
    _only("ellipsoidal", "Ellipsoidal heights", _DEM, Kind.BOOLEAN, default=False),
    _only("tiers", "Quality tiers", _LANDSAT, choices=_words("TIER_1", "TIER_1_AND_RT", "ALL_TIERS")),
    _only("constellation", "Constellation", ("hls",), choices=_words("SENTINEL", "LANDSAT")),
    Field("fusion", "Further collections", Kind.JSON, advanced=True, placeholder='[{"type": "sentinel-1-grd", "id": "s1"}]',
          help="A list of data sources as the service takes them; the dates are those above unless they have their own."),
    Field("data_id", "ID in the script", advanced=True, shown_if=ShownIf("fusion"),
          help="What the script calls the collection chosen first (its datasource)."),
    Field("responses", "Outputs", Kind.LIST, advanced=True, help="Ids of the script's outputs to deliver; empty for all."),
    Field("quality", "JPEG quality", Kind.INTEGER, minimum=0, maximum=100, advanced=True, shown_if=ShownIf("format", ("jpeg",))),
    Field("tile", "Tile", advanced=True, help="A window of pixels of the whole grid: x, y from the upper left corner, width, height."),
)  # fmt: skip

PACE = Pace(first=10.0, steps=((0.0, 10.0), (120.0, 30.0), (1800.0, 60.0)), jitter=0.2, patience=24 * 3600.0)
PROCESS = Operation(
    "process", "Process", "Runs an evalscript over satellite images of an area and delivers a raster to your own bucket.",
    FIELDS, AoiRule(Needs.REQUIRED, most_parts=None), Result.RASTER, style="sentinelhub", icon="evalscript", minutes=(1, 15), pace=PACE,
)  # fmt: skip


def offered(operation: Operation, deployment: str) -> Operation:
    """The operation with the collections of one deployment."""
    from dataclasses import replace

    known = {item.key for item in COLLECTIONS if not item.at or deployment in item.at}
    fields: List[Field] = []
    for field in operation.fields:
        if field.name == "collection":
            choices = tuple(choice for choice in field.choices if choice[0] in known)
            default = field.default if field.default in known else choices[0][0]
            field = replace(field, choices=choices, default=default)
        fields.append(field)
    return replace(operation, fields=tuple(fields))


def without_tile(request: Request) -> Request:
    """The request that a tile is a part of: equal for all tiles of one grid."""
    values = {name: value for name, value in request.values.items() if name != "tile"}
    return Request(request.operation, values, request.aoi)
