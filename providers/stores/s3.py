"""S3 and what speaks like it, over our own transport: proxies, certificates, time-outs and Stop are those of every other call.

The credential chain (profiles, SSO, roles) is boto3's, imported on first use; with a key pair in the account it is not needed at all.
"""

from __future__ import annotations

import html
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import quote, urlsplit

from ..cancel import Cancel
from ..errors import ConfigError
from ..http import HttpCall, Reply
from ..object_storage import StorageRefused, Store, Stored, Verb
from ..replies import moment, stamp
from ..rights import Rights
from ..transport import Transport
from .signature import Keys, signature

_METHODS = {"list": "GET", "read": "GET", "write": "PUT", "delete": "DELETE"}
_FATAL = frozenset(
    "InvalidAccessKeyId SignatureDoesNotMatch AuthorizationHeaderMalformed RequestTimeTooSkewed ExpiredToken InvalidToken"
    " TokenRefreshRequired InvalidClientTokenId AuthFailure".split()
)
MISSING = "Reading S3 storage without a key pair in the account needs the Python package boto3, which this QGIS lacks."
SIGN_IN = "Sign in to AWS again (aws sso login), or check the profile and role for reading in the account."
HOW = "Enter a key pair, or install it (Debian: python3-boto3, elsewhere: pip install boto3), then restart QGIS."


@dataclass(frozen=True)
class S3Access:
    """How one bucket is reached. With a key pair only that is used; else `profile`, or boto3's own chain; `role` is assumed on top."""

    key: str = ""
    secret_key: str = field(default="", repr=False)
    profile: str = ""
    role: str = ""
    region: str = ""
    endpoint: str = ""
    path_style: bool = False


class S3Store(Store):
    """One bucket of S3."""

    scheme = "s3"

    def __init__(self, bucket: str, access: S3Access, transport: Transport, cancel: Cancel) -> None:
        super().__init__(bucket, transport, cancel)
        self._access = access
        self._region = access.region or "us-east-1"
        self._lock = threading.Lock()
        self._held: Any = None

    def _ask(self, verb: Verb, key: str, query: Dict[str, str], *more: Any, **known: Any) -> Reply:
        reply = super()._ask(verb, key, query, *more, **known)
        return super()._ask(verb, key, query, *more, **known) if self._moved(reply) else reply

    def _moved(self, reply: Reply) -> bool:
        region, before = _region_told(reply), self._region
        self._region = region or before
        return self._region != before

    def _signed(
        self, verb: Verb, key: str, query: Dict[str, str], headers: Dict[str, str], data: bytes, method: str = ""
    ) -> Tuple[HttpCall, Dict[str, str]]:
        method = method or _METHODS[verb.words]
        url = self._url(key) + (f"?{_query(query)}" if query else "")
        return HttpCall(method, url, signature=""), {**headers, **signature(method, url, data, self._keys(), self._region)}

    def rights(self, folder: str) -> Optional[Rights]:
        key, proof, session = self._keys()
        parts = urlsplit(self._endpoint() or "https://s3.amazonaws.com")
        if parts.path:
            return None
        options = {  # all of them, lest one that is set for the whole process be mixed with these
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": proof, "AWS_SESSION_TOKEN": session, "AWS_NO_SIGN_REQUEST": "NO",
            "AWS_REGION": self._region, "AWS_DEFAULT_REGION": self._region, "AWS_REQUEST_PAYER": "", "AWS_S3_ENDPOINT": parts.netloc,
            "AWS_HTTPS": "NO" if parts.scheme == "http" else "YES", "AWS_VIRTUAL_HOSTING": "FALSE" if self._in_path() else "TRUE",
        }  # fmt: skip
        return Rights(f"/vsis3/{self.bucket}/{folder.strip('/')}/", options, bool(session))

    def _url(self, key: str) -> str:
        path = quote(key, safe="/-_.~")
        if self._in_path():
            return f"{self._endpoint() or f'https://s3.{self._region}.amazonaws.com'}/{self.bucket}" + (f"/{path}" if path else "")
        return f"https://{self.bucket}.s3.{self._region}.amazonaws.com/{path}"

    def _endpoint(self) -> str:
        """Scheme and host of storage that is not Amazon's own, "" for Amazon's."""
        endpoint = self._access.endpoint.rstrip("/")
        return f"https://{endpoint}" if endpoint and "://" not in endpoint else endpoint

    def _in_path(self) -> bool:
        """Whether the bucket is named in the path, not in the host's name."""
        return self._access.path_style or bool(self._access.endpoint) or "." in self.bucket

    def _keys(self) -> Keys:
        """What signs; temporary credentials renew themselves."""
        if self._access.key and self._access.secret_key and not self._access.role:
            return self._access.key, self._access.secret_key, ""
        with self._lock:
            if self._held is None:
                self._held = _credentials(self._access, self._region, self.bucket)
            frozen = self._held.get_frozen_credentials()
            return frozen.access_key, frozen.secret_key, frozen.token or ""

    def _page(self, prefix: str, page: str) -> Dict[str, str]:
        return {"list-type": "2", "prefix": prefix, **({"continuation-token": page} if page else {})}

    def _listed(self, reply: Reply) -> Tuple[List[Stored], str]:
        text = reply.body.decode("utf-8", "replace")
        if "<ListBucketResult" not in text:
            raise StorageRefused(f"The storage endpoint does not answer like S3: {reply.excerpt()}.", fatal=True, status=reply.status)
        found = [_stored(item) for item in re.findall(r"<Contents>(.*?)</Contents>", text, re.DOTALL)]
        more = _element(text, "IsTruncated").strip().lower() == "true"
        return found, _element(text, "NextContinuationToken") if more else ""

    def _seen(self, key: str, reply: Reply) -> Stored:
        length = reply.headers.get("content-length", "")
        return Stored(key, int(length) if length.isdigit() else 0, reply.headers.get("etag", "").strip('"'))

    def _told(self, reply: Reply) -> Tuple[str, str]:
        text = reply.body[:65536].decode("utf-8", "replace")
        code = _element(text, "Code") or {401: "Unauthorized", 403: "AccessDenied", 404: "NotFound"}.get(reply.status, "")
        return code, _element(text, "Message")

    def _is_fatal(self, status: int, code: str) -> bool:
        return code in _FATAL or status not in (401, 403)

    def _is_bucket_missing(self, reply: Reply) -> bool:
        return self._told(reply)[0] == "NoSuchBucket"


def _credentials(access: S3Access, region: str, bucket: str) -> Any:
    """Credentials as boto3 has them. Raises ConfigError, StorageRefused."""
    try:
        import boto3
        from botocore.credentials import Credentials
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise ConfigError(MISSING, advice=HOW) from None
    if access.key and access.secret_key:
        return _assumed(access, region, Credentials(access.key, access.secret_key))
    try:
        held: Any = boto3.session.Session(profile_name=access.profile or None).get_credentials()
    except BotoCoreError as error:
        raise ConfigError(f"The AWS credentials cannot be used: {error}.") from None
    if held is None:
        text = f"There are no credentials to read s3://{bucket} with."
        raise ConfigError(text, advice="Enter a key pair or the name of an AWS profile in the account.")
    return _assumed(access, region, held) if access.role else _Renewing(held, "The AWS credentials cannot be used")


def _assumed(access: S3Access, region: str, held: Any) -> Any:
    """Credentials of the role that reads, renewed as they end."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.session import Session

    def client(service: str, **known: Any) -> Any:
        return Session().create_client(service, region, endpoint_url=access.endpoint or None, **known)

    fetcher = AssumeRoleCredentialFetcher(client, held, access.role, extra_args={"RoleSessionName": "groundtrack"})
    return _Renewing(DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role"), "The role for reading cannot be assumed")


class _Renewing:
    """Credentials whose fetching may be refused, as when a sign-in has ended. `words` say so."""

    def __init__(self, held: Any, words: str) -> None:
        self._held = held
        self._words = words

    def get_frozen_credentials(self) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._held.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            raise StorageRefused(f"{self._words}: {str(error).rstrip('.')}.", fatal=True, advice=SIGN_IN) from None


def _query(query: Dict[str, str]) -> str:
    """Sorted and encoded as the signature wants it."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))


def _stored(item: str) -> Stored:
    size = _element(item, "Size")
    modified = stamp(moment(_element(item, "LastModified")))
    return Stored(_element(item, "Key"), int(size) if size.isdigit() else 0, _element(item, "ETag").strip('"'), modified)


def _element(text: str, name: str) -> str:
    match = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(match.group(1)) if match else ""


def _region_told(reply: Reply) -> str:
    """The bucket's region, when an answer says that it is another one."""
    if reply.status not in (301, 307, 400):
        return ""
    return reply.headers.get("x-amz-bucket-region", "") or _element(reply.body[:65536].decode("utf-8", "replace"), "Region")

