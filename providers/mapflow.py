"""Mapflow: buildings, roads, forest and more, found in imagery by AI models.

A processing belongs to a project and names a model, an area of one or more polygons, and where the imagery comes from. Its cost can be
asked for beforehand. Running ones are followed by the lists of their projects; a lost one is found by the label in its metadata.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any, Mapping, Optional, Tuple

from . import errors, mapflow_check, replies
from .base import Can, Cost, Greeting, Handle, Problem
from .fields import Field, Kind, parse_all
from .http import HttpCall, Reply
from .mapflow_ask import Ask, Known, ask, price_question, unmasked, values_of
from .mapflow_calls import DEFAULT_URL, FRESH, MISSING, SITE
from .mapflow_catalog import MapflowCatalog, catalog_problems
from .mapflow_jobs import MapflowJobs
from .mapflow_read import Plan, handle
from .mapflow_tasks import OPERATIONS, PROCESSING, TITLE
from .mapflow_upload import MapflowUpload
from .operation import Operation, Request
from .transport import Options

KEPT = 300.0  # s that names and ids of models and imagery are used without asking again


class Mapflow(MapflowCatalog, MapflowUpload, MapflowJobs):
    """AI mapping by Mapflow."""

    key = "mapflow"
    title = TITLE
    website = SITE
    account_fields = (
        Field("url", "Address", default=DEFAULT_URL, required=True, help="Leave it as it is unless told otherwise."),
        Field("api_token", "API token", required=True, secret=True, help=f"To be copied from the profile at {SITE}."),
        Field("scheme", "Sign-in", Kind.CHOICE, "Basic", choices=(("Basic", "API token"), ("Bearer", "Bearer token")), advanced=True,
              help="Leave it as it is unless the service was set up to take bearer tokens."),
        Field("shares", "Shares in searches", Kind.CHOICE, "percent", choices=(("percent", "0 to 100"), ("fraction", "0 to 1")),
              advanced=True, help="How the service counts clouds and coverage. Leave it as it is unless searches find far too little."),
        Field("imagery_host", "Tile server", advanced=True, placeholder="tiles.example.org",
              help="Name of your own tile server, if it wants a login. The login is used for imagery of that server only."),
        Field("imagery_login", "Tile server login", secret=True, advanced=True, help="Sent to Mapflow, which fetches the tiles."),
        Field("imagery_password", "Tile server password", secret=True, advanced=True, help="Sent to Mapflow, which fetches the tiles."),
    )  # fmt: skip
    fixed_operations = OPERATIONS
    can = (
        Can.ESTIMATE | Can.RESTART | Can.DELETE | Can.HISTORY | Can.RENAME | Can.PROJECTS | Can.RATE | Can.REVIEW | Can.PARTS
        | Can.IMAGERY | Can.SCENES | Can.TILES
    )  # fmt: skip
    most_running = 1000  # by tier, and the service queues by itself
    requests_per_second = 4.0
    round_seconds = 15.0

    def operation(self, key: str) -> Operation:
        return mapflow_check.for_parts(super().operation(key), Known(self.learnt().plan))

    def check(self) -> Greeting:
        reply = self.ask("GET", "/user/status")
        if reply.status in MISSING:
            self.answer(self.ask("GET", "/projects/default"))
            return Greeting()
        self.answer(reply)
        plan = self.plan(0.0)
        return Greeting(balance=plan.balance, limits=plan.limits)

    def learn(self) -> None:
        self.plan_if_told(KEPT)

    def choices(self, name: str, values: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
        if name == "projects":
            self.project()  # so that the request can be shown whole
            return tuple((item.name or item.id, item.name or item.id) for item in self.projects())
        if name == "mosaics":
            return self._mosaic_choices()
        plan = self.plan_if_told(KEPT)
        if name == "searched":
            return tuple((item.name, _imagery_label(item.label, item.prices)) for item in plan.searched)
        if name == "models":
            return tuple((model.name, mapflow_check.choice_label(model.name, model.price)) for model in self._known(values).models)
        if name == "sources":
            return tuple((item.name, _imagery_label(item.label, item.prices)) for item in (*plan.sources, *plan.searched))
        model = self._known(values).model(str(values.get("model") or ""))
        options = model.options if name == "blocks" and model is not None else ()
        return tuple((block.name, mapflow_check.choice_label(block.label, block.price)) for block in options)

    def _mosaic_choices(self) -> Tuple[Tuple[str, str], ...]:
        """Nothing else waits for these: a plan may do without imagery of one's own."""
        with suppress(errors.ServiceProblem):
            return tuple((item.id, item.name) for item in self.mosaics())
        return ()

    # Before the job --------------------------------------------------------------------------------------------------------------

    def problems(self, request: Request) -> Tuple[Problem, ...]:
        found = mapflow_check.find(self.operation(request.operation), request, self._known(request.values), self.account)
        values, _ = parse_all(PROCESSING.fields, request.values)
        told = {problem.code for problem in found}
        return (*found, *(more for more in catalog_problems(request, values, self.learnt().hits) if more.code not in told))

    def build(self, request: Request) -> HttpCall:
        asked = self._ask(request)
        return HttpCall("POST", f"{self.root}/processings/v2", asked.body, signature=self.scheme, notes=asked.notes)

    def estimate(self, request: Request) -> Optional[Cost]:
        plan = self._prepare(request, FRESH)
        if plan.billing == "NONE":
            return None
        if plan.billing == "AREA":
            return _area_cost(request, plan)
        asked = self._ask(request)
        if "wdId" not in asked.body:
            return None  # prices are by id alone
        reply = self.ask("POST", "/processing/cost/v2", price_question(asked.body))
        if reply.status == 405 or (reply.status == 404 and not replies.failure(reply.json_or_none())[1]):
            return None
        if not reply.ok:
            raise self.problem_of(reply)
        amount = replies.number(reply.body.decode("utf-8", "replace").strip().strip('"'))
        if amount is None:
            raise errors.ProtocolError(f"Mapflow answered with something that is no price: {reply.excerpt()}", status=reply.status)
        return _price(amount, plan)

    def submit(self, request: Request) -> Handle:
        plan = self._prepare(request, KEPT)
        call = self.build(request)
        payload = unmasked(call.body, values_of(request), self.account)
        options = Options(headers=self.signature(), payload=payload, repeat=False, cancel=self.cancel)
        reply = self.transport.send(call, options)
        if not reply.ok:
            problem = self._refused(reply)
            if isinstance(problem, errors.ServiceError):
                raise errors.AmbiguousSubmit(problem.message, code=problem.code, status=problem.status, request_id=problem.request_id)
            raise problem
        data = reply.json_or_none()
        model = Known(plan, self.learnt().projects.get(_project(request))).model(str(request.values["model"]))
        name = model.name if model is not None else str(request.values["model"])
        made = handle(data, str(call.body.get("projectId") or ""), name) if isinstance(data, Mapping) else Handle("")
        if not made.remote_id:
            text = "Mapflow accepted the request without naming a processing."
            raise errors.AmbiguousSubmit(text, status=reply.status, request_id=reply.request_id)
        return made

    def _refused(self, reply: Reply) -> errors.ServiceProblem:
        problem = self.problem_of(reply)
        if reply.status == 404:
            self.forget_projects()  # the one that was sent may have been deleted since it was looked up
        if isinstance(problem, errors.NotFound):  # of the project or the imagery, not of a job
            return errors.InvalidRequest(problem.message, code=problem.code, status=problem.status, request_id=problem.request_id)
        return problem

    def _prepare(self, request: Request, oldest: float) -> Plan:
        """Look up what the request names, then refuse what would be refused. Until then nothing names the area."""
        self._refuse_unsound(request)
        plan = self.plan_if_told(oldest)
        self.project(_project(request))
        self._refuse_unsound(request)
        return plan

    def _refuse_unsound(self, request: Request) -> None:
        wrong = mapflow_check.refusals(self.problems(request))
        if wrong:
            raise errors.InvalidRequest(wrong[0], problems=wrong)

    def _ask(self, request: Request) -> Ask:
        return ask(request, self._known(request.values), self.account)

    def _known(self, values: Mapping[str, Any]) -> Known:
        learnt = self.learnt()
        return Known(learnt.plan, learnt.projects.get(str(values.get("project") or "").strip()))


def _project(request: Request) -> str:
    return str(request.values.get("project") or "").strip()


def _area_cost(request: Request, plan: Plan) -> Optional[Cost]:
    """For accounts that pay by area."""
    if request.aoi is None:
        return None
    used = request.aoi.area_km2
    enough = None if plan.left_km2 is None else plan.left_km2 >= used
    note = "" if enough is not False else f"The limits do not suffice: {plan.left_km2:,.2f} km² are left."
    return Cost(round(used, 3), "km²", "size of the area", note, enough)


def _price(told: float, plan: Plan) -> Cost:
    amount = float(math.ceil(told))
    enough = None if plan.credits is None else plan.credits >= amount
    note = "" if enough is not False else f"The balance of {Cost(plan.credits, 'credits')} does not suffice."
    return Cost(amount, "credits", note=note, sufficient=enough)


def _imagery_label(label: str, prices: Tuple[Tuple[int, float], ...]) -> str:
    told = ", ".join(f"zoom {zoom}: {price:g}" for zoom, price in prices)
    return f"{label} ({told} credits/km²)" if told else label
