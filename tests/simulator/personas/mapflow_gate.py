"""The gateway in front of the Mapflow persona: tokens, roles, headers, bodies, shapes of errors, leaked tokens."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from ..messages import Request, Response, json_response
from .mapflow_codes import DataRefusal, Refusal, Unprocessable, bad
from .mapflow_settings import Account, MapflowSettings

SCHEME = re.compile(r"(Basic|Bearer) (\S+)")
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
GEOJSON = ("Point", "LineString", "Polygon", "MultiPolygon", "Feature", "FeatureCollection")
# what stays when every optional member is missing
NEEDED = {"id", "name", "status", "models", "optional", "price", "results", "images", "providerName", "footprint", "productType",
          "image_id", "preprocessing_status", "data_available", "code", "type", "coordinates", "remainingCredits", "blocks",
          "remainingArea", "download_url", "detail", "message", "memoryUsed", "used_bytes", "credits", "user", "features",
          "zoom", "priceSqKm"}


class Gate:
    """Checks made before any handler sees a request. `leaks` lists requests that carried a token where none belongs."""

    def __init__(self, accounts: dict[str, Account], settings: MapflowSettings) -> None:
        self.leaks: list[str] = []
        self._accounts = accounts
        self._settings = settings

    def admit(self, request: Request, write: bool) -> Account:
        """The account of an admissible request; raises Refusal."""
        match = SCHEME.fullmatch(request.header("Authorization") or "")
        known = {account.token: account for account in self._accounts.values()}
        account = known.get(match.group(2)) if match else None
        if account is None or account.state == "revoked" or (match and match.group(1) == "Bearer" and not self._settings.bearer):
            raise Refusal(401, "UNAUTHORIZED", "Full authentication is required to access this resource")
        if account.state == "blocked":
            raise Refusal(403, "FORBIDDEN", "The account is blocked")
        if write and account.role == "readonly":
            raise Refusal(403, "FORBIDDEN", "Your role in this project does not allow this")
        return account

    def watch(self, request: Request, public: bool = False) -> bool:
        """Note a token in the address, or any credentials at a public address; True when there is none."""
        address = unquote(f"{request.path}?{request.raw_query}")
        secrets = [secret for account in self._accounts.values() for secret in (account.token.rstrip("="), account.key)]
        leaked = any(secret in address for secret in secrets) or (public and request.header("Authorization") is not None)
        if leaked:
            self.leaks.append(f"{request.method} {request.path}")
        return not leaked

    def switched_off(self, path: str) -> int:
        """The status a path is answered with although it exists, 0 when it is answered as usual."""
        return next((status for pattern, status in self._settings.off.items() if fnmatchcase(path, pattern)), 0)

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object in a request; raises Refusal."""
        media_type = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if self._settings.strict_headers and media_type != "application/json":
            raise bad("Content-Type must be application/json")
        if not isinstance(request.json, dict):
            raise bad("The body is not a JSON object")
        return {name: value for name, value in request.json.items() if value is not None}


def refused(issue: Exception, settings: MapflowSettings) -> Response:
    """An immediate error in the chosen shape."""
    if isinstance(issue, Unprocessable):
        return json_response(422, {"detail": [{"loc": list(issue.where), "msg": issue.text, "type": "value_error.missing"}]})
    if isinstance(issue, DataRefusal):
        told = {"code": issue.code, "parameters": issue.parameters}
        shapes: dict[str, Any] = {"object": {"detail": told}, "list": {"detail": [told]}, "string": {"detail": issue.code},
                                  "message": {"message": issue.code}}
        return json_response(issue.status, shapes[settings.data_error_shape])
    if not isinstance(issue, Refusal):
        raise issue
    if settings.error_shape == "html":
        return Response(issue.status, {"Content-Type": "text/html"}, PAGE.format(issue.text).encode("utf-8"))
    if settings.error_shape == "text":
        return Response(issue.status, {"Content-Type": "text/plain"}, issue.text.encode("utf-8"))
    return json_response(issue.status, {"code": issue.code, "message": issue.text, "params": issue.params or None})


def shaped(value: Any, settings: MapflowSettings) -> Any:
    """An answer with more or fewer members than usual, if so chosen."""
    if isinstance(value, list):
        return [shaped(item, settings) for item in value]
    if not isinstance(value, dict) or value.get("type") in GEOJSON:
        return value
    kept = {name: shaped(item, settings) for name, item in value.items() if not settings.lean or name in NEEDED}
    return {**kept, "xNewMember": {"of": ["a", 1, None]}} if settings.extra_keys else kept
