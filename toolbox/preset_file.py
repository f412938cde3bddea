"""A preset file as the toolbox takes it: one request, whose service and task are known, without anything unknown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Type

from ..presets.dates import today_utc
from ..presets.files import read_presets
from ..presets.filling import unknown_values, variables, with_days
from ..presets.preset import AreaRule, Each, Preset, PresetError, newer_text
from ..providers.base import Provider
from ..providers.operation import Operation
from ..providers.registry import keys, provider_class
from .texts import tr


@dataclass(frozen=True)
class Order:
    """What the file asks for. `account` is the name of a stored account, "" for the environment; relative days are worked out."""

    kind: Type[Provider]
    operation: Operation
    account: str
    values: Mapping[str, Any]
    area: Optional[AreaRule] = None
    each: Optional[Each] = None


def read_order(path: Path) -> Order:
    """Raises PresetError."""
    preset, name = _only(path), path.name
    if preset.newer is not None:
        text = tr("The preset {} has the schema {}. {}")
        raise PresetError(text.format(name, preset.newer.get("schema"), newer_text(preset)))
    if preset.unknown:
        text = tr("The preset {} has an unknown member “{}”. Keys and other secrets do not belong into presets.")
        raise PresetError(text.format(name, preset.unknown[0]))
    known = ", ".join(keys())
    if preset.provider not in keys():
        raise PresetError(tr("The preset {} names the unknown service “{}”; there are {}.").format(name, preset.provider, known))
    kind = provider_class(preset.provider)
    operation = next((item for item in kind.fixed_operations if item.key == preset.operation), None)
    if operation is None:
        known = ", ".join(item.key for item in kind.fixed_operations)
        text = tr("The preset {}: {} has no operation “{}”; there are {}.")
        raise PresetError(text.format(name, kind.title, preset.operation, known))
    _check_values(preset, operation, name)
    return Order(kind, operation, preset.account, with_days(operation.fields, preset.values, today_utc()), preset.area, preset.each)


def _only(path: Path) -> Preset:
    found = read_presets(path)
    if len(found) > 1:
        raise PresetError(
            tr("The file {} holds {} presets. Export the one that shall be run into a file of its own.").format(path.name, len(found))
        )
    return found[0]


def _check_values(preset: Preset, operation: Operation, name: str) -> None:
    unknown = unknown_values(preset, operation.fields)
    if unknown:
        raise PresetError(tr("The preset {}: {} has no input “{}”.").format(name, operation.title, unknown[0]))
    open_ones = variables(preset.values, operation.fields)
    if open_ones:
        raise PresetError(
            tr("The preset {} asks for “{}” when it is used in the dock. Write a value in its place.").format(name, open_ones[0])
        )
