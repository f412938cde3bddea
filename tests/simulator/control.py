"""The control interface under /_control: JSON over HTTP, for a demonstration running in another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .fault_kinds import KINDS
from .faults import Fault
from .messages import Request, Response, json_response
from .personas.base import change, shown

if TYPE_CHECKING:
    from .simulator import Simulator

PREFIX = "/_control"
HELP = {
    "GET /_control": "this page",
    "GET /_control/state": "addresses, keys, switches, clock, faults, internal errors",
    "POST /_control/clock": '{"advance": seconds} and/or {"speed": virtual seconds per second}',
    "GET /_control/requests": "requests received; ?path= ?method= ?persona= patterns, ?since= number; DELETE forgets them",
    "GET /_control/jobs": "jobs of all services with their true state",
    "POST /_control/jobs/ID": '{"finish": true} and/or members of a job plan, for example {"fail_code": "GONE"}',
    "POST /_control/next": 'how the next jobs go: {"persona": "sateais", "count": 1, "fail_code": "SCENE_NOT_FOUND"}',
    "GET /_control/faults": "faults laid at present; DELETE clears them (?number= for one)",
    "POST /_control/faults": '{"kind": "rate_limit", "path": "/api/v1/jobs*", "times": 2, "retry_after": 5}',
    "POST /_control/settings": 'switches: {"sateais": {"preview": false}, "storage": {"ranges": false}}',
}


class Control:
    """Answers requests under /_control for one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._handlers: dict[tuple[str, str], Callable[[Request, str], Any]] = {
            ("GET", ""): self._help, ("GET", "state"): self._state, ("POST", "clock"): self._clock,
            ("GET", "requests"): self._requests, ("DELETE", "requests"): self._forget, ("GET", "jobs"): self._jobs,
            ("POST", "jobs"): self._job, ("POST", "next"): self._next, ("GET", "faults"): self._faults,
            ("POST", "faults"): self._lay, ("DELETE", "faults"): self._clear, ("POST", "settings"): self._settings}

    def handle(self, request: Request) -> Response:
        """Answer one request; 400 with a sentence when it makes no sense."""
        section, _, rest = request.path[len(PREFIX):].strip("/").partition("/")
        handler = self._handlers.get((request.method, section))
        if handler is None:
            return json_response(404, {"error": "no such control", "help": HELP})
        try:
            return json_response(200, handler(request, rest))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_response(400, {"error": f"{type(error).__name__}: {error}"})

    def _help(self, request: Request, rest: str) -> Any:
        faults = {name: {"help": kind.help, "options": kind.options} for name, kind in sorted(KINDS.items())}
        return {"routes": HELP, "faults": faults}

    def _state(self, request: Request, rest: str) -> Any:
        simulator = self._simulator
        return {"clock": {"now": simulator.clock.now(), "speed": simulator.clock.speed},
                "faults": self._faults(request, rest), "requests": len(simulator.requests), "errors": simulator.errors,
                **{persona.name: persona.described() for persona in simulator.personas}}

    def _clock(self, request: Request, rest: str) -> Any:
        clock = self._simulator.clock
        if "speed" in request.json:
            clock.speed = float(request.json["speed"])
        return {"now": clock.advance(float(request.json.get("advance", 0))), "speed": clock.speed}

    def _requests(self, request: Request, rest: str) -> Any:
        query = request.query
        since = int(query.pop("since", "0"))
        return {"requests": [item.described() for item in self._simulator.requests.find(**query) if item.number > since]}

    def _forget(self, request: Request, rest: str) -> Any:
        self._simulator.requests.clear()
        return {}

    def _jobs(self, request: Request, rest: str) -> Any:
        now = self._simulator.clock.now()
        return {"jobs": [{"persona": service.name, **job.listed(now), "state": job.state(now), "plan": shown(job.plan)}
                         for service in self._services().values() for job in list(service.jobs.values())]}

    def _job(self, request: Request, rest: str) -> Any:
        service = next((one for one in self._services().values() if rest in one.jobs), self._simulator.sateais)
        changes = dict(request.json)
        finish = changes.pop("finish", False)
        service.change_job(rest, **changes)
        if finish:
            service.finish(rest)
        return {"state": service.state(rest), "plan": shown(service.jobs[rest].plan)}

    def _next(self, request: Request, rest: str) -> Any:
        plan = dict(request.json)
        self._services()[plan.pop("persona", "sateais")].next_job(**plan)
        return {}

    def _services(self) -> dict[str, Any]:
        """Personas that have jobs, by name."""
        return {persona.name: persona for persona in self._simulator.personas if hasattr(persona, "jobs")}

    def _faults(self, request: Request, rest: str) -> list[dict[str, Any]]:
        return [_shown_fault(fault) for fault in self._simulator.faults.active()]

    def _lay(self, request: Request, rest: str) -> Any:
        return _shown_fault(self._simulator.fault(**request.json))

    def _clear(self, request: Request, rest: str) -> Any:
        number = request.query.get("number")
        self._simulator.faults.clear(int(number) if number else None)
        return {}

    def _settings(self, request: Request, rest: str) -> Any:
        owners = {persona.name: persona for persona in self._simulator.personas}
        for name, values in request.json.items():
            change(owners[name].settings, values)
        return {name: shown(owner.settings) for name, owner in owners.items()}


def _shown_fault(fault: Fault) -> dict[str, Any]:
    return {key: value if not isinstance(value, bytes) else repr(value) for key, value in shown(fault).items()}
