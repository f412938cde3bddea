"""What the statistics beside a result say, ready to be shown. For a worker: reads a small file. No Qt, no QGIS.

The user interface knows results, not how they are computed; so this file hands on what `rasters.summary` keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Tuple

from ..jobs.job import Job
from ..rasters import summary
from .facts import style_of
from .palettes import class_colour, index_colour

MINUS = "−"


@dataclass(frozen=True)
class Bar:
    """One bar: its height as a share of the highest, its colour ("" without one of its own), what it stands for."""

    height: float
    colour: str
    label: str


@dataclass(frozen=True)
class Statistics:
    """Rows of a table as (name, value, colour or ""), bars from left to right, and the values at both ends of them."""

    rows: Tuple[Tuple[str, str, str], ...]
    bars: Tuple[Bar, ...] = ()
    ends: Tuple[str, str] = ("", "")


def statistics_of(job: Job) -> Optional[Statistics]:
    """The statistics of a job's first result that has some, None when none has."""
    for name in job.files:
        facts = summary.read(Path(name))
        if facts:
            return _of_classes(facts) if facts.get("kind") == "classes" else _of_values(facts, style_of(job))
    return None


def _of_classes(facts: Mapping[str, Any]) -> Statistics:
    whole = facts["area_ha"] or 1.0
    colours = [class_colour(item["name"], number) for number, item in enumerate(facts["classes"])]
    rows = tuple(
        (name, f"{value} · {item['area_ha'] / whole:.1%}", colour)
        for (name, value), item, colour in zip(summary.table(facts), facts["classes"], colours)
    )
    return Statistics(rows, tuple(_bars([item["area_ha"] for item in facts["classes"]], colours, [f"{row[0]}: {row[1]}" for row in rows])))


def _of_values(facts: Mapping[str, Any], style: str) -> Statistics:
    rows = tuple((name, value.replace("-", MINUS), "") for name, value in summary.table(facts))
    histogram = facts.get("histogram")
    if not histogram or histogram["from"] == histogram["to"]:
        return Statistics(rows)
    counts, low = histogram["counts"], histogram["from"]
    width = (histogram["to"] - low) / len(counts)
    edges = [low + number * width for number in range(len(counts) + 1)]
    colours = [index_colour(style, (one + other) / 2) for one, other in zip(edges, edges[1:])]
    total = sum(counts)
    labels = [f"{_short(one)} … {_short(other)}: {count / total:.1%}" for one, other, count in zip(edges, edges[1:], counts)]
    return Statistics(rows, tuple(_bars(counts, colours, labels)), (_short(low), _short(histogram["to"])))


def _short(number: float) -> str:
    return f"{number:.3g}".replace("-", MINUS)


def _bars(amounts: Any, colours: Any, labels: Any) -> Any:
    highest = max(amounts) or 1
    return (Bar(amount / highest, colour, label) for amount, colour, label in zip(amounts, colours, labels))
