"""What is due when."""

from __future__ import annotations

from groundtrack.jobs.schedule import Schedule
from hypothesis import given
from hypothesis import strategies as st


def test_due_jobs_come_earliest_first_and_only_once() -> None:
    plan = Schedule()
    for identity, at in (("late", 9.0), ("second", 2.0), ("first", 1.0)):
        plan.set(identity, at)
    assert plan.take_due(5.0) == ["first", "second"]
    assert plan.take_due(5.0) == []
    assert plan.next_time() == 9.0


def test_a_new_time_replaces_the_old_one_both_ways() -> None:
    plan = Schedule()
    plan.set("a", 1.0)
    plan.set("a", 8.0)
    assert plan.take_due(5.0) == []
    plan.set("a", 3.0)
    assert plan.take_due(5.0) == ["a"]
    assert plan.next_time() is None


def test_what_waits_for_a_slot_is_taken_first_and_in_order() -> None:
    plan = Schedule()
    plan.wait("b")
    plan.wait("a")
    plan.set("c", 0.0)
    assert plan.next_time() == 0.0
    assert plan.take_due(1.0) == ["b", "a", "c"]
    assert plan.take_due(1.0) == []


def test_what_rests_is_known_but_never_due() -> None:
    plan = Schedule()
    plan.set("a", 0.0)
    plan.rest("a")
    assert plan.rests("a")
    assert "a" in plan
    assert plan.take_due(99.0) == []
    plan.set("a", 1.0)
    assert not plan.rests("a")
    assert plan.take_due(1.0) == ["a"]


def test_dropped_jobs_are_gone_and_due_by_leaves_them_planned() -> None:
    plan = Schedule()
    for number in range(3):
        plan.set(str(number), float(number))
    plan.drop("1")
    assert sorted(plan.due_by(5.0)) == ["0", "2"]
    assert plan.take_due(5.0) == ["0", "2"]


MOVES = st.sampled_from(["set", "drop", "wait", "rest", "take"])


@given(st.lists(st.tuples(st.sampled_from("abcd"), MOVES, st.integers(0, 9)), max_size=60))
def test_nothing_is_ever_lost_or_taken_twice(moves: list[tuple[str, str, int]]) -> None:
    plan, model, resting, waiting = Schedule(), {}, set(), set()
    for identity, move, at in moves:
        if move == "take":
            expected = waiting | {name for name, due in model.items() if due <= at}
            taken = plan.take_due(at)
            assert len(taken) == len(set(taken))
            assert set(taken) == expected
            model = {name: due for name, due in model.items() if due > at}
            waiting.clear()
            continue
        model.pop(identity, None)
        resting.discard(identity)
        waiting.discard(identity)
        if move == "set":
            plan.set(identity, at)
            model[identity] = at
        elif move == "wait":
            plan.wait(identity)
            waiting.add(identity)
        elif move == "rest":
            plan.rest(identity)
            resting.add(identity)
        else:
            plan.drop(identity)
        assert {name for name in "abcd" if name in plan} == set(model) | resting | waiting
