"""ASTRA OS: what is sent, in which dialect, what is refused, and where the key goes."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from groundtrack.aoi import from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Severity
from groundtrack.providers.http import Reply
from groundtrack.providers.operation import Request
from support.astra import AFTER, BEFORE, KEY, LANDSAT, NDVI, Answer, astra

ELSEWHERE = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T33UUP_20260504T142210"
CHANGE = Request("change_detection", {"scene_ids": (BEFORE, AFTER)})


def complaints(request: Request) -> list[str]:
    return [problem.message for problem in astra().problems(request) if problem.severity is Severity.ERROR]


def doubts(request: Request) -> list[str]:
    return [problem.message for problem in astra().problems(request) if problem.severity is Severity.WARNING]


def change(**values: Any) -> Request:
    return replace(CHANGE, values={**CHANGE.values, **values})


# What is sent


def test_an_index_is_asked_for_as_documented() -> None:
    call = astra(url="https://astraos.cloud/").build(replace(NDVI, values={**NDVI.values, "colormap": "viridis"}))
    assert (call.method, call.url) == ("POST", "https://astraos.cloud/api/v1/process")
    assert call.body == {"operation": "ndvi", "scene_ids": [AFTER], "params": {"colormap": "viridis"}}


def test_no_colour_map_sends_no_parameter() -> None:
    assert astra().build(NDVI).body == {"operation": "ndvi", "scene_ids": [AFTER]}


def test_scenes_are_sent_in_time_order_with_the_documented_defaults() -> None:
    backwards = Request("change_detection", {"scene_ids": f"{AFTER}, {BEFORE}"})
    body = astra().build(backwards).body
    assert body == {"operation": "change_detection", "scene_ids": [BEFORE, AFTER], "params": {"threshold": 0.1, "bands": ["red", "nir"]}}


def test_scenes_without_dates_keep_their_order() -> None:
    body = astra().build(Request("change_detection", {"scene_ids": ("planet:zebra", "planet:ape")})).body
    assert body["scene_ids"] == ["planet:zebra", "planet:ape"]


def test_a_webhook_is_passed_on() -> None:
    request = replace(NDVI, values={**NDVI.values, "webhook_url": "https://example.org/done"})
    assert astra().build(request).body["webhook_url"] == "https://example.org/done"


def test_the_area_is_never_sent() -> None:
    request = replace(NDVI, aoi=from_bounds(11, 48, 12, 49))
    assert complaints(request) == []
    assert "48" not in json.dumps({**astra().build(request).body, "scene_ids": []})


# What is refused without a call


@pytest.mark.parametrize(("request_", "part"), [
    (Request("ndvi", {}), "missing"),
    (Request("ndvi", {"scene_ids": (BEFORE, AFTER)}), "exactly one scene"),
    (Request("change_detection", {"scene_ids": (AFTER,)}), "exactly two different scenes"),
    (Request("change_detection", {"scene_ids": (BEFORE, AFTER, LANDSAT)}), "exactly two different scenes"),
    (Request("change_detection", {"scene_ids": (AFTER, AFTER)}), "the same"),
    (Request("change_detection", {"scene_ids": (AFTER, AFTER.replace("sentinel-2:", "planetary-computer:"))}), "the same"),
    (Request("ndvi", {"scene_ids": ("S2A_MSIL2A_20260504T103021",)}), "not a scene ID"),
    (Request("ndvi", {"scene_ids": (AFTER,), "colormap": "jet"}), "Colour map"),
    (Request("ndvi", {"scene_ids": (AFTER,), "webhook_url": "example.org"}), "webhook"),
    (change(threshold=1.01), "above the largest value 1"),
    (change(threshold=-0.1), "below the smallest value 0"),
    (change(threshold="nan"), "finite"),
    (change(bands="red"), "at least two"),
    (change(bands="red,red"), "at least two"),
    (change(bands="red,B08"), "no band “B08”"),
])  # fmt: skip
def test_wrong_requests_are_refused_before_any_call(request_: Request, part: str) -> None:
    service = astra()
    assert any(part in text for text in complaints(request_)), complaints(request_)
    with pytest.raises(errors.InvalidRequest):
        service.submit(request_)
    assert service.transport.calls == []


def test_sound_requests_raise_no_doubt() -> None:
    assert astra().problems(NDVI) == astra().problems(CHANGE) == ()


@pytest.mark.parametrize(("ids", "part"), [
    ((BEFORE, ELSEWHERE), "different places (32UPU and 33UUP)"),
    ((BEFORE, LANDSAT), "different sources"),
    (("planet:ape", "planet:zebra"), "not a source of scenes known here"),
    (("planet:ape", "planet:zebra"), "no dates"),
])  # fmt: skip
def test_doubtful_scenes_are_pointed_out_and_allowed(ids: tuple[str, str], part: str) -> None:
    request = Request("change_detection", {"scene_ids": ids})
    assert complaints(request) == []
    assert any(part in text for text in doubts(request))


# Submission


def test_the_job_of_an_accepted_request_is_known() -> None:
    service = astra((202, {"job_id": "job_k3x9", "status": "queued"}))
    assert service.submit(NDVI).remote_id == "job_k3x9"
    (call, options), = service.transport.calls
    assert options.headers["Authorization"] == f"Bearer {KEY}"
    assert not options.repeat
    assert KEY not in repr(call)


def test_a_service_that_wants_one_scene_gets_it_once_and_is_remembered() -> None:
    url = f"https://astra-{time.monotonic_ns()}.test"
    service = astra((400, {"error": "scene_id is required"}), (202, {"job_id": "cmxk"}), (202, {"job_id": "cmxl"}), url=url)
    first = service.submit(CHANGE)
    second = service.submit(CHANGE)
    sent = [call.body for call, _ in service.transport.calls]
    assert [first.remote_id, second.remote_id] == ["cmxk", "cmxl"]
    assert "scene_id" not in sent[0]
    assert sent[1] == sent[2] == {
        "operation": "change_detection", "scene_id": BEFORE, "scene_ids": [BEFORE, AFTER],
        "params": {"threshold": 0.1, "bands": ["red", "nir"]}, "threshold": 0.1, "bands": ["red", "nir"],
    }  # fmt: skip
    assert "only the earlier" in first.extra["note"]
    assert astra(url=url).build(CHANGE).body == sent[1]


@pytest.mark.parametrize("refusal", [
    {"error": {"code": "VALIDATION_ERROR", "message": "scene_ids is required"}},
    {"error": {"code": "VALIDATION_ERROR", "message": "params.bands must not hold scene_id"}},
    {"error": "Unknown operation"},
])  # fmt: skip
def test_other_refusals_are_not_sent_again(refusal: Any) -> None:
    service = astra((400, refusal))
    with pytest.raises(errors.InvalidRequest):
        service.submit(NDVI)
    assert len(service.transport.calls) == 1


def test_a_second_refusal_ends_it() -> None:
    service = astra((400, {"error": "scene_id is required"}))
    with pytest.raises(errors.InvalidRequest, match="scene_id"):
        service.submit(NDVI)
    assert len(service.transport.calls) == 2


@pytest.mark.parametrize("answer", [(500, {"error": "boom"}), (503, b"<html>"), (202, {}), (200, b"<html>Sign in</html>")])
def test_what_may_have_made_a_job_is_not_known(answer: Answer) -> None:
    service = astra(answer)
    with pytest.raises(errors.AmbiguousSubmit):
        service.submit(NDVI)
    assert len(service.transport.calls) == 1


def test_a_lost_job_cannot_be_found_again() -> None:
    service = astra()
    with pytest.raises(errors.AmbiguousSubmit, match="Outcome unknown"):
        service.recover(NDVI, time.time(), ())
    assert service.transport.calls == []


@pytest.mark.parametrize(("status", "kind", "word"), [
    (401, errors.AuthError, "Authentication"), (403, errors.AuthError, "plan"), (402, errors.QuotaError, "credits"),
    (429, errors.QuotaError, "limit"), (404, errors.ConfigError, "address"),
])  # fmt: skip
def test_refusals_say_what_to_do(status: int, kind: type, word: str) -> None:
    service = astra((status, {"error": {"code": "SOME_CODE", "message": "Because of that."}}))
    with pytest.raises(kind, match=rf"^Because of that\..*{word}"):
        service.submit(NDVI)


def test_an_unknown_scene_is_the_requests_fault() -> None:
    service = astra((404, {"error": {"code": "SCENE_NOT_FOUND", "message": "There is no such scene."}}))
    with pytest.raises(errors.InvalidRequest, match=r"no such scene\..*Search for the scene again"):
        service.submit(NDVI)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_hint_and_nothing_is_sent_on(status: int) -> None:
    service = astra((status, b""), location="https://www.astraos.cloud/api/v1/process")
    with pytest.raises(errors.ConfigError, match=r"redirects to www\.astraos\.cloud"):
        service.submit(NDVI)
    assert len(service.transport.calls) == 1
    assert not service.transport.calls[0][1].follow


def test_the_key_is_masked_in_what_the_service_says() -> None:
    problem = astra().problem_of(Reply(400, {}, json.dumps({"error": f"Key {KEY} is odd"}).encode(), f"{astra().account.url}/api/v1/x"))
    assert KEY not in str(problem)
