"""The Google Cloud Storage endpoint: an emulator, behind the service accounts and the calls that it lacks."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from .object_storage_process import announce

GET, CREATE, DELETE, LIST = "get", "create", "delete", "list"
# what each service account may do; "creator" is the role that is not enough for delivery
ACCOUNTS = {"admin": (GET, CREATE, DELETE, LIST), "writer": (GET, CREATE, DELETE, LIST), "reader": (GET, LIST),
            "creator": (CREATE,), "no_list": (GET,), "nobody": ()}
PROJECT = "groundtrack-simulated"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JSON_API, UPLOADS, DOWNLOADS = "/storage/v1/b/", "/upload/storage/v1/b/", "/download/storage/v1/b/"
TOKEN_SECONDS = 3600
BUCKET = "gt-cloud"
PAGE = 2
ELEMENT = "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"{etag}\"</ETag><LastModified>{time}</LastModified></Contents>"


def main() -> None:
    """Serve on a free port until the starter is gone."""
    from gcp_storage_emulator.handlers.buckets import create_bucket
    from gcp_storage_emulator.server import RequestHandler, Router
    from gcp_storage_emulator.storage import Storage

    class Handler(Front, RequestHandler):
        emulator = Router

    storage = Storage(use_memory_fs=True)
    create_bucket(BUCKET, storage)
    accounts = Accounts()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, accounts, storage))
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}"
    announce(url=url, token=accounts.issue("admin"), accounts={name: accounts.described(name, url) for name in ACCOUNTS})
    server.serve_forever()


class Accounts:
    """Service accounts with RSA keys, and the tokens given to them."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        self._keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ACCOUNTS}
        self._tokens: dict[str, tuple[str, float]] = {}

    def described(self, name: str, url: str) -> dict[str, str]:
        """The key file of an account, as its owner would download it."""
        from cryptography.hazmat.primitives import serialization as s

        pem = self._keys[name].private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()
        return {"type": "service_account", "project_id": PROJECT, "private_key_id": name, "private_key": pem,
                "client_email": _email(name), "client_id": str(10**20 + len(name)), "token_uri": f"{url}/token"}

    def issue(self, name: str) -> str:
        """A token for an account."""
        token = "ya29." + secrets.token_urlsafe(24)
        self._tokens[token] = (name, time.monotonic() + TOKEN_SECONDS)
        return token

    def holder(self, header: str) -> str:
        """The account whose token an Authorization header holds, empty without one."""
        name, ends = self._tokens.get(header.removeprefix("Bearer "), ("", 0.0))
        return name if time.monotonic() < ends else ""

    def granted(self, assertion: str) -> str:
        """The account that signed an assertion, empty when the signature or a claim is wrong."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            head, body, signature = assertion.split(".")
            claims = json.loads(_decoded(body))
            name = next(name for name in ACCOUNTS if _email(name) == claims["iss"])
            self._keys[name].public_key().verify(_decoded(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
            good = claims["exp"] > time.time() >= claims["iat"] - 60 and "devstorage" in claims["scope"]
        except (ValueError, KeyError, TypeError, StopIteration, InvalidSignature):
            return ""
        return name if good else ""


class Front(BaseHTTPRequestHandler):
    """One request: who asks, whether they may, then the emulator or what it lacks."""

    guard = threading.Lock()
    storage: Any
    emulator: Any

    def __init__(self, accounts: Accounts, *rest: Any) -> None:
        self.accounts = accounts
        super().__init__(*rest)

    def serve(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/token":
            return self.token()
        bucket, key, listing = _target(path, query)
        name = self.accounts.holder(self.headers.get("Authorization", ""))
        if not name:
            return self.error(401, "Invalid Credentials")
        with self.guard:
            wanted = self.wanted(bucket, key, listing)
            if not set(wanted) <= set(ACCOUNTS[name]):
                return self.error(403, f"{_email(name)} does not have storage.objects.{wanted[0]} access.")
            if bucket and bucket not in self.storage.buckets and self.command != "POST":
                return self.error(404, "The specified bucket does not exist.")
            if listing:
                return self.listing(bucket, query, path.startswith(JSON_API))
            if self.command == "HEAD":
                return self.head(bucket, key)
            if self.command == "POST" and self.headers.get("Content-Length") == "0":
                return self.empty(bucket, key)
            return self.emulator(self).handle(self.command)

    def wanted(self, bucket: str, key: str, listing: bool) -> tuple[str, ...]:
        if listing:
            return (LIST,)
        if self.command in ("POST", "PUT"):
            exists = bool(key) and (bucket, key) in {(bucket, item["name"]) for item in self.objects(bucket, key)}
            return (CREATE, DELETE) if exists else (CREATE,)
        return (DELETE,) if self.command == "DELETE" else (GET,)

    def objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        return list(self.storage.get_file_list(bucket, prefix)[0]) if bucket in self.storage.buckets else []

    def token(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        name = self.accounts.granted(form.get("assertion", [""])[0]) if form.get("grant_type") == [GRANT] else ""
        if not name:
            return self.reply(400, json.dumps({"error": "invalid_grant", "error_description": "Invalid JWT"}))
        token = {"access_token": self.accounts.issue(name), "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        return self.reply(200, json.dumps(token))

    def listing(self, bucket: str, query: dict[str, list[str]], as_json: bool) -> None:
        """The emulator gives all at once and only as JSON; the real service pages, and speaks XML to GDAL."""
        prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
        items, folders = self.storage.get_file_list(bucket, prefix, delimiter or None)
        if not as_json:
            return self.reply(200, _xml(bucket, prefix, items, folders), "application/xml")
        start, most = int(query.get("pageToken", ["0"])[0]), min(PAGE, int(query.get("maxResults", [PAGE])[0]))
        answer: dict[str, Any] = {"kind": "storage#objects", "items": items[start:start + most]}
        if folders:
            answer["prefixes"] = folders
        if start + most < len(items):
            answer["nextPageToken"] = str(start + most)
        return self.reply(200, json.dumps(answer))

    def head(self, bucket: str, key: str) -> None:
        found = next((item for item in self.objects(bucket, key) if item["name"] == key), None)
        if found is None:
            return self.reply(404, "")
        self.send_response(200)
        self.send_header("Content-Length", str(found["size"]))
        self.send_header("ETag", f'"{found["etag"]}"')
        self.end_headers()
        return None

    def empty(self, bucket: str, key: str) -> None:
        """The emulator stumbles over objects without a byte."""
        from gcp_storage_emulator.handlers import objects

        made = objects._checksums(b"", objects._make_object_resource("", bucket, key, "application/octet-stream", "0"))
        self.storage.create_file(bucket, key, b"", made)
        self.reply(200, json.dumps(made))

    def error(self, status: int, message: str) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.reply(status, json.dumps({"error": {"code": status, "message": message}}))

    def reply(self, status: int, text: str, media_type: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = serve


def _target(path: str, query: dict[str, list[str]]) -> tuple[str, str, bool]:
    """Bucket, key, and whether a list is wanted."""
    for start in (UPLOADS, DOWNLOADS, JSON_API):
        if path.startswith(start):
            bucket, _, rest = path[len(start):].partition("/o")
            key = unquote(rest.lstrip("/")) or query.get("name", [""])[0]
            return bucket, key, start == JSON_API and path.endswith("/o")
    bucket, _, key = path.strip("/").partition("/")
    return bucket, unquote(key), bool(bucket) and not key


def _xml(bucket: str, prefix: str, items: list[dict[str, Any]], folders: list[str]) -> str:
    contents = "".join(ELEMENT.format(key=escape(item["name"]), size=item["size"], etag=quote(item["etag"]),
                                      time=item["updated"]) for item in items)
    common = "".join(f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" for folder in folders)
    return (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://doc.s3.amazonaws.com/2006-03-01">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>{contents}{common}"
            f"</ListBucketResult>")


def _email(name: str) -> str:
    return f"{name.replace('_', '-')}@{PROJECT}.iam.gserviceaccount.com"


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
