"""The transport against a real server: redirects, credentials, cut answers, repetition, Stop."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from typing import Any, Callable

import pytest
from groundtrack.providers.budget import Budget
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import AmbiguousSubmit, Cancelled, ConfigError, ProtocolError, ServiceProblem, TransportError
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.sockets import Sockets
from groundtrack.providers.transport import Network, Options, RequestsTransport, retry_after
from simulator.clock import VirtualClock
from simulator.messages import Request, Response, json_response
from simulator.server import HttpServer
from support.tls import tls_server

KEY = "sk_live_very_private"
SIGNED = {"Authorization": f"Bearer {KEY}"}
SOON = 0.5  # seconds in which Stop must be felt


class Site:
    """A server whose answers are given one after the other, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Response] = [json_response(200, {})]
        self.seen: list[Request] = []
        self.arrived = threading.Event()
        self._server = HttpServer("site", VirtualClock(), self._answer)
        self.url = self._server.url
        self.start, self.stop = self._server.start, self._server.stop

    def _answer(self, request: Request) -> Response:
        self.seen.append(request)
        self.arrived.set()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def other() -> Iterator[Site]:
    other = Site()
    other.start()
    yield other
    other.stop()


@pytest.fixture
def transport() -> Iterator[RequestsTransport]:
    transport = RequestsTransport(Network(user_agent="groundtrack/9 QGIS/3", timeout=(2, 5), pace=0.02))
    yield transport
    transport.close()


def get(transport: RequestsTransport, url: str, **options: Any) -> Reply:
    return transport.send(HttpCall("GET", url), Options(headers=SIGNED, **options))


def post(transport: RequestsTransport, url: str, **options: Any) -> Reply:
    return transport.send(HttpCall("POST", url, {"a": "ä"}), Options(headers=SIGNED, **{"repeat": False, **options}))


def to(target: str, status: int = 302) -> Response:
    return Response(status, {"Location": target})


# What is sent


def test_a_call_carries_our_headers_and_json(site: Site, transport: RequestsTransport) -> None:
    post(transport, site.url)
    (seen,) = site.seen
    assert seen.json == {"a": "ä"}
    assert seen.header("Content-Type") == "application/json"
    assert seen.header("User-Agent") == "groundtrack/9 QGIS/3"
    assert seen.header("Authorization") == SIGNED["Authorization"]


def test_a_question_has_no_content_type(site: Site, transport: RequestsTransport) -> None:
    get(transport, site.url)
    assert site.seen[0].header("Content-Type") is None


def test_a_netrc_file_is_never_used(site: Site, transport: RequestsTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    get(transport, site.url)
    transport.send(HttpCall("GET", site.url), Options())
    assert [request.header("Authorization") for request in site.seen] == [SIGNED["Authorization"], None]


@pytest.mark.parametrize("url", ["http://192.0.2.1/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.org/", "file:///etc/hosts"])
def test_only_secure_addresses_are_called(transport: RequestsTransport, url: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        get(transport, url)


def test_a_budget_spreads_calls(site: Site) -> None:
    transport = RequestsTransport(Network(), Budget(rate=20, burst=2))
    started = time.monotonic()
    for _ in range(6):
        get(transport, site.url)
    transport.close()
    assert time.monotonic() - started >= 0.18


# Redirects


def test_a_redirect_on_the_same_host_keeps_the_key(site: Site, transport: RequestsTransport) -> None:
    site.answers = [to("/there"), json_response(200, {"here": 1})]
    assert get(transport, f"{site.url}/a").json() == {"here": 1}
    assert [(request.path, request.header("Authorization")) for request in site.seen] == [
        ("/a", SIGNED["Authorization"]),
        ("/there", SIGNED["Authorization"]),
    ]


def test_another_port_is_another_host_and_never_sees_the_key(site: Site, other: Site, transport: RequestsTransport) -> None:
    site.answers = [to(f"{other.url}/file?signature=1")]
    transport.send(HttpCall("GET", site.url), Options(headers={**SIGNED, "Cookie": "c=1", "Range": "bytes=5-"}))
    (seen,) = other.seen
    assert seen.header("Authorization") is None
    assert seen.header("Cookie") is None
    assert seen.header("Range") == "bytes=5-"


def test_the_key_does_not_come_back_when_the_way_leads_home(site: Site, other: Site, transport: RequestsTransport) -> None:
    site.answers = [to(f"{other.url}/x"), json_response(200, {})]
    other.answers = [to(f"{site.url}/y")]
    get(transport, site.url)
    assert [request.header("Authorization") for request in site.seen] == [SIGNED["Authorization"], None]


@pytest.mark.parametrize("target", ["http://192.0.2.1/file", "ftp://127.0.0.1/file", "//192.0.2.1/file"])
def test_a_redirect_to_an_insecure_address_is_refused(site: Site, transport: RequestsTransport, target: str) -> None:
    site.answers = [to(target)]
    with pytest.raises(ConfigError, match="not secure"):
        get(transport, site.url)


def test_a_redirect_loop_ends_after_five(site: Site, transport: RequestsTransport) -> None:
    site.answers = [to("/again")]
    with pytest.raises(ProtocolError, match="redirects more than 5 times"):
        get(transport, site.url)
    assert len(site.seen) == 6


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirected_submission_is_not_sent_on(site: Site, other: Site, transport: RequestsTransport, status: int) -> None:
    site.answers = [to(f"{other.url}/x", status)]
    with pytest.raises(ConfigError, match="Use that address"):
        post(transport, site.url)
    assert other.seen == []


def test_a_redirect_to_nonsense_leaves_a_submissions_outcome_open(site: Site, transport: RequestsTransport) -> None:
    site.answers = [to("http://[half")]
    with pytest.raises(AmbiguousSubmit):
        post(transport, site.url)
    with pytest.raises(TransportError):
        get(transport, site.url)


def test_an_address_that_is_none_is_told(transport: RequestsTransport) -> None:
    for call in (get, post):
        with pytest.raises(ConfigError, match="malformed"):
            call(transport, "https://[half/x")


def test_a_redirect_can_be_left_alone(site: Site, transport: RequestsTransport) -> None:
    site.answers = [to("/there")]
    assert get(transport, site.url, follow=False).status == 302


# Answers that go wrong


CUT = Response(200, {"Content-Type": "application/json"}, b'{"job_id": "1234567890"}', send_only=10)


def test_a_cut_answer_is_asked_for_again(site: Site, transport: RequestsTransport) -> None:
    site.answers = [CUT, json_response(200, {"whole": True})]
    assert get(transport, site.url).json() == {"whole": True}


def test_answers_cut_every_time_are_one_transport_error(site: Site, transport: RequestsTransport) -> None:
    site.answers = [CUT]
    with pytest.raises(TransportError, match="broke off"):
        get(transport, site.url)
    assert len(site.seen) == 3


@pytest.mark.parametrize("answer", [CUT, Response(drop=True), Response(drop=True, reset=True), Response(raw=b"SSH-2.0\r\n")])
def test_a_submission_without_a_whole_answer_is_ambiguous_and_sent_once(site: Site, transport: RequestsTransport, answer: Response) -> None:
    site.answers = [answer]
    with pytest.raises(AmbiguousSubmit):
        post(transport, site.url)
    assert len(site.seen) == 1


def test_a_submission_without_an_answer_in_time_is_ambiguous(site: Site) -> None:
    transport = RequestsTransport(Network(timeout=(2, 0.2)))
    site.answers = [Response(delay=3)]
    with pytest.raises(AmbiguousSubmit):
        post(transport, site.url)
    transport.close()


def test_a_submission_answered_at_too_great_length_is_ambiguous(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {}, b"x" * 5000)]
    with pytest.raises(AmbiguousSubmit):
        post(transport, site.url, most_bytes=1000)


def test_a_refused_connection_reached_nobody(transport: RequestsTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for call in (get, post):
        with pytest.raises(TransportError, match="cannot be reached") as caught:
            call(transport, f"http://127.0.0.1:{port}/x?signature=private")
        assert "private" not in str(caught.value)


def test_an_answer_too_long_is_not_read_to_its_end(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {}, b"x" * 3_000_000)]
    with pytest.raises(ProtocolError, match="more than 1 MB"):
        get(transport, site.url, most_bytes=2**20)


def test_what_is_not_json_is_shown_in_short(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {"Content-Type": "text/html"}, b"<html>\n  Guest   network" + b" x" * 900)]
    with pytest.raises(ProtocolError, match="not JSON: “<html> Guest network x x") as caught:
        get(transport, site.url).json()
    assert len(str(caught.value)) < 350


def test_an_answer_that_echoes_the_key_is_shown_without_it(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {"Content-Type": "text/html"}, f"<html>You sent Authorization: Bearer {KEY}".encode())]
    with pytest.raises(ProtocolError, match="You sent") as caught:
        get(transport, site.url).json()
    assert KEY not in str(caught.value)


def test_a_byte_order_mark_and_compression_do_no_harm(site: Site, transport: RequestsTransport) -> None:
    import gzip

    site.answers = [Response(200, {"Content-Encoding": "gzip"}, gzip.compress(b'\xef\xbb\xbf{"a": NaN}'))]
    assert get(transport, site.url).json() == {"a": None}


def test_a_download_that_breaks_off_says_so(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {}, b"x" * 900_000, send_only=400_000)]
    body = transport.stream(HttpCall("GET", site.url), Options())
    with pytest.raises(TransportError, match="broke off"):
        list(body.blocks())
    body.close()


def test_an_untrusted_certificate_reached_nobody(tmp_path: Path) -> None:
    with tls_server(tmp_path) as url:
        transport = RequestsTransport(Network(timeout=(2, 2), pace=0))
        for call in (get, post):
            with pytest.raises(TransportError, match="certificate is not trusted"):
                call(transport, url)
        transport.close()


def test_a_certificate_authority_that_the_application_trusts_is_used(tmp_path: Path) -> None:
    with tls_server(tmp_path) as url:
        transport = RequestsTransport(Network(ca_bundle=str(tmp_path / "cert.pem"), timeout=(2, 2), pace=0))
        assert get(transport, url).status == 200
        transport.close()


# Repetition


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_refusal_is_invisible(site: Site, transport: RequestsTransport, status: int) -> None:
    site.answers = [Response(status), Response(status), json_response(200, {"well": 1})]
    assert get(transport, site.url).json() == {"well": 1}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_submission_is_never_repeated(site: Site, transport: RequestsTransport, status: int) -> None:
    site.answers = [Response(status)]
    assert post(transport, site.url).status == status
    assert len(site.seen) == 1


def test_a_lasting_refusal_is_handed_on_after_three_times(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(503)]
    assert get(transport, site.url).status == 503
    assert len(site.seen) == 3


def test_the_wait_a_service_asks_for_is_kept(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(429, {"Retry-After": "1"}), json_response(200, {})]
    get(transport, site.url)
    assert site.seen[1].at - site.seen[0].at >= 1.0


def test_a_long_wait_is_left_to_the_poller(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(429, {"Retry-After": "300"})]
    reply = get(transport, site.url)
    assert len(site.seen) == 1
    assert retry_after(reply.headers) == 300


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
    ],
)
def test_retry_after_as_number_or_past_date(text: str, low: float, high: float) -> None:
    assert low <= retry_after({"retry-after": text}) <= high


def test_retry_after_as_a_date_to_come() -> None:
    assert 60 <= retry_after({"retry-after": formatdate(time.time() + 90, usegmt=True)}) <= 91


@pytest.mark.parametrize("text", ["", "soon", "inf", "nan"])
def test_a_senseless_retry_after_is_none(text: str) -> None:
    assert retry_after({"retry-after": text}) is None


# Stop


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


# Whether a submission left this computer


BROADCAST = "127.255.255.255"  # the system refuses to connect to it at once


def dropping_after_request() -> Iterator[str]:
    """The address of a server that reads a request and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(65536)
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.fixture
def hanging_up() -> Iterator[str]:
    yield from dropping_after_request()


def test_a_proxy_that_hangs_up_after_a_submission_leaves_its_outcome_open(hanging_up: str) -> None:
    transport = RequestsTransport(Network(timeout=(2, 5), pace=0.02, proxies=lambda _: {"http": hanging_up, "https": hanging_up}))
    with pytest.raises(AmbiguousSubmit):
        post(transport, "http://127.0.0.1:9/jobs")
    transport.close()


def test_a_proxy_that_nobody_runs_reached_nobody() -> None:
    nowhere = "http://127.0.0.1:9"
    transport = RequestsTransport(Network(timeout=(2, 5), pace=0.02, proxies=lambda _: {"http": nowhere, "https": nowhere}))
    for url in ("http://127.0.0.1:9/jobs", "https://service.example/jobs"):
        with pytest.raises(TransportError):
            post(transport, url)
    transport.close()


def test_a_proxy_that_refuses_a_tunnel_reached_nobody(site: Site) -> None:
    site.answers = [Response(403)]
    transport = RequestsTransport(Network(timeout=(2, 5), pace=0.02, proxies=lambda _: {"http": site.url, "https": site.url}))
    with pytest.raises(TransportError):
        post(transport, "https://service.example/jobs")
    transport.close()


def test_an_answer_with_a_senseless_length_leaves_a_submissions_outcome_open(site: Site, transport: RequestsTransport) -> None:
    site.answers = [Response(200, {"Content-Length": "5, 6"}, b"{}")]
    with pytest.raises(AmbiguousSubmit):
        post(transport, f"{site.url}/jobs")
    assert len(site.seen) == 1


def test_a_network_that_cannot_be_reached_reached_nobody(transport: RequestsTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (BROADCAST, 9))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address])
    with pytest.raises(TransportError):
        post(transport, "https://service.example/jobs")


def test_the_next_address_is_tried_when_the_first_cannot_be_reached(
    site: Site, transport: RequestsTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(site.url.rpartition(":")[2])
    first = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (BROADCAST, port))
    second = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [first, second])
    assert get(transport, f"http://localhost:{port}/").ok
