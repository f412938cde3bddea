"""Calls to Mapflow: the signature, what refusals mean, and what was learnt of an account, kept for all who use it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type
from urllib.parse import quote

from . import errors, replies
from .base import Provider
from .http import HttpCall, Reply
from .mapflow_codes import MESSAGES, sentence
from .mapflow_read import Plan, Project, items, matching, plan, project
from .scenes import Scene
from .scrub import Scrub

SITE = "https://app.mapflow.ai"
DEFAULT_URL = "https://api.mapflow.ai/rest"
MISSING = (404, 405)  # a call that this version of the service does not have
FRESH = 60.0  # s that an answer on the account is used for prices and limits
PROJECTS = 100  # of one page
PROJECT_KEPT = 300.0  # s that a project is used without asking again
_NO_PLAN = "See the plans at https://mapflow.ai/pricing, or look at the result in Mapflow’s web app."

_BY_STATUS: Dict[int, Tuple[Type[errors.ServiceProblem], str]] = {
    401: (errors.AuthError, f"Authentication failed: copy the API token again from the profile at {SITE}."),
    402: (errors.QuotaError, "Buy credits, then run the job again."),
    403: (errors.AuthError, "Your role or plan does not allow this. Ask the owner of the project, or choose another one."),
    404: (errors.NotFound, errors.NotFound.advice),
    408: (errors.ServiceError, errors.ServiceError.advice),
    429: (errors.QuotaError, "Mapflow gets too many requests; it is tried again after a while."),
}


class NotInPlan(errors.ServiceProblem):
    """The account may do everything else; its plan lacks this."""

    advice = _NO_PLAN


@dataclass(frozen=True)
class Learnt:
    """What an account is known to have. Projects by what they were asked for ("": the default); times in s of the monotonic clock.

    `hits` are what searches for imagery found, by id.
    """

    plan: Optional[Plan] = None
    plan_at: float = 0.0
    projects: Mapping[str, Project] = field(default_factory=dict)
    projects_at: Mapping[str, float] = field(default_factory=dict)
    hits: Mapping[str, Scene] = field(default_factory=dict)


_learnt: Dict[str, Learnt] = {}
_learnt_lock = threading.Lock()


def signed_token(text: str) -> str:
    """What follows “Basic”, made of a token as people paste it. Raises AuthError."""
    bare = re.sub(r"^(basic|bearer)\s+", "", text.strip().strip("\"'"), flags=re.IGNORECASE)
    token = "".join(bare.split())
    padded = token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4)
    try:
        if ":" in base64.b64decode(padded, validate=True).decode():
            return padded
    except (binascii.Error, ValueError):
        if re.fullmatch(r"[^\s:@]+@[^\s:@]+:\S+", bare):
            return base64.b64encode(bare.encode()).decode("ascii")
    told = "Authentication: this is not an API token of Mapflow."
    raise errors.AuthError(told, advice=f"Copy the token from the profile at {SITE}, whole and without anything around it.")


class MapflowCalls(Provider):
    """What every part of the Mapflow provider needs of HTTP."""

    def signature(self) -> Mapping[str, str]:
        text = self.account.value("api_token").strip()
        if not text:
            raise errors.ConfigError("The account has no API token.", advice=f"Enter the token from the profile at {SITE}.")
        if self.account.value("scheme") == "Bearer":
            if not re.fullmatch(r"[!-~]+", text):
                raise errors.ConfigError("The API token holds characters that no token has.", advice="Copy the token again.")
            return {"Authorization": f"Bearer {text}"}
        return {"Authorization": f"Basic {signed_token(text)}"}

    # Calls -----------------------------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: Any = None, *, repeat: bool = True) -> Reply:
        """One signed call. Questions that are POSTs may be repeated too."""
        call = HttpCall(method, self.root + path, body, signature=self.scheme)
        return replies.from_service(self.transport.send(call, self.options(repeat=repeat)), self.root)

    def answer(self, reply: Reply) -> Any:
        """The JSON of a good answer. Raises what a bad one means."""
        if not reply.ok:
            raise self.problem_of(reply)
        data = reply.json()
        if not isinstance(data, (Mapping, list)):
            raise errors.ProtocolError(f"Mapflow answered with something unexpected: {reply.excerpt()}", status=reply.status)
        return data

    def tell(self, method: str, *paths: str, body: Any = None) -> None:
        """A call that changes something: once, then by its other paths where the first does not exist."""
        for path in paths:
            reply = self.ask(method, path, body, repeat=False)
            if reply.ok:
                return
            if reply.status not in MISSING:
                break
        raise self.problem_of(reply)

    @property
    def root(self) -> str:
        """The address without a slash at its end."""
        return (self.account.url.strip() or DEFAULT_URL).rstrip("/")

    @property
    def scheme(self) -> str:
        """The word before the token."""
        return "Bearer" if self.account.value("scheme") == "Bearer" else "Basic"

    # What refusals mean ------------------------------------------------------------------------------------------------------------

    def problem_of(self, reply: Reply) -> errors.ServiceProblem:
        if not reply.url.startswith(self.root):
            return replies.storage_problem(reply)
        code, message = refusal(reply.json_or_none())
        code, message = self._hidden(code), self._hidden(message)
        kind, advice = _BY_STATUS.get(reply.status, (errors.InvalidRequest, errors.InvalidRequest.advice))
        lower = f"{code} {message}".lower()
        known: Dict[str, Any] = {}
        if reply.status >= 500:
            kind, advice = errors.ServiceError, errors.ServiceError.advice
        elif reply.status < 400:
            kind, advice = errors.ProtocolError, errors.ProtocolError.advice
        elif "/result" in reply.url:
            kind, advice = _no_result(reply.status, kind, advice)
        elif reply.status in (400, 403) and ("credit" in lower or "limit is used up" in lower or "not enough" in lower):
            kind, advice = errors.QuotaError, "The credits or limits do not suffice; nothing was started. Buy some, then run it again."
        elif reply.status in (403, 404) and ("data provider" in lower or code == "MAXAR_PROVIDERS_UNAVAILABLE"):
            kind, advice = errors.InvalidRequest, "Choose other imagery; nothing was charged."
        elif reply.status in (404, 405) and reply.url.endswith(("/processings/v2", "/user/status")):
            kind, advice = errors.ConfigError, "Check the address of this account and the request; no job was started."
        if kind is errors.QuotaError:
            known["waits"] = reply.status == 429
        text = message or f"Mapflow answered HTTP {reply.status}{f' ({code})' if code else ''}."
        known.update(code=code, request_id=reply.request_id, status=reply.status, retry_after=replies.pause(reply))
        return kind(text, advice=advice, **known)

    def _hidden(self, text: str) -> str:
        secrets = [*self.account.secrets.values()]
        with suppress(errors.ServiceProblem, ValueError):
            token = self.signature()["Authorization"].split()[-1]
            secrets += [token, base64.b64decode(token).decode().partition(":")[2]]
        return Scrub(secrets)(text)

    # What is known of the account ----------------------------------------------------------------------------------------------------

    def learnt(self) -> Learnt:
        """What was learnt so far, by any provider of the same account. Never calls the service."""
        with _learnt_lock:
            return _learnt.get(self._memory, Learnt())

    def plan(self, oldest: float = FRESH) -> Plan:
        """What the account has, asked for when the last answer is older than so many seconds."""
        known = self.learnt()
        if known.plan is not None and time.monotonic() - known.plan_at < oldest:
            return known.plan
        data = self.answer(self.ask("GET", "/user/status"))
        if not isinstance(data, Mapping):
            raise errors.ProtocolError("Mapflow answered with a list where the account’s status was expected.")
        found = plan(data)
        self._learn(plan=found, plan_at=time.monotonic())
        return found

    def plan_if_told(self, oldest: float = FRESH) -> Plan:
        """The same; an empty plan where this version of the service tells none."""
        try:
            return self.plan(oldest)
        except (errors.NotFound, errors.ConfigError) as problem:
            if problem.status not in MISSING:
                raise
            self._learn(plan=Plan(), plan_at=time.monotonic())
            return Plan()

    def project(self, wanted: str = "") -> Project:
        """A project by id or name, the default one for "". Raises InvalidRequest when there is none."""
        learnt = self.learnt()
        known = learnt.projects.get(wanted)
        if known is not None and time.monotonic() - learnt.projects_at.get(wanted, 0.0) < PROJECT_KEPT:
            return known
        found = self._find_project(wanted) if wanted else self._default_project()
        learnt = self.learnt()
        self._learn(projects={**learnt.projects, wanted: found}, projects_at={**learnt.projects_at, wanted: time.monotonic()})
        return found

    def projects(self) -> Tuple[Project, ...]:
        """All projects, the newest change first. What was learnt before of others, or of their old names, is forgotten."""
        found = tuple(self._projects({}))
        named = {item.id: item.name for item in found}
        kept = {wanted: item for wanted, item in self.learnt().projects.items() if named.get(item.id) == item.name}
        self._learn(projects=kept)
        return found

    def forget_projects(self) -> None:
        """Ask again for projects when they are needed next: something about them was changed."""
        self._learn(projects={})

    def _default_project(self) -> Project:
        reply = self.ask("GET", "/projects/default")
        if reply.status not in MISSING:
            found = self._project(self.answer(reply))
        else:
            listed = self._projects({})
            found = next((item for item in listed if item.is_default), listed[0] if len(listed) == 1 else None)
        return found or Project("")

    def _find_project(self, wanted: str) -> Project:
        if re.fullmatch(r"[0-9a-f-]{36}", wanted, re.IGNORECASE):
            reply = self.ask("GET", f"/projects/{quote(wanted.lower(), safe='')}")
            found = self._project(self.answer(reply)) if reply.status not in MISSING else None
            if found is not None:
                return found
        named = matching(wanted, self._projects({"filter": wanted}), "name")
        if len(named) == 1:
            whole = self.ask("GET", f"/projects/{quote(named[0].id, safe='')}")  # pages lack the owner's limits
            return (self._project(whole.json_or_none()) if whole.ok else None) or named[0]
        if named:
            raise errors.InvalidRequest(f"{len(named)} projects are called “{wanted}”; give the id of one.")
        raise errors.InvalidRequest(f"Mapflow has no project “{wanted}” for this account.", advice="Create it first. Nothing was sent.")

    def _projects(self, narrowed: Mapping[str, Any]) -> List[Project]:
        """Projects by page, all at once where there are no pages."""
        found: List[Mapping[str, Any]] = []
        before: List[Mapping[str, Any]] = []
        for _ in range(50):
            reply = self.ask("POST", "/projects/page", {"limit": PROJECTS, "offset": len(found), **narrowed})
            if reply.status in (400, *MISSING):  # 400: pages of another size
                found = items(self.answer(self.ask("GET", "/projects")))
                break
            data = self.answer(reply)
            page = items(data, "results")
            if page == before:  # the service does not know pages
                break
            before = page
            found += page
            if not page or len(found) >= (replies.number(replies.member(data, "total")) or 0):
                break
        return [item for item in map(self._project, found) if item is not None]

    def _project(self, data: Any) -> Optional[Project]:
        return project(data, self._own_address)

    @property
    def _own_address(self) -> str:
        """The e-mail address that the token holds, to find the account among those a project is shared with; "" when it holds none."""
        with suppress(errors.ServiceProblem, ValueError):
            scheme, token = self.signature()["Authorization"].split()
            return base64.b64decode(token).decode().partition(":")[0] if scheme == "Basic" else ""
        return ""

    def _learn(self, **changes: Any) -> None:
        with _learnt_lock:
            _learnt[self._memory] = replace(_learnt.get(self._memory, Learnt()), **changes)

    @property
    def _memory(self) -> str:
        """Which account it is, by what it signs in with."""
        return hashlib.sha256(f"{self.root}\n{self.account.value('api_token').strip()}".encode()).hexdigest()


def refusal(data: Any) -> Tuple[str, str]:
    """(code, sentence) of an error body of either of the service's two sides."""
    detail = replies.member(data, "detail")
    if isinstance(detail, list):
        told = [refusal({"detail": item}) if replies.member(item, "code") else _validation(item) for item in detail]
        return told[0] if len(told) == 1 else ("", replies.words(" ".join(text for _, text in told)))
    if isinstance(detail, Mapping):
        data = detail
    elif isinstance(detail, str):
        return (detail, sentence(detail, {})) if detail in MESSAGES else ("", replies.words(detail))
    code, message = replies.failure(data)
    parameters = replies.member(data, "params") or replies.member(data, "parameters")
    if code in MESSAGES:
        own = sentence(code, parameters)
        return code, own if "?" in own and message else f"{errors.ended(message)} {own}" if message and message != code else own
    return code, message


def _validation(item: Any) -> Tuple[str, str]:
    place = replies.member(item, "loc")
    where = ".".join(str(part) for part in place) if isinstance(place, list) else ""
    return "", f"{where}: {replies.words(replies.member(item, 'msg'))}."


def _no_result(
    status: int, kind: Type[errors.ServiceProblem], advice: str
) -> Tuple[Type[errors.ServiceProblem], str]:
    """Right after the end of a job its result may lag behind; a plan without downloads leaves the account good for all else."""
    if status in (404, 409):
        return errors.ServiceError, "The result is not there yet; it is asked for again."
    return (NotInPlan, _NO_PLAN) if status == 403 else (kind, advice)
