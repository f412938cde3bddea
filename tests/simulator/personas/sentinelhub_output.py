"""What the Sentinel Hub persona accepts as output and as delivery; the whole order of a submission."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from . import sentinelhub_rules as rules
from .sentinelhub_data import CDSE, number
from .sentinelhub_gate import Refusal
from .sentinelhub_rules import Area, Checker, Source
from .sentinelhub_script import Output, Setup
from .sentinelhub_settings import SentinelhubSettings

LARGEST = 10_000
TIFF, PNG, JPEG, JSON = "image/tiff", "image/png", "image/jpeg", "application/json"
FORMATS = (TIFF, PNG, JPEG, JSON)
USERDATA = "userdata"
REQUEST_ID, OUTPUT = "<REQUEST_ID>", "<OUTPUT>"
ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ADDRESS = re.compile(r"(s3|gs)://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
KEY = re.compile(r"[A-Za-z0-9._/-]*")


@dataclass(frozen=True)
class Wanted:
    """One response: which output, as what."""

    identifier: str = "default"
    media_type: str = PNG
    quality: int = 90


@dataclass(frozen=True)
class Place:
    """Somewhere in a user's storage, with what opens it. `key` may be a template."""

    scheme: str
    bucket: str
    key: str
    secrets: dict[str, Any]
    region: str = ""

    def path(self, request_id: str, name: str) -> str:
        """The key of one object of a job."""
        template = self.key if "<" in self.key else "/".join(part for part in (self.key.strip("/"), REQUEST_ID, OUTPUT) if part)
        return template.replace(REQUEST_ID, request_id).replace(OUTPUT, name)


@dataclass(frozen=True)
class Order:
    """A submission that passed all checks. `setup` is None while the script lies in a bucket, at `script`."""

    body: dict[str, Any]
    area: Area
    sources: list[Source]
    size: tuple[int, int]
    responses: list[Wanted]
    delivery: Place
    setup: Setup | None = None
    script: Place | None = None


def order(body: Any, settings: SentinelhubSettings) -> Order:
    """The order in a body; raises Refusal with everything that is wrong."""
    if not isinstance(body, dict) or not body:
        raise Refusal(400, "COMMON_BAD_PAYLOAD", "Request body should be non-empty.")
    check = Checker(settings.strict_fields)
    check.members("", body, ("input", "output", "evalscript", "evalscriptReference"))
    given, wanted = check.object("input", body.get("input")), check.object("output", body.get("output"))
    check.members("input", given, ("bounds", "data"))
    place = rules.area(check, check.object("input->bounds", given.get("bounds")))
    sources = rules.sources(check, given.get("data"), settings.deployment)
    if ("evalscript" in body) == ("evalscriptReference" in body):
        check.wrong("evalscript", "exactly one of evalscript and evalscriptReference is required")
    cdse = settings.deployment == CDSE
    setup = rules.setup(check, body["evalscript"], sources) if "evalscript" in body else None
    script = _place(check, "evalscriptReference", body["evalscriptReference"], cdse) if "evalscriptReference" in body else None
    check.members("output", wanted, ("width", "height", "resx", "resy", "responses", "delivery"))
    size = _size(check, wanted, place)
    responses = _responses(check, wanted.get("responses"))
    if setup is not None:
        for path, text in mismatches(setup, responses):
            check.wrong(path, text)
    delivery = _place(check, "output->delivery", wanted.get("delivery"), cdse)
    if delivery is not None and "<" in delivery.key:
        _check_template(check, delivery.key, len(responses))
    check.refuse()
    if place is None or size is None or delivery is None:
        raise Refusal(400, "COMMON_BAD_PAYLOAD", "Payload is not valid.")
    coarse = rules.too_coarse(place, size, sources)
    if coarse:
        raise Refusal(400, "COMMON_EXCEPTION", coarse)
    return Order(body, place, sources, size, responses, delivery, setup, script)


def mismatches(setup: Setup, responses: list[Wanted]) -> list[tuple[str, str]]:
    """Responses that do not fit the outputs of the script, as path and text."""
    outputs = {output.identifier: output for output in setup.outputs}
    found = []
    for index, wanted in enumerate(responses):
        path = f"output->responses->{index}"
        if wanted.identifier == USERDATA:
            continue
        if wanted.identifier not in outputs:
            found.append((f"{path}->identifier", f"the script has no output {wanted.identifier}"))
        elif not _fits(outputs[wanted.identifier], wanted.media_type):
            found.append((f"{path}->format->type", f"{wanted.media_type} cannot hold output {wanted.identifier}"))
    return found


def _fits(output: Output, media_type: str) -> bool:
    if media_type == JPEG:
        return output.bands in (1, 3) and output.sample_type in ("UINT8", "AUTO")
    if media_type == PNG:
        return output.bands <= 4 and output.sample_type in ("UINT8", "AUTO", "UINT16")
    return media_type == TIFF


def _size(check: Checker, wanted: dict[str, Any], place: Area | None) -> tuple[int, int] | None:
    names = [[name for name in pair if name in wanted] for pair in (("width", "height"), ("resx", "resy"))]
    if sorted(len(found) for found in names) != [0, 2]:
        check.wrong("output", "exactly one pair, width and height or resx and resy, is required")
        return None
    pair = names[0] or names[1]
    faults = [_broken_size(name, wanted[name]) for name in pair]
    for name, fault in zip(pair, faults):
        if fault:
            check.wrong(f"output->{name}", fault)
    if any(faults) or place is None:
        return None
    if pair == ["width", "height"]:
        return wanted["width"], wanted["height"]
    box = place.box
    size = [max(1, round(length / wanted[name])) for length, name in zip((box[2] - box[0], box[3] - box[1]), pair)]
    for side, name, pixels in zip(("width", "height"), pair, size):
        if pixels > LARGEST:
            check.wrong(f"output->{name}", f"`{side} = {pixels}`, calculated from {name}, is larger than allowed {LARGEST}")
    return size[0], size[1]


def _broken_size(name: str, value: Any) -> str:
    if name in ("width", "height"):
        return number(1, LARGEST, whole=True)(value)
    fault = number(0, 1e9)(value)
    return fault or ("must be greater than 0" if value <= 0 else "")


def _responses(check: Checker, items: Any) -> list[Wanted]:
    path = "output->responses"
    if items is None:
        return [Wanted()]
    if not isinstance(items, list) or not items:
        check.wrong(path, "must be an array of responses")
        return [Wanted()]
    found = [_response(check, f"{path}->{index}", item) for index, item in enumerate(items)]
    names = [wanted.identifier for wanted in found]
    for index, name in enumerate(names):
        if name in names[:index]:
            check.wrong(f"{path}->{index}->identifier", "must be unique")
    return found


def _response(check: Checker, path: str, item: Any) -> Wanted:
    given = check.object(path, item)
    check.members(path, given, ("identifier", "format"))
    name = given.get("identifier", "default")
    if not isinstance(name, str) or not name:
        check.wrong(f"{path}->identifier", "must be a string")
        name = "default"
    told = check.object(f"{path}->format", given.get("format", {"type": PNG}))
    check.members(f"{path}->format", told, ("type", "quality"))
    media_type = told.get("type")
    if media_type not in FORMATS or (media_type == JSON) != (name == USERDATA):
        check.wrong(f"{path}->format->type", f"must be one of {', '.join(FORMATS)}, the last for userdata alone")
    quality = told.get("quality", 90)
    fault = number(0, 100, whole=True)(quality) or ("is for image/jpeg alone" if "quality" in told and media_type != JPEG else "")
    if fault:
        check.wrong(f"{path}->format->quality", fault)
    return Wanted(str(name), str(media_type), quality if isinstance(quality, int) else 90)


def _place(check: Checker, path: str, value: Any, cdse: bool) -> Place | None:
    """A delivery or a script: exactly one of `s3` and `gs`."""
    given = check.object(path, value)
    known = ("s3",) if cdse else ("s3", "gs")
    check.members(path, given, known)
    schemes = [name for name in known if name in given]
    if len(schemes) != 1:
        check.wrong(path, f"exactly one of {' and '.join(known)} is required")
        return None
    scheme, path = schemes[0], f"{path}->{schemes[0]}"
    told = check.object(path, given[scheme])
    url = told.get("url")
    match = ADDRESS.fullmatch(url) if isinstance(url, str) else None
    if match is None or match.group(1) != scheme:
        check.wrong(f"{path}->url", f"must be {scheme}://bucket or {scheme}://bucket/key")
        return None
    bucket, key = match.group(2), match.group(3) or ""
    if not KEY.fullmatch(key.replace(REQUEST_ID, "").replace(OUTPUT, "")):
        check.wrong(f"{path}->url", "has unknown placeholders or characters that are not allowed in a key")
    if path.startswith("evalscript") and (not key or key.endswith("/") or "<" in key):
        check.wrong(f"{path}->url", "must be the address of one script")
    secrets = _s3_secrets(check, path, told, cdse) if scheme == "s3" else _gs_secrets(check, path, told)
    return Place(scheme, bucket, key, secrets, str(told.get("region", "")))


def _s3_secrets(check: Checker, path: str, told: dict[str, Any], cdse: bool) -> dict[str, Any]:
    role = () if cdse else ("iamRoleARN",)
    pair = ("accessKey", "secretAccessKey")
    check.members(path, told, ("url", "region", *role, *pair))
    found = [name for name in (*role, *pair) if name in told]
    if found not in ([*role], [*pair]) or not found:
        check.wrong(path, "either iamRoleARN or accessKey and secretAccessKey is required" if role else
                    "accessKey and secretAccessKey are required")
    for name in found:
        if not isinstance(told[name], str) or not told[name]:
            check.wrong(f"{path}->{name}", "must be a string")
        elif name == "iamRoleARN" and not ROLE.fullmatch(told[name]):
            check.wrong(f"{path}->{name}", "must be the ARN of a role")
    if "region" in told and not (isinstance(told["region"], str) and REGION.fullmatch(told["region"])):
        check.wrong(f"{path}->region", "must be the name of a region")
    return {name: told[name] for name in found}


def _gs_secrets(check: Checker, path: str, told: dict[str, Any]) -> dict[str, Any]:
    check.members(path, told, ("url", "credentials"))
    try:
        account = json.loads(base64.b64decode(told["credentials"], validate=True))
        good = {"client_email", "private_key", "token_uri"} <= set(account)
    except (KeyError, TypeError, ValueError, binascii.Error):
        account, good = {}, False
    if not good:
        check.wrong(f"{path}->credentials", "must be the JSON key file of a service account in base64, in one line")
    return dict(account) if good else {}


def _check_template(check: Checker, key: str, outputs: int) -> None:
    if outputs >= 2 and OUTPUT not in key:
        check.wrong("output->delivery", f"{OUTPUT} is required in the url when there are several outputs")
