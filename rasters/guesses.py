"""What images tell about the bands that an operation asks for. Opens the files, over the network too."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from . import change
from .indices import NORMALIZED
from .roles import ROLES
from .sources import Band, bands_of, short_name

Options = Tuple[Tuple[int, str], ...]


def of_index(operation: str, image: str) -> Dict[str, Tuple[Optional[int], Options]]:
    """For each role of an index the number of the band that seems to be it, and all bands. Raises RasterProblem."""
    bands = bands_of(image)
    options = tuple((number, f"{number} – {_words(band, bands)}") for number, band in enumerate(bands, 1))
    return {role: (_number(bands, role), options) for role in NORMALIZED[operation]}


def of_change(before: str, after: str) -> Tuple[str, ...]:
    """Roles that both images have, as the input `bands` is written, numbers only where they are the same. Raises RasterProblem."""
    one, other = bands_of(before), bands_of(after)
    roles = [role for role in (*change.NEEDED, *change.USEFUL) if _number(one, role) and _number(other, role)]
    if any(role not in roles for role in change.NEEDED):
        return ()
    alike = all(_number(one, role) == _number(other, role) for role in roles)
    return tuple(f"{role}={_number(one, role)}" if alike else role for role in roles)


def of_formula(image: str) -> str:
    """The bands of an image as a formula may call them. Raises RasterProblem."""
    bands = bands_of(image)
    return ", ".join(f"b{number} {band.role or band.title}".strip() for number, band in enumerate(bands, 1))


def _words(band: Band, bands: Sequence[Band]) -> str:
    words: List[str] = [band.title] if band.title else []
    if len({item.name for item in bands}) > 1:
        words = [short_name(band.name)]
    role = ROLES.get(band.role, "")
    if role and role.lower() not in (word.lower() for word in words):
        words.append(f"({role.lower()})" if words else role)
    return " ".join(words) or short_name(band.name)


def _number(bands: Sequence[Band], role: str) -> Optional[int]:
    return next((number for number, band in enumerate(bands, 1) if band.role == role), None)
