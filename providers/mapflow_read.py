"""Mapflow's answers as values. Only ids are relied on; everything else may be missing, null or of another type."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import errors, remote, replies
from .base import Cost, Handle, Part, Phase, Status
from .mapflow_codes import sentence

DEFAULT_PARTS = 10  # polygons of one processing when the account does not tell
KM2 = 1e6  # m²
LONGEST_NAME = 200  # characters of a name that are shown

_PHASES = {"UNPROCESSED": Phase.QUEUED, "IN_PROGRESS": Phase.RUNNING, "AWAITING": Phase.RUNNING, "OK": Phase.SUCCEEDED,
           "FAILED": Phase.FAILED, "CANCELLED": Phase.CANCELLED, "CANCELED": Phase.CANCELLED, "REFUNDED": Phase.FAILED}  # fmt: skip
_CODED = re.compile(r"[0-9a-f]{8} (?=\S)")
_WAITS = 300.0  # s between looks at a job that waits for people or suppliers
_REVIEWS = ("IN_REVIEW", "NOT_ACCEPTED", "ACCEPTED", "REFUNDED")
_STYLES = (("open", "generic"), ("multi", "generic"), ("combo", "generic"), ("building", "buildings"), ("roof", "buildings"),
           ("house", "buildings"), ("construction", "construction"), ("road", "roads"), ("forest", "forest"), ("tree", "forest"),
           ("crown", "forest"))  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A part of a model. `name` is sent, `label` shown, `price` in credits per km²."""

    name: str
    label: str
    optional: bool
    price: float


@dataclass(frozen=True)
class Model:
    """What can be found. `price` in credits per km², optional blocks not counted."""

    id: str
    name: str
    price: float = 0.0
    blocks: Tuple[Block, ...] = ()

    @property
    def options(self) -> Tuple[Block, ...]:
        """What can be switched on."""
        return tuple(block for block in self.blocks if block.optional)


@dataclass(frozen=True)
class Source:
    """A provider of imagery. `prices` are (zoom, credits per km²), `least_km2` the smallest area it sells."""

    name: str
    label: str
    prices: Tuple[Tuple[int, float], ...] = ()
    least_km2: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What an account has and may do. Amounts are None when the service does not tell, `billing` is upper case, "" when unknown."""

    billing: str = ""
    credits: Optional[float] = None
    left_km2: Optional[float] = None
    most_parts: int = DEFAULT_PARTS
    reviews: bool = False
    models: Tuple[Model, ...] = ()
    sources: Tuple[Source, ...] = ()
    searched: Tuple[Source, ...] = ()
    search_km2: Optional[float] = None

    @property
    def balance(self) -> str:
        """What is left, in words; "" when nobody tells."""
        spendable = str(Cost(self.credits, "credits")) if self.credits is not None else ""
        area = f"{self.left_km2:,.2f} km²" if self.left_km2 is not None else ""
        chosen = {"CREDITS": (spendable,), "AREA": (area,), "NONE": ()}.get(self.billing, (spendable, area))
        return ", ".join(part for part in chosen if part)

    @property
    def limits(self) -> str:
        """What one job may hold, in words."""
        return f"up to {self.most_parts} areas in one job"


@dataclass(frozen=True)
class Project(remote.Project):
    """A project; `most_km2` is its owner's limit for one processing, `models` those linked to it alone or with others."""

    most_km2: Optional[float] = None
    models: Tuple[Model, ...] = ()


@dataclass(frozen=True)
class Area(Part):
    """One polygon of a processing, with its outline."""

    geometry: Mapping[str, Any] = field(default_factory=dict)


def plan(data: Mapping[str, Any]) -> Plan:
    """The answer of user/status, flat or with a `user` object."""
    known = {**mapping(data.get("user")), **data}
    billing = known.get("billingType")
    left = replies.number(known.get("remainingArea"))
    credit = replies.number(known.get("remainingCredits"))
    return Plan(
        billing.strip().upper() if isinstance(billing, str) else "",
        replies.number(known.get("credits")) if credit is None else credit,
        None if left is None else left / KM2,
        int(replies.number(known.get("maxAoisPerProcessing")) or DEFAULT_PARTS),
        known.get("reviewWorkflowEnabled") is True,
        _models(known.get("models")),
        _sources(known.get("dataProviders")),
        _sources(known.get("searchDataProviders")),
        (replies.number(known.get("searchAreaLimit")) or 0.0) / KM2 or None,
    )


def project(data: Any, own_address: str = "") -> Optional[Project]:
    """A project, None for what has no id. Its role is that of the person with this e-mail address."""
    identity = replies.words(replies.member(data, "id"))
    if not identity:
        return None
    limit = replies.number(replies.member(data, "user", "aoiAreaLimit"))
    shared = mapping(data.get("shareProject"))
    listed = (*items(shared, "owners"), *items(shared, "users"))
    people = {replies.words(one.get("email")): replies.words(one.get("role"), 40) for one in listed}
    own = next((who for who in people if own_address and who.lower() == own_address.lower()), None)
    return Project(
        identity, replies.words(data.get("name"), LONGEST_NAME), data.get("isDefault") is True,
        replies.words(data.get("description"), 2000),
        _count(data, "succeeded"), _count(data, "failed"),
        role=people.get(own or "", "readonly") if own_address and people else "",
        people=tuple((who, role) for who, role in people.items() if who and who != own),
        changed_at=replies.stamp(replies.moment(data.get("updated")) or replies.moment(data.get("created"))),
        most_km2=limit / KM2 if limit else None, models=_models(data.get("workflowDefs")),
    )  # fmt: skip


def _count(data: Any, name: str) -> Optional[int]:
    number = replies.number(replies.member(data, "processingCounts", name))
    return None if number is None else int(number)


def items(data: Any, *names: str) -> List[Mapping[str, Any]]:
    """The objects of a list, or of the list that an object holds under one of these names."""
    found = data if isinstance(data, list) else next((data[name] for name in names if replies.member(data, name) is not None), [])
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def listed(data: Any) -> List[Mapping[str, Any]]:
    """The entries of a list of processings; an unreadable one is empty. Raises ProtocolError for what is no list."""
    found = data if isinstance(data, list) else replies.member(data, "results")
    if not isinstance(found, list):
        raise errors.ProtocolError("Mapflow’s list of processings cannot be read.")
    return [item if isinstance(item, Mapping) else {} for item in found]


def areas(data: Any) -> Tuple[Area, ...]:
    """The polygons of a processing."""
    return tuple(_area(item) for item in items(data, "aois", "results"))


def _area(item: Mapping[str, Any]) -> Area:
    word, size = _word(item), replies.number(item.get("area"))
    return Area(
        replies.words(item.get("id")), _PHASES.get(word, Phase.RUNNING), word, _percent(item), None if size is None else size / KM2,
        messages(item), mapping(item.get("geometry")),
    )  # fmt: skip


def handle(data: Mapping[str, Any], project_id: str = "", model: str = "") -> Handle:
    """How a processing is found again. What the answer does not tell is filled in."""
    name = replies.words(replies.member(data, "workflowDef", "name")) or replies.words(data.get("scenario")) or model
    told = {remote.PROJECT: replies.words(data.get("projectId")) or project_id, "model": name}
    told["style"] = style(replies.words(replies.member(data, "workflowDef", "styleName")), name)
    told[remote.NAME] = bare_name(replies.words(data.get("name"), LONGEST_NAME))
    return Handle(replies.words(data.get("id")), {key: value for key, value in told.items() if value})


def bare_name(text: str) -> str:
    """A processing's name without the code by which we find our own."""
    return _CODED.sub("", text, count=1) if _CODED.match(text) else text


def style(told: str, model: str) -> str:
    """How the result of a model is drawn, by the service's hint or the model's name; "" when neither says."""
    for text in (told.lower(), model.lower()):
        if text.count("+"):
            return "generic"
        found = next((kind for word, kind in _STYLES if word in text), "")
        if found:
            return found
    return ""


def status(data: Mapping[str, Any]) -> Status:
    """How a processing stands. `extra` names its project, so that jobs that were moved are found, and what people said of it."""
    word, review = _word(data), review_word(data)
    phase, warning, again = _PHASES.get(word, Phase.RUNNING), "", None
    told = messages(data) if phase is Phase.FAILED else ()
    if word not in _PHASES:
        warning = f"Mapflow reports the unknown state “{word}”; the job is followed as running."
        again = _WAITS
    text = " ".join(told)
    if word == "AWAITING":
        text, again = "Mapflow waits for the imagery from its supplier, which can take days.", _WAITS
    elif phase is Phase.SUCCEEDED and review:
        phase, text, warning, again = _reviewed(review, data)
    elif phase is Phase.FAILED:
        text = _failed(word, told)
    amount, ended = replies.number(data.get("cost")), phase not in (Phase.QUEUED, Phase.RUNNING)
    cost = Cost(amount, "credits", "service’s figure") if amount is not None and phase is Phase.SUCCEEDED else None
    return Status(
        phase, review if word == "OK" and review else word, _percent(data) if phase is Phase.RUNNING else None, text,
        _first_code(data) if phase is Phase.FAILED else "", cost,
        replies.stamp(replies.moment(data.get("created"))), replies.stamp(_ended(data)) if ended else "",
        warning=warning, extra=_kept(data, review if word == "OK" else ""), again=again,
    )  # fmt: skip


def _kept(data: Mapping[str, Any], review: str) -> Dict[str, str]:
    """What is remembered with the job."""
    stars = replies.number(replies.member(data, "rating", "rating"))
    told = {
        remote.PROJECT: replies.words(data.get("projectId")), remote.NAME: bare_name(replies.words(data.get("name"), LONGEST_NAME)),
        remote.RATING: f"{stars:g}" if stars else "", remote.REVIEW: remote.OPEN if review == "IN_REVIEW" else review,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def review_word(data: Mapping[str, Any]) -> str:
    """Where the review stands, "" without one. The service tells a word or an object."""
    told = data.get("reviewStatus")
    if isinstance(told, Mapping):
        told = told.get("reviewStatus") or told.get("status")
    return replies.words(told, 60).upper()


def messages(data: Mapping[str, Any]) -> Tuple[str, ...]:
    """What the service has to say of a processing or area, as sentences with their code, each once."""
    told = [(replies.words(item.get("code")), item.get("parameters", item.get("params"))) for item in items(data.get("messages"))]
    texts = [sentence(code, parameters) for code, parameters in told if code]
    marked = [text if text.startswith(code) else f"{text} ({code})" for text, (code, _) in zip(texts, [pair for pair in told if pair[0]])]
    return tuple(dict.fromkeys(marked))


def matching(wanted: str, known: Sequence[Any], *attributes: str) -> Tuple[Any, ...]:
    """Those that are called so: exactly, else whatever the case, else leaving out signs such as emoji."""
    for simplify in (str, lambda text: text.strip().lower(), _letters):
        found = tuple(item for item in known if any(simplify(getattr(item, name)) == simplify(wanted) for name in attributes))
        if found and simplify(wanted):
            return found
    return ()


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _reviewed(review: str, data: Mapping[str, Any]) -> Tuple[Phase, str, str, Optional[float]]:
    if review == "NOT_ACCEPTED":
        return Phase.RUNNING, "The result was not accepted; Mapflow’s staff works on it again.", "", _WAITS
    if review == "REFUNDED":
        return Phase.FAILED, "The result was not accepted, and its credits were returned. (REFUNDED)", "", None
    if review == "IN_REVIEW":
        until = replies.moment(replies.member(data, "reviewStatus", "inReviewUntil"))
        by = f" until {replies.stamp(until)[:10]}" if until else ""
        return Phase.SUCCEEDED, "", f"The result is to be accepted or rejected{by}.", None
    known = review in _REVIEWS
    return Phase.SUCCEEDED, "", "" if known else f"Mapflow reports the unknown review state “{review}”.", None


def _failed(word: str, told: Tuple[str, ...]) -> str:
    if word == "REFUNDED":
        return " ".join(("The credits of this processing were returned. (REFUNDED)", *told))
    return " ".join((*(told or ("Mapflow gives no reason.",)), "Restart runs only the failed parts again."))


def _first_code(data: Mapping[str, Any]) -> str:
    return next((replies.words(item.get("code")) for item in items(data.get("messages")) if item.get("code")), "")


def _word(data: Mapping[str, Any]) -> str:
    word = replies.words(data.get("status"), 60)
    return word.upper() if word.upper() in _PHASES else word


def _percent(data: Mapping[str, Any]) -> Optional[float]:
    """0…1. Never a sign of the end: that is the status alone."""
    percent = replies.number(data.get("percentCompleted"))
    return None if percent is None else min(1.0, max(0.0, percent / 100))


def _ended(data: Mapping[str, Any]) -> Any:
    return replies.moment(data.get("completionDate")) or replies.moment(data.get("updated"))


def _models(data: Any) -> Tuple[Model, ...]:
    found: Dict[str, Model] = {}
    for item in items(data):
        blocks = tuple(_block(block) for block in items(item.get("blocks")) if block.get("name"))
        base = replies.number(item.get("pricePerSqKm")) or sum(block.price for block in blocks if not block.optional)
        identity = replies.words(item.get("id"))
        if identity:
            found[identity] = Model(identity, str(item.get("name") or ""), base, blocks)
    return tuple(found.values())


def _block(data: Mapping[str, Any]) -> Block:
    name = str(data["name"])
    price = replies.number(data.get("price")) or 0.0
    return Block(name, replies.words(data.get("displayName")) or name, data.get("optional") is True, price)


def _sources(data: Any) -> Tuple[Source, ...]:
    found: Dict[str, Source] = {}
    for item in items(data):
        name = replies.words(item.get("name"))
        pairs = [(replies.number(step.get("zoom")), replies.number(step.get("priceSqKm"))) for step in items(item.get("price"))]
        prices = tuple((int(zoom), price) for zoom, price in pairs if zoom is not None and price is not None)
        least = replies.number(item.get("minAreaSqKm")) or replies.number(item.get("minAreaSqkm")) or 0.0
        if name:
            found.setdefault(name.lower(), Source(name, replies.words(item.get("displayName")) or name, prices, least))
    return tuple(found.values())


def mapping(data: Any) -> Mapping[str, Any]:
    """An object, empty for anything else."""
    return data if isinstance(data, Mapping) else {}
