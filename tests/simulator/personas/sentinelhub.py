"""The Sentinel Hub service: tokens, asynchronous processing into the user's own storage, the Catalog."""

from __future__ import annotations

import random
import re
import threading
import uuid
from dataclasses import dataclass, replace
from typing import Any, Callable

from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from ..object_storage import S3
from ..object_storage_gcs import Gcs
from . import sentinelhub_catalog as catalog
from . import sentinelhub_files as files
from .base import Persona, change
from .sentinelhub_data import HOSTS, UUID, hosted
from .sentinelhub_delivery import Courier, Denied
from .sentinelhub_files import ExpectedFile
from .sentinelhub_gate import RATE_LIMIT, Gate, Refusal, Token, bad_payload, refused
from .sentinelhub_jobs import Job
from .sentinelhub_output import Order, order
from .sentinelhub_rules import forbidden
from .sentinelhub_settings import CLIENTS, SentinelhubPlan, SentinelhubSettings

TOKEN, CDSE_TOKEN = (f"/auth/realms/{realm}/protocol/openid-connect/token" for realm in ("main", "CDSE"))
PROCESS = {"A": "/api/v1/async/process", "B": "/async/v1/process"}
CATALOG = {"A": "/api/v1/catalog/1.0.0", "B": "/catalog/v1"}
FIRST, SAME, SECOND, NO_PROCESS = CLIENTS
CATALOG_PATH = re.compile(r"/(api/v1/catalog/1\.0\.0|catalog/v1)/.*")


@dataclass(frozen=True)
class Expected:
    """What a job without trouble delivers: files by identifier, the folder they lie in, the name of the request copy."""

    files: dict[str, ExpectedFile]
    bucket: str
    copy_key: str
    error_key: str


class Sentinelhub(Persona):
    """One simulated Sentinel Hub. `jobs` holds all jobs by id, oldest first; switches are in `settings`.

    Client ids and secrets: `client_id`, and `same_client_id` of the same account, `second_client_id` of another one,
    `noprocess_client_id` which may not process; `secret(client_id)` for the rest."""

    name = "sentinelhub"
    client_id, same_client_id, second_client_id, noprocess_client_id = FIRST, SAME, SECOND, NO_PROCESS
    client_secret, second_client_secret = CLIENTS[FIRST][0], CLIENTS[SECOND][0]

    def __init__(self, clock: VirtualClock, s3: Callable[[], S3], gcs: Callable[[], Gcs], seed: int | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.settings = SentinelhubSettings()
        self.gate = Gate(clock, self.settings)
        self.jobs: dict[str, Job] = {}
        self._courier = Courier(self.settings, s3, gcs)
        self._ids = random.Random(seed) if seed is not None else random.SystemRandom()
        self._copy_name = self._ids.choice(("request-{id}.json", "request.json", "{id}.json"))
        self._plans: list[SentinelhubPlan] = []
        self._lock = threading.RLock()
        for path in (TOKEN, CDSE_TOKEN):
            self.route("POST", path, self.gate.token)
        for style in "AB":
            self.route("POST", PROCESS[style], self._submit)
            self.route("GET", f"{PROCESS[style]}/{{job_id}}", self._status)
            self.route("POST", f"{CATALOG[style]}/search", self._search)
            self.route("GET", f"{CATALOG[style]}/collections", self._collections)
            self.route("GET", f"{CATALOG[style]}/collections/{{name}}", self._collection)
            self.route("GET", f"{CATALOG[style]}/collections/{{name}}/queryables", self._queryables)

    # what tests and the control interface use

    @property
    def token_url(self) -> str:
        """The token endpoint of the deployment."""
        return self.url + (CDSE_TOKEN if self.settings.deployment == "cdse" else TOKEN)

    def secret(self, client_id: str) -> str:
        """The secret of a client."""
        return CLIENTS[client_id][0]

    @property
    def errors(self) -> list[str]:
        """Tracebacks of failed deliveries that are our own fault."""
        return self._courier.errors

    def next_job(self, count: int = 1, **plan: Any) -> None:
        """Plan how the next `count` jobs will go, by members of SentinelhubPlan; raises ValueError for unknown ones."""
        planned = replace(self.settings.plan)
        change(planned, plan)
        with self._lock:
            self._plans += [replace(planned) for _ in range(count)]

    def change_job(self, job_id: str, **plan: Any) -> None:
        """Change how an existing job goes on; what is delivered stays delivered."""
        change(self.jobs[job_id].plan, plan)

    def finish(self, job_id: str) -> None:
        """Let a running job end now; what is due at once is in the storage when this returns."""
        self.jobs[job_id].finish(self.clock.now())
        self.settle()

    def settle(self) -> None:
        """Deliver all that is due by now, instead of some hundredths of a second later."""
        self._courier.deliver(list(self.jobs.values()), self.clock.now())

    def state(self, job_id: str) -> str:
        """True state of a job at this moment: running, succeeded, failed, lost."""
        return self.jobs[job_id].state(self.clock.now())

    def expected(self, job_id: str) -> Expected:
        """What a job must deliver when nothing goes wrong."""
        job = self.jobs[job_id]
        setup, place = self._courier.setup(job), job.order.delivery
        made = {wanted.identifier: files.expected(job.order, setup, wanted, place.path(job_id, files.name(wanted, job.plan)))
                for wanted in job.order.responses}
        return Expected(made, place.bucket, place.path(job_id, job.copy_name), place.path(job_id, "error.json"))

    @property
    def token_requests(self) -> dict[str, int]:
        """How often each client asked for a token."""
        return dict(self.gate.asked)

    def revoke_tokens(self) -> None:
        """No token given so far is good any more."""
        self.gate.revoke()

    def start(self) -> None:
        """Begin to deliver."""
        self._courier.follow(lambda: list(self.jobs.values()), self.clock.now)

    def stop(self) -> None:
        """Deliver nothing any more."""
        self._courier.stop()

    def described(self) -> dict[str, Any]:
        """Addresses, clients and switches for the control interface."""
        uses = {FIRST: "works", SAME: "works, same account", SECOND: "another account", NO_PROCESS: "403 on process"}
        return {**super().described(), "token_url": self.token_url,
                "keys": {use: f"{client} {self.secret(client)}" for client, use in uses.items()}}

    # answering

    def handle(self, request: Request) -> Response:
        """Answer one request; errors have the same shape everywhere but in the Catalog and at the token endpoint."""
        style = next((style for style in "AB" if request.path.startswith((PROCESS[style], CATALOG[style]))), "")
        try:
            if style and (style not in self.settings.path_styles or (style == "B" and self.settings.deployment == "cdse")):
                raise Refusal(self.settings.moved_status, "COMMON_NOT_FOUND", "Not Found")
            answer = super().handle(request)
            if answer.status == 405:
                raise Refusal(405, "COMMON_METHOD_NOT_ALLOWED", f"Request method '{request.method}' not supported")
        except Refusal as refusal:
            if CATALOG_PATH.fullmatch(request.path) and refusal.wait is None:
                return catalog.error(refusal.status, refusal.message)
            return refused(refusal, self.settings)
        return answer

    def no_route(self) -> Response:
        """The answer to an unknown path."""
        raise Refusal(404, "COMMON_NOT_FOUND", "Not Found")

    def _submit(self, request: Request) -> Response:
        token = self._admit(request, body=True)
        if CLIENTS[token.client][2] == "process":
            raise Refusal(403, "COMMON_INSUFFICIENT_PERMISSIONS", "You are not authorized! Insufficient permissions.")
        wanted = order(request.json, self.settings)
        if forbidden(wanted.sources, self.settings):
            raise Refusal(403, "COMMON_INSUFFICIENT_PERMISSIONS", "You are not authorized for this collection.")
        with self._lock:
            job = self._accepted(token.account, wanted)
        return json_response(200, {"id": job.job_id, "status": "RUNNING"})

    def _accepted(self, account: str, wanted: Order) -> Job:
        now = self.clock.now()
        running = [job for job in self.jobs.values() if job.account == account and job.running(now)]
        if len(running) >= self.settings.concurrent:
            raise Refusal(429, RATE_LIMIT, "The number of concurrent asynchronous requests has been reached.")
        job_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        plan = self._plans.pop(0) if self._plans else replace(self.settings.plan)
        job = Job(job_id, account, wanted, now, plan, self._copy_name.format(id=job_id))
        try:
            self._courier.accept(job)
        except Denied as denied:
            job.trouble = str(denied)
            if self.settings.check_bucket:
                raise bad_payload("output->delivery", f"The bucket cannot be written to: {denied}") from denied
        self.jobs[job_id] = job
        return job

    def _status(self, request: Request, job_id: str) -> Response:
        token = self._admit(request)
        if not re.fullmatch(UUID, job_id):
            raise bad_payload("id", "must be a UUID")
        self.settle()
        now, job = self.clock.now(), self.jobs.get(job_id)
        if job is None or job.account != token.account or job.hidden(now) or not job.running(now):
            raise Refusal(404, "COMMON_NOT_FOUND", f"Request with id {job_id} not found.\n")
        return json_response(200, {"id": job_id, "status": job.plan.status_word})

    def _search(self, request: Request) -> Response:
        self._admit(request, body=True)
        return catalog.search(request.json, self.settings, self.clock.now(), self.url)

    def _collections(self, request: Request) -> Response:
        self._admit(request)
        names = [name for name in HOSTS if name != "dem" and hosted(name, self.settings.deployment)]
        return json_response(200, {"collections": [{"id": name, "title": name} for name in names], "links": []})

    def _collection(self, request: Request, name: str) -> Response:
        self._admit(request)
        if name not in HOSTS or name == "dem" or not hosted(name, self.settings.deployment):
            return catalog.error(404, f"Collection {name} not found.")
        return json_response(200, {"id": name, "title": name, "type": "Collection", "links": []})

    def _queryables(self, request: Request, name: str) -> Response:
        found = self._collection(request, name)
        names = [*catalog.RADAR, "sat:orbit_state"] if name == "sentinel-1-grd" else [catalog.CLOUD]
        return found if found.status != 200 else json_response(200, {"type": "object", "properties": {key: {} for key in names}})

    def _admit(self, request: Request, body: bool = False) -> Token:
        token = self.gate.admit(request)
        media_type = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if body and media_type != "application/json":
            raise Refusal(415, "COMMON_UNSUPPORTED_MEDIA_TYPE", f"Content type '{media_type}' not supported")
        return token
