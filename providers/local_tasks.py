"""What this computer can be asked for: band indices, change, and formulas."""

from __future__ import annotations

from typing import Any, Tuple

from .fields import Field, Kind, ShownIf
from .operation import AoiRule, Needs, Operation, Pace, Result

TITLE = "This computer"

_PACE = Pace(first=0.2, steps=((0.0, 0.5), (60.0, 2.0)), jitter=0.0, patience=7 * 24 * 3600.0)
_AREA = AoiRule(needs=Needs.OPTIONAL, most_parts=None)
_SOURCE = (
    "A file, a GDAL source or a web address (https, s3, gs); #4 at its end picks band 4; several with ; between them count as one image."
)
ROLES = {
    "red": "Red",
    "green": "Green",
    "nir": "Near infrared",
    "swir16": "Short-wave infrared 1.6 µm",
    "swir22": "Short-wave infrared 2.2 µm",
}


def _file(name: str, label: str, more: str = "", **known: Any) -> Field:
    return Field(name, label, Kind.RASTER, help=f"{more} {_SOURCE}".strip(), **known)


def _one_band(role: str) -> Tuple[Field, ...]:
    label = ROLES[role]
    number_help = "Its number in the image, from 1. Without it, names and metadata of the image are asked."
    return (
        Field(
            f"{role}_band", f"{label} band", Kind.INTEGER, minimum=1, shown_if=ShownIf("image"), help=number_help, guessed_from=("image",)
        ),
        _file(role, label, "A file for this band alone, instead of the image.", advanced=True),
    )


_GRID = (
    Field(
        "grid", "Pixel size", Kind.CHOICE, default="finer", advanced=True,
        choices=(("finer", "Of the finest input"), ("first", "Of the first input"), ("explicit", "As given")),
    ),
    Field(
        "resolution", "Resolution", Kind.NUMBER, required=True, minimum=1e-9, advanced=True, shown_if=ShownIf("grid", ("explicit",)),
        help="Side of a pixel in the units of the first input’s coordinate system, metres for most.",
    ),
    Field(
        "resampling", "Resampling", Kind.CHOICE, default="bilinear", advanced=True,
        help="How inputs are brought onto the pixels of the result.",
        choices=(("near", "Nearest neighbour"), ("bilinear", "Bilinear"), ("cubic", "Cubic"), ("average", "Average")),
    ),
    Field(
        "offset", "Band offset", Kind.NUMBER, advanced=True,
        help="Added to bands that declare no offset themselves; −1000 for Sentinel-2 Level-2A files since 2022.",
    ),
)  # fmt: skip


def _masks(*names: str) -> Tuple[Field, ...]:
    labels = {"mask": "Quality band", "mask_before": "Quality band before", "mask_after": "Quality band after"}
    kinds = (("auto", "By its name"), ("scl", "Sentinel-2 SCL"), ("qa_pixel", "Landsat QA_PIXEL"), ("nonzero", "Leave out all but 0"))
    shown = ShownIf(names[0]) if len(names) == 1 else None
    files = tuple(
        _file(name, labels[name], "Pixels that it calls cloudy, shaded or saturated get no value.", advanced=True) for name in names
    )
    return (*files, Field("mask_kind", "Kind of quality band", Kind.CHOICE, default="auto", choices=kinds, advanced=True, shown_if=shown))


_STORED = Field(
    "data_type", "Stored as", Kind.CHOICE, default="float32", advanced=True,
    choices=(("float32", "Decimal numbers"), ("int16", "Whole numbers × 10,000 (half the size)")),
)  # fmt: skip


def _index(key: str, title: str, summary: str, high: str, low: str) -> Operation:
    fields = (_file("image", "Image", "An image with several bands."), *_one_band(low), *_one_band(high), *_masks("mask"), *_GRID, _STORED)
    return Operation(key, title, summary, fields, _AREA, Result.RASTER, style=key, icon=key, pace=_PACE)


_CHANGE = (
    _file("before", "Image before", "An image with several bands.", required=True),
    _file("after", "Image after", "An image with several bands.", required=True),
    Field("threshold", "Threshold", Kind.NUMBER, default=0.1, required=True, minimum=0.0, maximum=1.0, help="Lower is more sensitive."),
    Field(
        "bands", "Bands", Kind.BANDS, placeholder="red=3, nir=4, green=2, swir16=5", guessed_from=("before", "after"),
        help="Which bands to use: red, nir, green, swir16, with =number where the names do not tell. Empty: all that are found.",
    ),
    *_masks("mask_before", "mask_after"),
    *_GRID,
)  # fmt: skip
_FORMULA = (
    _file("image", "Image", "An image with several bands."),
    Field(
        "expression", "Formula", required=True, placeholder="(nir - red) / (nir + red)", guessed_from=("image",),
        help="Arithmetic over bands: by role (red, nir, green, blue, swir16, swir22), by number (b1, b2 …) or of the files a to d.",
    ),
    *(_file(name, f"File {name}", advanced=True) for name in "abcd"),
    *_masks("mask"),
    *_GRID,
)  # fmt: skip
OPERATIONS = (
    _index("ndvi", "Vegetation index (NDVI)", "How green it is, from −1 to 1.", "nir", "red"),
    Operation(
        "change_detection", "Change between two dates", "Vegetation gain and loss, new built-up ground, water.", _CHANGE, _AREA,
        Result.RASTER, style="change_detection", icon="change_detection", pace=_PACE,
    ),
    _index("ndwi", "Water index (NDWI)", "Open water stands out, from −1 to 1.", "green", "nir"),
    _index("ndmi", "Moisture index (NDMI)", "Water in plants, from −1 to 1.", "nir", "swir16"),
    _index("nbr", "Burn ratio (NBR)", "Burnt ground is low, from −1 to 1.", "nir", "swir22"),
    Operation(
        "formula", "Band formula", "Any arithmetic over bands.", _FORMULA, _AREA,
        Result.RASTER, style="values", icon="formula", pace=_PACE,
    ),
)  # fmt: skip
