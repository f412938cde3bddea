"""The journal: durable, shared by leases, refused when newer, migrated when older."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs import schema
from groundtrack.jobs.job import State
from groundtrack.jobs.journal import LEASE, Journal, JournalError, UnknownJob
from support.service import draft


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_journal(tmp_path: Path, clock: Clock) -> Iterator[Any]:
    """Makes journals on one file, each as another process would."""
    made = []

    def make(holder: str = "", path: Path = tmp_path / "profile" / "journal.sqlite") -> Journal:
        made.append(Journal(path, clock, holder))
        return made[-1]

    yield make
    for journal in made:
        journal.close()


# What is written


def test_a_job_is_on_disk_when_add_returns(open_journal: Any) -> None:
    job = draft()
    open_journal("a").add(job)
    assert open_journal("b").get(job.id) == job


def test_adding_a_job_again_changes_nothing(open_journal: Any) -> None:
    journal, job = open_journal("a"), draft()
    journal.add(job)
    journal.change(job.id, state=State.QUEUED, remote_id="r")
    journal.add_all([job, draft()])
    assert journal.get(job.id).state is State.QUEUED
    assert [state for _, state, _ in journal.events(job.id)] == [State.DRAFT, State.QUEUED]
    assert len(journal.jobs()) == 2


def test_several_jobs_are_added_all_or_none(open_journal: Any) -> None:
    journal, jobs = open_journal("a"), [draft(), draft()]
    broken = jobs[1].changed(request={"n": object()})
    with pytest.raises(TypeError):
        journal.add_all([jobs[0], broken])
    assert journal.jobs() == ()
    journal.add_all(jobs)
    assert {job.id for job in journal.jobs()} == {job.id for job in jobs}


def test_progress_never_goes_back_by_itself(open_journal: Any) -> None:
    journal, job = open_journal("a"), draft()
    journal.add(job)
    journal.change(job.id, state=State.RUNNING, word="processing")
    changed = journal.change(job.id, state=State.QUEUED, word="pending")
    assert (changed.state, changed.word) == (State.RUNNING, "pending")
    assert journal.change(job.id, back=True, state=State.DRAFT).state is State.DRAFT


def test_a_draft_is_begun_once_whoever_tries(open_journal: Any) -> None:
    job = draft()
    first, second = open_journal("same"), open_journal("same")
    first.add(job)
    assert first.begin(job.id, 5.0).sent_at == 5.0
    assert second.begin(job.id, 6.0) is None
    assert second.get(job.id).sent_at == 5.0


def test_many_threads_begin_a_draft_once(open_journal: Any) -> None:
    job, journal, begun = draft(), open_journal("a"), []

    def begin() -> None:
        if journal.begin(job.id, 1.0) is not None:
            begun.append(1)
        journal.close()

    journal.add(job)
    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun == [1]


def test_a_remote_job_is_adopted_by_one_job_only(open_journal: Any) -> None:
    journal, one, other, elsewhere = open_journal("a"), draft(), draft(), draft().changed(provider="another")
    journal.add_all([one, other, elsewhere])
    assert journal.adopt(one.id, "r-1", state=State.QUEUED).remote_id == "r-1"
    assert journal.adopt(other.id, "r-1", state=State.QUEUED) is None
    assert journal.get(other.id).state is State.DRAFT
    assert journal.adopt(one.id, "r-1") is not None
    assert journal.adopt(elsewhere.id, "r-1") is not None
    assert journal.remote_ids("fake") == ("r-1",)


def test_questions_about_jobs(open_journal: Any) -> None:
    journal = open_journal("a")
    old, new = draft(now=10.0, fingerprint="f"), draft(now=20.0, fingerprint="f")
    journal.add_all([old, new])
    journal.change(new.id, state=State.FAILED, message="No scene.")
    assert [job.id for job in journal.jobs()] == [new.id, old.id]
    assert [job.id for job in journal.jobs([State.DRAFT, State.QUEUED])] == [old.id]
    assert journal.similar("f", 5.0).id == old.id  # a failed one is no reason to warn
    assert journal.similar("f", 15.0) is None
    assert [(state, note) for _, state, note in journal.events(new.id)] == [(State.DRAFT, ""), (State.FAILED, "No scene.")]


def test_others_see_what_changed_and_what_is_gone(open_journal: Any) -> None:
    mine, other, jobs = open_journal("a"), open_journal("b"), [draft(), draft()]
    mine.add_all(jobs)
    seen = other.version()
    assert {job.id for job in other.changed_since(-1)} == {job.id for job in jobs}
    assert other.changed_since(seen) == ()
    mine.change(jobs[0].id, word="processing")
    assert [job.word for job in other.changed_since(seen)] == ["processing"]
    seen = other.version()
    mine.forget(jobs[1].id)
    assert other.version() > seen
    assert other.ids() == {jobs[0].id}


def test_a_forgotten_job_is_unknown(open_journal: Any) -> None:
    journal, job = open_journal("a"), draft()
    journal.add(job)
    journal.forget(job.id)
    for act in (journal.get, lambda i: journal.change(i, word="x"), lambda i: journal.begin(i, 1.0), lambda i: journal.adopt(i, "r")):
        with pytest.raises(UnknownJob):
            act(job.id)
    assert journal.events(job.id) == []
    assert journal.hold(job.id) is False


# Leases


def test_only_one_holder_at_a_time(open_journal: Any, clock: Clock) -> None:
    mine, other, job = open_journal("a"), open_journal("b"), draft()
    mine.add(job)
    assert (mine.hold(job.id), other.hold(job.id)) == (True, False)
    clock.now += LEASE - 1
    assert other.hold(job.id) is False
    clock.now += 2
    assert other.hold(job.id) is True
    assert mine.hold(job.id) is False


def test_a_lease_is_renewed_by_its_holder(open_journal: Any, clock: Clock) -> None:
    mine, other, job = open_journal("a"), open_journal("b"), draft()
    mine.add(job)
    for _ in range(10):
        clock.now += LEASE / 3
        assert mine.hold_all([job.id, "unknown"]) == (job.id,)
        assert other.hold(job.id) is False


def test_holding_what_is_held_writes_nothing(open_journal: Any) -> None:
    journal, job = open_journal("a"), draft()
    journal.add(job)
    with closing(sqlite3.connect(journal.path)) as watcher:
        before = watcher.execute("PRAGMA data_version").fetchone()
        assert journal.hold(job.id)
        assert watcher.execute("PRAGMA data_version").fetchone() == before


def test_a_lease_given_back_is_free_and_others_notice(open_journal: Any) -> None:
    mine, other, jobs = open_journal("a"), open_journal("b"), [draft(), draft()]
    mine.add_all(jobs)
    seen = other.version()
    mine.release([jobs[0].id])
    assert other.hold_all(job.id for job in jobs) == (jobs[0].id,)
    assert other.version() > seen
    mine.release()
    assert other.hold(jobs[1].id)


@pytest.mark.parametrize("jump", [-5 * 86400.0, -3600.0, 3600.0, 5 * 86400.0])
def test_a_clock_that_jumps_blocks_nobody_and_leaves_one_holder(open_journal: Any, clock: Clock, jump: float) -> None:
    mine, other, job = open_journal("a"), open_journal("b"), draft()
    mine.add(job)
    clock.now += jump
    holders = [name for name, journal in (("b", other), ("a", mine)) if journal.hold(job.id)]
    assert holders == ["b"]
    assert other.hold(job.id)
    clock.now += LEASE + 1
    assert mine.hold(job.id)


def test_the_lease_of_a_process_that_is_gone_is_free_at_once(open_journal: Any) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    crashed, alive = open_journal(f"{platform.node()}:{gone.pid}:x"), open_journal(f"{platform.node()}:{os.getpid()}:y")
    far = open_journal(f"far away:{gone.pid}:z")
    jobs = [draft(), draft(), draft()]
    for journal, job in zip((crashed, alive, far), jobs):
        journal.add(job)
    assert open_journal().hold_all(job.id for job in jobs) == (jobs[0].id,)


# The file


def tables(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_a_newer_journal_is_refused_and_not_touched(open_journal: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE jobs (id TEXT, mood TEXT)")
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"written by a newer Groundtrack\. Update the plugin; no job was touched"):
        open_journal("a", path).add(draft())
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal.sqlite"]


def test_an_older_journal_is_migrated_after_a_copy(open_journal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, job = tmp_path / "journal.sqlite", draft()
    old = open_journal("a", path)
    old.add(job)
    old.close()
    monkeypatch.setattr(schema, "VERSION", 5)
    monkeypatch.setitem(schema.MIGRATIONS, 3, lambda db: db.execute("ALTER TABLE entries ADD COLUMN mood TEXT"))
    monkeypatch.setitem(schema.MIGRATIONS, 4, lambda db: db.execute("UPDATE entries SET mood = 'bright'"))
    assert open_journal("b", path).get(job.id) == job
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT mood FROM entries").fetchall() == [("bright",)]
    assert (tables(path), tables(tmp_path / "journal.v3.bak")) == (5, 3)
    with closing(sqlite3.connect(tmp_path / "journal.v3.bak")) as copy:
        assert copy.execute("SELECT id FROM entries").fetchall() == [(job.id,)]


def test_a_migration_that_fails_leaves_the_journal_as_it_was(open_journal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, job = tmp_path / "journal.sqlite", draft()
    old = open_journal("a", path)
    old.add(job)
    old.close()

    def fail(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM entries")
        db.execute("SELECT * FROM nowhere")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", 4)
        patch.setitem(schema.MIGRATIONS, 3, fail)
        with pytest.raises(JournalError, match="nowhere"):
            open_journal("b", path).jobs()
    assert open_journal("c", path).get(job.id) == job


def test_two_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    path, problems, start = tmp_path / "journal.sqlite", [], threading.Barrier(6)

    def make() -> None:
        journal = Journal(path)
        start.wait()
        try:
            journal.add(draft())
        except JournalError as error:
            problems.append(str(error))
        journal.close()

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    journal = Journal(path)
    assert len(journal.jobs()) == 6
    journal.close()


@pytest.mark.parametrize("kind", ["folder", "text", "no folder"])
def test_what_cannot_be_a_journal_is_said_in_a_sentence(open_journal: Any, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "journal.sqlite"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("Dear diary, today I saw a ship in the harbour. " * 40)
    else:
        (tmp_path / "file").write_text("")
        path = tmp_path / "file" / "journal.sqlite"
    before = path.read_bytes() if kind == "text" else b""
    for act in (lambda j: j.add(draft()), lambda j: j.jobs(), lambda j: j.version(), lambda j: j.hold("x")):
        with pytest.raises(JournalError, match=r"^The job journal .*journal\.sqlite cannot be used: .*\. Check that it is a file"):
            act(open_journal("a", path))
    assert kind != "text" or path.read_bytes() == before


def test_a_read_only_folder_is_said_in_a_sentence(tmp_path: Path, root: Path) -> None:
    """In a process without root's rights, where there is root."""
    program = f"""
import os, sys
folder = {str(tmp_path)!r} + "/locked"
os.mkdir(folder)
os.chmod(folder, 0o555)
sys.path.insert(0, {str(root / "tests")!r})
import conftest
from groundtrack.jobs.journal import Journal, JournalError
if os.geteuid() == 0:
    os.chmod({str(tmp_path)!r}, 0o777)
    os.seteuid(65534)
try:
    Journal(__import__("pathlib").Path(folder) / "journal.sqlite").jobs()
except JournalError as error:
    print(error)
"""
    for parent in [tmp_path, *tmp_path.parents]:
        if parent.owner() == "root" and os.geteuid() == 0 and "pytest" in parent.name:
            parent.chmod(0o755)
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "cannot be used: unable to open database file. Check that" in answer.stdout, answer.stderr


def test_a_full_disk_loses_nothing_that_was_written(open_journal: Any) -> None:
    journal, job = open_journal("a"), draft()
    journal.add(job)
    pages = journal._db().execute("PRAGMA page_count").fetchone()[0]
    journal._db().execute(f"PRAGMA max_page_count = {pages}")
    large = [draft(values={"outline": "x" * 3000}) for _ in range(100)]
    with pytest.raises(JournalError, match="database or disk is full"):
        journal.add_all(large)
    kept = len(journal.jobs())
    journal._db().execute("PRAGMA max_page_count = 100000")
    journal.add(draft())
    assert journal.get(job.id) == job
    assert len(journal.jobs()) == kept + 1


def test_a_closed_thread_leaves_no_file_open(tmp_path: Path) -> None:
    from support.service import open_files

    before = set(open_files(tmp_path))
    journal = Journal(tmp_path / "journal.sqlite")
    thread = threading.Thread(target=lambda: (journal.add(draft()), journal.close()))
    thread.start()
    thread.join()
    assert set(open_files(tmp_path)) <= before
