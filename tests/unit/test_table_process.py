"""The process that makes a table while a result arrives: the same table, and nothing of it left whoever ends first, and how."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from groundtrack.jobs.downloads import download
from groundtrack.providers.base import Account, Asset, Provider, Secrets
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.connect import Connector
from groundtrack.providers.errors import Cancelled
from groundtrack.providers.transport import Network
from groundtrack.results import arriving, interpreter, table_process
from groundtrack.results.arriving import ArrivingTable
from groundtrack.results.charts import read_chart
from groundtrack.results.errors import ResultError
from groundtrack.results.scanner import NO_FEATURES
from groundtrack.results.tables import GENERIC
from simulator import Simulator
from support.arriving import LONG, converted, left, rows, wait, workers
from support.geojson import CHANGE, collection, feature

DYING = Path(__file__).with_name("crash") / "reading_child.py"


def square(n: int) -> dict[str, Any]:
    west, south = n % 100 * 0.1, n // 100 * 0.1
    return {"type": "Polygon", "coordinates": [[[west, south], [west + 0.05, south], [west + 0.05, south + 0.05], [west, south]]]}


COUNT = 20_000
TEXT = json.dumps(collection(*(feature(square(n), n=n, kind="abc"[n % 3]) for n in range(COUNT)))).encode()


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every result is large here, and is made in another process or not at all."""
    monkeypatch.setattr(arriving, "LEAST", 1)
    monkeypatch.setattr(arriving, "LEAST_HERE", 1)
    monkeypatch.setattr("groundtrack.results.table_maker.make_table", _not_here)


def _not_here(*_: object) -> None:
    raise OSError("made in this process")


class Reading:
    """A file that grows, and its reader."""

    def __init__(self, folder: Path, spec: Any = GENERIC) -> None:
        self.folder = folder
        self.target, self.part, self.table = (folder / f"result.{ending}" for ending in ("geojson", "geojson.part", "gpkg"))
        self.reader = ArrivingTable(self.target, spec)

    def bring(self, text: bytes) -> None:
        self.part.write_bytes(text)
        self.reader.grown(self.part, len(text))

    def begin(self) -> int:
        """Half of it comes and is taken in. The process that does it."""
        self.bring(TEXT[: len(TEXT) // 2])
        wait(lambda: self.reader._taken)
        (process,) = workers(self.folder)
        return process

    def end(self) -> bool:
        self.reader.catch_up(Cancel(), lambda: None)
        self.part.rename(self.target)
        self.reader.placed()
        self.reader.stop()
        return self.table.exists()


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    made = Reading(tmp_path)
    yield made
    made.reader.stop()
    wait(lambda: not workers(tmp_path))


def test_another_process_makes_the_same_table_and_ends(reading: Reading) -> None:
    reading.begin()
    reading.bring(TEXT)
    assert reading.end()
    assert rows(reading.table) == rows(converted(reading.target))
    assert not workers(reading.folder)
    assert left(reading.folder) == []


def test_bulky_values_come_to_their_place(tmp_path: Path) -> None:
    reading = Reading(tmp_path, CHANGE)
    chart = {"series": list(range(30))}
    reading.bring(json.dumps(collection(*(feature(square(n), deviation=n / 300, upper_chart=chart) for n in range(300)))).encode())
    assert reading.end()
    assert read_chart(reading.table, 300) == {"upper_chart": chart}


def test_stopping_ends_the_process_and_takes_everything_away(reading: Reading) -> None:
    reading.begin()
    reading.reader.stop()
    assert reading.reader._done.wait(LONG)
    assert not workers(reading.folder)
    assert left(reading.folder) == []


def test_a_process_that_does_not_listen_is_ended_all_the_same(reading: Reading) -> None:
    os.kill(reading.begin(), signal.SIGSTOP)
    reading.reader.stop()
    assert reading.reader._done.wait(LONG)
    assert not workers(reading.folder)
    assert left(reading.folder) == []


def test_the_result_is_converted_afterwards_when_the_process_is_killed(reading: Reading) -> None:
    os.kill(reading.begin(), signal.SIGKILL)
    reading.bring(TEXT)
    assert not reading.end()
    assert left(reading.folder) == []
    assert len(rows(converted(reading.target))) == COUNT


def test_a_process_that_falls_silent_is_given_up(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    process = reading.begin()
    os.kill(process, signal.SIGSTOP)
    monkeypatch.setattr(table_process, "_SILENCE", 0.5)
    reading.bring(TEXT)
    assert not reading.end()
    assert not workers(reading.folder)


@pytest.mark.parametrize("program", ["/bin/false", "/bin/nothing-of-this-name", ""])
def test_where_no_process_gets_going_the_table_is_made_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(arriving, "LEAST", 1)
    monkeypatch.setattr(arriving, "LEAST_HERE", 1)
    monkeypatch.setattr(table_process, "interpreter", lambda: Path(program) if program else None)
    reading = Reading(tmp_path)
    reading.bring(TEXT)
    assert reading.end()
    assert len(rows(reading.table)) == COUNT


def test_what_is_not_very_large_waits_for_its_end_where_no_process_gets_going(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(arriving, "LEAST", 1)
    monkeypatch.setattr(table_process, "interpreter", lambda: None)
    reading.bring(TEXT)
    assert not reading.end()
    assert left(reading.folder) == []


def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    reading.part.write_bytes(TEXT)
    command = [sys.executable, str(DYING), str(reading.target), str(len(TEXT) // 2)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout.readline() == "begun\n"
        assert workers(tmp_path)
        assert left(tmp_path)
        dying.kill()
    wait(lambda: not workers(tmp_path) and not left(tmp_path))
    reading.bring(TEXT)
    assert reading.end()
    assert len(rows(reading.table)) == COUNT
    assert {path.name for path in tmp_path.iterdir()} == {"result.geojson", "result.gpkg"}


def test_no_key_goes_with_the_process() -> None:
    known = {"PATH": "/bin", "PYTHONHOME": "/x", "AWS_SECRET_ACCESS_KEY": "a", "GROUNDTRACK_PACE": "1", "GDAL_HTTP_USERPWD": "b:c"}
    assert interpreter.environment(known) == {"PATH": "/bin", "PYTHONHOME": "/x", "USE_PATH_FOR_GDAL_PYTHON": "YES"}


@pytest.mark.parametrize("own", ["", "/opt/QGIS/qgis-bin", "/gone/python3"])
def test_an_interpreter_is_found_inside_an_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").touch()
    monkeypatch.setattr(sys, "executable", own)
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path))
    assert interpreter.interpreter() == tmp_path / "bin" / "python3"
    (tmp_path / "bin" / "python3").unlink()
    monkeypatch.setattr(sys, "base_exec_prefix", str(tmp_path))
    assert interpreter.interpreter() is None


# With a real download ----------------------------------------------------------------------------------------------------------------


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
    running.storage.put("result", TEXT, "application/geo+json")
    return running


class Fetch:
    """Downloads that are read along."""

    def __init__(self, sim: Simulator, provider: Provider, folder: Path) -> None:
        self.sim, self.provider, self.folder, self.cancel = sim, provider, folder, Cancel()
        self.table = folder / "ship.gpkg"

    def __call__(self, progress: Callable[[int, Any], None] = lambda done, total: None) -> Path:
        asset = Asset("ship.geojson", self.sim.storage.link("result", 600), "application/geo+json", None)
        return download(
            self.provider, asset, self.folder, progress=progress, cancel=self.cancel, pause=lambda tries: 0.001,
            reads=lambda target: ArrivingTable(target, GENERIC),
        )  # fmt: skip

    @property
    def ranges(self) -> list[str | None]:
        return [request.header("Range") for request in self.sim.requests if request.persona == "storage"]

    def is_whole(self) -> bool:
        return len(rows(self.table)) == COUNT and not left(self.folder) and not workers(self.folder)


@pytest.fixture
def fetch(sim: Simulator, tmp_path: Path) -> Iterator[Fetch]:
    account = Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.key}))
    made = Connector(Network(timeout=(5, 20), pace=0.001))(account, Cancel())
    yield Fetch(sim, made, tmp_path / "results")
    made.transport.close()


def test_a_break_in_the_middle_does_not_disturb_who_reads(fetch: Fetch) -> None:
    fetch.sim.fault("cut", persona="storage", fraction=0.6)
    fetch()
    assert fetch.ranges[1]
    assert fetch.is_whole()


def test_cancelling_takes_the_table_away_and_the_next_try_reads_the_part_again(fetch: Fetch) -> None:
    def cancel(done: int, total: Any) -> None:
        if done > len(TEXT) // 2:
            fetch.cancel.set()

    with pytest.raises(Cancelled):
        fetch(cancel)
    wait(lambda: not workers(fetch.folder) and not left(fetch.folder))
    assert not fetch.table.exists()
    fetch.cancel = Cancel()
    fetch()
    assert fetch.is_whole()


def test_a_part_that_is_complete_already_is_read(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: ArrivingTable, cancel: Cancel, tell: Callable[[], None]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(ArrivingTable, "catch_up", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    wait(lambda: not left(fetch.folder))
    fetch()
    assert len(fetch.ranges) == 1
    assert fetch.is_whole()


def test_what_is_no_geojson_is_said_to_be_none_as_ever(fetch: Fetch) -> None:
    fetch.sim.storage.put("result", b"[" + b"<html>" * 20_000 + b"]", "application/geo+json")
    path = fetch()
    assert not fetch.table.exists()
    assert left(fetch.folder) == []
    with pytest.raises(ResultError, match=NO_FEATURES):
        converted(path)
