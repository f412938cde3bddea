"""Faults that can be laid over any route, and the board that keeps and counts them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Callable

from .fault_kinds import KINDS
from .messages import Request, Response


@dataclass
class Fault:
    """One fault. `times` 0 means until cleared; `after` requests pass untouched first; `acted` tells whether the
    service still does what was asked (a job is created although the answer goes wrong); `options` belong to the kind."""

    kind: str
    method: str = "*"
    path: str = "*"
    persona: str = "*"
    times: int = 1
    after: int = 0
    acted: bool | None = None
    options: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(sorted(KINDS))}")
        unknown = set(self.options) - set(KINDS[self.kind].options)
        if unknown:
            raise ValueError(f"fault {self.kind!r} has no option {', '.join(sorted(unknown))}")
        if self.acted is None:
            self.acted = KINDS[self.kind].acted

    @property
    def spent(self) -> bool:
        """True when the fault has struck as often as it should."""
        return self.times > 0 and self.hits >= self.times

    def matches(self, request: Request) -> bool:
        """True when the fault lies over the route of this request."""
        return (fnmatchcase(request.method, self.method.upper()) and fnmatchcase(request.path, self.path)
                and fnmatchcase(request.persona, self.persona))

    def laid_on(self, request: Request, response: Response) -> Response:
        """The answer as this fault makes it."""
        return KINDS[self.kind].apply({**KINDS[self.kind].options, **self.options}, request, response)


class FaultBoard:
    """All faults laid at present. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._count = 0
        self.elsewhere = ""

    def add(self, kind: str, *, method: str = "*", path: str = "*", persona: str = "*", times: int = 1, after: int = 0,
            acted: bool | None = None, **options: Any) -> Fault:
        """Lay a fault; raises ValueError for a kind or an option that does not exist."""
        if kind == "redirect":
            options.setdefault("location", self.elsewhere)
        fault = Fault(kind, method, path, persona, times, after, acted, options)
        with self._lock:
            self._count += 1
            fault.number = self._count
            self._faults.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """Take away one fault, or all."""
        with self._lock:
            self._faults = [] if number is None else [f for f in self._faults if f.number != number]

    def active(self) -> list[Fault]:
        """Faults that can still strike."""
        with self._lock:
            return [fault for fault in self._faults if not fault.spent]

    def apply(self, request: Request, answer: Callable[[Request], Response]) -> Response:
        """Answer a request under the faults laid over it. A fault that does not act keeps the service from seeing it."""
        striking = self._striking(request)
        request.fault = ",".join(fault.kind for fault in striking)
        acted = all(fault.acted for fault in striking)
        response = answer(request) if acted else Response()
        for fault in striking:
            response = fault.laid_on(request, response)
        return response

    def _striking(self, request: Request) -> list[Fault]:
        with self._lock:
            striking = []
            for fault in self._faults:
                if fault.spent or not fault.matches(request):
                    continue
                fault.seen += 1
                if fault.seen > fault.after:
                    fault.hits += 1
                    striking.append(fault)
            return striking
