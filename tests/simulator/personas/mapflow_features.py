"""Plausible findings of the Mapflow models inside an area of interest, the same every time for the same AOI."""

from __future__ import annotations

import math
import random
from typing import Any, Callable

from .. import geometry
from ..geometry import Point, Ring
from .mapflow_jobs import Aoi, Job

METRES = 111_320.0  # of a degree of latitude
MOST = 150          # things along the grid laid over an AOI
CLASSES = ("101", "102", "103", "104", "105")
FOREST_CLASSES = ("00m-04m", "04m-10m", "10m-99m")
LEAST = 20          # m²; smaller buildings are dropped

Feature = dict[str, Any]


class Ground:
    """Makes things inside one AOI. Coordinates in degrees, sizes in metres."""

    def __init__(self, job: Job, aoi: Aoi, day: str, lines: bool, points: bool) -> None:
        self.job, self.aoi, self.day, self.lines, self.points = job, aoi, day, lines, points
        self.chance = random.Random(aoi.aoi_id)
        self.outer = aoi.polygon[0]
        self.box = geometry.bounds(self.outer)
        self.across = METRES * math.cos(math.radians((self.box[1] + self.box[3]) / 2))

    def on(self, block: str) -> bool:
        """True when the processing has an optional part switched on."""
        return self.job.order.blocks.get(block, False)

    def centres(self, step: float) -> list[Point]:
        """Places about `step` metres apart, fewer in large areas."""
        west, south, east, north = self.box
        wide, high = (east - west) * self.across, (north - south) * METRES
        step = max(step, math.sqrt(wide * high / MOST))
        rows, columns = max(1, int(high / step)), max(1, int(wide / step))
        places = [(west + (column + 0.5) * (east - west) / columns, south + (row + 0.5) * (north - south) / rows)
                  for row in range(rows) for column in range(columns)]
        return [place for place in places if self.chance.random() > 0.15]

    def shape(self, centre: Point, outline: list[Point]) -> Ring | None:
        """An outline in metres, turned and laid around a place; None when it leaves the AOI."""
        turn = self.chance.uniform(0, math.pi)
        ring = [(round(centre[0] + (x * math.cos(turn) - y * math.sin(turn)) / self.across, 7),
                 round(centre[1] + (x * math.sin(turn) + y * math.cos(turn)) / METRES, 7)) for x, y in outline]
        ring.append(ring[0])
        free = not any(geometry.contains(hole, point) for hole in self.aoi.polygon[1:] for point in ring)
        return ring if free and geometry.holds(self.outer, ring) else None

    def polygons(self, step: float, outline: Callable[[], list[Point]]) -> list[Ring]:
        """Rings of many things of a kind."""
        made = [self.shape(centre, outline()) for centre in self.centres(step)]
        return [ring for ring in made if ring]


def found(ground: Ground) -> list[Feature]:
    """What the model of the processing finds; ids count from 90001."""
    features = KINDS[ground.job.order.model.kind](ground)
    for number, feature in enumerate(features, 90_001):
        feature["properties"] = {"id": number, **feature["properties"]}
    return features


def _feature(kind: str, coordinates: Any, **properties: Any) -> Feature:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _square_metres(ring: Ring) -> int:
    return round(geometry.area_sqkm(ring) * 1e6)


def _buildings(ground: Ground, word: str = "buildings") -> list[Feature]:
    chance, made = ground.chance, []
    for ring in ground.polygons(45.0, lambda: _roof(chance)):
        size = _square_metres(ring)
        if size < LEAST:
            continue
        told: dict[str, Any] = {"object_type": word, "area": size, "GAN": "False",
                                "shape_type": "RECTANGLE" if len(ring) == 5 else "L-SHAPE",
                                "simplification_confidence_score": round(chance.uniform(0.5, 1), 2), "processing_date": ground.day}
        if ground.on("Classification"):
            told["class_id"] = chance.choice(CLASSES)
        if ground.on("Heights"):
            told["building_height"] = round(chance.uniform(3, 40), 1)
        made.append(_feature("Polygon", [ring], **told))
    return made


def _roof(chance: random.Random) -> list[Point]:
    w, h = chance.uniform(4, 16), chance.uniform(3, 9)
    if chance.random() < 0.7:
        return [(-w, -h), (w, -h), (w, h), (-w, h)]
    return [(-w, -h), (w, -h), (w, 0.0), (0.0, 0.0), (0.0, h), (-w, h)]


def _blob(chance: random.Random, size: float) -> list[Point]:
    return [(size * chance.uniform(0.6, 1) * math.cos(a), size * chance.uniform(0.6, 1) * math.sin(a))
            for a in (i * math.pi / 5 for i in range(10))]


def _forest(ground: Ground) -> list[Feature]:
    made = []
    for ring in ground.polygons(120.0, lambda: _blob(ground.chance, 50.0)):
        told: dict[str, Any] = {"object_type": "forest", "area": _square_metres(ring)}
        if ground.on("Heights"):
            told["class_id"] = ground.chance.choice(FOREST_CLASSES)
        made.append(_feature("Polygon", [ring], **told))
    return made


def _roads(ground: Ground) -> list[Feature]:
    made, (_, south, _, north) = [], ground.box
    half = 3.5 / METRES
    for part in (0.25, 0.5, 0.75):
        y = round(south + (north - south) * part, 7)
        for west, east in geometry.spans(ground.outer, y):
            line = [(round(west, 7), y), (round(east, 7), y)]
            if ground.lines:
                made.append(_feature("LineString", line, object_type="roads"))
                continue
            ring = [(line[0][0], y - half), (line[1][0], y - half), (line[1][0], y + half), (line[0][0], y + half)]
            made.append(_feature("Polygon", [[*ring, ring[0]]], object_type="roads"))
    return made


def _construction(ground: Ground) -> list[Feature]:
    rings = ground.polygons(300.0, lambda: _blob(ground.chance, 40.0))
    return [_feature("Polygon", [ring], object_type="construction") for ring in rings]


def _crowns(ground: Ground) -> list[Feature]:
    made = []
    for ring in ground.polygons(30.0, lambda: _blob(ground.chance, 4.0)):
        told = {"object_type": "crown", "max_height": round(ground.chance.uniform(2, 30), 1)}
        made.append(_feature("Point", ring[0], **told) if ground.points else _feature("Polygon", [ring], **told))
    return made


def _multi(ground: Ground) -> list[Feature]:
    water = [_feature("Polygon", [ring], object_type="waterbodies")
             for ring in ground.polygons(400.0, lambda: _blob(ground.chance, 30.0))]
    return _buildings(ground, "building") + _roads(ground) + _forest(ground) + water


def _open(ground: Ground) -> list[Feature]:
    ground.lines = True
    land = [_feature("Polygon", [ring], object_type="landuse", subtype=ground.chance.choice(("park", "farmland")))
            for ring in ground.polygons(350.0, lambda: _blob(ground.chance, 60.0))]
    made = _buildings(ground) + _roads(ground) + land
    for feature in made:
        shape = feature["geometry"]
        west, south, east, north = geometry.bounds(shape["coordinates"] if shape["type"] == "LineString" else shape["coordinates"][0])
        feature["properties"]["bbox"] = {"xmin": west, "xmax": east, "ymin": south, "ymax": north}
    return made


KINDS: dict[str, Callable[[Ground], list[Feature]]] = {
    "buildings": _buildings, "forest": _forest, "roads": _roads, "construction": _construction, "crowns": _crowns,
    "multi": _multi, "open": _open}
