"""Sentinel Hub over its persona: what is sent, where secrets go, and how its tokens are used."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.cases import JUNE, TOWN
from contract.hub import NDVI, connected
from contract.play import Play
from groundtrack.aoi import from_bounds
from groundtrack.jobs.job import State
from groundtrack.providers import errors
from groundtrack.providers.base import Phase, Severity
from groundtrack.providers.hub import oauth
from groundtrack.providers.object_storage import Place
from groundtrack.providers.operation import Request

# What is sent


def test_with_a_role_the_key_pair_stays_here(hub: Play) -> None:
    provider = connected(hub.sim)
    provider.submit(NDVI)
    (sent,) = hub.sent("POST", "/api/v1/async/process")
    assert sent.json["output"]["delivery"]["s3"]["iamRoleARN"] == hub.sim.s3.role_arn
    assert hub.sim.s3.reader.secret not in sent.body.decode()
    assert hub.sim.s3.reader.key_id not in sent.body.decode()


def test_without_a_role_the_real_pair_is_sent_and_never_shown(hub: Play) -> None:
    user = hub.sim.s3.user
    provider = connected(hub.sim, public={"s3_role_arn": ""}, s3_access_key=user.key_id, s3_secret_key=user.secret)
    call = provider.build(NDVI)
    handle = provider.submit(NDVI)
    (sent,) = hub.sent("POST", "/api/v1/async/process")
    delivery = sent.json["output"]["delivery"]["s3"]
    assert (delivery["accessKey"], delivery["secretAccessKey"]) == (user.key_id, user.secret)
    shown = [call.preview(), call.as_curl(), repr(call), json.dumps(call.body), repr(provider.account), repr(handle)]
    for secret in (user.secret, user.key_id, hub.sim.sentinelhub.client_secret):
        assert not [text for text in shown if secret in text]


def test_a_job_with_all_its_secrets_leaves_none_of_them_here(hub: Play, ends: Any, tmp_path: Path) -> None:
    user = hub.sim.s3.user
    provider = connected(hub.sim, pace=0.001, public={"s3_role_arn": ""}, s3_access_key=user.key_id, s3_secret_key=user.secret)
    job = ends(provider=provider)
    assert job.state is State.FETCHED, job.message
    ends(provider=connected(hub.sim, pace=0.001, public={"s3_role_arn": ""}, s3_access_key=user.key_id, s3_secret_key=user.secret),
         fail_message=f"Cannot write with {user.secret}")
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (user.secret, hub.sim.sentinelhub.client_secret):
        assert secret.encode() not in written


def test_a_long_script_goes_into_the_bucket_first(hub: Play) -> None:
    user = hub.sim.s3.user
    provider = connected(hub.sim, public={"s3_role_arn": ""}, s3_access_key=user.key_id, s3_secret_key=user.secret)
    script = "//VERSION=3\n" + "// much to say about this script\n" * 8000 + NDVI_SCRIPT
    handle = provider.submit(Request("process", {**JUNE, "evalscript": script}, TOWN, "long"))
    (sent,) = hub.sent("POST", "/api/v1/async/process")
    assert "evalscript" not in sent.json
    place = Place("s3", hub.sim.s3.bucket, "").url
    key = sent.json["evalscriptReference"]["s3"]["url"].removeprefix(place + "/")
    assert hub.sim.s3.read(key).decode() == script
    assert hub.sim.sentinelhub.jobs[handle.remote_id].trouble == ""
    assert provider.recover(Request("process", {**JUNE, "evalscript": script}, TOWN, "long"), 0, []).remote_id == handle.remote_id


NDVI_SCRIPT = """function setup() { return { input: ["B04", "B08", "dataMask"], output: { bands: 1, sampleType: "FLOAT32" } }; }
function evaluatePixel(px) { return [px.B08]; }
"""


def test_a_large_area_is_refused_or_split_into_tiles_that_fit(hub: Play) -> None:
    wide = Request("process", {**JUNE, "evalscript": "scl", "resolution": 2.5}, from_bounds(11.0, 48.0, 11.6, 48.05))
    provider = connected(hub.sim)
    (problem,) = [item for item in provider.problems(wide) if item.severity is Severity.ERROR]
    assert "10,000 pixels" in problem.message
    parts = provider.split(replace(wide, values={**wide.values, "split": True}))
    assert provider.split(wide) == (wide,)
    (tiled,) = problem.repair.apply(wide)
    assert provider.split(tiled) == parts
    hub.sim.sentinelhub.settings.concurrent = 10
    handles = [provider.submit(replace(part, tag=f"tile{number}")) for number, part in enumerate(parts)]
    boxes = [request.json["input"]["bounds"]["bbox"] for request in hub.sent("POST", "/api/v1/async/process")]
    assert len({handle.remote_id for handle in handles}) == len(parts) == 2
    assert boxes[0][2] == boxes[1][0]
    assert (boxes[0][1], boxes[0][3]) == (boxes[1][1], boxes[1][3])


# Signing in


def test_one_token_serves_all_providers_of_a_client(hub: Play) -> None:
    for _ in range(3):
        connected(hub.sim).check()
    assert hub.sim.sentinelhub.token_requests == {hub.sim.sentinelhub.client_id: 1}
    other = hub.sim.sentinelhub
    connected(hub.sim, public={"client_id": other.second_client_id}, client_secret=other.second_client_secret).check()
    assert len(hub.sim.sentinelhub.token_requests) == 2


def test_a_revoked_token_is_replaced_once_also_for_a_submission(hub: Play) -> None:
    provider = connected(hub.sim)
    provider.check()
    hub.sim.sentinelhub.revoke_tokens()
    assert provider.submit(NDVI).remote_id
    assert hub.sim.sentinelhub.token_requests[hub.sim.sentinelhub.client_id] == 2
    assert len(hub.sim.sentinelhub.jobs) == 1


def test_a_service_that_accepts_no_token_ends_in_one_clear_error(hub: Play) -> None:
    hub.sim.sentinelhub.settings.reject_tokens = True
    with pytest.raises(errors.AuthError) as caught:
        connected(hub.sim).submit(NDVI)
    assert caught.value.status == 401
    assert len(hub.sent("POST", "/api/v1/async/process")) == 2


def test_a_token_that_lasts_seconds_is_renewed_before_its_end(hub: Play) -> None:
    hub.sim.sentinelhub.settings.token_seconds = 2
    provider = connected(hub.sim)
    provider.check()
    token = oauth._held[oauth._place(provider.settings)[0]]
    assert 0 < token.stale - time.monotonic() <= 1
    assert "eyJ" not in repr(token)


@pytest.mark.parametrize("bare", [True, False])
def test_a_rate_limit_waits_as_many_milliseconds_as_asked(hub: Play, bare: bool) -> None:
    hub.sim.sentinelhub.settings.bare_limits = bare
    provider = connected(hub.sim)
    handle = provider.submit(NDVI)
    hub.sim.fault("rate_limit", path="/api/v1/async/process/*", retry_after=1500)
    assert provider.statuses([handle])[handle.remote_id].phase is Phase.RUNNING
    first, second = hub.sent("GET", "/api/v1/async/process/*")
    assert 1.4 <= second.at - first.at < 10


def test_too_many_jobs_wait_for_a_slot(hub: Play) -> None:
    provider = connected(hub.sim)
    for number in range(2):
        provider.submit(replace(NDVI, tag=f"n{number}"))
    with pytest.raises(errors.QuotaError) as caught:
        provider.submit(NDVI)
    assert caught.value.retryable
    assert caught.value.retry_after is None


def test_a_wrong_path_style_is_a_matter_of_the_account(hub: Play) -> None:
    hub.sim.sentinelhub.settings.path_styles = "B"
    with pytest.raises(errors.ConfigError, match="path style B"):
        connected(hub.sim).submit(NDVI)
    assert connected(hub.sim, public={"path_style": "B"}).submit(NDVI).remote_id


def test_violations_are_shown_one_by_one(hub: Play) -> None:
    hub.sim.sentinelhub.settings.forbidden_types = ["sentinel-2-l2a"]
    with pytest.raises(errors.AuthError, match="not authorized"):
        connected(hub.sim).submit(NDVI)
    for shape in ("array", "object"):
        hub.sim.sentinelhub.settings.errors_as = shape
        with pytest.raises(errors.InvalidRequest, match="iamRoleARN"):
            connected(hub.sim, public={"s3_role_arn": "not-a-role"}).submit(NDVI)
