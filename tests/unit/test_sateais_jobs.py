"""SateAIs: lost jobs, results and the list of jobs."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Optional

import pytest
from groundtrack.providers import errors
from groundtrack.providers.base import Handle
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import scene_name
from support.sateais import AREA, JOB, PAIR, SCENE, SENT, SERIES, SHIPS, WHOLE, Answer, provider, stamp

# Finding a lost job again


def entry(job_id: str = JOB, at: float = SENT + 1, request: Request = SHIPS, **changes: Any) -> dict[str, Any]:
    asked = {name: value for name, value in provider().build(request).body.items() if name != "satellite_id"}
    return {
        "job_id": job_id,
        "endpoint_id": request.operation,
        "status": "pending",
        "created_at": stamp(at),
        "request_params": asked,
        **changes,
    }


def recovered(*entries: Any, request: Request = SHIPS, known: tuple[str, ...] = (), **headers: str) -> Optional[Handle]:
    return provider({"GET /jobs": (200, {"jobs": list(entries)})}, **headers).recover(request, SENT, known)


def test_the_job_that_was_sent_is_found() -> None:
    found = recovered(entry("other", request=replace(SHIPS, values={"date": "2026-05-05"})), entry())
    assert found == Handle(JOB, {"operation": "ship"})


def test_only_this_kind_of_job_is_listed() -> None:
    service = provider({"GET /jobs": (200, {"jobs": []})})
    assert service.recover(SHIPS, SENT, ()) is None
    assert service.transport.calls[0][0].url.endswith("/jobs?endpoint_id=ship&limit=30")


@pytest.mark.parametrize("request_", [SHIPS, WHOLE, PAIR, SERIES])
def test_each_kind_of_request_is_recognised(request_: Request) -> None:
    assert recovered(entry(request=request_), request=request_).remote_id == JOB


@pytest.mark.parametrize(
    "asked",
    [
        {"polygon": "POLYGON ((3.900000 51.950000,4.200000 51.950000,4.2000001 52.1,3.9 52.1,3.9 51.95))"},
        {"polygon": "POLYGON((4.2 51.95, 4.2 52.1, 3.9 52.1, 3.9 51.95, 4.2 51.95))"},
        {"date": "2026-05-04T00:00:00Z"},
        {"date_direction": None},
        {"orbit_direction": None},
        {"orbit_direction": "any"},
        {"satellite_id": "sentinel-1"},
    ],
)
def test_the_spelling_of_the_echo_does_not_matter(asked: dict[str, Any]) -> None:
    listed = entry()
    listed["request_params"].update(asked)
    assert recovered(listed).remote_id == JOB


def test_a_scene_is_recognised_with_or_without_its_ending() -> None:
    listed = entry(request=WHOLE)
    listed["request_params"]["scene_id"] += ".SAFE"
    assert recovered(listed, request=WHOLE).remote_id == JOB


@pytest.mark.parametrize(
    "asked",
    [
        {"polygon": AREA.wkt().replace("4.2 ", "4.3 ")},
        {"date": "2026-05-05"},
        {"date_direction": "before"},
        {"orbit_direction": "ascending"},
        {"scene_id": SCENE},
        {"polygon": None},
        {"polygon": "rubbish"},
    ],
)
def test_a_different_request_is_not_ours(asked: dict[str, Any]) -> None:
    listed = entry()
    listed["request_params"].update(asked)
    assert recovered(listed) is None


def test_jobs_of_others_and_older_ones_are_not_taken() -> None:
    assert recovered(entry(), known=(JOB,)) is None
    assert recovered(entry(endpoint_id="oilslick")) is None


@pytest.mark.parametrize("at", [SENT - 90, SENT, SENT + 35, SENT + 86_400])
def test_clocks_may_differ_a_little_and_a_crash_may_last(at: float) -> None:
    assert recovered(entry(at=at)).remote_id == JOB


def test_a_clock_that_is_far_off_is_seen_from_the_answer() -> None:
    behind = 3600
    now = time.time()
    service = provider({"GET /jobs": (200, {"jobs": [entry(at=now - behind + 1)]})}, date=formatdate(now - behind, usegmt=True))
    assert service.recover(SHIPS, now, ()).remote_id == JOB


@pytest.mark.parametrize("jump", [600.0, 86_400.0])
def test_a_clock_that_was_wrong_when_it_was_sent_hides_no_job(jump: float) -> None:
    """It was ahead then, and has been put right since."""
    now = time.time()
    service = provider({"GET /jobs": (200, {"jobs": [entry(at=now - jump + 1)]})}, date=formatdate(now, usegmt=True))
    assert service.recover(SHIPS, now, (), now - jump).remote_id == JOB  # the service's own clock was known then
    with pytest.raises(errors.AmbiguousSubmit, match="just this request") as caught:
        service.recover(SHIPS, now, ())
    assert caught.value.retryable
    assert service.recover(SHIPS, now, (), now) is None
    assert service.recover(SHIPS, now, (JOB,)) is None


def test_of_several_the_one_created_right_after_sending_is_taken_and_told() -> None:
    found = recovered(entry("later", SENT + 300), entry("ours", SENT + 2), entry("earlier", SENT - 60))
    assert found.remote_id == "ours"
    assert "3 jobs" in found.extra["note"]


def test_two_lost_twins_are_both_found_and_none_twice() -> None:
    twins = (entry("second", SENT + 4), entry("first", SENT + 1))
    first = recovered(*twins)
    second = recovered(*twins, known=(first.remote_id,))
    assert {first.remote_id, second.remote_id} == {"first", "second"}
    assert recovered(*twins, known=("first", "second")) is None


def test_a_list_that_cannot_tell_leaves_the_outcome_open() -> None:
    full = [entry(f"job-{number}", SENT + 1000 + number, replace(SHIPS, values={"date": "2026-01-01"})) for number in range(30)]
    with pytest.raises(errors.AmbiguousSubmit, match="newest 30"):
        recovered(*full)
    assert recovered(*full[:29]) is None
    with pytest.raises(errors.AmbiguousSubmit, match="without telling") as caught:
        recovered(entry(request_params=None))
    assert caught.value.retryable  # it may be told later


@pytest.mark.parametrize("garbage", [None, "text", {}, {"job_id": None, "request_params": {}}, {"job_id": ["x"]}])
def test_a_list_with_entries_that_cannot_be_read_says_nothing_about_a_job(garbage: Any) -> None:
    with pytest.raises(errors.ProtocolError, match="cannot be read"):
        recovered(garbage)
    assert recovered(garbage, entry()).remote_id == JOB
    full = [entry(f"job-{number}", SENT + 1000 + number, replace(SHIPS, values={"date": "2026-01-01"})) for number in range(29)]
    with pytest.raises(errors.ServiceProblem):
        recovered(*full, garbage)  # the thirtieth: whether ours has left the list cannot be seen


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((503, b""), errors.ServiceError),
        ((401, b""), errors.AuthError),
        ((200, b"<html>"), errors.ProtocolError),
        ((200, {}), errors.ProtocolError),
        ((404, {"message": "Not Found"}), errors.ConfigError),
    ],
)
def test_a_list_that_cannot_be_read_is_told(answer: Answer, kind: type) -> None:
    with pytest.raises(kind):
        provider({"GET /jobs": answer}).recover(SHIPS, SENT, ())


# Results and history


def test_the_result_is_one_signed_file_at_the_service_itself() -> None:
    (asset,) = provider(url="https://a.test").assets(Handle("x/1", {"operation": "ship"}))
    assert (asset.name, asset.url) == ("ship.geojson", "https://a.test/api/v1/jobs/x%2F1/result.geojson")
    assert (asset.media_type, asset.signed) == ("application/geo+json", True)
    (asset,) = provider().assets(Handle("1"))
    assert asset.name == "result.geojson"
    (asset,) = provider().assets(Handle("1", {"operation": "../../etc"}))
    assert "/" not in asset.name


def test_history_brings_the_requests_back() -> None:
    listed = [entry("a"), entry("b", request=WHOLE, status="completed"), entry("c", request=PAIR), entry("d", endpoint_id="landslide")]
    jobs = provider({"GET /jobs": (200, {"jobs": [*listed, {"no": "id"}, "rubbish"]})}).history().jobs
    assert [job.handle.remote_id for job in jobs] == ["a", "b", "c", "d"]
    assert jobs[0].request == replace(SHIPS, values={"date": "2026-05-04", "date_direction": "nearest"})
    assert jobs[1].request == WHOLE
    assert jobs[2].request == PAIR
    assert (jobs[3].operation, jobs[3].request) == ("landslide", None)


@pytest.mark.parametrize("asked", [None, {"polygon": "rubbish"}, 5])
def test_history_makes_do_without_a_readable_request(asked: Any) -> None:
    (listed,) = provider({"GET /jobs": (200, {"jobs": [entry(request_params=asked)]})}).history().jobs
    assert listed.request is None


def test_scene_names_lose_endings_of_files_only() -> None:
    assert scene_name(f"{SCENE}.SAFE/") == SCENE
    assert scene_name(SCENE) == SCENE


@pytest.mark.parametrize(
    ("key", "first"), [("ship", 300), ("oilslick", 600), ("newbuilding", 300), ("disappearbuilding", 300), ("timeseries", 120)]
)
def test_the_pace_of_asking(key: str, first: float) -> None:
    pace = provider().operation(key).pace
    assert (pace.first, pace.interval(0), pace.interval(7199), pace.interval(7200), pace.patience, pace.jitter) == (
        first,
        60,
        60,
        300,
        86_400,
        0.1,
    )
