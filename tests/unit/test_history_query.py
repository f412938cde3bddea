"""Which past jobs are asked for, and what spreadsheets make of their texts."""

from __future__ import annotations

import pytest
from groundtrack.providers.base import Handle, HistoryQuery, Phase, Project, RemoteJob, Status

JOB = RemoteJob(
    Handle("a1f4-c7d2", {"project": "p-1"}), "processing", Status(Phase.FAILED, created_at="2026-03-04T09:15:21Z"),
    name="Dächer am Kai", task="🏠 Buildings", source="mapbox", place="Harbour survey",
)  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        {}, {"words": "DÄCHER buildings"}, {"words": "mapbox survey"}, {"words": "c7d2"}, {"words": "🏠"},
        {"phases": (Phase.CANCELLED, Phase.FAILED)}, {"project": "p-1"}, {"first": "2026-03-04", "last": "2026-03-04"},
    ],
)  # fmt: skip
def test_a_job_that_fits_is_taken(query: dict) -> None:
    assert HistoryQuery(**query).takes(JOB)


@pytest.mark.parametrize(
    "query",
    [
        {"words": "dächer roads"}, {"phases": (Phase.SUCCEEDED,)}, {"project": "p-2"}, {"first": "2026-03-05"}, {"last": "2026-03-03"},
    ],
)  # fmt: skip
def test_a_job_that_does_not_fit_is_left_out(query: dict) -> None:
    assert not HistoryQuery(**query).takes(JOB)


def test_a_job_whose_day_nobody_tells_is_in_any_span() -> None:
    undated = RemoteJob(Handle("x"), "processing", Status(Phase.RUNNING))
    assert HistoryQuery(first="2026-03-05", last="2026-03-06").takes(undated)


@pytest.mark.parametrize(
    ("role", "may"), [("", True), ("owner", True), ("OWNER", True), ("maintainer", True), ("contributor", False), ("MEMBER", False)]
)
def test_a_role_that_nobody_knows_changes_nothing(role: str, may: bool) -> None:
    assert Project("p", role=role).may_change is may
