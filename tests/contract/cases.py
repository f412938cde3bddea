"""What the contract suite must know of a service: its account, its requests, and how its persona is played.

A new service needs one entry in `CASES`, no new test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers.base import Account, Handle, Phase, Secrets
from groundtrack.providers.operation import Request
from simulator import Simulator
from simulator.personas.astra import Astra

SCENE = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
SEA = from_bounds(3.9, 51.95, 4.2, 52.1)
TOWN = from_bounds(11.5, 48.1, 11.52, 48.12)
YEARS = {"date_start": "2024-03-01", "date_end": "2026-03-01"}


@dataclass(frozen=True)
class Case:
    """One service. Paths are shell-style patterns over the simulator's request log.

    `persona` is the simulator's attribute; `refusals` map an error class's name to what the persona must be told for a submission
    to end in it; `recoverable` says whether a job whose answer was lost can be found again; `files` is the persona that delivers
    results, "" for a storage outside of the simulator; `begins` is a new job's state, `wait_unit` how many units a second of
    Retry-After has.
    """

    persona: str
    requests: tuple[Request, ...]
    public: Callable[[Simulator], Mapping[str, str]]
    secrets: Callable[[Simulator], Mapping[str, str]]
    submit_path: str
    status_path: str
    result_path: str
    refusals: Mapping[str, Callable[[Simulator], Mapping[str, str]]]
    jobs: Callable[[Simulator], Mapping[str, Any]]
    finish: Callable[[Simulator, Handle], None]
    fail: Callable[[Simulator, Handle, str], None]
    speak: Callable[[Simulator, Handle, str], None]
    delivered: Callable[[Simulator, Handle], tuple[bytes, ...]]
    link_seconds: float
    recoverable: bool = True
    files: str = "storage"
    begins: Phase = Phase.QUEUED
    wait_unit: int = 1

    def account(self, sim: Simulator, **secrets: str) -> Account:
        """An account of the persona, its secrets replaced by those given."""
        key = next(key for key, case in CASES.items() if case is self)
        public = dict(self.public(sim))
        changed = {name: secrets.pop(name) for name in list(secrets) if name in public}
        return Account(key, "contract", {**public, **changed}, Secrets({**self.secrets(sim), **secrets}))


def _fail_sateais(sim: Simulator, handle: Handle, message: str) -> None:
    sim.sateais.change_job(handle.remote_id, fail_code="INSUFFICIENT_SCENES", fail_message=message)
    sim.sateais.finish(handle.remote_id)


SATEAIS = Case(
    persona="sateais",
    requests=(
        Request("ship", {"date": "2026-05-04"}, SEA),
        Request("ship", {"scene_id": f"{SCENE}.SAFE"}),
        Request("oilslick", {"date": "2026-05-04", "date_direction": "before", "orbit_direction": "any"}, SEA),
        Request("newbuilding", YEARS, TOWN),
        Request("disappearbuilding", {**YEARS, "orbit_direction": "ascending"}, TOWN),
        Request("timeseries", YEARS, TOWN),
    ),
    public=lambda sim: {"url": sim.sateais.url},
    secrets=lambda sim: {"api_key": sim.sateais.key},
    submit_path="/api/v1/*/*",
    status_path="/api/v1/jobs/*",
    result_path="/api/v1/jobs/*/result.geojson",
    refusals={
        "AuthError": lambda sim: {"api_key": sim.sateais.revoked_key},
        "AuthError plan": lambda sim: {"api_key": sim.sateais.forbidden_key},
        "QuotaError": lambda sim: {"api_key": sim.sateais.broke_key},
    },
    jobs=lambda sim: sim.sateais.jobs,
    finish=lambda sim, handle: sim.sateais.finish(handle.remote_id),
    fail=_fail_sateais,
    speak=lambda sim, handle, word: sim.sateais.change_job(handle.remote_id, status_word=word),
    delivered=lambda sim, handle: (sim.sateais.result_bytes(handle.remote_id),),
    link_seconds=60,
)


def _astra_public(sim: Simulator) -> Mapping[str, str]:
    # these providers have no budget, and small scenes are made faster
    sim.astra.settings.rate_limit, sim.astra.settings.size = False, 200
    return {"url": sim.astra.url}


def _fail_astra(sim: Simulator, handle: Handle, message: str) -> None:
    sim.astra.change_job(handle.remote_id, fail_code="PROCESSING_FAILED", fail_message=message)
    sim.astra.finish(handle.remote_id)


ASTRA = Case(
    persona="astra",
    requests=(
        Request("ndvi", {"scene_ids": [Astra.after]}),
        Request("ndvi", {"scene_ids": [Astra.after], "colormap": "viridis"}),
        Request("change_detection", {"scene_ids": [Astra.before, Astra.after]}),
        Request("change_detection", {"scene_ids": [Astra.after, Astra.before], "threshold": 0.3, "bands": ["red", "nir", "swir16"]}),
    ),
    public=_astra_public,
    secrets=lambda sim: {"api_key": sim.astra.key},
    submit_path="/api/v1/process",
    status_path="/api/v1/process/*",
    result_path="",
    refusals={
        "AuthError": lambda sim: {"api_key": sim.astra.revoked_key},
        "AuthError plan": lambda sim: {"api_key": sim.astra.noplan_key},
    },
    jobs=lambda sim: sim.astra.jobs,
    finish=lambda sim, handle: sim.astra.finish(handle.remote_id),
    fail=_fail_astra,
    speak=lambda sim, handle, word: sim.astra.change_job(handle.remote_id, status_word=word),
    delivered=lambda sim, handle: (sim.astra.expected(handle.remote_id).data,),
    link_seconds=86_400,
    recoverable=False,
)

MODEL = {"model": "🏠 Buildings"}
ROOFS = from_bounds(4.401, 51.23, 4.415, 51.238)
QUAYS = Aoi((*ROOFS.polygons, *from_bounds(4.43, 51.24, 4.44, 51.245).polygons))


def _fail_mapflow(sim: Simulator, handle: Handle, message: str) -> None:
    sim.mapflow.change_job(handle.remote_id, fail_codes=[{"code": message, "parameters": {}}])
    sim.mapflow.finish(handle.remote_id)


MAPFLOW = Case(
    persona="mapflow",
    requests=(
        Request("processing", {**MODEL, "source": "mapbox", "zoom": 18}, ROOFS),
        Request("processing", {**MODEL, "blocks": ["Classification"], "name": "Quay roofs", "meta": {"client": "Harbour"}}, QUAYS),
        Request("processing", {"model": "🚗 Roads", "source_url": "https://tiles.example.org/{z}/{x}/{y}.png", "zoom": 18}, ROOFS),
    ),
    public=lambda sim: {"url": sim.mapflow.url},
    secrets=lambda sim: {"api_token": sim.mapflow.token},
    submit_path="/rest/processings/v2",
    status_path="/rest/processings/*/v2",
    result_path="/rest/processings/*/result",
    refusals={
        "AuthError": lambda sim: {"api_token": sim.mapflow.tokens["bad"]},
        "AuthError plan": lambda sim: {"api_token": sim.mapflow.tokens["readonly"]},
        "QuotaError": lambda sim: {"api_token": sim.mapflow.tokens["no_credits"]},
    },
    jobs=lambda sim: sim.mapflow.jobs,
    finish=lambda sim, handle: sim.mapflow.finish(handle.remote_id),
    fail=_fail_mapflow,
    speak=lambda sim, handle, word: sim.mapflow.change_job(handle.remote_id, status_word=word),
    delivered=lambda sim, handle: (sim.mapflow.result_bytes(handle.remote_id),),
    link_seconds=60,
    files="mapflow",
)

JUNE = {"date_start": "2024-06-01", "date_end": "2024-06-30", "resolution": 60}
TWO_TOWNS = Aoi((*TOWN.polygons, *from_bounds(11.52, 48.12, 11.54, 48.13).polygons))
ALL_DAYS = """//VERSION=3
function setup() {
  return {
    input: [{ bands: ["B02", "B03", "B04", "B08", "dataMask"] }],
    output: [{ id: "default", bands: 1, sampleType: "FLOAT32", nodataValue: -9999 }, { id: "rgb", bands: 3, sampleType: "AUTO" }],
    mosaicking: "ORBIT"
  };
}
function updateOutputMetadata(scenes, inputMetadata, outputMetadata) { outputMetadata.userData = { days: scenes.orbits.length }; }
function evaluatePixel(list) { return { "default": [list.length], rgb: [0, 0, 0] }; }
"""


def _sentinelhub_public(sim: Simulator) -> Mapping[str, str]:
    sim.sentinelhub.settings.requests_per_minute = 0
    return {
        "url": sim.sentinelhub.url, "token_url": sim.sentinelhub.token_url, "client_id": sim.sentinelhub.client_id,
        "bucket_url": f"s3://{sim.s3.bucket}/{sim.sentinelhub.url.rpartition(':')[2]}", "s3_role_arn": sim.s3.role_arn,
        "s3_region": sim.s3.region, "s3_endpoint": sim.s3.endpoint,
    }  # fmt: skip


def _fail_sentinelhub(sim: Simulator, handle: Handle, message: str) -> None:
    sim.sentinelhub.change_job(handle.remote_id, fail_message=message)
    sim.sentinelhub.finish(handle.remote_id)


SENTINELHUB = Case(
    persona="sentinelhub",
    requests=(
        Request("process", {**JUNE, "evalscript": "ndvi", "mosaicking_order": "leastCC", "max_cloud_cover": 30}, TOWN, "job0"),
        Request("process", {**JUNE, "evalscript": ALL_DAYS, "upsampling": "BILINEAR", "clip": False}, TWO_TOWNS, "job1"),
        Request("process", {**JUNE, "collection": "sentinel-1-grd", "evalscript": "s1_vv_vh", "orthorectify": True,
                            "back_coefficient": "GAMMA0_TERRAIN", "speckle_filter": "LEE", "crs": "EPSG:3857"}, TOWN, "job2"),
        Request("process", {**JUNE, "evalscript": "true_color", "format": "image/PNG", "width": 64, "height": 32}, TWO_TOWNS, "job3"),
    ),
    public=_sentinelhub_public,
    secrets=lambda sim: {"client_secret": sim.sentinelhub.client_secret, "s3_access_key": sim.s3.reader.key_id,
                         "s3_secret_key": sim.s3.reader.secret},
    submit_path="/api/v1/async/process",
    status_path="/api/v1/async/process/*",
    result_path="",
    refusals={
        "AuthError": lambda sim: {"client_secret": "no such secret"},
        "AuthError plan": lambda sim: {"client_id": sim.sentinelhub.noprocess_client_id,
                                       "client_secret": sim.sentinelhub.secret(sim.sentinelhub.noprocess_client_id)},
    },
    jobs=lambda sim: sim.sentinelhub.jobs,
    finish=lambda sim, handle: sim.sentinelhub.finish(handle.remote_id),
    fail=_fail_sentinelhub,
    speak=lambda sim, handle, word: sim.sentinelhub.change_job(handle.remote_id, status_word=word),
    delivered=lambda sim, handle: tuple(sim.s3.read(file.key) for file in sim.sentinelhub.expected(handle.remote_id).files.values()),
    link_seconds=60,
    files="",
    begins=Phase.RUNNING,
    wait_unit=1000,
)  # fmt: skip

CASES: dict[str, Case] = {"astra": ASTRA, "mapflow": MAPFLOW, "sateais": SATEAIS, "sentinelhub": SENTINELHUB}
