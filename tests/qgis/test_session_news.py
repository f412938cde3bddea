"""How news of many jobs reaches those who show them."""

from __future__ import annotations

from typing import Any

from groundtrack.jobs.job import State
from support.jobs import make_job

MANY = 1000


def test_news_of_many_jobs_is_known_at_once_and_told_in_order_a_few_at_a_time(session: Any, qtbot: Any) -> None:
    told: list[Any] = []
    session.jobs_changed.connect(told.append)
    jobs = tuple(make_job(state="queued") for _ in range(MANY))
    session.poller.jobs_changed.emit(jobs)
    session.poller.jobs_changed.emit((jobs[0].changed(state=State.RUNNING),))
    assert len(session.jobs) == MANY
    assert session.jobs[jobs[0].id].state is State.RUNNING
    qtbot.waitUntil(lambda: sum(map(len, told)) == MANY + 1, timeout=30_000)
    assert max(map(len, told)) < MANY
    assert [job.id for news in told for job in news] == [*(job.id for job in jobs), jobs[0].id]
    assert told[-1][-1].state is State.RUNNING


def test_of_a_job_that_is_forgotten_meanwhile_nothing_more_is_told(session: Any, qtbot: Any) -> None:
    told: list[Any] = []
    jobs = tuple(make_job(state="queued") for _ in range(MANY))
    session.poller.jobs_changed.emit(jobs)
    session.jobs_changed.connect(told.append)
    session.poller.jobs_forgotten.emit((jobs[-1].id,))
    qtbot.waitUntil(lambda: any(job.id == jobs[-2].id for news in told for job in news), timeout=30_000)
    assert jobs[-1].id not in {job.id for news in told for job in news} | set(session.jobs)


def test_followed_jobs_are_counted_by_account(session: Any) -> None:
    jobs = tuple(make_job(state="running") for _ in range(3))
    key = jobs[0].account_key
    session.poller.jobs_changed.emit(jobs)
    assert session.followed[key] == 3
    session.poller.jobs_changed.emit((jobs[0].changed(state=State.FAILED), jobs[1].changed(progress=0.5)))
    assert session.followed[key] == 2
    session.poller.jobs_changed.emit((jobs[0],))  # looked at once more
    session.poller.jobs_forgotten.emit((jobs[1].id, jobs[2].id))
    assert session.followed[key] == 1
