"""Google Cloud Storage by its JSON interface, signed in as a service account."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import quote, urlencode, urlsplit

from .. import replies
from ..cancel import Cancel
from ..errors import ConfigError
from ..http import HttpCall, Reply
from ..object_storage import DELETE, LIST, WRITE, StorageRefused, Store, Stored, Verb
from ..rights import Rights
from ..transport import Transport, check_address
from .service_account import READ_SCOPE, ServiceAccount, Tokens

ENDPOINT = "https://storage.googleapis.com"
# to sign in, which GDAL prefers when they are set for the whole process
_OTHER_WAYS = ("GS_ACCESS_KEY_ID", "GS_SECRET_ACCESS_KEY", "GS_OAUTH2_REFRESH_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS")
_SIGN_IN = ("oauth2.googleapis.com", "www.googleapis.com", "accounts.google.com")


class GcsStore(Store):
    """One bucket, at Google or in an emulator on this computer."""

    scheme = "gs"

    def __init__(self, bucket: str, account: ServiceAccount, transport: Transport, cancel: Cancel) -> None:
        super().__init__(bucket, transport, cancel)
        self._account = account
        self._endpoint = (_emulator(account) or ENDPOINT).rstrip("/")
        # an emulator here knows nothing of tokens that Google itself gives
        self._signs = not (_is_here(self._endpoint) and not _is_here(account.token_url))
        self._tokens = Tokens(account, transport)

    def _signed(
        self, verb: Verb, key: str, query: Dict[str, str], headers: Dict[str, str], data: bytes, method: str = ""
    ) -> Tuple[HttpCall, Dict[str, str]]:
        name, bucket = quote(key, safe=""), quote(self.bucket, safe="")
        objects = f"{self._endpoint}/storage/v1/b/{bucket}/o"
        if verb is LIST:
            method, url = "GET", f"{objects}?{urlencode(query)}"
        elif verb is WRITE:
            method, url = "POST", f"{self._endpoint}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
        elif verb is DELETE:
            method, url = "DELETE", f"{objects}/{name}"
        else:
            url = f"{objects}/{name}" + ("" if method == "HEAD" else "?alt=media")
            method = "GET"  # what S3 tells in a HEAD is a document here
        signed = dict(headers)
        signed.pop("If-Match", None)  # not for this interface's marks
        if self._signs:
            signed["Authorization"] = f"Bearer {self._tokens.take('only' if verb.words in ('list', 'read') else 'write', self._cancel)}"
        return HttpCall(method, url, signature=""), signed

    def rights(self, folder: str) -> Optional[Rights]:
        if urlsplit(self._account.token_url).hostname not in _SIGN_IN:  # GDAL asks no other host for tokens
            return None
        options = {
            **dict.fromkeys(_OTHER_WAYS, ""), "CPL_GS_ENDPOINT": f"{self._endpoint}/",
            "GS_OAUTH2_PRIVATE_KEY": self._account.pem, "GS_OAUTH2_CLIENT_EMAIL": self._account.email, "GS_OAUTH2_SCOPE": READ_SCOPE,
        }  # fmt: skip
        return Rights(f"/vsigs/{self.bucket}/{folder.strip('/')}/", options)

    def _moved(self, reply: Reply) -> bool:
        return False  # Google finds its buckets itself

    def _page(self, prefix: str, page: str) -> Dict[str, str]:
        return {"prefix": prefix, **({"pageToken": page} if page else {})}

    def _listed(self, reply: Reply) -> Tuple[List[Stored], str]:
        told = reply.json()
        items = replies.member(told, "items") or []
        if not isinstance(told, Mapping) or not isinstance(items, list):
            raise StorageRefused("The storage endpoint does not answer like Google Cloud Storage.", fatal=True, status=reply.status)
        return [_stored(item) for item in items if isinstance(item, Mapping)], str(told.get("nextPageToken") or "")

    def _seen(self, key: str, reply: Reply) -> Stored:
        return _stored(reply.json())

    def _told(self, reply: Reply) -> Tuple[str, str]:
        told = reply.json_or_none()
        code, message = replies.failure(told)
        inner = replies.member(told, "error")
        reasons = inner.get("errors") if isinstance(inner, Mapping) else None
        reason = replies.words(replies.member(reasons[0], "reason")) if isinstance(reasons, list) and reasons else ""
        return reason or code, message

    def _is_fatal(self, status: int, code: str) -> bool:
        return status not in (403,)

    def _is_bucket_missing(self, reply: Reply) -> bool:
        return reply.status == 404 and "bucket" in self._told(reply)[1].lower()


def _stored(item: Mapping[str, Any]) -> Stored:
    size = replies.number(item.get("size")) or 0
    mark = replies.words(item.get("etag")) or replies.words(item.get("md5Hash"))
    return Stored(str(item.get("name", "")), int(size), mark, replies.stamp(replies.moment(item.get("updated"))))


def _emulator(account: ServiceAccount) -> str:
    """An emulator on this computer: the one that Google's or GDAL's variable names, else where the account signs in.

    Only this computer: a variable must not lead credentials anywhere else.
    """
    for name in ("STORAGE_EMULATOR_HOST", "CPL_GS_ENDPOINT"):
        told = os.environ.get(name, "")
        endpoint = told if "://" in told or not told else f"http://{told}"
        if _is_here(endpoint):
            return endpoint
    parts = urlsplit(account.token_url)
    return f"{parts.scheme}://{parts.netloc}" if _is_here(account.token_url) else ""


def _is_here(url: str) -> bool:
    with suppress(ConfigError):
        check_address(url)
        return url.startswith("http://")  # which is allowed to this computer alone
    return False
