"""When watches run, and that no slot and no money is used twice."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.presets.preset import Preset, PresetError
from groundtrack.presets.watch import Watch, watch_from
from groundtrack.presets.watch_store import Claim, WatchError, WatchStore

HOUR = 3600
NOON = dt.datetime(2026, 11, 27, 12).timestamp()  # by this computer's clock
PRESET = Preset("Weekly", "sateais", "ship", "Port of X", {"date": "today - 3 days"})


def make(**more: Any) -> Watch:
    return Watch("w1", "Weekly", PRESET, on=True, since=NOON, cap=10.0, unit="credits", price=3.0, **more)


@pytest.fixture
def store(tmp_path: Path) -> WatchStore:
    return WatchStore(tmp_path / "watches.sqlite")


def test_slots_begin_when_it_was_switched_on() -> None:
    watch = make(every=6, period="hour")
    assert watch.slot(NOON) == watch.slot(NOON + 6 * HOUR - 1) == int(NOON)
    assert watch.slot(NOON + 6 * HOUR) == int(NOON) + 6 * HOUR
    assert watch.due_at(NOON, done=False) == NOON
    assert watch.due_at(NOON + 10, done=True) == NOON + 6 * HOUR


def test_it_waits_for_its_hours_also_over_midnight() -> None:
    day = make(every=1, period="hour", first_hour=8, last_hour=18)
    at = dt.datetime(2026, 11, 27, 20, 30).timestamp()
    assert dt.datetime.fromtimestamp(day.due_at(at, done=False)) == dt.datetime(2026, 11, 28, 8)
    night = make(first_hour=22, last_hour=5)
    assert night.is_open(dt.datetime(2026, 11, 27, 23).timestamp())
    assert night.is_open(dt.datetime(2026, 11, 27, 4).timestamp())
    assert not night.is_open(NOON)


def test_a_month_is_counted_within_the_hours() -> None:
    assert make(every=1, period="day").runs_a_month == 30
    assert make(every=6, period="hour").runs_a_month == 120
    assert make(every=1, period="hour", first_hour=8, last_hour=18).runs_a_month == 300


def test_what_is_stored_comes_back_and_damage_is_named(store: WatchStore) -> None:
    watch = make(collections=("sentinel-2-l2a",), search_account="astra/A")
    store.put(watch)
    assert store.states()[0].watch == watch
    with pytest.raises(PresetError, match="cannot be read"):
        watch_from({**watch.to_dict(), "period": "century"})
    with sqlite3.connect(store.path) as db:
        db.execute("INSERT INTO watches VALUES ('w2', '', '{')")
    assert [state.watch.id for state in store.states()] == ["w1"]


def test_nothing_is_written_before_the_first_watch(store: WatchStore) -> None:
    assert store.states() == ()
    assert not store.path.exists()


def test_a_slot_is_used_once_however_many_look(store: WatchStore) -> None:
    store.put(make())
    start, answers = threading.Barrier(8), []

    def look() -> None:
        start.wait()
        answers.append(WatchStore(store.path).claim("w1", 7, 1.0, NOON))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.value for answer in answers) == ["ours", *["taken"] * 7]
    assert store.states()[0].spent == 1.0


def test_the_cap_is_never_passed_and_switches_it_off(store: WatchStore) -> None:
    store.put(make())
    assert [store.claim("w1", slot, 3.0, NOON) for slot in (1, 2, 3)] == [Claim.OURS] * 3
    assert store.claim("w1", 4, 3.0, NOON) is Claim.OVER_CAP
    state = store.states()[0]
    assert not state.watch.on
    assert state.spent == 9.0
    assert store.claim("w1", 5, 1.0, NOON) is Claim.TAKEN


def test_real_costs_take_the_place_of_what_was_set_aside(store: WatchStore) -> None:
    store.put(make())
    store.claim("w1", 1, 3.0, NOON)
    store.finish("w1", 1, "2 jobs were sent.", {"a": 1.5, "b": 1.5})
    assert store.states()[0].spent == 3.0
    store.settle({"a": 0.5, "stranger": 7.0})
    state = store.states()[0]
    assert state.spent == 2.0
    assert state.outcome == "2 jobs were sent."
    assert state.last_at == NOON


def test_a_run_that_was_cut_short_keeps_its_money_and_its_slot(store: WatchStore) -> None:
    store.put(make())
    store.claim("w1", 1, 3.0, NOON)
    again = WatchStore(store.path)
    assert again.claim("w1", 1, 3.0, NOON) is Claim.TAKEN
    assert again.states()[0].spent == 3.0


def test_a_watch_that_is_off_runs_only_when_a_person_wants_it(store: WatchStore) -> None:
    store.put(replace(make(), on=False))
    assert store.claim("w1", 1, 1.0, NOON) is Claim.TAKEN
    assert store.claim("w1", -1, 1.0, NOON, scheduled=False) is Claim.OURS


def test_removing_leaves_nothing_and_other_units_start_anew(store: WatchStore) -> None:
    store.put(make())
    store.claim("w1", 1, 3.0, NOON)
    store.finish("w1", 1, "", {"a": 3.0})
    store.put(replace(make(), unit="runs", price=None))
    assert store.states()[0].spent == 0.0
    store.remove("w1")
    assert store.states() == ()
    assert store.claim("w1", 2, 0.0, NOON) is Claim.TAKEN


def test_a_newer_file_is_refused_in_words(store: WatchStore) -> None:
    store.put(make())
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(WatchError, match="newer Groundtrack"):
        store.states()


def test_no_key_is_stored(store: WatchStore) -> None:
    key = "sk_live_0123456789abcdef0123456789"
    preset = replace(PRESET, values={"date": "today", "image": f"https://h/x.tif?X-Amz-Signature={key}", "authcfg": "abc1234"})
    store.put(replace(make(), preset=preset))
    assert key.encode() not in store.path.read_bytes()
    assert "authcfg" not in json.dumps(store.states()[0].watch.to_dict())


def test_a_clock_that_goes_back_finds_every_slot_used(store: WatchStore) -> None:
    store.put(make(every=1, period="hour"))
    for hour in range(48):
        store.claim("w1", int(NOON) + hour * HOUR, 0.0, NOON + hour * HOUR)
    state, yesterday = store.states()[0], NOON + 10 * HOUR + 60
    assert state.due_at(yesterday) == NOON + 11 * HOUR
    assert state.last_at == NOON + 47 * HOUR


def test_the_newest_scene_is_that_of_the_same_search(store: WatchStore) -> None:
    watch = make(kind="scenes", search_account="astra/A")
    store.put(watch)
    store.saw("w1", "2026-11-01T10:00:00Z S2A")
    store.put(replace(watch, title="Other"))
    assert store.states()[0].newest == "2026-11-01T10:00:00Z S2A"
    for other in ({"search_account": "mapflow/B"}, {"kind": "run"}, {"collections": ("sentinel-1-grd",)}):
        store.put(watch)
        store.saw("w1", "2026-11-01T10:00:00Z S2A")
        store.put(replace(watch, **other))
        assert store.states()[0].newest == ""
