"""SateAIs: what is sent, what its answers mean, how a lost job is found again."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Optional
from urllib.parse import urlsplit

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Account, Cost, Handle, Phase, Secrets, Status
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import SateAIs, scene_name
from groundtrack.providers.transport import Options

KEY = "sk_live_abcdef0123456789"
SCENE = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
AREA = from_bounds(3.9, 51.95, 4.2, 52.1)
SHIPS = Request("ship", {"date": "2026-05-04"}, AREA)
WHOLE = Request("ship", {"scene_id": SCENE})
PAIR = Request("newbuilding", {"date_start": "2024-03-01", "date_end": "2026-03-01"}, AREA)
SERIES = replace(PAIR, operation="timeseries", aoi=from_bounds(11.5, 48.1, 11.56, 48.14))
JOB = "5b0c8d52-0f0e-4b6e-9d2a-2f4f3f9d7c11"
SENT = 1_790_000_000.0
CODES = """VALIDATION_ERROR INVALID_SCENE UNAUTHORIZED INSUFFICIENT_CREDITS FORBIDDEN NOT_FOUND SCENE_NOT_FOUND
INSUFFICIENT_SCENES GONE PAYLOAD_TOO_LARGE RATE_LIMIT_EXCEEDED INTERNAL_ERROR""".split()

Answer = tuple[int, Any]


class Script:
    """A transport that gives prepared answers by method and path, and remembers the calls."""

    def __init__(self, answers: Mapping[str, Answer], headers: Optional[Mapping[str, str]] = None) -> None:
        self.answers, self.headers, self.calls = answers, headers or {}, []

    def send(self, call: HttpCall, options: Options) -> Reply:
        path = urlsplit(call.url).path.replace("/api/v1", "", 1)
        self.calls.append((call, options))
        status, body = self.answers.get(f"{call.method} {path}", (404, {"message": "Not Found"}))
        if isinstance(body, Exception):
            raise body
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status, {"content-type": "application/json", **self.headers}, data, call.url)

    @property
    def paths(self) -> list[str]:
        return [f"{call.method} {urlsplit(call.url).path.replace('/api/v1', '', 1)}" for call, _ in self.calls]


def provider(answers: Optional[Mapping[str, Answer]] = None, url: str = "", key: str = KEY, **headers: str) -> SateAIs:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    account = Account("sateais", "test", {"url": url or f"https://sateais-{time.monotonic_ns()}.test"}, Secrets({"api_key": key}))
    return SateAIs(account, Script(answers or {}, named))


def reply(status: int, body: Any = b"", path: str = "/api/v1/jobs/1", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, data, f"https://api.spcsft.com{path}")


def stamp(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).isoformat().replace("+00:00", "Z")


# What is sent


def test_an_area_is_sent_as_documented() -> None:
    call = provider(url="https://api.spcsft.com").build(SHIPS)
    assert (call.method, call.url) == ("POST", "https://api.spcsft.com/api/v1/detect/ship")
    assert call.body == {
        "satellite_id": "sentinel-1",
        "polygon": "POLYGON((3.9 51.95, 4.2 51.95, 4.2 52.1, 3.9 52.1, 3.9 51.95))",
        "date": "2026-05-04",
        "date_direction": "nearest",
    }


@pytest.mark.parametrize("name", [SCENE, f"{SCENE}.SAFE", f"{SCENE}.zip", f" {SCENE}.SAFE.zip ", SCENE.lower()])
def test_a_scene_is_sent_alone_and_without_the_ending_of_its_file(name: str) -> None:
    values = {"scene_id": name, "date": "2026-05-04", "date_direction": "before", "orbit_direction": "ascending"}
    assert provider().build(Request("ship", values)).body == {"satellite_id": "sentinel-1", "scene_id": SCENE}
    assert provider().problems(Request("ship", {"scene_id": name})) == ()


def test_two_dates_are_sent_and_any_orbit_is_not() -> None:
    body = provider().build(replace(PAIR, values={**PAIR.values, "orbit_direction": "any"})).body
    assert set(body) == {"satellite_id", "polygon", "date_start", "date_end"}
    body = provider().build(replace(PAIR, values={**PAIR.values, "orbit_direction": "Descending"})).body
    assert body["orbit_direction"] == "descending"


@pytest.mark.parametrize("url", ["https://a.test", "https://a.test/", "https://a.test/api/v1", "https://a.test/api/v1/"])
def test_the_address_may_end_in_a_slash_or_the_version(url: str) -> None:
    assert provider(url=url).build(SHIPS).url == "https://a.test/api/v1/detect/ship"


def test_without_an_address_the_service_itself_is_called() -> None:
    account = Account("sateais", "x", {}, Secrets({"api_key": KEY}))
    assert SateAIs(account, Script({})).build(SHIPS).url.startswith("https://api.spcsft.com/api/v1/")


def test_the_key_is_in_the_signature_and_nowhere_in_the_preview() -> None:
    service = provider()
    assert service.signature() == {"Authorization": f"Bearer {KEY}"}
    call = service.build(SHIPS)
    assert KEY not in call.preview() + call.as_curl() + repr(call)


@pytest.mark.parametrize("key", ["", "   ", "sk_live one two", "sk_live_ключ"])
def test_a_key_that_cannot_be_one_is_told_before_any_call(key: str) -> None:
    service = provider(key=key)
    with pytest.raises(errors.ConfigError) as caught:
        service.check()
    assert service.transport.calls == []
    assert not key.strip() or key not in str(caught.value)


# What would be refused


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Request("ship", {}), "no_area"),
        (Request("ship", {"scene_id": SCENE}, AREA), "area_and_scene"),
        (Request("ship", {}, AREA), "field"),
        (Request("ship", {"scene_id": SCENE.replace("GRDH", "SLC_")}), "field"),
        (Request("ship", {"scene_id": "LC09_L1TP_193026"}), "field"),
        (Request("newbuilding", PAIR.values), "no_area"),
        (replace(PAIR, aoi=from_bounds(0, 50, 4, 52)), "too_large"),
        (replace(PAIR, operation="disappearbuilding", aoi=from_bounds(0, 50, 4, 52)), "too_large"),
        (replace(SERIES, aoi=AREA), "too_large"),
        (replace(SERIES, values={"date_start": "2020-01-01", "date_end": "2026-01-01"}), "too_long"),
        (replace(PAIR, values={"date_start": "2026-01-01", "date_end": "2024-01-01"}), "date_order"),
        (replace(SHIPS, values={"date": "2999-01-01"}), "future"),
        (replace(SHIPS, aoi=Aoi((AREA.polygons[0], from_bounds(5, 52, 6, 53).polygons[0]))), "parts"),
        (replace(SHIPS, aoi=from_bounds(179, 0, 181, 1)), "antimeridian"),
    ],
)
def test_a_refused_request_makes_no_call(request_: Request, code: str) -> None:
    service = provider()
    assert code in [problem.code for problem in service.problems(request_)]
    for ask in (service.submit, service.estimate):
        with pytest.raises(errors.InvalidRequest):
            ask(request_)
    assert service.transport.calls == []


@pytest.mark.parametrize("request_", [SHIPS, WHOLE, PAIR, SERIES, replace(SHIPS, operation="oilslick"), replace(PAIR, operation="disappearbuilding")])
def test_sound_requests_have_no_problems(request_: Request) -> None:
    assert provider().problems(request_) == ()


def test_ships_have_no_area_limit_and_long_pairs_no_limit_of_years() -> None:
    assert provider().problems(replace(SHIPS, aoi=from_bounds(0, 40, 12, 52))) == ()
    assert provider().problems(replace(PAIR, values={"date_start": "2016-01-01", "date_end": "2026-01-01"})) == ()


def test_a_task_that_does_not_exist_is_named() -> None:
    with pytest.raises(errors.NotFound, match="landslide"):
        provider().problems(Request("landslide"))


# Sending


ACCEPTED = (202, {"job_id": JOB})


def test_the_documented_path_is_tried_first_and_the_one_that_answers_is_remembered() -> None:
    answers = {"POST /analyze/ship": ACCEPTED}
    first = provider(answers, url="https://remembered.test")
    assert first.submit(SHIPS).remote_id == JOB
    assert first.transport.paths == ["POST /detect/ship", "POST /analyze/ship"]
    later = provider(answers, url="https://remembered.test/")
    assert later.build(SHIPS).url.endswith("/analyze/ship")
    later.submit(SHIPS)
    assert later.transport.paths == ["POST /analyze/ship"]
    assert provider(url="https://another.test").build(SHIPS).url.endswith("/detect/ship")


@pytest.mark.parametrize(
    "missing",
    [(404, {"message": "Not Found"}), (403, {"message": "Missing Authentication Token"}), (405, b""), (404, b"<html>"),
     (404, {"error": {"code": "NOT_FOUND", "message": "No such path"}})],
)  # fmt: skip
def test_a_missing_path_is_known_by_its_answer(missing: Answer) -> None:
    service = provider({"POST /detect/ship": missing, "POST /analyze/ship": ACCEPTED})
    assert service.submit(SHIPS).remote_id == JOB


@pytest.mark.parametrize(("status", "code"), [(404, "SCENE_NOT_FOUND"), (404, "INSUFFICIENT_SCENES"), (403, "FORBIDDEN"), (400, "VALIDATION_ERROR"),
                                              (401, "UNAUTHORIZED"), (402, "INSUFFICIENT_CREDITS"), (429, "RATE_LIMIT_EXCEEDED")])  # fmt: skip
def test_a_refusal_is_no_reason_to_try_the_other_path(status: int, code: str) -> None:
    service = provider({"POST /detect/ship": (status, {"error": {"code": code, "message": "No."}}), "POST /analyze/ship": ACCEPTED})
    with pytest.raises(errors.ServiceProblem):
        service.submit(SHIPS)
    assert service.transport.paths == ["POST /detect/ship"]


def test_an_address_with_neither_path_is_told_and_not_remembered() -> None:
    service = provider(url="https://wrong.test")
    with pytest.raises(errors.ConfigError, match="Check the address"):
        service.submit(SHIPS)
    assert service.transport.paths == ["POST /detect/ship", "POST /analyze/ship"]
    assert service.build(SHIPS).url.endswith("/detect/ship")


@pytest.mark.parametrize("answer", [(500, {"error": {"code": "INTERNAL_ERROR", "message": "Oops"}}), (502, b"<html>"), (503, b""), (504, b""), (408, b""),
                                    (202, {}), (200, {"job_id": None}), (200, {"job_id": ""}), (200, b"<html>"), (202, [])])  # fmt: skip
def test_an_unclear_answer_to_a_submission_is_ambiguous_and_not_repeated(answer: Answer) -> None:
    service = provider({"POST /detect/ship": answer, "POST /analyze/ship": ACCEPTED})
    with pytest.raises(errors.AmbiguousSubmit):
        service.submit(SHIPS)
    ((_, options),) = service.transport.calls
    assert not options.repeat


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_with_a_job_id_is_a_job(status: int) -> None:
    assert provider({"POST /detect/ship": (status, {"job_id": JOB})}).submit(SHIPS).remote_id == JOB


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


@pytest.mark.parametrize("me", [(404, {"message": "Not Found"}), (403, {"message": "Missing Authentication Token"}), (502, b""), (504, b"")])
def test_check_works_without_the_account_path(me: Answer) -> None:
    service = provider({"GET /me": me, "GET /jobs": (200, {"jobs": []})})
    service.check()
    assert service.transport.paths[-1] == "GET /jobs"
    assert service.transport.calls[-1][0].url.endswith("?limit=1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [((401, {"error": {"code": "UNAUTHORIZED", "message": "no"}}), errors.AuthError), ((200, b"<html>"), errors.ProtocolError),
     ((200, b"[1]"), errors.ProtocolError), ((500, b""), errors.ServiceError)],
)  # fmt: skip
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
    [("pending", Phase.QUEUED), ("processing", Phase.RUNNING), ("completed", Phase.SUCCEEDED), ("failed", Phase.FAILED),
     ("cancelled", Phase.CANCELLED), ("canceled", Phase.CANCELLED), ("expired", Phase.EXPIRED), ("Completed", Phase.SUCCEEDED)],
)  # fmt: skip
def test_each_state_has_its_phase_and_keeps_the_services_word(word: str, phase: Phase) -> None:
    status = status_of(status=word)
    assert (status.phase, status.word, status.warning) == (phase, word, "")


@pytest.mark.parametrize("word", ["archived", "", None, 7])
def test_an_unknown_state_is_running_with_a_warning(word: Any) -> None:
    status = status_of(status=word)
    assert status.phase is Phase.RUNNING
    assert "unknown state" in status.warning


@pytest.mark.parametrize("told", ["2026-05-04T09:17:42Z", "2026-05-04T09:17:42.506327Z", "2026-05-04T09:17:42", "2026-05-04T11:17:42+02:00"])
def test_times_are_utc_and_results_expire_after_thirty_days(told: str) -> None:
    status = status_of(status="completed", completed_at=told)
    assert (status.finished_at, status.expires_at) == ("2026-05-04T09:17:42Z", "2026-06-03T09:17:42Z")


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


@pytest.mark.parametrize("answer", [(401, {"error": {"code": "UNAUTHORIZED", "message": "no"}}), (503, b""), (200, {"jobs": None}), (200, b"<html>")])
def test_a_problem_of_the_whole_call_is_raised(answer: Answer) -> None:
    with pytest.raises(errors.ServiceProblem):
        provider({"GET /jobs": answer}).statuses([Handle("a"), Handle("b")])


def test_a_key_that_is_refused_stops_everything() -> None:
    refused = (401, {"error": {"code": "UNAUTHORIZED", "message": "no"}})
    with pytest.raises(errors.AuthError):
        provider({"GET /jobs/a": refused}).statuses([Handle("a")])
    with pytest.raises(errors.AuthError):
        provider({"GET /jobs": (200, {"jobs": []}), "GET /jobs/a": refused}).statuses([Handle("a"), Handle("b")])


# Finding a lost job again


def entry(job_id: str = JOB, at: float = SENT + 1, request: Request = SHIPS, **changes: Any) -> dict[str, Any]:
    asked = {name: value for name, value in provider().build(request).body.items() if name != "satellite_id"}
    return {"job_id": job_id, "endpoint_id": request.operation, "status": "pending", "created_at": stamp(at), "request_params": asked, **changes}


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
    [{"polygon": AREA.wkt().replace("4.2 ", "4.3 ")}, {"date": "2026-05-05"}, {"date_direction": "before"}, {"orbit_direction": "ascending"},
     {"scene_id": SCENE}, {"polygon": None}, {"polygon": "rubbish"}],
)  # fmt: skip
def test_a_different_request_is_not_ours(asked: dict[str, Any]) -> None:
    listed = entry()
    listed["request_params"].update(asked)
    assert recovered(listed) is None


def test_jobs_of_others_and_older_ones_are_not_taken() -> None:
    assert recovered(entry(), known=(JOB,)) is None
    assert recovered(entry(at=SENT - 600)) is None
    assert recovered(entry(endpoint_id="oilslick")) is None


@pytest.mark.parametrize("at", [SENT - 90, SENT, SENT + 35, SENT + 86_400])
def test_clocks_may_differ_a_little_and_a_crash_may_last(at: float) -> None:
    assert recovered(entry(at=at)).remote_id == JOB


def test_a_clock_that_is_far_off_is_seen_from_the_answer() -> None:
    behind = 3600
    now = time.time()
    service = provider({"GET /jobs": (200, {"jobs": [entry(at=now - behind + 1)]})}, date=formatdate(now - behind, usegmt=True))
    assert service.recover(SHIPS, now, ()).remote_id == JOB
    service = provider({"GET /jobs": (200, {"jobs": [entry(at=now - behind + 1)]})}, date=formatdate(now, usegmt=True))
    assert service.recover(SHIPS, now, ()) is None


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
    with pytest.raises(errors.AmbiguousSubmit, match="without telling"):
        recovered(entry(request_params=None))


@pytest.mark.parametrize(("answer", "kind"), [((503, b""), errors.ServiceError), ((401, b""), errors.AuthError), ((200, b"<html>"), errors.ProtocolError),
                                              ((200, {}), errors.ProtocolError), ((404, {"message": "Not Found"}), errors.ConfigError)])  # fmt: skip
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
    jobs = provider({"GET /jobs": (200, {"jobs": [*listed, {"no": "id"}, "rubbish"]})}).history()
    assert [job.handle.remote_id for job in jobs] == ["a", "b", "c", "d"]
    assert jobs[0].request == replace(SHIPS, values={"date": "2026-05-04", "date_direction": "nearest"})
    assert jobs[1].request == WHOLE
    assert jobs[2].request == PAIR
    assert (jobs[3].operation, jobs[3].request) == ("landslide", None)


@pytest.mark.parametrize("asked", [None, {"polygon": "rubbish"}, 5])
def test_history_makes_do_without_a_readable_request(asked: Any) -> None:
    (listed,) = provider({"GET /jobs": (200, {"jobs": [entry(request_params=asked)]})}).history()
    assert listed.request is None


def test_scene_names_lose_endings_of_files_only() -> None:
    assert scene_name(f"{SCENE}.SAFE/") == SCENE
    assert scene_name(SCENE) == SCENE


@pytest.mark.parametrize(("key", "first"), [("ship", 300), ("oilslick", 600), ("newbuilding", 300), ("disappearbuilding", 300), ("timeseries", 120)])
def test_the_pace_of_asking(key: str, first: float) -> None:
    pace = provider().operation(key).pace
    assert (pace.first, pace.interval(0), pace.interval(7199), pace.interval(7200), pace.patience, pace.jitter) == (first, 60, 60, 300, 86_400, 0.1)
