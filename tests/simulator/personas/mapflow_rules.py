"""What the Mapflow persona accepts when a processing is created or its cost is asked for."""

from __future__ import annotations

import math
from typing import Any

from .mapflow_codes import Refusal, bad, message
from .mapflow_geometry import Polygon, area, box_area, polygons
from .mapflow_jobs import Order
from .mapflow_models import MODELS, Model
from .mapflow_settings import Account, MapflowPlan, MapflowSettings
from .mapflow_sources import Chosen, Known, choose

CREATION = ("name", "projectId", "wdId", "wdName", "geometry", "params", "blocks", "description", "meta")
SQUARE_KM = 1e6
SUFFIXES: dict[str, dict[str, Any]] = {
    "-fail": {"fail_codes": ["source-validator.PixelSizeTooHigh"]}, "-await": {"await_time": 60.0},
    "-cancel": {"outcome": "CANCELLED"}, "-refund": {"outcome": "REFUNDED"}, "-review": {"review": True},
    "-empty": {"empty": True}, "-unknown": {"status_word": "PAUSED"},
    "-partial": {"fail_codes": ["source-validator.PixelSizeTooHigh"], "failed_aois": [1]}}


def order(body: dict[str, Any], settings: MapflowSettings, known: Known, account: Account) -> Order:
    """The creation in a body; raises Refusal."""
    unknown = set(body) - set(CREATION)
    if unknown and settings.strict_fields:
        raise bad(f"unknown member {', '.join(sorted(unknown))}")
    name, description = body.get("name"), body.get("description")
    if not isinstance(name, str) or not name.strip():
        raise bad("name must not be empty")
    if description is not None and not isinstance(description, str):
        raise bad("description must be text")
    model, shapes = find_model(body), _shapes(body.get("geometry"), settings)
    chosen = choose(body.get("params"), settings, model, known, account, shapes)
    inference = _inference(body["params"], settings)
    enabled, total = blocks(body.get("blocks"), model), sum(area(shape) for shape in shapes)
    _enough(chosen, total)
    told = dict.fromkeys(("imagerySearch", "myImagery", "dataProvider", "userDefined"))
    params = {"sourceParams": {**told, chosen.key: chosen.members}, "inferenceParams": inference}
    return Order(name, model, tuple(shapes), round(total), price(model, chosen, enabled, total / SQUARE_KM), params, enabled,
                 description, _meta(body.get("meta")), chosen.provider.label if chosen.provider else None, tuple(chosen.used),
                 tuple(chosen.codes))


def cost(body: dict[str, Any], settings: MapflowSettings, known: Known, account: Account) -> float:
    """The price of what a body asks for; members of a creation it does not need are let pass. Raises Refusal."""
    if "wdId" not in body:
        raise bad("wdId is required")
    model, size = find_model({"wdId": body["wdId"]}), body.get("areaSqKm")
    if size is not None and (isinstance(size, bool) or not isinstance(size, (int, float)) or not 0 < size < math.inf):
        raise bad("areaSqKm must be a positive number")
    shapes = _shapes(body["geometry"], settings) if "geometry" in body else []
    if not shapes and size is None:
        raise bad("geometry or areaSqKm is required")
    square_km = sum(area(shape) for shape in shapes) / SQUARE_KM if shapes else float(size or 0)
    chosen = choose(body["params"], settings, model, known, account, shapes) if "params" in body else None
    if chosen:
        _enough(chosen, square_km * SQUARE_KM)
    return price(model, chosen, blocks(body.get("blocks"), model), square_km)


def price(model: Model, chosen: Chosen | None, enabled: dict[str, bool], square_km: float) -> float:
    """Credits; at least one km² is billed, and the sum is rounded up."""
    data = chosen.provider.price(chosen.zoom) if chosen and chosen.provider else 0.0
    on = {name for name, flag in enabled.items() if flag}
    return math.ceil(round(max(1.0, square_km) * (model.price(on) + data), 6))


def find_model(body: dict[str, Any]) -> Model:
    """The model named by id or by name; raises Refusal."""
    wanted = {"model_id": body.get("wdId"), "name": body.get("wdName")}
    given = {key: value for key, value in wanted.items() if value is not None}
    if not given:
        raise bad("wdId or wdName is required")
    found = next((model for model in MODELS if all(getattr(model, key) == value for key, value in given.items())), None)
    if found is None:
        raise bad("there is no such model")
    return found


def blocks(told: Any, model: Model) -> dict[str, bool]:
    """The optional parts of a model, each on or off; raises Refusal."""
    flags = {block.name: False for block in model.blocks if block.optional}
    if told is None:
        return flags
    if not isinstance(told, list):
        raise bad("blocks must be a list")
    for one in told:
        if not isinstance(one, dict) or set(one) != {"name", "enabled"} or not isinstance(one["enabled"], bool):
            raise bad("a block has a name and enabled, which is true or false")
        if one["name"] not in list(flags):
            raise bad(f"{model.name} has no optional block {one['name']}")
        flags[one["name"]] = one["enabled"]
    return flags


def outcome(settings: MapflowSettings, plan: MapflowPlan, made: Order) -> MapflowPlan:
    """A plan changed by the end of the name, and by a source that cannot be read."""
    if settings.reviews:
        plan.review = True
    for suffix, members in SUFFIXES.items():
        if settings.name_outcomes and made.name.endswith(suffix):
            for key, value in members.items():
                setattr(plan, key, list(value) if isinstance(value, list) else value)
    if made.codes and not plan.fail_codes:
        plan.fail_codes = [message(code) for code in made.codes]
    return plan


def _shapes(value: Any, settings: MapflowSettings) -> list[Polygon]:
    shapes = polygons(value)
    if len(shapes) > settings.max_aois:
        raise bad(f"At most {settings.max_aois} areas can be processed at once", maxAoisPerProcessing=settings.max_aois)
    limit = settings.aoi_area_limit
    largest = max(sum(area(shape) for shape in shapes), *(box_area(shape) for shape in shapes))
    if limit and largest > limit:
        raise Refusal(400, "TOO_LARGE_PROCESSING", "Area above the limit", area=round(largest), aoiAreaLimit=limit)
    return shapes


def _inference(params: dict[str, Any], settings: MapflowSettings) -> dict[str, Any] | None:
    unknown = set(params) - {"sourceParams", "inferenceParams"}
    if unknown and settings.strict_fields:
        raise bad(f"params has no member {', '.join(sorted(unknown))}")
    told = params.get("inferenceParams")
    if told is not None and not isinstance(told, dict):
        raise bad("inferenceParams must be an object")
    return told


def _meta(told: Any) -> dict[str, Any]:
    if told is None:
        return {}
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise bad("meta must be a flat object of texts")
    return told


def _enough(chosen: Chosen, square_metres: float) -> None:
    least = chosen.provider.least if chosen.provider else 0.0
    if square_metres / SQUARE_KM < least and chosen.provider:
        raise Refusal(400, "ProviderMinAreaError", "The area is below the minimum of the provider", aoiArea=round(
            square_metres / SQUARE_KM, 3), providerName=chosen.provider.name, providerMinArea=least)
