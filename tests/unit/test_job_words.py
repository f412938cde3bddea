"""What a person reads about a job."""

from __future__ import annotations

import pytest
from groundtrack.jobs.job import State
from groundtrack.results.dates import about, time_range
from groundtrack.ui import job_words as words
from support.jobs import SERIES, make_job

NOW = 1_800_000_000.0
DAY = 86400.0
SCENE = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"


def test_area_and_day_are_told() -> None:
    assert words.asked_in_words(make_job(values={"date": "2026-11-18"})) == "2026-11-18 · 12.3 km² near 51.9° N 4.0° E"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"date": "2026-11-18", "date_direction": "before"}, "2026-11-18 or before"),
        ({"date": "2026-11-18", "date_direction": "after"}, "2026-11-18 or after"),
        ({"date": "2026-11-18", "date_direction": "nearest"}, "2026-11-18"),
        (SERIES, "2026-01-01 – 2026-11-01"),
        ({"scene_id": SCENE}, "2026-05-04, scene S1A"),
        ({"scene_id": "unheard"}, "scene unheard"),
        ({"scene_ids": [SCENE, SCENE.replace("20260504", "20260516")]}, "2026-05-04 – 2026-05-16, 2 scenes"),
        ({"image": "/data/Raleigh 2000.tif"}, "Raleigh 2000.tif"),
        ({"image": "C:\\data\\scene_2026-06-20.tif; b.tif"}, "2026-06-20 · scene_2026-06-20.tif"),
        ({"before": "/a/x_20240618T1.tif?sig=1", "after": "/a/20260620.tif"}, "2024-06-18 – 2026-06-20 · x_20240618T1.tif – 20260620.tif"),
        ({"image": "a.tif", "expression": "swir16 / nir"}, "swir16 / nir · a.tif"),
        ({}, ""),
    ],
)
def test_the_time_is_told(values: dict[str, object], text: str) -> None:
    assert words.asked_in_words(make_job(values=values, aoi=None)) == text


def test_south_and_west_have_their_letters() -> None:
    ring = [[-70.1, -33.5], [-69.9, -33.5], [-69.9, -33.3], [-70.1, -33.3], [-70.1, -33.5]]
    assert words.place_in_words({"aoi": {"type": "Polygon", "coordinates": [ring]}}).endswith("km² near 33.4° S 70.0° W")


def test_a_broken_area_is_left_out() -> None:
    assert words.place_in_words({"aoi": {"type": "Point", "coordinates": [1, 2]}}) == ""


def test_every_state_has_words_and_a_picture_of_its_own_kind() -> None:
    texts = [words.state_words(state) for state in State]
    assert len(set(texts)) == len(texts)
    assert words.state_words(State.UNKNOWN) == "Not known whether it arrived"
    assert {words.state_icon(state) for state in State} == {"waiting", "running", "done", "failed", "unknown"}
    for state in (State.UNCONFIRMED, State.UNKNOWN, State.LOST):
        assert words.state_icon(state) not in ("done", "running")


@pytest.mark.parametrize(
    ("state", "sent", "finished", "minutes", "text"),
    [
        ("running", 12 * 60, 0, (15, 30), "12 of 15–30 min"),
        ("running", 12 * 60, 0, (50, 50), "12 of 50 min"),
        ("running", 12 * 60, 0, None, "12 min"),
        ("running", 3 * 3600, 0, (15, 30), "3 h 0 min of 15–30 min"),
        ("running", 3600, 0, (180, 360), "60 min of 3–6 h"),
        ("loaded", 3600, 1800, (15, 30), "30 min"),
        ("failed", 40, 10, None, "30 s"),
        ("draft", 0, 0, (15, 30), ""),
    ],
)
def test_elapsed(state: str, sent: float, finished: float, minutes: tuple[float, float] | None, text: str) -> None:
    job = make_job(state=state, sent_at=NOW - sent if sent else 0.0, finished_at=NOW - finished if finished else 0.0)
    assert words.elapsed_words(job, NOW, minutes) == text


def test_a_clock_that_runs_behind_gives_no_negative_time() -> None:
    assert words.elapsed_words(make_job(state="loaded", sent_at=NOW, finished_at=NOW - 50), NOW) == "0 s"


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (30 * DAY, "2027-02-14"),
        (2.5 * DAY, "2 more days"),
        (1.5 * DAY, "36 more hours"),
        (3700, "1 more hour"),
        (60, "1 more hour"),
        (-5, "no longer"),
    ],
)
def test_expiry(left: float, text: str) -> None:
    assert words.expiry_words(make_job(state="succeeded", expires_at=NOW + left), NOW) == text


def test_only_results_that_are_not_here_warn() -> None:
    assert words.expires_soon(make_job(state="succeeded", expires_at=NOW + DAY), NOW)
    assert not words.expires_soon(make_job(state="succeeded", expires_at=NOW + 5 * DAY), NOW)
    assert not words.expires_soon(make_job(state="loaded", expires_at=NOW + DAY, files=("a.geojson",)), NOW)
    assert not words.expires_soon(make_job(state="failed", expires_at=NOW + DAY), NOW)


def test_cost_before_estimate() -> None:
    assert words.cost_words(make_job(cost="3.4 credits", estimate="4 credits")) == "3.4 credits"
    assert words.cost_words(make_job(estimate="4 credits")) == "≈ 4 credits"
    assert words.cost_words(make_job()) == ""


def test_what_failed_or_was_never_sent_costs_nothing_unless_the_service_says_so() -> None:
    assert words.cost_words(make_job(state="failed", estimate="4 credits")) == ""
    assert words.cost_words(make_job(state="failed", estimate="4 credits", cost="1 credit")) == "1 credit"
    assert words.cost_words(make_job(state="cancelled", estimate="4 credits")) == ""
    assert words.cost_words(make_job(state="cancelled", estimate="4 credits", remote_id="7")) == "≈ 4 credits"


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ({"date": "2026-11-18"}, "2026-11-18T00:00", "2026-11-18T23:59"),
        ({"date": "2026-11-18", "date_direction": "before"}, "2026-11-04T00:00", "2026-11-18T23:59"),
        (SERIES, "2026-01-01T00:00", "2026-11-01T23:59"),
        ({"scene_id": SCENE}, "2026-05-04T08:15", "2026-05-04T08:15"),
    ],
)
def test_the_range_of_time(values: dict[str, object], first: str, last: str) -> None:
    found = time_range(values)
    assert found is not None
    assert [moment.isoformat()[:16] for moment in found] == [first, last]


def test_no_day_no_range() -> None:
    assert time_range({"date": "soon"}) is None
    assert time_range({}) is None


def test_a_result_of_an_image_is_from_the_day_that_its_name_tells() -> None:
    first, last = time_range({"image": "/data/LC09_L2SP_016035_20240101_20240103_02_T1.tif"})
    assert first.date().isoformat() == last.date().isoformat() == "2024-01-01"
    assert time_range({"image": "/data/12345678.tif"}) is None
    assert about({"image": "/data/Raleigh 2000.tif"}) == "Raleigh 2000"
    assert about({"before": "a.tif", "after": "b.tif"}) == "a – b"
