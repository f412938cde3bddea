"""AWS's signature, version 4, for S3."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import Dict, Optional, Tuple
from urllib.parse import urlsplit

Keys = Tuple[str, str, str]  # access key, secret key, session token ("" without one)


def signature(method: str, url: str, data: bytes, keys: Keys, region: str, now: Optional[dt.datetime] = None) -> Dict[str, str]:
    """The headers that sign a call. The query of `url` must be sorted and percent-encoded as S3 wants it; other headers are not signed."""
    key, proof, session = keys
    stamp = (now or dt.datetime.now(dt.timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
    parts, content = urlsplit(url), hashlib.sha256(data).hexdigest()
    signed = {"host": parts.netloc, "x-amz-content-sha256": content, "x-amz-date": stamp}
    if session:
        signed["x-amz-security-token"] = session
    names = ";".join(signed)
    lines = [method, parts.path or "/", parts.query, *(f"{name}:{value}" for name, value in signed.items()), "", names, content]
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256("\n".join(lines).encode()).hexdigest()])
    step = f"AWS4{proof}".encode()
    for part in scope.split("/"):
        step = _keyed(step, part)
    told = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={_keyed(step, text).hex()}"
    return {**{name: value for name, value in signed.items() if name != "host"}, "Authorization": told}


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
