"""SateAIs: ships, oil slicks, new and vanished buildings, and ground change from Sentinel-1 radar scenes.

One job is one POST. It is followed by its id, the newest 30 jobs are listed, and the result is one GeoJSON file for 30 days.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union
from urllib.parse import quote

from ..aoi import AoiError, from_wkt
from . import errors, replies
from .base import (
    Asset,
    Can,
    Cost,
    Greeting,
    Handle,
    HistoryPage,
    HistoryQuery,
    Phase,
    Problem,
    Provider,
    RemoteJob,
    Severity,
    Status,
)
from .checks import check_days, check_request
from .fields import Field, is_empty, parse_all
from .http import MASK, HttpCall, Reply
from .operation import Operation, Request
from .sateais_tasks import OPERATIONS, TITLE, scene_name

CONSOLE = "https://console.spcsft.com"
LISTED = 30  # jobs the service lists at most
KEPT = dt.timedelta(days=30)  # results after completion
CLOCKS_DIFFER = 120.0  # seconds by which the service's clock may lag behind ours
SEGMENTS = ("detect", "analyze")  # the documented path first, then the one the vendor's own clients use

# which of the two a service answered to, by its address
_answering: Dict[str, str] = {}
_answering_lock = threading.Lock()

_PHASES = {"pending": Phase.QUEUED, "processing": Phase.RUNNING, "completed": Phase.SUCCEEDED, "failed": Phase.FAILED,
           "cancelled": Phase.CANCELLED, "canceled": Phase.CANCELLED, "expired": Phase.EXPIRED}  # fmt: skip

# every documented code: what it is, and what to do about it
_CODES: Dict[str, Tuple[Type[errors.ServiceProblem], str]] = {
    "VALIDATION_ERROR": (errors.InvalidRequest, "Change the area or the values accordingly and run it again; nothing was charged."),
    "INVALID_SCENE": (errors.InvalidRequest, "Use a Sentinel-1 GRD product; SLC and other products are not taken. Nothing was charged."),
    "UNAUTHORIZED": (errors.AuthError, f"Authentication failed: check the API key of this account at {CONSOLE} under Settings, API Keys."),
    "INSUFFICIENT_CREDITS": (errors.QuotaError, f"The credits do not suffice. Add credits at {CONSOLE}, then run the job again."),
    "FORBIDDEN": (errors.AuthError, f"The plan of this account does not include this task. Change the plan at {CONSOLE}."),
    "NOT_FOUND": (errors.NotFound, errors.NotFound.advice),
    "SCENE_NOT_FOUND": (errors.InvalidRequest, "Choose another date: the scene must lie within 14 days of it. Nothing was charged."),
    "INSUFFICIENT_SCENES": (errors.InvalidRequest, "Widen the range of dates, or accept any orbit direction. Nothing was charged."),
    "POLYGON_NOT_FOUND": (errors.InvalidRequest, "Outline the area again and run it again; nothing was charged."),
    "POLYGON_NOT_READY": (errors.InvalidRequest, "Wait a little and run it again; nothing was charged."),
    "GONE": (errors.Gone, "The result has expired: results are kept for 30 days. Running the request again costs credits again."),
    "PAYLOAD_TOO_LARGE": (errors.InvalidRequest, "The outline is too detailed: simplify it and run it again. Nothing was charged."),
    "RATE_LIMIT_EXCEEDED": (errors.QuotaError, "This is the limit of requests or of 5 jobs at once; it is tried again after a while."),
    "INTERNAL_ERROR": (errors.ServiceError, "The fault is on the service's side; failed jobs are not charged. Try again later."),
}
_TWIN = "If that clock was wrong, it is this one: add it under Jobs Made Elsewhere…. Else run the request again."
_BY_STATUS = {400: "VALIDATION_ERROR", 401: "UNAUTHORIZED", 402: "INSUFFICIENT_CREDITS", 404: "NOT_FOUND", 408: "INTERNAL_ERROR",
              410: "GONE", 413: "PAYLOAD_TOO_LARGE", 429: "RATE_LIMIT_EXCEEDED"}  # fmt: skip


class SateAIs(Provider):
    """Sentinel-1 detection by SateAIs."""

    key = "sateais"
    title = TITLE
    website = CONSOLE
    account_fields = (
        Field("url", "Address", default="https://api.spcsft.com", required=True, help="Leave it as it is unless told otherwise."),
        Field("api_key", "API key", required=True, secret=True,
              help=f"To be found at {CONSOLE} under Settings, API Keys. Keys start with sk_live_."),
    )  # fmt: skip
    fixed_operations = OPERATIONS
    can = Can.ESTIMATE | Can.HISTORY
    most_running = 4  # the service allows 5; one is left to other programs
    requests_per_second = 2.0
    retention_days = 30

    def signature(self) -> Mapping[str, str]:
        key = self._api_key
        if not key:
            raise errors.ConfigError("The account has no API key.", advice=f"Enter the key from {CONSOLE} in the account's settings.")
        if not re.fullmatch(r"[!-~]+", key):
            raise errors.ConfigError("The API key holds blanks or characters that no key has.", advice="Copy the key again.")
        return {"Authorization": f"Bearer {key}"}

    def check(self) -> Greeting:
        reply = self._get("/me")
        if _no_route(reply) or reply.status in (502, 503, 504):
            self._jobs("limit=1")
            return Greeting()
        data = self._object(reply)
        balance, plan = replies.number(replies.member(data, "credits", "balance")), replies.words(data.get("plan"), 60)
        return Greeting(f"{plan} plan" if plan else "", str(Cost(balance, "credits")))

    def problems(self, request: Request) -> Tuple[Problem, ...]:
        operation = self.operation(request.operation)
        return (*check_request(operation, request), *check_days(operation, request, 3 if operation.key == "timeseries" else None))

    def estimate(self, request: Request) -> Optional[Cost]:
        self._refuse_unsound(request)
        call = self._submission(request, "analyze")
        reply = self.transport.send(replace(call, url=f"{call.url}/preview"), self.options())
        return None if _no_route(reply) else _estimated(self._object(reply))

    def build(self, request: Request) -> HttpCall:
        return self._submission(request, self._segments()[0])

    def submit(self, request: Request) -> Handle:
        self._refuse_unsound(request)
        reply = self._post(request)
        if reply.ok:
            job_id = replies.member(reply.json_or_none(), "job_id")
            if isinstance(job_id, str) and job_id.strip():  # a number would be no id of a job
                return _handle(replies.words(job_id), request.operation)
            text = "SateAIs accepted the request without naming a job."
            raise errors.AmbiguousSubmit(text, status=reply.status, request_id=reply.request_id)
        problem = self.problem_of(reply)
        if isinstance(problem, errors.ServiceError):
            raise errors.AmbiguousSubmit(problem.message, code=problem.code, status=problem.status, request_id=problem.request_id)
        raise problem

    def _post(self, request: Request) -> Reply:
        """Send to the path that answers. One that does not exist has acted on nothing, so the other one is safe to try."""
        for segment in self._segments():
            reply = self.transport.send(self._submission(request, segment), self.options(repeat=False))
            if not _no_route(reply):
                break
        if reply.ok:
            with _answering_lock:
                _answering[self._root] = segment
        return reply

    def _segments(self) -> Tuple[str, ...]:
        with _answering_lock:
            first = _answering.get(self._root, SEGMENTS[0])
        return SEGMENTS if first == SEGMENTS[0] else SEGMENTS[::-1]

    def _submission(self, request: Request, segment: str) -> HttpCall:
        operation = self.operation(request.operation)
        return HttpCall("POST", f"{self._root}/{segment}/{operation.key}", _body(operation, request))

    def _refuse_unsound(self, request: Request) -> None:
        wrong = tuple(problem.message for problem in self.problems(request) if problem.severity is Severity.ERROR)
        if wrong:
            raise errors.InvalidRequest(wrong[0], problems=wrong)

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        jobs, reply, unread = self._listing(f"endpoint_id={quote(request.operation)}&limit={LISTED}")
        # jobs are stamped by the service's clock, and ours may be wrong, or may have been wrong then
        sent = sent_there or sent_at + replies.clock_difference(reply)
        earliest = (sent_there or min(sent, sent_at)) - CLOCKS_DIFFER
        body = _body(self.operation(request.operation), request)
        stamped = {_id(job): replies.seconds(job.get("created_at"), sent) for job in jobs}
        foreign = [job for job in jobs if _id(job) not in known]
        new = [job for job in foreign if stamped[_id(job)] >= earliest]
        alike = [_id(job) for job in new if _is_echo(body, request.operation, job)]
        if alike:
            # ours came into being right after it was sent; of those before, the last one is the likeliest
            alike.sort(key=lambda job_id: (stamped[job_id] < sent - 3, abs(stamped[job_id] - sent)))
            note = f"{len(alike)} jobs at SateAIs match this request; the one created closest after sending was taken."
            return _handle(alike[0], request.operation, note if alike[1:] else "")
        if unread:
            raise errors.ProtocolError("SateAIs’s list has entries that cannot be read.")
        if any(not isinstance(job.get("request_params"), Mapping) for job in new):
            raise errors.AmbiguousSubmit("SateAIs lists a job of that time without telling what it was asked for.", later=True)
        if len(jobs) >= LISTED and min(stamped.values()) > earliest:
            raise errors.AmbiguousSubmit(f"SateAIs lists only the newest {LISTED} jobs, and the request is older than those.")
        twins = [] if sent_there else [stamped[_id(job)] for job in foreign if _is_echo(body, request.operation, job)]
        if twins:
            made = f"{dt.datetime.fromtimestamp(max(twins), dt.timezone.utc):%Y-%m-%d %H:%M} UTC"
            text = f"SateAIs lists a job of {made} with just this request, made before this one was sent by this computer’s clock."
            raise errors.AmbiguousSubmit(text, later=True, advice=_TWIN)
        return None

    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, errors.ServiceProblem]]:
        wanted = {handle.remote_id for handle in handles}
        listed = self._jobs(f"limit={LISTED}") if len(wanted) > 1 else []
        found: Dict[str, Union[Status, errors.ServiceProblem]] = {_id(job): _status(job) for job in listed if _id(job) in wanted}
        for handle in handles:
            try:
                if handle.remote_id not in found:
                    found[handle.remote_id] = self._look(handle)
            except (errors.TransportError, errors.QuotaError) as problem:
                if not found:
                    raise
                return {**dict.fromkeys(wanted, problem), **found}  # asking on would not help
        return found

    def _look(self, handle: Handle) -> Union[Status, errors.ServiceProblem]:
        try:
            return _status(self._object(self._get(f"/jobs/{quote(handle.remote_id, safe='')}")))
        except (errors.NotFound, errors.Gone, errors.InvalidRequest, errors.ServiceError, errors.ProtocolError) as problem:
            return problem

    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        name = re.sub(r"\W+", "_", handle.extra.get("operation", "")) or "result"
        url = f"{self._root}/jobs/{quote(handle.remote_id, safe='')}/result.geojson"
        return (Asset(f"{name}.geojson", url, "application/geo+json", signed=True),)

    def history(self, query: Optional[HistoryQuery] = None) -> HistoryPage:
        listed = [_remote_job(job) for job in self._jobs(f"limit={LISTED}")]
        return HistoryPage(tuple(job for job in listed if (query or HistoryQuery()).takes(job)))

    def problem_of(self, reply: Reply) -> errors.ServiceProblem:
        if not reply.url.startswith(self._root):
            return replies.storage_problem(reply)
        code, message = replies.failure(reply.json_or_none())
        message = message.replace(self._api_key, MASK) if self._api_key else message
        told = "INTERNAL_ERROR" if reply.status >= 500 else code if code in _CODES else _BY_STATUS.get(reply.status, "")
        kind, advice = _CODES.get(told, (errors.InvalidRequest, errors.InvalidRequest.advice))
        if reply.status < 400:
            kind, advice = errors.ProtocolError, errors.ProtocolError.advice
        elif reply.status == 403 and not told:
            kind, advice = errors.AuthError, "Access was refused: check the API key and the address of this account."
        elif (told == "NOT_FOUND" or reply.status == 405) and "/jobs/" not in reply.url:
            kind, advice = errors.ConfigError, "Check the address of this account, or change the request; no job was started."
        elif reply.status == 409 and "/jobs/" in reply.url:
            kind, advice = errors.ServiceError, "The result is not ready yet; it is asked for again."
        known: Dict[str, Any] = {"code": code, "request_id": reply.request_id, "status": reply.status, "advice": advice}
        known.update({"waits": told == "RATE_LIMIT_EXCEEDED"} if kind is errors.QuotaError else {})
        text = message or f"SateAIs answered HTTP {reply.status}{f' ({code})' if code else ''}."
        return kind(text, retry_after=replies.pause(reply), **known)

    def _get(self, path: str) -> Reply:
        return replies.from_service(self.transport.send(HttpCall("GET", self._root + path), self.options()), self._root)

    def _object(self, reply: Reply) -> Mapping[str, Any]:
        """The JSON object of a good answer. Raises what a bad one means."""
        if not reply.ok:
            raise self.problem_of(reply)
        data = reply.json()
        if not isinstance(data, Mapping):
            raise errors.ProtocolError(f"SateAIs answered with something unexpected: {reply.excerpt()}", status=reply.status)
        return data

    def _jobs(self, query: str) -> List[Mapping[str, Any]]:
        return self._listing(query)[0]

    def _listing(self, query: str) -> Tuple[List[Mapping[str, Any]], Reply, bool]:
        """The listed jobs, the answer, and whether entries were left out that cannot be read."""
        reply = self._get(f"/jobs?{query}")
        jobs = self._object(reply).get("jobs")
        if not isinstance(jobs, list):
            raise errors.ProtocolError(f"SateAIs answered with something that is no list of jobs: {reply.excerpt()}", status=reply.status)
        found = [job for job in jobs if isinstance(job, Mapping) and _id(job)]
        return found, reply, len(found) < len(jobs)

    @property
    def _api_key(self) -> str:
        return self.account.value("api_key").strip()

    @property
    def _root(self) -> str:
        root = self.account.url.strip() or str(self.account_fields[0].default)
        return re.sub(r"(/api/v1)?/*$", "", root) + "/api/v1"


def _no_route(reply: Reply) -> bool:
    """Whether the path itself is missing: the gateway's refusals carry none of the service's codes."""
    code, _ = replies.failure(reply.json_or_none())
    return reply.status in (403, 404, 405) and (code not in _CODES or code == "NOT_FOUND")


def _id(job: Mapping[str, Any]) -> str:
    return replies.words(job.get("job_id"))


def _handle(job_id: str, operation: str, note: str = "") -> Handle:
    return Handle(job_id, {"operation": operation, **({"note": note} if note else {})})


def _body(operation: Operation, request: Request) -> Dict[str, Any]:
    values, wrong = parse_all(operation.fields, request.values)
    if wrong:
        raise errors.InvalidRequest(next(iter(wrong.values())), problems=tuple(wrong.values()))
    if "scene_id" in values:
        return {"satellite_id": "sentinel-1", "scene_id": scene_name(values["scene_id"])}
    area = {"polygon": request.aoi.wkt()} if request.aoi is not None else {}
    return {"satellite_id": "sentinel-1", **area, **values}


def _is_echo(body: Mapping[str, Any], operation: str, job: Mapping[str, Any]) -> bool:
    """Whether a listed job was asked for with this body, spelling aside."""
    asked = job.get("request_params")
    if not isinstance(asked, Mapping) or job.get("endpoint_id", operation) != operation:
        return False
    names = ("scene_id", "polygon", "date", "date_direction", "date_start", "date_end", "orbit_direction")
    return all(_comparable(name, body.get(name)) == _comparable(name, asked.get(name)) for name in names)


def _comparable(name: str, value: Any) -> Any:
    text = str(value or "").strip()
    if name == "polygon":
        with suppress(AoiError):
            return frozenset((round(x, 6), round(y, 6)) for polygon in from_wkt(text).polygons for ring in polygon for x, y in ring)
    if name == "scene_id":
        return scene_name(text)
    unset = {"date_direction": "nearest", "orbit_direction": "any"}
    return text.lower() or unset[name] if name in unset else text[:10]


def _remote_job(job: Mapping[str, Any]) -> RemoteJob:
    kind = replies.words(job.get("endpoint_id"))
    operation = next((operation for operation in OPERATIONS if operation.key == kind), None)
    asked, request = job.get("request_params"), None
    if operation is not None and isinstance(asked, Mapping):
        values = {field.name: asked[field.name] for field in operation.fields if not is_empty(asked.get(field.name))}
        with suppress(AoiError):
            request = Request(kind, values, from_wkt(str(asked["polygon"])) if asked.get("polygon") else None)
    title, status = operation.title if operation is not None else kind, _status(job)
    area = replies.number(job.get("area_sqkm"))
    return RemoteJob(_handle(_id(job), kind), kind, status, request, title, title, area_km2=area, cost=status.cost)


def _status(job: Mapping[str, Any]) -> Status:
    word = replies.words(job.get("status"), 60)
    phase = _PHASES.get(word.lower(), Phase.RUNNING)
    code, message = replies.failure(job) if phase not in (Phase.QUEUED, Phase.RUNNING, Phase.SUCCEEDED) else ("", "")
    if phase is Phase.FAILED:
        told = message or f"SateAIs gives the reason {code}." if code or message else "SateAIs gives no reason."
        message = f"{told} {_CODES[code][1] if code in _CODES else 'Failed jobs are not charged.'}"
    ended = replies.moment(job.get("completed_at"))
    used, area = replies.number(job.get("credits_used")), replies.number(job.get("area_sqkm"))
    if used is None and phase is Phase.FAILED:
        used = 0.0  # failed jobs are not charged
    analysed = f"{area:,.1f} km² were analysed." if area is not None else ""
    warning = _coverage(job) if phase is Phase.SUCCEEDED else ""
    if word.lower() not in _PHASES:
        warning = f"SateAIs reports the unknown state “{word}”; the job is followed as running."
    return Status(
        phase, word, message=message, code=code, warning=warning,
        cost=Cost(used, "credits", basis="service’s figure", note=analysed) if used is not None else None,
        created_at=replies.stamp(replies.moment(job.get("created_at"))), finished_at=replies.stamp(ended),
        expires_at=replies.stamp(replies.after(ended, KEPT)) if phase is Phase.SUCCEEDED else "",
    )  # fmt: skip


def _coverage(data: Mapping[str, Any]) -> str:
    """A sentence when scenes cover only a part of the area, the percentage rounded down."""
    ratio = replies.number(replies.member(data, "coverage", "ratio"))
    return "" if ratio is None or ratio >= 1 else f"Scenes cover only {math.floor(ratio * 100 + 1e-9)} % of the area."


def _estimated(data: Mapping[str, Any]) -> Cost:
    amount, balance = (replies.number(replies.member(data, "credits", name)) for name in ("estimated", "balance"))
    sufficient = replies.member(data, "credits", "sufficient")
    listed = data.get("warnings")
    warned = dict(map(replies.failure, listed if isinstance(listed, list) else []))
    notes = [f"The job would fail: {warned[code] or code} {_CODES[code][1]}" for code in warned if code in _CODES]
    if sufficient is False:
        notes.append("The balance does not suffice." if balance is None else f"The balance of {Cost(balance, 'credits')} does not suffice.")
    notes.append(_coverage(data) or warned.get("LOW_AOI_COVERAGE", ""))
    notes += ["The credits are known only after the run."] if amount is None or "CREDITS_NOT_ESTIMABLE" in warned else []
    notes += [warned[code] or code for code in warned if code not in (*_CODES, "LOW_AOI_COVERAGE", "CREDITS_NOT_ESTIMABLE")]
    known = sufficient if isinstance(sufficient, bool) else None
    return Cost(amount, "credits", note=" ".join(note for note in notes if note), sufficient=known)
