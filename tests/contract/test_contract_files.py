"""What every service must keep about the files of results: links, storages, downloads."""

from __future__ import annotations

import pytest
from contract.play import Play
from groundtrack.providers import errors

SOON = 0.5


def test_stop_ends_a_download_at_once(play: Play) -> None:
    if not play.case.files:
        pytest.skip("the storage is not the simulator's")
    handle = play.finished()
    play.sim.fault("trickle", persona=play.case.files, path=_files(play), rate=200.0, times=0)

    def download(cancel: object) -> bytes:
        provider = play.provider(cancel)
        return play.download(provider.assets(handle)[0], provider)

    seconds, outcome = play.stopped({"persona": play.case.files, "path": _files(play)}, download)
    assert isinstance(outcome, errors.Cancelled)
    assert seconds < SOON


def test_assets_are_fresh_at_every_call_and_an_old_link_is_no_dead_end(play: Play) -> None:
    handle = play.finished()
    data = play.download(play.provider().assets(handle)[0])
    play.sim.clock.advance(play.case.link_seconds + 5)
    assert play.download(play.provider().assets(handle)[0]) == data


def _files(play: Play) -> str:
    """Where downloads come from: the service's own paths, or anywhere in its storage."""
    return play.case.result_path if play.case.files == play.case.persona else "*"


def _needs_storage(play: Play) -> None:
    if play.case.files != "storage":
        pytest.skip("the service delivers results itself")


def test_a_storage_that_refuses_once_is_asked_again_with_success(play: Play) -> None:
    _needs_storage(play)
    handle = play.finished()
    provider = play.provider()
    play.sim.fault("status", persona="storage", status=403, content_type="application/xml", body="<Error><Code>AccessDenied</Code></Error>")
    with pytest.raises(errors.NotFound):
        play.download(provider.assets(handle)[0], provider)
    assert play.download(provider.assets(handle)[0], provider) == play.case.delivered(play.sim, handle)[0]


def test_the_storage_never_sees_the_key(play: Play) -> None:
    _needs_storage(play)
    handle = play.finished()
    play.download(play.provider().assets(handle)[0])
    stored = play.sim.requests.find(persona="storage")
    assert stored
    assert [request.header("Authorization") for request in stored] == [None] * len(stored)


def test_a_download_goes_on_where_it_stopped(play: Play) -> None:
    _needs_storage(play)
    handle = play.finished()
    whole = play.download(play.provider().assets(handle)[0])
    body = play.provider().open(play.provider().assets(handle)[0], start=100)
    rest = b"".join(body.blocks())
    body.close()
    assert body.status == 206
    assert rest == whole[100:]
