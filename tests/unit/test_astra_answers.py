"""ASTRA OS: what its answers mean, for jobs, results and the sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from groundtrack.providers import errors
from groundtrack.providers.base import Handle, Phase
from support.astra import JOB, LINK, astra

# State


def status(job: Mapping[str, Any], handle: Handle = JOB) -> Any:
    return astra((200, job)).statuses([handle])[handle.remote_id]


@pytest.mark.parametrize(("word", "phase"), [
    ("queued", Phase.QUEUED), ("processing", Phase.RUNNING), ("completed", Phase.SUCCEEDED), ("complete", Phase.SUCCEEDED),
    ("succeeded", Phase.SUCCEEDED), ("failed", Phase.FAILED),
])  # fmt: skip
def test_states_of_both_dialects(word: str, phase: Phase) -> None:
    assert status({"status": word, "result": {"href": LINK}}).phase is phase
    assert status({"status": word, "result_url": LINK}).phase is phase


def test_an_unknown_state_is_followed() -> None:
    seen = status({"status": "reticulating"})
    assert seen.phase is Phase.RUNNING
    assert "reticulating" in seen.warning


@pytest.mark.parametrize("result", [{"result": None}, {"result": {"href": ""}}, {"result_url": None}, {}])
def test_completed_without_a_file_is_an_end(result: Mapping[str, Any]) -> None:
    seen = status({"status": "completed", **result})
    assert seen.phase is Phase.UNRESOLVED
    assert "no file" in seen.message


@pytest.mark.parametrize(("error", "message", "code"), [
    ({"code": "PROCESSING_FAILED", "message": "Band nir is missing."}, "Band nir is missing.", "PROCESSING_FAILED"),
    ("Scene not found", "Scene not found", ""),
    (["First.", "Second."], "First.; Second.", ""),
    ([{"code": "A", "message": "First."}, {"message": "Second."}], "First.; Second.", "A"),
    (None, "ASTRA OS gives no reason.", ""),
    ({"code": "OOM"}, "ASTRA OS gives the reason OOM.", "OOM"),
])  # fmt: skip
def test_errors_of_any_shape_are_told(error: Any, message: str, code: str) -> None:
    seen = status({"status": "failed", "error": error})
    assert (seen.phase, seen.code) == (Phase.FAILED, code)
    assert seen.message.startswith(message)


def test_the_doubt_about_the_second_scene_stays_with_the_job() -> None:
    handle = Handle("job_1", {"operation": "change_detection", "note": "Only one scene."})
    assert status({"status": "complete", "result_url": LINK}, handle).warning == "Only one scene."


def test_a_job_nobody_knows_stands_beside_the_others() -> None:
    service = astra((404, {"error": {"code": "NOT_FOUND", "message": "Job not found"}}), (200, {"status": "queued"}))
    seen = service.statuses([Handle("one"), Handle("two")])
    assert isinstance(seen["one"], errors.NotFound)
    assert seen["two"].phase is Phase.QUEUED


def test_a_refused_key_stops_the_account() -> None:
    with pytest.raises(errors.AuthError):
        astra((401, {"error": "Invalid or missing API key"})).statuses([JOB])


def test_ids_are_escaped_in_addresses() -> None:
    service = astra((200, {"status": "queued"}))
    service.statuses([Handle("a/b?c")])
    assert service.transport.calls[0][0].url.endswith("/api/v1/process/a%2Fb%3Fc")


# Result


def test_the_file_is_named_after_the_task() -> None:
    result = {"href": LINK, "type": "image/tiff", "file:size": 7340032, "expires_at": "2999-05-05T15:00:00Z"}
    asset, = astra((200, {"status": "completed", "result": result})).assets(JOB)
    assert (asset.name, asset.url, asset.size, asset.signed) == ("ndvi.tif", LINK, 7340032, False)
    assert asset.expires_at == "2999-05-05T15:00:00Z"


def test_the_result_as_coded_is_found_too() -> None:
    asset, = astra((200, {"status": "complete", "result_url": LINK})).assets(JOB)
    assert asset.url == LINK


def ended(when: str) -> Mapping[str, Any]:
    return {"status": "completed", "result": {"href": LINK, "expires_at": when}}


def test_an_ended_link_is_asked_for_once_more() -> None:
    service = astra((200, ended("2020-01-01T00:00:00Z")), (200, ended("2999-01-01T00:00:00Z")))
    assert service.assets(JOB)[0].expires_at.startswith("2999")
    assert len(service.transport.calls) == 2


def test_a_link_that_stays_ended_is_gone() -> None:
    service = astra((200, ended("2020-01-01T00:00:00Z")))
    with pytest.raises(errors.Gone, match="expired"):
        service.assets(JOB)
    assert len(service.transport.calls) == 2


def test_the_services_clock_decides_whether_a_link_has_ended() -> None:
    service = astra((200, ended("2020-01-01T12:00:00Z")), date="Wed, 01 Jan 2020 11:00:00 GMT")
    assert service.assets(JOB)[0].url == LINK


def test_no_file_is_not_asked_for_again() -> None:
    with pytest.raises(errors.NotFound, match="no file") as caught:
        astra((200, {"status": "completed", "result": None})).assets(JOB)
    assert not caught.value.retryable


# Sign-in


def test_an_unknown_job_shows_that_the_key_is_good() -> None:
    service = astra((404, {"error": {"code": "NOT_FOUND", "message": "Job not found"}}))
    assert service.check().who == ""
    assert service.transport.calls[0][0].url.endswith("/api/v1/process/connection-test")


def test_a_plan_without_processing_is_told_and_the_key_is_good() -> None:
    assert "processing" in astra((403, {"error": "Upgrade"})).check().balance


def test_a_stub_counts_as_reachable() -> None:
    assert astra((200, {"job_id": "connection-test", "status": "queued"})).check()


def test_a_bad_key_is_refused() -> None:
    with pytest.raises(errors.AuthError):
        astra((401, {"error": "Invalid or missing API key"})).check()


def test_a_strange_web_site_is_not_the_service() -> None:
    with pytest.raises(errors.ProtocolError, match="address"):
        astra((404, b"<html>Not found</html>")).check()


def test_keys_of_other_forms_are_only_remarked_on() -> None:
    assert "astra_" in astra((404, {"error": "Job not found"}), key="other").check().who


@pytest.mark.parametrize("key", ["", "two words", "naïve"])
def test_impossible_keys_are_not_sent(key: str) -> None:
    service = astra(key=key)
    with pytest.raises(errors.ConfigError):
        service.check()
