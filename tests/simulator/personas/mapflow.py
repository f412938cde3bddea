"""The Mapflow service: account, projects, processings, results, own imagery, catalogue, history."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Callable

from ..clock import VirtualClock, stamp
from ..messages import Request, Response, Taking, json_response
from ..storage import Storage
from .base import Persona, change
from .mapflow_app import MapflowApp
from .mapflow_catalog import Catalogue
from .mapflow_codes import DataRefusal, Refusal, Unprocessable
from .mapflow_gate import Gate, refused, shaped
from .mapflow_history import History
from .mapflow_jobs import Job
from .mapflow_models import MODELS, status
from .mapflow_processings import Processings
from .mapflow_projects import Project, Projects
from .mapflow_rasters import Rasters
from .mapflow_results import response
from .mapflow_settings import Account, MapflowPlan, MapflowSettings, accounts
from .mapflow_sources import Known

ROOT = "/rest"


class Mapflow(Persona):
    """One simulated Mapflow. `jobs`, `projects`, `mosaics` and `images` hold all there are by id; switches are in `settings`.

    `url` is the address an account shows, with /rest; tiles and previews are on the port of `app`, which wants no token:
    requests that carry one where none belongs are listed in `leaks`."""

    name = "mapflow"
    root = ROOT

    def __init__(self, clock: VirtualClock, storage: Storage, seed: int | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.storage = storage
        self.settings = MapflowSettings()
        self.accounts = accounts()
        self.gate = Gate(self.accounts, self.settings)
        self.jobs: dict[str, Job] = {}
        self.lock = threading.RLock()
        self._ids = random.Random(seed) if seed is not None else random.SystemRandom()
        self._plans: list[MapflowPlan] = []
        self._crowded = 0
        self.app = MapflowApp(self)
        self.add("GET", "/user/status", self._status)
        self._projects = Projects(self)
        self._processings = Processings(self)
        self._history = History(self)
        self._rasters = Rasters(self)
        self._catalogue = Catalogue(self)

    # what tests and the control interface use

    @property
    def token(self) -> str:
        """The token of the good account; it ends in = (others: `tokens`)."""
        return self.accounts["good"].token

    key = token

    @property
    def tokens(self) -> dict[str, str]:
        """Tokens by use: good, second, readonly, free, no_credits, area, blocked, bad."""
        return {use: account.token for use, account in self.accounts.items()}

    @property
    def leaks(self) -> list[str]:
        """Requests with a token in the address, or with credentials at tiles and previews."""
        return self.gate.leaks

    @property
    def projects(self) -> dict[str, Project]:
        """All projects by id."""
        return self._projects.items

    @property
    def mosaics(self) -> dict[str, Any]:
        """All mosaics by id."""
        return self._rasters.mosaics

    @property
    def images(self) -> dict[str, Any]:
        """All images by id."""
        return self._rasters.images

    @property
    def model_names(self) -> list[str]:
        """Names of all models."""
        return [model.name for model in MODELS]

    def default_project(self, use: str = "good") -> Project:
        """The default project of an account."""
        return self._projects.default(self.accounts[use])

    def next_job(self, count: int = 1, **plan: Any) -> None:
        """Plan how the next `count` jobs will go, by members of MapflowPlan; raises ValueError for unknown ones."""
        planned = replace(self.settings.plan)
        change(planned, plan)
        with self.lock:
            self._plans += [_copy(planned) for _ in range(count)]

    def change_job(self, job_id: str, **plan: Any) -> None:
        """Change how an existing job goes."""
        change(self.jobs[job_id].plan, plan)

    def finish(self, job_id: str) -> None:
        """Let a running job end now."""
        self.jobs[job_id].finish(self.clock.now())

    def state(self, job_id: str) -> str:
        """True status of a job at this moment."""
        return self.jobs[job_id].state(self.clock.now())

    def crowd(self, count: int, use: str = "good", **plan: Any) -> list[str]:
        """Start so many processings at once in the default project of an account; ids, oldest first."""
        return self._processings.crowd(count, self.accounts[use], {"run_time": 1e9, **plan})

    def result_bytes(self, job_id: str | Job, aoi_id: str | None = None) -> bytes:
        """What the download of a successful job delivers."""
        job = job_id if isinstance(job_id, Job) else self.jobs[job_id]
        return response(job, [aoi for aoi in job.aois if aoi_id in (None, aoi.aoi_id)], self.settings).whole()

    def described(self) -> dict[str, Any]:
        """Address, tokens and switches for the control interface."""
        return {**super().described(), "keys": dict(self.tokens.items()), "leaks": self.leaks,
                "models": self.model_names, "app": self.app.url}

    # what the groups of routes use

    def add(self, method: str, pattern: str, handler: Callable[..., Any], write: bool | None = None) -> None:
        """Add a route below /rest. `write` (told by the method unless given): not for read-only members.

        The handler takes account, request and the parts of the path; it returns a Response or what is sent as JSON."""
        needs_role = method != "GET" if write is None else write

        def answer(request: Request, **parts: str) -> Response:
            made = handler(self.gate.admit(request, needs_role), request, **parts)
            return made if isinstance(made, Response) else json_response(200, shaped(made, self.settings))
        self.route(method, ROOT + pattern, answer)

    def done(self, value: Any = None) -> Any:
        """The answer to a writing call."""
        if self.settings.write_status == 204:
            return Response(204)
        if value is None:
            return Response(self.settings.write_status)
        return json_response(self.settings.write_status, shaped(value, self.settings))

    def new_id(self) -> str:
        """A new UUID."""
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))

    def moment(self, seconds: float) -> str:
        """A time as the processing side writes it."""
        return stamp(seconds, self.settings.time_style)

    def plan(self) -> MapflowPlan:
        """The plan of the next job."""
        with self.lock:
            return self._plans.pop(0) if self._plans else _copy(self.settings.plan)

    def known(self, account: Account) -> Known:
        """What may be named as a source."""
        return Known(lambda uid: self._rasters.image_of(account, uid), lambda uid: self._rasters.mosaic_of(account, uid),
                     lambda uid: self._catalogue.hit_of(account, uid))

    def page(self, items: Iterable[Any], body: dict[str, Any], most: int, told: Callable[[Any], Any]) -> dict[str, Any]:
        """One page of items by limit and offset."""
        found = list(items)
        limit, offset = body.get("limit", most), body.get("offset", 0)
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in (limit, offset)):
            raise Refusal(400, "BAD_REQUEST", "limit and offset must be whole numbers")
        limit = min(limit, self.settings.page_max or limit)
        shown = [told(item) for item in found[offset:offset + limit]]
        answer = {"results": shown, "total": len(found), "count": len(shown)}
        if not shown and self.settings.empty_page != "list":
            answer["results"] = None
            if self.settings.empty_page == "missing":
                del answer["results"]
        return answer

    # answering

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self.gate.watch(request)
        try:
            status_code = self.gate.switched_off(request.path[len(ROOT):])
            if status_code:
                self.gate.admit(request, False)
                raise Refusal(status_code, "NOT_FOUND" if status_code == 404 else "ERROR", "Not available")
            self._fill()
            return super().handle(request)
        except (Refusal, DataRefusal, Unprocessable) as issue:
            return refused(issue, self.settings)

    def no_route(self) -> Response:
        """The answer to an unknown path."""
        raise Refusal(404, "NOT_FOUND", "There is nothing here")

    def taking(self) -> Taking:
        """How uploads are taken."""
        return Taking(self.settings.upload_rate, self.settings.upload_gate, self.settings.upload_cut)

    def _fill(self) -> None:
        with self.lock:
            missing, self._crowded = self.settings.crowd - self._crowded, max(self.settings.crowd, self._crowded)
            if missing > 0:
                self.crowd(missing)

    def _status(self, account: Account, request: Request) -> Any:
        return status(account, self.app.url, self.settings)


def _copy(plan: MapflowPlan) -> MapflowPlan:
    return replace(plan, fail_codes=list(plan.fail_codes), failed_aois=list(plan.failed_aois))
