"""The host of tiles and previews of the Mapflow persona, on a port of its own: it wants no credentials and refuses them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..geometry import bounds
from ..messages import Request, Response, json_response
from .base import Persona
from .mapflow_features import Feature
from .mapflow_geometry import Box
from .mapflow_jobs import Job
from .mapflow_pixels import png
from .mapflow_results import features
from .mapflow_tiles import encoded

if TYPE_CHECKING:
    from .mapflow import Mapflow

TILE_JSON = {"tilejson": "2.2.0", "minzoom": 0, "maxzoom": 22}


@dataclass
class NoSettings:
    """The host has no switches of its own."""


class MapflowApp(Persona):
    """Vector tiles, rendered tiles, TileJSON, previews of scenes and of providers."""

    name = "mapflow_app"

    def __init__(self, service: Mapflow) -> None:
        super().__init__()
        self.settings = NoSettings()
        self._service = service
        self._features: dict[str, list[Feature]] = {}
        self.route("GET", "/api/layers/{layer}.json", self._vector_json)
        self.route("GET", "/api/layers/{layer}/tiles/{z}/{x}/{y}.vector.pbf", self._vector_tile)
        self.route("GET", "/api/layers/{z}/{x}/{y}.pbf", self._seed_tile)
        self.route("GET", "/api/v0/cogs/tiles.json", self._raster_json)
        self.route("GET", "/api/v0/cogs/tiles/{z}/{x}/{y}.png", self._raster_tile)
        self.route("GET", "/tiles/{provider}/{z}/{x}/{y}.png", self._raster_tile)
        self.route("GET", "/previews/{name}", self._preview)

    def handle(self, request: Request) -> Response:
        """Answer one request; credentials are noted and refused."""
        if not self._service.gate.watch(request, public=True):
            return json_response(400, {"message": "Credentials do not belong here"})
        return super().handle(request)

    def described(self) -> dict[str, Any]:
        """Its address for the control interface."""
        return {"url": self.url}

    def layer_id(self, job: Job) -> str:
        """The id in the addresses of a vector layer, which is not the id of the layer."""
        word = hashlib.sha256(job.job_id.encode()).hexdigest()
        return f"{word[:8]}-{word[8:12]}-{word[12:16]}-{word[16:20]}-{word[20:32]}"

    def vector_tiles(self, job: Job) -> str:
        """The pattern of the addresses of vector tiles."""
        if self._service.settings.tile_pattern == "seed":
            return f"{self.url}/api/layers/{{z}}/{{x}}/{{y}}.pbf?layer={self.layer_id(job)}"
        return f"{self.url}/api/layers/{self.layer_id(job)}/tiles/{{z}}/{{x}}/{{y}}.vector.pbf"

    def cog(self, uri: str) -> dict[str, str]:
        """The addresses of a raster layer."""
        return {"tileJsonUrl": f"{self.url}/api/v0/cogs/tiles.json?uri={uri}",
                "tileUrl": f"{self.url}/api/v0/cogs/tiles/{{z}}/{{x}}/{{y}}.png?uri={uri}"}

    def preview(self, name: str) -> str:
        """The address of a preview of a scene, with a signature."""
        return f"{self.url}/previews/{quote(name)}.png?sig={hashlib.sha256(name.encode()).hexdigest()[:12]}"

    def _job(self, layer: str) -> Job | None:
        return next((job for job in list(self._service.jobs.values()) if self.layer_id(job) == layer), None)

    def _vector_json(self, request: Request, layer: str) -> Response:
        job = self._job(layer)
        if job is None:
            return self.no_route()
        return json_response(200, {**TILE_JSON, "tiles": [self.vector_tiles(job)], "bounds": list(_box(job)),
                                   "vector_layers": [{"id": "vector_layer", "fields": {}}]})

    def _vector_tile(self, request: Request, layer: str, z: str, x: str, y: str) -> Response:
        job = self._job(layer)
        box = _tile_box(z, x, y)
        if job is None or box is None:
            return self.no_route()
        if job.job_id not in self._features:
            self._features[job.job_id] = features(job, job.aois, self._service.settings)
        media = {"Content-Type": "application/vnd.mapbox-vector-tile"}
        return Response(200, media, encoded(self._features[job.job_id], int(z), int(x), int(y)))

    def _seed_tile(self, request: Request, z: str, x: str, y: str) -> Response:
        return self._vector_tile(request, request.query.get("layer", ""), z, x, y)

    def _raster_json(self, request: Request) -> Response:
        uri = request.query.get("uri", "")
        box = self._box_of(uri.rsplit("/", 1)[-1])
        if not uri.startswith("s3://") or box is None:
            return self.no_route()
        return json_response(200, {**TILE_JSON, "maxzoom": 18, "tiles": [self.cog(uri)["tileUrl"]], "bounds": list(box)})

    def _box_of(self, uid: str) -> Box | None:
        if uid in self._service.jobs:
            return _box(self._service.jobs[uid])
        rings = [image.ring for image in self._service.images.values() if image.mosaic_id == uid and image.ring]
        return bounds([point for ring in rings for point in ring]) if rings else None

    def _raster_tile(self, request: Request, z: str, x: str, y: str, provider: str = "") -> Response:
        north_up = y if not y.startswith("-") else y[1:]
        if _tile_box(z, x, north_up) is None or not (provider or request.query.get("uri", "").startswith("s3://")):
            return self.no_route()
        return Response(200, {"Content-Type": "image/png"}, png(256, f"{provider}{z}{x}{y}"))

    def _preview(self, request: Request, name: str) -> Response:
        if "sig" not in request.query:
            return json_response(403, {"message": "The signature is missing"})
        return Response(200, {"Content-Type": "image/png"}, png(512, name))


def _box(job: Job) -> Box:
    return bounds([point for aoi in job.aois for point in aoi.polygon[0]])


def _tile_box(z: str, x: str, y: str) -> Box | None:
    """The box of a tile in degrees, None when there is no such tile."""
    if not all(text.isdigit() for text in (z, x, y)) or not int(z) <= 25 or max(int(x), int(y)) >= 1 << int(z):
        return None
    count = 1 << int(z)

    def lat(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / count))))
    return int(x) * 360 / count - 180, lat(int(y) + 1), (int(x) + 1) * 360 / count - 180, lat(int(y))
