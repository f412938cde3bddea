"""What is particular to Mapflow, over real HTTP: every shape of answer, many jobs, lost ones, projects, prices, reviews, changes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from contract.cases import MAPFLOW, ROOFS
from contract.play import Play
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Handle, Phase
from groundtrack.providers.operation import Request
from simulator import Simulator

PLAIN, MANY, TILES = MAPFLOW.requests
TAGGED = replace(PLAIN, tag="0123456789abcdef0123456789abcdef")


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    play = Play(MAPFLOW, sim)
    yield play
    play.close()
    assert sim.mapflow.leaks == []


def settings(play: Play, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(play.sim.mapflow.settings, name, value)


def asked(play: Play, pattern: str = "/rest/*") -> list[str]:
    return [f"{item.method} {item.path.removeprefix('/rest')}" for item in play.sim.requests.find(path=pattern, persona="mapflow")]


def project(play: Play, name: str) -> str:
    play.provider().tell("POST", "/projects", body={"name": name})
    return next(one.project_id for one in play.sim.mapflow.projects.values() if one.name == name)


# Shapes of answers

SHAPES = [
    {"status_shape": "nested"}, {"billing_shape": "zero"}, {"billing_shape": "missing"}, {"model_price": "model"},
    {"model_price": "both"}, {"min_area_key": "minAreaSqkm"}, {"repeat_providers": True}, {"create_shape": "short"},
    {"list_shape": "short"}, {"project_shape": "short"},
    {"empty_page": "null"}, {"empty_page": "missing"}, {"cost_shape": "decimal"}, {"cost_shape": "json"}, {"cost_shape": "padded"},
    {"aois_shape": "object"}, {"zoom_shape": "text"}, {"zoom_shape": "null"}, {"time_style": "seconds"}, {"time_style": "naive"},
    {"extra_keys": True}, {"page_max": 2}, {"write_status": 201}, {"update_shape": "empty"},
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(f"{name}={value}" for name, value in shape.items()))
def test_a_job_goes_all_the_way_whatever_the_shape_of_the_answers(play: Play, shape: dict) -> None:
    settings(play, **shape)
    provider = play.provider()
    provider.check()
    assert str(provider.estimate(PLAIN)) == "13 credits"  # a part of one is charged as a whole one
    handles = [provider.submit(PLAIN) for _ in range(4)]
    assert {status.phase for status in provider.statuses(handles).values()} == {Phase.QUEUED}
    play.sim.mapflow.finish(handles[0].remote_id)
    status = provider.statuses(handles)[handles[0].remote_id]
    assert status.phase is Phase.SUCCEEDED
    assert json.loads(play.download(provider.assets(handles[0])[0]))["type"] == "FeatureCollection"
    assert provider.history().jobs


def test_every_optional_member_may_be_missing(play: Play) -> None:
    settings(play, lean=True)
    handles = [play.provider().submit(PLAIN) for _ in range(3)]
    assert {status.phase for status in play.provider().statuses(handles).values()} == {Phase.QUEUED}
    assert play.provider().recover(PLAIN, time.time(), []).remote_id in {handle.remote_id for handle in handles}


@pytest.mark.parametrize(
    "off", ["/user/status", "/projects/default", "/projects/page", "/projects/*/processings/v2/page", "/processings/stats"]
)
@pytest.mark.parametrize("status", [404, 405])
def test_a_call_that_is_missing_blocks_nothing(play: Play, off: str, status: int) -> None:
    settings(play, off={off: status})
    provider = play.provider()
    provider.check()
    handles = [provider.submit(PLAIN) for _ in range(3)]
    assert {found.phase for found in provider.statuses(handles).values()} == {Phase.QUEUED}
    assert provider.recover(TAGGED, time.time(), []) is None
    assert len(provider.history().jobs) == 3


@pytest.mark.parametrize("shape", ["json", "text", "html"])
def test_refusals_are_clear_in_every_shape(play: Play, shape: str) -> None:
    settings(play, error_shape=shape)
    with pytest.raises(errors.AuthError):
        play.provider(api_token=play.sim.mapflow.tokens["bad"]).check()


# The account


def test_balance_and_limits_are_told_by_the_kind_of_account(play: Play) -> None:
    greeting = play.provider().check()
    assert (greeting.balance, greeting.limits) == ("100000 credits", "up to 12 areas in one job")
    area = play.provider(api_token=play.sim.mapflow.tokens["area"])
    assert area.check().balance == "2.00 km²"
    cost = area.estimate(PLAIN)
    assert (cost.unit, cost.sufficient, round(cost.amount, 1)) == ("km²", True, 0.9)
    assert not asked(play, "*/cost/v2")


def test_a_price_that_exceeds_the_balance_is_said_so(play: Play) -> None:
    cost = play.provider(api_token=play.sim.mapflow.tokens["no_credits"]).estimate(PLAIN)
    assert (cost.amount, cost.sufficient) == (13, False)
    assert "balance of 0 credits" in cost.note


def test_what_an_account_learnt_serves_all_its_providers(play: Play) -> None:
    play.submitted()
    play.sim.requests.clear()
    play.submitted()
    assert asked(play) == ["POST /processings/v2"]


def test_a_project_that_was_made_anew_is_found_after_one_refusal(play: Play) -> None:
    request = replace(PLAIN, values={**PLAIN.values, "project": "Harbour"})
    old = project(play, "Harbour")
    play.provider().submit(request)
    play.provider().tell("DELETE", f"/projects/{old}")
    new = project(play, "Harbour")
    with pytest.raises(errors.ServiceProblem, match="Project not found"):
        play.provider().submit(request)
    made = play.provider().submit(request)
    assert play.sim.mapflow.jobs[made.remote_id].project_id == new


def test_the_form_is_offered_models_imagery_projects_and_priced_options(play: Play) -> None:
    provider = play.provider()
    assert dict(provider.choices("models", {}))["🏠 Buildings"] == "🏠 Buildings (10 credits/km²)"
    assert "zoom 18: 3" in dict(provider.choices("sources", {}))["mapbox"]
    assert dict(provider.choices("blocks", PLAIN.values))["Heights"] == "Height estimation (10 credits/km²)"
    assert provider.choices("blocks", {}) == ()
    project(play, "Harbour")
    assert {name for name, _ in provider.choices("projects", {})} == {"Harbour", "Default"}


# Projects


def test_a_project_is_named_by_name_or_id_and_never_guessed(play: Play) -> None:
    harbour = project(play, "Harbour")
    for wanted in ("Harbour", "harbour", harbour, harbour.upper()):
        handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": wanted}))
        assert handle.extra["project"] == harbour
    project(play, "Harbour ")
    for wanted in ("Nowhere", "Harb", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(errors.InvalidRequest, match="no project"):
            play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": wanted}))
    assert len(play.sim.mapflow.jobs) == 4


def test_a_model_of_the_project_alone_can_be_used(play: Play) -> None:
    handle = play.provider().submit(replace(PLAIN, values={"model": "🏠 Buildings (Aerial)"}))
    assert play.sim.mapflow.jobs[handle.remote_id].order.model.name == "🏠 Buildings (Aerial)"


def test_limits_of_the_projects_owner_count(play: Play) -> None:
    settings(play, aoi_area_limit=500_000)
    with pytest.raises(errors.InvalidRequest, match=r"at most 0\.5 km²"):
        play.submitted()
    assert not play.sim.mapflow.jobs
    assert not [path for path in asked(play) if "processing" in path]


def test_more_polygons_than_the_account_allows_are_refused_with_a_cure(play: Play) -> None:
    settings(play, max_aois=2)
    parts = Aoi(tuple(polygon for n in range(3) for polygon in from_bounds(4.4 + n / 10, 51.2, 4.41 + n / 10, 51.21).polygons))
    request = replace(PLAIN, aoi=parts)
    provider = play.provider()
    provider.learn()
    (problem,) = (problem for problem in provider.problems(request) if problem.code == "parts")
    for piece in problem.repair.apply(request):
        provider.submit(piece)
    assert len(play.sim.mapflow.jobs) == 3


# Many jobs


@pytest.mark.parametrize(("page_max", "most"), [(0, 4), (100, 10), (30, 10)])
def test_a_thousand_jobs_take_few_requests(play: Play, page_max: int, most: int) -> None:
    settings(play, page_max=page_max)
    play.sim.clock.speed = 0  # on a slow machine the first ones would begin meanwhile
    ids = play.sim.mapflow.crowd(1000)
    place = {"project": play.sim.mapflow.default_project().project_id}
    play.sim.requests.clear()
    found = play.provider().statuses([Handle(identity, place) for identity in ids])
    assert {found[identity].phase for identity in ids} == {Phase.QUEUED}
    assert len(play.sim.requests) <= most


def test_jobs_that_were_moved_are_found_in_their_new_project(play: Play) -> None:
    ids = play.sim.mapflow.crowd(20)
    here, there = play.sim.mapflow.default_project().project_id, project(play, "Harbour")
    handles = [Handle(identity, {"project": here}) for identity in ids]
    for handle in handles[:15]:
        play.provider().move(handle, there)
    play.sim.requests.clear()
    found = play.provider().statuses(handles)
    assert [found[identity].extra["project"] for identity in ids] == [there] * 15 + [here] * 5
    assert len(play.sim.requests) == 3


def test_jobs_of_many_projects_and_jobs_without_one_stay_within_the_limit(play: Play) -> None:
    play.sim.clock.speed = 0.0
    ids = play.sim.mapflow.crowd(60)
    places = [project(play, f"P{number}") for number in range(12)]
    for number, identity in enumerate(ids):
        play.sim.mapflow.jobs[identity].project_id = places[number % 12]
    play.sim.requests.clear()
    known = [Handle(identity, {"project": places[number % 12]} if number % 2 else {}) for number, identity in enumerate(ids)]
    found = play.provider().statuses(known)
    assert {found[identity].phase for identity in ids} == {Phase.QUEUED}
    assert len(play.sim.requests) <= 10


def test_a_job_that_no_list_shows_is_a_problem_of_that_job_alone(play: Play) -> None:
    play.sim.clock.speed = 0.0
    ids = play.sim.mapflow.crowd(30)
    place = {"project": play.sim.mapflow.default_project().project_id}
    for identity in ids[:20]:
        play.sim.mapflow.change_job(identity, forgotten=True)
    found = play.provider().statuses([Handle(identity, place) for identity in ids])
    gone = [found[identity] for identity in ids[:20]]
    assert {type(problem) for problem in gone} == {errors.NotFound, errors.ServiceError}
    assert all(problem.retryable for problem in gone if isinstance(problem, errors.ServiceError))
    assert {found[identity].phase for identity in ids[20:]} == {Phase.QUEUED}
    assert len(play.sim.requests) <= 10


# Lost jobs


@pytest.mark.parametrize("shape", ["full", "short"])
def test_a_lost_job_is_found_by_its_label_among_equal_ones(play: Play, shape: str) -> None:
    settings(play, list_shape=shape)
    provider = play.provider()
    provider.submit(replace(PLAIN, tag="ffffffffffffffffffffffffffffffff"))
    wanted = provider.submit(TAGGED)
    provider.submit(replace(PLAIN, tag="eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"))
    assert provider.recover(TAGGED, time.time(), []).remote_id == wanted.remote_id
    assert provider.recover(replace(TAGGED, tag="00"), time.time(), []) is None


def test_a_job_that_was_named_by_nobody_is_looked_for(play: Play) -> None:
    play.sim.mapflow.next_job(no_id=True)
    with pytest.raises(errors.AmbiguousSubmit):
        play.provider().submit(TAGGED)
    assert play.provider().recover(TAGGED, time.time(), []).remote_id in play.sim.mapflow.jobs


def test_without_any_list_nobody_knows(play: Play) -> None:
    settings(play, off={"/projects/*/processings/*": 404})
    with pytest.raises(errors.AmbiguousSubmit, match="cannot be known"):
        play.provider().recover(TAGGED, time.time(), [])


# How jobs end


@pytest.mark.parametrize(
    ("name", "phase", "part"),
    [
        ("x-fail", Phase.FAILED, "too coarse"), ("x-cancel", Phase.CANCELLED, ""), ("x-refund", Phase.FAILED, "REFUNDED"),
        ("x-unknown", Phase.RUNNING, "PAUSED"), ("x-partial", Phase.FAILED, "failed parts again"), ("x-empty", Phase.SUCCEEDED, ""),
    ],
)  # fmt: skip
def test_every_end_is_told(play: Play, name: str, phase: Phase, part: str) -> None:
    handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "name": name}))
    play.sim.mapflow.finish(handle.remote_id)
    status = play.status(handle)
    assert status.phase is phase
    assert part in status.message + status.warning


def test_waiting_for_imagery_is_said_and_asked_for_rarely(play: Play) -> None:
    handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "name": "x-await"}))
    play.sim.clock.advance(10)
    status = play.status(handle)
    assert (status.word, status.again) == ("AWAITING", 300)
    assert "days" in status.message


@pytest.mark.parametrize("shape", ["object", "status", "text"])
def test_a_review_is_followed_to_its_end(play: Play, shape: str) -> None:
    settings(play, review_shape=shape)
    play.sim.mapflow.next_job(review=True)
    handle = play.finished()
    assert (play.status(handle).phase, play.status(handle).word) == (Phase.SUCCEEDED, "IN_REVIEW")
    play.provider().reject(handle, "Sheds are missing", from_bounds(4.402, 51.231, 4.403, 51.232))
    assert (play.status(handle).phase, play.status(handle).word) == (Phase.RUNNING, "NOT_ACCEPTED")
    play.sim.clock.advance(100)
    play.provider().accept(handle)
    assert play.status(handle).word == "ACCEPTED"
    play.provider().rate(handle, 4, "Good")
    assert play.sim.mapflow.jobs[handle.remote_id].rating["rating"] == 4


def test_failed_parts_are_run_again_and_good_ones_can_be_fetched(play: Play) -> None:
    handle = play.provider().submit(replace(MANY, values={**MANY.values, "name": "x-partial"}))
    play.sim.mapflow.finish(handle.remote_id)
    good = [area for area in play.provider().parts(handle) if area.word == "OK"]
    (asset,) = play.provider().area_assets(handle, [area.id for area in good])
    assert play.download(asset) == play.sim.mapflow.result_bytes(handle.remote_id, good[0].id)
    assert any("too coarse" in text for area in play.provider().parts(handle) for text in area.messages)
    play.provider().restart(handle)
    assert play.status(handle).phase is Phase.RUNNING
    play.sim.mapflow.finish(handle.remote_id)
    assert play.status(handle).phase is Phase.SUCCEEDED


@pytest.mark.parametrize("off", [{}, {"/processings/*/restart": 405}])
def test_a_restart_that_is_refused_says_why(play: Play, off: dict) -> None:
    settings(play, off=off)
    with pytest.raises(errors.InvalidRequest, match="Only a failed"):
        play.provider().restart(play.submitted())


def test_a_job_is_renamed_and_deleted_there(play: Play) -> None:
    handle = play.submitted()
    play.provider().rename(handle, "Quay roofs (final)")
    assert play.sim.mapflow.jobs[handle.remote_id].name == "Quay roofs (final)"
    play.provider().delete(handle)
    play.provider().delete(handle)
    assert isinstance(play.provider().statuses([handle])[handle.remote_id], errors.NotFound)


@pytest.mark.parametrize("status", [404, 409, 503])
def test_a_result_that_lags_behind_is_asked_for_again(play: Play, status: int) -> None:
    play.sim.mapflow.next_job(result_lag=60.0, result_lag_status=status)
    handle = play.finished()
    with pytest.raises(errors.ServiceError) as caught:
        play.download(play.provider().assets(handle)[0])
    assert caught.value.retryable
    play.sim.clock.advance(100)
    assert play.download(play.provider().assets(handle)[0])


def test_a_plan_without_downloads_is_no_fault_of_the_account(play: Play) -> None:
    provider = play.provider(api_token=play.sim.mapflow.tokens["free"])
    handle = provider.submit(PLAIN)
    play.sim.mapflow.finish(handle.remote_id)
    with pytest.raises(errors.ServiceProblem, match="not part of your plan") as caught:
        play.download(provider.assets(handle)[0], provider)
    assert not isinstance(caught.value, errors.AuthError)


# The past


def test_a_past_processing_is_asked_for_again_as_it_was(play: Play) -> None:
    for request in MAPFLOW.requests:
        handle = play.provider().submit(request)
        again = play.provider().asked(handle)
        assert again.aoi == request.aoi
        assert play.provider().fingerprint(again) in (
            play.provider().fingerprint(request),
            play.provider().fingerprint(replace(request, values={"source": "mapbox", **request.values})),
        )  # fmt: skip


# Secrets


def test_the_login_of_a_tile_server_reaches_the_service_and_nothing_else(play: Play) -> None:
    account = replace(play.provider().account, public={"url": play.sim.mapflow.url, "imagery_host": "tiles.example.org"})
    secrets = {"imagery_login": "anna", "imagery_password": "geheim1"}
    provider = type(play.provider())(replace(account, secrets=type(account.secrets)({**account.secrets, **secrets})), play.transport)
    handle = provider.submit(Request("processing", TILES.values, ROOFS))
    (sent,) = play.sent("POST", MAPFLOW.submit_path)
    told = sent.json["params"]["sourceParams"]["userDefined"]
    assert (told["rasterLogin"], told["rasterPassword"]) == ("anna", "geheim1")
    assert "geheim1" not in repr(provider.build(TILES)) + repr(handle) + repr(provider.asked(handle)) + repr(provider.account)
