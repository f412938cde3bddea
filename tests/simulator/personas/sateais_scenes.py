"""The archive of radar scenes behind the SateAIs persona: names, days of passes, footprints."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

from ..geometry import Ring

SCENE = re.compile(
    r"S1[A-D]_(IW|EW|S[1-6])_GRD[FHM]_1S(SH|SV|DH|DV)_\d{8}T\d{6}_\d{8}T\d{6}_\d{6}_[0-9A-F]{6}_[0-9A-F]{4}")
ARCHIVE_START = date(2014, 10, 3)
WINDOW = 14
REPEAT = 6
PHASES = {"ascending": 1, "descending": 4}
PLACES = ((3.5, 52.5), (-90.5, 27.5), (104.5, 2.0), (5.0, 3.5), (18.5, 34.5))


def is_grd(scene: str) -> bool:
    """True for the name of a GRD product."""
    return SCENE.fullmatch(scene) is not None


def passes(first: date, last: date, orbit: str | None, today: date) -> list[date]:
    """Days with a scene from first to last, both included, never after today."""
    phases = [PHASES[orbit]] if orbit else list(PHASES.values())
    start, end = max(first, ARCHIVE_START), min(last, today)
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if day.toordinal() % REPEAT in phases]


def near(day: date, direction: str, orbit: str | None, today: date) -> date | None:
    """The scene day nearest to a day within the window, on the wanted side of it."""
    first = day if direction == "after" else day - timedelta(days=WINDOW)
    last = day if direction == "before" else day + timedelta(days=WINDOW)
    return min(passes(first, last, orbit, today), key=lambda found: abs(found - day), default=None)


def footprint(scene: str) -> Ring:
    """A footprint of about 250 by 170 km at sea, the same for the same scene name."""
    draw = random.Random(scene)
    x, y = draw.choice(PLACES)
    x, y = x + draw.uniform(-0.2, 0.2), y + draw.uniform(-0.2, 0.2)
    return [(x - 1.5, y - 0.6), (x + 0.9, y - 0.9), (x + 1.4, y + 0.6), (x - 1.1, y + 0.9), (x - 1.5, y - 0.6)]
