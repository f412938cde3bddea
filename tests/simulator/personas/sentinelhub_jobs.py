"""Jobs of the Sentinel Hub persona: their states and the steps of their delivery follow from the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..clock import stamp
from .sentinelhub_output import Order
from .sentinelhub_settings import SentinelhubPlan

Step = tuple[str, int]  # what: cut, file, error, copy; which output


@dataclass
class Job:
    """One job of one account. `state` is known to nobody: the service tells RUNNING or 404. Times are virtual."""

    job_id: str
    account: str
    order: Order
    created: float
    plan: SentinelhubPlan
    copy_name: str
    done: set[Step] = field(default_factory=set)
    bytes_written: int = 0
    trouble: str = ""           # why the service could not write, or what failed in the processing
    cost: float | None = None

    @property
    def ends(self) -> float:
        """Moment of the end."""
        return float("inf") if self.plan.stuck else self.created + self.plan.run_time

    def running(self, now: float) -> bool:
        """True until the end."""
        return now < self.ends

    def state(self, now: float) -> str:
        """running, succeeded, failed, or lost when neither result nor error was or will be written."""
        if self.running(now):
            return "running"
        if self.plan.outcome == "nothing" or self.plan.write_denied:
            return "lost"
        return "failed" if self.plan.fail_message else "succeeded"

    def finish(self, now: float) -> None:
        """Let it end at this moment."""
        if self.running(now):
            self.plan.stuck, self.plan.run_time = False, now - self.created

    def hidden(self, now: float) -> bool:
        """True when the service answers 404 although the job runs."""
        return self.plan.forgotten or now < self.created + self.plan.hidden_for

    def due(self, now: float) -> list[Step]:
        """Steps that should be done by now and are not."""
        return [step for moment, step in self._steps() if moment <= now and step not in self.done]

    def listed(self, now: float) -> dict[str, Any]:
        """The job for the control interface; the service itself has no list."""
        return {"job_id": self.job_id, "account": self.account, "created_at": stamp(self.created), "trouble": self.trouble,
                "responses": [wanted.identifier for wanted in self.order.responses], "cost": self.cost,
                "delivery": f"{self.order.delivery.scheme}://{self.order.delivery.bucket}/{self.order.delivery.key}"}

    def _steps(self) -> Iterator[tuple[float, Step]]:
        plan, moment = self.plan, self.ends + self.plan.delay
        if plan.outcome == "nothing":
            return
        total = len(self.order.responses)
        count = plan.partial if plan.fail_message else total if plan.outputs < 0 else plan.outputs
        for index in range(min(count, total)):
            if plan.grow:
                yield moment, ("cut", index)
            yield moment + plan.grow, ("file", index)
            moment += plan.apart
        if plan.fail_message or plan.error_after:
            yield moment + plan.grow, ("error", 0)
        if plan.copy:
            yield moment + plan.grow, ("copy", 0)
