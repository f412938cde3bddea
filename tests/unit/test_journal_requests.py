"""Requests in the journal: written once, read once, kept exactly, also those of a journal that an older Groundtrack wrote."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import Aoi
from groundtrack.jobs import schema
from groundtrack.jobs.job import Job, State, new_job
from groundtrack.jobs.journal import Journal, JournalError
from groundtrack.providers.operation import Request
from support.service import draft

V2 = Path(__file__).parents[1] / "data" / "journal_v2.sql"
CORNERS = 20_000


def ring(corners: int, reach: float = 1.0) -> Any:
    angles = [2 * math.pi * number / corners for number in range(corners)]
    points = [(10 + reach * math.cos(angle), 50 + reach * math.sin(angle)) for angle in angles]
    return (*points, points[0])


def large(*polygons: Any) -> Job:
    return new_job("fake", "Port", Request("work", {"scenes": ("a", "b")}, Aoi(polygons or ((ring(CORNERS),),))), 5.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    made = Journal(path)
    yield made
    made.close()


def from_disk(path: Path, identity: str) -> Job:
    """As another process reads it."""
    other = Journal(path)
    found = other.get(identity)
    other.close()
    return found


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def run_sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


# Written once


def test_no_change_of_a_job_touches_its_request(journal: Journal, path: Path) -> None:
    job = journal.add(large())
    forbid = "CREATE TRIGGER no_{0} BEFORE {0} ON requests BEGIN SELECT RAISE(ABORT, 'the request was written again'); END"
    run_sql(path, *(forbid.format(event) for event in ("INSERT", "UPDATE", "DELETE")))
    journal.begin(job.id, 6.0)
    journal.adopt(job.id, "remote-1", state=State.QUEUED)
    journal.change_all([job.id], State.QUEUED, state=State.RUNNING)
    done = journal.change(job.id, state=State.LOADED, files=("a.tif",))
    assert done.request == as_json(job.request)
    assert from_disk(path, job.id) == done
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT length(body) FROM entries").fetchone()[0] < 2000


def test_the_request_is_not_read_again_and_shared_by_all_snapshots(journal: Journal, path: Path) -> None:
    job = journal.add(large())
    run_sql(path, "UPDATE requests SET body = 'unreadable', outline = x'00'")
    seen = [journal.begin(job.id, 6.0), journal.change(job.id, word="waits"), journal.get(job.id)]
    seen += [*journal.jobs(), *journal.changed_since(-1)]
    assert all(one is not None and one.request is seen[0].request for one in seen)
    assert seen[0].request["aoi"] is job.request["aoi"]


def test_a_job_that_is_there_already_keeps_its_request(journal: Journal, path: Path) -> None:
    job = journal.add(draft({"n": 1}))
    journal.add(job.changed(request={**job.request, "values": {"n": 2}}))
    assert journal.get(job.id).request["values"] == {"n": 1}
    assert from_disk(path, job.id).request["values"] == {"n": 1}


def test_what_was_not_committed_is_not_remembered(journal: Journal) -> None:
    job, broken = draft({"n": 1}), draft().changed(request={"n": object()})
    with pytest.raises(TypeError):
        journal.add_all([job, broken])
    journal.add(job.changed(request={**job.request, "values": {"n": 2}}))
    assert journal.get(job.id).request["values"] == {"n": 2}


def test_a_forgotten_job_leaves_no_request(journal: Journal, path: Path) -> None:
    jobs = [large(), large()]
    journal.add_all(jobs)
    journal.forget(jobs[0].id)
    other = Journal(path)
    other.forget(jobs[1].id)
    other.close()
    assert journal.ids() == set()
    assert journal._requests._known == {}
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM requests").fetchone() == (0,)


# Kept exactly


HOLE = ring(500, 0.2)


@pytest.mark.parametrize(
    "polygons",
    [((ring(CORNERS),),), ((ring(CORNERS), HOLE),), ((ring(CORNERS),), (HOLE,)), ((ring(30),),), ((ring(999),),)],
    ids=["one", "with a hole", "two", "small", "at the limit"],
)
def test_an_outline_comes_back_as_it_was_asked_for(journal: Journal, path: Path, polygons: Any) -> None:
    job = journal.add(large(*polygons))
    assert journal.get(job.id).request == as_json(job.request) == from_disk(path, job.id).request
    assert from_disk(path, job.id).asked().aoi == job.asked().aoi


def strange(kind: str) -> Any:
    points = [list(point) for point in ring(3000)]
    if kind == "heights":
        return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6), 5.0] for x, y in points]]}
    if kind == "more members":
        return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in points]], "bbox": [9, 49, 11, 51]}
    if kind == "more decimals":
        return {"type": "Polygon", "coordinates": [points]}
    if kind == "one in many":
        return {"type": "MultiPolygon", "coordinates": [[[[round(x, 6), round(y, 6)] for x, y in points]]]}
    return {"type": "Point", "coordinates": [10.0, 50.0]} if kind == "point" else {"kind": "no geometry"}


@pytest.mark.parametrize("kind", ["heights", "more members", "more decimals", "one in many", "point", "none"])
def test_an_area_that_nobody_here_made_comes_back_too(journal: Journal, path: Path, kind: str) -> None:
    request = {"operation": "work", "values": {}, "aoi": strange(kind), "tag": "t"}
    job = journal.add(draft().changed(request=request))
    assert from_disk(path, job.id).request == as_json(request)


# A journal of the version before


def older(path: Path) -> dict[str, Job]:
    """The file as Groundtrack 0.1 left it, and the jobs in it."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(V2.read_text(encoding="utf-8"))
        return {identity: Job.from_dict(json.loads(body)) for identity, body in db.execute("SELECT id, body FROM jobs")}


def test_a_journal_of_version_2_is_brought_up_to_date(path: Path) -> None:
    before = older(path)
    journal = Journal(path)
    assert {job.id: job for job in journal.jobs()} == before
    assert [job.state for job in before.values()] == [State.FETCHED, State.DRAFT, State.FAILED]
    assert before["a" * 32].request["aoi"]["type"] == "MultiPolygon"
    assert [group.title for group in journal.groups()] == ["Häfen"]
    assert [state.value for _, state, _ in journal.events("c" * 32)] == ["draft", "submitting", "failed"]
    assert journal.version() == 11
    assert journal.begin("b" * 32, 9.0).request == before["b" * 32].request
    assert journal.adopt("c" * 32, "remote-1") is not None  # of another service
    journal.close()
    with closing(sqlite3.connect(path.with_suffix(".v2.bak"))) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (2,)
        assert {row[0] for row in copy.execute("SELECT id FROM jobs")} == set(before)


def test_a_large_outline_of_version_2_is_kept_as_bytes(path: Path) -> None:
    before, asked = older(path)["a" * 32], large().request
    with closing(sqlite3.connect(path)) as db:
        body = before.changed(request=asked).to_dict()
        db.execute("UPDATE jobs SET body = ? WHERE id = ?", (json.dumps(body), before.id))
        db.commit()
    assert from_disk(path, before.id).request == as_json(asked)
    with closing(sqlite3.connect(path)) as db:
        text, outline = db.execute("SELECT length(body), length(outline) FROM requests WHERE job = ?", (before.id,)).fetchone()
        assert (text < 1000, outline > 16 * CORNERS) == (True, True)


def test_an_older_groundtrack_that_has_the_file_open_finds_no_jobs_instead_of_half_ones(path: Path) -> None:
    older(path)
    with closing(sqlite3.connect(path)) as running:
        running.execute("SELECT body FROM jobs").fetchall()
        from_disk(path, "a" * 32)
        for statement in ("SELECT body FROM jobs", "SELECT holder FROM jobs", "UPDATE jobs SET held_until = 1", "SELECT id FROM jobs"):
            with pytest.raises(sqlite3.OperationalError, match="no such table: jobs"):
                running.execute(statement)


def test_an_older_groundtrack_that_starts_refuses_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(path)
    from_disk(path, "a" * 32)
    monkeypatch.setattr(schema, "VERSION", 2)
    with pytest.raises(JournalError, match="written by a newer Groundtrack"):
        from_disk(path, "a" * 32)


def test_a_migration_that_is_cut_off_in_the_middle_leaves_the_older_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = older(path)
    with monkeypatch.context() as patch:
        patch.setattr("groundtrack.jobs.request_table._write", lambda db, identity, request: db.execute("SELECT * FROM nowhere"))
        with pytest.raises(JournalError, match="nowhere"):
            from_disk(path, "a" * 32)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
    assert from_disk(path, "a" * 32) == before["a" * 32]
