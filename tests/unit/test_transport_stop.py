"""The transport and Stop: whatever it is doing, it ends at once."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

import pytest
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import AmbiguousSubmit, Cancelled, ServiceProblem
from groundtrack.providers.http import HttpCall
from groundtrack.providers.sockets import Sockets
from groundtrack.providers.transport import Network, Options, RequestsTransport
from simulator.messages import Response
from support.site import Site, get, post

SOON = 0.5  # seconds in which Stop must be felt


def stopped(transport: RequestsTransport, cancel: Cancel, ready: threading.Event, work: Callable[[], Any]) -> tuple[float, ServiceProblem]:
    """Run `work`, set the token once `ready` is set; the seconds until it ended, and how."""
    ended: list[Any] = []

    def run() -> None:
        try:
            ended.append(work())
        except ServiceProblem as problem:
            ended.append(problem)
        finally:
            transport.close()  # connections belong to the thread

    worker = threading.Thread(target=run)
    worker.start()
    assert ready.wait(5)
    began = time.monotonic()
    cancel.set()
    worker.join(5)
    return time.monotonic() - began, ended[0]


def test_stop_ends_a_question_without_answer(site: Site, transport: RequestsTransport) -> None:
    site.answers, cancel = [Response(delay=20)], Cancel()
    seconds, outcome = stopped(transport, cancel, site.arrived, lambda: get(transport, site.url, cancel=cancel))
    assert isinstance(outcome, Cancelled)
    assert seconds < SOON


def test_stop_during_a_submission_leaves_its_outcome_open(site: Site, transport: RequestsTransport) -> None:
    site.answers, cancel = [Response(delay=20)], Cancel()
    seconds, outcome = stopped(transport, cancel, site.arrived, lambda: post(transport, site.url, cancel=cancel))
    assert isinstance(outcome, AmbiguousSubmit)
    assert seconds < SOON


def test_stop_in_the_middle_of_a_submissions_answer_leaves_its_outcome_open(site: Site, transport: RequestsTransport) -> None:
    site.answers, cancel = [Response(200, {}, b"x" * 10_000, rate=100.0)], Cancel()
    seconds, outcome = stopped(transport, cancel, site.arrived, lambda: post(transport, site.url, cancel=cancel))
    assert isinstance(outcome, AmbiguousSubmit)
    assert seconds < SOON


def test_stop_ends_a_download(site: Site, transport: RequestsTransport) -> None:
    site.answers, cancel = [Response(200, {}, b"x" * 10_000_000, rate=400_000.0)], Cancel()
    flowing = threading.Event()

    def download() -> None:
        body = transport.stream(HttpCall("GET", site.url), Options(cancel=cancel))
        try:
            for _ in body.blocks():
                flowing.set()
        finally:
            body.close()

    seconds, outcome = stopped(transport, cancel, flowing, download)
    assert isinstance(outcome, Cancelled)
    assert seconds < SOON


def test_stop_ends_the_wait_before_a_repetition(site: Site, transport: RequestsTransport) -> None:
    site.answers, cancel = [Response(429, {"Retry-After": "25"})], Cancel()
    seconds, outcome = stopped(transport, cancel, site.arrived, lambda: get(transport, site.url, cancel=cancel))
    assert isinstance(outcome, Cancelled)
    assert seconds < SOON


def test_stop_works_through_a_proxy(site: Site) -> None:
    transport = RequestsTransport(Network(proxies=lambda _: {"http": site.url}, trust_environment=False))
    site.answers, cancel = [Response(delay=20)], Cancel()
    seconds, outcome = stopped(transport, cancel, site.arrived, lambda: get(transport, "http://127.0.0.1:9/x", cancel=cancel))
    transport.close()
    assert isinstance(outcome, Cancelled)
    assert seconds < SOON


def test_a_token_that_is_set_lets_nothing_out(site: Site, transport: RequestsTransport) -> None:
    cancel = Cancel()
    cancel.set()
    for call in (get, post):
        with pytest.raises(Cancelled):
            call(transport, site.url, cancel=cancel)
    assert site.seen == []


def test_a_connection_made_after_stop_is_not_used() -> None:
    sockets = Sockets()
    sockets.begin()
    sockets.break_off(threading.get_ident())
    with pytest.raises(OSError, match="broken off"):
        sockets.use(object())
    sockets.begin()
    sockets.use(object())
    sockets.release()
