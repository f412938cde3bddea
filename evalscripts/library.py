"""Our own evalscripts, one `.js` file each beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Optional, Tuple

S2 = "sentinel-2-l2a"
S1 = "sentinel-1-grd"
_LIKE_S2 = ("sentinel-2-l1c",)  # has the same bands of reflectance
_OWN = ("byoc-", "batch-", "zarr-")  # what people bring may have any bands
_MADE_HERE = "SCL"  # the one band of ours that only the corrected images have


@dataclass(frozen=True)
class Entry:
    """A script of the library. `collection` is the one it is written for, `style` how its result is drawn (a result style's name)."""

    key: str
    title: str
    summary: str
    collection: str
    style: str

    @property
    def script(self) -> str:
        """The source text."""
        return _text(self.key)

    @property
    def picture(self) -> Path:
        """A small picture of what it shows, drawn by scripts/draw_thumbnails.py."""
        return Path(__file__).parent / f"{self.key}.png"

    def fits(self, collection: str) -> bool:
        """Whether the script can work on a collection, given by the service's word."""
        if collection == self.collection or collection.startswith(_OWN):
            return True
        return self.collection == S2 and collection in _LIKE_S2 and _MADE_HERE not in self.script


ENTRIES: Tuple[Entry, ...] = (
    Entry("true_color", "True colour (8-bit)", "Red, green and blue as the eye sees them, clouds included.", S2, "rgb"),
    Entry("true_color_float", "True colour (float)", "Reflectance of red, green and blue, unstretched.", S2, "rgb"),
    Entry("ndvi", "Vegetation index, NDVI (float)", "How green it is, from −1 to 1.", S2, "ndvi"),
    Entry("ndvi_8bit", "Vegetation index, NDVI (8-bit)", "1 to 255 for −1 to 1; a quarter of the size, half the price.", S2, "index_8bit"),
    Entry("ndwi", "Water index, NDWI (float)", "Open water stands out, from −1 to 1.", S2, "ndwi"),
    Entry("ndwi_8bit", "Water index, NDWI (8-bit)", "1 to 255 for −1 to 1; a quarter of the size, half the price.", S2, "index_8bit"),
    Entry("ndmi", "Moisture index, NDMI (float)", "Water in plants, from −1 to 1.", S2, "ndmi"),
    Entry("ndmi_8bit", "Moisture index, NDMI (8-bit)", "1 to 255 for −1 to 1; a quarter of the size, half the price.", S2, "index_8bit"),
    Entry("scl", "Scene classification, SCL", "Cloud, shadow, snow, water and land as class numbers.", S2, "scl"),
    Entry("s1_vv_vh", "Radar VV and VH (float)", "Backscatter as linear power.", S1, "values"),
    Entry("s1_vv_vh_8bit", "Radar VV and VH (8-bit)", "A picture: VV, VH and their ratio in decibels.", S1, "rgb"),
)
_OTHER_NAMES = {"true_colour": "true_color", "true_colour_float": "true_color_float", "truecolor": "true_color", "s1": "s1_vv_vh"}


def find(name: str) -> Optional[Entry]:
    """The script of that name (any case; blanks and dashes count as underscores), None when the library has none."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    key = _OTHER_NAMES.get(key, key)
    return next((entry for entry in ENTRIES if entry.key == key), None)


@cache
def _text(key: str) -> str:
    return (Path(__file__).parent / f"{key}.js").read_text(encoding="utf-8")
