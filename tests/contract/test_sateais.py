"""What is particular to SateAIs, over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.cases import SATEAIS, SEA, TOWN
from contract.play import Play
from groundtrack.aoi import from_bounds
from groundtrack.jobs.job import State, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Steps
from groundtrack.providers import errors
from groundtrack.providers.base import Phase
from groundtrack.providers.http import Reply
from groundtrack.providers.operation import Request
from simulator import Simulator

SHIPS, SCENE, _, _, _, SERIES = SATEAIS.requests


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    play = Play(SATEAIS, sim)
    yield play
    play.close()


def settings(play: Play, **changes: object) -> None:
    for name, value in changes.items():
        setattr(play.sim.sateais.settings, name, value)


@pytest.mark.parametrize("gateway", ["not_found", "missing_token", "not_allowed"])
def test_the_path_that_answers_is_found_once_and_remembered(play: Play, gateway: str) -> None:
    settings(play, detect=False, gateway=gateway)
    play.submitted()
    play.submitted()
    assert [request.path for request in play.sent("POST", "*")] == ["/api/v1/detect/ship", "/api/v1/analyze/ship", "/api/v1/analyze/ship"]
    settings(play, detect=True, analyze=False)
    play.submitted()
    assert play.provider().build(SHIPS).url.endswith("/detect/ship")


def test_without_either_path_the_address_is_questioned(play: Play) -> None:
    settings(play, detect=False, analyze=False)
    with pytest.raises(errors.ConfigError, match="address"):
        play.submitted()


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("minimal", [True, False])
def test_a_job_id_is_all_that_is_needed(play: Play, status: int, minimal: bool) -> None:
    settings(play, submit_status=status, minimal_submit=minimal)
    assert play.submitted().remote_id in play.sim.sateais.jobs


@pytest.mark.parametrize("job_id", [7, "", " ", None, ["x"]])
def test_what_is_no_job_id_leaves_the_submission_open(play: Play, job_id: Any) -> None:
    play.sim.fault("status", method="POST", path="/api/v1/*/ship", status=202, body={"job_id": job_id, "status": "pending"}, acted=True)
    with pytest.raises(errors.AmbiguousSubmit):
        play.submitted()


@pytest.mark.parametrize("envelope", ["documented", "string", "flat", "numeric", "message", "text"])
@pytest.mark.parametrize(
    ("secrets", "kind"), [("broke_key", errors.QuotaError), ("forbidden_key", errors.AuthError), ("revoked_key", errors.AuthError)]
)
def test_refusals_are_understood_in_every_shape(play: Play, envelope: str, secrets: str, kind: type) -> None:
    settings(play, envelope=envelope)
    with pytest.raises(kind):
        play.provider(api_key=getattr(play.sim.sateais, secrets)).submit(SHIPS)


def test_a_sixth_job_waits(play: Play) -> None:
    for _ in range(5):
        play.submitted()
    with pytest.raises(errors.QuotaError, match="Concurrent job limit") as caught:
        play.submitted()
    assert caught.value.retryable
    assert len(play.sim.sateais.jobs) == 5


def test_missing_scenes_are_told_at_once_or_by_the_failed_job(play: Play) -> None:
    settings(play, scene_shortage=True)
    with pytest.raises(errors.InvalidRequest, match="within 14 days"):
        play.submitted()
    assert "would fail" in play.provider().estimate(SHIPS).note
    settings(play, shortage_as="fail")
    handle = play.submitted()
    play.sim.clock.advance(100)
    status = play.status(handle)
    assert (status.phase, status.code) == (Phase.FAILED, "SCENE_NOT_FOUND")
    assert "Choose another date" in status.message


def test_partial_coverage_is_told_before_and_after(play: Play) -> None:
    settings(play, coverage=0.655)
    assert "only 65 % of the area" in play.provider().estimate(SHIPS).note
    handle = play.finished()
    assert "only 65 % of the area" in play.status(handle).warning


def test_a_scene_cannot_be_estimated(play: Play) -> None:
    cost = play.provider().estimate(SCENE)
    assert cost.amount is None
    assert "known only after the run" in cost.note


def test_estimate_and_account_paths_may_be_missing(play: Play) -> None:
    settings(play, preview=False, me=False)
    assert play.provider().estimate(SHIPS) is None
    play.provider().check()
    with pytest.raises(errors.AuthError):
        play.provider(api_key=play.sim.sateais.revoked_key).check()


@pytest.mark.parametrize("shape", ["flat", "string", "object"])
@pytest.mark.parametrize("stamps", ["documented", "seconds", "micro", "naive"])
def test_failed_jobs_are_understood_in_every_shape(play: Play, shape: str, stamps: str) -> None:
    play.sim.sateais.next_job(fail_code="VALIDATION_ERROR", fail_message="Too large", error_shape=shape, stamps=stamps, run_time=50.0)
    first = play.submitted()
    play.submitted()
    play.sim.clock.advance(200)
    for handles in ([first], [first, *(job.handle for job in play.provider().history().jobs)]):
        status = play.provider().statuses(handles)[first.remote_id]
        assert (status.phase, status.code, status.message.split(" Change")[0]) == (Phase.FAILED, "VALIDATION_ERROR", "Too large")
        assert status.finished_at > status.created_at


def test_forty_jobs_take_one_list_and_a_call_for_each_job_beyond(play: Play) -> None:
    settings(play, concurrency=100, rate_limit=False)
    handles = [play.submitted() for _ in range(40)]
    play.sim.requests.clear()
    found = play.provider().statuses(handles)
    assert {found[handle.remote_id].phase for handle in handles} == {Phase.QUEUED}
    assert len(play.sim.requests) == 1 + 10


def test_a_job_that_the_list_does_not_show_yet_is_still_known(play: Play) -> None:
    play.sim.sateais.next_job(hidden_for=60.0)
    hidden, shown = play.submitted(), play.submitted()
    found = play.provider().statuses([hidden, shown])
    assert [found[handle.remote_id].phase for handle in (hidden, shown)] == [Phase.QUEUED, Phase.QUEUED]


def test_a_lost_job_that_the_list_shows_late_is_found_then(play: Play) -> None:
    play.sim.sateais.next_job(hidden_for=60.0)
    play.sim.fault("drop_after", method="POST")
    sent_at = time.time()
    with pytest.raises(errors.AmbiguousSubmit):
        play.submitted()
    assert play.provider().recover(SHIPS, sent_at, []) is None
    play.sim.clock.advance(61)
    assert play.provider().recover(SHIPS, sent_at, []).remote_id in play.sim.sateais.jobs


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_clock_put_right_after_sending_loses_no_job(play: Play, tmp_path: Path, asked_before: bool) -> None:
    """Our clock is a quarter of an hour ahead when the request leaves, and right again when the job is looked for."""
    journal, provider = Journal(tmp_path / "journal.sqlite"), play.provider()
    if asked_before:
        provider.estimate(SHIPS)
    job = journal.add(new_job("sateais", "test", SHIPS, time.time()))
    play.sim.fault("drop_after", method="POST", path="/api/v1/*/ship")
    step = Steps(journal, clock=lambda: time.time() + 900, pace=0.01).submit(job, provider)
    assert step.job.state is State.UNCONFIRMED
    found = Steps(journal, pace=0.01).recover(step.job, provider).job
    journal.close()
    if asked_before:
        assert found.remote_id in play.sim.sateais.jobs
    else:
        assert (found.state, "with just this request" in found.message) == (State.UNCONFIRMED, True)


def test_a_lost_job_whose_request_the_list_tells_late_is_found_then(play: Play) -> None:
    play.sim.sateais.next_job(params_hidden_for=60.0)
    play.sim.fault("drop_after", method="POST")
    sent_at = time.time()
    with pytest.raises(errors.AmbiguousSubmit):
        play.submitted()
    with pytest.raises(errors.AmbiguousSubmit, match="without telling") as caught:
        play.provider().recover(SHIPS, sent_at, [])
    assert caught.value.retryable
    play.sim.clock.advance(61)
    assert play.provider().recover(SHIPS, sent_at, []).remote_id in play.sim.sateais.jobs


def test_another_account_is_never_searched(play: Play) -> None:
    play.provider(api_key=play.sim.sateais.second_key).submit(SHIPS)
    assert play.provider().recover(SHIPS, time.time() - 5, []) is None


def test_a_list_that_cannot_be_read_says_so_after_a_lost_answer(play: Play) -> None:
    play.sim.fault("status", path="/api/v1/jobs", status=503, times=0)
    with pytest.raises(errors.ServiceError):
        play.provider().recover(SHIPS, time.time(), [])


def test_a_result_is_gone_after_thirty_days(play: Play) -> None:
    handle = play.finished()
    play.sim.clock.advance(31 * 86_400)
    with pytest.raises(errors.Gone, match="expired"):
        play.download(play.provider().assets(handle)[0])
    assert play.status(handle).phase is Phase.SUCCEEDED


def test_a_result_asked_for_too_early_may_be_asked_for_again(play: Play) -> None:
    handle = play.submitted()
    with pytest.raises(errors.ServiceError) as caught:
        play.download(play.provider().assets(handle)[0])
    assert caught.value.retryable


def test_an_expired_link_is_refused_by_the_storage_and_renewed_by_the_service(play: Play) -> None:
    settings(play, link_seconds=-5.0)
    handle = play.finished()
    provider = play.provider()
    body = provider.open(provider.assets(handle)[0])
    data = b"".join(body.blocks())
    body.close()
    assert body.status == 403
    assert isinstance(provider.problem_of(Reply(body.status, body.headers, data, body.url)), errors.NotFound)
    settings(play, link_seconds=60.0)
    assert play.download(provider.assets(handle)[0]) == play.sim.sateais.result_bytes(handle.remote_id)


@pytest.mark.parametrize("plan", [{"direct": True}, {"result": "empty"}, {"result": "nan"}])
def test_results_of_any_kind_arrive_byte_for_byte(play: Play, plan: dict) -> None:
    play.sim.sateais.next_job(**plan)
    handle = play.finished()
    data = play.download(play.provider().assets(handle)[0])
    assert data == play.sim.sateais.result_bytes(handle.remote_id)
    assert json.loads(data)["type"] == "FeatureCollection"


def test_a_result_that_is_no_geojson_is_known_by_its_media_type(play: Play) -> None:
    play.sim.sateais.next_job(result="zip")
    handle = play.finished()
    body = play.provider().open(play.provider().assets(handle)[0])
    body.close()
    assert body.headers["content-type"] == "application/zip"


def test_every_repair_makes_requests_that_the_service_takes(play: Play) -> None:
    settings(play, concurrency=100, rate_limit=False)
    wide = replace(SERIES, aoi=from_bounds(11.5, 48.1, 11.65, 48.2))
    (problem,) = play.provider().problems(wide)
    pieces = problem.repair.apply(wide)
    assert len(pieces) > 1
    for piece in pieces:
        play.provider().submit(piece)
    bow_tie = replace(SHIPS, aoi=replace(SEA, polygons=((((3.9, 51.9), (4.2, 52.1), (4.2, 51.9), (3.9, 52.1), (3.9, 51.9)),),)))
    (problem,) = play.provider().problems(bow_tie)
    (mended,) = problem.repair.apply(bow_tie)
    (problem,) = play.provider().problems(mended)
    for part in problem.repair.apply(mended):
        play.provider().submit(part)
    assert len(play.sim.sateais.jobs) == len(pieces) + 2


def test_our_area_limit_is_the_services(play: Play) -> None:
    wide = 0.02 * (50 / TOWN.area_km2) ** 0.5
    for factor in (0.9, 0.99, 1.01, 1.1):
        area = from_bounds(11.5, 48.1, 11.5 + wide * factor, 48.1 + wide)
        refused = [problem.code for problem in play.provider().problems(replace(SERIES, aoi=area)) if problem.code == "too_large"]
        assert bool(refused) == (area.area_km2 > 50)
        if not refused:
            play.provider().submit(replace(SERIES, aoi=area))


def test_days_are_refused_here_as_they_are_there(play: Play) -> None:
    today = play.sim.clock.today().isoformat()
    assert play.provider().problems(replace(SHIPS, values={"date": today})) == ()
    play.provider().submit(Request("oilslick", {"date": today, "date_direction": "before"}, SEA))
