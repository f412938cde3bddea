"""Sentinel Hub's results in the user's own storage: permissions, regions, roles, listings, accounts."""

from __future__ import annotations

import time

import pytest
from contract.hub import connected, google
from contract.play import Play
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.object_storage import NoBucket, StorageRefused, probe
from groundtrack.providers.stores.s3 import S3Access, S3Store
from simulator.object_storage import Key


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


def test_a_key_that_may_not_write_is_tested_for_reading_all_the_same(hub: Play) -> None:
    s3 = hub.sim.s3
    found = {}
    for name in ("no_write", "no_get", "reader"):
        key: Key = getattr(s3, name)
        found[name] = connected(hub.sim, s3_access_key=key.key_id, s3_secret_key=key.secret).test_storage()
    assert "s3:GetObject" not in found["no_write"].missing
    assert "s3:GetObject" in found["no_get"].missing
    assert "read: works" in found["reader"].lines


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
