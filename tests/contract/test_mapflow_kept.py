"""What Mapflow keeps, over real HTTP: projects, changes of processings, areas, the past; whatever the shape of answers and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from contract.cases import MAPFLOW
from contract.play import Play
from groundtrack.jobs import changes
from groundtrack.providers import errors
from groundtrack.providers.base import Handle, HistoryQuery, Phase, Status
from groundtrack.providers.remote import OPEN, RATING, REVIEW
from simulator import Simulator

PLAIN, MANY, _ = MAPFLOW.requests
REFUSALS = {403: errors.AuthError, 404: errors.NotFound, 409: errors.InvalidRequest, 500: errors.ServiceError}
WRITTEN = [
    {}, {"write_status": 201}, {"write_status": 204}, {"update_shape": "v1"}, {"update_shape": "empty"}, {"extra_keys": True},
    {"lean": True},
]  # fmt: skip
ROLES = [("readonly", False), ("contributor", False), ("maintainer", True), ("MEMBER", False), ("OWNER", True)]


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    play = Play(MAPFLOW, sim)
    yield play
    play.close()
    assert sim.mapflow.leaks == []


def settings(play: Play, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(play.sim.mapflow.settings, name, value)


def ids(shape: dict) -> str:
    return "-".join(f"{name}={value}" for name, value in shape.items()) or "plain"


def project(play: Play, name: str) -> str:
    play.provider().create_project(name)
    return next(one.project_id for one in play.sim.mapflow.projects.values() if one.name == name)


def listed(play: Play) -> dict[str, Any]:
    return {one.name: one for one in play.provider().projects()}


# Projects


@pytest.mark.parametrize("shape", [*WRITTEN, {"project_shape": "short"}, {"off": {"/projects/page": 404}}, {"page_max": 1}], ids=ids)
def test_a_project_is_made_renamed_and_deleted_with_what_is_in_it(play: Play, shape: dict) -> None:
    settings(play, **shape)
    place = project(play, "Häfen 🏠 — “north”")
    handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": place}))
    assert listed(play)["Häfen 🏠 — “north”"].id == place
    play.provider().change_project(place, "Quays", "Roofs near the quay")
    assert "Quays" in listed(play)
    assert play.sim.mapflow.projects[place].description == "Roofs near the quay"
    play.provider().delete_project(place)
    play.provider().delete_project(place)
    assert "Quays" not in listed(play)
    assert isinstance(play.provider().statuses([handle])[handle.remote_id], errors.NotFound)


def test_counts_and_shares_of_projects_are_told(play: Play) -> None:
    place = project(play, "Harbour")
    play.sim.mapflow.projects[place].shared["guest@example.org"] = "contributor"
    for name in ("x", "x-fail", "y"):
        handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": place, "name": name}))
        play.sim.mapflow.finish(handle.remote_id)
    harbour, default = listed(play)["Harbour"], listed(play)["Default"]
    assert (harbour.succeeded, harbour.failed, harbour.is_default) == (2, 1, False)
    assert dict(harbour.people) == {"guest@example.org": "contributor"}
    assert harbour.changed_at.endswith("Z")
    assert (default.is_default, default.may_change, harbour.may_change) == (True, True, True)


@pytest.mark.parametrize(("role", "may"), ROLES)
def test_the_role_of_this_account_decides_what_it_may_change(play: Play, role: str, may: bool) -> None:
    place = project(play, "Harbour")
    play.sim.mapflow.projects[place].shared["second@example.org"] = role
    second = play.provider(api_token=play.sim.mapflow.tokens["second"])
    (shared,) = [one for one in second.projects() if one.name == "Harbour"]
    assert (shared.role, shared.may_change) == (role, may)
    request = replace(PLAIN, values={**PLAIN.values, "project": "Harbour"})
    second.project("Harbour")
    doubts = [problem.message for problem in second.problems(request) if problem.field == "project"]
    told = f"Your role in the project “Harbour” is “{role}”; it may not allow to run jobs there."
    assert doubts == ([] if may or role == "contributor" else [told])


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("shape", ["json", "text", "html"])
def test_a_refused_change_of_a_project_says_why_and_is_made_once(play: Play, status: int, shape: str) -> None:
    settings(play, error_shape=shape)
    place = project(play, "Harbour")
    body = {"code": "SOME", "message": "Not while the harbour is closed."} if shape == "json" else "Not while the harbour is closed."
    play.sim.faults.add("status", method="PUT", path="/rest/projects/*", times=0, status=status, body=body)
    play.sim.requests.clear()
    with pytest.raises(REFUSALS[status]):
        play.provider().change_project(place, "Quays")
    assert len(play.sent("PUT", "/rest/projects/*")) == 1
    assert play.sim.mapflow.projects[place].name == "Harbour"


def test_what_is_cached_of_a_project_goes_with_its_change(play: Play) -> None:
    place = project(play, "Harbour")
    asked = replace(PLAIN, values={**PLAIN.values, "project": "Harbour"})
    play.provider().submit(asked)
    play.provider().change_project(place, "Quays")
    with pytest.raises(errors.InvalidRequest, match="no project"):
        play.provider().submit(asked)
    elsewhere = replace(asked, values={**PLAIN.values, "project": "Quays"})
    play.provider().submit(elsewhere)
    play.sim.mapflow.projects[place].name = "Piers"  # as another program does
    play.provider().projects()
    with pytest.raises(errors.InvalidRequest, match="no project"):
        play.provider().submit(elsewhere)


# Changes of processings


@pytest.mark.parametrize("shape", [*WRITTEN, {"list_shape": "short"}], ids=ids)
def test_a_processing_is_renamed_moved_and_rated(play: Play, shape: dict) -> None:
    settings(play, **shape)
    handle, place = play.finished(), project(play, "Harbour")
    job = play.sim.mapflow.jobs[handle.remote_id]
    provider = play.provider()
    provider.rename(handle, "Roofs 🏠 final")
    provider.move(handle, place)
    provider.rate(handle, 4)
    assert (job.name, job.project_id, job.rating["rating"]) == ("Roofs 🏠 final", place, 4)
    status = play.status(handle)
    assert status.extra["name"] == "Roofs 🏠 final"
    if not shape.get("lean"):
        assert (status.extra["project"], status.extra[RATING]) == (place, "4")


@pytest.mark.parametrize("off", ["/processings/*", "/processings/*/v2"])
def test_a_rename_goes_by_whichever_path_there_is(play: Play, off: str) -> None:
    handle = play.submitted()
    play.sim.faults.add("status", method="PUT", path=f"/rest{off}", times=1, status=405)
    play.provider().rename(handle, "Roofs")
    assert play.sim.mapflow.jobs[handle.remote_id].name == "Roofs"


def renamed(play: Play, handle: Handle) -> changes.Changed:
    def rename(provider: Any, job: Handle) -> None:
        provider.rename(job, "Roofs")

    return changes.change(play.provider(), handle, rename, lambda now: now.extra["name"] == "Roofs")


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_change_tells_what_the_job_is_like_now(play: Play, status: int) -> None:
    handle = play.submitted()
    play.sim.faults.add("status", method="PUT", path="/rest/*", times=0, status=status, body={"code": "X", "message": "No such thing."})
    went = renamed(play, handle)
    assert isinstance(went.problem, REFUSALS[status])
    assert went.status.extra["name"] == "🏠 Buildings"


@pytest.mark.parametrize("kind", ["garbage", "empty", "html"])
def test_a_change_does_not_hang_on_what_is_answered(play: Play, kind: str) -> None:
    handle = play.submitted()
    play.sim.faults.add(kind, method="PUT", path="/rest/*", acted=True)
    assert renamed(play, handle).problem is None


def test_a_change_whose_answer_was_lost_is_looked_up_and_not_repeated(play: Play) -> None:
    handle = play.submitted()
    play.sim.faults.add("drop_after", method="PUT", path="/rest/*")
    assert renamed(play, handle).problem is None
    play.sim.faults.add("drop_before", method="PUT", path="/rest/*")
    other = play.submitted()
    play.sim.requests.clear()
    went = renamed(play, other)
    assert isinstance(went.problem, errors.TransportError)
    assert "was not made" in str(went.problem)
    assert play.sim.mapflow.jobs[other.remote_id].name != "Roofs"
    assert len(play.sent("PUT", "/rest/*")) <= 1


def test_a_deletion_whose_answer_was_lost_is_looked_up_and_not_repeated(play: Play) -> None:
    handle, other = play.finished(), play.submitted()
    play.sim.faults.add("drop_after", method="DELETE", path="/rest/*")
    assert changes.delete(play.provider(), handle).problem is None
    play.sim.faults.add("drop_before", method="DELETE", path="/rest/*")
    assert isinstance(changes.delete(play.provider(), other).problem, errors.TransportError)
    assert not play.sim.mapflow.jobs[other.remote_id].archived


@pytest.mark.parametrize("status", [403, 409])
def test_a_refused_deletion_deletes_nothing(play: Play, status: int) -> None:
    handle = play.submitted()
    play.sim.faults.add("status", method="DELETE", path="/rest/*", status=status, body={"code": "LOCKED", "message": "It is in use."})
    assert "in use" in str(changes.delete(play.provider(), handle).problem)
    assert isinstance(play.status(handle), Status)


@pytest.mark.parametrize("shape", ["object", "status", "text"])
def test_a_review_waits_is_told_and_ends(play: Play, shape: str) -> None:
    settings(play, review_shape=shape)
    play.sim.mapflow.next_job(2, review=True)
    handle, other = play.finished(), play.finished()
    assert play.status(handle).extra[REVIEW] == OPEN
    play.provider().accept(handle)
    assert play.status(handle).extra[REVIEW] == "ACCEPTED"
    with pytest.raises(errors.InvalidRequest, match="not in review"):
        play.provider().accept(handle)
    play.provider().reject(other, "Sheds are missing")
    assert play.sim.mapflow.jobs[other.remote_id].comment["features"]["features"] == []
    assert (play.status(other).phase, play.status(other).extra[REVIEW]) == (Phase.RUNNING, "NOT_ACCEPTED")


@pytest.mark.parametrize("shape", ["list", "object"])
def test_every_area_tells_how_far_it_is(play: Play, shape: str) -> None:
    settings(play, aois_shape=shape)
    handle = play.provider().submit(replace(MANY, values={**MANY.values, "name": "x-partial"}))
    play.sim.mapflow.finish(handle.remote_id)
    parts = play.provider().parts(handle)
    assert sorted(part.phase.value for part in parts) == ["failed", "succeeded"]
    assert all(part.area_km2 > 0.1 for part in parts)
    assert [bool(part.messages) for part in parts] == [part.phase is Phase.FAILED for part in parts]


@pytest.mark.parametrize("status", [404, 405])
def test_a_service_without_areas_is_silent(play: Play, status: int) -> None:
    settings(play, off={"/processings/*/aois": status})
    assert play.provider().parts(play.submitted()) == ()


# The past


def past(play: Play, **query: Any) -> list[Any]:
    """Every job of the history, page by page."""
    found, after = [], ""
    while True:
        page = play.provider().history(HistoryQuery(**query, after=after))
        found += page.jobs
        if not page.after:
            return found
        after = page.after


@pytest.mark.parametrize(
    "shape", [{}, {"stats_sifts": False}, {"stats_shape": "no_totals"}, {"off": {"/processings/stats": 404}}, {"extra_keys": True}], ids=ids
)
def test_all_of_a_long_past_comes_page_by_page(play: Play, shape: dict) -> None:
    settings(play, **shape)
    made = play.sim.mapflow.crowd(230)
    play.sim.mapflow.finish(made[3])
    first = play.provider().history()
    assert first.total in (230, None)
    assert len(first.jobs) in (100, 230)
    assert sorted(job.handle.remote_id for job in past(play)) == sorted(made)
    (done,) = past(play, phases=(Phase.SUCCEEDED,))
    assert (done.handle.remote_id, done.status.phase) == (made[3], Phase.SUCCEEDED)
    assert {job.handle.remote_id for job in past(play, words="crowd 0007") if "0007" in job.name} == {made[6]}


def test_past_jobs_are_sifted_by_project_day_and_state(play: Play) -> None:
    place = project(play, "Harbour")
    early = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": place, "name": "x-fail"}))
    play.sim.mapflow.finish(early.remote_id)
    play.sim.clock.advance(3 * 86_400)
    late = play.submitted()
    assert [job.handle.remote_id for job in past(play)] == [late.remote_id, early.remote_id]
    assert [job.handle.remote_id for job in past(play, project=place)] == [early.remote_id]
    day = past(play, project=place)[0].status.created_at[:10]
    assert [job.handle.remote_id for job in past(play, last=day)] == [early.remote_id]
    after = past(play)[0].status.created_at[:10]
    assert [job.handle.remote_id for job in past(play, first=after)] == [late.remote_id]
    assert [job.handle.remote_id for job in past(play, phases=(Phase.FAILED, Phase.CANCELLED))] == [early.remote_id]
    (row,) = past(play, words="harbour buildings")
    assert (row.place, row.task, row.source, round(row.area_km2, 1)) == ("Harbour", "🏠 Buildings", "Mapbox Satellite", 0.9)
    assert str(row.cost) == "13 credits"


def test_a_deleted_job_is_no_past_and_one_without_an_id_is_only_shown(play: Play) -> None:
    gone, kept = play.submitted(), play.submitted()
    play.provider().delete(gone)
    assert [job.handle.remote_id for job in past(play)] == [kept.remote_id]
    settings(play, stats_shape="no_links")
    assert [job.handle.remote_id for job in past(play)] == [""]


@pytest.mark.parametrize("kind", ["garbage", "html", "empty"])
def test_a_history_that_cannot_be_read_says_so(play: Play, kind: str) -> None:
    play.submitted()
    play.sim.faults.add(kind, path="/rest/processings/stats", times=0)
    with pytest.raises(errors.ServiceProblem):
        play.provider().history()


def test_a_search_that_finds_nothing_stops_to_ask(play: Play) -> None:
    settings(play, page_max=0)
    play.sim.mapflow.crowd(1100)
    play.sim.requests.clear()
    page = play.provider().history(HistoryQuery(words="nothing like it"))
    assert (page.jobs, page.after, page.looked) == ((), "11", 1000)
    assert len(play.sim.requests) == 10


def test_a_service_that_does_not_know_pages_is_not_asked_for_ever(play: Play) -> None:
    rows = [{"id": f"{number:08d}-0000-4000-8000-000000000000", "status": "OK", "name": str(number)} for number in range(100)]
    play.sim.faults.add("status", path="/rest/processings/stats", times=0, status=200, body={"results": rows})
    play.sim.requests.clear()
    page = play.provider().history(HistoryQuery(words="nothing like it"))
    assert (page.jobs, page.after) == ((), "")
    assert len(play.sim.requests) == 2
    play.sim.faults.add("status", path="/rest/projects/page", times=0, status=200, body={"results": rows, "total": 5000})
    assert len(play.provider().projects()) == 100


def test_a_past_of_a_project_is_told_whole_where_pages_are_of_another_size(play: Play) -> None:
    place = project(play, "Harbour")
    handle = play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": place}))
    play.sim.faults.add("status", path="/rest/projects/*/processings/v2/page", times=0, status=400, body={"message": "limit"})
    assert [job.handle.remote_id for job in past(play, project=place)] == [handle.remote_id]


@pytest.mark.parametrize("status", [403, 409])
def test_a_project_that_is_shared_no_more_leaves_the_other_jobs_followed(play: Play, status: int) -> None:
    place = project(play, "Harbour")
    shared = [play.provider().submit(replace(PLAIN, values={**PLAIN.values, "project": place})) for _ in range(3)]
    ours = play.submitted()
    refusal = {"times": 0, "status": status, "body": {"message": "Not your project."}}
    play.sim.faults.add("status", path=f"/rest/projects/{place}/*", **refusal)
    play.sim.faults.add("status", path=f"/rest/processings/{shared[0].remote_id}/v2", **refusal)
    looks = play.provider().statuses([*shared, ours])
    assert isinstance(looks[shared[0].remote_id], REFUSALS[status])
    assert all(isinstance(looks[one.remote_id], Status) for one in (*shared[1:], ours))


def test_a_token_that_is_refused_everywhere_is_the_accounts_problem(play: Play) -> None:
    handles = [play.submitted() for _ in range(4)]
    play.sim.faults.add("status", path="/rest/*", times=0, status=403, body={"message": "Forbidden."})
    with pytest.raises(errors.AuthError, match="Forbidden"):
        play.provider().statuses(handles)
