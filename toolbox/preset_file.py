"""A preset as a JSON file: one request under a name, without anything secret.

    {"schema": 1, "name": "Weekly port watch", "provider": "sateais", "operation": "ship", "account": "Port of X",
     "values": {"date": "2026-05-04"}, "aoi": {"type": "Polygon", "coordinates": […]}}

`name`, `account`, `values` and `aoi` may be left out. Values are keyed by field name; the area is GeoJSON in EPSG:4326.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Type

from ..aoi import Aoi, AoiError, from_geojson
from ..providers.base import Provider
from ..providers.operation import Operation
from ..providers.registry import keys, provider_class
from .texts import tr

SCHEMA = 1
LARGEST = 8 * 1024 * 1024  # bytes
_KINDS = {"name": str, "provider": str, "operation": str, "account": str, "values": dict, "aoi": dict}


class PresetError(LookupError):
    """One sentence that says what is wrong with a preset file."""


@dataclass(frozen=True)
class Preset:
    """What the file says. `account` is the name of a stored account, "" for the environment."""

    kind: Type[Provider]
    operation: Operation
    name: str = ""
    account: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    aoi: Optional[Aoi] = None


def read_preset(path: Path) -> Preset:
    """Raises PresetError."""
    data = _load(path)
    if data.get("schema") != SCHEMA:
        text = tr("The preset {} has the schema {}; this version reads schema {}.")
        raise PresetError(text.format(path.name, data.get("schema"), SCHEMA))
    for name, value in data.items():
        if name != "schema":
            _check(path, name, value)
    kind = _provider(path, data.get("provider") or "")
    operation = next((item for item in kind.fixed_operations if item.key == data.get("operation")), None)
    if operation is None:
        known = ", ".join(item.key for item in kind.fixed_operations)
        text = tr("The preset {}: {} has no operation “{}”; there are {}.")
        raise PresetError(text.format(path.name, kind.title, data.get("operation") or "", known))
    values = data.get("values") or {}
    fields = {item.name for item in operation.fields}
    unknown = [name for name in values if name not in fields]
    if unknown:
        raise PresetError(tr("The preset {}: {} has no input “{}”.").format(path.name, operation.title, unknown[0]))
    return Preset(kind, operation, data.get("name") or "", (data.get("account") or "").strip(), values, _area(path, data.get("aoi")))


def _load(path: Path) -> Dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise PresetError(tr("The preset {} is too large.").format(path.name))
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PresetError(tr("The preset {} cannot be read: {}.").format(path, error.strerror or error)) from None
    except ValueError:
        raise PresetError(tr("The preset {} is not JSON.").format(path.name)) from None
    if not isinstance(data, dict):
        raise PresetError(tr("The preset {} is not a JSON object.").format(path.name))
    return data


def _check(path: Path, name: str, value: Any) -> None:
    if name not in _KINDS:
        text = tr("The preset {} has an unknown member “{}”. Keys and other secrets do not belong into presets.")
        raise PresetError(text.format(path.name, name))
    if value is not None and not isinstance(value, _KINDS[name]):
        wanted = tr("text") if _KINDS[name] is str else tr("an object")
        raise PresetError(tr("The preset {}: “{}” must be {}.").format(path.name, name, wanted))


def _provider(path: Path, key: str) -> Type[Provider]:
    if key not in keys():
        raise PresetError(tr("The preset {} names the unknown service “{}”; there are {}.").format(path.name, key, ", ".join(keys())))
    return provider_class(key)


def _area(path: Path, shape: Optional[Mapping[str, Any]]) -> Optional[Aoi]:
    if not shape:
        return None
    try:
        return from_geojson(shape)
    except AoiError as error:
        raise PresetError(tr("The area of the preset {} cannot be used: {}").format(path.name, error)) from None
