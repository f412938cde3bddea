"""Which pixels a quality band declares unusable: clouds, their shadows, saturation, fill."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

KINDS = {
    "scl": "Sentinel-2 scene classification (SCL)",
    "qa_pixel": "Landsat QA_PIXEL",
    "nonzero": "Any other band; everything except 0 is left out",
}

_SCL_BAD = (0, 1, 3, 8, 9, 10)  # no data, saturated or defective, cloud shadow, cloud (medium, high), thin cirrus
_QA_PIXEL_BAD = 0b11111  # fill, dilated cloud, cirrus, cloud, cloud shadow


def guess_kind(name: str) -> str:
    """The kind of a quality band by its file name, "" when the name does not tell."""
    if re.search(r"(^|[^a-z])scl([^a-z]|$)", name, re.IGNORECASE):
        return "scl"
    if re.search(r"qa_pixel", name, re.IGNORECASE):  # pixel_qa was of Collection 1, with other bits
        return "qa_pixel"
    return "nonzero" if re.search(r"qa_radsat|cloud_?mask", name, re.IGNORECASE) else ""


def usable(kind: str, values: Any) -> Any:
    """A boolean array, True where a pixel may be used. `values` are the whole numbers of the quality band."""
    numbers = values.astype(np.int64)
    if kind == "scl":
        return ~np.isin(numbers, _SCL_BAD)
    if kind == "qa_pixel":
        return (numbers & _QA_PIXEL_BAD) == 0
    return numbers == 0
