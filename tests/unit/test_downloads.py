"""Results on their way to disk, over real HTTP."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from groundtrack.jobs import downloads
from groundtrack.jobs.content import WrongContent
from groundtrack.jobs.downloads import FileMissing, LinkExpired, download, safe_name, settle
from groundtrack.providers.base import Account, Asset, Provider, Secrets
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.connect import Connector
from groundtrack.providers.errors import Cancelled, ConfigError, Gone, ServiceError, ServiceProblem, TransportError
from groundtrack.providers.transport import Network
from simulator import Simulator

CONTENT = b'{"type": "FeatureCollection", "features": [' + b", ".join(b'{"id": %d}' % n for n in range(60_000)) + b"]}\n"
PACE = 0.001


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(seed=5) as simulator:
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def sim(running: Simulator) -> Simulator:
    running.faults.clear()
    running.requests.clear()
    running.storage.settings.__init__()
    running.storage.put("result", CONTENT, "application/geo+json")
    return running


@pytest.fixture
def provider(sim: Simulator) -> Iterator[Provider]:
    account = Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.key}))
    made = Connector(Network(timeout=(2, 2), pace=PACE))(account, Cancel())
    yield made
    made.transport.close()


class Call:
    """A download with everything a test may look at."""

    def __init__(self, sim: Simulator, provider: Provider, folder: Path) -> None:
        self.sim, self.provider, self.folder = sim, provider, folder
        self.cancel, self.told, self.pauses = Cancel(), [], []
        self.between: Callable[[], None] = lambda: None

    def __call__(self, name: str = "ship.geojson", url: str = "", size: int | None = None, **known: Any) -> Path:
        asset = Asset(name, url or self.sim.storage.link("result", 600), "application/geo+json", size)

        def pause(tries: int) -> float:
            self.pauses.append(tries)
            self.between()
            return tries * PACE

        return download(
            self.provider, asset, self.folder, progress=lambda done, total: self.told.append((done, total)),
            cancel=self.cancel, pause=pause, **known,
        )  # fmt: skip

    @property
    def ranges(self) -> list[str | None]:
        return [request.header("Range") for request in self.sim.requests if request.persona == "storage"]

    @property
    def part(self) -> Path:
        return self.folder / "ship.geojson.part"


@pytest.fixture
def fetch(sim: Simulator, provider: Provider, tmp_path: Path) -> Call:
    return Call(sim, provider, tmp_path / "results")


def test_a_file_arrives_byte_for_byte_with_progress(fetch: Call) -> None:
    path = fetch()
    assert path.name == "ship.geojson"
    assert path.read_bytes() == CONTENT
    assert fetch.told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in fetch.told] == sorted(done for done, _ in fetch.told)
    assert not fetch.part.exists()


def test_a_break_is_resumed_where_it_was(fetch: Call) -> None:
    fetch.sim.fault("cut", persona="storage", fraction=0.6)
    assert fetch().read_bytes() == CONTENT
    first, second = fetch.ranges
    assert first is None
    assert int(second.removeprefix("bytes=").removesuffix("-")) > len(CONTENT) // 3
    assert len([done for done, _ in fetch.told]) == len({done for done, _ in fetch.told})  # nothing came twice


def test_many_breaks_are_survived_while_bytes_arrive(fetch: Call) -> None:
    fetch.sim.fault("cut", persona="storage", times=8, at=80_000)
    assert fetch().read_bytes() == CONTENT
    assert len(fetch.ranges) == 9


def test_breaks_without_a_new_byte_end_after_a_while(fetch: Call) -> None:
    fetch.sim.fault("drop_before", persona="storage", times=0)
    with pytest.raises(TransportError):
        fetch()
    assert fetch.pauses == [1, 2, 3, 4]


def test_the_part_of_an_earlier_run_is_continued_by_the_same_job(fetch: Call) -> None:
    fetch.sim.fault("cut", persona="storage", fraction=0.5)
    fetch.sim.fault("status", persona="storage", status=503, body="busy", after=1)
    with pytest.raises(ServiceError):
        fetch(owner="job-1")
    begun = fetch.part.stat().st_size
    assert begun > 0
    assert fetch(owner="job-1").read_bytes() == CONTENT
    assert fetch.ranges[-1] == f"bytes={begun}-"


def test_a_server_that_ignores_ranges_sends_all_again(fetch: Call) -> None:
    fetch.sim.fault("cut", persona="storage", fraction=0.5)
    fetch.between = lambda: setattr(fetch.sim.storage.settings, "ranges", False)
    assert fetch().read_bytes() == CONTENT
    assert [request.status for request in fetch.sim.requests] == [200, 200]


@pytest.mark.parametrize("size", [len(CONTENT) + 40_000, len(CONTENT), 700_000])
def test_another_file_at_the_service_begins_again(fetch: Call, size: int) -> None:
    """A part must never be continued with bytes of another version, whatever its length."""
    other = b'{"features": "' + b"y" * (size - 16) + b'"}'
    fetch.sim.fault("cut", persona="storage", fraction=0.5)
    fetch.sim.fault("status", persona="storage", status=503, body="busy", after=1)
    with pytest.raises(ServiceError):
        fetch(owner="job-1")
    fetch.sim.storage.put("result", other, "application/geo+json")
    assert fetch(owner="job-1").read_bytes() == other


def test_a_shorter_file_at_the_service_answers_416_and_begins_again(fetch: Call) -> None:
    other = b'{"features": []}'
    fetch.sim.fault("cut", persona="storage", fraction=0.9)
    fetch.sim.fault("status", persona="storage", status=503, body="busy", after=1)
    with pytest.raises(ServiceError):
        fetch(owner="job-1")
    fetch.sim.storage.put("result", other, "application/geo+json")
    assert fetch(owner="job-1").read_bytes() == other
    assert [request.status for request in fetch.sim.requests][-2:] == [416, 200]


def test_without_a_tag_of_the_file_a_part_is_not_trusted(fetch: Call) -> None:
    fetch.sim.fault("cut", persona="storage", fraction=0.5)
    fetch.sim.storage.settings.etags = False
    assert fetch().read_bytes() == CONTENT
    assert fetch.ranges[1] is not None  # the time of its last change will do


def test_a_complete_part_needs_no_second_download(fetch: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crash between the last byte and the rename."""
    with monkeypatch.context() as patch:
        patch.setattr("groundtrack.jobs.parts.os.replace", _replace_notes_only)
        with pytest.raises(RuntimeError, match="crash"):
            fetch(owner="job-1")
    assert fetch.part.read_bytes() == CONTENT
    asked = len(fetch.ranges)
    assert fetch(owner="job-1").read_bytes() == CONTENT
    assert len(fetch.ranges) == asked


def _replace_notes_only(source: Any, target: Any, replace: Any = os.replace) -> None:
    if not str(target).endswith(".json"):
        raise RuntimeError("crash")
    replace(source, target)


def test_a_complete_file_of_the_same_job_is_taken_as_it_is(fetch: Call) -> None:
    """The crash between the rename and the journal; and a job that is fetched again."""
    path = fetch(owner="job-1")
    assert fetch(owner="job-1") == path
    settle([path])
    assert sorted(entry.name for entry in fetch.folder.iterdir()) == ["ship.geojson"]
    assert fetch(owner="job-1", known=[str(path)]) == path
    assert len(fetch.ranges) == 1


def test_the_file_of_another_job_is_never_taken_nor_overwritten(fetch: Call) -> None:
    first = fetch(owner="job-1")
    fetch.sim.storage.put("result", b'{"features": []}', "application/geo+json")
    second = fetch(owner="job-2")
    settle([first, second])
    third = fetch(owner="job-3")
    assert [path.name for path in (first, second, third)] == ["ship.geojson", "ship_2.geojson", "ship_3.geojson"]
    assert first.read_bytes() == CONTENT
    assert second.read_bytes() == b'{"features": []}'


@pytest.mark.parametrize("fault", [{"kind": "chunked"}, {"kind": "gzip"}, {"kind": "wrong_type", "content_type": ""},
                                   {"kind": "wrong_type", "content_type": "application/octet-stream"}, {"kind": "bom"}])
def test_ways_to_send_that_are_fine(fetch: Call, fault: dict[str, Any]) -> None:
    fetch.sim.fault(**fault, persona="storage", times=0)
    assert fetch(owner="x").read_bytes().removeprefix(b"\xef\xbb\xbf") == CONTENT


def test_a_web_page_with_status_200_is_refused_and_may_be_tried_again(fetch: Call) -> None:
    fetch.sim.fault("html", persona="storage")
    with pytest.raises(WrongContent, match="A web page arrived instead of the GeoJSON file") as refused:
        fetch()
    assert refused.value.retryable
    fetch.sim.fault("status", persona="storage", status=200, body="<!DOCTYPE html><title>x</title>", content_type="text/plain")
    with pytest.raises(WrongContent, match="A web page arrived"):
        fetch(owner="x")
    assert fetch().read_bytes() == CONTENT


@pytest.mark.parametrize("media_type", ["application/zip", "application/octet-stream"])
def test_an_archive_is_refused_by_its_type_or_its_beginning(fetch: Call, media_type: str) -> None:
    fetch.sim.storage.put("result", b"PK\x03\x04" + bytes(5_000_000), media_type)
    with pytest.raises(WrongContent, match=r"The result is not GeoJSON but a ZIP archive\.") as refused:
        fetch()
    assert not refused.value.retryable
    assert not (fetch.folder / "ship.geojson").exists()
    if media_type == "application/zip":
        assert not fetch.part.exists()  # refused before a byte was read
    else:
        assert fetch.part.stat().st_size < 1_000_000


@pytest.mark.parametrize(("name", "content", "fits"), [
    ("a.tif", b"II*\0" + bytes(40), True), ("a.TIF", b"MM\0+" + bytes(40), True), ("a.tif", b'{"error": 1}', False),
    ("a.png", b"\x89PNG\r\n" + bytes(40), True), ("a.jpg", b"<Error/>", False), ("a.json", b"  [1, 2]", True),
    ("a.txt", b"anything", True), ("a.geojson", b"", False), ("a.geojson", b'{"features": [', False),
])  # fmt: skip
def test_the_beginning_and_the_end_must_fit_the_name(fetch: Call, name: str, content: bytes, fits: bool) -> None:
    fetch.sim.storage.put("result", content, "binary/octet-stream")
    if fits:
        assert fetch(name).read_bytes() == content
        return
    with pytest.raises(ServiceProblem):
        fetch(name)
    assert [entry.name for entry in fetch.folder.iterdir() if not entry.name.endswith(".json")] in ([], [f"{name}.part"])


def test_a_file_cut_with_a_matching_length_is_noticed(fetch: Call) -> None:
    fetch.sim.fault("truncated", persona="storage", fraction=0.5, times=2)
    assert fetch().read_bytes() == CONTENT


def test_the_size_that_the_service_announced_is_checked(fetch: Call) -> None:
    fetch.sim.fault("chunked", persona="storage", times=0)
    with pytest.raises(TransportError, match="bytes arrived"):
        fetch(size=len(CONTENT) + 5)
    assert fetch(size=len(CONTENT), owner="x").read_bytes() == CONTENT


def test_a_link_that_expired_is_told_apart(fetch: Call) -> None:
    with pytest.raises(LinkExpired, match="expired"):
        fetch(url=fetch.sim.storage.link("result", -5))


def test_a_file_that_is_not_there_is_no_expired_link(fetch: Call) -> None:
    fetch.sim.fault("status", persona="storage", status=404, body={})
    with pytest.raises(FileMissing, match="its file is not there"):
        fetch()


@pytest.mark.parametrize(("status", "kind"), [(410, Gone), (409, ServiceError), (500, ServiceError)])
def test_refusals_of_the_service_itself_keep_their_meaning(fetch: Call, status: int, kind: type) -> None:
    url = f"{fetch.sim.sateais.url}/api/v1/jobs/x/result.geojson"
    fetch.sim.fault("status", persona="sateais", status=status, body={"error": {"message": "In its own words."}})
    with pytest.raises(kind, match=r"In its own words\."):
        fetch(url=url)


def test_cancel_ends_a_stream_at_once_and_keeps_the_part(fetch: Call) -> None:
    import threading
    import time

    fetch.sim.fault("trickle", persona="storage", rate=2_000_000)
    ended: list[Any] = []

    def run() -> None:
        try:
            fetch(owner="job-1")
        except Cancelled as stopped:
            ended.append((stopped, time.monotonic()))

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 5
    while not fetch.told and time.monotonic() < deadline:
        time.sleep(0.005)
    at = time.monotonic()
    fetch.cancel.set()
    thread.join(5)
    assert ended[0][1] - at < 0.5
    assert fetch.part.stat().st_size > 0


def test_a_full_disk_is_said_before_anything_is_loaded(fetch: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10 * 2**20})
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(ConfigError, match=r"The result needs 1 MB, but only 10 MB are free in .*results"):
        fetch()


def test_a_disk_that_fills_up_meanwhile_is_said_with_the_file(fetch: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(downloads.os, "fsync", full)
    with pytest.raises(ConfigError, match=r"cannot be written: No space left on device\. Free some space"):
        fetch()


def test_a_folder_that_cannot_be_made_is_said(fetch: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fetch.folder = tmp_path / "file" / "results"
    with pytest.raises(ConfigError, match=r"file/results cannot be written: Not a directory"):
        fetch()


@pytest.mark.parametrize(("name", "safe"), [
    ("ship.geojson", "ship.geojson"), ("../../etc/passwd", "_.._etc_passwd"), ("a:b*?.tif", "a_b__.tif"), ("..", "result"), ("", "result"),
    ("nul.tif", "_nul.tif"), ("COM1", "_COM1"), ("tab\there.json", "tab_here.json"), ("name. ", "name"), ("порт.geojson", "порт.geojson"),
    ("x" * 300 + ".geojson", "x" * 112 + ".geojson"), ("ж" * 300 + ".tif", "ж" * 58 + ".tif"),
])  # fmt: skip
def test_file_names_are_made_safe_and_keep_their_ending(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert len(safe_name(name).encode()) <= 120


class Along:
    """A reader that notes what it is told."""

    behind = 0

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int | None]] = []
        self.ends: list[str] = []

    def grown(self, part: Path, size: int, total: int | None = None) -> None:
        assert part.stat().st_size >= size
        self.sizes.append((size, total))

    def catch_up(self, cancel: Cancel, tell: Callable[[], None]) -> None:
        self.ends.append("caught up")

    def placed(self) -> None:
        self.ends.append("placed")

    def stop(self) -> None:
        self.ends.append("stopped")


def test_who_reads_along_sees_the_file_grow_and_hears_how_large_it_will_be(sim: Simulator, provider: Provider, tmp_path: Path) -> None:
    along = Along()
    path = Call(sim, provider, tmp_path)(reads=lambda target: along)
    assert path.read_bytes() == CONTENT
    assert along.sizes == sorted(along.sizes)
    assert along.sizes[-1] == (len(CONTENT), len(CONTENT))
    assert {total for _, total in along.sizes} == {len(CONTENT)}
    assert along.ends[:2] == ["caught up", "placed"]
