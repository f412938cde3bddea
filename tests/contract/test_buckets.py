"""GDAL reading in the user's own bucket, with rights that hold for one folder and one account."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contract.hub import connected
from contract.play import Play
from groundtrack.jobs.job import Job
from groundtrack.providers.base import Handle
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.rights import Rights
from groundtrack.providers.stores.gcs import GcsStore
from groundtrack.providers.stores.s3 import S3Access, S3Store
from groundtrack.providers.stores.service_account import service_account
from groundtrack.results.buckets import Buckets
from groundtrack.results.errors import ResultError
from groundtrack.results.rasters import inspect
from groundtrack.results.remote import opens
from support.google_sign_in import google_sign_in
from support.rasters import write_raster

GOOGLE = "https://oauth2.googleapis.com/token"
LINKS = ("ndvi.tif",)


@pytest.fixture
def buckets() -> Iterator[Buckets]:
    made = Buckets()
    yield made
    made.forget()


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    """A GeoTIFF without overviews."""
    return Path(write_raster(tmp_path / "ndvi.tif", [np.linspace(-1, 1, 10_000, dtype=np.float32).reshape(100, 100)])).read_bytes()


def job(account: str = "test") -> Job:
    return Job("1", "sentinelhub", account, "process", links=LINKS)


def place() -> str:
    return f"gdal/{time.monotonic_ns()}"


def test_variables_of_the_process_go_into_nobodys_bucket(
    hub: Play, buckets: Buckets, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3, folder = hub.sim.s3, place()
    s3.write(f"{folder}/ndvi.tif", picture)
    for name, value in (("AWS_ACCESS_KEY_ID", s3.nobody.key_id), ("AWS_SECRET_ACCESS_KEY", s3.nobody.secret), ("AWS_SESSION_TOKEN", "odd"),
                        ("AWS_REGION", "us-west-2"), ("AWS_S3_ENDPOINT", "127.0.0.1:9"), ("AWS_VIRTUAL_HOSTING", "TRUE")):
        monkeypatch.setenv(name, value)
    access = S3Access(s3.reader.key_id, s3.reader.secret, region=s3.region, endpoint=s3.endpoint)
    rights = S3Store(s3.bucket, access, hub.transport, Cancel()).rights(folder)
    assert rights is not None
    source = f"{rights.path}ndvi.tif"
    assert not opens(source)
    buckets.admit(job(), rights)
    assert opens(source)
    assert s3.reader.secret not in repr(rights)
    buckets.forget("sentinelhub/another")
    assert opens(source)
    buckets.forget("sentinelhub/test")
    assert not opens(source)


def test_rights_end_at_the_folder(hub: Play, buckets: Buckets, picture: bytes) -> None:
    s3, folder = hub.sim.s3, place()
    for name in (folder, f"{folder}2"):
        s3.write(f"{name}/ndvi.tif", picture)
    access = S3Access(s3.reader.key_id, s3.reader.secret, region=s3.region, endpoint=s3.endpoint)
    rights = S3Store(s3.bucket, access, hub.transport, Cancel()).rights(folder)
    assert rights is not None
    buckets.admit(job(), rights)
    assert opens(f"/vsis3/{s3.bucket}/{folder}/ndvi.tif")
    assert not opens(f"/vsis3/{s3.bucket}/{folder}2/ndvi.tif")


def test_a_key_that_was_changed_takes_the_place_of_the_old_one(hub: Play, buckets: Buckets, picture: bytes) -> None:
    s3, folder = hub.sim.s3, place()
    s3.write(f"{folder}/ndvi.tif", picture)
    opened = []
    for key in (s3.nobody, s3.reader):
        access = S3Access(key.key_id, key.secret, region=s3.region, endpoint=s3.endpoint)
        rights = S3Store(s3.bucket, access, hub.transport, Cancel()).rights(folder)
        assert rights is not None
        buckets.admit(job(), rights)
        opened.append(opens(f"{rights.path}ndvi.tif"))
    assert opened == [False, True]


def test_a_raster_that_may_not_be_read_is_said_to_be_in_the_bucket(hub: Play, buckets: Buckets) -> None:
    access = S3Access(hub.sim.s3.nobody.key_id, hub.sim.s3.nobody.secret, region=hub.sim.s3.region, endpoint=hub.sim.s3.endpoint)
    rights = S3Store(hub.sim.s3.bucket, access, hub.transport, Cancel()).rights(place())
    assert rights is not None
    buckets.admit(job(), rights)
    with pytest.raises(ResultError, match=r"ndvi.tif cannot be opened in the bucket"):
        inspect(f"{rights.path}ndvi.tif")


def test_of_a_large_file_only_a_part_is_looked_at(hub: Play, buckets: Buckets, tmp_path: Path) -> None:
    s3, folder = hub.sim.s3, place()
    values = np.linspace(-1, 1, 2500 * 2000, dtype=np.float32).reshape(2500, 2000)
    data = Path(write_raster(tmp_path / "ndvi.tif", [values])).read_bytes()
    s3.write(f"{folder}/ndvi.tif", data)
    access = S3Access(s3.reader.key_id, s3.reader.secret, region=s3.region, endpoint=s3.endpoint)
    rights = S3Store(s3.bucket, access, hub.transport, Cancel()).rights(folder)
    assert rights is not None
    buckets.admit(job(), rights)
    before = len(s3.requests())
    facts = inspect(f"{rights.path}ndvi.tif", index=True)
    ranges = [item["range"].removeprefix("bytes=").split("-") for item in s3.requests()[before:] if item["range"]]
    assert sum(int(last) - int(first) + 1 for first, last in ranges) < len(data) / 4
    assert facts.low == pytest.approx(-1)
    assert facts.high == pytest.approx(1)
    assert any("no overviews" in warning for warning in facts.warnings)


def test_of_several_jobs_each_has_a_folder_of_its_own(hub: Play) -> None:
    provider = connected(hub.sim)
    handle = Handle("7ed4d57b-1e2f-4b89-814c-343c1027c4d1", {"place": f"s3://{hub.sim.s3.bucket}/maps/tag"})
    rights = provider.rights(handle)
    assert isinstance(rights, Rights)
    assert rights.path == f"/vsis3/{hub.sim.s3.bucket}/maps/tag/7ed4d57b-1e2f-4b89-814c-343c1027c4d1/"
    assert provider.rights(Handle("x", {**handle.extra, "tile": "0,0,10,10"})) is None


@pytest.mark.parametrize(("name", "readable"), [("reader", True), ("nobody", False)])
def test_google_cloud_storage_is_read_by_the_service_account(
    hub: Play, buckets: Buckets, picture: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, readable: bool
) -> None:
    gcs, folder = hub.sim.gcs, place()
    gcs.write(f"{folder}/ndvi.tif", picture)
    key = {**gcs.accounts[name], "token_uri": GOOGLE}
    account = service_account(base64.b64encode(json.dumps(key).encode()).decode())
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs.url)
    rights = GcsStore(gcs.bucket, account, hub.transport, Cancel()).rights(folder)
    assert rights is not None
    assert "PRIVATE" not in repr(rights)
    assert rights.options["GS_OAUTH2_SCOPE"].endswith("read_only")
    buckets.admit(job(), rights)
    # GDAL signs in at Google's own host and nowhere else
    with google_sign_in(gcs.token_url, tmp_path) as proxy:
        monkeypatch.setenv("GDAL_HTTPS_PROXY", proxy)
        monkeypatch.setenv("GDAL_HTTP_UNSAFESSL", "YES")
        assert opens(f"{rights.path}ndvi.tif") is readable


def test_a_service_account_of_another_sign_in_is_downloaded_with(hub: Play) -> None:
    account = service_account(hub.sim.gcs.credentials("reader"))
    assert GcsStore(hub.sim.gcs.bucket, account, hub.transport, Cancel()).rights("maps") is None


def test_rights_that_come_after_the_end_are_not_given() -> None:
    from groundtrack.providers.rights import Rights

    ended = Buckets()
    ended.close()
    folder = f"/vsis3/maps/{place()}/"
    ended.admit(job(), Rights(folder, {"AWS_SECRET_ACCESS_KEY": "late"}))
    assert not ended.admits(f"{folder}ndvi.tif")
    assert ended.owners() == {}
