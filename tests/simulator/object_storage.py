"""The user's own S3 storage: a real endpoint that checks signatures and permissions, with users of several kinds."""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .object_storage_process import ServerProcess
from .object_storage_s3_server import ACCOUNT, REQUESTS, SERVICE_ACCOUNT, SERVICE_USER

FRANKFURT, OREGON = "eu-central-1", "us-west-2"
GET, PUT, LIST, DELETE = "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"
# names of botocore's settings, their environment variables unread: what a test sets for the plugin is not meant for us
UNREAD = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None),
          "credentials_file": (None, None, os.devnull, None)}


@dataclass(frozen=True)
class Key:
    """Credentials: access key id, its secret, and a session token for assumed roles."""

    key_id: str
    secret: str
    session: str = ""


class S3:
    """One endpoint with buckets and users. Made and started when first asked for; path-style addressing.

    Buckets: `bucket` in Frankfurt, `second_bucket` there too (for `second_user` alone), `oregon_bucket` in Oregon.
    Keys: `admin` may do anything; `user` what the service needs for delivery by key pair; `reader` get, list, delete;
    `no_list` get alone, `no_get` list alone, `no_write` get and list, `nobody` nothing. `role_arn` is a role the service
    may assume, `external_role_arn` one that wants `external_id` too, `foreign_role_arn` one that trusts somebody else."""

    region = FRANKFURT
    bucket, second_bucket, oregon_bucket = "gt-results", "gt-second", "gt-oregon"
    external_id = "simulated-domain-account"

    def __init__(self, page: int = 2) -> None:
        from botocore.session import Session

        self._session = Session(session_vars=UNREAD)
        self._guard = threading.RLock()
        self._clients: dict[tuple[Key, str, str], Any] = {}
        self._process = ServerProcess("object_storage_s3_server", INITIAL_NO_AUTH_ACTION_COUNT="0",
                                      MOTO_S3_DEFAULT_MAX_KEYS=str(page))
        self.endpoint = f"http://127.0.0.1:{self._process.told['port']}"
        self.pid = self._process.pid
        self.admin = Key(self._process.told["key_id"], self._process.told["secret"])
        try:
            self._furnish()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the endpoint; everything in it is gone."""
        for client in self._clients.values():
            client.close()
        self._process.stop()

    def client(self, key: Key | None = None, service: str = "s3", region: str = "") -> Any:
        """A boto3-style client (s3, sts, iam) that makes a single attempt; the administrator's unless told."""
        from botocore.config import Config

        key, region = key or self.admin, region or self.region
        with self._guard:
            if (key, service, region) not in self._clients:
                config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={},
                                signature_version="v4" if service != "s3" else "s3v4", connect_timeout=10, read_timeout=60)
                self._clients[key, service, region] = self._session.create_client(
                    service, region, endpoint_url=self.endpoint, aws_access_key_id=key.key_id,
                    aws_secret_access_key=key.secret, aws_session_token=key.session or None, config=config)
            return self._clients[key, service, region]

    def make_bucket(self, name: str, region: str = FRANKFURT) -> str:
        """A new bucket in a region."""
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.client(region=region).create_bucket(Bucket=name, **place)
        return name

    def make_user(self, name: str, actions: Sequence[str], buckets: Sequence[str] = ()) -> Key:
        """A new user who may do so much in these buckets (all of the plain ones unless told)."""
        iam = self.client(service="iam")
        iam.create_user(UserName=name)
        if actions:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=_policy(actions, buckets or self._own))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return Key(made["AccessKeyId"], made["SecretAccessKey"])

    def make_role(self, name: str, actions: Sequence[str], trusted: str = SERVICE_ACCOUNT, external_id: str = "",
                  buckets: Sequence[str] = ()) -> str:
        """The ARN of a new role that `trusted` may assume, with an external id when one is given."""
        iam = self.client(service="iam")
        trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
        if external_id:
            trust["Condition"] = {"StringEquals": {"sts:ExternalId": external_id},
                                  "StringLike": {"sts:RoleSessionName": "sentinelhub"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_policy(actions, buckets or self._own))
        return str(made["Role"]["Arn"])

    def assume(self, key: Key, arn: str, external_id: str = "", name: str = "sentinelhub") -> Key:
        """Credentials of a role; raises botocore's ClientError."""
        more = {"ExternalId": external_id} if external_id else {}
        made = self.client(key, "sts").assume_role(RoleArn=arn, RoleSessionName=name, **more)["Credentials"]
        return Key(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def keys(self, prefix: str = "", bucket: str = "") -> list[str]:
        """Keys of the objects in a bucket, in order."""
        pages = self.client(region=self._home(bucket)).get_paginator("list_objects_v2")
        return [item["Key"] for page in pages.paginate(Bucket=bucket or self.bucket, Prefix=prefix)
                for item in page.get("Contents", ())]

    def read(self, key: str, bucket: str = "") -> bytes:
        """The bytes of an object."""
        answer = self.client(region=self._home(bucket)).get_object(Bucket=bucket or self.bucket, Key=key)
        return bytes(answer["Body"].read())

    def write(self, key: str, data: bytes, bucket: str = "") -> None:
        """Store an object."""
        self.client(region=self._home(bucket)).put_object(Bucket=bucket or self.bucket, Key=key, Body=data)

    def region_of(self, bucket: str) -> str:
        """The region of a bucket; raises botocore's ClientError when there is none."""
        return self.client().get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"

    def requests(self) -> list[dict[str, Any]]:
        """Every request the endpoint got: method, path, query, service, key_id, region, range."""
        with urllib.request.urlopen(self.endpoint + REQUESTS, timeout=10) as answer:
            return list(json.load(answer))

    def described(self) -> dict[str, Any]:
        """Address, buckets and keys as a JSON object."""
        names = ("user", "reader", "no_list", "no_get", "no_write", "nobody")
        keys = {name: [getattr(self, name).key_id, getattr(self, name).secret] for name in names}
        return {"endpoint": self.endpoint, "region": self.region, "keys": keys, "role_arn": self.role_arn,
                "buckets": [self.bucket, self.second_bucket, self.oregon_bucket]}

    def _home(self, bucket: str) -> str:
        return self.region_of(bucket) if bucket else self.region

    @property
    def _own(self) -> tuple[str, ...]:
        return self.bucket, self.oregon_bucket

    def _furnish(self) -> None:
        for bucket in (self.bucket, self.second_bucket):
            self.make_bucket(bucket)
        self.make_bucket(self.oregon_bucket, OREGON)
        self.user = self.make_user("deliverer", (GET, PUT, LIST))
        self.second_user = self.make_user("second", (GET, PUT, LIST, DELETE), (self.second_bucket,))
        self.reader = self.make_user("reader", (GET, LIST, DELETE))
        self.no_list = self.make_user("no-list", (GET,))
        self.no_get = self.make_user("no-get", (LIST,))
        self.no_write = self.make_user("no-write", (GET, LIST))
        self.nobody = self.make_user("nobody", ())
        iam = self.client(service="iam")
        iam.create_user(UserName=SERVICE_USER)
        assume = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]})
        iam.put_user_policy(UserName=SERVICE_USER, PolicyName="own", PolicyDocument=assume)
        made = iam.create_access_key(UserName=SERVICE_USER)["AccessKey"]
        self.service = Key(made["AccessKeyId"], made["SecretAccessKey"])
        everything = (GET, PUT, DELETE, LIST)
        self.role_arn = self.make_role("sh-delivery", everything)
        self.external_role_arn = self.make_role("sh-external", everything, external_id=self.external_id)
        self.foreign_role_arn = self.make_role("sh-foreign", everything, f"arn:aws:iam::{ACCOUNT}:user/deliverer")


def _policy(actions: Sequence[str], buckets: Sequence[str]) -> str:
    resources = [f"arn:aws:s3:::{bucket}{rest}" for bucket in buckets for rest in ("", "/*")]
    statement = {"Effect": "Allow", "Action": [*actions, "s3:GetBucketLocation"], "Resource": resources}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
