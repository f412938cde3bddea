"""The credentials that read results when the account has no key pair: boto3's own chain, over real files and a real sign-in."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from contract.hub import connected
from contract.play import Play
from groundtrack.providers.base import Handle
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import ConfigError
from groundtrack.providers.object_storage import StorageRefused
from groundtrack.providers.stores.s3 import S3Access, S3Store
from simulator.object_storage import Key

ADMIN = "arn:aws:iam::123456789012:user/admin"
START = "https://sign-in.example.test/start"


@pytest.fixture(autouse=True)
def nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which nobody has set up anything."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def written(path: Path, **sections: dict[str, str]) -> None:
    """A file of AWS settings."""
    lines = [line for name, known in sections.items() for line in (f"[{name}]", *(f"{key} = {value}" for key, value in known.items()))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def pair(key: Key) -> dict[str, str]:
    return {"aws_access_key_id": key.key_id, "aws_secret_access_key": key.secret}


def store(hub: Play, **known: str) -> S3Store:
    s3 = hub.sim.s3
    return S3Store(s3.bucket, S3Access(region=s3.region, endpoint=s3.endpoint, **known), hub.transport, Cancel())


def who(hub: Play, asked: S3Store) -> set[str]:
    """The keys that read something through a store."""
    hub.sim.s3.write("chain.txt", b"content")
    before = len(hub.sim.s3.requests())
    assert asked.read("chain.txt") == b"content"
    return {item["key_id"] for item in hub.sim.s3.requests()[before:] if item["service"] == "s3"}


def test_the_profile_that_the_environment_names(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = hub.sim.s3
    written(tmp_path / "credentials", default=pair(s3.nobody), maps=pair(s3.reader))
    monkeypatch.setenv("AWS_PROFILE", "maps")
    assert who(hub, store(hub)) == {s3.reader.key_id}


def test_the_profile_that_the_account_names(hub: Play, tmp_path: Path) -> None:
    s3 = hub.sim.s3
    written(tmp_path / "credentials", default=pair(s3.nobody), maps=pair(s3.reader))
    provider = connected(hub.sim, public={"s3_read_profile": "maps"}, s3_access_key=s3.nobody.key_id, s3_secret_key=s3.nobody.secret)
    before = len(s3.requests())
    assert "read: works" in provider.test_storage().lines
    assert {item["key_id"] for item in s3.requests()[before:] if item["service"] == "s3"} == {s3.reader.key_id}
    rights = provider.rights(Handle("id", {"place": f"s3://{s3.bucket}/maps"}))
    assert rights is not None
    assert rights.options["AWS_ACCESS_KEY_ID"] == s3.reader.key_id


def test_variables_of_the_environment(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = hub.sim.s3
    written(tmp_path / "credentials", default=pair(s3.nobody))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.reader.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.reader.secret)
    assert who(hub, store(hub)) == {s3.reader.key_id}


def test_a_key_pair_of_the_account_goes_before_all_of_them(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = hub.sim.s3
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.nobody.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.nobody.secret)
    assert who(hub, store(hub, key=s3.reader.key_id, secret_key=s3.reader.secret)) == {s3.reader.key_id}


def test_a_role_that_the_account_names_over_a_profile(hub: Play, tmp_path: Path) -> None:
    s3 = hub.sim.s3
    arn = s3.make_role(f"chain-{time.monotonic_ns()}", ("s3:GetObject", "s3:ListBucket"), ADMIN)
    written(tmp_path / "credentials", maps=pair(s3.admin))
    used = who(hub, store(hub, profile="maps", role=arn))
    assert used
    assert s3.admin.key_id not in used


def test_a_role_that_the_profile_names(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = hub.sim.s3
    arn = s3.make_role(f"profile-{time.monotonic_ns()}", ("s3:GetObject", "s3:ListBucket"), ADMIN)
    written(tmp_path / "credentials", base=pair(s3.admin))
    written(tmp_path / "config", **{"profile maps": {"role_arn": arn, "source_profile": "base", "region": s3.region}})
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.endpoint)
    used = who(hub, store(hub, profile="maps"))
    assert used
    assert s3.admin.key_id not in used


def test_single_sign_on(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of a browser sign-in is turned into keys by boto3; the portal that does so at AWS is a stand-in here."""
    s3 = hub.sim.s3
    arn = s3.make_role(f"sso-{time.monotonic_ns()}", ("s3:GetObject", "s3:ListBucket"), ADMIN)
    keys = s3.assume(s3.admin, arn, name="portal")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))  # worked out when it was imported
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    token = {"accessToken": "browser-token", "expiresAt": ends, "region": s3.region, "startUrl": START}
    (tmp_path / f"{hashlib.sha1(START.encode(), usedforsecurity=False).hexdigest()}.json").write_text(json.dumps(token), encoding="utf-8")
    written(tmp_path / "config", **{"profile maps": single_sign_on(s3.region)})
    with portal(keys) as (address, seen):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", address)
        assert who(hub, store(hub, profile="maps")) == {keys.key_id}
    assert seen == ["browser-token"]


def single_sign_on(region: str) -> dict[str, str]:
    """A profile's settings."""
    known = {"sso_start_url": START, "sso_region": region, "sso_account_id": "123456789012", "sso_role_name": "Maps"}
    return {**known, "region": region}


def test_a_sign_in_that_has_ended_is_said_with_what_to_do(hub: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    written(tmp_path / "config", **{"profile maps": single_sign_on(hub.sim.s3.region)})
    with pytest.raises(StorageRefused, match="cannot be used") as refused:
        store(hub, profile="maps").read("chain.txt")
    assert refused.value.fatal
    assert "aws sso login" in refused.value.advice


def test_what_is_missing_is_said(hub: Play, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no credentials to read"):
        store(hub).read("chain.txt")
    with pytest.raises(ConfigError, match="maps"):
        store(hub, profile="maps").read("chain.txt")


@contextmanager
def portal(keys: Key) -> Iterator[tuple[str, list[str]]]:
    """The address of a portal that gives these keys to whoever shows a token, and the tokens that it saw."""
    seen: list[str] = []

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["x-amz-sso_bearer_token"])
            given = {"accessKeyId": keys.key_id, "secretAccessKey": keys.secret, "sessionToken": keys.session,
                     "expiration": int((time.time() + 3600) * 1000)}
            body = json.dumps({"roleCredentials": given}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
