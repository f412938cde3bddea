"""ASTRA OS: what is sent, in which dialect, what its answers mean, where the key goes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional
from urllib.parse import parse_qs, urlsplit

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.astra import Astra
from groundtrack.providers.base import Account, Handle, Phase, Secrets, Severity
from groundtrack.providers.budget import Budget
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.operation import Request
from groundtrack.providers.scenes import Scene, SceneQuery, boxes, coverage, in_time_order, taken_at
from groundtrack.providers.transport import Options

KEY = "astra_sk_live_abcdefghijklmnopqrstuvwxyz"
BEFORE = "sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210"
AFTER = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"
ELSEWHERE = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T33UUP_20260504T142210"
LANDSAT = "landsat:LC09_L2SP_193027_20260504_20260513_02_T1"
NDVI = Request("ndvi", {"scene_ids": (AFTER,)})
CHANGE = Request("change_detection", {"scene_ids": (BEFORE, AFTER)})
LINK = "https://storage.astraos.cloud/jobs/job_1/ndvi_output.tif?sig=abc"
JOB = Handle("job_1", {"operation": "ndvi"})

Answer = tuple[int, Any]


class Script:
    """A transport that gives prepared answers one after the other (the last for ever), and remembers the calls."""

    def __init__(self, answers: list[Answer], headers: Mapping[str, str]) -> None:
        self.answers, self.headers, self.calls = answers, headers, []

    def send(self, call: HttpCall, options: Options) -> Reply:
        self.calls.append((call, options))
        status, body = self.answers[min(len(self.calls), len(self.answers)) - 1]
        if isinstance(body, Exception):
            raise body
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status, self.headers, data, call.url)


def astra(*answers: Answer, url: str = "", key: str = KEY, **headers: str) -> Astra:
    account = Account("astra", "test", {"url": url or f"https://astra-{time.monotonic_ns()}.test"}, Secrets({"api_key": key}))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Astra(account, Script(list(answers) or [(500, {})], named))


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


# Scenes


def feature(scene_id: str = AFTER, taken: str = "2026-05-04T10:30:21Z", **properties: Any) -> dict[str, Any]:
    ring = [[11.3, 47.8], [12.8, 47.8], [12.8, 48.8], [11.3, 48.8], [11.3, 47.8]]
    return {
        "type": "Feature", "id": scene_id, "bbox": [11.3, 47.8, 12.8, 48.8], "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": taken, "eo:cloud_cover": 7.1, "platform": "sentinel-2a", "gsd": 10, **properties},
        "assets": {"B04": {"href": "https://example.invalid/B04.tif", "eo:bands": [{"name": "B04", "common_name": "red"}]},
                   "thumbnail": {"href": "https://example.invalid/t.png", "type": "image/png"}},
    }  # fmt: skip


def searched(service: Astra) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(service.transport.calls[-1][0].url).query).items()}


QUERY = SceneQuery(from_bounds(11.4, 48.1, 11.6, 48.2), "2026-05-01", "2026-05-31", 20, ("sentinel-2-l2a",), 50)


def test_a_search_is_spelled_as_documented() -> None:
    service = astra((200, {"features": [feature()]}))
    scene, = service.search_scenes(QUERY).scenes
    assert searched(service) == {
        "bbox": "11.4,48.1,11.6,48.2", "datetime": "2026-05-01/2026-05-31", "limit": "50", "collections": "sentinel-2-l2a",
        "cloud_cover_lt": "20.01",
    }  # fmt: skip
    assert (scene.id, scene.provider, scene.taken, scene.cloud, scene.platform, scene.gsd) == (
        AFTER, "astra", "2026-05-04T10:30:21Z", 7.1, "sentinel-2a", 10)  # fmt: skip
    assert scene.bounds == (11.3, 47.8, 12.8, 48.8)
    assert scene.footprint.bounds == scene.bounds
    assert scene.quicklook.url.endswith("t.png")
    assert scene.assets[0].common_name == "red"


def test_open_ends_and_any_cloud() -> None:
    service = astra((200, {"features": []}))
    service.search_scenes(SceneQuery(QUERY.aoi, "2026-05-01"))
    assert searched(service)["datetime"] == "2026-05-01/.."
    assert "cloud_cover_lt" not in searched(service)


def test_scenes_come_newest_first_and_those_without_cloud_stay() -> None:
    listed = [feature("a:1", "2026-05-01T10:00:00Z"), feature("a:2", "2026-05-09T10:00:00Z", **{"eo:cloud_cover": None}),
              feature("a:3", "2026-05-05T10:00:00Z", **{"eo:cloud_cover": 20.005})]  # fmt: skip
    page = astra((200, {"features": listed})).search_scenes(QUERY)
    assert [scene.id for scene in page.scenes] == ["a:2", "a:1"]
    assert page.more is None


def test_a_full_page_names_the_next_one() -> None:
    listed = [feature(f"a:{day}", f"2026-05-{day:02d}T10:00:00Z") for day in range(10, 12)]
    page = astra((200, {"features": listed})).search_scenes(replace(QUERY, limit=2))
    assert page.more == replace(QUERY, limit=2, end="2026-05-10")


def test_warnings_of_both_dialects_are_sentences() -> None:
    warnings = [{"provider": "usgs", "code": "PROVIDER_TIMEOUT", "message": "No answer in time."}, "As text."]
    page = astra((200, {"features": [], "warnings": warnings})).search_scenes(QUERY)
    assert page.warnings == ("usgs: No answer in time.", "As text.")


def test_unknown_collections_are_left_out_with_a_word() -> None:
    service = astra((200, {"features": [], "warnings": ["No providers match the requested collections"]}), (200, {"features": [feature()]}))
    page = service.search_scenes(QUERY)
    assert len(page.scenes) == 1
    assert "all collections" in page.warnings[0]
    assert "collections" not in searched(service)


def test_an_area_on_both_sides_of_the_meridian_is_searched_twice() -> None:
    both = Aoi((*from_bounds(179, -18, 180, -17).polygons, *from_bounds(-180, -18, -179, -17).polygons))
    service = astra((200, {"features": [feature()]}))
    assert len(service.search_scenes(replace(QUERY, aoi=both)).scenes) == 1
    assert len(service.transport.calls) == 2
    assert sorted(boxes(from_bounds(179, -18, 181, -17))) == [(-180.0, -18.0, -179.0, -17.0), (179.0, -18.0, 180.0, -17.0)]


def test_an_area_without_surface_is_not_searched() -> None:
    service = astra()
    with pytest.raises(errors.InvalidRequest):
        service.search_scenes(replace(QUERY, aoi=from_bounds(11, 48, 11, 49)))
    assert service.transport.calls == []


@pytest.mark.parametrize("item", [{}, {"id": 5}, {"id": ""}])
def test_features_without_an_id_are_left_out(item: Any) -> None:
    assert astra((200, {"features": [item, "text", feature()]})).search_scenes(QUERY).scenes[0].id == AFTER


def test_assets_of_both_dialects() -> None:
    as_documented = {"assets": {"B04": {"href": LINK, "title": "Red (B04)", "file:size": 5, "eo:bands": [{"common_name": "red"}],
                                        "expires_at": "2026-05-04T16:00:00Z"}}}  # fmt: skip
    as_coded = {"assets": [{"band": "red", "status": "ready", "url": LINK, "type": "image/tiff"},
                           {"band": "xyz", "status": "error", "error": 'Band "xyz" not found'}]}  # fmt: skip
    scene = Scene(AFTER, "astra")
    first, = astra((200, as_documented)).scene_assets(scene)
    second, = astra((200, as_coded)).scene_assets(scene)
    assert (first.name, first.common_name, first.size, first.expires_at) == ("B04", "red", 5, "2026-05-04T16:00:00Z")
    assert (second.name, second.common_name, second.url) == ("red", "red", LINK)


def test_assets_that_cannot_be_had_are_told() -> None:
    with pytest.raises(errors.NotFound, match="not found"):
        astra((200, {"assets": [{"band": "red", "status": "error", "error": "Band not found"}]})).scene_assets(Scene(AFTER, "astra"))


def test_the_quicklook_of_the_search_costs_no_call() -> None:
    service = astra((200, feature()))
    with_one = service.search_scenes  # the script answers a search with a single item: no features
    assert with_one(QUERY).scenes == ()
    picture = service.quicklook(Scene(AFTER, "astra"))
    assert picture.url.endswith("t.png")
    assert service.transport.calls[-1][0].url.endswith("/scenes/sentinel-2%3A" + AFTER.partition(":")[2])
    before = len(service.transport.calls)
    assert service.quicklook(Scene(AFTER, "astra", quicklook=picture)) is picture
    assert len(service.transport.calls) == before


# Values


@pytest.mark.parametrize(("scene_id", "day"), [(AFTER, "2026-05-04T10:30:21"), (LANDSAT, "2026-05-04T00:00:00"), ("planet:20269999", None)])
def test_dates_are_read_from_ids(scene_id: str, day: Optional[str]) -> None:
    found = taken_at(scene_id)
    assert (found and found.isoformat()[:19]) == day


def test_time_order() -> None:
    assert in_time_order([AFTER, LANDSAT, BEFORE]) == (BEFORE, LANDSAT, AFTER)


def test_coverage_in_percent() -> None:
    scene = Scene(AFTER, "astra", footprint=from_bounds(0, 0, 1, 1))
    assert coverage(scene, from_bounds(0.5, 0, 1.5, 1)) == pytest.approx(50)
    assert coverage(scene, from_bounds(5, 5, 6, 6)) == 0
    assert coverage(Scene(AFTER, "astra"), from_bounds(0, 0, 1, 1)) is None


def test_a_budget_follows_the_limit_that_the_service_tells() -> None:
    now = [0.0]
    budget = Budget(0.25, 1, clock=lambda: now[0], limit_header="x-ratelimit-limit")
    budget.take(Cancel())
    assert budget._reserve() == pytest.approx(4)
    budget.learn({"x-ratelimit-limit": "120"})
    now[0] += 4
    assert budget._reserve() <= 1
    budget.learn({"x-ratelimit-limit": "unlimited"})
    now[0] += 1
    assert budget._reserve() <= 1
