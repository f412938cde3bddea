"""A watcher with a clock of its own over a real session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHAPE = ((((3.9, 51.95), (4.2, 51.95), (4.2, 52.1), (3.9, 52.1), (3.9, 51.95)),),)


class Clock:
    """Stands still until told."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def hours(self, number: float) -> None:
        self.now += number * 3600


def watcher(session: Any, folder: Path, clock: Any) -> Any:
    from groundtrack.presets.watch_store import WatchStore
    from groundtrack.ui.watcher import Watcher

    made = Watcher(session, WatchStore(folder / "watches.sqlite"), clock)
    made.news = []
    made.told.connect(made.news.append)
    return made


def watch(**more: Any) -> Any:
    """Ships off the Dutch coast, twice a day."""
    from groundtrack.aoi import Aoi
    from groundtrack.presets.preset import FIXED, AreaRule, Preset
    from groundtrack.presets.watch import Watch

    area = AreaRule(FIXED, shapes=(Aoi(SHAPE),))
    values = more.pop("values", {"date": "today - 3 days"})
    preset = more.pop("preset", None) or Preset("Port watch", "sateais", "ship", "Port of X", values, area)
    known = {"every": 12, "period": "hour", "on": True, "cap": 100.0, "unit": "credits", "price": 0.6, "group": "preset-p1", **more}
    return Watch(known.pop("id", "w1"), "Port watch", preset, **known)
