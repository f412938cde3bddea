"""A Sentinel Hub account: the deployment, the client that signs in, where results go, and how we read them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Tuple
from urllib.parse import urlsplit

from ..base import Account
from ..cancel import Cancel
from ..errors import ConfigError
from ..fields import Field, Kind, ShownIf
from ..http import MASK
from ..object_storage import Place, Store, place_of
from ..stores.gcs import GcsStore
from ..stores.s3 import S3Access, S3Store
from ..stores.service_account import one_line, service_account
from ..transport import Transport

DASHBOARD = "https://apps.sentinel-hub.com/dashboard"
SERVICE_ACCOUNT = "614251495211"  # the AWS account that delivers
_OTHER = "other"
_AWS_SIGN_IN = "https://services.sentinel-hub.com/auth/realms/main/protocol/openid-connect/token"
_HIDDEN = ("secretAccessKey", "credentials")


@dataclass(frozen=True)
class Deployment:
    """One installation of the service. `endpoint` is where its S3 storage is, "" for AWS."""

    key: str
    title: str
    url: str
    sign_in: str
    region: str
    endpoint: str = ""

    @property
    def is_copernicus(self) -> bool:
        return self.key == "cdse"


DEPLOYMENTS = (
    Deployment("aws-eu-central-1", "Frankfurt", "https://services.sentinel-hub.com", _AWS_SIGN_IN, "eu-central-1"),
    Deployment("aws-us-west-2", "Oregon", "https://services-uswest2.sentinel-hub.com", _AWS_SIGN_IN, "us-west-2"),
    Deployment(
        "cdse", "Copernicus Data Space", "https://sh.dataspace.copernicus.eu",
        "https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token", "default",
        "https://s3.waw3-1.cloudferro.com",
    ),
)  # fmt: skip
PATHS = {  # submit, catalog
    "A": ("/api/v1/async/process", "/api/v1/catalog/1.0.0/search"),
    "B": ("/async/v1/process", "/catalog/v1/search"),
}

_S3_READ = "For reading results only, if it differs from what the service uses."
FIELDS = (
    Field("deployment", "Deployment", Kind.CHOICE, "aws-eu-central-1", required=True, help="Where the account was made.",
          choices=(*((item.key, item.title) for item in DEPLOYMENTS), (_OTHER, "Another address"))),
    Field("url", "Address", shown_if=ShownIf("deployment", (_OTHER,)), placeholder="https://services.sentinel-hub.com",
          help="Address of the service, without a path. An unknown address counts as the Frankfurt deployment."),
    Field("client_id", "Client ID", required=True, help=f"Of an OAuth client, made at {DASHBOARD} under User settings."),
    Field("client_secret", "Client secret", required=True, secret=True, help="Shown once when the OAuth client is made."),
    Field("bucket_url", "Bucket", required=True, placeholder="s3://my-bucket/groundtrack",
          help="Where the service delivers: s3://bucket/folder or gs://bucket/folder. Every job gets a folder of its own in it."),
    Field("s3_role_arn", "Role ARN", placeholder="arn:aws:iam::123456789012:role/sentinelhub-delivery",
          help="A role that Sentinel Hub may assume to deliver (recommended). With it, the key pair is for reading here only."),
    Field("s3_access_key", "Access key", secret=True, help="Of an S3 key pair."),
    Field("s3_secret_key", "Secret key", secret=True, help="Of an S3 key pair."),
    Field("s3_region", "Bucket region", placeholder="eu-central-1", help="Needed where it is not the region of the deployment."),
    Field("gs_credentials", "Google credentials", secret=True, help="JSON key file of a service account, in base64, for gs:// buckets."),
    Field("s3_endpoint", "S3 endpoint", advanced=True, placeholder="https://s3.waw3-1.cloudferro.com",
          help="For S3 storage that is not Amazon’s own."),
    Field("s3_read_profile", "AWS profile for reading", advanced=True, help=_S3_READ),
    Field("s3_read_role_arn", "Role for reading", advanced=True, help=_S3_READ),
    Field("external_id", "External ID", advanced=True,
          help="Your account ID at Sentinel Hub, for the policy to copy: the role then trusts the service only when it acts for you."),
    Field("s3_addressing", "Bucket addressing", Kind.CHOICE, "auto", advanced=True,
          choices=(("auto", "As the storage is used to"), ("path", "In the path"), ("virtual", "In the host name"))),
    Field("token_url", "Sign-in address", advanced=True, help="Leave it empty unless told otherwise."),
    Field("path_style", "Path style", Kind.CHOICE, "A", advanced=True, choices=(("A", "/api/v1/async/process"), ("B", "/async/v1/process")),
          help="Newer deployments may serve the second one only."),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The account, understood. Raises ConfigError where something is missing or wrong."""

    account: Account

    @property
    def deployment(self) -> Deployment:
        """By the address; an unknown one counts as Frankfurt."""
        url = self.account.url
        host = urlsplit(url).netloc.lower()
        if url:
            return next((item for item in DEPLOYMENTS if urlsplit(item.url).netloc == host), DEPLOYMENTS[0])
        return next((item for item in DEPLOYMENTS if item.key == self.account.value("deployment")), DEPLOYMENTS[0])

    @property
    def base(self) -> str:
        return self.account.url or self.deployment.url

    @property
    def token_url(self) -> str:
        return self.account.value("token_url") or self.deployment.sign_in

    @property
    def path_style(self) -> str:
        style = self.account.value("path_style").upper() or "A"
        return "A" if self.deployment.is_copernicus or style not in PATHS else style

    @property
    def place(self) -> Place:
        url = self.account.value("bucket_url")
        if not url:
            raise ConfigError("The account names no bucket for results.", advice="Enter s3://bucket/folder or gs://bucket/folder.")
        place = place_of(url)
        if place.scheme == "gs" and self.deployment.is_copernicus:
            raise ConfigError("The Copernicus Data Space delivers to S3 storage only.", advice="Enter an s3:// bucket in the account.")
        return place

    @property
    def region(self) -> str:
        return self.account.value("s3_region") or self.deployment.region

    @property
    def surcharge(self) -> str:
        """What kind of surcharge delivery has: same, other or gs."""
        if self.place.scheme == "gs":
            return "gs"
        return "same" if self.region == self.deployment.region else "other"

    @property
    def has_pair(self) -> bool:
        return bool(self.account.value("s3_access_key") and self.account.value("s3_secret_key"))

    def delivery(self, place: Place) -> Dict[str, Any]:
        """What a request says of a place, with the secrets in it."""
        value = self.account.value
        if place.scheme == "gs":
            return {"gs": {"url": place.url, "credentials": self._google()}}
        told: Dict[str, Any] = {"url": place.url}
        role = value("s3_role_arn")
        if role and not self.deployment.is_copernicus:
            told["iamRoleARN"] = role
        elif self.has_pair:
            told.update(accessKey=value("s3_access_key"), secretAccessKey=value("s3_secret_key"))
        else:
            advice = "Enter a role ARN or an access key with its secret key in the account."
            settings = ("s3_role_arn", "s3_access_key", "s3_secret_key")
            missing = tuple(name for name in settings if not value(name))
            raise ConfigError("The account does not say how Sentinel Hub may write to the bucket.", settings=missing, advice=advice)
        if value("s3_region"):
            told["region"] = value("s3_region")
        return {"s3": told}

    def store(self, place: Place, transport: Transport, cancel: Cancel) -> Store:
        """The bucket of a place, with the credentials that read here."""
        value = self.account.value
        if place.scheme == "gs":
            return GcsStore(place.bucket, service_account(self._google()), transport, cancel)
        addressing, endpoint = value("s3_addressing"), value("s3_endpoint") or self.deployment.endpoint
        profile = value("s3_read_profile")
        pair = ("", "") if profile else (value("s3_access_key"), value("s3_secret_key"))
        path_style = addressing == "path" or (addressing != "virtual" and bool(endpoint))
        access = S3Access(*pair, profile, value("s3_read_role_arn"), self.region, endpoint, path_style)
        return S3Store(place.bucket, access, transport, cancel)

    def _google(self) -> str:
        credentials = self.account.value("gs_credentials")
        if not credentials:
            advice = "Enter the JSON key of a service account in base64."
            raise ConfigError("The account has no Google credentials.", settings=("gs_credentials",), advice=advice)
        service_account(credentials)
        return one_line(credentials)

    def scrubbed(self, text: str) -> str:
        """A text of the service without any secret of this account."""
        secrets = [value for value in self.account.secrets.values() if len(value) >= 4]
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def masked(body: Any) -> Any:
    """A copy of a body with the storage secrets hidden; the last four letters of an access key stay."""
    if isinstance(body, Mapping):
        return {name: _hidden(name, value) for name, value in body.items()}
    return [masked(item) for item in body] if isinstance(body, list) else body


def _hidden(name: str, value: Any) -> Any:
    if name in _HIDDEN and isinstance(value, str):
        return MASK
    if name == "accessKey" and isinstance(value, str):
        return MASK + value[-4:]
    return masked(value)


def policies(place: Place, external_id: str = "") -> Tuple[str, str]:
    """For copying: the policy of a role that delivers to a bucket, and whom it trusts (JSON texts)."""
    import json

    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]
    resources = [f"arn:aws:s3:::{place.bucket}", f"arn:aws:s3:::{place.bucket}/*"]
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]}
    trust: Dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SERVICE_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    if external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}, "StringLike": {"sts:RoleSessionName": "sentinelhub"}}
    return json.dumps(rights, indent=2), json.dumps({"Version": "2012-10-17", "Statement": [trust]}, indent=2)
