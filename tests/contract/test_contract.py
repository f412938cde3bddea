"""What every service must keep: the claims of the provider contract, one test or more for each."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace

import pytest
from contract.cases import CASES, Case
from contract.play import Play
from groundtrack.providers import errors, registry
from groundtrack.providers.base import Can, Handle, HistoryQuery, Phase
from groundtrack.providers.operation import Request

ORDER = [Phase.QUEUED, Phase.RUNNING, Phase.SUCCEEDED]
SOON = 0.5


# 1 A job from submission to download


def test_a_job_goes_from_submission_to_the_bytes_of_its_result(each: Play) -> None:
    request = each.request
    provider = each.provider()
    assert [problem for problem in provider.problems(request) if problem.severity.value == "error"] == []
    handle = provider.submit(request)
    seen = [each.status(handle).phase]
    for _ in range(3):
        each.sim.clock.advance(40)
        seen.append(each.status(handle).phase)
    each.case.finish(each.sim, handle)
    status = each.status(handle)
    assert (seen[0], status.phase) == (each.case.begins, Phase.SUCCEEDED)
    assert seen == sorted(seen, key=ORDER.index)
    assert status.created_at.endswith("Z")
    assert status.finished_at >= status.created_at
    assets = provider.assets(handle)
    assert tuple(each.download(asset, provider) for asset in assets) == each.case.delivered(each.sim, handle)


def test_what_is_previewed_is_what_is_sent(each: Play) -> None:
    request = each.request
    each.offered()
    call = each.provider().build(request)
    each.provider().submit(request)
    (sent,) = each.sent("POST", each.case.submit_path)
    assert (sent.method, sent.path, sent.json) == (call.method, "/" + call.url.split("/", 3)[3], call.body)
    assert each.provider().fingerprint(request) == each.provider().fingerprint(replace(request, tag="another"))


def test_an_estimate_charges_nothing_and_starts_nothing(each: Play) -> None:
    if not each.provider().can & Can.ESTIMATE:
        pytest.skip("the service gives no estimate")
    cost = each.provider().estimate(each.request)
    assert cost.unit
    assert str(cost) or cost.note
    assert each.case.jobs(each.sim) == {}


# 2 Restart


def test_a_handle_survives_json_and_a_new_provider(play: Play) -> None:
    handle = play.submitted()
    again = Handle(**json.loads(json.dumps(asdict(handle))))
    assert again == handle
    play.case.finish(play.sim, again)
    assert play.status(again).phase is Phase.SUCCEEDED
    assert play.download(play.provider().assets(again)[0]) == play.case.delivered(play.sim, again)[0]


def test_a_request_survives_json(each: Play) -> None:
    request = each.request
    again = Request.from_dict(json.loads(json.dumps(request.to_dict())))
    assert each.provider().build(again) == each.provider().build(request)


# 3 Cancelling


@pytest.mark.parametrize("moment", ["queued", "running", "finished"])
def test_cancelling_at_any_moment_ends_final_or_is_said_to_be_impossible(play: Play, moment: str) -> None:
    handle = play.submitted()
    play.sim.clock.advance({"queued": 0, "running": 60, "finished": 0}[moment])
    if moment == "finished":
        play.case.finish(play.sim, handle)
    provider = play.provider()
    if not provider.can & Can.CANCEL:
        with pytest.raises(errors.NotFound, match="cannot cancel"):
            provider.stop(handle)
        return
    provider.stop(handle)
    assert play.status(handle).phase in (Phase.CANCELLED, Phase.SUCCEEDED)


# 4 A job that fails there


def test_a_failed_job_is_a_state_with_the_services_own_words(play: Play) -> None:
    handle = play.submitted()
    play.case.fail(play.sim, handle, "Clouds ate the picture")
    status = play.status(handle)
    assert status.phase is Phase.FAILED
    assert status.message.startswith("Clouds ate the picture")
    assert len(status.message) > len("Clouds ate the picture.")


def test_a_job_nobody_knows_is_a_problem_of_that_job_alone(play: Play) -> None:
    handle = play.submitted()
    found = play.provider().statuses([handle, Handle("no-such-job")])
    assert found[handle.remote_id].phase is play.case.begins
    assert isinstance(found["no-such-job"], errors.NotFound)
    (alone,) = play.provider().statuses([Handle("no-such-job")]).values()
    assert isinstance(alone, errors.NotFound)


# 5 Refusals


def test_signing_in_works_and_shows_no_address(play: Play) -> None:
    greeting = play.provider().check()
    assert "@" not in repr(greeting)


@pytest.mark.parametrize("which", sorted({name for case in CASES.values() for name in case.refusals}))
def test_each_refusal_is_its_own_error_and_leaks_no_secret(play: Play, which: str) -> None:
    if which not in play.case.refusals:
        pytest.skip("the service does not refuse like this")
    secrets = dict(play.case.refusals[which](play.sim))
    provider = play.provider(**secrets)
    with pytest.raises(errors.ServiceProblem) as caught:
        provider.submit(play.request)
    assert type(caught.value).__name__ == which.split(maxsplit=1)[0]
    told = f"{caught.value} {caught.value!r} {caught.value.details} {provider.account!r} {vars(caught.value)}"
    assert not [value for name, value in secrets.items() if name not in provider.account.public and value in told]
    assert play.case.jobs(play.sim) == {}


def test_a_refused_request_names_its_inputs_and_calls_nobody(play: Play) -> None:
    wrong = Request(play.request.operation, {**play.request.values, "no_such_input": 1}, play.request.aoi)
    with pytest.raises(errors.InvalidRequest, match="no_such_input") as caught:
        play.provider().submit(wrong)
    assert caught.value.problems
    assert len(play.sim.requests) == 0


def test_a_wrong_key_is_found_by_signing_in(play: Play) -> None:
    with pytest.raises(errors.AuthError):
        play.provider(**play.case.refusals["AuthError"](play.sim)).check()


# 6 Limits and faults that pass


@pytest.mark.parametrize("as_date", [False, True])
def test_the_wait_a_service_asks_for_is_kept(play: Play, as_date: bool) -> None:
    handle = play.submitted()
    play.sim.fault("rate_limit", path=play.case.status_path, retry_after=2 if as_date else 2 * play.case.wait_unit, as_date=as_date)
    play.status(handle)
    first, second = play.sent("GET", play.case.status_path)
    # a date has whole seconds, and a part of the first one has passed
    assert second.at - first.at >= (0.9 if as_date else 2)


def test_a_long_wait_is_handed_on(play: Play) -> None:
    handle = play.submitted()
    play.sim.fault("rate_limit", path=play.case.status_path, retry_after=120 * play.case.wait_unit, times=0)
    with pytest.raises(errors.QuotaError) as caught:
        play.status(handle)
    assert caught.value.retry_after == 120
    assert caught.value.retryable


def test_too_many_jobs_at_once_waits_and_starts_nothing(play: Play) -> None:
    play.sim.fault("rate_limit", method="POST", path=play.case.submit_path, retry_after=30 * play.case.wait_unit)
    with pytest.raises(errors.QuotaError) as caught:
        play.submitted()
    assert caught.value.retryable
    assert len(play.sent("POST", play.case.submit_path)) == 1
    assert play.submitted().remote_id


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_short_burst_of_faults_is_invisible(play: Play, status: int) -> None:
    handle = play.submitted()
    play.sim.fault("status", path=play.case.status_path, status=status, times=2)
    assert play.status(handle).phase is play.case.begins


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_lasting_fault_is_one_clear_error(play: Play, status: int) -> None:
    handle = play.submitted()
    play.sim.fault("status", path=play.case.status_path, status=status, times=0)
    with pytest.raises(errors.ServiceError) as caught:
        play.status(handle)
    assert caught.value.retryable
    assert caught.value.status == status


def test_a_question_whose_answer_broke_off_is_asked_again(play: Play) -> None:
    handle = play.submitted()
    for kind in ("drop_before", "drop_after", "cut"):
        play.sim.fault(kind, path=play.case.status_path)
        assert play.status(handle).phase is play.case.begins


# 7 A submission whose answer is lost


LOST = [
    ("drop_after", {}),
    ("drop_after", {"reset": True}),
    ("cut", {}),
    ("garbage", {}),
    ("empty", {}),
    ("status", {"status": 502, "acted": True}),
    ("status", {"status": 500, "acted": True}),
    ("html", {"acted": True}),
]


@pytest.mark.parametrize(("kind", "options"), LOST, ids=[f"{kind}-{number}" for number, (kind, _) in enumerate(LOST)])
def test_a_lost_answer_is_ambiguous_and_the_job_is_found_not_doubled(play: Play, kind: str, options: dict) -> None:
    known = play.submitted()
    play.sim.requests.clear()
    play.sim.fault(kind, method="POST", path=play.case.submit_path, **options)
    sent_at = time.time()
    with pytest.raises(errors.AmbiguousSubmit):
        play.submitted()
    assert len(play.sent("POST", play.case.submit_path)) == 1
    if not play.case.recoverable:
        pytest.skip("the service has no means to tell")
    found = play.provider().recover(play.request, sent_at, [known.remote_id])
    assert {known.remote_id, found.remote_id} == set(play.case.jobs(play.sim))
    assert play.status(found).phase is play.case.begins


def test_a_submission_that_never_arrived_leaves_nothing_to_find(play: Play) -> None:
    play.sim.fault("drop_before", method="POST", path=play.case.submit_path)
    sent_at = time.time()
    with pytest.raises(errors.AmbiguousSubmit):
        play.submitted()
    assert _nothing_found(play, sent_at)
    assert play.case.jobs(play.sim) == {}


def test_a_different_job_is_never_taken_for_the_lost_one(play: Play) -> None:
    sent_at = time.time()
    play.provider().submit(play.case.requests[-1])
    assert _nothing_found(play, sent_at)


def _nothing_found(play: Play, sent_at: float) -> bool:
    """Whether no job is taken for the lost one; a service without means to tell has to say so."""
    if play.case.recoverable:
        return play.provider().recover(play.request, sent_at, []) is None
    with pytest.raises(errors.AmbiguousSubmit, match="cannot be known"):
        play.provider().recover(play.request, sent_at, [])
    return True


# 8 Words nobody knows


def test_an_unknown_state_keeps_the_job_running_with_a_warning(play: Play) -> None:
    handle = play.submitted()
    play.case.speak(play.sim, handle, "marinating")
    status = play.status(handle)
    assert (status.phase, status.word) == (Phase.RUNNING, "marinating")
    assert "marinating" in status.warning


# 9 Answers that are none


@pytest.mark.parametrize("kind", ["garbage", "html", "empty", "not_http"])
def test_nonsense_is_a_protocol_error_with_a_short_excerpt(play: Play, kind: str) -> None:
    handle = play.submitted()
    play.sim.fault(kind, path="*", times=0)
    for ask in (lambda: play.status(handle), play.provider().check):
        with pytest.raises((errors.ProtocolError, errors.TransportError)) as caught:
            ask()
        assert isinstance(caught.value, errors.ProtocolError) or kind == "not_http"
        assert len(str(caught.value)) < 400


def test_what_a_redirect_leads_to_says_nothing_of_a_job(play: Play) -> None:
    handle = play.submitted()
    play.sim.fault("redirect", path=play.case.status_path)
    found: object = None
    try:
        found = play.provider().statuses([handle])[handle.remote_id]
    except errors.ServiceProblem as problem:
        found = problem
    assert isinstance(found, (errors.ProtocolError, errors.ConfigError)), found
    assert "redirects to" in str(found)
    assert play.status(handle).phase in ORDER


def test_numbers_that_are_none_do_no_harm(play: Play) -> None:
    handle = play.finished()
    play.sim.fault("nan", path="*", times=0)
    assert play.status(handle).phase is Phase.SUCCEEDED
    play.provider().check()


# 10 Stop


def test_stop_ends_a_submission_at_once_and_leaves_its_outcome_open(play: Play) -> None:
    play.sim.fault("hang", method="POST", path=play.case.submit_path)
    pattern = {"method": "POST", "path": play.case.submit_path}
    seconds, outcome = play.stopped(pattern, lambda cancel: play.provider(cancel).submit(play.request))
    assert isinstance(outcome, errors.AmbiguousSubmit)
    assert seconds < SOON


def test_stop_ends_a_look_at_a_job_at_once(play: Play) -> None:
    handle = play.submitted()
    play.sim.fault("hang", path=play.case.status_path, times=0)
    pattern = {"method": "GET", "path": play.case.status_path}
    seconds, outcome = play.stopped(pattern, lambda cancel: play.provider(cancel).statuses([handle]))
    assert isinstance(outcome, errors.Cancelled)
    assert seconds < SOON


# 11 What was, and what is not offered


def test_history_shows_what_was_submitted(play: Play) -> None:
    if not play.provider().can & Can.HISTORY:
        pytest.skip("the service has no list of jobs")
    handles = [play.provider().submit(request) for request in play.case.requests[:3]]
    listed = play.provider().history().jobs
    assert {job.handle.remote_id for job in listed} == {handle.remote_id for handle in handles}
    again = next(job for job in listed if job.handle == handles[0])
    request = again.request or play.provider().asked(again.handle)
    play.offered()
    assert play.provider().build(request).body == play.provider().build(play.request).body


OFFERED = {
    Can.CANCEL: lambda provider, job: provider.stop(job),
    Can.RESTART: lambda provider, job: provider.restart(job),
    Can.DELETE: lambda provider, job: provider.delete(job),
    Can.RENAME: lambda provider, job: provider.rename(job, "x"),
    Can.RATE: lambda provider, job: provider.rate(job, 3),
    Can.REVIEW: lambda provider, job: (provider.accept(job), provider.reject(job, "x")),
    Can.PROJECTS: lambda provider, job: (provider.move(job, "x"), provider.create_project("x"), provider.delete_project("x")),
}


def test_what_a_service_does_not_offer_it_refuses_without_a_call(play: Play) -> None:
    provider = play.provider()
    before = len(play.sim.requests)
    for can, call in OFFERED.items():
        if not provider.can & can:
            with pytest.raises(errors.NotFound) as caught:
                call(provider, Handle("x"))
            assert provider.title in caught.value.message
    assert len(play.sim.requests) == before


def test_a_past_without_a_match_is_empty(play: Play) -> None:
    if not play.provider().can & Can.HISTORY:
        pytest.skip("the service has no list of jobs")
    handle = play.submitted()
    page = play.provider().history(HistoryQuery(words="nothing like it"))
    assert (page.jobs, page.after) == ((), "")
    day = play.provider().history().jobs[0].status.created_at[:10]
    for query in (HistoryQuery(first=day), HistoryQuery(last=day), HistoryQuery(words=handle.remote_id)):
        assert [job.handle.remote_id for job in play.provider().history(query).jobs] == [handle.remote_id]
    assert play.provider().history(HistoryQuery(phases=(Phase.FAILED,))).jobs == ()


def test_the_case_names_only_operations_that_ship(case: Case) -> None:
    key = next(name for name, known in CASES.items() if known is case)
    shipped = {operation.key for operation in registry.provider_class(key).fixed_operations}
    asked = {request.operation for request in case.requests}
    assert asked <= shipped or not shipped
    assert shipped <= asked
