"""What Sentinel Hub's asynchronous processing costs, in processing units (PU), by the service's published formula.

One unit is 512 × 512 pixels, three input bands, one sample for each pixel, at most 16 bits, no further processing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

UNIT = "PU"
LEAST = 10.0  # units for one request, which older pages of the service name and newer ones do not
SURCHARGE = {"same": 0.0, "other": 0.03, "gs": 0.1}  # units for each MB delivered: S3 in the same region, in another one, Google

_PIXELS = 512 * 512
_LEAST_AREA = 0.01
_FAVOURED = 10_000  # pixels from which two thirds are charged
_FAVOUR = 2 / 3


@dataclass(frozen=True)
class Work:
    """What is computed: pixels of the whole rectangle, input bands that count, samples for each pixel."""

    width: int
    height: int
    bands: int
    is_float: bool = False
    samples: int = 1
    collections: int = 1
    orthorectified: bool = False
    terrain_corrected: bool = False
    speckle_filtered: bool = False

    @property
    def area(self) -> float:
        """Multiples of 512 × 512 pixels."""
        return max(_LEAST_AREA, self.width * self.height / _PIXELS)

    @property
    def radar(self) -> float:
        """The factor for Sentinel-1's further processing; terrain correction takes the place of orthorectification."""
        geometry = 2.5 if self.terrain_corrected else 2.0 if self.orthorectified else 1.0
        return geometry * (2.0 if self.speckle_filtered else 1.0)

    @property
    def favour(self) -> float:
        """The asynchronous interface's factor."""
        return _FAVOUR if self.width * self.height >= _FAVOURED else 1.0


def units(work: Work) -> float:
    """Processing units, surcharges not included."""
    depth = 2.0 if work.is_float else 1.0
    return work.area * work.bands / 3 * depth * work.samples * work.collections * work.radar * work.favour


def surcharge(megabytes: float, place: str) -> float:
    """Units for delivering so many MB (10^6 bytes); `place` is same, other or gs."""
    return megabytes * SURCHARGE[place]


def working(work: Work) -> str:
    """The formula with its numbers, for people."""
    parts: List[str] = [f"{work.width:,} × {work.height:,} px = {work.area:.3f}", f"{work.bands} bands / 3"]
    if work.is_float:
        parts.append("2 (32-bit float)")
    if work.samples != 1:
        parts.append(f"{work.samples} samples")
    if work.collections != 1:
        parts.append(f"{work.collections} collections")
    if work.radar != 1:
        parts.append(f"{work.radar:g} (radar processing)")
    if work.favour != 1:
        parts.append("2/3 (asynchronous)")
    return f"{' × '.join(parts)} = {units(work):,.3f} {UNIT}"
