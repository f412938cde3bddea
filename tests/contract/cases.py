"""What the contract suite must know of a service: its account, its requests, and how its persona is played.

A new service needs one entry in `CASES`, no new test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers.base import Account, Handle, Secrets
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
    to end in it; `recoverable` says whether a job whose answer was lost can be found again; `files` is the persona that delivers results.
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

    def account(self, sim: Simulator, **secrets: str) -> Account:
        """An account of the persona, its secrets replaced by those given."""
        key = next(key for key, case in CASES.items() if case is self)
        return Account(key, "contract", dict(self.public(sim)), Secrets({**self.secrets(sim), **secrets}))


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

CASES: dict[str, Case] = {"astra": ASTRA, "mapflow": MAPFLOW, "sateais": SATEAIS}
