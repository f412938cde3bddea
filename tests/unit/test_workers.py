"""The threads that do what may block."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from groundtrack.jobs.workers import Workers
from support.service import wait_until


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def alive(name: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(name)]


def test_tasks_run_side_by_side_up_to_the_count(gate: threading.Event) -> None:
    workers, running, done = Workers(3, lambda: None, "side"), [], []

    def task() -> None:
        running.append(1)
        gate.wait(10)
        done.append(1)

    for _ in range(8):
        workers.do(task)
    wait_until(lambda: len(running) == 3)
    assert len(alive("side")) == 3
    gate.set()
    wait_until(lambda: len(done) == 8)
    workers.stop()
    wait_until(lambda: not alive("side"))


def test_an_idle_thread_is_used_again() -> None:
    workers, names = Workers(4, lambda: None, "again"), []
    for number in range(5):
        workers.do(lambda: names.append(threading.current_thread().name))
        wait_until(lambda wanted=number + 1: len(names) == wanted and workers._idle == len(alive("again")))
    assert set(names) == {"again-0"}
    workers.stop()
    wait_until(lambda: not alive("again"))


def test_a_task_that_fails_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    workers, done = Workers(1, lambda: None, "fails"), []
    workers.do(lambda: 1 / 0)
    workers.do(lambda: done.append(1))
    wait_until(lambda: done == [1])
    assert "division by zero" in caplog.text
    workers.stop()
    wait_until(lambda: not alive("fails"))


def test_stop_drops_what_has_not_begun_and_every_thread_cleans_up(gate: threading.Event) -> None:
    ended, done, begun = [], [], threading.Event()
    workers = Workers(2, lambda: ended.append(threading.current_thread().name), "stop")

    def task() -> None:
        begun.set()
        gate.wait(10)
        done.append(1)

    for _ in range(6):
        workers.do(task)
    assert begun.wait(5)
    wait_until(lambda: len(alive("stop")) == 2)
    workers.stop()
    gate.set()
    wait_until(lambda: len(ended) == 2)
    assert sorted(ended) == ["stop-0", "stop-1"]
    assert len(done) <= 2
    workers.do(task)
    wait_until(lambda: not alive("stop"))
    assert len(done) <= 2
