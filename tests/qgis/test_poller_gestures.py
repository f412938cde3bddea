"""What a person does while jobs are followed: check, cancel, forget, restart, ask."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from groundtrack.jobs.job import State
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import LOOKS
from groundtrack.providers import errors
from groundtrack.providers.base import Phase
from support.pollers import draft
from support.service import ACCOUNT, World, wait_until


def test_a_job_that_never_turns_up_is_lost_and_check_now_looks_once_more(make: Any, world: World) -> None:
    def lose(provider: Any, request: Any) -> None:
        world.hidden.add(world.create(request))
        raise errors.AmbiguousSubmit("No answer came.")

    world.script["submit"] = [lose]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.LOST, job)
    assert "most likely never arrived" in watched.jobs[job.id].message
    assert len(world.recovers) == len(LOOKS)
    watched.settle()
    assert len(world.recovers) == len(LOOKS)  # no endless loop
    watched.poller.check_now(job.id)
    watched.wait(lambda: len(world.recovers) == len(LOOKS) + 1 and watched.journal.get(job.id).state is State.LOST)
    watched.settle()
    assert len(world.recovers) == len(LOOKS) + 1  # one press, one look
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
    watched.wait_for(State.LOST, jobs[0])


def test_a_list_that_cannot_be_read_does_not_hold_up_drafts_for_ever(make: Any, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("groundtrack.jobs.planner.SOUGHT", 10.0)
    world.most_running = 1
    world.script["submit"] = [errors.AmbiguousSubmit("No answer came.")]
    world.script["recover"] = [errors.ServiceError("The list is broken.")] * 1000
    watched, jobs = make(world).start(), [draft({"n": n}) for n in range(3)]
    watched.run(*jobs)
    watched.wait_for(State.FETCHED, *jobs[1:])
    assert watched.state(jobs[0]) is State.UNCONFIRMED  # and it is looked for on and on
    looks = len(world.recovers)
    watched.wait(lambda: len(world.recovers) > looks)
    world.script["recover"] = []
    watched.wait_for(State.LOST, jobs[0])


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


def test_a_failed_job_that_was_restarted_is_followed_again(make: Any, world: World) -> None:
    world.phases = (Phase.FAILED, Phase.SUCCEEDED)
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.FAILED, job)
    watched.poller.run_again(job.id)
    watched.wait_for(State.FETCHED, job)


def test_a_cancellation_that_is_not_allowed_is_told_and_holds_up_nothing(make: Any, world: World) -> None:
    world.phases = (Phase.RUNNING,)
    world.script["stop"] = [errors.AuthError("Your role does not allow this.", status=403)]
    watched, job = make(world).start(), draft()
    watched.run(job)
    watched.wait_for(State.RUNNING, job)
    watched.poller.cancel_job(job.id)
    watched.wait(lambda: "does not allow" in watched.jobs[job.id].warning)
    watched.settle(0.1)
    assert watched.state(job) is State.RUNNING
    world.phases = (Phase.SUCCEEDED,)
    watched.poller.check_now(job.id)
    watched.wait_for(State.FETCHED, job)


def test_a_job_made_elsewhere_is_followed_like_any_other_and_adopted_once(make: Any, world: World) -> None:
    remote = world.create(draft().asked())
    watched = make(world).start()
    found = [draft().changed(state=State.RUNNING, remote_id=remote, sent_at=time.time()) for _ in range(3)]
    for job in found:
        watched.poller.adopt_jobs((job,))
    watched.wait_for(State.FETCHED, found[0])
    assert watched.journal.ids() == {found[0].id}
    assert not world.submits


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
