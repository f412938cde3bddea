"""The thread that follows all jobs, inside a real event loop."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any, Callable

import pytest
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import LOOKS
from groundtrack.providers import errors
from groundtrack.providers.base import Phase, Secrets
from qgis.PyQt.QtCore import QCoreApplication, QTimer
from support import service
from support.pollers import PACE, Watched, fake, threads
from support.service import ACCOUNT, CONTENT, World, open_files, wait_until

OTHER = replace(ACCOUNT, name="Harbour")


def draft(values: Any = None, **known: Any) -> Job:
    return service.draft(values, operation="steady", **known)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def one(world: World, pace: float = PACE) -> Watched:
        made.append(fake(tmp_path, world, pace))
        return made[-1]

    yield one
    for watched in made:
        watched.end()
    wait_until(lambda: not threads(), what="threads left behind")
    assert open_files(tmp_path) == []


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
    watched.settle(0.6)
    assert {len(ids) for ids in world.rounds} == {50}
    assert 2 <= len(world.rounds) <= 6  # every 100 to 110 ms
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


# What a person does


def test_unknown_outcome_rests_and_check_now_looks_again(make: Any, world: World) -> None:
    def lose(provider: Any, request: Any) -> None:
        world.hidden.add(world.create(request))
        raise errors.AmbiguousSubmit("No answer came.")

    world.script["submit"] = [lose]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(lambda: "before you run this again" in watched.jobs.get(job.id, job).message)
    looks = len(world.recovers)
    assert looks == len(LOOKS)
    watched.settle()
    assert len(world.recovers) == looks  # no endless loop
    world.hidden.clear()
    watched.poller.check_now(job.id)
    watched.wait_for(State.FETCHED, job)
    assert len(world.submits) == len(world.jobs) == 1


def test_jobs_of_unknown_outcome_do_not_hold_up_drafts_for_ever(make: Any, world: World) -> None:
    world.most_running = 1
    world.script["submit"] = [errors.AmbiguousSubmit("No answer came.")]
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(3)]
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs[1:])
    assert watched.state(jobs[0]) is State.UNCONFIRMED


def test_cancel_of_a_draft_a_running_job_and_one_in_the_middle_of_a_call(make: Any, world: World) -> None:
    world.phases, world.most_running = (Phase.RUNNING,), 2
    gate, entered = threading.Event(), threading.Event()

    def block(*_: Any) -> None:
        entered.set()
        gate.wait(10)

    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(3)]
    watched.run(*jobs)
    watched.wait_for(State.RUNNING, *jobs[:2])
    watched.poller.cancel_job(jobs[2].id)
    watched.wait_for(State.CANCELLED, jobs[2])
    assert "nothing was charged" in watched.jobs[jobs[2].id].message
    watched.poller.cancel_job(jobs[0].id)
    watched.wait_for(State.CANCELLED, jobs[0])
    assert world.stopped == [watched.jobs[jobs[0].id].remote_id]
    world.script["statuses"] = [block]
    watched.wait(entered.is_set)
    watched.poller.cancel_job(jobs[1].id)  # while it is being asked for
    watched.settle(0.05)
    gate.set()
    watched.wait_for(State.CANCELLED, jobs[1])
    assert len(world.stopped) == 2


def test_cancel_of_a_download_and_check_now_goes_on(make: Any, world: World) -> None:
    entered = threading.Event()

    def block(provider: Any, asset: Any, cancel: Any) -> None:
        entered.set()
        cancel.wait(10)

    world.script["open"] = [block]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(entered.is_set)
    watched.poller.cancel_job(job.id)
    watched.wait(lambda: "Check Now" in watched.jobs[job.id].message)
    watched.settle(0.1)
    assert watched.state(job) is State.SUCCEEDED
    watched.poller.check_now(job.id)
    watched.wait_for(State.FETCHED, job)


def test_forget_also_in_the_middle_of_a_call(make: Any, world: World) -> None:
    world.held = True
    gate, entered = threading.Event(), threading.Event()

    def block(*_: Any) -> None:
        entered.set()
        gate.wait(10)

    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(3)]
    watched.run(*jobs)
    watched.wait_for(State.RUNNING, *jobs)
    world.script["statuses"] = [block]
    watched.wait(entered.is_set)
    watched.poller.forget(jobs[1].id)
    watched.wait(lambda: watched.forgotten == [jobs[1].id])
    world.held = False
    gate.set()
    watched.wait_for(State.FETCHED, jobs[0], jobs[2])
    assert watched.journal.ids() == {jobs[0].id, jobs[2].id}


def test_a_call_at_the_service_restarts_a_failed_job(make: Any, world: World) -> None:
    world.phases = (Phase.FAILED, Phase.SUCCEEDED)
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.FAILED, job)
    called: list[str] = []
    watched.poller.call_job(job.id, lambda provider, known: called.append(known.remote_id))
    watched.wait_for(State.FETCHED, job)
    assert called == ["remote-1"]


def test_a_call_that_is_refused_is_told_and_changes_nothing(make: Any, world: World) -> None:
    world.phases = (Phase.FAILED,)
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.FAILED, job)

    def refuse(provider: Any, known: Job) -> None:
        raise errors.NotFound("Fake cannot restart a job.")

    watched.poller.call_job(job.id, refuse)
    watched.wait(lambda: "cannot restart" in watched.jobs[job.id].warning)
    watched.settle(0.1)
    assert watched.state(job) is State.FAILED


def test_a_job_of_a_headless_run_is_not_sent_by_the_dock(make: Any, world: World) -> None:
    watched = make(world)
    headless, own = draft(origin="toolbox"), draft({"n": 2})
    watched.journal.add(headless)
    watched.journal.release()
    watched.start()
    watched.run(own)
    watched.wait_for(State.FETCHED, own)
    watched.settle()
    assert watched.state(headless) is State.DRAFT
    assert len(world.submits) == 1


def test_what_another_process_writes_is_shown(make: Any, world: World, tmp_path: Path) -> None:
    watched = make(world).start()
    other, job = Journal(tmp_path / "journal.sqlite"), draft(account="Somewhere")
    other.add(job)
    watched.wait(lambda: job.id in watched.jobs)
    other.change(job.id, state=State.FETCHED)
    watched.wait_for(State.FETCHED, job)
    other.forget(job.id)
    watched.wait(lambda: watched.forgotten == [job.id])
    other.close()


def test_questions_and_work_are_answered_with_their_ticket(make: Any, world: World) -> None:
    watched = make(world).start()
    asked = watched.poller.ask(ACCOUNT, lambda provider: provider.title)
    worked = watched.poller.work(lambda: 6 * 7)
    failed = watched.poller.work(lambda: 1 / 0)
    watched.wait(lambda: len(watched.answers) == 3)
    assert (watched.answers[asked], watched.answers[worked]) == ("Fake", 42)
    assert isinstance(watched.answers[failed], ZeroDivisionError)


def test_questions_are_answered_while_every_step_hangs(make: Any, world: World) -> None:
    gate, world.most_running = threading.Event(), 40
    world.script["submit"] = [lambda *_: gate.wait(10)] * 40
    watched = make(world).start()
    watched.run(*[draft({"n": n}) for n in range(40)])
    wait_until(lambda: len(world.submits) >= 8)
    ticket = watched.poller.ask(ACCOUNT, lambda provider: provider.title)
    watched.wait(lambda: ticket in watched.answers, 2)
    gate.set()


# Two on one journal


def test_only_the_holder_acts_and_the_other_takes_over(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,)
    first, second_world = make(world).start(), World(phases=(Phase.RUNNING, Phase.SUCCEEDED), jobs=world.jobs)
    jobs = [draft({"n": n}) for n in range(6)]
    first.run(*jobs)
    first.wait_for(State.RUNNING, *jobs[:4])
    second = make(second_world).start()
    second.wait_for(State.RUNNING, *jobs[:4])
    second.settle()
    assert (second_world.rounds, second_world.submits) == ([], [])
    second.poller.check_now(jobs[0].id)
    second.wait(lambda: "Another QGIS" in second.jobs[jobs[0].id].warning)
    first.poller.stop()
    second.wait_for(State.FETCHED, *jobs)
    assert len(world.submits) + len(second_world.submits) == len(jobs)
    assert {tag for tag, _ in world.submits}.isdisjoint(tag for tag, _ in second_world.submits)


def test_two_pollers_at_once_send_each_draft_once(make: Any, world: World) -> None:
    world.phases, world.most_running = (Phase.SUCCEEDED,), 8
    one, other = make(world).start(), make(world).start()
    jobs = [draft({"n": n}) for n in range(40)]
    one.run(*jobs)
    other.run(*jobs)
    one.wait_for(State.FETCHED, *jobs)
    other.wait_for(State.FETCHED, *jobs)
    assert sorted(tag for tag, _ in world.submits) == sorted(job.id for job in jobs)


# The journal


def test_a_journal_that_cannot_be_used_is_said_once_and_nothing_is_lost(make: Any, world: World, tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").mkdir()
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(lambda: watched.broken)
    watched.settle()
    assert len(watched.broken) == 1
    assert "journal.sqlite cannot be used" in watched.broken[0]
    assert world.submits == []
    (tmp_path / "journal.sqlite").rmdir()
    watched.wait_for(State.FETCHED, job)


def test_a_newer_journal_is_said_and_left_alone(make: Any, world: World, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    watched = make(world).start()
    watched.run(draft())
    watched.wait(lambda: watched.broken)
    assert "written by a newer Groundtrack" in watched.broken[0]
    assert world.submits == []


def test_a_disk_that_is_full_in_the_middle_costs_no_job(make: Any, world: World) -> None:
    """Every connection of every thread refuses to write, then there is space again."""
    world.held = True
    watched = make(world)
    full, connection = [False], watched.journal._db

    def db() -> sqlite3.Connection:
        opened = connection()
        opened.execute(f"PRAGMA query_only = {int(full[0])}")
        return opened

    watched.journal._db = db
    watched.start()
    jobs = [draft({"n": n}) for n in range(6)]
    watched.run(*jobs[:3])
    watched.wait_for(State.RUNNING, *jobs[:3])
    full[0] = True
    watched.run(*jobs[3:])
    watched.wait(lambda: watched.broken)
    assert "cannot be written" in watched.broken[0]
    full[0] = world.held = False
    watched.wait_for(State.FETCHED, *jobs)
    assert len(world.jobs) == 6


# The end


@pytest.mark.parametrize("call", ["submit", "statuses", "assets", "open", "recover"])
def test_stop_returns_at_once_whatever_hangs(make: Any, world: World, call: str, tmp_path: Path) -> None:
    entered = threading.Event()

    def hang(provider: Any, *_: Any) -> None:
        entered.set()
        provider.cancel.wait(30)

    world.script[call] = [hang]
    if call == "recover":
        world.script["submit"] = [errors.AmbiguousSubmit("No answer.")]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait(entered.is_set)
    stopped, waited = watched.end()
    assert stopped < 0.1
    assert waited < 0.5
    wait_until(lambda: not threads(), 2)
    journal = Journal(tmp_path / "journal.sqlite")
    kept = journal.get(job.id)
    assert kept.state.followed
    assert journal.hold(job.id)  # the lease was given back
    journal.close()


def test_jobs_go_on_where_they_were_after_a_restart(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,) * 3 + (Phase.SUCCEEDED,)
    first, jobs = make(world).start(), [draft({"n": n}) for n in range(10)]
    first.run(*jobs)
    first.wait(lambda: len(world.jobs) >= 2)
    first.end()
    second = make(world).start()
    second.wait_for(State.FETCHED, *jobs)
    assert len(world.jobs) == 10


def test_a_poller_may_be_stopped_before_it_started_and_twice(make: Any, world: World) -> None:
    watched = make(world)
    watched.poller.work(lambda: 1)
    watched.poller.stop()
    watched.poller.stop()
    wait_until(lambda: not threads(), 2)
    watched.poller.start()
    assert watched.poller.wait(2000)


# Over a real network


@pytest.fixture
def sateais(tmp_path: Path) -> Iterator[Any]:
    """A poller on the simulator, over real sockets."""
    from groundtrack.aoi import from_bounds
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.base import Account
    from groundtrack.providers.connect import Connector
    from groundtrack.providers.operation import Request
    from groundtrack.providers.transport import Network
    from simulator import Simulator

    with Simulator(seed=4, speed=1500) as sim:
        sim.sateais.settings.plan.run_time = 200.0
        sim.sateais.settings.link_seconds = 1e6
        account = Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.key}))
        watched = Watched(tmp_path / "journal.sqlite", Connector(Network(timeout=(20, 20), pace=0.0007)), 0.0007)
        request = Request("ship", {"date": "2026-05-04", "date_direction": "nearest"}, from_bounds(3.90, 51.95, 4.20, 52.10))
        watched.account = account  # type: ignore[attr-defined]
        watched.sim = sim  # type: ignore[attr-defined]
        watched.draft = lambda: new_job("sateais", "Port", request, time.time())  # type: ignore[attr-defined]
        yield watched
        watched.poller.stop()
        watched.poller.wait(5000)
        watched.journal.close()


def test_jobs_over_a_real_network_leave_nothing_open(sateais: Any, tmp_path: Path) -> None:
    sateais.start(sateais.account)
    jobs = [sateais.draft() for _ in range(6)]
    sateais.run(*jobs)
    sateais.wait_for(State.FETCHED, *jobs)
    assert len(sateais.sim.sateais.jobs) == 6
    for job in jobs:
        known = sateais.jobs[job.id]
        assert Path(known.files[0]).read_bytes() == sateais.sim.sateais.result_bytes(known.remote_id)
    assert sateais.end() < (0.1, 0.5)
    wait_until(lambda: not threads(), 2)
    sateais.sim.stop()
    assert open_files(tmp_path) == []
    wait_until(lambda: _sockets() == 0, 3, "sockets left open")


def _sockets() -> int:
    """TCP connections of this process, by the kernel's own list."""
    inodes = {name.partition("[")[2].rstrip("]") for name in open_files() if name.startswith("socket:")}
    lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return sum(line[9] in inodes for line in lines)


@pytest.mark.parametrize(("fault", "method", "path"), [
    ({"kind": "hang"}, "POST", "*"), ({"kind": "hang"}, "GET", "*/jobs*"), ({"kind": "hang"}, "GET", "*result.geojson"),
    ({"kind": "trickle", "rate": 400}, "GET", "/results/*"), ({"kind": "hang"}, "GET", "/results/*"),
    ({"kind": "rate_limit", "retry_after": 25}, "GET", "*/jobs*"),
], ids=["submit", "status", "link", "download", "storage", "long Retry-After"])  # fmt: skip
def test_stop_breaks_off_real_sockets(sateais: Any, fault: dict[str, Any], method: str, path: str) -> None:
    laid = sateais.sim.fault(**fault, method=method, path=path, times=0)
    sateais.start(sateais.account)
    job = sateais.draft()
    sateais.run(job)
    sateais.wait(lambda: laid.hits)
    sateais.settle(0.05)
    stopped, waited = sateais.end()
    print(f"stop {stopped * 1000:.1f} ms, wait {waited * 1000:.1f} ms")
    assert stopped < 0.1
    assert waited < 0.5
    wait_until(lambda: not threads(), 2, "threads left behind")
    sateais.sim.stop()
    wait_until(lambda: _sockets() == 0, 3, "sockets left open")
    journal = Journal(sateais.journal.path)
    assert journal.get(job.id).state.followed
    journal.close()


def test_stop_while_a_connection_is_being_made(sateais: Any, tmp_path: Path) -> None:
    """A port whose queue is full answers no one."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sateais.start(replace(sateais.account, public={"url": url}))
    job = sateais.draft()
    sateais.run(job)
    sateais.wait(lambda: sateais.state(job) is State.SUBMITTING or threads())
    sateais.settle(0.3)
    stopped, waited = sateais.end()
    print(f"stop {stopped * 1000:.1f} ms, wait {waited * 1000:.1f} ms")
    assert stopped < 0.1
    assert waited < 0.5
    wait_until(lambda: not threads(), 2, "threads left behind")
    for filler in [*fillers, listener]:
        filler.close()
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.get(job.id).state is State.DRAFT  # nothing has left this computer
    journal.close()


def test_an_address_that_refuses_keeps_jobs_until_it_answers(sateais: Any) -> None:
    """The service is down while a job runs there."""
    sateais.start(sateais.account)
    job = sateais.draft()
    sateais.sim.sateais.next_job(run_time=3000.0)
    sateais.run(job)
    sateais.wait(lambda: sateais.jobs.get(job.id) and sateais.jobs[job.id].remote_id)
    fault = sateais.sim.fault("drop_before", times=0)
    sateais.wait(lambda: "The last look failed" in sateais.jobs[job.id].warning)
    assert sateais.state(job) in (State.QUEUED, State.RUNNING)
    sateais.sim.faults.clear(fault.number)
    sateais.wait_for(State.FETCHED, job)


def test_the_event_loop_is_needed_for_no_step(make: Any, world: World) -> None:
    """The main thread may be busy for long: jobs go on, and the news come in one batch afterwards."""
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(4)]
    watched.run(*jobs)
    wait_until(lambda: len(world.jobs) == 4 and not world.open_jobs())
    QCoreApplication.processEvents()
    watched.wait_for(State.FETCHED, *jobs)


def test_a_job_that_was_run_just_before_the_end_is_written_down(make: Any, world: World, tmp_path: Path) -> None:
    watched, job = make(world).start(), draft()
    watched.poller.run_jobs([job])
    watched.end()
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.get(job.id).id == job.id
    journal.close()
