"""The Sentinel Hub persona's courier: writes request copies, results and errors into the user's own storage."""

from __future__ import annotations

import json
import tempfile
import threading
import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable
from urllib.error import HTTPError

from ..object_storage import S3, Key
from ..object_storage_gcs import Gcs
from . import sentinelhub_files as files
from . import sentinelhub_output as output
from . import sentinelhub_rules as rules
from . import sentinelhub_script as script
from .sentinelhub_jobs import Job, Step
from .sentinelhub_output import Place
from .sentinelhub_settings import DEPLOYMENTS, SentinelhubSettings

STEP = 0.03
COST_MEMBERS = ("processingUnits", "cost", "costPU")


class Denied(Exception):
    """The user's storage does not let the service in."""


class Courier:
    """Does what is due. `s3` and `gcs` start a storage when they are first called; `errors` are our own failures."""

    def __init__(self, settings: SentinelhubSettings, s3: Callable[[], S3], gcs: Callable[[], Gcs]) -> None:
        self.errors: list[str] = []
        self._settings = settings
        self._s3 = s3
        self._gcs = gcs
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, jobs: Callable[[], Iterable[Job]], now: Callable[[], float]) -> None:
        """From now on do what is due when it is due, in a thread."""
        def run() -> None:
            while not self._stopped.wait(STEP):
                self.deliver(jobs(), now())

        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=run, name="simulator-courier", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(30)

    def deliver(self, jobs: Iterable[Job], now: float) -> None:
        """Do all that is due by now; when it returns it is in the storage."""
        with self._lock:
            for job in jobs:
                # asked anew each time: a step that fails changes what follows
                while due := job.due(now):
                    self._attempt(job, due[0])
                    job.done.add(due[0])

    def accept(self, job: Job) -> None:
        """Write the copy of the request; raises Denied."""
        if job.plan.copy:
            self._put(job, job.copy_name, _text(job.order.body))

    def _attempt(self, job: Job, step: Step) -> None:
        try:
            self._do(job, step)
        except Denied as denied:
            job.trouble = str(denied)
        except Exception:
            self.errors.append(traceback.format_exc())

    def _do(self, job: Job, step: Step) -> None:
        kind, index = step
        if kind == "error":
            self._put(job, "error.json", error_text(job.plan.fail_message or "Part of the result is missing.", job.plan.error_shape))
        elif kind == "copy":
            self._copy(job)
        else:
            self._file(job, index, cut=kind == "cut")

    def _file(self, job: Job, index: int, cut: bool) -> None:
        try:
            setup = self.setup(job)
        except ValueError as error:
            self._fail(job, str(error))
            return
        with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
            path = files.write(job.order, setup, job.order.responses[index], job.plan, Path(folder))
            if cut:
                path.write_bytes(path.read_bytes()[:max(1, path.stat().st_size // 2)])
            else:
                job.bytes_written += path.stat().st_size
            self._put(job, path.name, path)

    def _fail(self, job: Job, message: str) -> None:
        """The processing itself fails: no result, an error report."""
        job.plan.fail_message, job.trouble = message, message

    def setup(self, job: Job) -> script.Setup:
        """What the script of a job promises; fetched from the user's storage when it lies there. Raises ValueError."""
        order = job.order
        if order.setup is None and order.script is not None:
            try:
                setup = script.read(self._get(order.script).decode("utf-8", "replace"))
            except Denied as denied:
                raise ValueError(f"Evalscript cannot be read: {denied}") from denied
            rules.check_inputs(setup, order.sources)
            wrong = output.mismatches(setup, order.responses)
            if wrong:
                raise ValueError(wrong[0][1])
            job.order = replace(order, setup=setup)
        if job.order.setup is None:
            raise ValueError("There is no evalscript.")
        band = rules.unknown_band(job.order.setup, order.sources)
        if band:
            raise ValueError(f"Script failed: band {band} is not available for the requested collection.")
        return job.order.setup

    def _copy(self, job: Job) -> None:
        body = dict(job.order.body)
        if job.plan.copy_cost and job.order.setup is not None and not job.plan.fail_message:
            delivery = job.order.delivery
            foreign = delivery.scheme == "s3" and self._region(delivery) != DEPLOYMENTS[self._settings.deployment]
            job.cost = files.cost(job.order, job.order.setup, job.bytes_written / 1e6, foreign)
            body[COST_MEMBERS[int(job.job_id[0], 16) % len(COST_MEMBERS)]] = job.cost
        self._put(job, job.copy_name, _text({"id": job.job_id, **body}))

    def _put(self, job: Job, name: str, content: bytes | Path) -> None:
        if job.plan.write_denied:
            raise Denied("Access Denied")
        place = job.order.delivery
        key = place.path(job.job_id, name)
        if place.scheme == "gs":
            data = content if isinstance(content, bytes) else content.read_bytes()
            self._with_gcs(place, lambda gcs, token: gcs.write(key, data, place.bucket, token))
        elif isinstance(content, bytes):
            self._with_s3(place, lambda client: client.put_object(Bucket=place.bucket, Key=key, Body=content))
        else:
            with content.open("rb") as opened:
                self._with_s3(place, lambda client: client.put_object(Bucket=place.bucket, Key=key, Body=opened))

    def _get(self, place: Place) -> bytes:
        if place.scheme == "gs":
            return bytes(self._with_gcs(place, lambda gcs, token: gcs.read(place.key, place.bucket, token)))
        return bytes(self._with_s3(place, lambda client: client.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()))

    def _with_gcs(self, place: Place, act: Callable[[Gcs, str], Any]) -> Any:
        gcs = self._gcs()
        try:
            return act(gcs, gcs.token(place.secrets))
        except (HTTPError, ValueError) as error:
            raise Denied(str(error)) from error

    def _with_s3(self, place: Place, act: Callable[[Any], Any]) -> Any:
        from botocore.exceptions import ClientError

        s3, secrets = self._s3(), place.secrets
        region = self._region(place)
        try:
            if s3.region_of(place.bucket) != region:  # the client would find the right region by itself
                raise Denied(f"PermanentRedirect: the bucket is not in {region}")
            if "iamRoleARN" in secrets:
                key = s3.assume(s3.service, secrets["iamRoleARN"], self._settings.external_id)
            else:
                key = Key(secrets["accessKey"], secrets["secretAccessKey"])
            return act(s3.client(key, region=region))
        except ClientError as error:
            raise Denied(str(error)) from error

    def _region(self, place: Place) -> str:
        return place.region or DEPLOYMENTS[self._settings.deployment]


def error_text(message: str, shape: str) -> bytes:
    """The bytes of an error.json in one of its shapes."""
    issue = {"status": 400, "reason": "Bad Request", "message": message, "code": "RENDERER_EXCEPTION"}
    shapes = {"flat": _text({"message": message}), "wrapped": _text({"error": issue}), "text": message.encode(),
              "invalid": _text({"message": message})[:-3], "missing": _text({"status": 400, "reason": message})}
    return shapes.get(shape, shapes["flat"])


def _text(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()
