"""The S3 endpoint: moto with authentication always on, made stricter where it is kinder than real storage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from .object_storage_process import announce

ACCOUNT = "123456789012"
SERVICE_USER = "sentinelhub"
SERVICE_ACCOUNT = "arn:aws:iam::614251495211:root"
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
REQUESTS = "/_requests"
Environment = dict[str, Any]


def main() -> None:
    """Serve on a free port until the starter is gone. Run with INITIAL_NO_AUTH_ACTION_COUNT=0."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *args: Any, **more: Any) -> None:
            """Stay silent."""

    key_id, secret = _administrator()
    server = make_server("127.0.0.1", 0, Strict(DomainDispatcherApplication(create_backend_app)), threaded=True,
                         request_handler=Handler)
    announce(port=server.server_port, key_id=key_id, secret=secret)
    server.serve_forever()


def _administrator() -> tuple[str, str]:
    """Key of a user who may do anything; the trust in the service's account is made checkable."""
    from moto.iam.access_control import IAMUserAccessKey
    from moto.iam.models import iam_backends
    from moto.iam.policy_conditions import TrustCondition

    backend = iam_backends[ACCOUNT]["aws"]
    backend.create_user("us-east-1", "admin")
    backend.put_user_policy("admin", "everything", ANYTHING)
    key = backend.create_access_key("admin")
    own, checked = IAMUserAccessKey.arn.fget, TrustCondition.verify_condition

    def arn(access_key: Any) -> str:
        """Who trust policies see: the service comes from an account of its own, which moto cannot hold in one server."""
        name = str(own(access_key)) if own else ""
        return SERVICE_ACCOUNT if name.endswith(f":user/{SERVICE_USER}") else name

    def verify(condition: Any, values: list[str]) -> bool:
        """Also refuse what is wanted but was not sent, such as an external id."""
        sent = condition._condition != "StringEquals" or len(values) == len(condition.context_keys)
        return sent and bool(checked(condition, values))

    IAMUserAccessKey.arn, TrustCondition.verify_condition = property(arn), verify
    return key.access_key_id, key.secret_access_key


class Strict:
    """In front of moto: buckets answer only in their region, who may not list learns nothing about absent keys."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._requests: list[dict[str, Any]] = []

    def __call__(self, environment: Environment, start: Any) -> Iterable[bytes]:
        """Answer one WSGI request."""
        path = environment["PATH_INFO"]
        if path == REQUESTS:
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self._requests).encode()]
        match = CREDENTIAL.search(environment.get("HTTP_AUTHORIZATION", ""))
        key_id, region, service = match.groups() if match else ("", "", "")
        self._requests.append({"method": environment["REQUEST_METHOD"], "path": unquote(path), "service": service,
                               "query": environment.get("QUERY_STRING", ""), "key_id": key_id, "region": region,
                               "range": environment.get("HTTP_RANGE", "")})
        bucket, _, key = path.strip("/").partition("/")
        home = _region_of(bucket)
        if service == "s3" and home and home != region and "location" not in environment.get("QUERY_STRING", ""):
            return _error(environment, start, "301 Moved Permanently", "PermanentRedirect",
                          "The bucket is in another region.", [("x-amz-bucket-region", home)])
        if service == "s3" and bucket and not home and (key or environment["REQUEST_METHOD"] != "PUT"):
            return _error(environment, start, "404 Not Found", "NoSuchBucket", "The specified bucket does not exist", [])
        if service == "s3" and key and environment["REQUEST_METHOD"] in ("GET", "HEAD") and home:
            return self._object(environment, start, bucket, key_id)
        return self._application(environment, start)

    def _object(self, environment: Environment, start: Any, bucket: str, key_id: str) -> Iterable[bytes]:
        answer: list[Any] = []
        body = self._application(environment, lambda *told: answer.extend(told))
        if answer[0].startswith("404") and not _may_list(bucket, key_id, environment):
            if hasattr(body, "close"):
                body.close()
            return _error(environment, start, "403 Forbidden", "AccessDenied", "Access Denied", [])
        start(*answer)
        return body


def _region_of(bucket: str) -> str:
    from moto.s3.models import s3_backends

    known = s3_backends[ACCOUNT]["aws"].buckets.get(bucket) if bucket else None
    return str(known.region_name) if known else ""


def _may_list(bucket: str, key_id: str, environment: Environment) -> bool:
    from moto.iam.access_control import CreateAccessKeyFailure, IAMPolicy, PermissionResult, create_access_key

    token = environment.get("HTTP_X_AMZ_SECURITY_TOKEN")
    headers = {"X-Amz-Security-Token": token} if token else {}
    try:
        policies = create_access_key(ACCOUNT, "aws", key_id, headers).collect_policies()
    except CreateAccessKeyFailure:
        return False
    found = [IAMPolicy(policy).is_action_permitted("s3:ListBucket", f"arn:aws:s3:::{bucket}") for policy in policies]
    return PermissionResult.PERMITTED in found and PermissionResult.DENIED not in found


def _error(environment: Environment, start: Any, status: str, code: str, message: str,
           headers: list[tuple[str, str]]) -> list[bytes]:
    environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    body = b"" if environment["REQUEST_METHOD"] == "HEAD" else text.encode()
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body))), *headers])
    return [body]
