"""A watch as a value: a preset that runs, or scenes that are looked for, again and again while QGIS is open.

A watch is personal. It keeps the preset and the area as they were when a person switched it on, lies in the profile and is never part
of a project. Times are Unix seconds, hours of the day are those of this computer's clock.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, fields
from typing import Any, Dict, Mapping, Optional, Tuple

from .preset import Preset, PresetError, from_dict

RUN, SCENES = KINDS = ("run", "scenes")
SECONDS = {"hour": 3600, "day": 86400}
RUNS = "runs"  # the unit of a cap where nobody knows the cost
MONTH = 30 * 86400  # s
FIRST_DAY_BACK = 90  # days before today in which the newest scene is looked for


@dataclass(frozen=True)
class Watch:
    """What is done how often. `since` is when it was switched on: slots count from there.

    `search_account` is the key of the account that scenes are looked for with, `collections` are words of its service. `first_hour` to
    `last_hour` (0…24) is when it may run, over midnight where the first is later. `price` in `unit` is what a person was shown for one
    run, None where nobody knew; `cap` is the most that all runs together may cost, or their number in RUNS.
    """

    id: str
    title: str
    preset: Preset
    kind: str = RUN
    every: int = 1
    period: str = "day"
    first_hour: int = 0
    last_hour: int = 24
    collections: Tuple[str, ...] = ()
    search_account: str = ""
    on: bool = False
    since: float = 0.0
    price: Optional[float] = None
    unit: str = RUNS
    cap: float = 0.0
    group: str = ""
    project: str = ""

    @property
    def account_key(self) -> str:
        """The account that its jobs are sent with."""
        return f"{self.preset.provider}/{self.preset.account}"

    @property
    def asking_key(self) -> str:
        """The account that is asked when it is due."""
        return self.search_account if self.kind == SCENES else self.account_key

    @property
    def seconds(self) -> int:
        """From one slot to the next."""
        return self.every * SECONDS[self.period]

    @property
    def runs_a_month(self) -> float:
        """How often it runs in 30 days, windows respected."""
        share = self._open_hours() / 24 if self.period == "hour" and self.every < 24 else 1.0
        return MONTH / self.seconds * share

    def slot(self, now: float) -> int:
        """When the present slot began: its name too, the same in every QGIS of this profile."""
        return int(self.since + math.floor((now - self.since) / self.seconds) * self.seconds)

    def is_open(self, now: float) -> bool:
        """Whether the hour of the day is one in which it may run."""
        hour = dt.datetime.fromtimestamp(now).hour
        if self.first_hour <= self.last_hour:
            return self.first_hour <= hour < self.last_hour
        return hour >= self.first_hour or hour < self.last_hour

    def due_at(self, now: float, *, done: bool) -> float:
        """When it runs next; `now` where it should already. `done`: the present slot was used."""
        at = self.slot(now) + self.seconds if done else now
        for _ in range(25):
            if self.is_open(at):
                return at
            at = math.floor(at / 3600) * 3600 + 3600.0
        return at

    def to_dict(self) -> Dict[str, Any]:
        """Plain JSON values, without any key: the preset leaves those out."""
        plain = {name: value for name, value in vars(self).items() if name != "preset"}
        return {**plain, "collections": list(self.collections), "preset": self.preset.to_dict()}

    def _open_hours(self) -> int:
        return (self.last_hour - self.first_hour) % 24 or 24


def watch_from(data: Mapping[str, Any]) -> Watch:
    """Read what `to_dict` wrote; unknown members are passed over. Raises PresetError."""
    known = {item.name for item in fields(Watch)}
    values = {name: value for name, value in data.items() if name in known}
    try:
        values["preset"] = from_dict(values.get("preset"), str(values.get("title")))
        values["collections"] = tuple(map(str, values.get("collections") or ()))
        watch = Watch(**values)
        if watch.kind not in KINDS or watch.period not in SECONDS or watch.every < 1:
            raise ValueError(watch.kind)
    except (TypeError, ValueError) as error:
        raise PresetError(f"A watch in this profile cannot be read: {error}.") from None
    return watch
