"""Watches run by themselves, once, within their cap, and wait for locked accounts."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simulator import Simulator
from support.docks import add_account, wait
from support.watches import Clock, watch, watcher

LONG = 30_000  # ms


@pytest.fixture
def clock() -> Clock:
    return Clock(time.time())


@pytest.fixture
def looking(session: Any, sateais_account: str, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    made = watcher(session, tmp_path, clock)
    yield made
    made.close_down()


def look(looking: Any, qtbot: Any) -> None:
    """Look, and wait until all of it is done."""
    with qtbot.waitSignal(looking.changed, timeout=LONG):
        looking.look()
    wait(qtbot, lambda: not looking._busy, LONG)
    with qtbot.waitSignal(looking.changed, timeout=LONG):
        looking.look()


def switch_on(looking: Any, qtbot: Any, **more: Any) -> Any:
    made = watch(since=looking.now(), **more)
    looking.put(made)
    wait(qtbot, lambda: looking.states and not looking._busy and (looking.states[0].last_at or looking.waiting), LONG)
    look(looking, qtbot)
    return made


def test_it_runs_once_a_slot_with_the_dates_of_that_day(looking: Any, session: Any, clock: Clock, qtbot: Any) -> None:
    switch_on(looking, qtbot)
    job = next(iter(session.jobs.values()))
    three_days_ago = (dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=3)).isoformat()
    assert (job.group, job.group_title, job.member) == ("preset-p1", "Port watch", three_days_ago)
    assert job.asked().values["date"] == three_days_ago
    assert looking.states[0].outcome == "1 job was sent."
    clock.hours(11)
    look(looking, qtbot)
    assert len(session.jobs) == 1
    clock.hours(2)
    look(looking, qtbot)
    assert len(session.jobs) == 1
    assert "the same was asked for before" in looking.states[0].outcome
    assert [news.bad for news in looking.news] == [False, False]


def test_two_windows_send_one_job(
    looking: Any, session: Any, simulator: Simulator, tmp_path: Path, clock: Clock, qtbot: Any
) -> None:
    other = watcher(session, tmp_path, clock)
    looking.store.put(watch(since=clock()))
    looking.look()
    other.look()
    wait(qtbot, lambda: session.jobs and not looking._busy and not other._busy, LONG)
    look(looking, qtbot)
    look(other, qtbot)
    assert len(session.jobs) == 1
    other.close_down()


def test_the_cap_ends_it_and_says_so(looking: Any, session: Any, clock: Clock, qtbot: Any) -> None:
    made, one = switch_on(looking, qtbot), looking.states[0].spent
    assert one > 0
    later = replace(made.preset, values={"date": "today - 20 days"})
    looking.put(replace(made, preset=later, cap=round(1.5 * one, 2)))
    clock.hours(12)
    wait(qtbot, lambda: not looking._busy)
    look(looking, qtbot)
    wait(qtbot, lambda: not looking.states[0].watch.on, LONG)
    assert len(session.jobs) == 1
    assert f"would pass its cap of {round(1.5 * one, 2):g} credits" in looking.news[-1].text
    assert looking.states[0].spent == one


def test_a_locked_account_makes_it_wait_in_words_and_go_on_by_itself(
    session: Any, simulator: Simulator, tmp_path: Path, clock: Clock, qtbot: Any
) -> None:
    looking = watcher(session, tmp_path, clock)
    looking.put(watch(since=clock()))
    wait(qtbot, lambda: looking.waiting, LONG)
    look(looking, qtbot)
    assert [news.text for news in looking.news] == ["Waits: its account is locked or missing."]
    assert session.jobs == {}
    add_account(session, simulator.sateais.url)
    wait(qtbot, lambda: session.jobs, LONG)
    assert looking.waiting == {}
    looking.close_down()


def test_what_would_be_refused_uses_the_slot_and_tells_why(looking: Any, session: Any, qtbot: Any) -> None:
    switch_on(looking, qtbot, values={"date": "today + 3 days"})
    assert session.jobs == {}
    assert looking.states[0].outcome.startswith("Nothing was sent: ")
    assert looking.news[-1].bad
    assert looking.states[0].spent == 0.0


def test_a_service_that_is_away_is_asked_again_later(looking: Any, session: Any, simulator: Simulator, clock: Clock, qtbot: Any) -> None:
    simulator.faults.add(kind="status", status=503, path="*preview*", times=99)
    looking.put(watch(since=clock()))
    wait(qtbot, lambda: "tries again later" in "".join(looking.waiting.values()), LONG)
    simulator.faults.clear()
    look(looking, qtbot)
    assert session.jobs == {}
    clock.hours(0.2)
    look(looking, qtbot)
    assert len(session.jobs) == 1


def test_a_watch_of_another_project_does_not_load_into_this_one(looking: Any, session: Any, qtbot: Any) -> None:
    switch_on(looking, qtbot, project="/elsewhere/port.qgz")
    job = next(iter(session.jobs.values()))
    assert job.project == "/elsewhere/port.qgz"
    assert job.id not in session.own


def test_it_is_there_after_a_restart_and_off_it_stays(looking: Any, session: Any, tmp_path: Path, clock: Clock, qtbot: Any) -> None:
    made = switch_on(looking, qtbot)
    looking.switch_off(made)
    wait(qtbot, lambda: not looking.states[0].watch.on, LONG)
    again = watcher(session, tmp_path, clock)
    clock.hours(50)
    look(again, qtbot)
    assert [state.watch.id for state in again.states] == ["w1"]
    assert len(session.jobs) == 1
    again.run_now(again.states[0])
    wait(qtbot, lambda: not again._busy and again.news, LONG)
    assert "asked for before" in again.news[-1].text
    again.remove(made)
    wait(qtbot, lambda: again.states == (), LONG)
    again.close_down()


@pytest.mark.parametrize("agreed", [{"unit": "points"}, {"unit": "credits", "price": 0.0, "unknown": True}])
def test_another_price_than_the_agreed_one_sends_nothing(
    looking: Any, session: Any, qtbot: Any, agreed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from groundtrack.providers.sateais import SateAIs

    if agreed.pop("unknown", False):
        monkeypatch.setattr(SateAIs, "estimate", lambda provider, request: None)
    switch_on(looking, qtbot, **agreed)
    assert session.jobs == {}
    assert "the price is another one than was agreed to" in looking.news[-1].text
    assert looking.states[0].spent == 0.0


def test_a_cost_in_another_unit_does_not_settle_the_cap(
    looking: Any, session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groundtrack.jobs.job import State

    switch_on(looking, qtbot)
    ended, settled = next(iter(session.jobs.values())).changed(state=State.FETCHED), []
    monkeypatch.setattr(looking.store, "settle", settled.append)
    looking._settle([ended.changed(id="a", cost="250 points"), ended.changed(id="b", cost="0.25 credits")])
    wait(qtbot, lambda: settled, LONG)
    assert settled == [{"b": 0.25}]
