"""Groups in the poller: slots, pause, budget, cancelling the rest, trying again what failed; also after a restart and by two QGIS."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from groundtrack.jobs.group import Group, Hold, latest, new_group, standing
from groundtrack.jobs.job import Job, State
from groundtrack.providers.base import Cost
from groundtrack.providers.errors import AmbiguousSubmit, InvalidRequest
from support.pollers import Watched, draft
from support.service import World

LONG = 30.0  # s; only waited for when something is wrong


def batch(watched: Watched, count: int, **known: Any) -> tuple[Group, list[Job]]:
    group = new_group("Harbours", time.time(), **known)
    shared = {"group": group.id, "group_title": group.title}
    jobs = [draft({"n": number}, member=str(number), fingerprint=str(number), **shared) for number in range(count)]
    watched.poller.run_jobs(jobs, group)
    return group, jobs


def stands(watched: Watched, group: Group) -> Any:
    return standing(watched.groups[group.id], watched.jobs.values())


def until_over(watched: Watched, group: Group) -> None:
    watched.wait(lambda: group.id in watched.groups and stands(watched, group).over and len(watched.jobs), LONG)


def test_a_batch_respects_the_slots_of_its_account(world: World, make: Any) -> None:
    watched = make(world).start()
    most: list[int] = []
    world.script["submit"] = [lambda *_: most.append(world.open_jobs())] * 20
    group, _ = batch(watched, 20)
    until_over(watched, group)
    assert (stands(watched, group).done, len(world.jobs)) == (20, 20)
    assert max(most) < world.most_running


def test_a_budget_ends_the_sending_and_a_higher_one_goes_on(world: World, make: Any) -> None:
    world.price = Cost(2.0, "credits")
    watched = make(world).start()
    group, _ = batch(watched, 8, budget=7.0)
    watched.wait(lambda: group.id in watched.groups and stands(watched, group).hold is Hold.BUDGET, LONG)
    watched.wait(lambda: not stands(watched, group).at_work, LONG)
    shown = stands(watched, group)
    assert (len(world.jobs), shown.done, shown.waiting, shown.spent, shown.reserved) == (3, 3, 5, 6.0, 0.0)
    assert len(world.estimates) <= 3 + world.most_running  # asked for as slots become free, not for all
    watched.poller.change_group(group.id, budget=100.0)
    until_over(watched, group)
    assert (stands(watched, group).done, stands(watched, group).spent, len(world.jobs)) == (8, 16.0, 8)
    assert max(Counter(world.estimates).values()) == 1


def test_other_jobs_of_the_account_go_on_while_a_group_waits(world: World, make: Any) -> None:
    world.price = Cost(2.0, "credits")
    watched = make(world).start()
    group, _ = batch(watched, 6, budget=1.0)
    watched.wait(lambda: group.id in watched.groups and stands(watched, group).hold is Hold.BUDGET, LONG)
    lonely = draft({"n": "lonely"})
    watched.run(lonely)
    watched.wait_for(State.FETCHED, lonely, seconds=LONG)
    assert len(world.jobs) == 1


def test_a_pause_outlives_a_restart(world: World, make: Any) -> None:
    world.held = True
    first = make(world).start()
    group, _ = batch(first, 10)
    first.wait(lambda: len(world.jobs) == world.most_running, LONG)
    first.poller.change_group(group.id, paused=True)
    world.held = False
    first.wait(lambda: stands(first, group).hold is Hold.PAUSED and not stands(first, group).at_work, LONG)
    first.end()
    second = make(world).start()
    second.wait(lambda: len(second.jobs) == 10, LONG)
    second.settle()
    assert (len(world.jobs), stands(second, group).hold) == (world.most_running, Hold.PAUSED)
    second.poller.change_group(group.id, paused=False)
    until_over(second, group)
    assert (stands(second, group).done, len(world.jobs)) == (10, 10)


def test_a_batch_goes_on_by_itself_after_a_restart(world: World, make: Any) -> None:
    world.held, world.price = True, Cost(2.0, "credits")
    first = make(world).start()
    group, _ = batch(first, 10, budget=15.0)
    first.wait(lambda: len(world.jobs) == world.most_running, LONG)
    first.end()
    world.held = False
    second = make(world).start()
    second.wait(lambda: group.id in second.groups and stands(second, group).done == 7, LONG)
    second.wait(lambda: stands(second, group).hold is Hold.BUDGET, LONG)
    assert (len(world.jobs), stands(second, group).spent) == (7, 14.0)


def test_two_qgis_share_one_budget(world: World, make: Any) -> None:
    world.price = Cost(2.0, "credits")
    one, two = make(world).start(), make(world).start()
    group, jobs = batch(one, 12, budget=11.0)
    two.wait(lambda: group.id in two.groups and len(two.jobs) == 12, LONG)
    one.journal.release([job.id for job in jobs[6:]])  # both have some to send
    two.wait(lambda: len(world.jobs) == 5 and stands(two, group).hold is Hold.BUDGET, LONG)
    two.settle()
    assert len(world.jobs) == 5
    two.poller.change_group(group.id, budget=24.0)
    until_over(one, group)
    assert (len(world.jobs), stands(one, group).done) == (12, 12)


def test_the_rest_is_cancelled_and_what_runs_goes_on(world: World, make: Any) -> None:
    world.held = True
    watched = make(world).start()
    group, _ = batch(watched, 10)
    watched.wait(lambda: len(world.jobs) == world.most_running, LONG)
    watched.poller.cancel_rest(group.id)
    watched.wait(lambda: group.id in watched.groups and stands(watched, group).dropped == 6, LONG)
    world.held = False
    until_over(watched, group)
    assert (stands(watched, group).done, stands(watched, group).dropped, len(world.jobs)) == (4, 6, 4)
    assert {job.message for job in watched.jobs.values() if job.state is State.CANCELLED} == {
        "Cancelled before it was sent; nothing was charged."
    }


def test_the_rest_is_cancelled_whichever_qgis_follows_it(world: World, make: Any) -> None:
    world.held = True
    one, two = make(world).start(), make(world).start()
    group, _ = batch(one, 10)
    two.wait(lambda: len(world.jobs) == world.most_running and len(two.jobs) == 10, LONG)
    two.poller.cancel_rest(group.id)
    one.wait(lambda: stands(one, group).dropped == 6, LONG)
    world.held = False
    until_over(one, group)
    assert (stands(one, group).done, len(world.jobs)) == (4, 4)


def test_two_qgis_try_what_failed_again_once(world: World, make: Any) -> None:
    one, two = make(world).start(), make(world).start()
    group, jobs = batch(one, 2)
    until_over(one, group)
    one.journal.change(jobs[0].id, back=True, state=State.FAILED)  # as if the service had said so
    one.wait(lambda: stands(one, group).failed == 1, LONG)
    two.wait(lambda: group.id in two.groups and stands(two, group).failed == 1, LONG)
    one.poller.retry_failed(group.id)
    two.poller.retry_failed(group.id)
    one.wait(lambda: stands(one, group).done == 2, LONG)
    two.wait(lambda: stands(two, group).done == 2, LONG)
    one.settle()
    assert (len(world.jobs), len(one.journal.jobs())) == (3, 3)


def test_what_has_no_result_is_tried_again(world: World, make: Any) -> None:
    watched = make(world).start()
    world.script["submit"] = [InvalidRequest("The area is in the sea."), None, None]
    group, jobs = batch(watched, 4)
    until_over(watched, group)
    failed = next(job for job in watched.jobs.values() if job.state is State.FAILED)
    done = [job for job in watched.jobs.values() if job.state is State.FETCHED]
    watched.journal.change(done[0].id, back=True, state=State.FAILED)  # as if the service had said so
    watched.journal.change(done[1].id, back=True, state=State.CANNOT_READ)
    watched.journal.change(done[2].id, back=True, state=State.EXPIRED)
    watched.wait(lambda: stands(watched, group).failed == 4, LONG)
    watched.poller.retry_failed(group.id)
    watched.wait(lambda: stands(watched, group).done == 3, LONG)
    assert len(world.jobs) == 3 + 3  # not the one whose result is there, but kept from us
    assert watched.jobs[failed.id].state is State.FETCHED  # never taken by the service: the same job, sent once
    assert watched.jobs[done[0].id].state is State.FAILED  # failed there: a new job for the same feature
    assert Counter(job.member for job in watched.jobs.values())[done[0].member] == 2
    assert {job.member for job in latest(watched.jobs.values())} == {job.member for job in jobs}


def test_slots_that_are_taken_by_lost_answers_become_free_again(world: World, make: Any) -> None:
    world.price = Cost(2.0, "credits")
    world.script["submit"] = [AmbiguousSubmit("No answer came.")] * world.most_running
    watched = make(world).start()
    group, _ = batch(watched, 12, budget=2.0 * 12)
    until_over(watched, group)
    shown = stands(watched, group)
    assert (shown.unknown, shown.done, shown.sought) == (world.most_running, 12 - world.most_running, 0)
    assert (shown.doubtful, shown.spent) == (2.0 * shown.unknown, 2.0 * shown.done)
    assert {job.state for job in watched.jobs.values()} == {State.LOST, State.FETCHED}


def test_what_was_never_found_is_sent_again_only_beside_itself(world: World, make: Any) -> None:
    world.price = Cost(2.0, "credits")
    world.script["submit"] = [AmbiguousSubmit("No answer came.")]
    watched = make(world).start()
    group, _ = batch(watched, 3, budget=6.0)
    until_over(watched, group)
    lost = next(job for job in watched.jobs.values() if job.state is State.LOST)
    watched.poller.retry_failed(group.id)
    watched.wait(lambda: stands(watched, group).waiting == 1 and stands(watched, group).hold is Hold.BUDGET, LONG)
    assert len(world.jobs) == 2  # it may have been paid for, so the budget has nothing left for another one
    watched.poller.change_group(group.id, budget=8.0)
    watched.wait(lambda: stands(watched, group).done == 3, LONG)
    assert (watched.jobs[lost.id].state, len(world.jobs)) == (State.LOST, 3)
    assert (stands(watched, group).doubtful, stands(watched, group).unknown) == (2.0, 0)


def test_a_clock_that_was_put_back_does_not_keep_a_feature_from_being_tried_again(world: World, make: Any) -> None:
    watched = make(world).start()
    group, jobs = batch(watched, 1)
    until_over(watched, group)
    watched.journal.change(jobs[0].id, back=True, state=State.FAILED, created_at=time.time() + 86_400.0)
    for number in (2, 3):
        watched.wait(lambda: stands(watched, group).failed == 1, LONG)
        watched.poller.retry_failed(group.id)
        watched.wait(lambda: stands(watched, group).done == 1, LONG)  # the new job is the one that counts
        assert len(world.jobs) == number
        newest = latest(watched.jobs.values())[0]
        watched.journal.change(newest.id, back=True, state=State.FAILED)


def test_a_group_goes_with_its_last_job(world: World, make: Any) -> None:
    watched = make(world).start()
    group, jobs = batch(watched, 2)
    until_over(watched, group)
    for job in jobs:
        watched.poller.forget(job.id)
    watched.wait(lambda: group.id not in watched.groups and len(watched.forgotten) == 2, LONG)
