"""What all personas share: a name, a table of routes, and how a request finds its handler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from re import Pattern
from typing import Any, Callable
from urllib.parse import unquote

from ..messages import Request, Response, Taking, json_response

Handler = Callable[..., Response]


class Persona:
    """One simulated service. Handlers take the request and the named parts of the path."""

    name = ""
    root = ""  # path at the end of the address an account shows
    settings: Any
    errors: Sequence[str] = ()  # tracebacks of failures of the persona itself, outside of any request

    def __init__(self) -> None:
        self.url = ""
        self._routes: list[tuple[str, Pattern[str], Handler]] = []

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Add a route; `{name}` stands for one path segment."""
        expression = re.sub(r"\\?\{(\w+)\\?\}", r"(?P<\1>[^/]+)", re.escape(pattern))
        self._routes.append((method, re.compile(expression), handler))

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        matches = [(method, pattern.fullmatch(request.path), handler) for method, pattern, handler in self._routes]
        for method, match, handler in matches:
            if match and method == request.method:
                return handler(request, **{key: unquote(value) for key, value in match.groupdict().items()})
        if any(match for _, match, _ in matches):
            return json_response(405, {"message": "Method Not Allowed"})
        return self.no_route()

    def taking(self) -> Taking:
        """How bodies of requests are taken."""
        return Taking()

    def start(self) -> None:
        """Called when the ports are open."""

    def stop(self) -> None:
        """Called when the ports are closed."""

    def no_route(self) -> Response:
        """The gateway's answer to a path it does not know."""
        return json_response(404, {"message": "Not Found"})

    def described(self) -> dict[str, Any]:
        """Address, switches and the like, as a JSON object for the control interface."""
        return {"url": self.url, "settings": shown(self.settings)}


def change(settings: Any, values: dict[str, Any]) -> None:
    """Set members of a dataclass by name, nested ones too; raises ValueError for unknown names and wrong types."""
    known = {item.name: getattr(settings, item.name) for item in fields(settings)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"no switch named {name!r}; known: {', '.join(known)}")
        if is_dataclass(known[name]) and isinstance(value, dict):
            change(known[name], value)
            continue
        if not _fits(known[name], value):
            raise ValueError(f"switch {name!r} cannot be {value!r}")
        setattr(settings, name, value)


def shown(settings: Any) -> dict[str, Any]:
    """A dataclass as a JSON object."""
    return asdict(settings)


def _fits(old: Any, new: Any) -> bool:
    if old is None or new is None:
        return True
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    if isinstance(old, (int, float)):
        return isinstance(new, (int, float))
    return isinstance(new, type(old))
