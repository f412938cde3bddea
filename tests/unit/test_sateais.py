"""SateAIs: what is sent, what would be refused, which path answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.operation import Request
from groundtrack.providers.sateais import SateAIs
from support.sateais import AREA, JOB, KEY, PAIR, SCENE, SERIES, SHIPS, WHOLE, Answer, Script, provider

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


@pytest.mark.parametrize(
    "request_", [SHIPS, WHOLE, PAIR, SERIES, replace(SHIPS, operation="oilslick"), replace(PAIR, operation="disappearbuilding")]
)
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
    [
        (404, {"message": "Not Found"}),
        (403, {"message": "Missing Authentication Token"}),
        (405, b""),
        (404, b"<html>"),
        (404, {"error": {"code": "NOT_FOUND", "message": "No such path"}}),
    ],
)
def test_a_missing_path_is_known_by_its_answer(missing: Answer) -> None:
    service = provider({"POST /detect/ship": missing, "POST /analyze/ship": ACCEPTED})
    assert service.submit(SHIPS).remote_id == JOB


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "SCENE_NOT_FOUND"),
        (404, "INSUFFICIENT_SCENES"),
        (403, "FORBIDDEN"),
        (400, "VALIDATION_ERROR"),
        (401, "UNAUTHORIZED"),
        (402, "INSUFFICIENT_CREDITS"),
        (429, "RATE_LIMIT_EXCEEDED"),
    ],
)
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


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": {"code": "INTERNAL_ERROR", "message": "Oops"}}),
        (502, b"<html>"),
        (503, b""),
        (504, b""),
        (408, b""),
        (202, {}),
        (200, {"job_id": None}),
        (200, {"job_id": ""}),
        (200, b"<html>"),
        (202, []),
    ],
)
def test_an_unclear_answer_to_a_submission_is_ambiguous_and_not_repeated(answer: Answer) -> None:
    service = provider({"POST /detect/ship": answer, "POST /analyze/ship": ACCEPTED})
    with pytest.raises(errors.AmbiguousSubmit):
        service.submit(SHIPS)
    ((_, options),) = service.transport.calls
    assert not options.repeat


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_with_a_job_id_is_a_job(status: int) -> None:
    assert provider({"POST /detect/ship": (status, {"job_id": JOB})}).submit(SHIPS).remote_id == JOB
