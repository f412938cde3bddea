"""The guards around every test: no network beyond loopback, no thread left behind."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from support.guards import NetworkGuard, OutsideAddress, lingering_threads


@pytest.fixture
def guard() -> NetworkGuard:
    guard = NetworkGuard()
    guard.install()
    yield guard
    guard.remove()


def test_connecting_outside_is_refused_and_remembered(guard: NetworkGuard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock, pytest.raises(OutsideAddress, match=r"192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))
    assert guard.attempts == ["192.0.2.1"]


def test_looking_up_an_outside_name_is_refused(guard: NetworkGuard) -> None:
    with pytest.raises(OutsideAddress, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)
    assert guard.attempts == ["example.org"]


def test_loopback_works(guard: NetworkGuard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5) as client:
            assert client.getpeername() == ("127.0.0.1", port)
    assert guard.attempts == []


def test_lingering_thread_is_named_and_a_finished_one_is_not() -> None:
    before = set(threading.enumerate())
    release = threading.Event()
    thread = threading.Thread(target=release.wait, name="left behind")
    thread.start()
    assert lingering_threads(before, grace=0.05) == ["left behind"]
    release.set()
    thread.join(5)
    assert lingering_threads(before) == []


def test_home_is_thrown_away_and_holds_no_credentials() -> None:
    assert "groundtrack-test-" in str(Path.home())
    assert not [name for name in os.environ if name.startswith("GROUNDTRACK_")]


def test_package_is_the_checkout_under_its_own_name(root: Path) -> None:
    assert Path(sys.modules["groundtrack"].__file__) == root / "__init__.py"
