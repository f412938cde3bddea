"""What the Sentinel Hub persona accepts as the body of a submission: area, data sources, script."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from . import sentinelhub_data as data
from . import sentinelhub_script as script
from .sentinelhub_gate import Refusal, Violation
from .sentinelhub_settings import SentinelhubSettings

CRS = re.compile(r"http://www\.opengis\.net/def/crs/(?:OGC/1\.3/(CRS84)|EPSG/0/(\d+))")
CODES = {4326, 3857, *range(32601, 32661), *range(32701, 32761), 2154, 2180, 2193, 3003, 3004, 3005, 3006, 3031, 3035, 3161,
         3346, 3413, 3416, 3578, 3580, 3765, 3794, 3844, 3912, 3995, 4026, 5514, 28992, 32184}
DEGREE = 111_319.49
COARSEST = 1500.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Source:
    """One data source: its collection under the present name, its id, and its options."""

    collection: str
    identifier: str
    data_filter: dict[str, Any]
    processing: dict[str, Any]


@dataclass(frozen=True)
class Area:
    """Where: bounding box in the CRS, polygon in the same CRS or None; `metres` per unit of the CRS."""

    box: Box
    epsg: int
    geometry: dict[str, Any] | None = None

    @property
    def metres(self) -> float:
        """Metres per unit along a meridian."""
        return DEGREE if self.epsg == 4326 else 1.0


@dataclass
class Checker:
    """Collects what is wrong with a body."""

    strict: bool
    violations: list[Violation] = field(default_factory=list)

    def wrong(self, path: str, text: str) -> None:
        """Note one violation."""
        self.violations.append({"parameter": path, "violation": text})

    def members(self, path: str, value: dict[str, Any], known: tuple[str, ...]) -> None:
        """Note members that nobody knows."""
        for name in value:
            if self.strict and name not in known:
                self.wrong(f"{path}->{name}" if path else name, "is unknown")

    def object(self, path: str, value: Any) -> dict[str, Any]:
        """An object, empty and noted when it is something else."""
        if isinstance(value, dict):
            return value
        self.wrong(path, "must be an object" if value is not None else "is missing")
        return {}

    def refuse(self) -> None:
        """Raise Refusal when something was wrong."""
        if self.violations:
            raise Refusal(400, "COMMON_BAD_PAYLOAD", "Payload is not valid. Please see errors.", self.violations)


def area(check: Checker, bounds: dict[str, Any]) -> Area | None:
    """The area of a request; None when something is wrong with it."""
    path = "input->bounds"
    check.members(path, bounds, ("bbox", "geometry", "properties"))
    properties = check.object(f"{path}->properties", bounds.get("properties", {}))
    check.members(f"{path}->properties", properties, ("crs",))
    epsg = _epsg(check, properties.get("crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"))
    if "bbox" not in bounds and "geometry" not in bounds:
        check.wrong(path, "bbox or geometry is required")
    points = _points(check, bounds["geometry"]) if "geometry" in bounds else []
    box = _box(check, bounds["bbox"]) if "bbox" in bounds else _around(points)
    if box is None or epsg is None:
        return None
    if epsg == 4326 and (box[0] < -180 or box[2] > 180 or box[1] < -90 or box[3] > 90):
        check.wrong(f"{path}->bbox", "must be longitude -180..180 and latitude -90..90")
    return Area(box, epsg, bounds.get("geometry"))


def sources(check: Checker, items: Any, deployment: str) -> list[Source]:
    """The data sources of a request."""
    if not isinstance(items, list) or not items:
        check.wrong("input->data", "must be an array with at least one data source")
        return []
    found = [_source(check, f"input->data->{index}", item, deployment) for index, item in enumerate(items)]
    names = [source.identifier for source in found if source and source.identifier]
    if len(set(names)) < len(names):
        check.wrong("input->data", "ids must be unique")
    return [source for source in found if source]


def setup(check: Checker, text: Any, given: list[Source]) -> script.Setup | None:
    """What an inline script promises; None when it is not to be read."""
    if not isinstance(text, str) or not text.strip():
        check.wrong("evalscript", "must be a script")
        return None
    try:
        told = script.read(text)
        check_inputs(told, given)
    except ValueError as error:
        check.wrong("evalscript", str(error))
        return None
    return told


def check_inputs(told: script.Setup, given: list[Source]) -> None:
    """Raise ValueError when a script wants other data sources than those of the request."""
    if given and len(told.inputs) != len(given):
        raise ValueError(f"the script has {len(told.inputs)} inputs, the request {len(given)} data sources")
    names = {source.identifier for source in given}
    strange = [one.datasource for one in told.inputs if one.datasource and one.datasource not in names]
    if strange:
        raise ValueError(f"datasource {strange[0]} is no id of a data source")
    if any(source.collection == "sentinel-1-grd" for source in given) and told.mosaicking == "TILE":
        raise ValueError("mosaicking TILE is not supported by sentinel-1-grd")


def unknown_band(told: script.Setup, given: list[Source]) -> str:
    """The first band that its collection does not have, empty without one; found out only when the script runs."""
    by_id = {source.identifier: source for source in given}
    for one, source in zip(told.inputs, given):
        known = data.BANDS.get(by_id.get(one.datasource, source).collection)
        strange = [band for band in one.bands if known and band not in known]
        if strange:
            return strange[0]
    return ""


def too_coarse(place: Area, size: tuple[int, int], given: list[Source]) -> str:
    """What is said about pixels that are too large for a collection, empty when they are not."""
    across = max(place.box[2] - place.box[0], 0) * place.metres / size[0]
    along = (place.box[3] - place.box[1]) * place.metres / size[1]
    limited = [source.collection for source in given if source.collection.startswith("sentinel-2")]
    if limited and max(across, along) > COARSEST:
        name = "S2L2A" if limited[0].endswith("l2a") else "S2L1C"
        return f"The request has {max(across, along):.2f} meters per pixel, which exceeds the limit {COARSEST:.2f} of {name}."
    return ""


def _epsg(check: Checker, uri: Any) -> int | None:
    match = CRS.fullmatch(uri) if isinstance(uri, str) else None
    code = None if match is None else 4326 if match.group(1) else int(match.group(2))
    if code not in CODES:
        check.wrong("input->bounds->properties->crs", "is not a supported CRS URI")
        return None
    return code


def _finite(values: Any, count: int) -> bool:
    return (isinstance(values, list) and len(values) == count and not any(isinstance(one, bool) for one in values)
            and all(isinstance(one, (int, float)) and math.isfinite(one) for one in values))


def _box(check: Checker, values: Any) -> Box | None:
    if not _finite(values, 4):
        check.wrong("input->bounds->bbox", "must be four finite numbers")
        return None
    x1, y1, x2, y2 = (float(value) for value in values)
    if x1 == x2 or y1 == y2:
        check.wrong("input->bounds->bbox", "must not be empty")
        return None
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _points(check: Checker, geometry: Any) -> list[list[float]]:
    path = "input->bounds->geometry"
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        check.wrong(path, "must be a Polygon or MultiPolygon")
        return []
    check.members(path, geometry, ("type", "coordinates"))
    polygons = [geometry.get("coordinates")] if kind == "Polygon" else geometry.get("coordinates")
    try:
        rings = [ring for polygon in polygons for ring in polygon]
        whole = bool(rings) and all(polygons) and all(_finite(point, 2) for ring in rings for point in ring)
        closed = all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings)
    except (TypeError, KeyError):
        whole = closed = False
    if not whole or not closed:
        check.wrong(f"{path}->coordinates", "must be closed rings of positions of exactly two numbers" if not whole else
                    "must be closed rings of at least four positions")
        return []
    return [point for ring in rings for point in ring]


def _around(points: list[list[float]]) -> Box | None:
    if not points:
        return None
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _source(check: Checker, path: str, item: Any, deployment: str) -> Source | None:
    given = check.object(path, item)
    check.members(path, given, ("type", "id", "dataFilter", "processing"))
    collection = data.known_type(given.get("type"))
    if not collection:
        check.wrong(f"{path}->type", "is not a known collection")
        return None
    if not data.hosted(collection, deployment):
        check.wrong(f"{path}->type", f"{collection} is not available on this deployment")
        return None
    if not isinstance(given.get("id", ""), str):
        check.wrong(f"{path}->id", "must be a string")
    rules = data.family(collection, deployment)
    options = {}
    for name, known in (("dataFilter", rules.data_filter), ("processing", rules.processing)):
        options[name] = check.object(f"{path}->{name}", given.get(name, {}))
        check.members(f"{path}->{name}", options[name], tuple(known))
        for member, value in options[name].items():
            fault = data.broken(known[member], value) if member in known else ""
            if fault:
                check.wrong(f"{path}->{name}->{member}", fault)
    if options["processing"].get("backCoeff") == "GAMMA0_TERRAIN" and options["processing"].get("orthorectify") is not True:
        check.wrong(f"{path}->processing->backCoeff", "GAMMA0_TERRAIN requires orthorectify")
    return Source(collection, str(given.get("id", "")), options["dataFilter"], options["processing"])


def forbidden(given: list[Source], settings: SentinelhubSettings) -> bool:
    """True when a collection is closed to the account."""
    return any(source.collection in settings.forbidden_types for source in given)
