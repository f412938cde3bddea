"""A Mapflow account at the simulator, with jobs there that were made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from groundtrack.aoi import from_bounds
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.operation import Request

KEY = "mapflow/Harbour office"
ROOFS = from_bounds(4.401, 51.23, 4.415, 51.238)


def mapflow_account(session: Any, simulator: Any, use: str = "good") -> str:
    """An account of the simulated Mapflow; its key."""
    secrets = Secrets({"api_token": simulator.mapflow.tokens[use]})
    session.store.save(Account("mapflow", "Harbour office", {"url": simulator.mapflow.url}, secrets), remember=False)
    session.refresh_accounts()
    return KEY


@contextmanager
def service(session: Any) -> Iterator[Any]:
    """The service as another program sees it."""
    provider = session.provider(session.account(KEY))
    yield provider
    provider.transport.close()


def made_elsewhere(session: Any, *names: str, aoi: Any = ROOFS, **values: Any) -> list[Any]:
    """Jobs that somebody started with another program, by their names; their handles."""
    asked = {"model": "🏠 Buildings", "source": "mapbox", **values}
    with service(session) as provider:
        return [provider.submit(Request("processing", {**asked, "name": name}, aoi)) for name in names]


def adopt(qtbot: Any, session: Any, handle: Any) -> Any:
    """One of those as a job here."""
    with service(session) as provider:
        remote = next(job for job in provider.history().jobs if job.handle.remote_id == handle.remote_id)
    session.adopt(session, session.account(KEY), remote, lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: session.known("mapflow", handle.remote_id) is not None, timeout=20_000)
    return session.known("mapflow", handle.remote_id)
