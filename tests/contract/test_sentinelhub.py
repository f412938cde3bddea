"""Sentinel Hub from the request to the file on disk, over its persona and real storage: ends, secrets, accounts, lost answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES, JUNE, TOWN
from contract.play import Play
from groundtrack.aoi import from_bounds
from groundtrack.jobs.job import Job, State, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Step, Steps
from groundtrack.providers import errors
from groundtrack.providers.base import Account, Phase, Secrets, Severity
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.hub import oauth
from groundtrack.providers.object_storage import NoBucket, Place, StorageRefused, probe
from groundtrack.providers.operation import Request
from groundtrack.providers.scenes import SceneQuery
from groundtrack.providers.sentinelhub import SentinelHub
from groundtrack.providers.stores.s3 import S3Access, S3Store
from groundtrack.providers.transport import Network, RequestsTransport
from simulator import Simulator
from simulator.object_storage import Key

PACE = 0.02
NDVI = Request("process", {**JUNE, "evalscript": "ndvi"}, TOWN)
OPEN: list[RequestsTransport] = []


@pytest.fixture
def hub(sim: Simulator) -> Iterator[Play]:
    play = Play(CASES["sentinelhub"], sim)
    yield play
    play.close()
    while OPEN:
        OPEN.pop().close()


def account(sim: Simulator, *, public: Mapping[str, str] | None = None, **secrets: str) -> Account:
    case = CASES["sentinelhub"]
    known = {**case.public(sim), **(public or {})}
    kept = {name: value for name, value in known.items() if value}
    return Account("sentinelhub", "test", kept, Secrets({**case.secrets(sim), **secrets}))


def connected(sim: Simulator, *, pace: float = PACE, public: Mapping[str, str] | None = None, **secrets: str) -> SentinelHub:
    OPEN.append(RequestsTransport(Network(timeout=(2, 10), pace=pace)))
    return SentinelHub(account(sim, public=public, **secrets), OPEN[-1])


def google(sim: Simulator, name: str = "writer") -> dict[str, Any]:
    return {"public": {"bucket_url": f"gs://{sim.gcs.bucket}/x{sim.sentinelhub.url.rpartition(':')[2]}", "s3_role_arn": ""},
            "gs_credentials": sim.gcs.credentials(name)}


@pytest.fixture
def ends(hub: Play, tmp_path: Path) -> Any:
    """A function that follows a request to its end; our clock and the service's run fast together."""

    def follow(request: Request = NDVI, provider: SentinelHub | None = None, **plan: Any) -> Job:
        if plan:
            hub.sim.sentinelhub.next_job(**plan)
        journal = Journal(tmp_path / "journal.sqlite")
        steps, provider = Steps(journal, pace=0.001), provider or connected(hub.sim, pace=0.001)
        job = new_job("sentinelhub", "test", request, time.time(), origin="toolbox")
        journal.add_all([job])
        step = steps.submit(job, provider)
        deadline = time.monotonic() + 20
        while step.delay is not None and time.monotonic() < deadline:
            hub.sim.clock.advance(step.delay / 0.001)
            Cancel().wait(step.delay)
            step = _next(steps, step, provider, tmp_path)
        journal.close()
        provider.transport.close()
        return step.job

    return follow


def _next(steps: Steps, step: Step, provider: SentinelHub, folder: Path) -> Step:
    job = step.job
    if job.state in (State.QUEUED, State.RUNNING):
        return steps.poll([job], provider)[0]
    if job.state is State.SUCCEEDED:
        return steps.fetch(job, provider, folder / job.id, Cancel(), lambda _: None)
    return steps.recover(job, provider)


# How a job ends


def test_a_result_arrives_byte_for_byte_with_the_services_cost(hub: Play, ends: Any) -> None:
    job = ends()
    assert job.state is State.FETCHED, job.message
    (file,) = map(Path, job.files)
    assert file.name == "default.tif"
    assert file.read_bytes() == hub.sim.s3.read(hub.sim.sentinelhub.expected(job.remote_id).files["default"].key)
    assert job.cost == f"{round(hub.sim.sentinelhub.jobs[job.remote_id].cost, 6):.10g} PU"


def test_google_cloud_storage_delivers_as_well(hub: Play, ends: Any) -> None:
    job = ends(provider=connected(hub.sim, pace=0.001, **google(hub.sim)))
    assert job.state is State.FETCHED, job.message
    assert Path(job.files[0]).read_bytes() == hub.sim.gcs.read(hub.sim.sentinelhub.expected(job.remote_id).files["default"].key)


@pytest.mark.parametrize(("plan", "state", "part"), [
    ({"fail_message": "Out of memory."}, State.FAILED, "Out of memory. The job failed"),
    ({"fail_message": "Odd.", "error_shape": "wrapped"}, State.FAILED, "Odd."),
    ({"fail_message": "Cut short.", "error_shape": "invalid"}, State.FAILED, "Cut short"),
    ({"fail_message": "Plain words.", "error_shape": "text"}, State.FAILED, "Plain words"),
    ({"fail_message": "Half.", "partial": 1}, State.FAILED, "stay in the bucket"),
    ({"error_after": True}, State.FAILED, "stay in the bucket"),
    ({"outcome": "nothing"}, State.UNRESOLVED, "neither a result nor error.json"),
    ({"write_denied": True}, State.UNRESOLVED, "s3:PutObject"),
    ({"file": "html"}, State.UNRESOLVED, "no TIF file"),
    ({"file": "wrong_size"}, State.UNRESOLVED, "were asked for"),
    ({"file": "empty"}, State.UNRESOLVED, "default.tif"),
    ({"delay": 45.0}, State.FETCHED, ""),
    ({"hidden_for": 20.0, "run_time": 60.0}, State.FETCHED, ""),
    ({"run_time": 0.0}, State.FETCHED, ""),
    ({"long_extension": True}, State.FETCHED, ""),
    ({"copy": False}, State.FETCHED, ""),
], ids=str)  # fmt: skip
def test_what_lies_in_the_bucket_decides(ends: Any, plan: dict[str, Any], state: State, part: str) -> None:
    job = ends(**plan)
    assert job.state is state, job.message
    assert part in job.message


def test_only_one_of_two_outputs_is_not_a_result(ends: Any) -> None:
    job = ends(CASES["sentinelhub"].requests[1], outputs=1)
    assert job.state is State.UNRESOLVED
    assert "only default.tif was found" in job.message


def test_a_result_that_comes_after_all_overrides(hub: Play, ends: Any) -> None:
    job = ends(outcome="nothing")
    assert job.state is State.UNRESOLVED
    key = hub.sim.sentinelhub.expected(job.remote_id).files["default"].key
    other = ends()
    hub.sim.s3.write(key, Path(other.files[0]).read_bytes())
    provider = connected(hub.sim)
    assert provider.statuses([job.handle])[job.remote_id].phase is Phase.SUCCEEDED


@pytest.mark.parametrize(("user", "part"), [("nobody", "s3:ListBucket"), ("no_get", "s3:GetObject")])
def test_storage_that_refuses_us_is_said_with_the_permission(hub: Play, ends: Any, user: str, part: str) -> None:
    key: Key = getattr(hub.sim.s3, user)
    job = ends(provider=connected(hub.sim, pace=0.001, s3_access_key=key.key_id, s3_secret_key=key.secret))
    assert job.state is State.CANNOT_READ, job.message
    assert part in job.message


def test_permission_to_get_alone_is_enough(hub: Play, ends: Any) -> None:
    key = hub.sim.s3.no_list
    job = ends(provider=connected(hub.sim, pace=0.001, s3_access_key=key.key_id, s3_secret_key=key.secret))
    assert job.state is State.FETCHED, job.message


def test_a_wrong_storage_key_is_said_at_once(hub: Play) -> None:
    provider = connected(hub.sim, s3_secret_key="nothing like it")
    handle = provider.submit(replace(NDVI, tag="wrong"))
    hub.sim.sentinelhub.finish(handle.remote_id)
    status = provider.statuses([handle])[handle.remote_id]
    assert status.phase is Phase.CANNOT_READ
    assert "signature" in status.message.lower()


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
    assert problem.repair.apply(wide) == parts
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


# Storage


def test_the_storage_test_names_the_permission_that_is_missing(hub: Play) -> None:
    user = hub.sim.s3.user
    found = connected(hub.sim, s3_access_key=user.key_id, s3_secret_key=user.secret).test_storage()
    assert found.missing == ("s3:DeleteObject",)
    poor = hub.sim.s3.no_write
    found = connected(hub.sim, s3_access_key=poor.key_id, s3_secret_key=poor.secret).test_storage()
    assert "s3:PutObject" in found.missing
    admin = hub.sim.s3.admin
    before = hub.sim.s3.keys()
    assert connected(hub.sim, s3_access_key=admin.key_id, s3_secret_key=admin.secret).test_storage().good
    assert hub.sim.s3.keys() == before


@pytest.mark.parametrize(("name", "missing"), [
    ("writer", ()), ("reader", ("storage.objects.create",)),
    ("creator", ("storage.objects.list", "storage.objects.get", "storage.objects.delete")),
])  # fmt: skip
def test_so_it_does_for_google(hub: Play, name: str, missing: tuple[str, ...]) -> None:
    assert connected(hub.sim, **google(hub.sim, name)).test_storage().missing == missing


def test_a_bucket_that_does_not_exist_is_named(hub: Play) -> None:
    with pytest.raises(NoBucket, match="gt-none"):
        connected(hub.sim, public={"bucket_url": "s3://gt-none/x"}).test_storage()


def test_a_bucket_of_another_region_is_found(hub: Play) -> None:
    admin = hub.sim.s3.admin
    store = S3Store(hub.sim.s3.oregon_bucket, S3Access(admin.key_id, admin.secret, region="eu-central-1", endpoint=hub.sim.s3.endpoint),
                    hub.transport, Cancel())
    assert probe(store, "region").good
    hub.sim.s3.write("elsewhere.txt", b"content", hub.sim.s3.oregon_bucket)
    fresh = S3Store(hub.sim.s3.oregon_bucket, S3Access(admin.key_id, admin.secret, region="eu-central-1", endpoint=hub.sim.s3.endpoint),
                    hub.transport, Cancel())
    assert b"".join(fresh.open("elsewhere.txt").blocks()) == b"content"


def test_a_role_that_reads_is_assumed(hub: Play) -> None:
    s3 = hub.sim.s3
    arn = s3.make_role(f"reading-{time.monotonic_ns()}", ("s3:GetObject", "s3:ListBucket"), "arn:aws:iam::123456789012:user/admin")
    s3.write("role.txt", b"by role")
    def store(key: Key) -> S3Store:
        return S3Store(s3.bucket, S3Access(key.key_id, key.secret, "", arn, s3.region, s3.endpoint), hub.transport, Cancel())

    assert store(s3.admin).read("role.txt") == b"by role"
    with pytest.raises(StorageRefused, match="cannot be assumed"):
        store(s3.nobody).read("role.txt")


def test_listings_of_many_pages_are_whole(hub: Play) -> None:
    s3 = hub.sim.s3
    for number in range(5):
        s3.write(f"many/{number}.txt", b"x")
    access = S3Access(s3.reader.key_id, s3.reader.secret, region=s3.region, endpoint=s3.endpoint)
    store = S3Store(s3.bucket, access, hub.transport, Cancel())
    assert [item.key for item in store.list("many/")] == [f"many/{number}.txt" for number in range(5)]


def test_two_accounts_never_mix_their_keys(hub: Play) -> None:
    s3 = hub.sim.s3
    first = connected(hub.sim, s3_access_key=s3.user.key_id, s3_secret_key=s3.user.secret)
    second = connected(hub.sim, public={"bucket_url": f"s3://{s3.second_bucket}/x"}, s3_access_key=s3.second_user.key_id,
                       s3_secret_key=s3.second_user.secret)
    before = len(s3.requests())
    first.test_storage()
    second.test_storage()
    used = {(request["path"].split("/")[1], request["key_id"]) for request in s3.requests()[before:] if request["service"] == "s3"}
    assert used == {(s3.bucket, s3.user.key_id), (s3.second_bucket, s3.second_user.key_id)}


# Scenes


def test_scenes_are_found_with_their_clouds_and_days(hub: Play) -> None:
    page = connected(hub.sim).search_scenes(SceneQuery(TOWN, "2024-06-01", "2024-06-30", 60, ("sentinel-2-l2a",)))
    assert page.scenes
    assert all(scene.cloud <= 60 and "2024-06-01" <= scene.taken[:10] <= "2024-06-30" for scene in page.scenes)
    assert [scene.taken for scene in page.scenes] == sorted((scene.taken for scene in page.scenes), reverse=True)


def test_pages_go_on_to_the_oldest_scene(hub: Play) -> None:
    hub.sim.sentinelhub.settings.crowded = True
    provider = connected(hub.sim)
    query, found = SceneQuery(TOWN, "2024-01-01", "2024-03-31", None, ("sentinel-2-l2a",), 20), set()
    for _ in range(20):
        page = provider.search_scenes(query)
        found |= {scene.id for scene in page.scenes}
        if page.more is None:
            break
        query = page.more
    assert len({re.search(r"\d{8}T", name)[0] for name in found}) == 91


@pytest.mark.parametrize("shape", ["scalars", "features"])
def test_a_script_that_sees_every_day_is_charged_for_the_days_there_are(hub: Play, shape: str) -> None:
    hub.sim.sentinelhub.settings.distinct_as = shape
    provider = connected(hub.sim)
    request = CASES["sentinelhub"].requests[1]
    cost = provider.estimate(request)
    days = len({scene.taken[:10] for scene in provider.search_scenes(SceneQuery(request.aoi, "2024-06-01", "2024-06-30")).scenes})
    assert days > 1
    assert f"Up to {days} days" in cost.note
