"""Sentinel Hub's asynchronous processing: an evalscript over an area, delivered to the user's own bucket.

The service has two calls, submit and status. A finished job answers 404, whether it went well or not: what became of it is found in
the bucket, where each job has a folder of its own. That folder also tells whether a submission arrived whose answer was lost.
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from contextlib import suppress
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ..aoi import AoiError
from . import errors, processing_units, replies
from .base import Asset, Can, Cost, Greeting, Handle, Problem, Provider, Severity, Status
from .cancel import Cancel
from .checks import check_request
from .http import Body, HttpCall, Reply
from .hub import catalog, oauth, outcome, refusals, verdict
from .hub.account import DASHBOARD, DEPLOYMENTS, FIELDS, PATHS, Settings, masked, policies
from .hub.collections import COLLECTIONS
from .hub.form import PROCESS, offered
from .hub.limits import asked_pause, in_place
from .hub.plan import Plan, body_of, plan_of, tiles_of
from .object_storage import Place, Probe, StorageRefused, Store, place_of, probe
from .operation import Operation, Request
from .pixel_grid import GridError
from .processing_units import UNIT, Work
from .rights import Rights
from .scenes import ScenePage, SceneQuery
from .sentinelhub_tasks import OPERATIONS, TITLE
from .transport import Options

SCRIPT = "evalscript.js"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LARGE = 1_000_000  # bytes of a request that are remarked on


class SentinelHub(Provider):
    """Evalscripts by Sentinel Hub."""

    key = "sentinelhub"
    title = TITLE
    website = DASHBOARD
    unseen = "nothing of this job has appeared in the bucket"  # it keeps no list
    absence = "the request most likely never arrived, or Sentinel Hub cannot write there"
    account_fields = FIELDS
    fixed_operations = OPERATIONS
    can = Can.ESTIMATE | Can.SCENES
    most_running = 2
    requests_per_second = 1.0
    scene_collections = tuple((item.key, item.title) for item in COLLECTIONS if item.has_catalog)

    def __init__(self, *known: Any, **named: Any) -> None:
        super().__init__(*known, **named)
        self.settings = Settings(self.account)
        self._stores: Dict[Tuple[str, str], Store] = {}
        self._guard = threading.Lock()

    def operations(self) -> Tuple[Operation, ...]:
        return (offered(PROCESS, self.settings.deployment.key),)

    def check(self) -> Greeting:
        reply = self._call(HttpCall("GET", f"{self._jobs()}/{uuid.uuid4()}"))
        if reply.status != 404 and not reply.ok:
            raise self.problem_of(reply)
        if not isinstance(reply.json(), Mapping):
            raise errors.ProtocolError(f"{self.settings.base} does not answer like Sentinel Hub: {reply.excerpt()}")
        known = any(item.url == self.settings.base for item in DEPLOYMENTS)
        return Greeting(f"{self.settings.deployment.title} deployment" if known else "")

    def test_storage(self) -> Probe:
        """Write, list, read and delete a small object where results go. Raises ConfigError, StorageRefused, NoBucket, TransportError."""
        place = self.settings.place
        return probe(self._store(place), place.key)

    def policies(self) -> Tuple[str, str]:
        """For copying: what the role that delivers may do, and who may take it (JSON texts). Raises ConfigError."""
        return policies(self.settings.place, self.account.value("external_id"))

    # The request -------------------------------------------------------------------------------------------------------------------

    def problems(self, request: Request) -> Tuple[Problem, ...]:
        self.operation(request.operation)
        found = check_request(PROCESS, request)  # what another deployment has is known here, and said to be there
        if any(problem.severity is Severity.ERROR for problem in found):
            return found
        plan = self._plan(request)
        if not any(problem.severity is Severity.ERROR for problem in plan.problems):
            self._check_sending(request, plan)
        return (*found, *plan.problems)

    def split(self, request: Request) -> Tuple[Request, ...]:
        if any(problem.severity is Severity.ERROR for problem in check_request(PROCESS, request)):
            return (request,)
        plan = self._plan(request)
        return tiles_of(request, plan) if plan.values["split"] else (request,)

    def estimate(self, request: Request) -> Optional[Cost]:
        plan = self._plan(request)
        if plan.setup is None or plan.grid is None:
            return Cost(None, UNIT, note="The cost cannot be told without reading the script.")
        notes: List[str] = []
        work = self._work(plan, self._samples(request, plan, notes))
        delivered = work.width * work.height * sum(output.bytes_per_pixel for output in plan.setup.outputs) / 1e6
        place = self.settings.surcharge
        extra = processing_units.surcharge(delivered, place)
        amount = processing_units.units(work) + extra
        notes.insert(0, f"{processing_units.working(work)}.")
        if extra:
            where = "Google Cloud Storage" if place == "gs" else "another region"
            notes.append(f"Included: up to {extra:,.3f} {UNIT} for delivering {delivered:,.2f} MB (uncompressed) to {where}.")
        basis = "our estimate"
        if amount < processing_units.LEAST and self.settings.deployment.is_copernicus:
            notes.append(f"At least {processing_units.LEAST:g} {UNIT} are charged for a request.")
            amount = processing_units.LEAST
        elif amount < processing_units.LEAST:
            notes.append(f"A minimum of {processing_units.LEAST:g} {UNIT} for a request may apply.")
            basis = f"our estimate; perhaps at least {processing_units.LEAST:g} {UNIT}"
        return Cost(round(amount, 4), UNIT, basis, " ".join(notes))

    def build(self, request: Request) -> HttpCall:
        return HttpCall("POST", self._jobs(), masked(self._body(request, self._plan(request))))

    def _plan(self, request: Request) -> Plan:
        return plan_of(request, self.settings.deployment)

    def _body(self, request: Request, plan: Plan) -> Dict[str, Any]:
        """The real body, with the storage's secrets. Raises ConfigError, InvalidRequest."""
        folder = self._folder(request)
        reference: Optional[Mapping[str, Any]] = None
        if plan.by_reference or plan.is_long:
            reference = self.settings.delivery(place_of(plan.script) if plan.by_reference else folder.under(SCRIPT))
        try:
            return body_of(plan, self.settings.delivery(folder), reference)
        except GridError as error:
            raise errors.InvalidRequest(str(error)) from None

    def _folder(self, request: Request) -> Place:
        """Where a job's files go: a folder of its own, so that it is found again."""
        return self.settings.place.under(request.tag)

    def _check_sending(self, request: Request, plan: Plan) -> None:
        try:
            size = len(json.dumps(self._body(request, plan)))
        except errors.ServiceProblem as problem:
            plan.problems.append(Problem("account", str(problem), settings=getattr(problem, "settings", ())))
            return
        if size > _LARGE:
            plan.doubt("large", f"The request has {size / 1e6:.1f} MB, which the service may refuse.")

    def _work(self, plan: Plan, samples: int) -> Work:
        if plan.setup is None or plan.grid is None:
            raise errors.InvalidRequest("The request is not complete.")
        radar = next((source.processing for source in plan.sources if source.collection.is_radar), {})
        terrain = radar.get("backCoeff") == "GAMMA0_TERRAIN"
        return Work(
            plan.grid.width, plan.grid.height, plan.setup.paid_bands, any(output.is_float for output in plan.setup.outputs), samples,
            len(plan.sources), radar.get("orthorectify") is True, terrain, replies.member(radar, "speckleFilter", "type") == "LEE",
        )  # fmt: skip

    def _samples(self, request: Request, plan: Plan, notes: List[str]) -> int:
        """Samples for each pixel; for scripts that see every acquisition, on how many days there are some."""
        main, days = plan.sources[0], plan.sources[0].data_filter.get("timeRange")
        if plan.setup is None or plan.setup.mosaicking == "SIMPLE" or not days or request.aoi is None:
            return 1
        found = 0
        if main.collection.key.startswith("sentinel-"):
            try:
                found = catalog.days(main.collection, request.aoi, days["from"][:10], days["to"][:10], self._search)
            except (errors.NotFound, errors.InvalidRequest, errors.ProtocolError, AoiError):
                found = 0
        if not found:
            notes.append("The script looks at every acquisition, and how many there are is not known: the cost is that of one.")
            return 1
        notes.append(f"Up to {found} days with acquisitions; fewer samples cost less.")
        return found

    # Jobs --------------------------------------------------------------------------------------------------------------------------

    def submit(self, request: Request) -> Handle:
        wrong = tuple(problem.message for problem in self.problems(request) if problem.severity is Severity.ERROR)
        if wrong:
            raise errors.InvalidRequest(wrong[0], problems=wrong)
        plan = self._plan(request)
        body = self._body(request, plan)
        self._token()  # whatever goes wrong with signing in, nothing was sent
        if plan.is_long and not plan.by_reference:
            script = self._folder(request).under(SCRIPT)
            self._store(script).write(script.key, plan.script.encode())
        begun = time.time()
        payload = json.dumps(body, ensure_ascii=False).encode()
        reply = self._call(HttpCall("POST", self._jobs(), masked(body)), payload)
        if reply.ok:
            job_id = replies.words(replies.member(reply.json_or_none(), "id"), 100)
            if job_id:
                return self._handle(job_id, request, plan, begun)
            text = "Sentinel Hub accepted the request without naming a job."
            raise errors.AmbiguousSubmit(text, status=reply.status, request_id=reply.request_id)
        problem = self.problem_of(reply)
        if isinstance(problem, errors.QuotaError) and asked_pause(reply) is None:
            problem.retry_after = None  # too many jobs at once: a slot is waited for
        if isinstance(problem, errors.ServiceError):
            raise errors.AmbiguousSubmit(problem.message, code=problem.code, status=problem.status, request_id=problem.request_id)
        if reply.status in (404, 410):
            other = "B" if self.settings.path_style == "A" else "A"
            advice = f"The address may be wrong; if it is not, try path style {other} in the account."
            raise errors.ConfigError(problem.message, code=problem.code, status=reply.status, request_id=reply.request_id, advice=advice)
        raise problem

    def _handle(self, job_id: str, request: Request, plan: Plan, sent_at: float) -> Handle:
        """All that is needed to find the result, whatever becomes of the account's settings."""
        grid = plan.grid
        known = {
            "place": self._folder(request).url, "outputs": ",".join(plan.files), "paths": self.settings.path_style,
            "size": f"{grid.width},{grid.height}" if grid else "0,0", "sent": f"{sent_at:.0f}",
        }  # fmt: skip
        if "tile" in plan.values:
            known["tile"] = str(plan.values["tile"])
        return Handle(job_id, known)

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        if not request.tag:
            raise errors.AmbiguousSubmit("The request had no folder of its own, so it cannot be known whether Sentinel Hub has it.")
        folder = self._folder(request)
        try:
            objects = self._store(folder).list(folder.key + "/")
        except (StorageRefused, errors.NotFound, errors.ConfigError) as problem:
            text = f"Outcome unknown: {problem.message} So it cannot be seen whether Sentinel Hub has the job."
            raise errors.AmbiguousSubmit(text, advice="Look into the bucket before you run this again.") from None
        names = dict.fromkeys(item.key[len(folder.key) + 1 :].partition("/")[0] for item in objects)
        found = [name for name in names if _UUID.fullmatch(name) and name not in known]
        return self._handle(found[0], request, self._plan(request), sent_at) if found else None

    def trace(self, request: Request) -> str:
        with suppress(errors.ServiceProblem):
            return f"the folder {self._folder(request).url}"
        return "the bucket"

    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, errors.ServiceProblem]]:
        found: Dict[str, Union[Status, errors.ServiceProblem]] = {}
        ended: List[Handle] = []
        for handle in handles:
            try:
                reply = self._ask(handle)
            except (errors.TransportError, errors.QuotaError, errors.AuthError) as problem:
                if not found and not ended:
                    raise
                found[handle.remote_id] = problem
                continue
            except errors.ServiceProblem as problem:
                if isinstance(problem, errors.Cancelled) or (len(handles) == 1 and not isinstance(problem, errors.NotFound)):
                    raise
                found[handle.remote_id] = problem
                continue
            if reply is None:
                ended.append(handle)
            else:
                found[handle.remote_id] = verdict.running(handle, reply)
        return {**found, **self._resolved(ended)}

    def _ask(self, handle: Handle) -> Optional[Reply]:
        """What the service says of a job, None when it knows it no more."""
        if not _UUID.fullmatch(handle.remote_id) or "place" not in handle.extra:
            raise errors.NotFound(f"{handle.remote_id} is no job of this account.")
        reply = self._call(HttpCall("GET", f"{self._jobs(handle.extra.get('paths', ''))}/{handle.remote_id}"))
        if reply.status == 404:
            return None
        if not reply.ok:
            raise self.problem_of(reply)
        if not isinstance(reply.json(), Mapping):
            raise errors.ProtocolError(f"Sentinel Hub answered with something that is no status: {reply.excerpt()}")
        return reply

    def _resolved(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, errors.ServiceProblem]]:
        """What the bucket tells of jobs that have ended. Complete results are looked at twice."""
        pace = self.transport.pace
        looks = {handle.remote_id: self._look(handle) for handle in handles}
        if any(seen.complete and seen.error is None for seen in looks.values()):
            self.cancel.wait(outcome.SETTLED * pace)
        found: Dict[str, Union[Status, errors.ServiceProblem]] = {}
        for handle in handles:
            seen = looks[handle.remote_id]
            again = self._look(handle) if seen.complete and seen.error is None else seen
            try:
                store = self._store(place_of(handle.extra["place"])) if again.complete else None
                found[handle.remote_id] = verdict.judged(self.settings, store, handle, seen, again, pace)
            except errors.ServiceProblem as problem:
                if isinstance(problem, errors.Cancelled):
                    raise
                found[handle.remote_id] = verdict.unsettled(self.settings, handle, outcome.Look(problem=problem), pace)
        return found

    def _look(self, handle: Handle) -> outcome.Look:
        folder = place_of(handle.extra["place"]).under(handle.remote_id)
        try:
            store = self._store(folder)
        except errors.ConfigError as problem:
            return outcome.Look(problem=problem, missing=verdict.outputs(handle))
        return outcome.look(store, folder, verdict.outputs(handle))

    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        if "place" not in handle.extra:
            raise errors.NotFound(f"It is not known where the result of {handle.remote_id} is.")
        seen = self._look(handle)
        if seen.problem is not None:
            raise seen.problem
        if seen.error is not None and not seen.complete:
            raise errors.NotFound(self.settings.scrubbed(seen.error), advice="The job failed; run it again as a new one.")
        if not seen.complete:
            raise errors.NotFound(f"The bucket lacks {', '.join(seen.missing) or 'the result'}.", advice="It may have been deleted.")
        place = place_of(handle.extra["place"])
        kinds = {"tif": "image/tiff", "png": "image/png", "jpg": "image/jpeg", "json": "application/json"}
        return tuple(
            Asset(name, Place(place.scheme, place.bucket, item.key).url, kinds[name.rpartition(".")[2]], item.size)
            for name, item in seen.found.items()
        )

    def open(self, asset: Asset, start: int = 0, cancel: Optional[Cancel] = None) -> Body:
        scheme, _, rest = asset.url.partition("://")
        bucket, _, key = rest.partition("/")
        return self._store(Place(scheme, bucket, key)).open(key, start, cancel or self.cancel)

    def rights(self, handle: Handle) -> Optional[Rights]:
        if "place" not in handle.extra or "tile" in handle.extra:  # tiles are put together here
            return None
        folder = place_of(handle.extra["place"]).under(handle.remote_id)
        return self._store(folder).rights(folder.key)

    def _store(self, place: Place) -> Store:
        with self._guard:
            if (place.scheme, place.bucket) not in self._stores:
                self._stores[place.scheme, place.bucket] = self.settings.store(place, self.transport, self.cancel)
            return self._stores[place.scheme, place.bucket]

    # Scenes ------------------------------------------------------------------------------------------------------------------------

    def search_scenes(self, query: SceneQuery) -> ScenePage:
        try:
            return catalog.search(query, self._search)
        except (AoiError, LookupError) as error:
            raise errors.InvalidRequest(str(error).strip("'\"")) from None

    def _search(self, body: Dict[str, Any]) -> Mapping[str, Any]:
        reply = self._call(HttpCall("POST", self.settings.base + PATHS[self.settings.path_style][1], body), repeat=True)
        if not reply.ok:
            raise self.problem_of(reply)
        answer = reply.json()
        if not isinstance(answer, Mapping):
            raise errors.ProtocolError(f"The catalogue answered with something that is no list of scenes: {reply.excerpt()}")
        return answer

    # Calls -------------------------------------------------------------------------------------------------------------------------

    def _jobs(self, style: str = "") -> str:
        return self.settings.base + PATHS[style if style in PATHS else self.settings.path_style][0]

    def _token(self, refused: str = "") -> str:
        return oauth.take(self.settings, self.transport, self.cancel, refused)

    def _call(self, call: HttpCall, payload: Optional[bytes] = None, *, repeat: bool = False) -> Reply:
        """A signed call; once more with a new token when the service does not accept the one we have (it acted on nothing then)."""
        repeat = repeat or call.method == "GET"
        used = self._token()
        for last in (False, True):
            headers = {"Authorization": f"Bearer {used}", "Accept": "application/json"}
            reply = self.transport.send(call, Options(headers, payload, in_place, repeat=repeat, cancel=self.cancel))
            replies.from_service(reply, call.url)
            if reply.status != 401 or last:
                break
            used = self._token(used)
        return reply

    def problem_of(self, reply: Reply) -> errors.ServiceProblem:
        return refusals.problem_of(self.settings, reply, self.transport.pace)
