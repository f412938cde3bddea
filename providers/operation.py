"""An operation as data: what it asks for, what it accepts as area, what it gives, how it is followed.

One declaration makes the dock's form, its checks, the toolbox algorithm, the preset's schema, the docs and the contract tests.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

from ..aoi import Aoi, from_geojson
from .fields import Field


class Needs(enum.Enum):
    """Whether an operation takes an area."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True)
class AoiRule:
    """What an operation accepts as area.

    `replaced_by` names a field that stands in for the area: once it is filled, no area is sent. Areas in km², `most_parts` None: any.
    """

    needs: Needs = Needs.REQUIRED
    most_parts: Optional[int] = 1
    holes: bool = True
    most_km2: Optional[float] = None
    most_vertices: Optional[int] = None
    replaced_by: str = ""


@dataclass(frozen=True)
class Pace:
    """When to ask for a job's state: seconds after submission, in steps of (age in s, interval in s), the last step for ever.

    `jitter` is the largest fraction that is added to an interval by chance, `patience` the age in s after which asking stops.
    """

    first: float
    steps: Tuple[Tuple[float, float], ...] = ((0.0, 60.0),)
    jitter: float = 0.1
    patience: float = 24 * 3600.0

    def interval(self, age: float) -> float:
        """Seconds between two questions at this age, without jitter."""
        return next(interval for start, interval in reversed(self.steps) if age >= start)


class Result(enum.Enum):
    """What an operation delivers."""

    VECTOR = "vector"  # GeoJSON, EPSG:4326
    RASTER = "raster"  # COG or GeoTIFF


@dataclass(frozen=True)
class Operation:
    """One task of a service. `minutes` is the usual run time (from, to), `style` names how its results are drawn, `icon` its picture."""

    key: str
    title: str
    summary: str
    fields: Tuple[Field, ...] = ()
    aoi: AoiRule = AoiRule()
    result: Result = Result.VECTOR
    style: str = ""
    icon: str = ""
    minutes: Optional[Tuple[float, float]] = None
    pace: Pace = Pace(first=5.0)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Request:
    """What a person asks for: an operation, its values, an area. `tag` is unique to the job, for services that let jobs be labelled."""

    operation: str
    values: Mapping[str, Any] = field(default_factory=dict)
    aoi: Optional[Aoi] = None
    tag: str = ""

    def to_dict(self) -> Dict[str, Any]:
        area = None if self.aoi is None else self.aoi.geojson()
        return {"operation": self.operation, "values": dict(self.values), "aoi": area, "tag": self.tag}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Request:
        area = data.get("aoi")
        aoi = from_geojson(area) if area else None
        return Request(str(data["operation"]), dict(data.get("values") or {}), aoi, str(data.get("tag") or ""))
