"""Storage without a storage: signatures as botocore makes them, service accounts, ranges in parallel and in order."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections.abc import Iterator, Mapping

import pytest
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import Cancelled, ConfigError, TransportError
from groundtrack.providers.object_storage import place_of
from groundtrack.providers.stores.ranged import AHEAD, PART, RangedBody
from groundtrack.providers.stores.service_account import one_line, service_account, signed
from groundtrack.providers.stores.signature import signature

NOW = dt.datetime(2026, 5, 4, 10, 30, 21, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(("url", "bucket", "key"), [
    ("s3://my-bucket", "my-bucket", ""), ("s3://my-bucket/", "my-bucket", ""), ("gs://b.c/a//b/", "b.c", "a/b"),
    (" s3://bucket/x_1.y ", "bucket", "x_1.y"),
])  # fmt: skip
def test_bucket_addresses_are_read(url: str, bucket: str, key: str) -> None:
    assert (place_of(url).bucket, place_of(url).key) == (bucket, key)


@pytest.mark.parametrize("url", ["", "my-bucket", "https://bucket/x", "s3://", "s3://Bucket/x", "s3://bucket/<OUTPUT>", "s3://bucket/a b"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        place_of(url)


@pytest.mark.parametrize("session", ["", "a-session-token"])
@pytest.mark.parametrize(("method", "url", "data"), [
    ("GET", "https://s3.eu-central-1.amazonaws.com/bucket/a%20key/b.tif", b""),
    ("GET", "http://127.0.0.1:9000/bucket?list-type=2&prefix=a%2Fb%2F", b""),
    ("PUT", "https://bucket.s3.eu-central-1.amazonaws.com/x.txt", b"content"),
])  # fmt: skip
def test_signatures_are_those_of_botocore(method: str, url: str, data: bytes, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore import auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    ours = signature(method, url, data, ("AKID", "se/cret", session), "eu-central-1", NOW)
    monkeypatch.setattr(auth, "get_current_datetime", lambda *_, **__: NOW.replace(tzinfo=None))
    request = AWSRequest(method=method, url=url, data=data)
    auth.S3SigV4Auth(Credentials("AKID", "se/cret", session or None), "s3", "eu-central-1").add_auth(request)
    theirs = {name.lower(): value for name, value in request.headers.items()}
    assert {name.lower(): value for name, value in ours.items()} == {name: theirs[name.lower()] for name in map(str.lower, ours)}


def test_a_claim_is_signed_so_that_google_can_check_it() -> None:
    hazmat = pytest.importorskip("cryptography.hazmat.primitives")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    assert hazmat
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        head, body, mark = signed({"iss": "me"}, pem).split(".")
        padded = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4))
        key.public_key().verify(padded, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_key_file_is_read_wrapped_or_plain_and_never_shown() -> None:
    told = {"client_email": "a@b.iam", "token_uri": "https://oauth2.example/token", "private_key": "-----BEGIN\nc2VjcmV0\n"}
    encoded = base64.encodebytes(json.dumps(told).encode()).decode()
    for text in (encoded, json.dumps(told)):
        account = service_account(text)
        assert account.email == "a@b.iam"
        assert "c2VjcmV0" not in repr(account)
        assert json.loads(base64.b64decode(one_line(text), validate=True)) == told
        assert "\n" not in one_line(text)
    with pytest.raises(ConfigError):
        service_account("not a key")


class Part:
    """An answer with one range of the data."""

    def __init__(self, data: bytes, headers: Mapping[str, str], status: int, broken: Exception | None) -> None:
        self.data, self.headers, self.status, self.url, self.broken = data, headers, status, "http://127.0.0.1/x", broken

    def blocks(self) -> Iterator[bytes]:
        if self.broken:
            raise self.broken
        yield from (self.data[at : at + 100_000] for at in range(0, len(self.data), 100_000))

    def close(self) -> None:
        """Nothing to close."""


class Shelf:
    """Data in ranges; `broken` is raised by the range that begins at `break_at`."""

    def __init__(self, data: bytes, break_at: int = -1) -> None:
        self.data, self.break_at, self.asked, self.closed = data, break_at, [], 0
        self.guard = threading.Lock()

    def fetch(self, headers: dict[str, str], stop: Cancel) -> Part:
        with self.guard:
            self.asked.append(dict(headers))
        if "Range" not in headers:
            return Part(self.data, {"content-length": str(len(self.data))}, 200, None)
        first, last = (int(part) for part in headers["Range"].partition("=")[2].split("-"))
        if first >= len(self.data):
            return Part(b"", {"content-range": f"bytes */{len(self.data)}"}, 416, None)
        data = self.data[first : last + 1]
        told = {"content-range": f"bytes {first}-{first + len(data) - 1}/{len(self.data)}", "content-length": str(len(data)), "etag": '"1"'}
        return Part(data, told, 206, TransportError("broke off") if first == self.break_at else None)

    def body(self, start: int = 0, cancel: Cancel | None = None) -> RangedBody:
        return RangedBody(self.fetch, start, cancel or Cancel(), self.close)

    def close(self) -> None:
        self.closed += 1


LARGE = bytes(range(256)) * (PART // 256) * 3 + b"the end"


@pytest.mark.parametrize("data", [b"", b"small", LARGE[:PART], LARGE[: PART + 1], LARGE], ids=len)
def test_ranges_come_in_order_and_whole(data: bytes) -> None:
    body = Shelf(data).body()
    assert b"".join(body.blocks()) == data
    assert body.status == 200
    assert body.headers["content-length"] == str(len(data))


def test_a_download_goes_on_in_the_middle() -> None:
    body = Shelf(LARGE).body(start=PART + 5)
    assert body.status == 206
    assert body.headers["content-range"] == f"bytes {PART + 5}-{len(LARGE) - 1}/{len(LARGE)}"
    assert b"".join(body.blocks()) == LARGE[PART + 5 :]


def test_all_ranges_must_be_of_the_same_version() -> None:
    shelf = Shelf(LARGE)
    b"".join(shelf.body().blocks())
    assert [headers.get("If-Match") for headers in shelf.asked].count('"1"') == len(shelf.asked) - 1


def _take(body: RangedBody, taken: list[bytes]) -> None:
    for block in body.blocks():
        taken.append(block)  # noqa: PERF402 - what came before a break is kept


def test_what_came_before_a_break_is_kept() -> None:
    taken: list[bytes] = []
    with pytest.raises(TransportError, match="broke off"):
        _take(Shelf(LARGE, break_at=2 * PART).body(), taken)
    assert b"".join(taken) == LARGE[: 2 * PART]


def test_stop_ends_the_reading_at_once() -> None:
    cancel = Cancel()
    blocks = Shelf(LARGE).body(cancel=cancel).blocks()
    next(blocks)
    cancel.set()
    with pytest.raises(Cancelled):
        list(blocks)


def test_no_more_lies_in_memory_than_is_meant_to() -> None:
    assert PART * (AHEAD + 1) <= 32 * 1024 * 1024
