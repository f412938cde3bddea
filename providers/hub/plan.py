"""A request, thought through: script, pixels, data sources, outputs. Everything that would be refused is found here, without any call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...aoi import Aoi
from ...aoi_repairs import simplify
from ...evalscripts import library
from ...evalscripts.reader import ScriptError, Setup, Unreadable, read
from .. import pixel_grid
from ..base import Problem, Repair, Severity
from ..fields import parse_all
from ..operation import Request
from ..pixel_grid import Grid, GridError, Window
from . import sources
from .account import Deployment
from .form import FIELDS, FORMATS, LARGEST
from .sources import Source, with_values

MOST_TILES = 100
MOST_CORNERS = 1000  # of an outline that is sent
INLINE = 200_000  # bytes of a script; a longer one is put into the bucket
ENDINGS = {"image/tiff": "tif", "image/png": "png", "image/jpeg": "jpg", "application/json": "json"}
NOTES = "userdata"
_USED_AREA = 0.25  # of the rectangle around parts that lie apart, below which it is remarked on


@dataclass
class Plan:
    """`script` is the text, or the address of one in a bucket; `setup` None when it cannot be read; `grid` is the tile's own."""

    values: Dict[str, Any]
    script: str = ""
    setup: Optional[Setup] = None
    sources: Tuple[Source, ...] = ()
    whole: Optional[Grid] = None
    grid: Optional[Grid] = None
    geometry: Optional[Dict[str, Any]] = None
    responses: List[Dict[str, Any]] = field(default_factory=list)
    problems: List[Problem] = field(default_factory=list)

    @property
    def by_reference(self) -> bool:
        """Whether the script lies in a bucket already."""
        return self.script.startswith(("s3://", "gs://"))

    @property
    def is_long(self) -> bool:
        """Whether the script is to be put into the bucket."""
        return len(self.script.encode()) > INLINE

    @property
    def files(self) -> Tuple[str, ...]:
        """Names of the objects that the service delivers."""
        return tuple(f"{item['identifier']}.{ENDINGS[item['format']['type']]}" for item in self.responses)

    def wrong(self, code: str, message: str, name: str = "", repair: Optional[Repair] = None) -> None:
        self.problems.append(Problem(code, message, field=name, repair=repair))

    def doubt(self, code: str, message: str, name: str = "", repair: Optional[Repair] = None) -> None:
        self.problems.append(Problem(code, message, Severity.WARNING, name, repair))


def plan_of(request: Request, deployment: Deployment) -> Plan:
    """The plan, with its problems. Fields and area must have been checked."""
    values, _ = parse_all(FIELDS, request.values)
    plan = Plan(values)
    _read_script(plan)
    plan.sources = sources.of(plan.values, plan.setup, deployment, plan.problems)
    _choose_responses(plan)
    _check_days(plan)
    if request.aoi is not None and request.aoi.polygons:
        _lay_out(plan, request.aoi)
    return plan


def tiles_of(request: Request, plan: Plan) -> Tuple[Request, ...]:
    """One request for each tile that has something of the area in it."""
    whole = plan.whole
    if whole is None or request.aoi is None or "tile" in plan.values:
        return (request,)
    windows = pixel_grid.tiles(whole, LARGEST)
    if not 1 < len(windows) <= MOST_TILES:
        return (request,)
    shape = pixel_grid.outline(_sent(request.aoi), whole.crs)
    used = [window for window in windows if pixel_grid.within(shape, whole.window(*window).box)]
    return tuple(with_values(request, split=True, tile=",".join(map(str, window))) for window in used)


def _read_script(plan: Plan) -> None:
    text = str(plan.values.get("evalscript", ""))
    entry = library.find(text) if len(text) < 60 else None
    plan.script = entry.script if entry else text.strip() if text.strip().startswith(("s3://", "gs://")) else text
    if plan.by_reference:
        return
    try:
        plan.setup = read(plan.script)
    except Unreadable as error:
        plan.doubt("script_unreadable", str(error), "evalscript")
    except ScriptError as error:
        known = "" if "\n" in text.strip() or len(text) > 60 else f" The library has {', '.join(item.key for item in library.ENTRIES)}."
        plan.wrong("script", f"{error}{known}", "evalscript")


def _choose_responses(plan: Plan) -> None:
    """One response for each output, or those that are asked for; notes where the script makes some."""
    media_type = FORMATS[plan.values["format"]]
    outputs = {output.name: output for output in plan.setup.outputs} if plan.setup else {}
    known = [*outputs, *([NOTES] if plan.setup and plan.setup.notes else [])] if plan.setup else ["default"]
    wanted = list(plan.values.get("responses") or known)
    for name in dict.fromkeys(wanted):
        if plan.setup and name not in known:
            plan.wrong("output", f"The script has no output “{name}”, only {', '.join(known)}.", "responses")
            continue
        kind: Dict[str, Any] = {"type": "application/json" if name == NOTES else media_type}
        if media_type == "image/jpeg" and name != NOTES and "quality" in plan.values:
            kind["quality"] = plan.values["quality"]
        plan.responses.append({"identifier": name, "format": kind})
        if name in outputs:
            _check_format(plan, name)


def _check_format(plan: Plan, name: str) -> None:
    output = next(item for item in plan.setup.outputs if item.name == name) if plan.setup else None
    chosen = plan.values["format"]
    if output is None or chosen == "tiff":
        return
    cure = Repair("Deliver as GeoTIFF", lambda request: (with_values(request, format="tiff"),))
    deep = output.sample_type not in ("UINT8", "AUTO", "UINT16") or (chosen == "jpeg" and output.sample_type == "UINT16")
    if deep:
        plan.wrong("format", f"{chosen.upper()} cannot hold the {output.sample_type} values of the output “{name}”.", "format", cure)
    elif output.bands not in ((1, 3) if chosen == "jpeg" else (1, 3, 4)):
        plan.wrong("format", f"{chosen.upper()} cannot hold the {output.bands} bands of the output “{name}”.", "format", cure)


def _check_days(plan: Plan) -> None:
    start, end = plan.values.get("date_start"), plan.values.get("date_end")
    if plan.sources and all(source.collection.timeless for source in plan.sources):
        return
    for name, day in (("date_start", start), ("date_end", end)):
        if not day:
            plan.wrong("date", f"{'Start' if name == 'date_start' else 'End'} date is missing.", name)
    if start and end and start > end:
        swap = Repair("Swap the Dates", lambda request: (with_values(request, date_start=end, date_end=start),))
        plan.wrong("date_order", "The start date lies after the end date.", "date_start", swap)
    elif start and start > dt.datetime.now(dt.timezone.utc).date().isoformat():
        plan.wrong("future", "Start date lies in the future.", "date_start")


def _lay_out(plan: Plan, aoi: Aoi) -> None:
    west, _, east, _ = aoi.bounds
    if east - west > 180:
        sides = Repair("Send One Job for Each Side of the 180° Meridian", _each_side)
        plan.wrong("antimeridian", "The area lies on both sides of the 180° meridian, which one request cannot.", "", sides)
        return
    sent = _sent(aoi)
    if sent is not aoi:
        plan.doubt("simplified", f"The outline has {aoi.vertices:,} corners; a simpler one of {sent.vertices:,} is sent.")
    try:
        crs = pixel_grid.crs_name(plan.values["crs"]) if plan.values.get("crs") else pixel_grid.crs_of(aoi)
        plan.whole = _grid(plan, aoi, crs)
        plan.grid = _window(plan, plan.whole)
        if plan.values["clip"]:
            plan.geometry = _geometry(sent, plan.grid, whole=plan.grid is plan.whole)
        _check_pixels(plan, aoi)
    except GridError as error:
        plan.wrong("grid", str(error), "crs")


def _grid(plan: Plan, aoi: Aoi, crs: str) -> Grid:
    width, height = plan.values.get("width"), plan.values.get("height")
    if (width is None) != (height is None):
        plan.wrong("size", "Give width and height together, or neither.", "height" if height is None else "width")
    if width is not None and height is not None:
        return pixel_grid.exact_grid(aoi, crs, width, height)
    return pixel_grid.grid_of(aoi, crs, plan.values.get("resolution") or 10.0)


def _window(plan: Plan, whole: Grid) -> Grid:
    if "tile" not in plan.values:
        return whole
    window = read_tile(plan.values["tile"])
    if window is None or min(window[2:]) < 1 or window[0] + window[2] > whole.width or window[1] + window[3] > whole.height:
        plan.wrong("tile", f"“{plan.values['tile']}” is no window of the {whole.width} × {whole.height} pixels.", "tile")
        return whole
    return whole.window(*window)


def read_tile(text: str) -> Optional[Window]:
    """The window that the field “tile” names, None when it names none."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        return None
    x, y, width, height = map(int, parts)
    return x, y, width, height


def _geometry(aoi: Aoi, grid: Grid, *, whole: bool) -> Dict[str, Any]:
    shape = pixel_grid.outline(aoi, grid.crs)
    if not whole:
        shape = pixel_grid.within(shape, grid.box) or shape
    coordinates = [[[list(point) for point in ring] for ring in polygon] for polygon in shape]
    single = len(coordinates) == 1
    return {"type": "Polygon" if single else "MultiPolygon", "coordinates": coordinates[0] if single else coordinates}


def _check_pixels(plan: Plan, aoi: Aoi) -> None:
    grid = plan.grid
    if grid is None or plan.whole is None:
        return
    if max(grid.width, grid.height) > LARGEST:
        count = len(pixel_grid.tiles(grid, LARGEST))
        text = f"The area has {grid.width:,} × {grid.height:,} pixels, but a side may have at most {LARGEST:,} pixels."
        split = Repair(f"Split Into Up to {count} Jobs", lambda request: (with_values(request, split=True),))
        cure = split if count <= MOST_TILES else None
        advice = "" if cure else f" It would take {count:,} jobs; choose a smaller area or coarser pixels."
        plan.wrong("too_large", f"{text}{advice}", "" if cure else "resolution", cure)
        return
    if "tile" in plan.values and plan.values["format"] != "tiff":
        cure = Repair("Deliver as GeoTIFF", lambda request: (with_values(request, format="tiff"),))
        text = "The tiles cannot be joined into one layer, for PNG and JPEG do not tell where they lie."
        plan.doubt("tile_format", text, "format", cure)
    across, along = pixel_grid.ground_size(grid)
    if max(across, along) > sources.COARSEST and any(source.collection.is_sentinel_2 for source in plan.sources):
        text = f"Pixels of {max(across, along):,.0f} m are coarser than the {sources.COARSEST:,.0f} m that Sentinel-2 allows."
        plan.wrong("too_coarse", text, "resolution")
    wanted = plan.values.get("resolution")
    if wanted and "width" not in plan.values and max(abs(across / wanted - 1), abs(along / wanted - 1)) > pixel_grid.NEAR_ONE:
        text = f"Pixels have {across:.4g} × {along:.4g} m on the ground, for the area lies far from the middle of its CRS."
        plan.doubt("distorted", text, "crs")
    if len(aoi.polygons) > 1 and "tile" not in plan.values:
        _check_spread(plan, aoi)


def _check_spread(plan: Plan, aoi: Aoi) -> None:
    """The whole rectangle is charged, however little of it the parts fill."""
    boxes = [part.bounds for part in aoi.parts()]
    west, south, east, north = aoi.bounds
    used = sum((box[2] - box[0]) * (box[3] - box[1]) for box in boxes) / max((east - west) * (north - south), 1e-12)
    if used < _USED_AREA:
        label = f"Send {len(boxes)} Jobs, One for Each Part"
        cure = Repair(label, lambda request: tuple(replace(request, aoi=part) for part in aoi.parts()))
        text = f"The parts fill only {100 * used:.0f} % of the rectangle around them, and all of it is charged."
        plan.doubt("apart", f"{text} Sent as several jobs, each is charged by itself.", "", cure)


def _sent(aoi: Aoi) -> Aoi:
    return aoi if aoi.vertices <= MOST_CORNERS else simplify(aoi, MOST_CORNERS)


def _each_side(request: Request) -> Tuple[Request, ...]:
    parts = request.aoi.parts() if request.aoi else ()
    sides = [tuple(p.polygons[0] for p in parts if (p.bounds[0] + p.bounds[2] < 0) is west) for west in (True, False)]
    return tuple(replace(request, aoi=Aoi(side)) for side in sides if side)


def body_of(plan: Plan, delivery: Mapping[str, Any], reference: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """The request's JSON. `reference` names the script's place where it is not sent itself."""
    grid = plan.grid
    if grid is None:
        raise GridError("The request has no pixels.")
    bounds: Dict[str, Any] = {"bbox": [_plain(value) for value in grid.box]}
    if plan.geometry is not None:
        bounds["geometry"] = plan.geometry
    bounds["properties"] = {"crs": pixel_grid.crs_uri(grid.crs)}
    output = {"width": grid.width, "height": grid.height, "responses": plan.responses, "delivery": dict(delivery)}
    script: Dict[str, Any] = {"evalscript": plan.script} if reference is None else {"evalscriptReference": dict(reference)}
    return {"input": {"bounds": bounds, "data": [source.told() for source in plan.sources]}, "output": output, **script}


def _plain(value: float) -> float:
    rounded = round(value, 9)
    return int(rounded) if rounded == int(rounded) else rounded
