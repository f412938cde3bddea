"""What the SateAIs persona accepts: strict checks of a submission."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from .. import geometry
from . import sateais_scenes as scenes
from .sateais_settings import AREA_CAPS, PAIR_TYPES, SCENE_TYPES, SateaisSettings

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DIRECTIONS = ("before", "after", "nearest")
ORBITS = ("ascending", "descending")
COMMON = {"satellite_id", "polygon", "orbit_direction"}
FIELDS = {True: COMMON | {"scene_id", "date", "date_direction"}, False: COMMON | {"date_start", "date_end"}}
LONGEST_SERIES_YEARS = 3


class Refusal(Exception):
    """A request refused at once, with the answer's status and the documented code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Order:
    """A submission that passed all checks. `ring` is the outline to be analysed, before clipping to scenes."""

    kind: str
    body: dict[str, Any]
    ring: geometry.Ring
    area_sqkm: float
    shortage: str

    @property
    def whole_scene(self) -> bool:
        """True when a scene was named instead of a polygon."""
        return "scene_id" in self.body


def check(kind: str, body: Any, settings: SateaisSettings, today: date) -> Order:
    """Check a submission; raises Refusal. A shortage of scenes is told in the order, not raised."""
    if not isinstance(body, dict):
        raise invalid("request body must be a JSON object")
    _check_fields(kind, body, settings)
    if kind in SCENE_TYPES and "scene_id" in body:
        _check_scene(body)
        ring = scenes.footprint(body["scene_id"])
    else:
        ring = _checked_polygon(kind, body, settings)
    shortage = _shortage(kind, body, today)
    return Order(kind, body, ring, geometry.area_sqkm(ring),
                 _forced_shortage(kind) if settings.scene_shortage else shortage)


def invalid(message: str) -> Refusal:
    """A refusal for a rule broken by the request."""
    return Refusal(400, "VALIDATION_ERROR", message)


def _check_fields(kind: str, body: dict[str, Any], settings: SateaisSettings) -> None:
    unknown = set(body) - FIELDS[kind in SCENE_TYPES]
    if unknown and settings.strict_fields:
        raise invalid(f"unknown field for {kind}: {', '.join(sorted(unknown))}")
    for name, value in body.items():
        if name not in unknown and not isinstance(value, str):
            raise invalid(f"{name} must be a string")
    if body.get("satellite_id") != "sentinel-1":
        raise invalid("satellite_id must be sentinel-1")
    _check_choice(body, "orbit_direction", ORBITS)
    _check_choice(body, "date_direction", DIRECTIONS)


def _check_choice(body: dict[str, Any], name: str, allowed: Any) -> None:
    if name in body and body[name] not in allowed:
        raise invalid(f"{name} must be one of {', '.join(allowed)}")


def _check_scene(body: dict[str, Any]) -> None:
    extra = set(body) & {"polygon", "date", "date_direction", "orbit_direction"}
    if extra:
        raise invalid(f"scene_id excludes {', '.join(sorted(extra))}")
    if not scenes.is_grd(body["scene_id"]):
        raise Refusal(400, "INVALID_SCENE", "scene_id is not a Sentinel-1 GRD product name")


def _checked_polygon(kind: str, body: dict[str, Any], settings: SateaisSettings) -> geometry.Ring:
    if "polygon" not in body:
        raise invalid("scene_id or polygon is required" if kind in SCENE_TYPES else "polygon is required")
    try:
        rings = geometry.parse_polygon(body["polygon"])
    except ValueError as error:
        raise invalid(str(error)) from error
    if len(rings) > 1 and not settings.allow_holes:
        raise invalid("polygon must not have holes")
    area = geometry.area_sqkm(rings[0])
    if area <= 0 or geometry.crosses_itself(rings[0]):
        raise invalid("polygon must enclose an area and must not cross itself")
    cap = AREA_CAPS.get(kind)
    if cap is not None and area > cap:
        raise invalid(f"polygon area {area:.2f} km2 exceeds the limit of {cap:.0f} km2 for {kind}")
    return rings[0]


def _day(body: dict[str, Any], name: str, today: date) -> date:
    text = body.get(name)
    if text is None:
        raise invalid(f"{name} is required")
    try:
        day = date(*map(int, text.split("-"))) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise invalid(f"{name} must be a date in the form YYYY-MM-DD")
    if day > today:
        raise invalid(f"{name} must not be in the future")
    return day


def _shortage(kind: str, body: dict[str, Any], today: date) -> str:
    orbit: str | None = body.get("orbit_direction")
    if "scene_id" in body and kind in SCENE_TYPES:
        return ""
    if kind in SCENE_TYPES:
        found = scenes.near(_day(body, "date", today), body.get("date_direction", "nearest"), orbit, today)
        return "" if found else "SCENE_NOT_FOUND"
    start, end = _day(body, "date_start", today), _day(body, "date_end", today)
    if start >= end:
        raise invalid("date_start must be before date_end")
    if kind in PAIR_TYPES:
        pair = {scenes.near(day, "nearest", orbit, today) for day in (start, end)} - {None}
        return "" if len(pair) == 2 else "INSUFFICIENT_SCENES"
    if end > _years_later(start, LONGEST_SERIES_YEARS):
        raise invalid("date_end must be at most 3 years after date_start")
    return "" if len(scenes.passes(start, end, orbit, today)) >= 2 else "INSUFFICIENT_SCENES"


def _years_later(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


def _forced_shortage(kind: str) -> str:
    return "SCENE_NOT_FOUND" if kind in SCENE_TYPES else "INSUFFICIENT_SCENES"
