"""Results of the Mapflow persona as they are downloaded: usual ones, and large ones made while they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from ..clock import stamp
from ..geometry import bounds
from ..messages import Response
from .mapflow_features import Feature, Ground, found
from .mapflow_jobs import Aoi, Job
from .mapflow_settings import MapflowSettings

MEDIA = "application/octet-stream"
COLUMNS = 1000            # buildings in a row of a large result
ROW, LOW, HIGH = b"#####", b"@" * 11, b"%" * 11  # filled in for each row, without changing its length
END = b"\n]}"


def response(job: Job, aois: list[Aoi], settings: MapflowSettings) -> Response:
    """The download of the findings in some AOIs of a processing."""
    if job.plan.polygons and not job.plan.empty:
        parts = _shares(job.plan.polygons, aois)
        return Response(200, {"Content-Type": MEDIA}, rate=job.plan.rate, stream=partial(_stream, job.name, parts),
                        stream_size=_size(job.name, parts))
    found_all = features(job, aois, settings)
    text = json.dumps({"type": "FeatureCollection", "name": job.name, "features": found_all}, ensure_ascii=False)
    return Response(200, {"Content-Type": MEDIA}, text.encode("utf-8"), rate=job.plan.rate)


def features(job: Job, aois: list[Aoi], settings: MapflowSettings, most: int = 2000) -> list[Feature]:
    """The findings in some AOIs; of a large result the first `most` only."""
    if job.plan.empty:
        return []
    if job.plan.polygons:
        parts = _shares(min(most, job.plan.polygons), aois)
        return list(json.loads(b"".join(_stream(job.name, parts)))["features"])
    day = stamp(job.ends)[:10]
    made = [one for aoi in aois for one in found(Ground(job, aoi, day, settings.line_roads, settings.point_crowns))]
    if job.plan.dirty:
        _spoil(made)
    if job.plan.nan == "result":
        for one in made:
            one["properties"]["area"] = float("nan")
    return made


def _spoil(made: list[Feature]) -> None:
    for one in made:
        one["properties"]["details"] = {"source": {"zoom": 18}, "tags": ["a", "b"]}
    if len(made) > 1 and made[0]["geometry"]["type"] == "Polygon":
        ring = made[0]["geometry"]["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]  # crosses itself now
        made[1]["geometry"] = None


def _shares(count: int, aois: list[Aoi]) -> list[tuple[Aoi, int]]:
    if not aois:
        return []
    each, rest = divmod(count, len(aois))
    return [(aoi, each + (1 if place < rest else 0)) for place, aoi in enumerate(aois)]


def _head(name: str) -> bytes:
    return f'{{"type":"FeatureCollection","name":{json.dumps(name)},"features":[\n'.encode()


def _size(name: str, parts: list[tuple[Aoi, int]]) -> int:
    total = sum(count for _, count in parts)
    if not total:
        return len(_head(name)) + len(END)
    aoi = parts[0][0]
    one = len(_row(aoi, 1, COLUMNS))
    return len(_head(name)) + total * (one + len(b",")) - len(b",") + len(END)


def _stream(name: str, parts: list[tuple[Aoi, int]]) -> Iterator[bytes]:
    """A row of buildings at a time: nothing is kept but the row."""
    yield _head(name)
    first, between = 1, b""
    for aoi, count in parts:
        rows, (_, south, _, north) = -(-count // COLUMNS), bounds(aoi.polygon[0])
        full, step = _row(aoi, COLUMNS, COLUMNS) if count >= COLUMNS else b"", (north - south) / max(rows, 1)
        for row in range(rows):
            left = count - row * COLUMNS
            text = full if left >= COLUMNS else _row(aoi, left, COLUMNS)
            low = south + row * step
            yield between + text.replace(ROW, b"%5d" % (first + row)).replace(LOW, _degrees(low + 0.15 * step)).replace(
                HIGH, _degrees(low + 0.8 * step))
            between = b","
        first += rows
    yield END


def _row(aoi: Aoi, count: int, columns: int) -> bytes:
    """So many buildings side by side, all of the same length, with signs where the row comes in."""
    west, _, east, _ = bounds(aoi.polygon[0])
    step = (east - west) / columns
    return b",".join(_building(column, west + (column + 0.15) * step, west + (column + 0.8) * step) for column in range(count))


def _building(column: int, west: float, east: float) -> bytes:
    a, b = _degrees(west), _degrees(east)
    corners = b",".join(b"[%s,%s]" % pair for pair in ((a, LOW), (b, LOW), (b, HIGH), (a, HIGH), (a, LOW)))
    return (b'{"type":"Feature","properties":{"id":%s%03d,"object_type":"buildings","building_height":%4.1f},'
            b'"geometry":{"type":"Polygon","coordinates":[[%s]]}}') % (
        ROW, column, 3 + column % 60, corners)


def _degrees(value: float) -> bytes:
    return b"%11.6f" % value


def told(job: Job, aoi_id: str | None, settings: MapflowSettings, now: float) -> tuple[list[Aoi], Any]:
    """The AOIs a download covers, and why there is none (empty when there is one)."""
    state, good = job.state(now), job.good_aois(now)
    if state == "FAILED" and settings.partial_results == "refuse":
        good = []
    if state not in ("OK", "FAILED") or (state == "FAILED" and not good and settings.partial_results != "empty"):
        return [], "The processing is not finished successfully"
    if state == "FAILED" and settings.partial_results == "empty":
        good = []
    return [aoi for aoi in good if aoi_id in (None, aoi.aoi_id)], ""
