"""Jobs of the SateAIs persona: their states follow from the time since submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clock import stamp
from ..geometry import Ring, bounds
from .sateais_settings import SCENE_TYPES, JobPlan

RUN_TIMES = {"ship": (900.0, 900.0, 1.0), "oilslick": (3000.0, 3000.0, 1.0), "newbuilding": (60.0, 2400.0, 30_000.0),
             "disappearbuilding": (60.0, 2400.0, 30_000.0), "timeseries": (60.0, 900.0, 50.0)}
FAIL_AFTER = 70.0
RATES = {"ship": 0.01, "oilslick": 0.01, "newbuilding": 0.02, "disappearbuilding": 0.02, "timeseries": 0.5}
WHOLE_SCENE_CREDITS = 25.0
SERVER_FAULT = "The job failed because of an internal error. Please try again later."


def price(kind: str, area: float, whole_scene: bool) -> float:
    """Credits of a job; invented, since the service publishes no prices."""
    if whole_scene:
        return WHOLE_SCENE_CREDITS
    most = WHOLE_SCENE_CREDITS if kind in SCENE_TYPES else RATES[kind] * area
    return round(max(0.1, min(most, RATES[kind] * area)), 2)


@dataclass
class Job:
    """One job of one key. Times are virtual; `ring` is the area really analysed."""

    job_id: str
    kind: str
    key: str
    params: dict[str, Any]
    created: float
    ring: Ring
    area_sqkm: float
    credits: float
    plan: JobPlan
    coverage: dict[str, Any] | None = None

    @property
    def run_time(self) -> float:
        """Seconds from submission to the end, successful or not."""
        if self.plan.fail_code and self.plan.fail_after is not None:
            return self.plan.fail_after
        if self.plan.run_time is not None:
            return self.plan.run_time
        least, most, full_area = RUN_TIMES[self.kind]
        usual = least + (most - least) * min(1.0, self.area_sqkm / full_area)
        return min(FAIL_AFTER, usual) if self.plan.fail_code else usual

    @property
    def completed(self) -> float:
        """Moment of the end."""
        return self.created + self.run_time

    def state(self, now: float) -> str:
        """pending, processing, completed or failed."""
        age = now - self.created
        if age >= self.run_time:
            return "failed" if self.plan.fail_code else "completed"
        wait = min(30.0, self.run_time / 10) if self.plan.queue_time is None else self.plan.queue_time
        return "pending" if age < wait else "processing"

    def running(self, now: float) -> bool:
        """True while it counts against the limit of jobs at the same time."""
        return self.state(now) in ("pending", "processing")

    def finish(self, now: float) -> None:
        """Let it end at this moment."""
        if self.running(now):
            self.plan.run_time = now - self.created
            self.plan.fail_after = self.plan.run_time

    def charged(self, now: float) -> float:
        """Credits charged so far: all on completion, nothing before or on failure."""
        return self.credits if self.state(now) == "completed" else 0.0

    def status(self, now: float) -> dict[str, Any]:
        """The answer about one job."""
        answer = {"job_id": self.job_id, "status": self.plan.status_word or self.state(now),
                  "created_at": self._stamp(self.created, "seconds"), **self._ending(now)}
        answer["area_sqkm"] = self.area_sqkm if self.state(now) == "completed" else None
        answer["credits_used"] = self.credits if self.state(now) == "completed" else None
        if self.coverage is not None and self.state(now) == "completed":
            answer["coverage"] = {**self.coverage, "method": "measured"}
        return answer

    def listed(self, now: float) -> dict[str, Any]:
        """The entry of this job in the list of jobs."""
        west, south, east, north = bounds(self.ring)
        done = self.state(now) == "completed"
        return {"job_id": self.job_id, "endpoint_id": self.kind, "satellite_id": self.params["satellite_id"],
                "status": self.plan.status_word or self.state(now), "created_at": self._stamp(self.created, "micro"),
                "credits_used": self.credits if done else None, "area_sqkm": self.area_sqkm if done else None,
                "lat": round((south + north) / 2, 4), "lon": round((west + east) / 2, 4),
                "request_params": self._asked(now), **self._ending(now)}

    def _asked(self, now: float) -> dict[str, Any] | None:
        if now - self.created < self.plan.params_hidden_for:
            return None
        return {k: v for k, v in self.params.items() if k != "satellite_id"}

    def _ending(self, now: float) -> dict[str, Any]:
        state = self.state(now)
        ended = state in ("completed", "failed")
        path = f"/api/v1/jobs/{self.job_id}/result.geojson" if state == "completed" else None
        answer: dict[str, Any] = {
            "completed_at": self._stamp(self.completed, "seconds") if ended else None, "result_path": path}
        return {**answer, **(self._error() if state == "failed" else self._no_error())}

    @staticmethod
    def _no_error() -> dict[str, Any]:
        return {"error_code": None, "error_message": None, "error": None}

    def _error(self) -> dict[str, Any]:
        code = self.plan.fail_code
        message = SERVER_FAULT if code == "INTERNAL_ERROR" else self.plan.fail_message
        if self.plan.error_shape == "object":
            return {"error": {"code": code, "message": message}}
        if self.plan.error_shape == "string":
            return {"error": code, "error_message": message}
        return {"error_code": code, "error_message": message, "error": code}

    def _stamp(self, moment: float, documented: str) -> str:
        return stamp(moment, documented if self.plan.stamps == "documented" else self.plan.stamps)
