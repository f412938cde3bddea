"""What a person reads about a job that waits."""

from __future__ import annotations

from typing import Any

import pytest
from groundtrack.ui.job_waits import NOTHING, Queue, Words, queues_of, wait_words
from support.jobs import make_job

NOW = 1_800_000_000.0


def _words(job: Any, others: list[Any], most: int) -> Words:
    return wait_words(job, queues_of(others).get(job.account_key, Queue()), most, NOW)


@pytest.mark.parametrize(
    ("state", "left", "short", "sentence"),
    [
        ("draft", 29, "again in 30 s", "Tried again in about 30 s."),
        ("draft", 190, "again in 3 min", "Tried again in about 3 min."),
        ("running", 12, "no answer, again in 15 s", "Asked again in about 15 s."),
        ("unconfirmed", 1, "next look in 5 s", "Looked for again in about 5 s."),
        ("succeeded", 60, "again in 1 min", "Downloaded again in about 1 min."),
    ],
)
def test_the_next_try_is_told(state: str, left: float, short: str, sentence: str) -> None:
    job = make_job(state=state, next_at=NOW + left)
    assert _words(job, [job], 4) == (short, sentence)


def test_nothing_is_told_of_what_does_not_wait() -> None:
    assert _words(make_job(state="running"), [], 4) == NOTHING
    assert _words(make_job(state="draft", next_at=NOW - 1), [], 4) == NOTHING
    assert _words(make_job(state="failed", next_at=NOW + 50), [], 4) == NOTHING


def test_a_draft_behind_the_accounts_limit_says_so() -> None:
    job = make_job(state="draft")
    running = [make_job(state="running"), make_job(state="queued"), make_job(state="loaded"), make_job(state="running", account="Other")]
    assert _words(job, [job, *running], 3) == NOTHING
    short, sentence = _words(job, [job, *running], 2)
    assert short == "behind 2 jobs"
    assert sentence == "Waits until one of the 2 running jobs of this account has ended."
    assert _words(job, running[:1], 1)[1] == "Waits until the running job of this account has ended."


def test_a_draft_behind_one_that_was_refused_names_the_time() -> None:
    others = [make_job(state="draft", next_at=NOW + 40), make_job(state="draft", next_at=NOW + 20)]
    short, sentence = _words(make_job(state="draft"), others, 4)
    assert (short, sentence) == ("its turn in 20 s", "Waits until the service takes jobs again; tried in about 20 s.")
