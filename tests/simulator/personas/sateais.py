"""The SateAIs service: submission, preview, status, result, list and account."""

from __future__ import annotations

import random
import threading
import uuid
from dataclasses import replace
from typing import Any

from .. import geometry
from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from ..storage import Storage
from .base import Persona, change
from .sateais_gate import Gate, PollGuard, refused, route_missing
from .sateais_jobs import Job, price
from .sateais_lists import JobFilter
from .sateais_results import collection
from .sateais_rules import Order, Refusal, check, invalid
from .sateais_settings import BROKE_KEY, FORBIDDEN_KEY, KEY, REVOKED_KEY, SECOND_KEY, TYPES, JobPlan, SateaisSettings

ROOT = "/api/v1"
DAY = 86_400.0
LOW_COVERAGE = 0.9


class Sateais(Persona):
    """One simulated SateAIs. `jobs` holds all jobs by id, oldest first; switches are in `settings`."""

    name = "sateais"
    key = KEY
    second_key = SECOND_KEY
    forbidden_key = FORBIDDEN_KEY
    broke_key = BROKE_KEY
    revoked_key = REVOKED_KEY

    def __init__(self, clock: VirtualClock, storage: Storage, seed: int | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.storage = storage
        self.settings = SateaisSettings()
        self.gate = Gate(clock, self.settings)
        self.polls = PollGuard(self.settings)
        self.jobs: dict[str, Job] = {}
        self._seed = seed
        self._ids = random.Random(seed) if seed is not None else random.SystemRandom()
        self._plans: list[JobPlan] = []
        self._lock = threading.RLock()
        for segment in ("analyze", "detect"):
            self.route("POST", f"{ROOT}/{segment}/{{kind}}", self._submit)
        self.route("POST", f"{ROOT}/analyze/{{kind}}/preview", self._preview)
        self.route("GET", f"{ROOT}/jobs", self._list)
        self.route("GET", f"{ROOT}/jobs/{{job_id}}", self._status)
        self.route("GET", f"{ROOT}/jobs/{{job_id}}/result.geojson", self._result)
        self.route("GET", f"{ROOT}/me", self._me)

    # what tests and the control interface use

    def next_job(self, count: int = 1, **plan: Any) -> None:
        """Plan how the next `count` jobs will go, by members of JobPlan; raises ValueError for unknown ones."""
        planned = replace(self.settings.plan)
        change(planned, plan)
        with self._lock:
            self._plans += [replace(planned) for _ in range(count)]

    def change_job(self, job_id: str, **plan: Any) -> None:
        """Change how an existing job goes; a result already made is made anew."""
        change(self.jobs[job_id].plan, plan)
        for name in [name for name in self.storage.objects if name.startswith(job_id)]:
            del self.storage.objects[name]

    def finish(self, job_id: str) -> None:
        """Let a running job end now."""
        self.jobs[job_id].finish(self.clock.now())

    def state(self, job_id: str) -> str:
        """True state of a job at this moment."""
        return self.jobs[job_id].state(self.clock.now())

    def balance(self, key: str = KEY) -> float:
        """Credits left on a key."""
        now = self.clock.now()
        start = 0.0 if key == BROKE_KEY else self.settings.balance
        return round(start - sum(job.charged(now) for job in self._jobs_of(key)), 2)

    def result_bytes(self, job_id: str) -> bytes:
        """The result as the storage serves it."""
        job = self.jobs[job_id]
        return self.storage.objects[self._stored(job)].data()

    def described(self) -> dict[str, Any]:
        """Address, keys and switches for the control interface."""
        keys = {"works": KEY, "another account": SECOND_KEY, "403": FORBIDDEN_KEY, "402": BROKE_KEY, "401": REVOKED_KEY}
        return {**super().described(), "keys": keys, "balance": self.balance(), "polls_too_fast": self.polls.too_fast}

    # answering

    def handle(self, request: Request) -> Response:
        """Answer one request, errors in the service's envelope."""
        try:
            return super().handle(request)
        except Refusal as refusal:
            return refused(refusal, self.settings)

    def no_route(self) -> Response:
        """The gateway's answer to an unknown path."""
        return route_missing(self.settings)

    def _submit(self, request: Request, kind: str) -> Response:
        segment = request.path.split("/")[3]
        if not getattr(self.settings, segment) or kind not in TYPES:
            return self.no_route()
        key, order = self._ordered(request, kind)
        if order.shortage and self.settings.shortage_as == "reject":
            raise Refusal(404, order.shortage, "No suitable scenes for this request")
        with self._lock:
            job = self._created(key, order)
        answer = job.status(job.created)
        if self.settings.minimal_submit:
            answer = {"job_id": job.job_id}
        return json_response(self.settings.submit_status, {k: v for k, v in answer.items() if k in (
            "job_id", "status", "created_at", "completed_at", "result_path", "error")})

    def _ordered(self, request: Request, kind: str) -> tuple[str, Order]:
        key = self.gate.admit(request)
        if key == FORBIDDEN_KEY:
            raise Refusal(403, "FORBIDDEN", "The plan does not include this endpoint")
        if request.json is None:
            raise invalid("request body is not JSON")
        return key, check(kind, request.json, self.settings, self.clock.today())

    def _created(self, key: str, order: Order) -> Job:
        now = self.clock.now()
        if sum(job.running(now) for job in self._jobs_of(key)) >= self.settings.concurrency:
            raise Refusal(429, "RATE_LIMIT_EXCEEDED", f"Concurrent job limit reached ({self.settings.concurrency})")
        ring, coverage = self._analysed(order)
        area = geometry.area_sqkm(ring)
        cost = price(order.kind, area, order.whole_scene)
        if self.balance(key) < cost:
            raise Refusal(402, "INSUFFICIENT_CREDITS", "The credit balance is too low")
        plan = self._plans.pop(0) if self._plans else replace(self.settings.plan)
        if order.shortage:
            plan = replace(plan, fail_code=order.shortage, fail_message="No suitable scenes for this request")
        job_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        job = Job(job_id, order.kind, key, order.body, now, ring, round(area, 4), cost, plan, coverage)
        self.jobs[job_id] = job
        return job

    def _analysed(self, order: Order) -> tuple[geometry.Ring, dict[str, Any] | None]:
        if order.whole_scene:
            return order.ring, None
        ring = order.ring
        if self.settings.coverage < 1:
            west, _, east, _ = geometry.bounds(ring)
            ring = geometry.clip_east(ring, west + (east - west) * self.settings.coverage)
        ratio = geometry.area_sqkm(ring) / order.area_sqkm
        return ring, {"method": "estimated", "requested_area_sqkm": round(order.area_sqkm, 4),
                      "ratio": round(ratio, 4), "polygon": geometry.wkt(ring)}

    def _preview(self, request: Request, kind: str) -> Response:
        if not (self.settings.preview and self.settings.analyze) or kind not in TYPES:
            return self.no_route()
        key, order = self._ordered(request, kind)
        ring, coverage = self._analysed(order)
        warnings = [order.shortage] if order.shortage else []
        known = coverage is not None and not order.shortage
        if not known:
            coverage = None
        elif coverage and coverage["ratio"] < LOW_COVERAGE:
            warnings.append("LOW_AOI_COVERAGE")
        area = round(geometry.area_sqkm(ring), 4)
        estimated = price(kind, area, False) if known else None
        if estimated is None:
            warnings.append("CREDITS_NOT_ESTIMABLE")
        balance = self.balance(key)
        return json_response(200, {
            "endpoint_id": kind, "area_sqkm": area if known else None, "coverage": coverage,
            "credits": {"estimated": estimated, "balance": balance,
                        "sufficient": None if estimated is None else balance >= estimated},
            "warnings": [{"code": code, "message": code.replace("_", " ").capitalize()} for code in warnings]})

    def _status(self, request: Request, job_id: str) -> Response:
        job = self._owned(request, job_id)
        now = self.clock.now()
        self.polls.seen(job_id, now)
        return json_response(200, job.status(now))

    def _list(self, request: Request) -> Response:
        key = self.gate.admit(request)
        wanted = JobFilter.parse(request.query)
        now = self.clock.now()
        self.polls.seen("list", now)
        found = [job for job in reversed(self._jobs_of(key)) if now - job.created >= job.plan.hidden_for]
        return json_response(200, {"jobs": [job.listed(now) for job in wanted.chosen(found, now)]})

    def _me(self, request: Request) -> Response:
        if not self.settings.me:
            return self.no_route()
        key = self.gate.admit(request)
        user = uuid.uuid5(uuid.NAMESPACE_OID, key)
        return json_response(200, {"user_id": str(user), "email": f"user-{user.hex[:6]}@example.org", "plan": "pro",
                                   "credits": {"balance": self.balance(key)}})

    def _result(self, request: Request, job_id: str) -> Response:
        job = self._owned(request, job_id)
        now = self.clock.now()
        if job.state(now) != "completed":
            raise Refusal(self.settings.early_result, "CONFLICT", "The job is not completed")
        if now - job.completed > self.settings.retention_days * DAY:
            raise Refusal(410, "GONE", "The result has passed its retention period")
        name = self._stored(job)
        stored = self.storage.objects[name]
        if job.plan.direct:
            return Response(200, {"Content-Type": stored.media_type}, stored.data())
        return Response(302, {"Location": self.storage.link(name, self.settings.link_seconds)})

    def _stored(self, job: Job) -> str:
        zipped = job.plan.result == "zip"
        name = f"{job.job_id}.{'zip' if zipped else 'geojson'}"
        if name not in self.storage.objects:
            plan, seed = job.plan, f"{self._seed}:{job.job_id}"
            self.storage.put(name, lambda: collection(job.kind, job.ring, job.params, seed, plan.result, plan.charts),
                             "application/zip" if zipped else "application/geo+json")
        return name

    def _owned(self, request: Request, job_id: str) -> Job:
        key = self.gate.admit(request)
        job = self.jobs.get(job_id)
        if job is None or job.key != key or job.plan.forgotten:
            raise Refusal(404, "NOT_FOUND", "No such job")
        return job

    def _jobs_of(self, key: str) -> list[Job]:
        with self._lock:
            return [job for job in self.jobs.values() if job.key == key and not job.plan.forgotten]
