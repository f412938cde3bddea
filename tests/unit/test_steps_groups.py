"""Sending members of a group: the price is asked for first where there is a budget, and what a group holds back stays a draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.group import NO_PRICE, Group, new_group
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.steps import CROWDED, HELD
from groundtrack.providers.base import Cost
from groundtrack.providers.errors import AuthError, InvalidRequest, QuotaError, TransportError
from support.service import draft
from support.steps import Case


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path)
    made.world.price = Cost(2.0, "credits")
    yield made
    made.journal.close()


def batch(case: Case, count: int = 2, **known: Any) -> tuple[Group, list[Job]]:
    group = new_group("Harbours", case.now, **known)
    jobs = [draft({"n": number}, now=case.now, group=group.id, member=str(number)) for number in range(count)]
    case.journal.add_all(jobs, group)
    return group, jobs


def test_the_price_is_asked_for_once_and_written_down(case: Case) -> None:
    group, jobs = batch(case, budget=3.0)
    assert case.submit(jobs[0]).job.state is State.QUEUED
    assert case.journal.get(jobs[0].id).estimate == "2 credits"
    assert case.journal.group(group.id).unit == "credits"
    held = case.submit(jobs[1])
    assert (held.job.state, held.delay, held.held, held.job.estimate) == (State.DRAFT, HELD, True, "2 credits")
    case.submit(held.job)
    assert case.world.estimates == [jobs[0].id, jobs[1].id]
    assert len(case.world.submits) == 1


def test_without_a_budget_nobody_is_asked_for_a_price(case: Case) -> None:
    _, jobs = batch(case)
    case.submit(jobs[0])
    case.submit(case.new())
    assert case.world.estimates == []
    assert len(case.world.submits) == 2


@pytest.mark.parametrize("price", [None, Cost(None, "credits"), Cost(2.0, "points"), Cost(-1.0, "credits")])
def test_what_has_no_price_waits_and_says_so(case: Case, price: Any) -> None:
    group, jobs = batch(case, budget=50.0, unit="credits")
    case.world.price = price
    step = case.submit(jobs[0])
    assert (step.job.state, step.held, step.job.word) == (State.DRAFT, True, NO_PRICE)
    assert "does not tell what this one costs" in step.job.message
    assert case.world.submits == []
    case.journal.change_group(group.id, budget=None)
    sent = case.submit(step.job).job
    assert (sent.state, sent.message, sent.word) == (State.QUEUED, "", "")


def test_a_price_that_is_refused_is_a_refused_job(case: Case) -> None:
    _, jobs = batch(case, budget=50.0)
    case.world.script["estimate"] = [InvalidRequest("The area is in the sea.")]
    step = case.submit(jobs[0])
    assert (step.job.state, step.job.remote_id, step.job.message[:23]) == (State.FAILED, "", "The area is in the sea.")
    assert case.world.submits == []


def test_a_price_that_is_not_answered_is_asked_for_again(case: Case) -> None:
    _, jobs = batch(case, budget=50.0)
    case.world.script["estimate"] = [TransportError("No network."), QuotaError("Slow down.", waits=True)]
    step = case.submit(jobs[0])
    assert (step.job.state, step.delay, step.held) == (State.DRAFT, 5.0, False)
    assert (case.submit(step.job).delay, case.world.submits) == (CROWDED, [])
    assert case.submit(step.job).job.state is State.QUEUED


def test_a_price_that_needs_another_key_holds_up_the_account(case: Case) -> None:
    _, jobs = batch(case, budget=50.0)
    case.world.script["estimate"] = [AuthError("Wrong key.", status=401)]
    with pytest.raises(AuthError):
        case.submit(jobs[0])
    assert case.journal.get(jobs[0].id).state is State.DRAFT


def test_an_empty_account_pauses_the_group_instead_of_failing_every_member(case: Case) -> None:
    group, jobs = batch(case)
    case.world.script["submit"] = [QuotaError("No credits left.")]
    step = case.submit(jobs[0])
    assert (step.job.state, step.held) == (State.DRAFT, True)
    known = case.journal.group(group.id)
    assert (known.paused, known.note[:16]) == (True, "No credits left.")
    assert case.submit(jobs[1]).held
    assert len(case.world.submits) == 1
    case.journal.change_group(group.id, paused=False, note="")
    assert [case.submit(job).job.state for job in jobs] == [State.QUEUED, State.QUEUED]


def test_an_empty_account_fails_a_job_of_no_group(case: Case) -> None:
    case.world.script["submit"] = [QuotaError("No credits left.")]
    assert case.submit(case.new()).job.state is State.FAILED


@pytest.mark.parametrize("problem", [TransportError("No network."), QuotaError("Slow down.", waits=True), QuotaError("No credits left.")])
def test_what_was_cancelled_while_its_price_was_asked_for_is_not_sent(case: Case, problem: Exception, monkeypatch: Any) -> None:
    _, jobs = batch(case, budget=50.0)

    def cancelled_meanwhile(request: Any) -> Any:
        case.journal.change(jobs[0].id, state=State.CANCELLED)
        raise problem

    monkeypatch.setattr(case.provider, "estimate", cancelled_meanwhile)
    step = case.submit(jobs[0])
    assert (step.job.state, case.world.submits) == (State.CANCELLED, [])
