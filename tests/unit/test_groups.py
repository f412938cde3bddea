"""Jobs that were asked for together: their budget, their pause, and what becomes of an older journal."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs import schema
from groundtrack.jobs.group import (
    NO_PRICE,
    Gate,
    Group,
    HeldBack,
    Hold,
    latest,
    new_group,
    price_of,
    standing,
    taken,
    to_look_at,
    to_try_again,
)
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal
from support.service import draft

V1 = Path(__file__).parents[1] / "data" / "journal_v1.sql"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    yield made
    made.close()


def members(group: Group, count: int, estimate: str = "2 credits") -> list[Job]:
    named = {"group": group.id, "group_title": group.title, "estimate": estimate}
    return [draft({"n": number}, now=float(number), member=str(number), **named) for number in range(count)]


def batch(journal: Journal, count: int = 4, estimate: str = "2 credits", **known: Any) -> tuple[Group, list[Job]]:
    group = new_group("Harbours", 1.0, unit="credits", **known)
    jobs = members(group, count, estimate)
    journal.add_all(jobs, group)
    return group, jobs


def sent(journal: Journal, job: Job) -> Hold:
    try:
        journal.begin(job.id, 5.0)
    except HeldBack as held:
        return held.hold
    return Hold.NONE


# What is written down


def test_a_group_is_on_disk_with_its_members(journal: Journal) -> None:
    group, _ = batch(journal, budget=5.0, layer="harbours", id_field="name")
    other = Journal(journal.path)
    assert other.groups() == (group,)
    assert other.group(group.id) == group
    assert {(job.group, job.member) for job in other.jobs()} == {(group.id, str(number)) for number in range(4)}
    assert other.group("unknown") is None
    other.close()


def test_others_see_that_a_group_changed(journal: Journal) -> None:
    group, _ = batch(journal)
    seen = journal.version()
    assert journal.change_group(group.id, paused=True) == group.changed(paused=True)
    assert journal.version() > seen
    assert journal.change_group("unknown", paused=True) is None


def test_groups_keep_their_order_when_they_change(journal: Journal) -> None:
    first, second = batch(journal)[0], batch(journal)[0]
    journal.change_group(first.id, budget=3.0)
    assert [group.id for group in journal.groups()] == [first.id, second.id]


def test_what_a_group_says_is_written_without_secrets(journal: Journal) -> None:
    group, _ = batch(journal)
    journal.scrub = lambda text: text.replace("sesame", "***")
    assert journal.change_group(group.id, note="Key sesame refused.").note == "Key *** refused."


def test_a_group_made_by_a_newer_version_is_read(journal: Journal) -> None:
    group, _ = batch(journal)
    assert Group.from_dict({**group.to_dict(), "mood": "bright"}) == group


# The budget


def test_no_member_is_sent_beyond_the_budget(journal: Journal) -> None:
    _, jobs = batch(journal, budget=5.0)
    assert [sent(journal, job) for job in jobs] == [Hold.NONE, Hold.NONE, Hold.BUDGET, Hold.BUDGET]
    assert [job.state for job in map(journal.get, (job.id for job in jobs))][2:] == [State.DRAFT, State.DRAFT]


def test_many_threads_and_processes_share_one_budget(journal: Journal) -> None:
    _, jobs = batch(journal, count=24, budget=10.0)
    allowed: list[str] = []

    def send(own: list[Job]) -> None:
        other = Journal(journal.path)  # a connection of its own, as another QGIS has
        allowed.extend(job.id for job in own if sent(other, job) is Hold.NONE)
        other.close()

    threads = [threading.Thread(target=send, args=(jobs[number::6],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 5


def test_what_the_service_charged_takes_the_place_of_the_estimate(journal: Journal) -> None:
    _, jobs = batch(journal, budget=5.0)
    assert [sent(journal, job) for job in jobs[:3]] == [Hold.NONE, Hold.NONE, Hold.BUDGET]
    journal.change(jobs[0].id, state=State.RUNNING, remote_id="r", cost="0.1 credits")
    assert sent(journal, jobs[2]) is Hold.BUDGET  # it still runs: what it cost so far may grow
    journal.change(jobs[0].id, state=State.SUCCEEDED, cost="0.5 credits")
    assert sent(journal, jobs[2]) is Hold.NONE


def test_a_refused_member_takes_nothing_and_a_lost_one_all(journal: Journal) -> None:
    _, jobs = batch(journal, budget=4.0)
    for job in jobs[:2]:
        assert sent(journal, job) is Hold.NONE
    journal.change(jobs[0].id, state=State.UNCONFIRMED)
    assert sent(journal, jobs[2]) is Hold.BUDGET
    journal.change(jobs[1].id, state=State.FAILED)  # the service never took it
    assert sent(journal, jobs[2]) is Hold.NONE
    assert sent(journal, jobs[3]) is Hold.BUDGET


def test_a_member_without_a_price_waits_while_there_is_a_budget(journal: Journal) -> None:
    group, jobs = batch(journal, budget=50.0, estimate="")
    assert sent(journal, jobs[0]) is Hold.NO_PRICE
    journal.change_group(group.id, budget=None)
    assert sent(journal, jobs[0]) is Hold.NONE
    journal.change_group(group.id, budget=5.0)  # that one took nobody knows how much: it counts like the dearest
    for job in jobs[1:]:
        journal.change(job.id, estimate="2 credits")
    assert [sent(journal, job) for job in jobs[1:]] == [Hold.NONE, Hold.BUDGET, Hold.BUDGET]


def test_what_a_forgotten_member_took_stays_taken(journal: Journal) -> None:
    group, jobs = batch(journal, budget=5.0)
    assert [sent(journal, job) for job in jobs[:3]] == [Hold.NONE, Hold.NONE, Hold.BUDGET]
    journal.forget(jobs[0].id)
    assert sent(journal, jobs[2]) is Hold.BUDGET
    for job in jobs[1:]:
        journal.forget(job.id)
    assert journal.group(group.id) is None


def test_a_raised_budget_lets_the_rest_go(journal: Journal) -> None:
    group, jobs = batch(journal, budget=2.0)
    assert [sent(journal, job) for job in jobs[:2]] == [Hold.NONE, Hold.BUDGET]
    journal.change_group(group.id, budget=8.0)
    assert [sent(journal, job) for job in jobs[1:]] == [Hold.NONE] * 3


def test_a_paused_group_sends_nothing_whoever_tries(journal: Journal) -> None:
    group, jobs = batch(journal, paused=True)
    assert sent(journal, jobs[0]) is Hold.PAUSED
    journal.change_group(group.id, paused=False)
    assert sent(journal, jobs[0]) is Hold.NONE


def test_jobs_outside_a_group_are_free(journal: Journal) -> None:
    lonely, series = draft(), draft(group="a series that is written down nowhere")
    journal.add_all([lonely, series])
    assert [sent(journal, job) for job in (lonely, series)] == [Hold.NONE, Hold.NONE]


def test_drafts_are_changed_together_and_nothing_else(journal: Journal) -> None:
    _, jobs = batch(journal)
    journal.begin(jobs[0].id, 5.0)
    changed = journal.change_all([*(job.id for job in jobs), "unknown"], State.DRAFT, state=State.CANCELLED)
    assert [job.member for job in changed] == ["1", "2", "3"]
    assert journal.get(jobs[0].id).state is State.SUBMITTING


# How far it is


def test_where_a_group_stands() -> None:
    group = new_group("Harbours", 0.0, budget=20.0, unit="credits", carried=1.0)
    jobs = members(group, 6)
    states: list[dict[str, Any]] = [
        {"state": State.LOADED, "remote_id": "a", "cost": "3 credits"}, {"state": State.RUNNING, "remote_id": "b", "sent_at": 1.0},
        {"state": State.FAILED}, {"state": State.CANCELLED},
    ]  # fmt: skip
    given = [*(job.changed(**known) for job, known in zip(jobs, states)), *jobs[4:], draft()]
    shown = standing(group, given)
    assert (shown.total, shown.done, shown.failed, shown.dropped, shown.waiting, shown.at_work) == (6, 1, 1, 1, 2, 1)
    assert (shown.spent, shown.reserved, shown.hold, shown.next_price, shown.over) == (4.0, 2.0, Hold.NONE, 2.0, False)
    assert standing(group.changed(budget=7.0), given).hold is Hold.BUDGET
    assert standing(group.changed(paused=True), given).hold is Hold.PAUSED


def test_a_member_counts_as_its_newest_job() -> None:
    group = new_group("Harbours", 0.0)
    first = members(group, 2)
    again = first[0].changed(id="again", created_at=9.0, state=State.FETCHED)
    jobs = [again, first[0].changed(state=State.FAILED, remote_id="a"), first[1].changed(state=State.FETCHED)]
    assert [job.id for job in latest(jobs)] == ["again", first[1].id]
    assert (standing(group, jobs).done, standing(group, jobs).failed, standing(group, jobs).over) == (2, 0, True)


def test_members_in_doubt_are_at_work_while_looked_for_and_then_counted_once() -> None:
    group = new_group("Harbours", 0.0, budget=6.0, unit="credits")
    jobs = members(group, 4)
    sent = {"sent_at": 1.0}
    jobs = [
        jobs[0].changed(state=State.UNCONFIRMED, **sent), jobs[1].changed(state=State.LOST, **sent),
        jobs[2].changed(state=State.UNKNOWN, **sent), jobs[3],
    ]  # fmt: skip
    shown = standing(group, jobs)
    assert (shown.at_work, shown.sought, shown.unknown, shown.failed, shown.waiting) == (1, 1, 2, 0, 1)
    assert (shown.reserved, shown.doubtful, shown.spent, shown.hold) == (2.0, 4.0, 0.0, Hold.BUDGET)
    again = jobs[1].changed(id="again", created_at=9.0, state=State.FETCHED, remote_id="r", sent_at=9.0)
    shown = standing(group, [*jobs, again])
    assert (shown.unknown, shown.done) == (1, 1)
    assert (shown.doubtful, shown.spent) == (4.0, 2.0)  # the first one may have been paid for as well


def test_what_is_tried_again() -> None:
    group = new_group("Harbours", 0.0)
    jobs = members(group, 9)
    there: dict[str, Any] = {"sent_at": 1.0, "remote_id": "r"}
    known: list[dict[str, Any]] = [
        {"state": State.FAILED}, {"state": State.LOST, "sent_at": 1.0}, {"state": State.LOST, **there}, {"state": State.EXPIRED, **there},
        {"state": State.UNRESOLVED, **there}, {"state": State.CANNOT_READ, **there}, {"state": State.UNKNOWN, "sent_at": 1.0},
        {"state": State.CANCELLED, "sent_at": 1.0}, {"state": State.UNCONFIRMED, "sent_at": 1.0},
    ]  # fmt: skip
    jobs = [job.changed(**changes) for job, changes in zip(jobs, known)]
    assert to_try_again(jobs) == (*jobs[:5], jobs[6])  # the result that the storage keeps from us is there, and paid for
    assert to_look_at(jobs) == (jobs[1], jobs[2], *jobs[4:7])
    shown = standing(group, jobs)
    assert (shown.again, shown.to_look_at) == (6, 5)


def test_prices_that_nobody_knows_count_like_the_dearest() -> None:
    assert taken([1.0, None, 3.0, None]) == 10.0
    assert taken([None], at_least=2.0) == 2.0
    assert taken([]) == 0.0


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"state": State.DRAFT}, 0.0),
        ({"state": State.SUBMITTING, "sent_at": 1.0}, 2.0),
        ({"state": State.CANCELLED}, 0.0),
        ({"state": State.CANCELLED, "sent_at": 1.0}, 2.0),
        ({"state": State.FAILED, "remote_id": "r", "cost": "0 credits"}, 0.0),
        ({"state": State.LOST, "remote_id": "r"}, 2.0),
        ({"state": State.RUNNING, "remote_id": "r", "estimate": ""}, None),
        ({"state": State.RUNNING, "remote_id": "r", "cost": "3 credits"}, 3.0),
        ({"state": State.LOADED, "remote_id": "r", "cost": "nan credits"}, 2.0),
        ({"state": State.LOADED, "remote_id": "r", "cost": "-50 credits"}, 2.0),
        ({"state": State.LOADED, "remote_id": "r", "cost": "9 km²"}, 2.0),
        ({"state": State.LOADED, "remote_id": "r", "cost": "9 credits", "estimate": ""}, 9.0),
        ({"state": State.RUNNING, "remote_id": "r", "estimate": "-2 credits"}, None),
        ({"state": State.LOADED, "remote_id": "r", "estimate": "inf credits"}, None),
    ],
)
def test_what_a_job_takes(known: dict[str, Any], expected: Any) -> None:
    assert price_of(draft().changed(**{"estimate": "2 credits", **known})) == expected


def test_an_estimate_below_nothing_is_no_price(journal: Journal) -> None:
    _, jobs = batch(journal, 3, "-40 credits", budget=5.0)
    journal.change(jobs[2].id, estimate="5 credits")
    assert [sent(journal, job) for job in jobs] == [Hold.NO_PRICE, Hold.NO_PRICE, Hold.NONE]


def test_the_gate_keeps_the_order(journal: Journal) -> None:
    group = new_group("Harbours", 0.0, budget=3.0, unit="credits")
    dear, cheap = members(group, 1, "5 credits")[0], members(group, 1, "1 credits")[0]
    gate = Gate({group.id: group}, [dear, cheap])
    assert not gate.lets(dear)
    assert not gate.lets(cheap)  # it is not its turn
    assert Gate({group.id: group}, [cheap]).lets(cheap)
    unknown = cheap.changed(estimate="")
    assert not gate.lets(unknown)  # nobody is asked for prices in vain
    assert Gate({group.id: group}, [unknown]).lets(unknown)  # the service is to be asked
    assert not Gate({group.id: group}, [unknown]).lets(unknown.changed(word=NO_PRICE))
    assert Gate({}, [dear]).lets(dear)


# An older journal


def test_a_journal_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(V1.read_text(encoding="utf-8"))
    journal = Journal(path)
    done, waiting = journal.get("a" * 32), journal.get("b" * 32)
    assert (done.state, done.cost, done.group, waiting.state) == (State.FETCHED, "3.4 credits", "", State.DRAFT)
    assert [state for _, state, _ in journal.events("a" * 32)] == [State.DRAFT, State.QUEUED, State.FETCHED]
    assert journal.begin(waiting.id, 5.0).state is State.SUBMITTING
    _, jobs = batch(journal, budget=3.0)
    assert [sent(journal, job) for job in jobs[:2]] == [Hold.NONE, Hold.BUDGET]
    journal.close()
    versions = []
    for name in ("journal.sqlite", "journal.v1.bak"):
        with closing(sqlite3.connect(tmp_path / name)) as db:
            versions.append(db.execute("PRAGMA user_version").fetchone()[0])
            table = "jobs" if name.endswith(".bak") else "entries"
            assert db.execute(f"SELECT COUNT(*) FROM {table} WHERE id IN (?, ?)", (done.id, waiting.id)).fetchone() == (2,)
    assert versions == [schema.VERSION, 1]


def test_the_copy_is_of_the_older_journal_also_when_somebody_else_migrates_it_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, look, looks = tmp_path / "journal.sqlite", schema._refuse_newer, []
    with closing(sqlite3.connect(path)) as db:
        db.executescript(V1.read_text(encoding="utf-8"))

    def overtaken(db: sqlite3.Connection, where: Path) -> int:
        version = look(db, where)
        looks.append(version)
        if len(looks) == 2:  # it was found to be old, and nothing is done about that yet
            schema.connect(path).close()
        return version

    monkeypatch.setattr(schema, "_refuse_newer", overtaken)
    journal = Journal(path)
    assert journal.get("a" * 32).state is State.FETCHED
    journal.close()
    with closing(sqlite3.connect(tmp_path / "journal.v1.bak")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


def test_the_sum_of_a_group_is_read_from_its_index_alone(journal: Journal) -> None:
    batch(journal)
    plan = journal._rows("EXPLAIN QUERY PLAN SELECT price FROM entries WHERE member_of = 'x' AND state != 'draft'")
    assert "COVERING INDEX jobs_by_group" in str(plan)
