"""Every registered service against its persona of the simulator, over real HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES, Case
from contract.hub import OPEN, follow
from contract.play import Play
from simulator import Simulator
from simulator.object_storage import S3
from simulator.object_storage_gcs import Gcs


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    """One service's case."""
    return CASES[request.param]


@pytest.fixture(scope="session")
def storages() -> Iterator[Storages]:
    """S3 and Google Cloud Storage, started when first asked for and shared by all tests."""
    with ExitStack() as stack:
        yield Storages(stack)


class Storages:
    """The user's own storage."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    @cached_property
    def s3(self) -> S3:
        made = S3()
        self._stack.callback(made.stop)
        return made

    @cached_property
    def gcs(self) -> Gcs:
        made = Gcs()
        self._stack.callback(made.stop)
        return made


class Shared(Simulator):
    """A simulator of one test, with storage that outlives it."""

    storages: Storages

    @property
    def s3(self) -> S3:
        return self.storages.s3

    @property
    def gcs(self) -> Gcs:
        return self.storages.gcs


@pytest.fixture
def sim(storages: Storages) -> Iterator[Simulator]:
    Shared.storages = storages
    with Shared(seed=secrets.randbelow(10**9)) as simulator:
        yield simulator
        assert simulator.errors == []


REQUESTS = [(key, number) for key, case in CASES.items() for number in range(len(case.requests))]


@pytest.fixture(params=REQUESTS, ids=lambda which: f"{which[0]}-{CASES[which[0]].requests[which[1]].operation}-{which[1]}")
def each(request: pytest.FixtureRequest, sim: Simulator) -> Iterator[Play]:
    """Every request of every service, one after the other."""
    key, number = request.param
    play = Play(CASES[key], sim, number)
    yield play
    play.close()


@pytest.fixture
def play(case: Case, sim: Simulator) -> Iterator[Play]:
    """The service and its persona, wired together."""
    play = Play(case, sim)
    yield play
    play.close()


@pytest.fixture
def hub(sim: Simulator) -> Iterator[Play]:
    """Sentinel Hub's persona; every connection to it ends with the test."""
    play = Play(CASES["sentinelhub"], sim)
    yield play
    play.close()
    while OPEN:
        OPEN.pop().close()


@pytest.fixture
def ends(hub: Play, tmp_path: Path) -> Any:
    """A function that follows a request to Sentinel Hub to its end."""
    return partial(follow, hub.sim, tmp_path)
