"""What a processing of Mapflow is asked with: the inputs, and the request's body made of them. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from . import errors
from .base import Account
from .fields import parse_all
from .http import MASK
from .mapflow_read import Block, Model, Plan, Project, Source, bare_name, items, mapping, matching
from .mapflow_tasks import FIELDS
from .operation import Request

LABEL = "groundtrack-job"  # in a processing's meta: whose it is
APPLICATION = {"source-app": "groundtrack"}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """What is known of the account while a body is made; None for what was not asked yet."""

    plan: Optional[Plan] = None
    project: Optional[Project] = None

    @property
    def models(self) -> Tuple[Model, ...]:
        """The account's models, then those of the project alone."""
        listed = self.plan.models if self.plan else ()
        own = self.project.models if self.project else ()
        return (*listed, *(model for model in own if model.id not in {other.id for other in listed}))

    def model(self, wanted: str) -> Optional[Model]:
        """By id, else by name; None when unknown or not unique."""
        by_id = next((model for model in self.models if model.id == wanted.lower()), None)
        found = matching(wanted, self.models, "name")
        return by_id or (found[0] if len(found) == 1 else None)

    def source(self, wanted: str, searched: bool = False) -> Optional[Source]:
        """A provider of imagery by name or label; the first one when none is wanted."""
        listed = () if self.plan is None else self.plan.searched if searched else self.plan.sources
        return (listed[0] if listed else None) if not wanted else next(iter(matching(wanted, listed, "name", "label")), None)


@dataclass(frozen=True)
class Ask:
    """A request read once. `notes` are sentences on what is not known yet."""

    body: Dict[str, Any]
    notes: Tuple[str, ...]


def is_id(text: str) -> bool:
    """Whether it is one of Mapflow's own ids."""
    return bool(_ID.fullmatch(text))


def values_of(request: Request) -> Dict[str, Any]:
    """The values that apply, typed. Raises InvalidRequest."""
    values, wrong = parse_all(FIELDS, request.values)
    if wrong:
        raise errors.InvalidRequest(next(iter(wrong.values())), problems=tuple(wrong.values()))
    return values


def ask(request: Request, known: Known, account: Account) -> Ask:
    """The body of a creation. Raises InvalidRequest."""
    values, notes = values_of(request), []
    model = known.model(values["model"])
    label, short = _label(request)
    body: Dict[str, Any] = {"name": f"{short} {values.get('name') or _title(values['model'], model)}"}
    if known.project is None:
        notes.append(f"The project “{values['project']}” is looked up when it is sent." if "project" in values
                     else "The default project is filled in when it is sent.")  # fmt: skip
    elif known.project.id:
        body["projectId"] = known.project.id
    if model is not None or is_id(values["model"]):
        body["wdId"] = model.id if model is not None else values["model"].lower()
    else:
        body["wdName"] = values["model"]
        notes.append(f"The model “{values['model']}” is looked up when it is sent.")
    if "description" in values:
        body["description"] = values["description"]
    body["geometry"] = request.aoi.geojson() if request.aoi else None
    body["params"] = {"sourceParams": source_params(values, known, account)}
    if values.get("inference_params"):
        body["params"]["inferenceParams"] = values["inference_params"]
    if "blocks" in values:
        body["blocks"] = _blocks(values["blocks"], model)
    if source_kind(values) == "dataProvider" and "source" not in values and known.source("") is None:
        notes.append("The account’s first provider of imagery is filled in when it is sent.")
    own = {str(name): _text(value) for name, value in (values.get("meta") or {}).items()}
    body["meta"] = {**own, **APPLICATION, LABEL: label}
    return Ask(body, tuple(notes))


def source_kind(values: Mapping[str, Any]) -> str:
    """Which of the service's ways to name imagery the values stand for."""
    if "source_url" in values:
        return "userDefined"
    if "image_ids" in values or "mosaic_id" in values:
        return "imagerySearch" if "source" in values and "image_ids" in values else "myImagery"
    return "dataProvider"


def source_params(values: Mapping[str, Any], known: Known, account: Account) -> Dict[str, Any]:
    """The one member of sourceParams, a login masked."""
    kind, wanted = source_kind(values), values.get("source", "")
    zoom = {"zoom": values["zoom"]} if "zoom" in values else {}
    if kind == "userDefined":
        members = {"sourceType": values["source_type"], "url": values["source_url"], **zoom, "crs": values["source_crs"]}
        return {kind: {**members, **dict.fromkeys(logins(values, account), MASK)}}
    if kind == "imagerySearch":
        found = known.source(wanted, searched=True)
        return {kind: {"dataProvider": found.name if found else wanted, "imageIds": list(values["image_ids"]), **zoom}}
    if kind == "myImagery":
        return {kind: {"imageIds": list(values["image_ids"])} if "image_ids" in values else {"mosaicId": values["mosaic_id"]}}
    found = known.source(wanted)
    name = found.name if found else wanted
    return {kind: {**({"providerName": name} if name else {}), **zoom}}


def logins(values: Mapping[str, Any], account: Account) -> Dict[str, str]:
    """The login at the person's own tile server, empty unless the account has one for that very server."""
    host = urlsplit(account.value("imagery_host")).hostname or account.value("imagery_host").strip().lower()
    if not host or urlsplit(str(values.get("source_url", ""))).hostname != host:
        return {}
    pairs = {"rasterLogin": account.value("imagery_login"), "rasterPassword": account.value("imagery_password")}
    return {name: value for name, value in pairs.items() if value}


def unmasked(body: Mapping[str, Any], values: Mapping[str, Any], account: Account) -> bytes:
    """The body as it is sent."""
    params = body["params"]
    login = logins(values, account)
    told = {kind: {**members, **(login if kind == "userDefined" else {})} for kind, members in params["sourceParams"].items()}
    return json.dumps({**body, "params": {**params, "sourceParams": told}}, ensure_ascii=False).encode()


def price_question(body: Mapping[str, Any]) -> Dict[str, Any]:
    """The same request as the service wants it when it is asked for the cost; no login is needed for that."""
    told = {kind: {name: value for name, value in members.items() if not name.startswith("raster")}
            for kind, members in body["params"]["sourceParams"].items()}  # fmt: skip
    asked = {name: body[name] for name in ("wdId", "geometry", "blocks") if name in body}
    return {**asked, "params": {**body["params"], "sourceParams": told}}


def is_ours(item: Mapping[str, Any], request: Request) -> bool:
    """Whether a listed processing was made by this very request: by its label, else by the code in its name."""
    label, short = _label(request)
    meta = item.get("meta")
    if isinstance(meta, Mapping) and LABEL in meta:
        return bool(meta[LABEL] == label)
    return str(item.get("name") or "").startswith(f"{short} ")


def remembered(item: Mapping[str, Any], default_project: str) -> Dict[str, Any]:
    """The values that a processing was made with, as far as it tells; logins left out."""
    params, meta, model = (mapping(item.get(name)) for name in ("params", "meta", "workflowDef"))
    told = mapping(params.get("sourceParams"))
    kind, members = next(((key, value) for key, value in told.items() if isinstance(value, Mapping)), ("", {}))
    names = {"dataProvider": {"providerName": "source"}, "imagerySearch": {"dataProvider": "source", "imageIds": "image_ids"},
             "myImagery": {"imageIds": "image_ids", "mosaicId": "mosaic_id"},
             "userDefined": {"url": "source_url", "sourceType": "source_type", "crs": "source_crs"}}.get(kind, {})  # fmt: skip
    values = {ours: members.get(theirs) for theirs, ours in names.items()}
    zoom = str(members.get("zoom") or "")
    on = [block.get("name") for block in items(item.get("blocks")) if block.get("enabled") is True]
    bare = bare_name(str(item.get("name") or ""))
    place = str(item.get("projectId") or "")
    values.update(
        model=model.get("name") or model.get("id"), blocks=tuple(on), zoom=int(zoom) if zoom.isdigit() else None,
        name="" if bare == model.get("name") else bare, project="" if place == default_project else place,
        description=str(item.get("description") or ""), inference_params=params.get("inferenceParams"),
        meta={key: value for key, value in meta.items() if key not in (LABEL, *APPLICATION)} or None,
    )  # fmt: skip
    return {name: value for name, value in values.items() if value not in (None, "", (), [], {})}


def unknown_blocks(wanted: Tuple[str, ...], model: Model) -> List[str]:
    """Options that the model does not have."""
    return [name for name in wanted if not matching(name, model.options, "name", "label")]


def _blocks(wanted: Tuple[str, ...], model: Optional[Model]) -> List[Dict[str, Any]]:
    """Every option with its switch where the model is known; else only those that are switched on."""
    if model is None or not model.options:
        return [{"name": name, "enabled": True} for name in wanted]
    on: List[Block] = [block for name in wanted for block in matching(name, model.options, "name", "label")]
    return [{"name": block.name, "enabled": block in on} for block in model.options]


def _label(request: Request) -> Tuple[str, str]:
    """What marks the processing as this request's, whole and as the short code in its name."""
    asked = json.dumps([values_of(request), request.aoi.geojson() if request.aoi else None], sort_keys=True)
    text = request.tag or hashlib.sha256(asked.encode()).hexdigest()[:32]
    return text, text[:8]


def _title(wanted: str, model: Optional[Model]) -> str:
    return model.name if model is not None and model.name else "Groundtrack" if is_id(wanted) else wanted


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
