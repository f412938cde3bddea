"""What jobs cost, as the outputs tell it: a number with its unit, "" where nobody names a price."""

from __future__ import annotations

import re
from typing import Dict, Sequence

from ..jobs.job import Job

LOCAL = "local"  # computes here, for nothing
FREE = "0 credits"  # outputs have a unit, also where none is meant

_AMOUNT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(.*)")


def cost_of(job: Job) -> str:
    """The service's figure where it gave one, else the estimate."""
    return FREE if job.provider == LOCAL else job.cost or job.estimate


def total_cost(costs: Sequence[str]) -> str:
    """The sum with its unit; different units stand side by side."""
    sums: Dict[str, float] = {}
    for cost in costs:
        match = _AMOUNT.fullmatch(cost)
        if match:
            sums[match[2]] = sums.get(match[2], 0.0) + float(match[1])
    return " + ".join(f"{round(amount, 9):.10g} {unit}".strip() for unit, amount in sums.items())
