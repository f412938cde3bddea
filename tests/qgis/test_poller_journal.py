"""Pollers and their journal: two on one, one that cannot be used, what is in it at the end."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.jobs.journal import Journal
from groundtrack.providers import errors
from groundtrack.providers.base import Phase
from support.pollers import draft, threads
from support.service import World, wait_until

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
    wait_until(lambda: not threads(), 20)
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
    wait_until(lambda: not threads(), 20)
    watched.poller.start()
    assert watched.poller.wait(2000)


def test_a_job_that_was_run_just_before_the_end_is_written_down(make: Any, world: World, tmp_path: Path) -> None:
    watched, job = make(world).start(), draft()
    watched.poller.run_jobs([job])
    watched.end()
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.get(job.id).id == job.id
    journal.close()
