"""A preset as a value, and as JSON.

    {"schema": 3, "name": "Weekly port watch", "provider": "sateais", "operation": "ship", "account": "Port of X",
     "values": {"date": "today - 3 days"}, "area": {"rule": "layer", "layer": "harbours"}, "each": {"id_field": "name", "budget": 50}}

`account` is the name of an account, never the account. Values are keyed by field name. The area is told by rule: `view`, `selection`,
`layer`, `fixed` with `shapes` (GeoJSON in EPSG:4326, one job each), `whole`, or left out. `each` asks for one job for each feature of a
layer or selection, and may name the field with their ids and the budget of all. What JSON says is not trusted: it is measured, its
types are checked, unknown members are passed over, and `values` mean nothing until fields have read them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ..aoi import Aoi, AoiError, from_geojson
from .secretive import without_secrets

SCHEMA = 3
VIEW, SELECTION, LAYER, FIXED, WHOLE = RULES = ("view", "selection", "layer", "fixed", "whole")
LONGEST_NAME = 120  # characters
MOST_BUDGET = 1e9
_LONGEST_NUMBER = 40  # digits
_MEMBERS = {"schema": int, "name": str, "provider": str, "operation": str, "account": str, "values": dict, "area": dict, "each": dict}


class PresetError(LookupError):
    """One sentence that says what is wrong with a preset."""


@dataclass(frozen=True)
class AreaRule:
    """Where the area comes from when the preset is used: one of RULES, with the layer's name or the shapes it needs."""

    rule: str = VIEW
    layer: str = ""
    shapes: Tuple[Aoi, ...] = ()

    def to_dict(self) -> Dict[str, Any]:
        data: Dict[str, Any] = {"rule": self.rule}
        if self.rule == LAYER:
            data["layer"] = self.layer
        if self.rule == FIXED:
            data["shapes"] = [shape.geojson() for shape in self.shapes]
        return data


@dataclass(frozen=True)
class Each:
    """One job for each feature: the field with their ids ("": QGIS's numbers), and what all may cost in the service's unit, if limited."""

    id_field: str = ""
    budget: Optional[float] = None

    def to_dict(self) -> Dict[str, Any]:
        return {"id_field": self.id_field, **({} if self.budget is None else {"budget": self.budget})}


@dataclass(frozen=True)
class Preset:
    """A request form under a name. `area` None says nothing about the area, `each` None asks for one job for all features.

    `newer` is the JSON of a preset that a later version made: it can be shown, kept and handed on as it is, not used or changed.
    `unknown` names members that were passed over.
    """

    name: str
    provider: str = ""
    operation: str = ""
    account: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    area: Optional[AreaRule] = None
    newer: Optional[Mapping[str, Any]] = None
    unknown: Tuple[str, ...] = ()
    each: Optional[Each] = None

    def to_dict(self) -> Dict[str, Any]:
        """What is stored. Values that hold a key or an authentication id are left out."""
        if self.newer is not None:
            return {**self.newer, "name": self.name}
        data: Dict[str, Any] = {"schema": SCHEMA, "name": self.name, "provider": self.provider, "operation": self.operation}
        data.update(account=self.account, values=without_secrets(self.values)[0])
        if self.area is not None:
            data["area"] = self.area.to_dict()
        if self.each is not None:
            data["each"] = self.each.to_dict()
        return data

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), default=list)


def parse_json(text: str, label: str) -> Any:
    """JSON without what could hang or surprise a reader. `label` names the source. Raises PresetError."""
    try:
        return json.loads(text, parse_int=_whole_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise PresetError(f"The preset {label} is not JSON.") from None


def from_dict(data: Any, label: str) -> Preset:
    """Read what `to_dict` or an earlier version wrote. `label` names the preset in complaints. Raises PresetError."""
    if not isinstance(data, dict):
        raise PresetError(f"The preset {label} is not a JSON object.")
    schema = data.get("schema")
    if schema is None:
        raise PresetError(f"“{label}” is no preset of Groundtrack: it says no schema. Choose a file that was exported here.")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise PresetError(f"The preset {label} has the schema {_short(schema)}; this version reads the schemas 1 to {SCHEMA}.")
    if schema > SCHEMA:
        return Preset(_clean(data.get("name")) or label, newer=data)
    known = _migrated(data)
    unknown = tuple(_short(name) for name in known if name not in _MEMBERS)
    for name, kind in _MEMBERS.items():
        if known.get(name) is not None and not isinstance(known[name], kind):
            raise PresetError(f"The preset {label}: “{name}” must be {'text' if kind is str else 'an object'}.")
    name, provider, operation, account = (_clean(known.get(member)) for member in ("name", "provider", "operation", "account"))
    values, area, each = known.get("values") or {}, _area(known.get("area"), label), _each(known.get("each"), label)
    return Preset(name or label, provider, operation, account, values, area, unknown=unknown, each=each)


def newer_text(preset: Preset) -> str:
    """The sentence about a preset that a later version made."""
    return (
        f"The preset “{preset.name}” was made by a newer version of Groundtrack: it can be kept and exported, but not used or changed here."
    )


def _area(data: Optional[Mapping[str, Any]], label: str) -> Optional[AreaRule]:
    if data is None:
        return None
    rule = data.get("rule")
    if rule not in RULES:
        raise PresetError(f"The preset {label}: the rule “{_short(rule)}” of its area is unknown.")
    if rule == LAYER:
        layer = data.get("layer")
        if not isinstance(layer, str) or not layer:
            raise PresetError(f"The preset {label} names no layer for its area.")
        return AreaRule(LAYER, layer)
    if rule != FIXED:
        return AreaRule(rule)
    shapes = data.get("shapes")
    if not isinstance(shapes, list) or not shapes:
        raise PresetError(f"The preset {label} has no shape for its area.")
    try:
        return AreaRule(FIXED, shapes=tuple(from_geojson(shape) for shape in shapes))
    except (AoiError, AttributeError, RecursionError) as error:
        reason = str(error) if isinstance(error, AoiError) else "It is not GeoJSON."
        raise PresetError(f"The area of the preset {label} cannot be used: {reason}") from None


def _each(data: Optional[Mapping[str, Any]], label: str) -> Optional[Each]:
    if data is None:
        return None
    field, budget = data.get("id_field", ""), data.get("budget")
    if not isinstance(field, str):
        raise PresetError(f"The preset {label}: “id_field” must be text.")
    number = isinstance(budget, (int, float)) and not isinstance(budget, bool)
    if budget is not None and not (number and 0 < budget <= MOST_BUDGET):
        raise PresetError(f"The preset {label}: “budget” must be a number greater than 0.")
    return Each(field, None if budget is None else float(budget))


def _migrated(data: Mapping[str, Any]) -> Dict[str, Any]:
    """The members as the present schema has them."""
    members = dict(data)
    for step in _STEPS[members["schema"] - 1 :]:
        members = step(members)
    return members


def _from_1(data: Dict[str, Any]) -> Dict[str, Any]:
    """Schema 1 had one GeoJSON shape or none, and no rules."""
    members = dict(data)
    shape = members.pop("aoi", None)
    if shape:
        members["area"] = {"rule": FIXED, "shapes": [shape]}
    return members


def _from_2(data: Dict[str, Any]) -> Dict[str, Any]:
    """Schema 2 did not say how many jobs: it was one for all features."""
    return {name: value for name, value in data.items() if name != "each"}


_STEPS: List[Callable[[Dict[str, Any]], Dict[str, Any]]] = [_from_1, _from_2]  # each leads from schema index + 1 to the next


def _clean(text: Any) -> str:
    """One short line of printable text."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return "".join(letter for letter in words if letter.isprintable())[:LONGEST_NAME].strip()


def _short(value: Any) -> str:
    return _clean(str(value)[:LONGEST_NAME])


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number with too many digits")
    return int(text)


def _no_number(text: str) -> Any:
    raise ValueError(text)
