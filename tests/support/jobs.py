"""A real session over a journal of its own, and jobs to put into it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

SQUARE = {"type": "Polygon", "coordinates": [[[3.98, 51.88], [4.02, 51.88], [4.02, 51.92], [3.98, 51.92], [3.98, 51.88]]]}
SHIP = {"date": "2026-11-18", "date_direction": "nearest"}
SERIES = {"date_start": "2026-01-01", "date_end": "2026-11-01"}


@contextmanager
def running_session(folder: Path, *, pace: float = 1.0) -> Iterator[Any]:
    """A session whose poller follows a journal in `folder`; it has no accounts at first, so nothing is sent."""
    from groundtrack.accounts import AccountStore
    from groundtrack.jobs.journal import Journal
    from groundtrack.jobs.poller import Poller
    from groundtrack.providers.connect import Connector
    from groundtrack.providers.transport import Network
    from groundtrack.ui.session import Session

    connector = Connector(Network(user_agent="test"))
    poller = Poller(Journal(folder / "journal.sqlite"), connector, lambda job: folder / job.id, pace)
    session = Session(poller, AccountStore(), connector, time.time)
    session.start()
    yield session
    session.stop()
    poller.wait(5000)


def make_job(operation: str = "ship", state: str = "queued", **known: Any) -> Any:
    """A job of SateAIs as the journal would hold it."""
    from groundtrack.jobs.job import State, new_job
    from groundtrack.providers.operation import Request

    values = known.pop("values", SERIES if operation == "timeseries" else SHIP)
    area = known.pop("aoi", SQUARE)
    titles = {"ship": "Ships", "oilslick": "Oil Slicks", "timeseries": "Ground Change Over Time"}
    now = known.pop("now", time.time())
    job = new_job("sateais", known.pop("account", "Port"), Request(operation, values), now, title=titles.get(operation, operation))
    return replace(job, request={**job.request, "aoi": area}, state=State(state), **known)


def deliver(folder: Path, operation: str = "ship", features: list[Any] | None = None, **known: Any) -> Any:
    """A fetched job with its GeoJSON file on disk."""
    job = make_job(operation, "fetched", **known)
    place = folder / job.id[:8]
    place.mkdir(parents=True)
    path = place / f"{operation}.geojson"
    found = [ship(number) for number in range(3)] if features is None else features
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}), encoding="utf-8")
    return replace(job, folder=str(place), files=(str(path),))


def ship(number: int) -> dict[str, Any]:
    west = 3.99 + number * 0.005
    ring = [[west, 51.9], [west + 0.002, 51.9], [west + 0.002, 51.901], [west, 51.901], [west, 51.9]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "id": number, "geometry": shape, "properties": {"class": "ship", "area_sqm": 1850 + number}}


def cells(count: int, points: int = 20) -> list[Any]:
    """Cells of a change result, every 50th changed, each with two charts."""
    days = [f"2026-{1 + number * 10 // points:02d}-{1 + number % 28:02d}" for number in range(points)]
    upper = {"data_series": [{"x": day, "y": -10 + number % 5} for number, day in enumerate(days)]}
    lower = {"main_series": {"x": days, "y": [number / 10 for number in range(points)]}}
    return [_cell(number, upper, lower) for number in range(count)]


def _cell(number: int, upper: Any, lower: Any) -> dict[str, Any]:
    west, south = 3.98 + number % 200 * 0.0007, 51.88 + number // 200 * 0.00045
    east, north = west + 0.0007, south + 0.00045
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    changed = number % 50 == 0
    properties = {
        "i_h": number, "deviation": 0.4 + number / 1e6 if changed else 0.01, "fill": "#E03030",
        "changePointDates": ["2026-05-04"] if changed else [], "upper_chart": upper, "lower_chart": lower,
    }  # fmt: skip
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties}
