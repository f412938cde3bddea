"""Jobs on this computer, by the same journal and steps as those of any service."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from groundtrack.jobs.job import Job, State, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Steps
from groundtrack.providers.base import Account, Handle, Phase
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.local import GONE, Local
from groundtrack.providers.operation import Request
from groundtrack.rasters import engine, summary
from groundtrack.rasters.engine import Engine, Stage
from support.rasters import read_raster, write_raster

LIMIT = 30.0  # s that a test waits for something


class Desk:
    """A journal with its steps, and a folder for results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "results"
        self.journal = Journal(folder / "journal.sqlite")
        self.steps = Steps(self.journal)
        self.provider = Local(Account("local", "This computer"), None)

    def draft(self, operation: str, **values: Any) -> Job:
        return self.journal.add(new_job("local", "This computer", Request(operation, values), time.time()))

    def follow(self, job: Job, until: Callable[[Job], bool]) -> Job:
        end = time.monotonic() + LIMIT
        while not until(job):
            assert time.monotonic() < end, job
            threading.Event().wait(0.01)
            (step,) = self.steps.poll([job], self.provider)
            job = step.job
        return job

    def fetch(self, job: Job) -> Job:
        return self.steps.fetch(job, self.provider, self.folder, Cancel(), lambda told: None).job


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    desk = Desk(tmp_path)
    yield desk
    engine.ENGINE.stop_all()
    desk.journal.close()


def scene(folder: Path, size: int = 300) -> str:
    rng = np.random.default_rng(1)
    bands = [rng.integers(1, 5000, (size, size), dtype=np.uint16) for _ in range(2)]
    return write_raster(folder / "scene.tif", bands, names=("red", "nir"))


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "temporary").iterdir()]


def finished(job: Job) -> bool:
    return job.state not in (State.QUEUED, State.RUNNING)


def test_from_the_draft_to_the_files(desk: Desk, tmp_path: Path) -> None:
    job = desk.steps.submit(desk.draft("ndvi", image=scene(tmp_path)), desk.provider).job
    assert (job.state, job.remote_id) == (State.QUEUED, job.id)
    job = desk.follow(job, finished)
    assert (job.state, job.progress) == (State.SUCCEEDED, 1.0)
    job = desk.fetch(job)
    assert job.state is State.FETCHED
    (path,) = map(Path, job.files)
    assert path == desk.folder / "ndvi.tif"
    assert read_raster(path).shape == (300, 300)
    assert summary.read(path)["pixels"] == 90_000
    assert left(tmp_path) == []


def test_two_results_of_one_name_lie_side_by_side(desk: Desk, tmp_path: Path) -> None:
    source = scene(tmp_path)
    for _ in range(2):
        job = desk.steps.submit(desk.draft("ndvi", image=source), desk.provider).job
        assert desk.fetch(desk.follow(job, finished)).state is State.FETCHED
    assert {"ndvi.tif", "ndvi_2.tif", "ndvi.tif.stats.json", "ndvi_2.tif.stats.json"} <= {path.name for path in desk.folder.iterdir()}


def test_a_failure_is_told_in_words(desk: Desk, tmp_path: Path) -> None:
    source = Path(scene(tmp_path, 1200))
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    job = desk.follow(desk.steps.submit(desk.draft("ndvi", image=str(source)), desk.provider).job, finished)
    assert job.state is State.FAILED
    assert "scene.tif cannot be read" in job.message
    assert left(tmp_path) == []


def test_a_refused_request_never_starts(desk: Desk, tmp_path: Path) -> None:
    job = desk.steps.submit(desk.draft("ndvi", image=str(tmp_path / "absent.tif")), desk.provider).job
    assert job.state is State.FAILED
    assert "absent.tif cannot be opened" in job.message


def test_stopping_counts_at_once_and_removes_everything(desk: Desk, tmp_path: Path) -> None:
    job = desk.steps.submit(desk.draft("ndvi", image=scene(tmp_path, 4000)), desk.provider).job
    job = desk.follow(job, lambda seen: seen.progress > 0)
    asked = time.monotonic()
    desk.provider.stop(job.handle)
    assert desk.provider.statuses([job.handle])[job.remote_id].phase is Phase.CANCELLED
    while left(tmp_path):
        assert time.monotonic() - asked < LIMIT  # half a second on a machine that does nothing else
        threading.Event().wait(0.005)
    assert desk.follow(job, finished).state is State.CANCELLED


def test_a_restart_of_qgis_ends_the_job_with_a_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = desk.steps.submit(desk.draft("ndvi", image=scene(tmp_path, 2000)), desk.provider).job
    engine.ENGINE.stop_all()
    assert left(tmp_path) == []
    monkeypatch.setattr("groundtrack.providers.local.ENGINE", Engine())
    job = desk.follow(job, finished)
    assert (job.state, job.message) == (State.FAILED, GONE)
    assert job.asked().values  # enough to run it again


def test_a_crash_while_it_was_started_leaves_no_doubt(desk: Desk, tmp_path: Path) -> None:
    job = desk.draft("ndvi", image=scene(tmp_path))
    job = desk.journal.begin(job.id, time.time())
    job = desk.steps.recover(job, desk.provider).job
    assert job.state is State.QUEUED
    assert desk.follow(job, finished).message == GONE


def test_results_nobody_fetched_go_with_qgis(desk: Desk, tmp_path: Path) -> None:
    job = desk.follow(desk.steps.submit(desk.draft("ndvi", image=scene(tmp_path)), desk.provider).job, finished)
    assert job.state is State.SUCCEEDED
    assert left(tmp_path) != []
    engine.ENGINE.stop_all()
    assert left(tmp_path) == []


def test_computations_take_turns(tmp_path: Path) -> None:
    turns, go, order = Engine(), threading.Event(), []

    def work(name: str) -> Any:
        def run(folder: Path, progress: Any) -> Path:
            order.append(name)
            assert go.wait(LIMIT)
            progress(1.0)
            return folder / name

        return run

    for name in ("one", "two"):
        turns.start(name, work(name))
    assert turns.look("two").stage is Stage.WAITING
    turns.stop("two")
    go.set()
    end = time.monotonic() + LIMIT
    while turns.look("one").stage is not Stage.DONE:
        assert time.monotonic() < end
        threading.Event().wait(0.005)
    turns.stop_all()
    assert order == ["one"]
    assert turns.look("two").stage is Stage.STOPPED


def test_a_computation_begun_anew_leaves_no_file_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    turns = Engine()

    def work(folder: Path, progress: Any) -> Path:
        (folder / "result").touch()
        return folder / "result"

    for _ in range(2):
        turns.start("one", work)
        end = time.monotonic() + LIMIT
        while turns.look("one").stage is not Stage.DONE:
            assert time.monotonic() < end
            threading.Event().wait(0.005)
    assert len(list(tmp_path.iterdir())) == 1
    turns.stop_all()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in (("groundtrack-work-old", 25), ("groundtrack-work-new", 23), ("other", 99)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.scratch.tif").touch()
        for path in (tmp_path / name / "x.scratch.tif", tmp_path / name):
            os.utime(path, (time.time() - age * 3600,) * 2)
    turns = Engine()
    turns.start("one", lambda folder, progress: folder / "result")
    end = time.monotonic() + LIMIT
    while turns.look("one").stage is not Stage.DONE:
        assert time.monotonic() < end
        threading.Event().wait(0.005)
    turns.stop_all()
    assert {path.name for path in tmp_path.iterdir()} >= {"groundtrack-work-new", "other"}
    assert not (tmp_path / "groundtrack-work-old").exists()


def test_many_jobs_are_asked_for_at_once(desk: Desk, tmp_path: Path) -> None:
    source = scene(tmp_path)
    jobs = [desk.steps.submit(desk.draft(operation, image=source), desk.provider).job for operation in ("ndvi", "ndvi", "ndvi")]
    handles = [*(job.handle for job in jobs), Handle("unknown")]
    answers = desk.provider.statuses(handles)
    assert set(answers) == {handle.remote_id for handle in handles}
    assert [desk.follow(job, finished).state for job in jobs] == [State.SUCCEEDED] * 3
