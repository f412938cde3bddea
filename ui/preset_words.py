"""What a preset will do, in words."""

from __future__ import annotations

from typing import Any, Optional

from ..presets import preset as rules
from ..presets.dates import relative_date
from ..presets.preset import AreaRule, Preset, newer_text
from ..providers.operation import Operation
from ..providers.registry import entry, keys
from .date_rules import date_words
from .words import plain, translate

LONGEST = 60  # characters of one value


def fixed_operation(preset: Preset) -> Optional[Operation]:
    """The task, where it is known without asking the service."""
    kind = entry(preset.provider).provider if preset.provider in keys() else None
    return next((item for item in kind.fixed_operations if item.key == preset.operation), None) if kind else None


def task_words(preset: Preset) -> str:
    """Service and task."""
    if preset.newer is not None:
        return translate("Groundtrack", "Made by a newer version")
    kind = entry(preset.provider).provider if preset.provider in keys() else None
    operation = fixed_operation(preset)
    return f"{kind.title if kind else preset.provider} – {operation.title if operation else preset.operation}"


def summary(preset: Preset) -> str:
    """Everything that matters, one thing a line."""
    if preset.newer is not None:
        return newer_text(preset)
    operation = fixed_operation(preset)
    labels = {field.name: field.label for field in operation.fields} if operation else {}
    lines = [preset.name, task_words(preset)]
    if preset.account:
        lines.append(translate("Groundtrack", "Account: {}").format(preset.account))
    if preset.area is not None:
        lines.append(translate("Groundtrack", "Area: {}").format(area_words(preset.area)))
    lines += [f"{labels.get(name, name)}: {_value_words(value)}" for name, value in preset.values.items()]
    return "\n".join(lines)


def summary_tip(preset: Preset) -> str:
    """The summary for a tool tip."""
    return plain(summary(preset)).replace("\n", "<br>")


def area_words(area: AreaRule) -> str:
    """Where the area comes from."""
    words = {
        rules.VIEW: translate("Groundtrack", "map view"),
        rules.SELECTION: translate("Groundtrack", "selected features"),
        rules.LAYER: translate("Groundtrack", "layer “{}”").format(area.layer),
        rules.FIXED: translate("Groundtrack", "drawn area"),
        rules.WHOLE: translate("Groundtrack", "no area"),
    }
    return words[area.rule]


def problem_of(preset: Preset) -> str:
    """Why a preset cannot be used here, "" when it can."""
    if preset.newer is not None:
        return newer_text(preset)
    if preset.provider not in keys():
        return translate("Groundtrack", "The preset names the service “{}”, which is not part of this version.").format(preset.provider)
    found = entry(preset.provider)
    if found.provider is None:
        return found.reason
    if found.provider.fixed_operations and fixed_operation(preset) is None:
        return no_task(found.provider.title, preset)
    return ""


def no_task(service: str, preset: Preset) -> str:
    """The sentence about a task that the service does not have."""
    return translate("Groundtrack", "{} has no task “{}”, which the preset asks for.").format(service, preset.operation)


def _value_words(value: Any) -> str:
    day = relative_date(value)
    if day is not None:
        return date_words(day)
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
