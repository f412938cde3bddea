"""The user's own Google Cloud Storage: an emulator that checks service accounts and their permissions."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlencode

from .object_storage_gcs_server import BUCKET, GRANT
from .object_storage_process import ServerProcess

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Gcs:
    """One endpoint with one bucket. Made and started when first asked for.

    `accounts` holds key files by name: `writer` may do all that delivery needs, `reader` get and list, `creator` create
    alone (which is not enough), `no_list` get alone, `nobody` nothing."""

    bucket = BUCKET

    def __init__(self) -> None:
        self._process = ServerProcess("object_storage_gcs_server")
        self.pid = self._process.pid
        self.url: str = self._process.told["url"]
        self.token_url = f"{self.url}/token"
        self.accounts: dict[str, dict[str, str]] = self._process.told["accounts"]
        self._token: str = self._process.told["token"]

    def stop(self) -> None:
        """End the endpoint; everything in it is gone."""
        self._process.stop()

    def credentials(self, name: str = "writer") -> str:
        """A key file as a request wants it: base64 in one line."""
        return base64.b64encode(json.dumps(self.accounts[name]).encode()).decode()

    def token(self, account: dict[str, str]) -> str:
        """A token for a service account; raises HTTPError when it is refused."""
        now = int(time.time())
        claims = {"iss": account["client_email"], "scope": SCOPE, "aud": account["token_uri"], "iat": now, "exp": now + 3600}
        signed = f"{_encoded(json.dumps({'alg': 'RS256', 'typ': 'JWT'}).encode())}.{_encoded(json.dumps(claims).encode())}"
        form = urlencode({"grant_type": GRANT, "assertion": f"{signed}.{_encoded(_signature(account, signed))}"})
        with DIRECT.open(urllib.request.Request(self.token_url, form.encode()), timeout=30) as answer:
            return str(json.load(answer)["access_token"])

    def write(self, key: str, data: bytes, bucket: str = "", token: str = "") -> None:
        """Store an object, as the administrator unless a token is given; raises HTTPError."""
        query = urlencode({"uploadType": "media", "name": key})
        self._call("POST", f"/upload/storage/v1/b/{bucket or self.bucket}/o?{query}", data, token)

    def read(self, key: str, bucket: str = "", token: str = "") -> bytes:
        """The bytes of an object; raises HTTPError."""
        return self._call("GET", f"/storage/v1/b/{bucket or self.bucket}/o/{quote(key, safe='')}?alt=media", None, token)

    def keys(self, prefix: str = "", bucket: str = "", token: str = "") -> list[str]:
        """Keys of the objects in the bucket, in order; raises HTTPError."""
        found: list[str] = []
        page: dict[str, str] = {}
        while True:
            query = urlencode({"prefix": prefix, **page})
            answer = json.loads(self._call("GET", f"/storage/v1/b/{bucket or self.bucket}/o?{query}", None, token))
            found += [item["name"] for item in answer.get("items", ())]
            if "nextPageToken" not in answer:
                return found
            page = {"pageToken": answer["nextPageToken"]}

    def described(self) -> dict[str, Any]:
        """Address, bucket and accounts as a JSON object."""
        return {"url": self.url, "bucket": self.bucket, "accounts": [one["client_email"] for one in self.accounts.values()]}

    def _call(self, method: str, path: str, data: bytes | None, token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token or self._token}", "Content-Type": "application/octet-stream"}
        with DIRECT.open(urllib.request.Request(self.url + path, data, headers, method=method), timeout=60) as answer:
            return bytes(answer.read())


def _signature(account: dict[str, str], text: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(account["private_key"].encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("private_key must be an RSA key")
    return key.sign(text.encode(), PKCS1v15(), SHA256())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
