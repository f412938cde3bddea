"""The simulator keeps the promises of the Sentinel Hub contract, seen over real HTTP: tokens, jobs, delivery."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from osgeo import gdal
from simulator import Simulator
from simulator.client import START
from simulator.object_storage import FRANKFURT, OREGON, S3
from simulator.object_storage_gcs import Gcs
from simulator.sentinelhub_client import (
    BOTH,
    NDVI,
    POLYGON,
    PROCESS,
    SCL,
    TWO,
    SentinelhubClient,
    body,
    changed,
    response,
    s3_delivery,
)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    store = S3()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def gcs() -> Iterator[Gcs]:
    store = Gcs()
    yield store
    store.stop()


@pytest.fixture
def sim(s3: S3) -> Iterator[Simulator]:
    with Simulator(speed=0, start=START, s3=s3) as simulator:
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> SentinelhubClient:
    return SentinelhubClient(sim)


@pytest.fixture
def ndvi(sim: Simulator) -> dict[str, Any]:
    return body(s3_delivery(sim))


def opened(data: bytes, folder: Path) -> Any:
    path = folder / "result.tif"
    path.write_bytes(data)
    return gdal.Open(str(path))


# tokens


def test_token_wants_a_form_with_good_credentials(client: SentinelhubClient) -> None:
    hub = client.service
    told = client.token()
    assert (told.status, told.json["token_type"], told.json["expires_in"]) == (200, "Bearer", 3600)
    assert told.json["access_token"].count(".") == 2
    for changes, status, error in (({"client_secret": "se+cret"}, 401, "invalid_client"), ({"client_id": "nobody"}, 401, "invalid_client"),
                                   ({"grant_type": "password"}, 400, "unsupported_grant_type"), ({"client_secret": "omit"}, 401,
                                                                                                  "invalid_client")):
        refused = client.token(**changes)
        assert (refused.status, refused.json["error"]) == (status, error)
    unescaped = f"grant_type=client_credentials&client_id={client.client_id}&client_secret={hub.client_secret}"
    assert client.form(unescaped.replace(" ü", "")).status == 401
    assert client.form(json.dumps({"client_id": client.client_id}), "application/json").json["error"] == "invalid_request"
    assert hub.token_requests[client.client_id] >= 5


def test_tokens_are_limited_expire_and_belong_to_an_account(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    hub, job_id = client.service, client.start(ndvi)
    assert client.status(job_id).status == 200
    assert SentinelhubClient(client.sim, hub.same_client_id).status(job_id).status == 200
    assert SentinelhubClient(client.sim, hub.second_client_id).status(job_id).status == 404
    assert SentinelhubClient(client.sim, hub.noprocess_client_id).post(ndvi).code == "COMMON_INSUFFICIENT_PERMISSIONS"
    hub.settings.token_seconds = 2
    client.key = client.token().json["access_token"]
    client.sim.clock.advance(3)
    assert (client.status(job_id).status, client.status(job_id).code) == (401, "COMMON_UNAUTHORIZED")
    hub.settings.tokens_per_minute = 6
    client.sim.clock.advance(60)
    answers = [client.token() for _ in range(3)]
    assert [answer.status for answer in answers][-1] == 429
    assert 1000 < int(answers[-1].headers["Retry-After"]) <= 10_000


def test_gateway_errors(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    hub = client.service
    assert client.raw("POST", PROCESS, b"{}", Authorization=f"Bearer {client.key}", Content_Type="text/plain").status == 415
    assert client.call("DELETE", PROCESS).code == "COMMON_METHOD_NOT_ALLOWED"
    assert client.get("/api/v1/async").status == 404
    assert client.status("not-a-uuid").status == 400
    assert client.status("3f6c0c5e-0000-4000-8000-000000000000").code == "COMMON_NOT_FOUND"
    assert client.raw("POST", PROCESS, b"", Authorization=f"Bearer {client.key}", Content_Type="application/json").status == 400
    hub.settings.requests_per_minute = 6
    limited = [client.status("3f6c0c5e-0000-4000-8000-000000000000") for _ in range(3)][-1]
    assert (limited.status, limited.code, int(limited.headers["Retry-After"]) > 1000) == (429, "RATE_LIMIT_EXCEEDED", True)
    hub.settings.bare_limits = True
    assert client.status("x").json["code"] == "RATE_LIMIT_EXCEEDED"
    hub.settings.requests_per_minute = 0
    hub.settings.reject_tokens = True
    assert client.post(ndvi).status == 401


# delivery


def test_a_job_runs_then_is_gone_and_its_files_are_there(client: SentinelhubClient, tmp_path: Path) -> None:
    sim, hub = client.sim, client.service
    job_id = client.start(body(s3_delivery(sim), BOTH, TWO))
    expected = hub.expected(job_id)
    assert json.loads(sim.s3.read(expected.copy_key))["evalscript"] == BOTH  # there at once
    assert client.status(job_id).json == {"id": job_id, "status": "RUNNING"}
    assert client.status(job_id, "/async/v1/process").status == 200
    sim.clock.advance(20)
    gone = client.status(job_id)
    assert (gone.status, gone.code) == (404, "COMMON_NOT_FOUND")
    assert client.names(job_id) == ["default.tif", "rgb.png", "userdata.json"]
    tif = opened(sim.s3.read(expected.files["default"].key), tmp_path)
    assert (tif.RasterXSize, tif.RasterYSize, tif.RasterCount) == (100, 80, 1)
    assert tif.GetGeoTransform() == (500_000, 10, 0, 5_100_800, 0, -10)
    assert tif.GetSpatialRef().GetAuthorityCode(None) == "32633"
    values = tif.ReadAsArray()
    assert tif.GetRasterBand(1).GetNoDataValue() == -9999
    assert np.array_equal(values, expected.files["default"].array[0])
    assert values.dtype == np.float32
    assert -1 <= values.min() < 0.1
    assert 0.6 < values.max() <= 1
    assert sim.s3.read(expected.files["rgb"].key)[:4] == b"\x89PNG"
    assert json.loads(sim.s3.read(expected.files["userdata"].key)) == {"days": ["2026-06-01", "2026-06-30"]}
    copied = json.loads(sim.s3.read(expected.copy_key))
    assert copied["output"]["delivery"]["s3"]["iamRoleARN"] == sim.s3.role_arn
    assert hub.jobs[job_id].cost == pytest.approx(.0305176 * 4 / 3 * 2, abs=1e-5)
    assert hub.jobs[job_id].cost in copied.values()


def test_polygons_classes_and_key_pairs(client: SentinelhubClient, tmp_path: Path) -> None:
    s3 = client.sim.s3
    pair = s3_delivery(client.sim, iamRoleARN=None, accessKey=s3.user.key_id, secretAccessKey=s3.user.secret)
    job_id = client.start(changed(body(pair, SCL), "input->bounds->geometry", POLYGON))
    client.service.finish(job_id)
    values = opened(s3.read(f"qgis/one/{job_id}/default.tif"), tmp_path).ReadAsArray()
    assert set(np.unique(values)) <= {0, 4, 5, 6, 9}
    assert (values == 0).mean() == pytest.approx(.5, abs=.02)
    assert values[0, -1] == 0
    assert values[-1, 0] != 0


def test_template_root_and_missing_responses(client: SentinelhubClient) -> None:
    s3, hub = client.sim.s3, client.service
    wanted = body(s3_delivery(client.sim, "maps/<OUTPUT>/of/<REQUEST_ID>"), BOTH, [response("rgb", "image/jpeg")])
    job_id = client.start(wanted, long_extension=True)
    plain = changed(body(s3_delivery(client.sim, ""), SCL), "output->responses")
    second = client.start(changed(plain, "output->delivery->s3->url", f"s3://{s3.bucket}"))
    hub.finish(job_id)
    hub.finish(second)
    assert s3.read(f"maps/rgb.jpeg/of/{job_id}")[:2] == b"\xff\xd8"
    assert s3.read(f"{second}/default.png")[:4] == b"\x89PNG"


def test_script_by_reference_and_scripts_that_fail(client: SentinelhubClient) -> None:
    s3, hub = client.sim.s3, client.service
    s3.write("scripts/ndvi.js", NDVI.encode())
    for key, script, names in (("scripts/ndvi.js", None, ["default.tif"]), ("scripts/none.js", None, ["error.json"]),
                               ("", NDVI.replace("B08", "B10"), ["error.json"])):
        wanted = body(s3_delivery(client.sim), script or NDVI)
        if key:
            place = {"s3": {"url": f"s3://{s3.bucket}/{key}", "iamRoleARN": s3.role_arn}}
            wanted = {**changed(wanted, "evalscript"), "evalscriptReference": place}
        job_id = client.start(wanted)
        hub.finish(job_id)
        assert client.names(job_id) == names
    assert "B10" in json.loads(s3.read(f"qgis/one/{job_id}/error.json"))["message"]
    assert hub.state(job_id) == "failed"


def test_delivery_to_google(client: SentinelhubClient, gcs: Gcs) -> None:
    client.sim._gcs, hub = gcs, client.service
    to_cloud = {"gs": {"url": f"gs://{gcs.bucket}/qgis", "credentials": gcs.credentials()}}
    job_id = client.start(body(to_cloud, BOTH, TWO))
    hub.finish(job_id)
    keys = gcs.keys(f"qgis/{job_id}/", token=gcs.token(gcs.accounts["reader"]))
    assert {f"qgis/{job_id}/{name}" for name in ("default.tif", "rgb.png", "userdata.json")} < set(keys)
    assert hub.jobs[job_id].cost == pytest.approx(.0305176 * 8 / 3 + .1 * hub.jobs[job_id].bytes_written / 1e6, abs=1e-5)
    creator = {"gs": {"url": f"gs://{gcs.bucket}/qgis", "credentials": gcs.credentials("creator")}}
    second = client.start(body(creator))
    hub.finish(second)
    assert "403" in hub.jobs[second].trouble  # it may create, but not write the request copy anew
    assert gcs.read(f"qgis/{second}/default.tif")[:2] == b"II"


# trouble


def test_failures(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    s3, hub = client.sim.s3, client.service
    hub.settings.concurrent = 9
    for plan, names in (({"fail_message": "Out of memory"}, ["error.json"]), ({"outcome": "nothing"}, []), ({"write_denied": True}, []),
                        ({"outputs": 1}, ["default.tif"]), ({"fail_message": "x", "partial": 1}, ["default.tif", "error.json"]),
                        ({"error_after": True}, ["default.tif", "error.json", "rgb.png", "userdata.json"])):
        job_id = client.start(body(s3_delivery(client.sim), BOTH, TWO), **plan)
        hub.finish(job_id)
        assert (client.status(job_id).status, client.names(job_id)) == (404, names)
    for shape, start in (("flat", b'{\n  "message": "Boo"'), ("wrapped", b'{\n  "error": {'), ("text", b"Boo"), ("missing", b"{")):
        job_id = client.start(ndvi, fail_message="Boo", error_shape=shape)
        hub.finish(job_id)
        assert s3.read(f"qgis/one/{job_id}/error.json").startswith(start)
    job_id = client.start(ndvi, fail_message="Boo", error_shape="invalid")
    hub.finish(job_id)
    with pytest.raises(ValueError):
        json.loads(s3.read(f"qgis/one/{job_id}/error.json"))


def test_slow_delivery(client: SentinelhubClient) -> None:
    s3, hub, clock = client.sim.s3, client.service, client.sim.clock
    job_id = client.start(body(s3_delivery(client.sim), BOTH, TWO), delay=10.0, apart=5.0, grow=2.0)
    hub.finish(job_id)
    assert (client.status(job_id).status, client.names(job_id)) == (404, [])
    clock.advance(10)
    hub.settle()
    half = len(s3.read(f"qgis/one/{job_id}/default.tif"))
    clock.advance(2)
    hub.settle()
    assert abs(len(s3.read(f"qgis/one/{job_id}/default.tif")) - 2 * half) <= 1
    assert client.names(job_id) == ["default.tif"]
    clock.advance(10)
    hub.settle()
    assert client.names(job_id) == ["default.tif", "rgb.png", "userdata.json"]


def test_odd_answers_and_files(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    s3, hub, clock = client.sim.s3, client.service, client.sim.clock
    job_id = client.start(ndvi, hidden_for=30.0, run_time=60.0, status_word="ANALYSING")
    assert client.status(job_id).status == 404
    clock.advance(31)
    assert client.status(job_id).json["status"] == "ANALYSING"
    stuck = client.start(ndvi, stuck=True)
    clock.advance(40 * 60)
    assert [client.status(one).status for one in (job_id, stuck)] == [404, 200]
    sizes = {}
    for kind in ("good", "truncated", "empty", "html", "wrong_kind", "wrong_size"):
        one = client.start(ndvi, file=kind)
        hub.finish(one)
        sizes[kind] = s3.read(f"qgis/one/{one}/default.tif")
    assert len(sizes["truncated"]) == len(sizes["good"]) // 2
    assert sizes["empty"] == b""
    assert sizes["html"].startswith(b"<!DOCTYPE")
    assert sizes["wrong_kind"].startswith(b"{")
    hub.finish(huge := client.start(ndvi, padding_megabytes=20))
    assert s3.client().head_object(Bucket=s3.bucket, Key=f"qgis/one/{huge}/default.tif")["ContentLength"] > 20_000_000


def test_concurrency(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    ids = [client.start(ndvi) for _ in range(2)]
    refused = client.post(ndvi)
    assert (refused.status, refused.headers["Retry-After"], len(client.service.jobs)) == (429, None, 2)
    assert SentinelhubClient(client.sim, client.service.second_client_id).post(ndvi).status == 200
    client.service.finish(ids[0])
    assert client.post(ndvi).status == 200


def test_a_lost_answer_leaves_its_prefix(client: SentinelhubClient) -> None:
    sim = client.sim
    sim.fault("drop_after", method="POST", path=PROCESS)
    with pytest.raises(OSError):
        client.post(body(s3_delivery(sim, "qgis/lost")))
    (key,) = sim.s3.keys("qgis/lost/")
    assert client.status(key.split("/")[2]).status == 200


def test_storage_that_does_not_let_the_service_in(client: SentinelhubClient) -> None:
    sim, s3, hub = client.sim, client.sim.s3, client.service
    hub.settings.concurrent = 9
    pair = {"iamRoleARN": None, "accessKey": s3.no_write.key_id, "secretAccessKey": s3.no_write.secret}
    cases = [({"region": OREGON}, "PermanentRedirect"), ({"url": "s3://gt-nowhere/x"}, "NoSuchBucket"), (pair, "AccessDenied"),
             ({**pair, "secretAccessKey": "wrong"}, "SignatureDoesNotMatch"), ({"iamRoleARN": s3.foreign_role_arn}, "AccessDenied"),
             ({"url": f"s3://{s3.oregon_bucket}/x", "region": None}, "PermanentRedirect")]
    for changes, word in cases:
        job_id = client.start(body(s3_delivery(sim, **changes)))
        hub.finish(job_id)
        assert word in hub.jobs[job_id].trouble
        assert s3.keys(f"qgis/one/{job_id}") == []
    hub.settings.check_bucket = True
    assert client.post(body(s3_delivery(sim, region=OREGON))).json["error"]["errors"][0]["parameter"] == "output->delivery"
    for changes in ({"iamRoleARN": s3.external_role_arn}, {"url": f"s3://{s3.oregon_bucket}/x", "region": OREGON}):
        assert client.post(body(s3_delivery(sim, **changes))).status == 200
    hub.settings.external_id = "another account"
    assert client.post(body(s3_delivery(sim, iamRoleARN=s3.external_role_arn))).status == 400


# the storage itself


def _refused(act: Any, **arguments: str) -> tuple[int, str]:
    try:
        act(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    return 200, ""


def test_readers_see_what_their_policies_allow(s3: S3) -> None:
    s3.write("seen/a", b"1")
    found = {}
    for name in ("reader", "no_list", "no_get", "nobody", "second_user"):
        known = s3.client(getattr(s3, name))
        found[name] = [_refused(known.list_objects_v2, Bucket=s3.bucket)[0], _refused(known.get_object, Bucket=s3.bucket, Key="seen/a")[0],
                       *_refused(known.get_object, Bucket=s3.bucket, Key="seen/none")]
    assert found == {"reader": [200, 200, 404, "NoSuchKey"], "no_list": [403, 200, 403, "AccessDenied"],
                     "no_get": [200, 403, 403, "AccessDenied"], "nobody": [403, 403, 403, "AccessDenied"],
                     "second_user": [403, 403, 403, "AccessDenied"]}
    assert _refused(s3.client(s3.nobody).list_objects_v2, Bucket="gt-nowhere") == (404, "NoSuchBucket")
    assert s3.requests()[-1]["key_id"] == s3.nobody.key_id


def test_lists_have_pages_and_buckets_a_region(s3: S3) -> None:
    for number in range(5):
        s3.write(f"pages/{number}", b"1")
    page = s3.client(s3.reader).list_objects_v2(Bucket=s3.bucket, Prefix="pages/")
    assert (len(page["Contents"]), page["IsTruncated"]) == (2, True)
    assert len(s3.keys("pages/")) == 5
    from botocore.awsrequest import AWSRequest  # the client itself would follow to the right region
    from botocore.httpsession import URLLib3Session

    request = AWSRequest("GET", f"{s3.endpoint}/{s3.oregon_bucket}", headers={
        "Authorization": f"AWS4-HMAC-SHA256 Credential={s3.reader.key_id}/20260101/{FRANKFURT}/s3/aws4_request"})
    answer = URLLib3Session().send(request.prepare())
    assert (answer.status_code, answer.headers["x-amz-bucket-region"], b"PermanentRedirect" in answer.content) == (301, OREGON, True)


def test_gdal_reads_google_storage_with_an_account(gcs: Gcs, tmp_path: Path) -> None:
    for number in range(3):
        gcs.write(f"read/{number}.txt", b"x" * number)
    key_file = tmp_path / "key.json"
    options = {"CPL_GS_ENDPOINT": gcs.url + "/", "GOOGLE_APPLICATION_CREDENTIALS": str(key_file), "GO2A_AUD": gcs.token_url}
    found = {}
    for account in ("reader", "no_list"):
        key_file.write_text(json.dumps(gcs.accounts[account]))
        gdal.VSICurlClearCache()
        with _options(options):
            found[account] = gdal.ReadDir(f"/vsigs/{gcs.bucket}/read"), gdal.VSIStatL(f"/vsigs/{gcs.bucket}/read/2.txt").size
    gdal.VSICurlClearCache()
    assert found == {"reader": (["0.txt", "1.txt", "2.txt"], 2), "no_list": (None, 2)}


@contextmanager
def _options(values: dict[str, str]) -> Iterator[None]:
    for name, value in values.items():
        gdal.SetConfigOption(name, value)
    yield
    for name in values:
        gdal.SetConfigOption(name, None)


# the clock and the processes


def test_files_come_by_themselves_and_processes_end() -> None:
    with Simulator(speed=10, start=START) as sim:
        client, until = SentinelhubClient(sim), time.monotonic() + 20
        job_id = client.start(body(s3_delivery(sim)), run_time=3.0)
        pid = sim.s3.pid
        while not client.names(job_id) and time.monotonic() < until:
            time.sleep(.05)
        assert client.names(job_id) == ["default.tif"]
    assert not Path(f"/proc/{pid}").exists()


def test_a_storage_ends_with_its_starter(root: Path) -> None:
    program = ("import sys, os, signal; sys.path.append('tests'); from simulator.object_storage_gcs import Gcs; "
               "print(Gcs().pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)")
    found = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60, check=False)
    path, until = Path(f"/proc/{int(found.stdout)}/cmdline"), time.monotonic() + 10
    while path.exists() and path.read_bytes() and time.monotonic() < until:
        time.sleep(.02)
    assert not path.exists() or not path.read_bytes()
