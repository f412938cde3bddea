"""The statistics of a result as a side file next to it, and as rows of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple


def side_file(result: Path) -> Path:
    """Where the statistics of a result file are."""
    return result.with_name(result.name + ".stats.json")


def write(result: Path, facts: Mapping[str, Any]) -> None:
    """Leave the statistics beside a result."""
    side_file(result).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def read(result: Path) -> Dict[str, Any]:
    """The statistics of a result, {} when there are none."""
    try:
        facts = json.loads(side_file(result).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def table(facts: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    """Rows of text for people: (name, value)."""
    if facts.get("kind") == "classes":
        return tuple((str(row["name"]), f"{row['area_ha']:,.2f} ha") for row in facts["classes"])
    if facts.get("mean") is None:
        return (("Area with values", "none"),)
    labels = {"mean": "Mean", "min": "Smallest", "max": "Largest", "std": "Standard deviation"}
    rows = [(label, f"{facts[name]:.4g}") for name, label in labels.items()]
    return (*rows, ("Area with values", f"{facts['area_ha']:,.2f} ha"))
