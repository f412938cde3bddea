"""The synthetic archive: Sentinel-2 every 5 days, Landsat every 8, some Sentinel-2 scenes twice (second source)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zlib import crc32

from .astra_grid import Cell, cell_at

FIRST_DAY = date(2017, 4, 1)
EPOCH = date(2026, 5, 4).toordinal()
EXAMPLE = (11.40, 48.39)  # the pair of the service's own examples lies here
PREFIXES = {"documented": {"sentinel-2": "sentinel-2", "landsat": "landsat", "planetary-computer": "planetary-computer"},
            "as-coded": {"sentinel-2": "sentinel-2-l2a", "landsat": "landsat-c2-l2",
                         "planetary-computer": "planetary-computer"}}
COLLECTIONS = {"sentinel-2": "sentinel-2-l2a", "landsat": "landsat-c2-l2", "planetary-computer": "planetary-computer"}
COMPANIES = {"sentinel-2": "copernicus", "landsat": "usgs", "planetary-computer": "microsoft"}
PERIODS = {"sentinel-2": 5, "landsat": 8, "planetary-computer": 5}


@dataclass(frozen=True)
class Scene:
    """One scene: `source` is a documented id prefix, `original` the provider's own id, `number` makes its chances."""

    source: str
    original: str
    cell: Cell
    moment: datetime
    platform: str
    number: int

    @property
    def cloud(self) -> float | None:
        """Percent of clouds; some scenes of the second source have no value."""
        if self.source == "planetary-computer" and self.number % 5 == 0:
            return None
        return round((self.number % 997 / 997) ** 2 * 100, 1)

    @property
    def metres(self) -> int:
        """Pixel size of the sensor."""
        return 30 if self.source == "landsat" else 10

    def scene_id(self, dialect: str = "documented") -> str:
        """The id as a dialect writes it."""
        return f"{prefixes(dialect)[self.source]}:{self.original}"

    def collection(self, dialect: str = "documented") -> str:
        """The collection as a dialect names it."""
        if dialect == "documented" or self.source != "planetary-computer":
            return COLLECTIONS[self.source]
        return COLLECTIONS["sentinel-2"]


def prefixes(dialect: str) -> dict[str, str]:
    """Id prefix of each source."""
    return PREFIXES["documented" if dialect == "documented" else "as-coded"]


class Archive:
    """Scenes by place and day; knows which ones it has issued."""

    def __init__(self) -> None:
        self._issued: dict[tuple[str, str], Scene] = {}
        for day in (date(2025, 5, 4), date(2026, 5, 4)):
            self.issue(at(*EXAMPLE, day, source="sentinel-2"))

    def issue(self, scenes: list[Scene]) -> list[Scene]:
        """Make scenes known, so that jobs may name them."""
        self._issued.update({(scene.source, scene.original): scene for scene in scenes})
        return scenes

    def find(self, scene_id: str, dialect: str) -> Scene | None:
        """An issued scene by an id written exactly as the dialect does."""
        prefix, _, original = scene_id.partition(":")
        sources = {text: source for source, text in prefixes(dialect).items()}
        return self._issued.get((sources.get(prefix, ""), original))


def at(lon: float, lat: float, first: date, last: date | None = None, source: str = "") -> list[Scene]:
    """Scenes at a place from one day to another, newest first."""
    return sorted((scene for scene in between([cell_at(lon, lat)], first, last or first)
                   if source in ("", scene.source)), key=newest_first)


def newest_first(scene: Scene) -> tuple[float, str]:
    """Sort key of search answers."""
    return -scene.moment.timestamp(), scene.original


def between(cells: list[Cell], first: date, last: date, crowded: bool = False) -> Iterator[Scene]:
    """Scenes of some cells from one day to another, in no order."""
    first = max(first, FIRST_DAY)
    for cell in cells:
        tile = cell.tile
        # neighbours in one tile are taken on the same days
        shift = (cell.zone - 32 + cell.column // 10 - 6) % 40
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            for source, period in PERIODS.items():
                passed = ordinal - EPOCH + shift
                if crowded or passed % period == 0:
                    scene = _scene(source, cell, tile, ordinal, passed // period % 73 % 2)
                    if crowded or source != "planetary-computer" or scene.number % 3:
                        yield scene


def _scene(source: str, cell: Cell, tile: str, ordinal: int, other: int) -> Scene:
    noon = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), timezone.utc)
    seconds = (37_821 - (cell.zone - 32) * 1_440) % 86_400  # half past ten in the morning by the sun
    moment = noon + timedelta(seconds=seconds)
    number = crc32(f"{source == 'landsat'} {tile} {cell.number} {ordinal}".encode())
    if source == "landsat":
        path, row = 1 + (cell.zone * 7 + cell.column) % 233, 1 + cell.row % 248
        done = moment + timedelta(days=9)
        original = f"LC0{9 - other}_L2SP_{path:03d}{row:03d}_{moment:%Y%m%d}_{done:%Y%m%d}_02_T1"
        return Scene(source, original, cell, moment, f"landsat-{9 - other}", number)
    # the relative orbit stands for the cell: otherwise the ids of one tile would be the same
    orbit, done = 41 + cell.number, moment + timedelta(seconds=13_909)
    baseline = "_N0511" if source == "sentinel-2" else ""
    original = f"S2{'AB'[other]}_MSIL2A_{moment:%Y%m%dT%H%M%S}{baseline}_R{orbit:03d}_T{tile}_{done:%Y%m%dT%H%M%S}"
    return Scene(source, original, cell, moment, f"sentinel-2{'ab'[other]}", number)
