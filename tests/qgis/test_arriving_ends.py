"""QGIS is closed, or killed, while a large result arrives: nothing of its table is left, and the next start brings it, paid once."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr
from simulator import Simulator
from support.arriving import LONG, left, wait, workers

HOST = Path(__file__).with_name("host.py")
COUNT = 62_000  # buildings, 17 MB
SLOW, FAST = 2e6, 100e6  # bytes a second
STAYS = 1.5  # s within which QGIS has to let go


class Host:
    """The application in a process of its own, and what it has said so far."""

    def __init__(self, home: Path, root: Path, sim: Simulator) -> None:
        self.home, self.said = home, []
        environment = {
            **os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(home / "profile"), "QGIS_AUTH_DB_DIR_PATH": str(home / "auth"),
            "GROUNDTRACK_PACE": "0.02", "GROUNDTRACK_MAPFLOW_URL": sim.mapflow.url, "GROUNDTRACK_MAPFLOW_API_TOKEN": sim.mapflow.token,
        }  # fmt: skip
        (home / "auth").mkdir(mode=0o700, parents=True, exist_ok=True)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, str(HOST), str(home), str(root)], stdin=pipe, stdout=pipe, text=True, env=environment
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.heard(answer="load", done=True)

    def _listen(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)

    def do(self, word: str) -> dict[str, Any]:
        """Have something done; its answer."""
        self.say(word)
        return self.heard(answer=word)

    def say(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def heard(self, **what: Any) -> dict[str, Any]:
        """The first thing it says from now on that is like this."""
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            with suppress(queue.Empty):
                self.said.append(json.loads(self._lines.get(timeout=1.0)))
                if what.items() <= self.said[-1].items():
                    return self.said[-1]
        raise AssertionError(f"never said {what}, but {self.said}")

    def folder(self) -> Path:
        """Where the job's files go."""
        return Path(next(told["folder"] for told in reversed(self.said) if told.get("folder")))

    def arriving(self) -> None:
        """Return when the result is on its way and its table is being made."""
        self.heard(state="fetching")
        wait(lambda: any(path.stat().st_size > 100_000 for path in self.folder().glob("*-arriving-*/table.gpkg")), "a table that grows")
        assert workers(self.folder())

    def end(self) -> None:
        self.process.kill()
        self.process.wait(LONG)
        self.process.stdin.close()
        self._listener.join()
        self.process.stdout.close()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=4) as running:
        running.mapflow.next_job(polygons=COUNT, rate=SLOW, queue_time=0.0, run_time=0.0)
        yield running
        assert running.errors == []


class Machine:
    """Starts QGIS again and again, in one profile."""

    def __init__(self, folder: Path, root: Path, sim: Simulator) -> None:
        self.folder, self.root, self.sim, self.hosts = folder, root, sim, []

    def start(self) -> Host:
        self.hosts.append(Host(self.folder, self.root, self.sim))
        return self.hosts[-1]

    def begin(self) -> Host:
        """The result of a new job is half here."""
        host = self.start()
        host.do("run")
        host.arriving()
        return host

    def is_clean(self) -> bool:
        return not workers(self.folder) and not left(self.folder)

    def hasten(self) -> None:
        for job in list(self.sim.mapflow.jobs):
            self.sim.mapflow.change_job(job, rate=FAST)

    def check_layer(self, host: Host) -> None:
        """The whole result is on the map, and was asked for once."""
        assert host.heard(state="loaded")["layers"] == [COUNT]
        (table,), (source,) = host.folder().glob("*.gpkg"), host.folder().glob("*.geojson")
        assert numbers(table) == [feature["properties"]["id"] for feature in json.loads(source.read_bytes())["features"]]
        assert {path.name for path in host.folder().iterdir()} == {table.name, source.name}
        assert self.is_clean()
        assert len(self.sim.requests.find("POST", "*/processings/v2")) == 1


def numbers(table: Path) -> list[int]:
    """The buildings of a table, in its order."""
    opened = ogr.Open(str(table))
    return [feature["id"] for feature in opened.GetLayer(0) if feature.geometry().GetGeometryCount()]


@pytest.fixture
def machine(tmp_path: Path, root: Path, sim: Simulator) -> Iterator[Machine]:
    made = Machine(tmp_path / "machine", root, sim)
    yield made
    for host in made.hosts:
        host.end()


def test_unloading_the_plugin_ends_everything_and_loading_it_again_goes_on(machine: Machine) -> None:
    host = machine.begin()
    ended = host.do("unload")
    assert ended["seconds"] < STAYS
    assert (ended["done"], ended["threads"]) == (True, [])
    assert machine.is_clean()
    assert not list(host.folder().glob("*.gpkg"))
    machine.hasten()
    host.do("load")
    machine.check_layer(host)


def test_closing_qgis_leaves_nothing_and_its_next_start_goes_on(machine: Machine) -> None:
    host = machine.begin()
    host.say("close")
    assert host.process.wait(LONG) == 0
    wait(machine.is_clean, "the process and its folder to go")
    assert not list(host.folder().glob("*.gpkg"))
    machine.hasten()
    machine.check_layer(machine.start())


def test_killing_qgis_leaves_nothing_and_its_next_start_goes_on(machine: Machine) -> None:
    host = machine.begin()
    host.process.kill()
    assert host.process.wait(LONG) != 0
    wait(machine.is_clean, "the process and its folder to go")
    assert not list(host.folder().glob("*.gpkg"))
    machine.hasten()
    machine.check_layer(machine.start())
