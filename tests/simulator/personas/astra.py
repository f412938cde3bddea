"""The ASTRA OS service: processing jobs, scene search, scene details, download links of bands."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, replace
from datetime import date
from email.utils import formatdate
from pathlib import Path
from typing import Any

from ..clock import VirtualClock
from ..messages import Request, Response, json_response
from ..storage import Storage
from . import astra_items as items
from . import astra_pixels as pixels
from .astra_catalog import Archive, Scene, at, prefixes
from .astra_files import Files
from .astra_gate import Gate, Refusal, invalid, refused
from .astra_jobs import Job
from .astra_rasters import MEDIA
from .astra_rules import Order, as_coded, documented, known_scene, search
from .astra_settings import CODED_KEY, KEY, NOPLAN_KEY, REVOKED_KEY, SECOND_KEY, STUB_KEY, AstraPlan, AstraSettings
from .base import Persona, change

ROOT = "/api/v1"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ROLLED_FOR = 86_400.0


@dataclass(frozen=True)
class Expected:
    """What a job without trouble delivers: `array` of shape (bands, n, n), the file's bytes, where it lies."""

    array: Any
    data: bytes
    nodata: float | None
    epsg: int
    transform: tuple[float, ...]

    def save(self, folder: Path, name: str = "expected.tif") -> Path:
        """Write the file into a folder."""
        path = folder / name
        path.write_bytes(self.data)
        return path


class Astra(Persona):
    """One simulated ASTRA. `jobs` holds all jobs by id, oldest first; switches are in `settings`."""

    name = "astra"
    key = KEY
    second_key = SECOND_KEY
    noplan_key = NOPLAN_KEY
    revoked_key = REVOKED_KEY
    coded_key = CODED_KEY
    stub_key = STUB_KEY
    before = "sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210"
    after = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"

    def __init__(self, clock: VirtualClock, storage: Storage, seed: int | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.settings = AstraSettings()
        self.gate = Gate(clock, self.settings)
        self.archive = Archive()
        self.files = Files(storage, self.settings)
        self.jobs: dict[str, Job] = {}
        self._ids = random.Random(seed) if seed is not None else random.SystemRandom()
        self._plans: list[AstraPlan] = []
        self._lock = threading.RLock()
        self.route("POST", f"{ROOT}/process", self._submit)
        self.route("GET", f"{ROOT}/process/{{job_id}}", self._status)
        self.route("GET", f"{ROOT}/search", self._search)
        self.route("GET", f"{ROOT}/scenes/{{scene_id}}", self._scene)
        self.route("GET", f"{ROOT}/assets", self._assets)

    # what tests and the control interface use

    def next_job(self, count: int = 1, **plan: Any) -> None:
        """Plan how the next `count` jobs will go, by members of AstraPlan; raises ValueError for unknown ones."""
        planned = replace(self.settings.plan)
        change(planned, plan)
        with self._lock:
            self._plans += [replace(planned) for _ in range(count)]

    def change_job(self, job_id: str, **plan: Any) -> None:
        """Change how an existing job goes; a result already made is made anew."""
        change(self.jobs[job_id].plan, plan)
        self.files.forget(self.jobs[job_id])

    def finish(self, job_id: str) -> None:
        """Let a running job end now."""
        self.jobs[job_id].finish(self.clock.now())

    def state(self, job_id: str) -> str:
        """True state of a job at this moment."""
        return self.jobs[job_id].state(self.clock.now())

    def expected(self, job_id: str) -> Expected:
        """What the result of a job must hold."""
        raster = self.files.raster(self.jobs[job_id])
        return Expected(raster.array, raster.encoded(), raster.nodata, raster.cell.epsg, raster.transform)

    def scenes(self, lon: float, lat: float, first: date, last: date | None = None, source: str = "") -> list[Scene]:
        """Scenes at a place, newest first, as if a search had found them; `source` is a documented id prefix."""
        return self.archive.issue(at(lon, lat, first, last, source))

    def bands(self, scene_id: str) -> dict[str, Any]:
        """Reflectances times 10 000 of a known scene by common band name, 0 without data."""
        scene = known_scene(scene_id, lambda text: self.archive.find(text, "documented"))
        return dict(zip(pixels.COMMON, pixels.bands(scene, self.settings.size)))

    def revoke(self, key: str) -> None:
        """A key is refused from now on."""
        self.gate.ends[key] = self.clock.now()

    def roll(self, key: str) -> str:
        """A new key in place of an old one, which works for another 24 h. Jobs stay with the old one."""
        self.gate.ends[key] = self.clock.now() + ROLLED_FOR
        return f"{key[:-6]}{self._word(6)}"

    @property
    def webhooks(self) -> dict[str, str]:
        """Webhook addresses by job; they are never called."""
        return {job.job_id: job.order.webhook for job in list(self.jobs.values()) if job.order.webhook}

    def described(self) -> dict[str, Any]:
        """Address, keys and switches for the control interface."""
        keys = {"works": KEY, "another team": SECOND_KEY, "403 on process": NOPLAN_KEY, "401": REVOKED_KEY,
                "works, as coded": CODED_KEY, "works, always queued": STUB_KEY}
        return {**super().described(), "keys": keys, "webhooks": self.webhooks, "scenes": [self.before, self.after]}

    # answering

    def handle(self, request: Request) -> Response:
        """Answer one request; errors, limits and the date are the same for all of them."""
        dialect = self.gate.dialect(request)
        within, headers = self.gate.spend(request) if dialect == "documented" else (True, {})
        try:
            answer = self._answered(request, within)
        except Refusal as refusal:
            answer = refused(refusal, dialect, self.settings)
        answer.headers.update(headers)
        # virtual, as the times in the answers are: clients compare them with this one
        answer.headers["Date"] = formatdate(self.clock.now(), usegmt=True)
        return answer

    def _answered(self, request: Request, within: bool) -> Response:
        host = request.header("Host") or ""
        if self.settings.moved_status and host.startswith("127.0.0.1"):
            query = f"?{request.raw_query}" if request.raw_query else ""
            return Response(self.settings.moved_status,
                            {"Location": f"{self.url.replace('127.0.0.1', 'localhost')}{request.path}{query}"})
        if not within:
            raise Refusal(429, "RATE_LIMITED", "Too many requests.")
        return super().handle(request)

    def no_route(self) -> Response:
        """The answer to an unknown path."""
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")

    def _coded(self, request: Request) -> bool:
        return self.gate.dialect(request) != "documented"

    def _submit(self, request: Request) -> Response:
        key, coded = self.gate.admit(request, True), self._coded(request)
        media_type = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if self.settings.strict_headers and media_type != "application/json":
            raise invalid("Content-Type must be application/json.")
        if request.json is None:
            raise invalid("The body is not JSON.")
        order = as_coded(request.json, self._find(True)) if coded else documented(
            request.json, self.settings, self._find(False))
        with self._lock:
            plan = self._plans.pop(0) if self._plans else replace(self.settings.plan)
            word = f"cm{self._word(23)}" if coded else f"job_{self._word(8)}"
            job = Job(word, key, order, self.clock.now(), _realistic(plan, order))
            self.jobs[job.job_id] = job
        return json_response(self.settings.submit_status, job.submitted(coded))

    def _status(self, request: Request, job_id: str) -> Response:
        key, now = self.gate.admit(request, True), self.clock.now()
        if self.gate.dialect(request) == "stub":
            return json_response(200, {"job_id": job_id, "status": "queued", "message": "Job status is not available yet"})
        job = self.jobs.get(job_id)
        if job is None or job.key != key or job.plan.forgotten or now - job.created < job.plan.hidden_for:
            raise Refusal(404, "NOT_FOUND", "Job not found")
        coded = self._coded(request)
        link = self.files.result(job, now, coded) if job.state(now) == "completed" else None
        if coded:
            return json_response(200, job.coded_status(now, link, self.settings.coded_success))
        return json_response(200, job.status(now, link))

    def _search(self, request: Request) -> Response:
        coded = self._read(request)
        wanted, trouble = search(request, self.settings, coded), dict(self.settings.trouble)
        found = items.matching(wanted, self.clock.today(), trouble, self.settings.crowded, coded)
        dialect = self.gate.dialect(request)
        chosen = self.archive.issue(found[:wanted.limit])
        features = [items.feature(scene, dialect, self.url, self.files) for scene in chosen]
        if coded:
            return json_response(200, items.coded_answer(features, wanted, trouble))
        answer = items.answer(features, len(found), wanted.limit, trouble)
        if not (self.settings.warnings or answer["warnings"]):
            del answer["warnings"]
        return json_response(200, answer)

    def _scene(self, request: Request, scene_id: str) -> Response:
        scene = self._known(scene_id, self._read(request))
        return json_response(200, items.detail(scene, self.gate.dialect(request), self.url, self.files))

    def _assets(self, request: Request) -> Response:
        coded, query = self._read(request), request.query
        if not query.get("scene_id"):
            raise invalid("scene_id is required.", parameter="scene_id", received=None)
        form = query.get("format", "cog")
        if form not in MEDIA and not coded:
            raise invalid(f"format must be one of {', '.join(MEDIA)}.", parameter="format", received=form)
        scene = self._known(query["scene_id"], coded)
        bands = [band for band in query.get("bands", "").split(",") if band]
        expires = self.clock.now() + self.settings.asset_seconds
        if coded:
            return json_response(200, items.coded_assets(scene, bands, expires, self.files))
        return json_response(200, items.resolved(scene, bands, form, expires, self.files))

    def _read(self, request: Request) -> bool:
        """Let a reading request in; True when it is answered as coded, where the key is not looked at."""
        coded = self._coded(request)
        if not coded:
            self.gate.admit(request, False)
        return coded

    def _known(self, scene_id: str, coded: bool) -> Scene:
        if coded and scene_id.partition(":")[0] not in prefixes("as-coded").values():
            raise Refusal(400, "INVALID_ID_FORMAT", "Unknown provider")
        return known_scene(scene_id, self._find(coded))

    def _find(self, coded: bool) -> Any:
        dialect = "as-coded" if coded else "documented"
        return lambda scene_id: self.archive.find(scene_id, dialect)

    def _word(self, length: int) -> str:
        return "".join(self._ids.choice(LETTERS) for _ in range(length))


def _realistic(plan: AstraPlan, order: Order) -> AstraPlan:
    """The plan of a job that cannot succeed, since its scenes are unknown or do not lie on one another, made to fail."""
    if plan.fail_code:
        return plan
    if not order.scenes:
        return replace(plan, fail_code="PROCESSING_FAILED", fail_message="Scene not found")
    if len({(scene.cell, scene.metres) for scene in order.scenes}) > 1:
        return replace(plan, fail_code="PROCESSING_FAILED", fail_message="The scenes do not share a grid.")
    return plan
