"""Jobs of the ASTRA persona: their states follow from the time since submission; both dialects of their status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clock import stamp
from .astra_rasters import COG
from .astra_rules import Order
from .astra_settings import AstraPlan


@dataclass(frozen=True)
class Link:
    """Where a result is: address, size in bytes, virtual time at which the address is said to expire."""

    href: str
    size: int
    expires: float


@dataclass
class Job:
    """One job of one key. Times are virtual; `links` counts the links given out."""

    job_id: str
    key: str
    order: Order
    created: float
    plan: AstraPlan
    links: int = 0

    @property
    def completed(self) -> float:
        """Moment of the end."""
        return self.created + self.plan.run_time

    @property
    def started(self) -> float:
        """Moment at which work on it began."""
        return self.created + min(self.plan.queue_time, self.plan.run_time)

    def state(self, now: float) -> str:
        """queued, processing, completed or failed."""
        if now >= self.completed and not self.plan.stuck:
            return "failed" if self.plan.fail_code else "completed"
        return "queued" if now < self.started else "processing"

    def ended(self, now: float) -> bool:
        """True when nothing more will happen."""
        return self.state(now) in ("completed", "failed")

    def finish(self, now: float) -> None:
        """Let it end at this moment."""
        if not self.ended(now):
            self.plan.run_time, self.plan.stuck = now - self.created, False

    def listed(self, now: float) -> dict[str, Any]:
        """The job for the control interface; the service itself has no list."""
        return {"job_id": self.job_id, "operation": self.order.operation, "scene_ids": list(self.order.scene_ids),
                "params": self.order.params, "webhook_url": self.order.webhook, "created_at": stamp(self.created)}

    def submitted(self, coded: bool) -> dict[str, Any]:
        """The answer to the submission."""
        answer = self._head("queued", coded)
        if self.plan.no_job_id:
            del answer["job_id"]
        return answer

    def status(self, now: float, link: Link | None) -> dict[str, Any]:
        """The documented status."""
        answer = self._head(self.plan.status_word or self.state(now), False)
        if self.ended(now):
            answer["completed_at"] = stamp(self.completed)
            answer["duration_ms"] = self._milliseconds()
        return {**answer, **self._result(now, link, "object"), **self._error(now, "object")}

    def coded_status(self, now: float, link: Link | None, success: str) -> dict[str, Any]:
        """The status as the published code gives it."""
        state = self.state(now)
        answer = self._head(self.plan.status_word or (success if state == "completed" else state), True)
        answer.update(result_url=None, error=None, compute_ms=self._milliseconds() if self.ended(now) else None,
                      started_at=None if state == "queued" else stamp(self.started, "milli"),
                      completed_at=stamp(self.completed, "milli") if self.ended(now) else None)
        return {**answer, **self._result(now, link, "url"), **self._error(now, "string")}

    def _head(self, state: str, coded: bool) -> dict[str, Any]:
        answer = {"job_id": self.job_id, "status": state, "operation": self.order.operation}
        if not coded:
            return {**answer, "scene_ids": list(self.order.scene_ids), "created_at": stamp(self.created)}
        return {**answer, "scene_id": self.order.scene_ids[0], "bbox": self.order.bbox,
                "poll_url": f"/api/v1/process/{self.job_id}", "created_at": stamp(self.created, "milli")}

    def _milliseconds(self) -> int:
        return int((self.completed - self.started) * 1000)

    def _result(self, now: float, link: Link | None, usual: str) -> dict[str, Any]:
        if self.state(now) != "completed":
            return {}
        shape = self.plan.result_shape or usual
        if shape == "null" or link is None:
            return {"result": None} if usual == "object" else {}
        if shape == "url":
            return {"result_url": link.href}
        size = link.size + 1000 if self.plan.wrong_size else link.size
        result = {"href": link.href, "type": COG, "file:size": size, "expires_at": stamp(link.expires)}
        if self.plan.no_expiry:
            del result["expires_at"]
        return {"result": result}

    def _error(self, now: float, usual: str) -> dict[str, Any]:
        if self.state(now) != "failed":
            return {}
        told = {"code": self.plan.fail_code, "message": self.plan.fail_message}
        shapes = {"object": told, "string": self.plan.fail_message, "array": [told], "null": None}
        shape = self.plan.error_shape or usual
        return {"error": shapes[shape]} if shape in shapes else {}
