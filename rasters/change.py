"""What changed between two dates, by differences of normalized band ratios.

For each date, with the bands at hand:

* vegetation, NDVI = (nir - red) / (nir + red);
* water, MNDWI = (green - swir16) / (green + swir16), or without swir16 NDWI = (green - nir) / (green + nir);
* built-up ground, NDBI = (swir16 - nir) / (swir16 + nir).

With t the threshold, a pixel gets the first class that fits:

4. water change: water lies on one date only (index above 0 there, at most 0 on the other) and the index differs by more than t;
3. built-up gain: NDBI grew by more than t and is above NDVI afterwards, NDVI did not grow, and there is no water afterwards;
1. vegetation gain: NDVI grew by more than t to 0.2 or more;
2. vegetation loss: NDVI fell by more than t from 0.2 or more;
0. no change: everything else.

Without green no water change is told, without swir16 no built-up gain. A pixel that is not valid on both dates has no class (255).
Very bare soil behaves like built-up ground: fields that were ploughed can count as built-up gain. Dates of one season compare best.
"""

from __future__ import annotations

from typing import Any, Collection, Dict, Mapping, Optional, Tuple

import numpy as np

from .indices import normalized

CLASSES: Dict[int, Tuple[str, Tuple[int, int, int]]] = {
    0: ("No change", (214, 214, 210)),
    1: ("Vegetation gain", (38, 148, 72)),
    2: ("Vegetation loss", (214, 150, 40)),
    3: ("Built-up gain", (196, 52, 60)),
    4: ("Water change", (44, 116, 196)),
}
NODATA = 255

NEEDED = ("red", "nir")
USEFUL = ("green", "swir16")

_GREEN_NDVI = 0.2  # at least this where there is vegetation


def classify(before: Mapping[str, Any], after: Mapping[str, Any], threshold: float) -> Any:
    """Classes (uint8) from bands by role on two dates; a pixel with NaN in an index it needs is 255."""
    green_before, green_after = _ratio(before, "nir", "red"), _ratio(after, "nir", "red")
    wet_before, wet_after = _water(before), _water(after)
    built_before, built_after = _built(before), _built(after)
    with np.errstate(invalid="ignore"):
        change = green_after - green_before
        classes = np.zeros(change.shape, np.uint8)
        classes[(change < -threshold) & (green_before >= _GREEN_NDVI)] = 2
        classes[(change > threshold) & (green_after >= _GREEN_NDVI)] = 1
        if built_before is not None and built_after is not None:
            built = (built_after - built_before > threshold) & (built_after > green_after) & (change <= 0)
            classes[built if wet_after is None else built & ~(wet_after > 0)] = 3
        if wet_before is not None and wet_after is not None:
            classes[((wet_before > 0) != (wet_after > 0)) & (np.abs(wet_after - wet_before) > threshold)] = 4
    for ratio in (change, wet_before, wet_after, built_before, built_after):
        if ratio is not None:
            classes[np.isnan(ratio)] = NODATA
    return classes


def untold(roles: Collection[str]) -> Tuple[str, ...]:
    """Names of the classes that cannot be told with these bands."""
    return tuple(CLASSES[code][0] for code, role in ((3, "swir16"), (4, "green")) if role not in roles)


def _water(bands: Mapping[str, Any]) -> Optional[Any]:
    if "green" not in bands:
        return None
    return _ratio(bands, "green", "swir16" if "swir16" in bands else "nir")


def _built(bands: Mapping[str, Any]) -> Optional[Any]:
    return _ratio(bands, "swir16", "nir") if "swir16" in bands else None


def _ratio(bands: Mapping[str, Any], high: str, low: str) -> Any:
    ratio = normalized(bands[high].copy(), bands[low])
    ratio[~np.isfinite(ratio)] = np.nan
    return ratio
