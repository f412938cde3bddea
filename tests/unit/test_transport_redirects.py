"""The transport and redirects: where they lead, and where credentials never go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from groundtrack.providers.errors import AmbiguousSubmit, ConfigError, ProtocolError, TransportError
from groundtrack.providers.http import HttpCall
from groundtrack.providers.transport import Options, RequestsTransport
from simulator.messages import Response, json_response
from support.site import SIGNED, Site, get, post


@pytest.fixture
def other() -> Iterator[Site]:
    other = Site()
    other.start()
    yield other
    other.stop()


def to(target: str, status: int = 302) -> Response:
    return Response(status, {"Location": target})


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
