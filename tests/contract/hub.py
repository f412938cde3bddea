"""Sentinel Hub connected to its persona, and a request followed to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.cases import CASES, JUNE, TOWN
from groundtrack.jobs.job import Job, State, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Step, Steps
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.operation import Request
from groundtrack.providers.sentinelhub import SentinelHub
from groundtrack.providers.transport import Network, RequestsTransport
from simulator import Simulator

PACE = 0.02
NDVI = Request("process", {**JUNE, "evalscript": "ndvi"}, TOWN)
OPEN: list[RequestsTransport] = []


def account(sim: Simulator, *, public: Mapping[str, str] | None = None, **secrets: str) -> Account:
    case = CASES["sentinelhub"]
    known = {**case.public(sim), **(public or {})}
    kept = {name: value for name, value in known.items() if value}
    return Account("sentinelhub", "test", kept, Secrets({**case.secrets(sim), **secrets}))


def connected(sim: Simulator, *, pace: float = PACE, public: Mapping[str, str] | None = None, **secrets: str) -> SentinelHub:
    OPEN.append(RequestsTransport(Network(timeout=(2, 10), pace=pace)))
    return SentinelHub(account(sim, public=public, **secrets), OPEN[-1])


def google(sim: Simulator, name: str = "writer") -> dict[str, Any]:
    return {"public": {"bucket_url": f"gs://{sim.gcs.bucket}/x{sim.sentinelhub.url.rpartition(':')[2]}", "s3_role_arn": ""},
            "gs_credentials": sim.gcs.credentials(name)}


def follow(sim: Simulator, folder: Path, request: Request = NDVI, provider: SentinelHub | None = None, **plan: Any) -> Job:
    """Follow a request to its end; our clock and the service's run fast together."""
    if plan:
        sim.sentinelhub.next_job(**plan)
    journal = Journal(folder / "journal.sqlite")
    steps, provider = Steps(journal, pace=0.001), provider or connected(sim, pace=0.001)
    job = new_job("sentinelhub", "test", request, time.time(), origin="toolbox")
    journal.add_all([job])
    step = steps.submit(job, provider)
    deadline = time.monotonic() + 20
    while step.delay is not None and time.monotonic() < deadline:
        sim.clock.advance(step.delay / 0.001)
        Cancel().wait(step.delay)
        step = _next(steps, step, provider, folder)
    journal.close()
    provider.transport.close()
    return step.job


def _next(steps: Steps, step: Step, provider: SentinelHub, folder: Path) -> Step:
    job = step.job
    if job.state in (State.QUEUED, State.RUNNING):
        return steps.poll([job], provider)[0]
    if job.state is State.SUCCEEDED:
        return steps.fetch(job, provider, folder / job.id, Cancel(), lambda _: None)
    return steps.recover(job, provider)
