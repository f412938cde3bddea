"""Processings of the Mapflow persona: creation, cost, lists, changes, results, rating and review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..messages import Request, Response
from . import mapflow_results as results
from .base import change
from .mapflow_codes import Refusal, bad, missing
from .mapflow_geometry import area, halves, polygons
from .mapflow_jobs import Aoi, Job, Order
from .mapflow_rules import cost, order, outcome
from .mapflow_settings import Account
from .mapflow_views import described, short, v1

if TYPE_CHECKING:
    from .mapflow import Mapflow

SORTS: dict[str, Any] = {
    "SCENARIO": lambda job, now: job.order.model.name, "NAME": lambda job, now: job.name, "PROJECT": lambda job, now: job.project_id,
    "EMAIL": lambda job, now: job.email, "CREATED": lambda job, now: job.created, "STATUS": lambda job, now: job.state(now),
    "PROGRESS": lambda job, now: job.percent(now), "COMPLETED": lambda job, now: job.ends, "COST": lambda job, now: job.order.cost,
    "AREA": lambda job, now: job.order.area, "PROVIDER": lambda job, now: job.order.provider or ""}
SQUARE = [[[4.401, 51.23], [4.415, 51.23], [4.415, 51.238], [4.401, 51.238], [4.401, 51.23]]]


class Processings:
    """The routes below /processings and the lists of a project."""

    def __init__(self, service: Mapflow) -> None:
        self._service = service
        add = service.add
        add("POST", "/processings/v2", self._create)
        add("GET", "/processings/v2", self._list)
        add("GET", "/projects/{project_id}/processings/v2", self._list)
        add("POST", "/projects/{project_id}/processings/v2/page", self._page, write=False)
        add("POST", "/processing/cost/v2", self._cost, write=False)
        add("GET", "/processings/{job_id}", self._v1)
        add("GET", "/processings/{job_id}/v2", lambda account, request, job_id: self._told(self._of(account, job_id)))
        add("PUT", "/processings/{job_id}", self._update)
        add("PUT", "/processings/{job_id}/v2", self._update)
        add("DELETE", "/processings/{job_id}", self._delete)
        add("POST", "/processings/{job_id}/restart", self._restart)
        add("POST", "/processings/{job_id}/restart/v2", self._restart)
        add("GET", "/processings/{job_id}/result", self._result)
        add("GET", "/processings/{job_id}/aois", self._aois)
        add("PUT", "/processings/{job_id}/rate", self._rate)
        add("PUT", "/processings/{job_id}/acceptation", self._accept)
        add("PUT", "/processings/{job_id}/rejection", self._reject)

    def crowd(self, count: int, account: Account, plan: dict[str, Any]) -> list[str]:
        """Start many small processings."""
        service = self._service
        body = {"wdName": "🏠 Buildings", "geometry": {"type": "Polygon", "coordinates": SQUARE},
                "params": {"sourceParams": {"dataProvider": {"providerName": "mapbox", "zoom": 18}}}}
        made = []
        for number in range(count):
            ordered = order({**body, "name": f"Crowd {number + 1:04d}"}, service.settings, service.known(account), account)
            job = self._start(account, ordered, service._projects.default(account).project_id)
            change(job.plan, plan)
            made.append(job.job_id)
        return made

    def _create(self, account: Account, request: Request) -> Any:
        service = self._service
        body, known = service.gate.body(request), service.known(account)
        wanted = body.get("projectId")
        project = service._projects.default(account) if wanted is None else service._projects.of(account, str(wanted))
        ordered = order(body, service.settings, known, account)
        with service.lock:
            self._afford(account, ordered)
            job = self._start(account, ordered, project.project_id)
        short_form = service.settings.create_shape == "short"
        told = short(job, service, creation=True) if short_form else self._told(job)
        if job.plan.no_id:
            del told["id"]
        return told

    def _afford(self, account: Account, ordered: Order) -> None:
        if account.billing == "CREDITS":
            if account.credits < ordered.cost:
                raise Refusal(self._service.settings.credits_status, "BAD_REQUEST", "Not enough credits")
            account.credits -= int(ordered.cost)
        if account.billing == "AREA" and account.area_limit - account.processed < ordered.area:
            raise Refusal(self._service.settings.credits_status, "BAD_REQUEST", "The area limit is used up")
        account.processed += ordered.area

    def _start(self, account: Account, ordered: Order, project_id: str) -> Job:
        service, now = self._service, self._service.clock.now()
        plan = outcome(service.settings, service.plan(), ordered)
        parts = list(ordered.polygons)
        if plan.failed_aois and len(parts) == 1:
            parts = halves(parts[0])
        aois = [Aoi(service.new_id(), part, round(area(part))) for part in parts]
        job = Job(service.new_id(), account.owner, account.email, project_id, ordered, aois, now, plan, ordered.name,
                  ordered.description, now, now)
        service.jobs[job.job_id] = job
        return job

    def _of(self, account: Account, job_id: str) -> Job:
        service = self._service
        job = service.jobs.get(job_id)
        if job is None or self._hidden(account, job):
            raise missing("Processing")
        return job

    def _hidden(self, account: Account, job: Job) -> bool:
        shared = self._service.projects.get(job.project_id)
        seen = job.owner == account.owner or (shared is not None and account.email in shared.shared)
        early = self._service.clock.now() - job.created < job.plan.hidden_for
        return not seen or job.archived or job.plan.forgotten or early

    def _visible(self, account: Account, project_id: str | None) -> list[Job]:
        if project_id is not None:
            self._service._projects.of(account, project_id)
        return [job for job in list(self._service.jobs.values())
                if project_id in (None, job.project_id) and not self._hidden(account, job)]

    def _told(self, job: Job) -> dict[str, Any]:
        return described(job, self._service)

    def _item(self, job: Job) -> dict[str, Any]:
        return short(job, self._service) if self._service.settings.list_shape == "short" else self._told(job)

    def _v1(self, account: Account, request: Request, job_id: str) -> Any:
        raise missing("This version")  # announced as going away: a slip shall show

    def _list(self, account: Account, request: Request, project_id: str | None = None) -> Any:
        return [self._item(job) for job in self._visible(account, project_id)]

    def _page(self, account: Account, request: Request, project_id: str) -> Any:
        body, now = self._service.gate.body(request), self._service.clock.now()
        sort, direction = body.get("sortBy", "CREATED"), body.get("sortOrder", "DESC")
        if sort not in list(SORTS) or direction not in ("ASC", "DESC"):
            raise bad("sortBy or sortOrder is unknown")
        terms = body.get("terms", "").lower()
        found = [job for job in self._visible(account, project_id) if terms in f"{job.name} {job.order.model.name}".lower()]
        found.sort(key=lambda job: SORTS[sort](job, now), reverse=direction == "DESC")
        return self._service.page(found, body, 30, self._item)

    def _cost(self, account: Account, request: Request) -> Any:
        service = self._service
        price = cost(service.gate.body(request), service.settings, service.known(account), account)
        shape = service.settings.cost_shape
        texts = {"text": f"{price:.0f}", "decimal": f"{price - 0.5:.2f}", "json": f"{price:.0f}", "padded": f" {price:.0f}\r\n"}
        media = "application/json" if shape == "json" else "text/plain"
        return Response(200, {"Content-Type": media}, texts[shape].encode("ascii"))

    def _update(self, account: Account, request: Request, job_id: str) -> Any:
        service = self._service
        job, body = self._of(account, job_id), service.gate.body(request)
        name = body.get("name", job.name)
        if not isinstance(name, str) or not name.strip():
            raise bad("name must not be empty")
        if "projectId" in body and request.path.endswith("/v2"):
            raise bad("projectId cannot be changed here")
        if "projectId" in body:
            job.project_id = service._projects.of(account, str(body["projectId"])).project_id
        job.name, job.description, job.updated = name, body.get("description", job.description), service.clock.now()
        if service.settings.update_shape == "empty":
            return service.done()
        return service.done(v1(self._told(job)) if service.settings.update_shape == "v1" else self._told(job))

    def _delete(self, account: Account, request: Request, job_id: str) -> Any:
        self._of(account, job_id).archived = True
        return self._service.done()

    def _restart(self, account: Account, request: Request, job_id: str) -> Any:
        job, now = self._of(account, job_id), self._service.clock.now()
        if job.state(now) != "FAILED":
            raise bad("Only a failed processing can be restarted")
        job.restart(now)
        return self._service.done()

    def _result(self, account: Account, request: Request, job_id: str) -> Any:
        job, now = self._of(account, job_id), self._service.clock.now()
        if not account.downloads:
            raise Refusal(403, "FORBIDDEN", "GeoJSON downloads are not part of your plan")
        aois, why = results.told(job, request.query.get("aoiId"), self._service.settings, now)
        if why:
            raise bad(why)
        if now < job.ends + job.plan.result_lag:
            raise Refusal(job.plan.result_lag_status, "NOT_FOUND", "The result is not there yet")
        return results.response(job, aois, self._service.settings)

    def _aois(self, account: Account, request: Request, job_id: str) -> Any:
        job, now = self._of(account, job_id), self._service.clock.now()
        told = [job.aoi_told(place, now) for place in range(len(job.aois))]
        return {"aois": told} if self._service.settings.aois_shape == "object" else told

    def _rate(self, account: Account, request: Request, job_id: str) -> Any:
        job, body = self._of(account, job_id), self._service.gate.body(request)
        rating, feedback = body.get("rating"), body.get("feedback", "")
        if isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5 or not isinstance(feedback, str):
            raise bad("rating must be 1 to 5, feedback a text")
        if job.state(self._service.clock.now()) != "OK":
            raise bad("Only a finished processing can be rated")
        job.rating = {"rating": rating, "feedback": feedback or None}
        return self._service.done()

    def _reviewed(self, account: Account, job_id: str) -> Job:
        job = self._of(account, job_id)
        if job.review_state(self._service.clock.now()) != "IN_REVIEW":
            raise bad("The processing is not in review")
        return job

    def _accept(self, account: Account, request: Request, job_id: str) -> Any:
        self._reviewed(account, job_id).review = "ACCEPTED"
        return self._service.done()

    def _reject(self, account: Account, request: Request, job_id: str) -> Any:
        job, body = self._reviewed(account, job_id), self._service.gate.body(request)
        marked = body.get("features")
        if not isinstance(body.get("comment"), str) or not isinstance(marked, dict) or marked.get("type") != "FeatureCollection":
            raise bad("comment must be a text and features a FeatureCollection")
        for one in marked.get("features", []):
            polygons(one.get("geometry"))
        job.review, job.rejected, job.comment = "NOT_ACCEPTED", self._service.clock.now(), body
        return self._service.done()
