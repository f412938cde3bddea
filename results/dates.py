"""The days a request is about, as times and in words. All days and times are UTC."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, List, Mapping, Optional, Tuple

from ..jobs.job import Job

SEARCHED = dt.timedelta(days=14)  # around a date for which the service looks for a scene itself
_SCENE_TIME = re.compile(r"(?<!\d)(\d{8})(?:T(\d{6}))?(?!\d)")
_FILE_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_]?)([01]\d)\2([0-3]\d)(?!\d)")
_IMAGES = ("image", "before", "after")  # inputs of what is computed here
_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(milliseconds=1)


def time_range(values: Mapping[str, Any]) -> Optional[Tuple[dt.datetime, dt.datetime]]:
    """First and last moment (UTC) that the result of these values can show; None when they name no day."""
    first, last = _day(values.get("date_start")), _day(values.get("date_end"))
    if first and last:
        return min(first, last), max(first, last) + _DAY - _TICK
    times = scene_times(values)
    if times:
        return min(times), max(times)
    day = _day(values.get("date"))
    if not day:
        return None
    direction = values.get("date_direction")
    before = SEARCHED if direction in ("before", "nearest") else dt.timedelta()
    after = SEARCHED if direction in ("after", "nearest") else dt.timedelta()
    return day - before, day + after + _DAY - _TICK


def range_of(job: Job) -> Optional[Tuple[dt.datetime, dt.datetime]]:
    """The time of a job's result (UTC). A member of a series that asks for one day shows that day, so that one follows the other."""
    day = _day(job.member) if re.fullmatch(r"\d{4}-\d\d-\d\d", job.member) else None
    return (day, day + _DAY - _TICK) if day else time_range(job.request.get("values") or {})


def dates_in_words(values: Mapping[str, Any]) -> str:
    """“2026-11-18”, “2026-01-01 – 2026-11-18”, the day of the scene, or ""."""
    first, last = values.get("date_start"), values.get("date_end")
    if first and last:
        return f"{first} – {last}"
    days = sorted({time.date().isoformat() for time in scene_times(values)})
    if days:
        return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    return str(values.get("date") or "")


def about(values: Mapping[str, Any]) -> str:
    """What tells results of one task apart: the days, else the images."""
    return dates_in_words(values) or " – ".join(name.rpartition(".")[0] or name for name in images(values))


def scene_times(values: Mapping[str, Any]) -> List[dt.datetime]:
    """When the named scenes or images were taken, where their names tell."""
    found = (_SCENE_TIME.search(name) for name in scenes(values))
    days = (_day("-".join(match.group(1, 3, 4))) for match in map(_FILE_DAY.search, images(values)) if match)
    return [time for time in (*map(_moment, found), *days) if time]


def images(values: Mapping[str, Any]) -> List[str]:
    """The file names of the images that are computed with; of several that count as one, the first."""
    named = [str(values[name]).partition(";")[0].partition("?")[0].strip() for name in _IMAGES if values.get(name)]
    return [re.split(r"[/\\]", name)[-1] for name in named]


def scenes(values: Mapping[str, Any]) -> List[str]:
    """The scenes a request names."""
    named = values.get("scene_ids") or values.get("scene_id") or ()
    return [part.strip() for part in named.split(",")] if isinstance(named, str) else [str(part) for part in named]


def _day(text: Any) -> Optional[dt.datetime]:
    try:
        return dt.datetime.fromisoformat(str(text)[:10]).replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return None


def _moment(match: Optional[re.Match[str]]) -> Optional[dt.datetime]:
    if not match:
        return None
    try:
        return dt.datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return None
