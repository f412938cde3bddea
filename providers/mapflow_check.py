"""What Mapflow would refuse, found in a request and in what is known of the account. Pure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from .. import aoi as areas
from ..aoi import Aoi, AoiError
from ..aoi_repairs import split
from .base import Account, Problem, Repair, Severity, with_aoi
from .checks import MOST_PIECES, NEAR_LIMIT, check_request, holds_key
from .fields import parse_all
from .mapflow_ask import Known, is_id, logins, source_kind, unknown_blocks
from .mapflow_read import matching
from .mapflow_tasks import FIELDS
from .operation import Operation, Request

# what the service's own models accept; it decides itself, so these are only warnings
_ZOOMS = (("aerial", 19, 21), ("forest", 18, 20), ("crown", 19, 20), ("road", 17, 18), ("construction", 17, 18), ("building", 17, 19),
          ("solar", 19, 21), ("pool", 19, 20))  # fmt: skip
_HOLDERS = {"QUADKEY": ("{q}",), "XYZ": ("{x}", "{y}", "{z}"), "TMS": ("{x}", "{y}", "{z}")}
_META = "Metadata must be a flat JSON object of texts, such as {\"client\": \"Harbour\"}."
_NAMED = 6  # names listed in a sentence


def find(operation: Operation, request: Request, known: Known, account: Account) -> Tuple[Problem, ...]:
    """All problems, those of the inputs first."""
    found = list(check_request(operation, request))
    values, _ = parse_all(FIELDS, request.values)
    found += [*_source(values, account), *_objects(values), *_names(values, known)]
    if request.aoi is not None and not any(problem.code not in ("parts", "field") and not problem.field for problem in found):
        found += _size(request.aoi, values, known)
    return (*found, *_zoom(values, known))


def _source(values: Mapping[str, Any], account: Account) -> Iterator[Problem]:
    kind, url = source_kind(values), values.get("source_url", "")
    others = [name for name in ("source", "image_ids", "mosaic_id") if name in values]
    if kind == "userDefined":
        if others:
            yield Problem("sources", "Give either a tile address or other imagery, not both.", field="source_url")
        yield from _address(values, url, account)
    elif "source" in values and "mosaic_id" in values:
        yield Problem("sources", "A mosaic is your own imagery: give either a provider or a mosaic, not both.", field="mosaic_id")
    elif "image_ids" in values and "mosaic_id" in values:
        text = "Images and a mosaic are given; only the images are used."
        yield Problem("sources", text, Severity.WARNING, "mosaic_id")
    if kind == "myImagery" and "zoom" in values:
        yield Problem("zoom", "A zoom has no meaning for your own imagery and is not sent.", Severity.WARNING, "zoom")


def _address(values: Mapping[str, Any], url: str, account: Account) -> Iterator[Problem]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        yield Problem("address", "The tile address must begin with https:// or http:// and name a server.", field="source_url")
        return
    missing = [holder for holder in _HOLDERS.get(values.get("source_type", "XYZ"), ()) if holder not in url]
    if missing:
        yield Problem("address", f"The tile address lacks {' and '.join(missing)}.", field="source_url")
    if parts.username or parts.password:
        yield Problem("address", "Put the login of the tile server into the account’s settings, not into its address.", field="source_url")
    elif holds_key(url):
        text = "The tile address seems to hold a key. It will be kept in the job list, and Mapflow will see it."
        yield Problem("address", text, Severity.WARNING, "source_url")
    if logins(values, account):
        text = "The login of the tile server is sent to Mapflow, which keeps it with the processing."
        yield Problem("login", text, Severity.WARNING, "source_url")


def _objects(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(values.get("inference_params", {}), Mapping):
        yield Problem("object", "Model parameters must be a JSON object, such as {\"threshold\": 0.5}.", field="inference_params")
    meta = values.get("meta", {})
    if not isinstance(meta, Mapping) or any(isinstance(value, (Mapping, list)) or value is None for value in meta.values()):
        yield Problem("object", _META, field="meta")


def _names(values: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    """Names that the account does not know. What was not asked yet is not judged."""
    wanted, model = values.get("model", ""), known.model(values.get("model", ""))
    if wanted and known.models and model is None and not is_id(wanted):
        several = matching(wanted, known.models, "name")
        text = f"Several models are called “{wanted}”; give the id of one." if several else (
            f"Mapflow offers this account no model “{wanted}”, but {_listed([item.name for item in known.models])}.")  # fmt: skip
        yield Problem("model", text, field="model")
    strange = unknown_blocks(values.get("blocks", ()), model) if model is not None and model.blocks else []
    if model is not None and strange:
        has = _listed([block.name for block in model.options]) if model.options else "none"
        yield Problem("blocks", f"{model.name} has no option “{strange[0]}”; its options are {has}.", field="blocks")
    if known.project is not None and not known.project.may_run:
        text = f"Your role in the project “{known.project.name}” is “{known.project.role}”; it may not allow to run jobs there."
        yield Problem("role", text, Severity.WARNING, "project")
    kind, source = source_kind(values), values.get("source", "")
    if kind == "dataProvider" and not source and known.plan is not None and not known.plan.sources:
        yield Problem("source", "Mapflow does not tell which imagery this account may use; name a provider.", field="source")
    listed = () if known.plan is None else known.plan.searched if kind == "imagerySearch" else known.plan.sources
    if source and listed and known.source(source, kind == "imagerySearch") is None:
        text = f"“{source}” is not among the imagery of this account ({_listed([item.name for item in listed])}); it may be refused."
        yield Problem("source", text, Severity.WARNING, "source")


def _size(aoi: Aoi, values: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    limit = known.project.most_km2 if known.project is not None else None
    total, boxes = aoi.area_km2, max(areas.envelope(part).area_km2 for part in aoi.parts())
    if limit and max(total, boxes) > limit:
        what = f"The area has {total:,.2f} km²" if total > limit else f"The box around a part of the area has {boxes:,.2f} km²"
        text = f"{what}, but this account may process at most {limit:,.6g} km² at once, measured by the box around each part."
        repair = Repair("Split Into Several Jobs", lambda request: _split(request, limit * NEAR_LIMIT, known))
        yield Problem("too_large", text, repair=repair if max(total, boxes) <= limit * MOST_PIECES else None)
    kind = source_kind(values)
    source = known.source(values.get("source", ""), kind == "imagerySearch") if kind in ("dataProvider", "imagerySearch") else None
    if source is not None and total < source.least_km2:
        text = f"The area has {total:,.2f} km²; {source.label} sells at least {source.least_km2:,.6g} km²."
        yield Problem("too_small", text)


def _zoom(values: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    model = known.model(values.get("model", ""))
    name = (model.name if model is not None else str(values.get("model", ""))).lower()
    low, high = next(((low, high) for word, low, high in _ZOOMS if word in name and "+" not in name), (0, 22))
    if "zoom" in values and not low <= values["zoom"] <= high and source_kind(values) != "myImagery":
        text = f"This model usually takes zooms from {low} to {high}; the processing may fail with {values['zoom']}."
        yield Problem("zoom", text, Severity.WARNING, "zoom")


def _split(request: Request, most_km2: float, known: Known) -> Tuple[Request, ...]:
    """Jobs of as many parts as fit into one; parts that are too large are cut, and each piece is a job, for neighbours touch each other."""
    most_parts = known.plan.most_parts if known.plan is not None else 1
    groups: List[List[Aoi]] = []
    pieces: List[Aoi] = []
    for part in (request.aoi or Aoi(())).parts():
        cut = _cut(part, most_km2)
        if len(cut) > 1:
            pieces += cut
        elif groups and len(groups[-1]) < most_parts and sum(other.area_km2 for other in (*groups[-1], part)) <= most_km2:
            groups[-1].append(part)
        else:
            groups.append([part])
    whole = [Aoi(tuple(part.polygons[0] for part in group)) for group in groups]
    return tuple(with_aoi(request, aoi) for aoi in (*whole, *pieces))


def _cut(part: Aoi, most_km2: float, depth: int = 6) -> Sequence[Aoi]:
    """Pieces whose boxes are small enough."""
    around = areas.envelope(part).area_km2
    if around <= most_km2 or not depth:
        return (part,)
    try:
        pieces = split(part, part.area_km2 / math.ceil(around / most_km2) * 1.001)
    except AoiError:
        return (part,)
    return [smaller for piece in pieces for smaller in _cut(piece, most_km2, depth - 1)]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def for_parts(operation: Operation, known: Known) -> Operation:
    """The operation with the number of polygons that the account allows in one processing."""
    if known.plan is None:
        return operation
    return replace(operation, aoi=replace(operation.aoi, most_parts=known.plan.most_parts))


def refusals(problems: Sequence[Problem]) -> Tuple[str, ...]:
    """The sentences of those that stop a request."""
    return tuple(problem.message for problem in problems if problem.severity is Severity.ERROR)


def choice_label(name: str, price: Optional[float], unit: str = "credits/km²") -> str:
    """A name with its price, for people."""
    return f"{name} ({price:g} {unit})" if price else name
