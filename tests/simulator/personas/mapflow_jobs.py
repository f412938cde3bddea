"""Processings of the Mapflow persona: their states follow from the time since they were started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..clock import stamp
from .mapflow_codes import message
from .mapflow_geometry import Polygon, geojson
from .mapflow_models import Model
from .mapflow_settings import MapflowPlan

FINAL = ("OK", "FAILED", "CANCELLED", "CANCELED", "REFUNDED")


@dataclass(frozen=True)
class Order:
    """A creation that passed all checks. Areas in m²; `codes` are messages it is bound to fail with."""

    name: str
    model: Model
    polygons: tuple[Any, ...]
    area: int
    cost: float
    params: dict[str, Any]
    blocks: dict[str, bool]
    description: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    provider: str | None = None
    used: tuple[str, ...] = ()
    codes: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Aoi:
    """One area of interest."""

    aoi_id: str
    polygon: Polygon
    area: int


@dataclass
class Job:
    """One processing. Times are virtual; `redone` holds the places of the AOIs a restart runs again, None before one."""

    job_id: str
    owner: str
    email: str
    project_id: str
    order: Order
    aois: list[Aoi]
    created: float
    plan: MapflowPlan
    name: str = ""
    description: str | None = None
    started: float = 0.0
    updated: float = 0.0
    redone: set[int] | None = None
    rating: dict[str, Any] | None = None
    review: str = ""             # ACCEPTED, NOT_ACCEPTED
    rejected: float = 0.0
    comment: dict[str, Any] | None = None
    archived: bool = False

    @property
    def begins(self) -> float:
        """Moment from which it is at work."""
        return self.started + self.plan.queue_time + self.plan.await_time

    @property
    def ends(self) -> float:
        """Moment of the end."""
        return self.begins + self.plan.run_time

    @property
    def outcome(self) -> str:
        """The status at the end."""
        return self.plan.outcome or ("FAILED" if self.plan.fail_codes or self.plan.failed_aois else "OK")

    def state(self, now: float) -> str:
        """True status at a moment."""
        if now >= self.ends and not self.plan.stuck:
            return self.outcome
        if now < self.started + self.plan.queue_time:
            return "UNPROCESSED"
        return "AWAITING" if now < self.begins else "IN_PROGRESS"

    def ended(self, now: float) -> bool:
        """True when nothing more will happen."""
        return self.state(now) in FINAL

    def finish(self, now: float) -> None:
        """Let it end at this moment."""
        if not self.ended(now):
            self.started, self.plan.stuck = now - self.plan.queue_time - self.plan.await_time - self.plan.run_time, False

    def restart(self, now: float) -> None:
        """Run the failed AOIs again."""
        self.redone = self.failing()
        self.started, self.updated, self.plan.queue_time, self.plan.await_time = now, now, 0.0, 0.0
        if not self.plan.fails_again:
            self.plan.outcome, self.plan.fail_codes, self.plan.failed_aois = "", [], []

    def failing(self) -> set[int]:
        """Places of the AOIs that fail in the end."""
        if self.plan.failed_aois:
            return {place % len(self.aois) for place in self.plan.failed_aois}
        return set(range(len(self.aois))) if self.outcome == "FAILED" else set()

    def percent(self, now: float) -> int:
        """How much is done."""
        state = self.state(now)
        if state == "OK":
            return 100
        if state != "IN_PROGRESS":
            return 0 if state != "FAILED" else 100 * (len(self.aois) - len(self.failing())) // len(self.aois)
        passed = (now - self.begins) / self.plan.run_time if self.plan.run_time else 0.0
        steps = (70, 35, 0) if self.plan.percent == "falling" else (0, 35, 70)
        return steps[min(2, int(passed * 3))]

    def aoi_state(self, place: int, now: float) -> str:
        """Status of one AOI."""
        state = self.state(now)
        if state == "FAILED":
            return "FAILED" if place in self.failing() else "OK"
        done_before = self.redone is not None and place not in self.redone
        return "OK" if done_before and state not in FINAL else state

    def good_aois(self, now: float) -> list[Aoi]:
        """AOIs with a result."""
        return [aoi for place, aoi in enumerate(self.aois) if self.aoi_state(place, now) == "OK"]

    def messages(self, now: float) -> list[dict[str, Any]]:
        """Messages of the whole processing, alike ones told once."""
        if self.state(now) != "FAILED":
            return []
        return [message(code) for code in self.plan.fail_codes or ["inference.internalError"]]

    def aoi_told(self, place: int, now: float) -> dict[str, Any]:
        """One AOI as the service tells it."""
        aoi, state = self.aois[place], self.aoi_state(place, now)
        percent = 100 if state == "OK" else self.percent(now) if state == "IN_PROGRESS" else 0
        return {"id": aoi.aoi_id, "status": self.plan.status_word or state, "percentCompleted": percent, "area": aoi.area,
                "geometry": geojson(aoi.polygon), "messages": self.messages(now) if state == "FAILED" else []}

    def review_state(self, now: float) -> str:
        """Where the review stands; empty without one."""
        if not self.plan.review or self.state(now) != "OK":
            return ""
        if self.review == "NOT_ACCEPTED" and now >= self.rejected + self.plan.rework_time:
            return self.plan.rework_end
        return self.review or "IN_REVIEW"

    def listed(self, now: float) -> dict[str, Any]:
        """The job for the control interface."""
        return {"job_id": self.job_id, "name": self.name, "model": self.order.model.name, "project_id": self.project_id,
                "owner": self.owner, "percent": self.percent(now), "created_at": stamp(self.created)}
