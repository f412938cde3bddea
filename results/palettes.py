"""The colours of indices and classes as plain values. No Qt, no QGIS.

The ramps are perceptual: each step away from the middle is equally much darker, on both sides.
"""

from __future__ import annotations

from typing import Dict, Tuple

_MIDDLE = "#f1f1ee"
_BROWN = ("#e9b894", "#ca854d", "#9a5b25", "#5e391c")
_GREEN = ("#a4cca2", "#62a363", "#36773b", "#264a28")
_BLUE = ("#9cc6f1", "#3e9bdd", "#0070af", "#0d4669")

# style: colours from −1 to 1, what the ends mean
INDICES: Dict[str, Tuple[Tuple[str, ...], str, str]] = {
    "ndvi": ((*reversed(_BROWN), _MIDDLE, *_GREEN), "bare or water", "dense vegetation"),
    "ndwi": ((*reversed(_BROWN), _MIDDLE, *_BLUE), "dry", "water"),
    "ndmi": ((*reversed(_BROWN), _MIDDLE, *_BLUE), "dry", "moist"),
    "nbr": ((*reversed(_BROWN), _MIDDLE, *_GREEN), "burnt", "vegetation"),
}

# what ASTRA's documents list, in their order
CLASSES = (
    ("no change", "#d6d6d2"),
    ("vegetation gain", "#269448"),
    ("vegetation loss", "#d69628"),
    ("built-up gain", "#c4343c"),
    ("water change", "#2c74c4"),
)
# the scene classification of Sentinel-2 (SCL), by code
SCL = (
    ("no data", "#000000"),
    ("saturated or defective", "#ff0000"),
    ("dark areas", "#2f2f2f"),
    ("cloud shadows", "#643200"),
    ("vegetation", "#00a000"),
    ("bare soil", "#ffe65a"),
    ("water", "#0000ff"),
    ("unclassified", "#808080"),
    ("clouds, medium probability", "#c0c0c0"),
    ("clouds, high probability", "#ffffff"),
    ("thin cirrus", "#64c8ff"),
    ("snow or ice", "#ff96ff"),
)
STRANGE = ("#8c5aa8", "#3fb0ac", "#a8875a", "#d46fa5")  # classes that nobody named


def index_colour(style: str, value: float) -> str:
    """The colour of a value of an index as #rrggbb; "" for values that have no scale of their own."""
    if style not in INDICES:
        return ""
    colours = INDICES[style][0]
    place = (min(1.0, max(-1.0, value)) + 1) / 2 * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    low, high = (bytes.fromhex(colour[1:]) for colour in colours[first : first + 2])
    mixed = (round(one + (other - one) * (place - first)) for one, other in zip(low, high))
    return "#" + bytes(mixed).hex()


def class_colour(name: str, number: int) -> str:
    """The colour of a class by its name; of one that nobody named by its place in the list."""
    return dict(CLASSES).get(name.lower(), STRANGE[number % len(STRANGE)])
