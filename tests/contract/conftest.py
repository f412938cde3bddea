"""Every registered service against its persona of the simulator, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract.cases import CASES, Case
from contract.play import Play
from simulator import Simulator


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    """One service's case."""
    return CASES[request.param]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(seed=7) as simulator:
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
