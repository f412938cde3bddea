"""The transport when answers go wrong: what is asked again, what is told, and whether a submission left this computer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from groundtrack.providers.errors import AmbiguousSubmit, ProtocolError, TransportError
from groundtrack.providers.http import HttpCall
from groundtrack.providers.transport import Network, Options, RequestsTransport
from simulator.messages import Response, json_response
from support.site import KEY, Site, get, post
from support.tls import tls_server

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
