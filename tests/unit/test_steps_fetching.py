"""Fetching a job's files: what is kept when it goes wrong, and what is tried again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import UnknownJob
from groundtrack.jobs.steps import BACK_OFF, Step
from groundtrack.providers import errors
from groundtrack.providers.base import Handle
from groundtrack.providers.cancel import Cancel
from support.steps import Case


def open_fails(case: Case, *problems: Any) -> None:
    case.world.script["open"] = list(problems)


def test_an_expired_link_is_asked_for_again_once(case: Case) -> None:
    from groundtrack.jobs.downloads import LinkExpired

    open_fails(case, LinkExpired("Expired."))
    assert case.fetch(case.at(State.SUCCEEDED)).job.state is State.FETCHED
    open_fails(case, LinkExpired("Expired."), LinkExpired("Expired."))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.EXPIRED, None)
    assert case.world.script["open"] == []


def test_a_file_that_is_not_there_is_looked_for_with_a_fresh_link_once(case: Case) -> None:
    from groundtrack.jobs.downloads import FileMissing

    open_fails(case, FileMissing("Not there.", status=404))
    assert case.fetch(case.at(State.SUCCEEDED)).job.state is State.FETCHED
    open_fails(case, FileMissing("Not there.", status=404), FileMissing("Not there.", status=404))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay, step.job.files) == (State.CANNOT_READ, None, ())
    assert "Not there." in step.job.message
    assert case.fetch(case.journal.change(step.job.id, back=True, state=State.SUCCEEDED)).job.state is State.FETCHED


def test_a_result_that_is_gone_while_fetching_is_expired(case: Case) -> None:
    open_fails(case, errors.Gone("Kept for 30 days.", status=410))
    assert case.fetch(case.at(State.SUCCEEDED)).job.state is State.EXPIRED


def test_not_ready_after_all_is_asked_again_at_the_usual_pace_as_long_as_it_takes(case: Case) -> None:
    step = Step(case.at(State.SUCCEEDED), 0.0)
    for _ in range(20):
        open_fails(case, errors.ServiceError("Not ready.", status=409))
        step = case.fetch(step.job)
        assert step.job.state is State.SUCCEEDED
        assert 10.0 <= step.delay <= 11.0
    assert case.fetch(step.job).job.state is State.FETCHED


@pytest.mark.parametrize(("problem", "origin", "ends"), [
    (errors.TransportError("No network."), "dock", None), (errors.TransportError("No network."), "toolbox", State.CANNOT_READ),
    (errors.ServiceError("Down.", status=500), "dock", State.CANNOT_READ), (errors.NotFound("Unknown."), "dock", State.UNRESOLVED),
    (errors.QuotaError("Slow down.", waits=True, retry_after=3.0), "dock", State.CANNOT_READ),
])  # fmt: skip
def test_how_long_a_download_is_tried(case: Case, problem: Exception, origin: str, ends: State | None) -> None:
    step, tries = Step(case.at(State.SUCCEEDED, origin=origin), 0.0), 0
    while step.delay is not None and tries < 12:
        open_fails(case, *[problem] * 6)
        case.provider.cancel = case.cancel
        step, tries = case.steps.fetch(step.job, case.provider, case.folder / "r", _NoWait(), case.told.append), tries + 1
    assert (step.job.state if step.delay is None else None) == ends
    assert tries == (1 if isinstance(problem, errors.NotFound) else 12 if ends is None else len(BACK_OFF))
    if isinstance(problem, errors.QuotaError):
        assert step.job.tries == len(BACK_OFF)


class _NoWait(Cancel):
    def wait(self, seconds: float) -> None:
        """Time flies in this test."""


def test_a_finished_job_without_a_result_is_unresolved_in_the_end(case: Case) -> None:
    case.provider.assets = lambda handle: ()
    step = Step(case.at(State.SUCCEEDED), 0.0)
    while step.delay is not None:
        step = case.fetch(step.job)
    assert step.job.state is State.UNRESOLVED
    assert "names no result" in step.job.message


def test_what_groundtrack_cannot_read_waits_for_a_person_with_the_reason(case: Case) -> None:
    case.world.content = b"PK\x03\x04 and more"
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.CANNOT_READ, None)
    assert "not GeoJSON but a ZIP archive" in step.job.message


def test_a_full_disk_leaves_the_job_finished_and_says_what_to_do(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from groundtrack.jobs import downloads

    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 5}))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.SUCCEEDED, None)
    assert "are free in" in step.job.message
    monkeypatch.undo()
    assert case.fetch(step.job).job.state is State.FETCHED


def test_a_download_that_is_stopped_says_how_to_go_on(case: Case) -> None:
    case.cancel.set()
    open_fails(case, errors.Cancelled("Stopped."))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.SUCCEEDED, None)
    assert "Check Now" in step.job.message
    case.provider.cancel.set()
    open_fails(case, errors.Cancelled("Stopped."))
    assert case.fetch(step.job).job.message == ""  # QGIS ends: nothing to say


def test_a_key_that_was_revoked_meanwhile_keeps_the_job_finished(case: Case) -> None:
    job = case.at(State.SUCCEEDED)
    case.world.script["assets"] = [errors.AuthError("Revoked.")]
    with pytest.raises(errors.AuthError):
        case.fetch(job)
    assert case.journal.get(job.id).state is State.SUCCEEDED


def test_several_files_share_the_progress_and_equal_names_are_kept_apart(case: Case) -> None:
    asset = case.provider.assets(Handle("x"))[0]
    case.provider.assets = lambda handle: (asset, asset)
    job = case.at(State.SUCCEEDED)
    step = case.fetch(job)
    assert [Path(name).name for name in step.job.files] == ["result.geojson", "result_2.geojson"]
    shares = [told.progress for told in case.told]
    assert shares == sorted(shares)
    assert shares[0] == 0.5
    again = case.fetch(case.journal.change(job.id, back=True, state=State.SUCCEEDED))
    assert again.job.files == step.job.files
    assert len(list((case.folder / "results").iterdir())) == 2


def test_a_crash_after_the_download_is_made_good_without_a_second_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    job = case.at(State.SUCCEEDED)
    change = case.journal.change

    def crash(identity: str, **known: Any) -> Job:
        if known.get("state") is State.FETCHED:
            raise SystemExit
        return change(identity, **known)

    monkeypatch.setattr(case.journal, "change", crash)
    with pytest.raises(SystemExit):
        case.fetch(job)
    monkeypatch.undo()
    open_fails(case, AssertionError("downloaded twice"))
    assert case.fetch(case.journal.get(job.id)).job.state is State.FETCHED


def test_a_forgotten_job_ends_its_step(case: Case) -> None:
    job = case.at(State.SUCCEEDED)
    case.journal.forget(job.id)
    with pytest.raises(UnknownJob):
        case.fetch(job)


def test_no_secret_reaches_the_journal(case: Case) -> None:
    step = case.submit(case.new())
    case.fetch(case.poll(case.poll(step.job).job).job)
    with sqlite3.connect(case.folder / "journal.sqlite") as db:
        bodies = db.execute("SELECT body FROM entries UNION ALL SELECT body FROM requests")
        assert "one" not in {word for row in bodies for word in row[0].split('"')}
    db.close()
