"""The transport against a real server: what is sent, and what is sent again."""

from __future__ import annotations

import time
from email.utils import formatdate
from pathlib import Path

import pytest
from groundtrack.providers.budget import Budget
from groundtrack.providers.errors import ConfigError
from groundtrack.providers.http import HttpCall
from groundtrack.providers.transport import Network, Options, RequestsTransport, retry_after
from simulator.messages import Response, json_response
from support.site import SIGNED, Site, get, post

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
