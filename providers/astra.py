"""ASTRA OS: scenes of several archives, and NDVI or change maps of whole scenes as GeoTIFF.

A job names scenes, not an area. It is followed by its id alone: the service has no list of jobs. Its documents and its published
code differ in many members; the documented ones are sent, and both are read.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Type, Union
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ..aoi import AoiError
from . import astra_scenes, errors, replies
from .astra_tasks import OPERATIONS, TITLE
from .base import Asset, Can, Greeting, Handle, Phase, Problem, Provider, Severity, Status
from .cancel import Cancel
from .checks import check_request
from .fields import Field, parse_all
from .http import MASK, Body, HttpCall, Reply
from .operation import Operation, Request
from .scenes import Bounds, Scene, SceneAsset, ScenePage, SceneQuery, boxes, in_time_order, place_of, taken_at
from .transport import Options

DASHBOARD = "https://astraos.cloud"
SOURCES = ("sentinel-2", "sentinel-2-l2a", "landsat", "landsat-c2-l2", "planetary-computer")
MARGIN = 60.0  # s before its end at which a link counts as expired
MOST_SCENES = 100  # of one search
ONE_SCENE_ONLY = "This version of the service takes one scene, so it may have used only the earlier of the two."

# addresses of services that want the members of the published code
_as_coded: Set[str] = set()
_as_coded_lock = threading.Lock()

_PHASES = {"queued": Phase.QUEUED, "pending": Phase.QUEUED, "processing": Phase.RUNNING, "running": Phase.RUNNING,
           "completed": Phase.SUCCEEDED, "complete": Phase.SUCCEEDED, "succeeded": Phase.SUCCEEDED,
           "failed": Phase.FAILED, "error": Phase.FAILED, "cancelled": Phase.CANCELLED, "canceled": Phase.CANCELLED}  # fmt: skip

_BY_STATUS: Dict[int, Tuple[Type[errors.ServiceProblem], str]] = {
    401: (errors.AuthError, f"Authentication failed: check the API key of this account at {DASHBOARD}."),
    402: (errors.QuotaError, f"The plan or its credits are used up. See {DASHBOARD}/pricing, then run the job again."),
    403: (errors.AuthError, f"The plan of this key does not cover it. See {DASHBOARD}/pricing; searching for scenes still works."),
    404: (errors.NotFound, errors.NotFound.advice),
    408: (errors.ServiceError, errors.ServiceError.advice),
    410: (errors.Gone, "The result has expired. Run the job again."),
    429: (errors.QuotaError, "The limit of requests is reached; it is tried again after a while."),
}


class WrongSize(errors.ProtocolError):
    """The file is not as long as the service says."""

    retryable = False
    advice = "Ask the service’s support, or run the job again."


class Astra(Provider):
    """NDVI and change detection by ASTRA OS."""

    key = "astra"
    title = TITLE
    website = DASHBOARD
    account_fields = (
        Field("url", "Address", default="https://astraos.cloud", required=True, help="Leave it as it is unless told otherwise."),
        Field("api_key", "API key", required=True, secret=True, help=f"Made at {DASHBOARD}, shown there once. Keys start with astra_."),
    )
    fixed_operations = OPERATIONS
    can = Can.SCENES
    most_running = 2
    requests_per_second = 0.25  # half of what the free plan allows
    limit_header = "x-ratelimit-limit"
    scene_collections = (("sentinel-2-l2a", "Sentinel-2 L2A"), ("landsat-c2-l2", "Landsat Collection 2 L2"),
                         ("planetary-computer", "Planetary Computer"))  # fmt: skip

    def signature(self) -> Mapping[str, str]:
        key = self._api_key
        if not key:
            raise errors.ConfigError("The account has no API key.", advice=f"Enter the key from {DASHBOARD} in the account's settings.")
        if not re.fullmatch(r"[!-~]+", key):
            raise errors.ConfigError("The API key holds blanks or characters that no key has.", advice="Copy the key again.")
        return {"Authorization": f"Bearer {key}"}

    def check(self) -> Greeting:
        reply = self._get("/process/connection-test")
        if reply.status == 403:
            return Greeting(balance="Searching works; the plan of this key does not include processing.")
        if not reply.ok and reply.status != 404:
            raise self.problem_of(reply)
        if not isinstance(reply.json(), Mapping):  # raises ProtocolError for a web page
            raise errors.ProtocolError(f"{urlsplit(self._root).netloc} does not answer like ASTRA OS: {reply.excerpt()}")
        return Greeting("" if self._api_key.startswith("astra_") else "The key does not start with astra_, but is accepted.")

    # Jobs ------------------------------------------------------------------------------------------------------------------------

    def problems(self, request: Request) -> Tuple[Problem, ...]:
        operation = self.operation(request.operation)
        found = check_request(operation, replace(request, aoi=None))
        ids = parse_all(operation.fields, request.values)[0].get("scene_ids", ())
        doubts = [] if any(problem.field == "scene_ids" for problem in found) else _doubts(ids)
        return (*found, *(Problem("scenes", text, Severity.WARNING, "scene_ids") for text in doubts))

    def build(self, request: Request) -> HttpCall:
        with _as_coded_lock:
            return self._submission(request, self._root in _as_coded)

    def submit(self, request: Request) -> Handle:
        wrong = tuple(problem.message for problem in self.problems(request) if problem.severity is Severity.ERROR)
        if wrong:
            raise errors.InvalidRequest(wrong[0], problems=wrong)
        reply, as_coded = self._post(request)
        if reply.ok:
            job_id = replies.words(replies.member(reply.json_or_none(), "job_id"), 256)
            if job_id:
                note = ONE_SCENE_ONLY if as_coded and request.operation == "change_detection" else ""
                return Handle(job_id, {"operation": request.operation, **({"note": note} if note else {})})
            text = "ASTRA OS accepted the request without naming a job."
            raise errors.AmbiguousSubmit(text, status=reply.status, request_id=reply.request_id)
        problem = self.problem_of(reply)
        if isinstance(problem, errors.ServiceError):
            raise errors.AmbiguousSubmit(problem.message, code=problem.code, status=problem.status, request_id=problem.request_id)
        raise problem

    def _post(self, request: Request) -> Tuple[Reply, bool]:
        """The answer, and whether the members of the published code were sent. A refusal with 400 made no job, so one more try is safe."""
        with _as_coded_lock:
            as_coded = self._root in _as_coded
        reply = self.transport.send(self._submission(request, as_coded), self._options(repeat=False))
        if reply.status == 400 and not as_coded and _wants_scene_id(reply):
            as_coded = True
            reply = self.transport.send(self._submission(request, True), self._options(repeat=False))
        with _as_coded_lock:
            if as_coded and reply.ok:
                _as_coded.add(self._root)
            elif reply.status == 400:
                _as_coded.discard(self._root)
        return reply, as_coded

    def _submission(self, request: Request, as_coded: bool) -> HttpCall:
        return HttpCall("POST", f"{self._root}/process", _body(self.operation(request.operation), request, as_coded))

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        text = "Outcome unknown: ASTRA OS shows no list of jobs, so it cannot be known whether it has this one."
        raise errors.AmbiguousSubmit(text, advice="A job may exist there and may be charged. Decide yourself whether to run it again.")

    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, errors.ServiceProblem]]:
        found: Dict[str, Union[Status, errors.ServiceProblem]] = {}
        for handle in handles:
            try:
                found[handle.remote_id] = self._look(handle)
            except (errors.TransportError, errors.QuotaError) as problem:
                if not found:
                    raise
                return {**{other.remote_id: problem for other in handles}, **found}  # asking on would not help
        return found

    def _look(self, handle: Handle) -> Union[Status, errors.ServiceProblem]:
        try:
            status = _status(self._job(handle)[0])
        except (errors.NotFound, errors.Gone, errors.InvalidRequest, errors.ServiceError, errors.ProtocolError) as problem:
            return problem
        return replace(status, warning=status.warning or handle.extra.get("note", ""))

    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        for _ in range(2):  # a link that ends now is asked for once more
            job, now = self._job(handle)
            url, result = _result_url(job), replies.member(job, "result")
            if not url:
                text = _reason(job)[1] or "ASTRA OS calls the job completed but names no file."
                raise errors.NotFound(text, advice="The result is not available. Ask the service’s support.")
            ends = replies.moment(replies.member(result, "expires_at"))
            if ends is None or ends.timestamp() > now + MARGIN:
                size = replies.number(replies.member(result, "file:size"))
                name = re.sub(r"\W+", "_", handle.extra.get("operation", "")) or "result"
                kind = replies.words(replies.member(result, "type")) or "image/tiff"
                size_known = int(size) if size is not None and size >= 0 else None
                return (Asset(f"{name}.tif", urljoin(f"{self._root}/", url), kind, size_known, replies.stamp(ends)),)
        raise errors.Gone("The link to the result has expired, and ASTRA OS gives no new one.", advice="Run the job again.")

    def open(self, asset: Asset, start: int = 0, cancel: Optional[Cancel] = None) -> Body:
        body = super().open(asset, start, cancel)
        length = body.headers.get("content-length", "")
        if body.status == 200 and length.isdigit() and int(length) != (asset.size or int(length) or 1):
            body.close()
            announced = f" where {asset.size:,} were announced" if asset.size else ""
            raise WrongSize(f"The storage has {int(length):,} bytes{announced}: the file of the result is damaged.")
        return body

    def _job(self, handle: Handle) -> Tuple[Mapping[str, Any], float]:
        """The service's view of a job, and the time (Unix, s) by its clock."""
        reply = self._get(f"/process/{quote(handle.remote_id, safe='')}")
        return self._object(reply), time.time() + replies.clock_difference(reply)

    # Scenes ----------------------------------------------------------------------------------------------------------------------

    def search_scenes(self, query: SceneQuery) -> ScenePage:
        try:
            around = boxes(query.aoi)
        except AoiError as error:
            raise errors.InvalidRequest(str(error)) from None
        if any(west >= east or south >= north for west, south, east, north in around):
            raise errors.InvalidRequest("The area has no surface to search in. Outline a larger one.")
        answers = [self._search(query, box) for box in around]
        page = astra_scenes.page(answers, query, MOST_SCENES)
        if not page.scenes and query.collections and any("no provider" in text.lower() for text in page.warnings):
            everything = self.search_scenes(replace(query, collections=()))
            told = "The service does not know these collections; scenes of all collections are shown."
            return replace(everything, warnings=(told, *everything.warnings))
        return page

    def _search(self, query: SceneQuery, box: Bounds) -> Mapping[str, Any]:
        asked = urlencode(astra_scenes.search_parameters(query, box, MOST_SCENES), safe=",/:")
        return self._object(self._get(f"/search?{asked}"))

    def scene_assets(self, scene: Scene) -> Tuple[SceneAsset, ...]:
        asked = urlencode({"scene_id": scene.id, "format": "cog"})
        found, refused = astra_scenes.resolved(self._object(self._get(f"/assets?{asked}")))
        if refused and not found:
            raise errors.NotFound(refused[0], advice="Try another scene, or the same one from another source.")
        return found

    def quicklook(self, scene: Scene) -> Optional[SceneAsset]:
        return scene.quicklook or astra_scenes.quicklook(self._object(self._get(f"/scenes/{quote(scene.id, safe='')}")))

    # Answers ---------------------------------------------------------------------------------------------------------------------

    def problem_of(self, reply: Reply) -> errors.ServiceProblem:
        if not reply.url.startswith(self._root):
            return replies.storage_problem(reply)
        code, message = _reason(reply.json_or_none())
        message = message.replace(self._api_key, MASK) if self._api_key else message
        kind, advice = _BY_STATUS.get(reply.status, (errors.InvalidRequest, errors.InvalidRequest.advice))
        if reply.status >= 500:
            kind, advice = errors.ServiceError, errors.ServiceError.advice
        elif 300 <= reply.status < 400:
            here, there = (urlsplit(url).netloc for url in (reply.url, urljoin(reply.url, reply.headers.get("location", ""))))
            kind, message = errors.ConfigError, f"{here} redirects to {there}. Use that address in the account instead."
            advice = "Nothing was sent on."
        elif code == "SCENE_NOT_FOUND":
            kind, advice = errors.InvalidRequest, "Search for the scene again and use its ID as it stands; nothing was charged."
        elif reply.status == 404 and reply.url.endswith("/process"):
            kind, advice = errors.ConfigError, "Check the address of this account; no job was started."
        told: Dict[str, Any] = {"waits": True} if reply.status == 429 else {}
        text = message or f"ASTRA OS answered HTTP {reply.status}{f' ({code})' if code else ''}."
        known: Dict[str, Any] = {"code": code, "request_id": reply.request_id, "status": reply.status, "advice": advice, **told}
        return kind(text, retry_after=replies.pause(reply), **known)

    def _get(self, path: str) -> Reply:
        return self.transport.send(HttpCall("GET", self._root + path), self._options())

    def _options(self, *, repeat: bool = True) -> Options:
        # the other host of the service would get the call without its key: better to name the right address
        return replace(self.options(repeat=repeat), follow=False)

    def _object(self, reply: Reply) -> Mapping[str, Any]:
        """The JSON object of a good answer. Raises what a bad one means."""
        if not reply.ok:
            raise self.problem_of(reply)
        data = reply.json()
        if not isinstance(data, Mapping):
            raise errors.ProtocolError(f"ASTRA OS answered with something unexpected: {reply.excerpt()}", status=reply.status)
        return data

    @property
    def _api_key(self) -> str:
        return self.account.value("api_key").strip()

    @property
    def _root(self) -> str:
        root = self.account.url.strip() or str(self.account_fields[0].default)
        return re.sub(r"(/api/v1)?/*$", "", root) + "/api/v1"


def _body(operation: Operation, request: Request, as_coded: bool) -> Dict[str, Any]:
    values, wrong = parse_all(operation.fields, request.values)
    if wrong:
        raise errors.InvalidRequest(next(iter(wrong.values())), problems=tuple(wrong.values()))
    ids = list(in_time_order(values.pop("scene_ids")))
    webhook = {"webhook_url": values.pop("webhook_url")} if "webhook_url" in values else {}
    params = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value != "none"}
    body = {"operation": operation.key, "scene_ids": ids, **({"params": params} if params else {}), **webhook}
    return {**params, **body, "scene_id": ids[0]} if as_coded else body


def _doubts(ids: Sequence[str]) -> List[str]:
    """What should be known of scene ids before they are sent, as sentences."""
    strange = [scene_id.partition(":")[0] for scene_id in ids if scene_id.partition(":")[0] not in SOURCES]
    found = [f"“{strange[0]}” is not a source of scenes known here; the service may refuse it."] if strange else []
    if len(ids) == 2:
        places, sources = {place_of(scene_id) for scene_id in ids}, {scene_id.partition(":")[0] for scene_id in ids}
        if "" not in places and len(places) == 2:
            found.append(f"The scenes show different places ({' and '.join(sorted(places))}), so they may not overlap.")
        if len(sources) == 2:
            found.append("The scenes come from different sources; differences between them may look like change.")
        if None in map(taken_at, ids):
            found.append("The scene IDs tell no dates: make sure that the earlier scene comes first.")
    return found


def _wants_scene_id(reply: Reply) -> bool:
    text = reply.body[:4000].decode("utf-8", "replace").lower()
    return bool(re.search(r"\bscene_id\b", text)) and "required" in text


def _reason(data: Any) -> Tuple[str, str]:
    """(code, message) of an error in any of its shapes: object, text, a list of either."""
    told = data.get("error") if isinstance(data, Mapping) else None
    if not isinstance(told, list):
        return replies.failure(data)
    pairs = [replies.failure({"error": item}) for item in told]
    sentences = [message or code for code, message in pairs if message or code]
    return next((code for code, message in pairs if code and message), ""), replies.words("; ".join(sentences))


def _result_url(job: Mapping[str, Any]) -> str:
    """The address of the file, whole."""
    for url in (replies.member(job, "result", "href"), job.get("result_url")):
        if isinstance(url, str) and url.strip():
            return url.strip()
    return ""


def _status(job: Mapping[str, Any]) -> Status:
    word = replies.words(job.get("status"), 60)
    phase = _PHASES.get(word.lower(), Phase.RUNNING)
    code, message = _reason({"error": job.get("error")}) if phase is Phase.FAILED else ("", replies.words(job.get("message")))
    if phase is Phase.FAILED:
        told = message or (f"ASTRA OS gives the reason {code}." if code else "ASTRA OS gives no reason.")
        message = f"{told if told.endswith('.') else told + '.'} Choose other scenes, or run it again later."
    elif phase is Phase.SUCCEEDED and not _result_url(job):
        phase, message = Phase.UNRESOLVED, "ASTRA OS calls the job completed but names no file, so the result is not available."
    unknown = f"ASTRA OS reports the unknown state “{word}”; the job is followed as running." if word.lower() not in _PHASES else ""
    return Status(
        phase, word, message=message, code=code, warning=unknown,
        created_at=replies.stamp(replies.moment(job.get("created_at"))),
        finished_at=replies.stamp(replies.moment(job.get("completed_at"))),
        expires_at=replies.stamp(replies.moment(replies.member(job, "result", "expires_at"))),
    )  # fmt: skip
