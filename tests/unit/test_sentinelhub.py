"""Sentinel Hub without a network: what a request says, what is refused before any call, what it costs, what its errors mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Account, Handle, Phase, Secrets, Severity
from groundtrack.providers.fields import parse_all
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.hub import outcome, verdict
from groundtrack.providers.hub.account import DEPLOYMENTS, Settings, policies
from groundtrack.providers.hub.form import FIELDS, PACE, without_tile
from groundtrack.providers.object_storage import Stored, place_of
from groundtrack.providers.operation import Request
from groundtrack.providers.sentinelhub import SentinelHub
from groundtrack.providers.transport import Options

TOWN = from_bounds(11.5, 48.1, 11.52, 48.12)
DAYS = {"date_start": "2024-06-01", "date_end": "2024-06-30", "evalscript": "ndvi"}
ROLE = "arn:aws:iam::123456789012:role/delivery"
TWO = """//VERSION=3
function setup() {
  return { input: [{ bands: ["B04"], datasource: "optical" }, { bands: ["VV"], datasource: "radar" }], output: { bands: 1 } };
}
function evaluatePixel(s) { return [1]; }
"""


class Silence:
    """A transport that must not be used."""

    pace = 1.0

    def send(self, call: HttpCall, options: Options) -> Reply:
        raise AssertionError(f"{call.url} was called")


def hub(secrets: dict[str, str] | None = None, **public: str) -> SentinelHub:
    known = {"client_id": "id", "bucket_url": "s3://bucket/folder", "s3_role_arn": ROLE, **public}
    return SentinelHub(Account("sentinelhub", "test", known, Secrets({"client_secret": "hush", **(secrets or {})})), Silence())


def request(aoi: Aoi = TOWN, tag: str = "tag", **values: Any) -> Request:
    return Request("process", {**DAYS, **values}, aoi, tag)


def body(asked: Request, provider: SentinelHub | None = None) -> dict[str, Any]:
    return (provider or hub()).build(asked).body


def complaints(asked: Request, provider: SentinelHub | None = None) -> list[str]:
    return [item.message for item in (provider or hub()).problems(asked) if item.severity is Severity.ERROR]


def doubts(asked: Request) -> list[str]:
    return [item.message for item in hub().problems(asked) if item.severity is Severity.WARNING]


# What is sent


def test_the_usual_request_in_full() -> None:
    sent = body(request(max_cloud_cover=30, mosaicking_order="leastCC"))
    assert sent["input"]["data"] == [{
        "type": "sentinel-2-l2a",
        "dataFilter": {"timeRange": {"from": "2024-06-01T00:00:00Z", "to": "2024-06-30T23:59:59Z"}, "maxCloudCoverage": 30,
                       "mosaickingOrder": "leastCC"},
    }]  # fmt: skip
    assert sent["output"]["responses"] == [{"identifier": "default", "format": {"type": "image/tiff"}}]
    assert sent["output"]["delivery"] == {"s3": {"url": "s3://bucket/folder/tag", "iamRoleARN": ROLE}}
    assert sent["input"]["bounds"]["properties"] == {"crs": "http://www.opengis.net/def/crs/EPSG/0/32632"}
    assert sent["evalscript"].startswith("//VERSION=3")
    assert set(sent) == {"input", "output", "evalscript"}


@pytest.mark.parametrize("metres", [10, 20, 60, 7.5])
def test_width_times_resolution_is_the_extent(metres: float) -> None:
    sent = body(request(resolution=metres))
    west, south, east, north = sent["input"]["bounds"]["bbox"]
    assert (east - west, north - south) == (sent["output"]["width"] * metres, sent["output"]["height"] * metres)


def test_the_outline_is_sent_unless_it_is_not_wanted() -> None:
    assert body(request())["input"]["bounds"]["geometry"]["type"] == "Polygon"
    two = Aoi((*TOWN.polygons, *from_bounds(11.52, 48.12, 11.53, 48.13).polygons))
    assert body(request(two))["input"]["bounds"]["geometry"]["type"] == "MultiPolygon"
    assert "geometry" not in body(request(clip=False))["input"]["bounds"]


@pytest.mark.parametrize("word", ["png", "PNG", "image/png", "Image/PNG"])
def test_formats_in_any_spelling(word: str) -> None:
    assert body(request(evalscript="true_color", format=word))["output"]["responses"][0]["format"] == {"type": "image/png"}


def test_options_go_where_their_collection_has_them() -> None:
    radar = request(collection="S1GRD", evalscript="s1_vv_vh", orthorectify=True, back_coefficient="GAMMA0_TERRAIN", polarization="DV",
                    speckle_filter="LEE", speckle_window=3, harmonize=False, max_cloud_cover=10, upsampling="BILINEAR")  # fmt: skip
    (source,) = body(radar)["input"]["data"]
    assert source["type"] == "sentinel-1-grd"
    assert source["processing"] == {"upsampling": "BILINEAR", "orthorectify": True, "backCoeff": "GAMMA0_TERRAIN",
                                    "speckleFilter": {"type": "LEE", "windowSizeX": 3, "windowSizeY": 3}}  # fmt: skip
    assert set(source["dataFilter"]) == {"timeRange", "mosaickingOrder", "polarization"}


def test_heights_have_no_days() -> None:
    script = 'function setup() { return { input: ["DEM"], output: { bands: 1, sampleType: "FLOAT32" } } }\nfunction evaluatePixel(s) {}'
    asked = Request("process", {"collection": "dem", "evalscript": "//VERSION=3\n" + script, "dem_instance": "COPERNICUS_30"}, TOWN)
    assert complaints(asked) == []
    assert body(asked)["input"]["data"] == [{"type": "dem", "dataFilter": {"demInstance": "COPERNICUS_30"}}]


def test_several_collections_have_the_names_that_the_script_uses() -> None:
    asked = request(evalscript=TWO, fusion='[{"type": "sentinel-1-grd", "id": "radar"}]')
    assert complaints(asked) == []
    first, second = body(asked)["input"]["data"]
    assert (first["id"], second["id"]) == ("optical", "radar")
    assert second["dataFilter"]["timeRange"] == first["dataFilter"]["timeRange"]


def test_own_collections_and_scripts_in_a_bucket() -> None:
    own = "byoc-12345678-1234-1234-1234-1234567890ab"
    sent = body(request(collection=own.upper(), evalscript="s3://scripts/mine.js"))
    assert sent["input"]["data"][0]["type"] == own
    assert sent["evalscriptReference"] == {"s3": {"url": "s3://scripts/mine.js", "iamRoleARN": ROLE}}
    assert "evalscript" not in sent


def test_google_takes_the_key_file_in_one_line_and_shows_it_nowhere() -> None:
    import base64

    key = base64.encodebytes(json.dumps({"client_email": "a@b", "token_uri": "https://x", "private_key": "P" * 90}).encode()).decode()
    provider = hub({"gs_credentials": key}, bucket_url="gs://bucket", s3_role_arn="")
    assert complaints(request(), provider) == []
    shown = provider.build(request())
    assert shown.body["output"]["delivery"]["gs"]["url"] == "gs://bucket/tag"
    assert "".join(key.split())[:30] not in shown.preview() + shown.as_curl()
    real = provider._body(request(), provider._plan(request()))
    assert real["output"]["delivery"]["gs"]["credentials"] == "".join(key.split())


# What is refused without any call


@pytest.mark.parametrize(("values", "part"), [
    ({"date_start": None}, "Start date is missing"),
    ({"date_start": "2024-07-01"}, "after the end"),
    ({"date_start": "2190-01-01", "date_end": "2190-01-02"}, "future"),
    ({"evalscript": ""}, "missing"),
    ({"evalscript": "no_such_script"}, "VERSION=3"),
    ({"format": "png"}, "FLOAT32"),
    ({"format": "gif"}, "Format"),
    ({"collection": "landsat-ot-l2"}, "not available"),
    ({"collection": "sentinel-9"}, "Collection"),
    ({"collection": "sentinel-1-grd", "evalscript": "s1_vv_vh", "mosaicking_order": "leastCC"}, "leastCC"),
    ({"collection": "sentinel-1-grd", "evalscript": "s1_vv_vh", "back_coefficient": "GAMMA0_TERRAIN"}, "orthorectification"),
    ({"collection": "sentinel-1-grd", "evalscript": "s1_vv_vh", "speckle_window": 9, "speckle_filter": "LEE"}, "largest value 7"),
    ({"max_cloud_cover": 101}, "largest value 100"),
    ({"crs": "EPSG:31468"}, "does not compute"),
    ({"width": 100}, "together"),
    ({"width": 10_001, "height": 5}, "10000"),
    ({"resolution": 0}, "smallest"),
    ({"resolution": 2000}, "coarser"),
    ({"responses": "other"}, "no output"),
    ({"evalscript": TWO}, "2 inputs"),
    ({"evalscript": TWO, "fusion": '[{"type": "nothing"}]'}, "nothing"),
    ({"evalscript": TWO, "fusion": '[{"type": "sentinel-1-grd", "filter": {}}]'}, "filter"),
    ({"tile": "0,0,99999,5"}, "no window"),
    ({"no_such_input": 1}, "no_such_input"),
], ids=str)  # fmt: skip
def test_wrong_requests_are_refused_before_any_call(values: dict[str, Any], part: str) -> None:
    assert part in " ".join(complaints(request(**values)))
    with pytest.raises(errors.InvalidRequest):
        hub().submit(request(**values))


def test_a_large_area_is_refused_with_the_limit_and_a_cure() -> None:
    (problem,) = [item for item in hub().problems(request(from_bounds(11, 48, 12.6, 48.2))) if item.severity is Severity.ERROR]
    assert "10,000 pixels" in problem.message
    (cured,) = problem.repair.apply(request(from_bounds(11, 48, 12.6, 48.2)))
    parts = hub().split(cured)
    assert len(parts) == 2
    for part in parts:
        assert complaints(part) == []
        assert hub().split(part) == (part,)
        assert Request.from_dict(json.loads(json.dumps(part.to_dict()))).values == part.values
    assert without_tile(parts[0]) == without_tile(parts[1])
    assert hub().fingerprint(parts[0]) != hub().fingerprint(parts[1])


def test_tiles_without_anything_of_the_area_are_left_out() -> None:
    corner = Aoi(((((11.0, 48.0), (13.5, 48.0), (13.5, 48.02), (11.02, 48.02), (11.02, 49.5), (11.0, 49.5), (11.0, 48.0)),),))
    parts = hub().split(request(corner, resolution=10, split=True))
    assert len(parts) == 3
    boxes = [body(part)["input"]["bounds"]["bbox"] for part in parts]
    assert all((box[0] - boxes[0][0]) % 10 == 0 and (box[1] - boxes[0][1]) % 10 == 0 for box in boxes)


def test_an_area_that_would_take_too_many_jobs_is_only_refused() -> None:
    (problem,) = [item for item in hub().problems(request(from_bounds(0, 40, 15, 55), split=True)) if item.severity is Severity.ERROR]
    assert problem.repair is None
    assert "jobs" in problem.message


def test_splitting_never_raises() -> None:
    for values in ({"evalscript": "", "split": True}, {"crs": "nonsense", "split": True}, {"split": "perhaps"}):
        assert len(hub().split(request(**values))) == 1


def test_parts_that_lie_apart_are_remarked_on() -> None:
    apart = Aoi((*TOWN.polygons, *from_bounds(12.0, 48.4, 12.02, 48.42).polygons))
    assert any("rectangle" in text for text in doubts(request(apart, resolution=60)))


@pytest.mark.parametrize(("public", "part"), [
    ({"bucket_url": ""}, "no bucket"), ({"bucket_url": "bucket"}, "not a bucket address"), ({"s3_role_arn": ""}, "may write"),
    ({"bucket_url": "gs://bucket/x"}, "no Google credentials"),
    ({"bucket_url": "gs://bucket/x", "deployment": "cdse"}, "S3 storage only"),
])  # fmt: skip
def test_an_account_that_cannot_deliver_is_said_before_any_call(public: dict[str, str], part: str) -> None:
    assert part in " ".join(complaints(request(), hub(**public)))


# The account


def test_deployments_by_choice_or_address() -> None:
    assert hub().settings.deployment.title == "Frankfurt"
    assert hub(deployment="cdse").settings.base == "https://sh.dataspace.copernicus.eu"
    assert "identity.dataspace" in hub(deployment="cdse").settings.token_url
    oregon = hub(url="https://services-uswest2.sentinel-hub.com/").settings
    assert (oregon.deployment.key, oregon.base) == ("aws-us-west-2", "https://services-uswest2.sentinel-hub.com")
    assert oregon.token_url == DEPLOYMENTS[0].sign_in
    unknown = hub(url="http://127.0.0.1:9").settings
    assert (unknown.deployment.title, unknown.base) == ("Frankfurt", "http://127.0.0.1:9")


def test_each_deployment_offers_its_collections() -> None:
    chosen = {choice for choice, _ in hub(deployment="aws-us-west-2").operation("process").field("collection").choices}
    assert "landsat-ot-l2" in chosen
    assert "sentinel-2-l2a" not in chosen


def test_policies_can_be_copied() -> None:
    rights, trust = policies(place_of("s3://bucket/x"), "outside")
    assert "arn:aws:s3:::bucket/*" in rights
    assert '"sts:ExternalId": "outside"' in trust
    assert "ExternalId" not in policies(place_of("s3://bucket"))[1]


def test_secrets_are_taken_out_of_what_the_service_says() -> None:
    settings = Settings(Account("sentinelhub", "a", {}, Secrets({"client_secret": "hushhush"})))
    assert "hushhush" not in settings.scrubbed("cannot use hushhush")


# Cost


def test_the_estimate_shows_its_working_and_doubts() -> None:
    cost = hub().estimate(request(resolution=60))
    assert cost.unit == "PU"
    assert "32-bit float" in cost.note
    assert "minimum of 10 PU" in cost.note
    assert hub(deployment="cdse", s3_role_arn="").estimate(request(resolution=60)).amount == 10


def test_delivery_elsewhere_costs_more() -> None:
    same, other = hub().estimate(request()), hub(s3_region="us-west-2").estimate(request())
    assert hub(s3_region="eu-central-1").estimate(request()).amount == same.amount
    assert other.amount > same.amount
    assert "another region" in other.note


def test_a_script_that_cannot_be_read_has_no_price() -> None:
    assert str(hub().estimate(request(evalscript="s3://scripts/mine.js"))) == ""


# Answers


@pytest.mark.parametrize(("status", "told", "kind", "part"), [
    (400, {"error": {"status": 400, "reason": "Bad Request", "message": "Payload.", "code": "COMMON_BAD_PAYLOAD",
                     "errors": [{"parameter": "output->resx", "violation": "large"}]}}, errors.InvalidRequest, "output->resx: large"),
    (400, {"error": {"message": "Payload.", "errors": {"parameter": "output", "violation": "bad"}}}, errors.InvalidRequest, "output: bad"),
    (429, {"status": 429, "reason": "Too Many", "message": "Slow down", "code": "RATE_LIMIT_EXCEEDED"}, errors.QuotaError, "Slow down"),
    (403, {"code": 403, "description": "Not for you"}, errors.AuthError, "Not for you"),
    (401, {"error": "invalid_client", "error_description": "Wrong client"}, errors.AuthError, "Wrong client"),
    (500, {"error": {"code": "COMMON_EXCEPTION", "message": "Oh"}}, errors.ServiceError, "Oh"),
    (400, {"error": {"code": "COMMON_EXCEPTION", "message": "Coarse"}}, errors.InvalidRequest, "Coarse"),
    (502, "<html>Bad gateway</html>", errors.ServiceError, "Bad gateway"),
    (404, {"error": {"code": "COMMON_NOT_FOUND", "message": "None"}}, errors.NotFound, "None"),
])  # fmt: skip
def test_errors_in_every_shape(status: int, told: Any, kind: type, part: str) -> None:
    data = told.encode() if isinstance(told, str) else json.dumps(told).encode()
    problem = hub().problem_of(Reply(status, {}, data, "https://services.sentinel-hub.com/x"))
    assert type(problem) is kind
    assert part in str(problem)


def test_one_request_too_large_for_any_limit_is_not_tried_again() -> None:
    data = b'{"error": {"code": "RATE_LIMIT_TOKEN_COUNT_EXCEEDS_CAPACITY", "message": "Too large"}}'
    assert not hub().problem_of(Reply(429, {"retry-after": "100"}, data, "https://x")).retryable


@pytest.mark.parametrize(("text", "message"), [
    (b'{"message": "Flat"}', "Flat"), (b'{"error": {"message": "Wrapped"}}', "Wrapped"), (b'{"error": {"reason": "Reason"}}', "Reason"),
    (b'{"error": "Word"}', "Word"), (b"plain words", "plain words"), (b'{"message": "cut', '{"message": "cut'), (b"", "no reason"),
])  # fmt: skip
def test_error_reports_in_every_shape(text: bytes, message: str) -> None:
    assert message in outcome.said(text)


HANDLE = Handle("00000000-0000-4000-8000-000000000000", {"place": "s3://bucket/tag", "outputs": "default.tif", "size": "5,5", "sent": "1"})


def test_a_file_that_still_grows_is_waited_for() -> None:
    small, large = (outcome.Look({"default.tif": Stored("k", size, "m")}) for size in (5, 6))
    status = verdict.judged(hub().settings, None, HANDLE, small, large, 1.0)
    assert status.phase is Phase.RUNNING
    assert status.again == 5.0
    assert status.extra["ended"]


def test_waits_grow_until_the_grace_is_over() -> None:
    import time

    for passed, again in ((0, 5), (12, 12), (300, 60)):
        handle = Handle(HANDLE.remote_id, {**HANDLE.extra, "ended": str(time.time() - passed)})
        status = verdict.unsettled(hub().settings, handle, outcome.Look(missing=("default.tif",)), 1.0)
        assert status.again == pytest.approx(again, abs=1)
    old = Handle(HANDLE.remote_id, {**HANDLE.extra, "ended": str(time.time() - 901)})
    assert verdict.unsettled(hub().settings, old, outcome.Look(missing=("default.tif",)), 1.0).phase is Phase.UNRESOLVED


def test_jobs_are_asked_for_less_and_less_often() -> None:
    assert [PACE.interval(age) for age in (0, 119, 121, 1799, 1801)] == [10, 10, 30, 30, 60]


def test_every_default_is_valid_and_most_are_not_sent() -> None:
    values, wrong = parse_all(FIELDS, DAYS)
    assert wrong == {}
    assert set(body(request())["input"]["data"][0]) == {"type", "dataFilter"}
    assert values["format"] == "tiff"
