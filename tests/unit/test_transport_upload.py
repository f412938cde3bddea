"""A file as the body of a call: whole, in pieces, refused early, broken off, stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import AmbiguousSubmit, InvalidRequest, ServiceProblem
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.multipart import BLOCK, FileForm
from groundtrack.providers.transport import Network, Options, RequestsTransport
from simulator.messages import Taking
from support.site import Site

SIZE = 3 * BLOCK + 17


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'Quai „Süd“ "1".tif'
    path.write_bytes(bytes(range(251)) * (SIZE // 251) + b"z" * (SIZE % 251))
    return path


@pytest.fixture
def slow() -> Iterator[RequestsTransport]:
    transport = RequestsTransport(Network(timeout=(20, 20), pace=0.02))
    yield transport
    transport.close()


def send(transport: RequestsTransport, site: Site, form: FileForm, cancel: Cancel | None = None) -> Reply:
    call = HttpCall("POST", site.url, headers={"Content-Type": form.content_type})
    return transport.send(call, Options(payload=form, repeat=False, cancel=cancel or Cancel(), timeout=(20, 20)))


def test_a_file_arrives_whole_under_its_name_with_its_length_told(site: Site, slow: RequestsTransport, file: Path) -> None:
    told: list[tuple[int, int]] = []
    form = FileForm(file, lambda sent, size: told.append((sent, size)))
    assert send(slow, site, form).ok
    request = site.seen[0]
    assert request.header("Content-Length") == str(len(form)) == str(len(request.body))
    assert request.header("Transfer-Encoding") is None
    part = message_from_bytes(f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode() + request.body).get_payload()[0]
    assert part.get_payload(decode=True) == file.read_bytes()
    assert "Quai „Süd“ %221%22.tif".encode() in request.body[:400]
    assert told == [(BLOCK, SIZE), (2 * BLOCK, SIZE), (3 * BLOCK, SIZE), (SIZE, SIZE)]
    assert (form.sent, form.complete) == (SIZE, True)


def test_a_file_is_never_in_memory_as_a_whole(site: Site, slow: RequestsTransport, file: Path) -> None:
    pieces = list(FileForm(file, lambda *_: None))
    assert max(map(len, pieces)) == BLOCK
    assert sum(map(len, pieces)) == len(FileForm(file, lambda *_: None))


@pytest.mark.parametrize("reset", [False, True])
def test_an_early_refusal_of_a_long_body_is_read(site: Site, slow: RequestsTransport, tmp_path: Path, reset: bool) -> None:
    """The server answers before it has read the body and hangs up, as gateways do."""
    site.taking(Taking(most=1000, reset=reset))
    large = tmp_path / "large.tif"
    with large.open("wb") as file:
        file.truncate(64 * 2**20)
    reply = send(slow, site, FileForm(large, lambda *_: None))
    assert reply.status == 413


def test_a_body_that_is_cut_off_leaves_the_outcome_open_and_tells_that_it_was_not_all_sent(
    site: Site, slow: RequestsTransport, tmp_path: Path
) -> None:
    site.taking(Taking(cut=3 * BLOCK))
    large = tmp_path / "large.tif"
    with large.open("wb") as file:
        file.truncate(64 * 2**20)
    form = FileForm(large, lambda *_: None)
    with pytest.raises(AmbiguousSubmit):
        send(slow, site, form)
    assert not form.complete


def test_stop_ends_an_upload_at_once(site: Site, slow: RequestsTransport, tmp_path: Path) -> None:
    site.taking(Taking(rate=10_000.0))
    large = tmp_path / "large.tif"
    with large.open("wb") as file:
        file.truncate(64 * 2**20)
    begun, cancel, ended = threading.Event(), Cancel(), []
    form = FileForm(large, lambda *_: begun.set())

    def run() -> None:
        try:
            ended.append(send(slow, site, form, cancel))
        except ServiceProblem as problem:
            ended.append(problem)
        finally:
            slow.close()

    worker = threading.Thread(target=run)
    worker.start()
    assert begun.wait(20)
    cancel.set()
    worker.join(20)
    assert not worker.is_alive()
    assert isinstance(ended[0], AmbiguousSubmit)
    assert form.sent < form.size
    assert not form.complete


def test_a_file_that_becomes_shorter_or_vanishes_is_said_so(site: Site, slow: RequestsTransport, file: Path) -> None:
    form = FileForm(file, lambda *_: None)
    file.write_bytes(b"short")
    with pytest.raises(InvalidRequest, match="became shorter"):
        send(slow, site, form)
    file.unlink()
    with pytest.raises(InvalidRequest, match="cannot be read"):
        send(slow, site, form)
    assert send(slow, site, _small(file)).ok  # the connection can be used again


def _small(file: Path) -> Any:
    file.write_bytes(b"II*\0")
    return FileForm(file, lambda *_: None)
