"""Results of the SateAIs persona: plausible detections inside the outline, the same for the same job."""

from __future__ import annotations

import io
import json
import math
import random
import zipfile
from typing import Any

from ..fault_kinds import STRANGE_NUMBERS
from ..geometry import Ring, area_sqkm, bounds, holds
from .sateais_series import series_features

METRES_PER_DEGREE = 111_320.0
CRS = {"type": "name", "properties": {"name": "EPSG:4326"}}
Feature = dict[str, Any]


def collection(kind: str, ring: Ring, body: dict[str, Any], seed: str, variant: str = "geojson",
               charts: str = "full") -> bytes:
    """GeoJSON of a finished job inside `ring` (longitude/latitude). Variants: geojson, empty, nan, zip."""
    draw = random.Random(seed)
    if variant == "empty":
        features: list[str] = []
    elif kind == "timeseries":
        features = series_features(ring, body["date_start"], body["date_end"], draw, charts, variant == "nan")
    else:
        found = _detections(kind, ring, draw)
        features = [json.dumps(_spoiled(feature, index) if variant == "nan" else feature)
                    for index, feature in enumerate(found)]
    # the documented sample of this one type carries no crs member
    crs = "" if kind == "oilslick" else f'"crs": {json.dumps(CRS)}, '
    text = f'{{"type": "FeatureCollection", {crs}"features": [{", ".join(features)}]}}'.encode()
    return _zipped(text) if variant == "zip" else text


def _detections(kind: str, ring: Ring, draw: random.Random) -> list[Feature]:
    area = area_sqkm(ring)
    makers = {"ship": (_ship, area / 20, 3, 400), "oilslick": (_slick, area / 2000, 1, 8),
              "newbuilding": (_building, area, 4, 500), "disappearbuilding": (_building, area / 2, 3, 300)}
    make, wanted, least, most = makers[kind]
    features: list[Feature] = []
    for _ in range(int(min(max(wanted, least), most))):
        shape = _placed(make, ring, draw)
        if shape is not None:
            features.append(_feature(kind, len(features) + 1, shape))
    return features


def _placed(make: Any, ring: Ring, draw: random.Random) -> Ring | None:
    west, south, east, north = bounds(ring)
    for attempt in range(300):
        x, y = draw.uniform(west, east), draw.uniform(south, north)
        scale = 0.97 ** attempt
        shape = [_moved(x, y, dx * scale, dy * scale) for dx, dy in make(draw)]
        shape.append(shape[0])
        if holds(ring, shape):
            return shape
    return None


def _moved(x: float, y: float, east: float, north: float) -> Any:
    return (round(x + east / METRES_PER_DEGREE / max(math.cos(math.radians(y)), 0.01), 7),
            round(y + north / METRES_PER_DEGREE, 7))


def _ship(draw: random.Random) -> Ring:
    length = draw.uniform(20, 330)
    return _rectangle(length, max(6.0, length / draw.uniform(5.5, 7.5)), draw.uniform(0, math.pi))


def _building(draw: random.Random) -> Ring:
    return _rectangle(draw.uniform(10, 80), draw.uniform(8, 40), draw.uniform(0, math.pi))


def _slick(draw: random.Random) -> Ring:
    long, narrow, turn = draw.uniform(600, 6000), draw.uniform(150, 900), draw.uniform(0, math.pi)
    points = []
    for step in range(28):
        angle = 2 * math.pi * step / 28
        reach = draw.uniform(0.7, 1.25)
        points.append(_turned(long * reach * math.cos(angle), narrow * reach * math.sin(angle), turn))
    return points


def _rectangle(length: float, width: float, turn: float) -> Ring:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return [_turned(a * length / 2, b * width / 2, turn) for a, b in corners]


def _turned(x: float, y: float, turn: float) -> Any:
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


def _feature(kind: str, number: int, shape: Ring) -> Feature:
    sqm = round(area_sqkm(shape) * 1e6, 1)
    properties: dict[str, dict[str, Any]] = {
        "ship": {"class": "ship", "area_sqm": sqm}, "oilslick": {"id": number},
        "newbuilding": {"id": number, "area_sqm": sqm}, "disappearbuilding": {}}
    geometry = {"type": "Polygon", "coordinates": [[list(point) for point in shape]]}
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties[kind]}


def _spoiled(feature: Feature, index: int) -> Feature:
    strange = STRANGE_NUMBERS[index % 3]
    return {**feature, "properties": {**feature["properties"], "area_sqm": strange}}


def _zipped(text: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # a fixed date keeps the bytes the same for the same job
        archive.writestr(zipfile.ZipInfo("result.geojson", (2026, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()
