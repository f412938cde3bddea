"""What a dated series asks for: a request for each period and area, less what was asked for already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Sequence, Tuple

from ..presets.periods import Period, dated_fields, period_of, with_period
from ..providers.base import Provider, Severity
from ..providers.operation import Operation, Request


@dataclass(frozen=True)
class SeriesPlan:
    """`members` are the names of the requests' periods; `there` counts what was left out, `complaint` says why it cannot be run."""

    requests: Tuple[Request, ...] = ()
    members: Tuple[str, ...] = ()
    fingerprints: Tuple[str, ...] = ()
    there: int = 0
    complaint: str = ""


def plan_series(provider: Provider, requests: Sequence[Request], periods: Sequence[Period], asked: Collection[str]) -> SeriesPlan:
    """Each request for each period; those whose fingerprint is among `asked` are left out. For a worker; makes no network call."""
    wanted: List[Tuple[Request, str, str]] = []
    there = 0
    for period in periods:
        for request in requests:
            dated = _dated(provider, request, period)
            wrong = next((item.message for item in provider.problems(dated) if item.severity is Severity.ERROR), "")
            if wrong:
                return SeriesPlan(complaint=f"{period}: {wrong}")
            fingerprint = provider.fingerprint(dated)
            if fingerprint in asked:
                there += 1
            else:
                wanted.append((dated, str(period), fingerprint))
    dated_requests, names, fingerprints = zip(*wanted) if wanted else ((), (), ())
    return SeriesPlan(dated_requests, names, fingerprints, there)


def memberships(operation: Operation, requests: Sequence[Request], group: str, title: str, today: dt.date) -> List[Dict[str, Any]]:
    """What puts the jobs of requests into a series, nothing for tasks without a date."""
    if not group:
        return []
    periods = [period_of(dated_fields(operation.fields, request.values), request.values, today) for request in requests]
    if any(period is None for period in periods):
        return []
    return [{"group": group, "group_title": title, "member": str(period)} for period in periods]


def _dated(provider: Provider, request: Request, period: Period) -> Request:
    names = dated_fields(provider.operation(request.operation).fields, request.values)
    return replace(request, values=with_period(names, request.values, period), tag="")
