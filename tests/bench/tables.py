"""Figures as min / median / max, with the ratio of medians to a base."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One variant: its name and, for each figure, the values of all runs. The first figure makes the ratio."""

    name: str
    figures: dict[str, list[float]]


def table(title: str, rows: list[Row], base: str = "") -> str:
    """A Markdown table."""
    names = list(rows[0].figures)
    head = " | ".join(f"{name} min / median / max" for name in names)
    lines = ["", f"## {title}", f"| | {head} | ratio |", "|---" * (len(names) + 2) + "|"]
    reference = next((statistics.median(row.figures[names[0]]) for row in rows if row.name == base), None)
    for row in rows:
        ratio = f"{statistics.median(row.figures[names[0]]) / reference:.2f}" if reference else ""
        lines.append(f"| {row.name} | " + " | ".join(spread(row.figures[name]) for name in names) + f" | {ratio} |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    return f"{min(values):.4g} / {statistics.median(values):.4g} / {max(values):.4g}"
