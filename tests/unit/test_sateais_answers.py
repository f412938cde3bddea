"""SateAIs: what its answers mean."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from groundtrack.providers import errors
from groundtrack.providers.base import Cost, Handle, Phase, Status
from groundtrack.providers.http import Reply
from groundtrack.providers.operation import Request
from support.sateais import CODES, JOB, KEY, SHIPS, Answer, provider, reply

# Errors


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (400, "VALIDATION_ERROR", errors.InvalidRequest, "nothing was charged"),
        (400, "INVALID_SCENE", errors.InvalidRequest, "GRD product"),
        (401, "UNAUTHORIZED", errors.AuthError, "Authentication"),
        (402, "INSUFFICIENT_CREDITS", errors.QuotaError, "Add credits"),
        (403, "FORBIDDEN", errors.AuthError, "plan"),
        (404, "NOT_FOUND", errors.NotFound, "another one"),
        (404, "SCENE_NOT_FOUND", errors.InvalidRequest, "within 14 days"),
        (404, "INSUFFICIENT_SCENES", errors.InvalidRequest, "Widen the range"),
        (410, "GONE", errors.Gone, "expired"),
        (413, "PAYLOAD_TOO_LARGE", errors.InvalidRequest, "simplify"),
        (429, "RATE_LIMIT_EXCEEDED", errors.QuotaError, "limit"),
        (500, "INTERNAL_ERROR", errors.ServiceError, "service's side"),
    ],
)
def test_each_documented_code_is_its_own_error_with_advice(status: int, code: str, kind: type, said: str) -> None:
    service = provider(url="https://api.spcsft.com")
    problem = service.problem_of(reply(status, {"error": {"code": code, "message": "As told."}}, x_request_id="r-7", retry_after="20"))
    assert type(problem) is kind
    assert str(problem).startswith("As told. ")
    assert said in problem.advice
    assert (problem.code, problem.status, problem.request_id, problem.retry_after) == (code, status, "r-7", 20)
    assert problem.retryable is (code in ("RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR"))


def test_every_code_has_advice_of_its_own() -> None:
    service = provider(url="https://api.spcsft.com")
    advice = [service.problem_of(reply(400, {"error": {"code": code, "message": "x"}})).advice for code in CODES]
    assert len(set(advice)) == len(CODES)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "SCENE_NOT_FOUND", "message": "As told."}},
        {"error": "SCENE_NOT_FOUND", "error_message": "As told."},
        {"error_code": "SCENE_NOT_FOUND", "error_message": "As told."},
        {"error": "SCENE_NOT_FOUND", "message": "As told."},
    ],
)
def test_the_shapes_of_an_error_mean_the_same(body: Any) -> None:
    problem = provider(url="https://api.spcsft.com").problem_of(reply(404, body))
    assert (type(problem), problem.message, problem.code) == (errors.InvalidRequest, "As told.", "SCENE_NOT_FOUND")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (402, {"error": {"code": 402, "message": "Too poor"}}, errors.QuotaError),
        (401, {"message": "Unauthorized"}, errors.AuthError),
        (403, {"message": "Forbidden"}, errors.AuthError),
        (404, b"", errors.NotFound),
        (410, b"gone", errors.Gone),
        (418, {"error": {"code": "TEAPOT", "message": "Short and stout"}}, errors.InvalidRequest),
        (422, b"[]", errors.InvalidRequest),
        (409, {"error": {"code": "CONFLICT", "message": "Not completed"}}, errors.ServiceError),
        (502, b"<html>Bad Gateway</html>", errors.ServiceError),
        (302, b"", errors.ProtocolError),
    ],
)
def test_without_a_known_code_the_status_decides(status: int, body: Any, kind: type) -> None:
    assert type(provider(url="https://api.spcsft.com").problem_of(reply(status, body))) is kind


def test_an_unknown_code_is_shown_as_it_is() -> None:
    problem = provider(url="https://api.spcsft.com").problem_of(reply(418, {"error": {"code": "TEAPOT", "message": ""}}))
    assert "TEAPOT" in problem.message
    assert "TEAPOT" in problem.details


def test_a_message_that_repeats_the_key_is_masked() -> None:
    problem = provider(url="https://api.spcsft.com").problem_of(reply(401, {"message": f"Bad key {KEY}!"}))
    assert KEY not in str(problem)
    assert "Bad key ••••" in str(problem)


@pytest.mark.parametrize(("status", "kind"), [(403, errors.NotFound), (404, errors.NotFound), (503, errors.ServiceError)])
def test_errors_of_the_storage_are_not_taken_for_the_services(status: int, kind: type) -> None:
    answer = Reply(status, {}, b"<Error><Code>AccessDenied</Code></Error>", "https://bucket.example/x?Signature=private")
    problem = provider().problem_of(answer)
    assert type(problem) is kind
    assert "private" not in str(problem)


def test_a_pause_beyond_ten_minutes_is_not_believed() -> None:
    assert provider(url="https://api.spcsft.com").problem_of(reply(429, {}, retry_after="86400")).retry_after == 600


# Account


def test_check_tells_plan_and_balance_and_no_address() -> None:
    body = {"user_id": "u", "email": "somebody@example.org", "plan": "pro", "credits": {"balance": 1234567.5}}
    greeting = provider({"GET /me": (200, body)}).check()
    assert (greeting.who, greeting.balance) == ("pro plan", "1234567.5 credits")
    assert "@" not in repr(greeting)


@pytest.mark.parametrize(
    "me", [(404, {"message": "Not Found"}), (403, {"message": "Missing Authentication Token"}), (502, b""), (504, b"")]
)
def test_check_works_without_the_account_path(me: Answer) -> None:
    service = provider({"GET /me": me, "GET /jobs": (200, {"jobs": []})})
    service.check()
    assert service.transport.paths[-1] == "GET /jobs"
    assert service.transport.calls[-1][0].url.endswith("?limit=1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((401, {"error": {"code": "UNAUTHORIZED", "message": "no"}}), errors.AuthError),
        ((200, b"<html>"), errors.ProtocolError),
        ((200, b"[1]"), errors.ProtocolError),
        ((500, b""), errors.ServiceError),
    ],
)
def test_check_says_what_is_wrong(answer: Answer, kind: type) -> None:
    with pytest.raises(kind):
        provider({"GET /me": answer}).check()


def test_check_at_a_wrong_address_says_so() -> None:
    with pytest.raises(errors.ConfigError, match="Check the address"):
        provider().check()


@pytest.mark.parametrize("body", [{}, {"credits": None}, {"credits": {"balance": None}}, {"credits": 5}])
def test_check_makes_do_with_less(body: Any) -> None:
    assert provider({"GET /me": (200, body)}).check().balance == ""


# Estimate


def estimated(body: Any, status: int = 200, request: Request = SHIPS) -> Optional[Cost]:
    return provider({f"POST /analyze/{request.operation}/preview": (status, body)}).estimate(request)


def preview(ratio: Any = 1.0, amount: Any = 0.8, sufficient: Any = True, *warnings: str) -> dict[str, Any]:
    return {
        "coverage": {"ratio": ratio},
        "credits": {"estimated": amount, "balance": 120.0, "sufficient": sufficient},
        "warnings": [{"code": code, "message": f"About {code}."} for code in warnings],
    }


def test_an_estimate_names_credits_and_nothing_else_when_all_is_well() -> None:
    assert estimated(preview()) == Cost(0.8, "credits", note="", sufficient=True)


@pytest.mark.parametrize(("ratio", "percent"), [(0.799, 79), (0.29, 29), (0.9999, 99), (0.0, 0), (0.57, 57)])
def test_coverage_is_rounded_down(ratio: float, percent: int) -> None:
    assert f"only {percent} % of the area" in estimated(preview(ratio, 0.8, True, "LOW_AOI_COVERAGE")).note


@pytest.mark.parametrize("code", ["SCENE_NOT_FOUND", "INSUFFICIENT_SCENES"])
def test_a_job_that_would_fail_is_announced_first_with_advice(code: str) -> None:
    note = estimated(preview(None, None, None, "CREDITS_NOT_ESTIMABLE", code)).note
    assert note.startswith(f"The job would fail: About {code}.")
    assert ("Choose another date" if code == "SCENE_NOT_FOUND" else "Widen the range") in note


def test_credits_that_are_not_known_beforehand_are_not_free() -> None:
    cost = estimated(preview(None, None, None, "CREDITS_NOT_ESTIMABLE"))
    assert (cost.amount, cost.sufficient) == (None, None)
    assert "known only after the run" in cost.note
    assert "CREDITS_NOT_ESTIMABLE" not in cost.note


def test_a_short_balance_is_told() -> None:
    cost = estimated(preview(1.0, 500, False))
    assert cost.sufficient is False
    assert "balance of 120 credits does not suffice" in cost.note


def test_numbers_that_are_none_do_no_harm() -> None:
    cost = estimated(b'{"coverage": {"ratio": NaN}, "credits": {"estimated": Infinity, "balance": NaN, "sufficient": null}}')
    assert cost.amount is None


def test_an_unknown_warning_is_shown_in_its_own_words() -> None:
    assert "About NEW_THING." in estimated(preview(1.0, 1, True, "NEW_THING")).note


def test_no_estimate_where_the_service_has_none() -> None:
    service = provider()
    assert service.estimate(SHIPS) is None
    assert service.transport.paths == ["POST /analyze/ship/preview"]


def test_a_refused_estimate_says_why() -> None:
    with pytest.raises(errors.AuthError, match="no plan"):
        estimated({"error": {"code": "FORBIDDEN", "message": "no plan"}}, 403)


# States


def job(**changes: Any) -> dict[str, Any]:
    return {"job_id": JOB, "status": "processing", "created_at": "2026-05-04T09:00:00Z", "completed_at": None, **changes}


def status_of(**changes: Any) -> Status:
    return provider({f"GET /jobs/{JOB}": (200, job(**changes))}).statuses([Handle(JOB)])[JOB]


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("pending", Phase.QUEUED),
        ("processing", Phase.RUNNING),
        ("completed", Phase.SUCCEEDED),
        ("failed", Phase.FAILED),
        ("cancelled", Phase.CANCELLED),
        ("canceled", Phase.CANCELLED),
        ("expired", Phase.EXPIRED),
        ("Completed", Phase.SUCCEEDED),
    ],
)
def test_each_state_has_its_phase_and_keeps_the_services_word(word: str, phase: Phase) -> None:
    status = status_of(status=word)
    assert (status.phase, status.word, status.warning) == (phase, word, "")


@pytest.mark.parametrize("word", ["archived", "", None, 7])
def test_an_unknown_state_is_running_with_a_warning(word: Any) -> None:
    status = status_of(status=word)
    assert status.phase is Phase.RUNNING
    assert "unknown state" in status.warning


@pytest.mark.parametrize(
    "told", ["2026-05-04T09:17:42Z", "2026-05-04T09:17:42.506327Z", "2026-05-04T09:17:42", "2026-05-04T11:17:42+02:00"]
)
def test_times_are_utc_and_results_expire_after_thirty_days(told: str) -> None:
    status = status_of(status="completed", completed_at=told)
    assert (status.finished_at, status.expires_at) == ("2026-05-04T09:17:42Z", "2026-06-03T09:17:42Z")


def test_a_time_at_the_end_of_the_calendar_does_no_harm() -> None:
    status = status_of(status="completed", completed_at="9999-12-31T00:00:00Z")
    assert (status.phase, status.expires_at) == (Phase.SUCCEEDED, "")


def test_the_cost_is_the_services_figure() -> None:
    status = status_of(status="completed", credits_used=3.4, area_sqkm=342.0)
    assert (status.cost.amount, status.cost.unit, status.cost.basis) == (3.4, "credits", "service’s figure")
    assert "342.0 km²" in status.cost.note
    assert status_of(status="completed", credits_used=None).cost is None
    assert str(status_of(status="completed", credits_used=0).cost) == "0 credits"


def test_partial_coverage_of_a_finished_job_is_a_warning() -> None:
    assert "only 79 %" in status_of(status="completed", coverage={"method": "measured", "ratio": 0.799}).warning
    assert status_of(status="completed", coverage=None).warning == ""


@pytest.mark.parametrize(
    "error",
    [
        {"error_code": "SCENE_NOT_FOUND", "error_message": "No scene.", "error": "SCENE_NOT_FOUND"},
        {"error": {"code": "SCENE_NOT_FOUND", "message": "No scene."}},
        {"error": "SCENE_NOT_FOUND", "error_message": "No scene."},
        {"error_code": None, "error_message": None, "error": {"code": "SCENE_NOT_FOUND", "message": "No scene."}},
    ],
)
def test_a_failed_job_tells_the_services_reason_and_what_to_do(error: dict[str, Any]) -> None:
    status = status_of(status="failed", completed_at="2026-05-04T09:01:10Z", **error)
    assert (status.phase, status.code, status.expires_at) == (Phase.FAILED, "SCENE_NOT_FOUND", "")
    assert status.message.startswith("No scene. Choose another date")


@pytest.mark.parametrize("error", [{"error_code": 500}, {"error": None}, {"error": "Something odd happened"}, {}])
def test_a_failed_job_with_little_or_no_reason_still_says_something(error: dict[str, Any]) -> None:
    assert status_of(status="failed", **error).message.endswith("not charged.")


def test_an_answer_with_almost_nothing_in_it_is_enough() -> None:
    status = provider({f"GET /jobs/{JOB}": (200, {"status": "completed"})}).statuses([Handle(JOB)])[JOB]
    assert status == Status(Phase.SUCCEEDED, "completed")


def test_one_job_is_asked_for_by_its_id_percent_encoded() -> None:
    service = provider()
    service.statuses([Handle("a/b ?")])
    assert service.transport.calls[0][0].url.endswith("/jobs/a%2Fb%20%3F")


def test_several_jobs_take_one_call_and_missing_ones_one_each() -> None:
    listed = [job(job_id="a"), job(job_id="b", status="completed"), job(job_id="stranger")]
    service = provider({"GET /jobs": (200, {"jobs": listed}), "GET /jobs/c": (200, job(job_id="c", status="pending"))})
    found = service.statuses([Handle("a"), Handle("b"), Handle("c"), Handle("d")])
    assert service.transport.paths == ["GET /jobs", "GET /jobs/c", "GET /jobs/d"]
    assert [found[name].phase for name in "abc"] == [Phase.RUNNING, Phase.SUCCEEDED, Phase.QUEUED]
    assert isinstance(found["d"], errors.NotFound)
    assert set(found) == set("abcd")


def test_a_problem_of_one_job_stands_for_that_job() -> None:
    answers = {"GET /jobs": (200, {"jobs": [job(job_id="a")]}), "GET /jobs/b": (500, b""), "GET /jobs/c": (200, b"<html>")}
    found = provider(answers).statuses([Handle("a"), Handle("b"), Handle("c")])
    assert found["a"].phase is Phase.RUNNING
    assert isinstance(found["b"], errors.ServiceError)
    assert isinstance(found["c"], errors.ProtocolError)


def test_what_is_known_survives_a_network_that_goes_away_in_between() -> None:
    gone = errors.TransportError("No connection.")
    service = provider({"GET /jobs": (200, {"jobs": [job(job_id="a")]}), "GET /jobs/b": (0, gone)})
    found = service.statuses([Handle("a"), Handle("b"), Handle("c")])
    assert found["a"].phase is Phase.RUNNING
    assert found["b"] is found["c"] is gone


@pytest.mark.parametrize(
    "answer", [(401, {"error": {"code": "UNAUTHORIZED", "message": "no"}}), (503, b""), (200, {"jobs": None}), (200, b"<html>")]
)
def test_a_problem_of_the_whole_call_is_raised(answer: Answer) -> None:
    with pytest.raises(errors.ServiceProblem):
        provider({"GET /jobs": answer}).statuses([Handle("a"), Handle("b")])


def test_a_key_that_is_refused_stops_everything() -> None:
    refused = (401, {"error": {"code": "UNAUTHORIZED", "message": "no"}})
    with pytest.raises(errors.AuthError):
        provider({"GET /jobs/a": refused}).statuses([Handle("a")])
    with pytest.raises(errors.AuthError):
        provider({"GET /jobs": (200, {"jobs": []}), "GET /jobs/a": refused}).statuses([Handle("a"), Handle("b")])
