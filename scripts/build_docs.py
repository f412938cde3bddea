"""Write docs/tasks.md: every task with its area and inputs, from the declarations that make form and toolbox.

`make docs` runs it; a test compares the page with what this would write.
"""

from __future__ import annotations

import importlib.util
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tasks.md"
HEAD = """# Tasks and their inputs

Written by `make docs` from the declarations in `providers/`, which also make the forms, the toolbox and the checks. What all tasks have in
common (`AOI`, `ACCOUNT`, `OUTPUT_FOLDER` …) is in [headless.md](headless.md).
"""
TINY = 1e-6  # as a smallest value
KINDS = {
    "boolean": "true or false", "date": "day, `YYYY-MM-DD`", "list": "texts, comma-separated", "scenes": "scene ids, comma-separated",
    "bands": "band names, comma-separated", "script": "script, or path of its file", "file": "path of a file",
    "raster": "raster: file, layer or address", "json": "JSON, or path of its file", "number": "number", "integer": "whole number",
    "text": "text",
}  # fmt: skip


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))


def page() -> str:
    """The page as it should be."""
    registry = load("providers.registry")
    return "\n".join([HEAD, *(section(service) for service in map(registry.provider_class, registry.keys()))])


def section(service: Any) -> str:
    """One service: tasks with the same inputs share a table."""
    parts = [f"## {service.title}\n"]
    for _, found in groupby(service.fixed_operations, key=lambda operation: operation.fields):
        operations = list(found)
        for task in operations:
            name = f"`groundtrack:{service.key}_{task.key}`"
            parts.append(f"{name} – **{task.title}**: {ended(task.summary)} {area(task.aoi)}\n")
        parts.append("\n".join(table(operations[0].fields)) + "\n")
    return "\n".join(parts)


def area(rule: Any) -> str:
    """What the task takes as area, in a sentence."""
    if rule.needs.value == "none":
        return "Takes no area."
    parts = "" if rule.most_parts is None else ", one polygon" if rule.most_parts == 1 else f", {rule.most_parts} polygons"
    size = f", at most {rule.most_km2:,.10g} km²" if rule.most_km2 else ""
    return f"Area {rule.needs.value}{parts}{size}."


def table(fields: Any) -> list[str]:
    """The inputs as the rows of a table."""
    rows = [f"| `{field.name.upper()}` | {meaning(field)} | {values(field)} | {default(field)} |" for field in fields]
    return ["| Parameter | Meaning | Values | Without it |", "| --- | --- | --- | --- |", *rows]


def meaning(field: Any) -> str:
    """Label and help of an input."""
    return escaped(f"{field.label}. {ended(field.help)}" if field.help else f"{field.label}.").strip()


def values(field: Any) -> str:
    """Words to choose from, or the kind with unit and bounds."""
    if field.kind.value == "choice":
        return ", ".join(f"`{word}`" for word, _ in field.choices if word)
    unit = f" in {escaped(field.unit)}" if field.unit else ""
    ends = [] if field.minimum is None else ["above 0" if 0 < field.minimum < TINY else f"from {field.minimum:g}"]
    ends += [] if field.maximum is None else [f"to {field.maximum:g}"]
    return f"{KINDS[field.kind.value]}{unit}" + (f", {' '.join(ends)}" if ends else "")


def default(field: Any) -> str:
    """What stands in for a value that is not given."""
    if field.default is not None and field.default != "" and field.default != ():
        told = ",".join(map(str, field.default)) if isinstance(field.default, (tuple, list)) else str(field.default)
        return f"`{told.lower() if isinstance(field.default, bool) else told}`"
    if not field.required:
        return ""
    return "required" if field.shown_if is None else f"required {condition(field.shown_if)}"


def condition(shown: Any) -> str:
    """When a field counts."""
    name = f"`{shown.field.upper()}`"
    if shown.values is None:
        return f"with {name}"
    return f"without {name}" if shown.values == () else f"where {name} is {' or '.join(f'`{value}`' for value in shown.values)}"


def ended(sentence: str) -> str:
    """The sentence with a full stop."""
    text = sentence.strip()
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def escaped(text: str) -> str:
    """Text as a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("*", "\\*")


def load(name: str) -> Any:
    """A module of the plugin, whatever the folder is called."""
    if "groundtrack" not in sys.modules:
        spec = importlib.util.spec_from_file_location("groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
        sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"groundtrack.{name}")


if __name__ == "__main__":
    main()
