"""What SateAIs can be asked for: its tasks, their inputs and what they accept as area."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Optional, Tuple

from .fields import Field, Kind, ShownIf
from .operation import AoiRule, Needs, Operation, Pace

TITLE = "SateAIs"

_SCENE = re.compile(r"S1[A-D]_(IW|EW|S[1-6])_GRD[FHM]_1S(SH|SV|DH|DV)_\d{8}T\d{6}_\d{8}T\d{6}_\d{6}_[0-9A-F]{6}_[0-9A-F]{4}")


def scene_name(text: str) -> str:
    """A product name without the endings that file names have."""
    return re.sub(r"(\.(SAFE|ZIP))+$", "", text.strip().rstrip("/").upper())


def _scene_complaint(text: str) -> Optional[str]:
    if _SCENE.fullmatch(scene_name(text)):
        return None
    if re.search("_(SLC|OCN|RAW)_", scene_name(text)):
        return "The scene is not a GRD product. Choose the Sentinel-1 product of type GRD for the same pass."
    return f"“{text}” is not the name of a Sentinel-1 GRD product, such as S1A_IW_GRDH_1SDV_20260504T081500_…_9C1D."


_NO_SCENE = ShownIf("scene_id", ())
_ORBIT = Field("orbit_direction", "Orbit direction", Kind.CHOICE, "",
               choices=(("", "Any"), ("ascending", "Ascending"), ("descending", "Descending")),
               help="Ascending passes look east in the evening, descending ones west in the morning.")  # fmt: skip
_UTC = "Days are in UTC."

_SCENE_FIELDS = (
    Field("scene_id", "Scene ID", check=_scene_complaint, placeholder="S1A_IW_GRDH_1SDV_…",
          help="Name of a Sentinel-1 GRD product. The whole scene is analysed, which costs more than an area."),
    Field("date", "Date", Kind.DATE, required=True, shown_if=_NO_SCENE,
          help=f"The scene is looked for within 14 days of this day. {_UTC}"),
    Field("date_direction", "Search direction", Kind.CHOICE, "nearest", shown_if=_NO_SCENE,
          choices=(("nearest", "Nearest"), ("before", "Before"), ("after", "After")), help="On which side of the date the scene may lie."),
    replace(_ORBIT, shown_if=_NO_SCENE),
)  # fmt: skip


def _range_fields(start: str, end: str) -> Tuple[Field, ...]:
    return (
        Field("date_start", "Start date", Kind.DATE, required=True, help=f"{start} {_UTC}"),
        Field("date_end", "End date", Kind.DATE, required=True, help=f"{end} {_UTC}"),
        _ORBIT,
    )


def _pace(first_minutes: float) -> Pace:
    return Pace(first=first_minutes * 60, steps=((0.0, 60.0), (2 * 3600.0, 300.0)), jitter=0.1, patience=24 * 3600.0)


def _area(most_km2: Optional[float] = None, replaced_by: str = "") -> AoiRule:
    return AoiRule(Needs.OPTIONAL if replaced_by else Needs.REQUIRED, 1, False, most_km2, most_vertices=1000, replaced_by=replaced_by)


_BEFORE_AFTER = _range_fields("A scene near this day shows the earlier state.", "A scene near this day shows the later state.")
_SERIES = _range_fields("First day of the series.", "Last day of the series, at most 3 years after the first.")

OPERATIONS = (
    Operation("ship", "Ships", "Finds ships in a Sentinel-1 scene.", _SCENE_FIELDS, _area(replaced_by="scene_id"),
              style="ship", icon="ship", minutes=(15, 30), pace=_pace(5)),
    Operation("oilslick", "Oil Slicks", "Outlines oil on the sea surface in a Sentinel-1 scene.", _SCENE_FIELDS,
              _area(replaced_by="scene_id"), style="oilslick", icon="oilslick", minutes=(50, 50), pace=_pace(10)),
    Operation("newbuilding", "New Buildings", "Outlines buildings that appeared between two dates.", _BEFORE_AFTER,
              _area(30_000), style="newbuilding", icon="building_new", minutes=(1, 40), pace=_pace(5)),
    Operation("disappearbuilding", "Vanished Buildings", "Outlines buildings that vanished between two dates.", _BEFORE_AFTER,
              _area(30_000), style="disappearbuilding", icon="building_gone", pace=_pace(5)),
    Operation("timeseries", "Ground Change Over Time", "Shows where and when the ground changed, in cells of about 50 m.", _SERIES,
              _area(50), style="timeseries", icon="timeseries", minutes=(1, 15), pace=_pace(2)),
)  # fmt: skip
