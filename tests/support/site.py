"""A server that gives prepared answers, and calls to it through the transport."""

from __future__ import annotations

import threading
from typing import Any

from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.transport import Options, RequestsTransport
from simulator.clock import VirtualClock
from simulator.messages import Request, Response, Taking, json_response
from simulator.server import HttpServer

KEY = "sk_live_very_private"
SIGNED = {"Authorization": f"Bearer {KEY}"}


class Site:
    """A server whose answers are given one after the other, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Response] = [json_response(200, {})]
        self.seen: list[Request] = []
        self.arrived = threading.Event()
        self._server = HttpServer("site", VirtualClock(), self._answer)
        self.url = self._server.url
        self.start, self.stop = self._server.start, self._server.stop

    def taking(self, how: Taking) -> None:
        """How bodies of requests are taken from now on."""
        self._server.taking = lambda: how

    def _answer(self, request: Request) -> Response:
        self.seen.append(request)
        self.arrived.set()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def get(transport: RequestsTransport, url: str, **options: Any) -> Reply:
    return transport.send(HttpCall("GET", url), Options(headers=SIGNED, **options))


def post(transport: RequestsTransport, url: str, **options: Any) -> Reply:
    return transport.send(HttpCall("POST", url, {"a": "ä"}), Options(headers=SIGNED, **{"repeat": False, **options}))
