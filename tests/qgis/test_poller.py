"""The thread that follows all jobs, inside a real event loop: the whole way, accounts, bad weather."""

from __future__ import annotations

import time
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.providers import errors
from groundtrack.providers.base import Phase, Secrets
from qgis.PyQt.QtCore import QCoreApplication, QTimer
from support.pollers import Watched, draft
from support.service import ACCOUNT, CONTENT, World, wait_until

OTHER = replace(ACCOUNT, name="Harbour")


# The whole way


def test_a_job_goes_its_way_while_the_main_thread_is_free(make: Any, world: World) -> None:
    watched, job, gaps = make(world).start(), draft(), []
    last = [time.perf_counter()]
    timer = QTimer()

    def tick() -> None:
        gaps.append(time.perf_counter() - last[0])
        last[0] = time.perf_counter()

    timer.timeout.connect(tick)
    timer.start(2)
    begun = time.perf_counter()
    watched.run(job)
    assert time.perf_counter() - begun < 0.02
    watched.wait_for(State.FETCHED, job)
    timer.stop()
    assert Path(watched.jobs[job.id].files[0]).read_bytes() == CONTENT
    assert max(gaps) < 0.25
    assert [state for _, state, _ in watched.journal.events(job.id)] == [
        State.DRAFT, State.SUBMITTING, State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FETCHING, State.FETCHED,
    ]  # fmt: skip


def test_snapshots_are_immutable_and_come_at_most_ten_times_a_second(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,) * 15 + (Phase.SUCCEEDED,)
    world.most_running = 30
    watched, jobs = make(world, 0.001).start(), [draft({"n": n}) for n in range(30)]
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs, seconds=20)
    times = [at for at, _ in watched.batches]
    span = times[-1] - times[0]
    assert len(times) <= span / 0.1 + 2
    assert all(len(batch) == len({job.id for job in batch}) for _, batch in watched.batches)
    with pytest.raises(FrozenInstanceError):
        watched.batches[0][1][0].state = State.LOST


def test_neither_state_nor_progress_goes_back_in_what_is_told(make: Any, world: World) -> None:
    world.phases = (Phase.QUEUED, Phase.RUNNING, Phase.QUEUED, Phase.RUNNING, Phase.SUCCEEDED)
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(4)]
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs)
    for job in jobs:
        told = [item for _, batch in watched.batches for item in batch if item.id == job.id]
        ranks = [item.state.rank for item in told]
        assert ranks == sorted(ranks)
        running = [item.progress for item in told if item.state is State.RUNNING]
        assert running == sorted(running)


def test_one_question_for_many_jobs_and_one_at_a_time_for_each(make: Any, world: World) -> None:
    world.held, world.most_running = True, 50
    world.script["statuses"] = [lambda *_: time.sleep(0.03)] * 200
    watched, jobs = make(world, 0.01).start(), [draft({"n": n}) for n in range(50)]
    watched.run(*jobs)
    watched.wait(lambda: any(len(ids) == 50 for ids in world.rounds))
    world.rounds.clear()
    watched.wait(lambda: len(world.rounds) >= 3)
    assert {len(ids) for ids in world.rounds} == {50}
    world.held = False
    watched.wait_for(State.FETCHED, *jobs)
    assert set(world.most_busy.values()) == {1}


def test_500_drafts_finish_and_the_cap_is_kept(make: Any, world: World) -> None:
    world.phases, over = (Phase.SUCCEEDED,), []
    world.script["submit"] = [lambda provider, request: over.append(world.open_jobs()) for _ in range(500)]
    watched, jobs = make(world, 0.0002).start(), [draft({"n": n}) for n in range(500)]
    begun = time.monotonic()
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs, seconds=60)
    print(f"500 jobs in {time.monotonic() - begun:.1f} s, {len(watched.batches)} batches, {len(world.rounds)} rounds")
    assert len(world.jobs) == len({tag for tag, _ in world.submits}) == 500
    assert max(over) < 4


def test_drafts_are_sent_in_the_order_they_were_asked_for(make: Any, world: World) -> None:
    world.most_running = 1
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(6)]
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs)
    assert [tag for tag, _ in world.submits] == [job.id for job in jobs]


def test_too_many_at_the_service_puts_the_draft_back_and_sends_no_other_meanwhile(make: Any, world: World) -> None:
    world.script["submit"] = [errors.QuotaError("Too many jobs.", waits=True, retry_after=0.4)]
    world.most_running = 1
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(3)]
    watched.run(*jobs)
    watched.wait(lambda: "Too many jobs." in watched.jobs.get(jobs[0].id, jobs[0]).message)
    assert watched.state(jobs[0]) is State.DRAFT
    watched.wait_for(State.FETCHED, *jobs)
    times = [at for _, at in world.submits]
    assert times[1] - times[0] >= 0.4  # the service's own word is not scaled by the pace
    assert len(world.jobs) == 3


def test_the_event_loop_is_needed_for_no_step(make: Any, world: World) -> None:
    """The main thread may be busy for long: jobs go on, and the news come in one batch afterwards."""
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(4)]
    watched.run(*jobs)
    wait_until(lambda: len(world.jobs) == 4 and not world.open_jobs())
    QCoreApplication.processEvents()
    watched.wait_for(State.FETCHED, *jobs)


# Accounts


def test_jobs_wait_for_their_account_and_go_on_by_themselves(make: Any, world: World) -> None:
    watched, job = make(world).start(OTHER), draft()
    watched.run(job)
    watched.wait(lambda: watched.stuck == [{"fake/Port": ""}])
    watched.settle()
    assert world.submits == []
    watched.poller.set_accounts({"fake/Port": ACCOUNT})
    watched.wait_for(State.FETCHED, job)
    assert watched.stuck == [{"fake/Port": ""}, {}]


def test_a_key_that_is_not_accepted_pauses_its_account_only(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,)
    watched = make(world).start(ACCOUNT, OTHER)
    mine, other = draft(), draft(account="Harbour")
    watched.run(mine, other)
    watched.wait_for(State.RUNNING, mine, other)
    refused = [True]

    def refuse(provider: Any, ids: Any) -> None:
        if provider.account.name == "Port" and refused[0]:
            raise errors.AuthError("Key revoked.")

    world.script["statuses"] = [refuse] * 10_000
    watched.wait(lambda: watched.stuck and "Key revoked." in watched.stuck[-1].get("fake/Port", ""))
    world.rounds.clear()
    watched.settle()
    ids = {ids for round_ in world.rounds for ids in round_}
    assert ids == {watched.jobs[other.id].remote_id}
    assert watched.state(mine) is State.RUNNING
    refused[0] = False
    watched.poller.set_accounts({"fake/Port": replace(ACCOUNT, secrets=Secrets({"api_key": "two"})), "fake/Harbour": OTHER})
    world.rounds.clear()
    watched.wait(lambda: watched.stuck[-1] == {} and len({i for r in world.rounds for i in r}) == 2)


def test_resume_tries_an_account_again(make: Any, world: World) -> None:
    world.script["submit"] = [errors.AuthError("Not accepted.", status=401)]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(lambda: watched.stuck and "Not accepted." in watched.stuck[-1].get("fake/Port", ""))
    assert watched.state(job) is State.DRAFT
    watched.poller.resume("fake/Port")
    watched.wait_for(State.FETCHED, job)


def test_a_service_whose_file_is_broken_stops_nobody_else(make: Any, world: World, tmp_path: Path) -> None:
    def connect(account: Any, cancel: Any) -> Any:
        if account.provider == "fake":
            return world.connect(account, cancel)
        raise LookupError("The service “broken” cannot be used: invalid syntax.")

    watched = Watched(tmp_path / "journal.sqlite", connect)
    try:
        watched.start(ACCOUNT, replace(ACCOUNT, provider="broken"))
        broken, fine = draft().changed(provider="broken"), draft()
        watched.run(broken, fine)
        watched.wait_for(State.FETCHED, fine)
        watched.wait(lambda: watched.stuck and watched.stuck[-1] == {"broken/Port": "The service “broken” cannot be used: invalid syntax."})
        assert watched.state(broken) is State.DRAFT
    finally:
        watched.end()


# Weather


def test_without_network_states_are_kept_and_all_goes_on_later(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,) * 2 + (Phase.SUCCEEDED,)
    offline = errors.TransportError("It cannot be reached.")
    world.script.update({"submit": [offline] * 2, "statuses": [offline] * 4, "assets": [offline] * 2})
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.FETCHED, job)
    told = [item for _, batch in watched.batches for item in batch]
    assert {item.state for item in told}.isdisjoint({State.FAILED, State.LOST, State.UNCONFIRMED, State.CANNOT_READ})
    assert len(world.jobs) == 1


def test_a_fault_of_a_provider_ends_neither_thread_nor_job(make: Any, world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.script["statuses"] = [lambda *_: 1 / 0]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(lambda: "ZeroDivisionError" in watched.jobs.get(job.id, job).warning)
    watched.wait_for(State.FETCHED, job)
    assert watched.jobs[job.id].warning == ""
    assert "a step failed" in caplog.text
