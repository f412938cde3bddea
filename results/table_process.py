"""Has a table made by a process of its own. For worker threads; no event loop is needed."""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

from osgeo import osr
from qgis.PyQt.QtCore import QIODevice, QProcess, QProcessEnvironment

from ..providers.errors import Cancelled
from .growth import Growth, Standing
from .interpreter import environment, interpreter
from .tables import TableSpec

SCRIPT = Path(__file__).with_name("apart") / "__main__.py"
_START = 10_000  # ms
_TURN = 40  # ms between two looks at what there is to tell
_SILENCE = 120.0  # s after which a process with work to do counts as dead
_LEAVE = 300  # ms for a process that is told to end

log = logging.getLogger("groundtrack")


class NoProcess(Exception):
    """There is no interpreter, or it does not get going. The work has to be done here."""


def make_apart(growth: Growth, folder: Path, spec: TableSpec, taken: Callable[[int], None]) -> None:
    """As table_maker.make_table. Raises NoProcess, Cancelled, and OSError where the process failed or died."""
    program = interpreter()
    if program is None:
        raise NoProcess("no interpreter")
    process = QProcess()
    process.setProgram(str(program))
    process.setArguments([str(SCRIPT), str(folder.parent)])  # the folder is for people who wonder what it is at work on
    process.setProcessEnvironment(_environment())
    process.setStandardErrorFile(QProcess.nullDevice())
    process.start(QIODevice.OpenModeFlag.ReadWrite)
    try:
        if not process.waitForStarted(_START):
            raise NoProcess(process.errorString())
        _send(process, {"path": sys.path, "proj": osr.GetPROJSearchPaths(), "folder": str(folder), "spec": asdict(spec)})
        _Talk(process, growth, taken).run()
    finally:
        _end(process)


class _Talk:
    """What is said while the table is made."""

    def __init__(self, process: QProcess, growth: Growth, taken: Callable[[int], None]) -> None:
        self._process = process
        self._growth = growth
        self._taken = taken
        self._told = Standing()
        self._heard = time.monotonic()
        self._size = 0
        self._ready = False

    def run(self) -> None:
        while not self._turn():
            if self._growth.stopped:
                raise Cancelled("Stopped.")
            if self._process.state() != QProcess.ProcessState.Running and not self._process.canReadLine():
                raise OSError("the process ended") if self._ready else NoProcess("it ended at once")
            if self._process.state() == QProcess.ProcessState.Running and self._is_silent():
                raise OSError("the process is silent") if self._ready else NoProcess("it is silent")

    def _turn(self) -> bool:
        """Say and hear what there is. Whether the table is made."""
        if self._growth.standing != self._told:
            self._told = self._growth.standing
            _send(self._process, self._told)
        if not self._process.canReadLine():
            self._process.waitForReadyRead(_TURN)
        for answer in self._answers():
            self._heard = time.monotonic()
            self._ready = self._ready or "ready" in answer
            if "taken" in answer:
                self._size = answer["taken"]
                self._taken(self._size)
            if "made" in answer and not answer["made"] and not self._ready:
                raise NoProcess(answer["why"])
            if "made" in answer and not answer["made"]:
                raise OSError(answer["why"])
            if "made" in answer:
                return True
        return False

    def _is_silent(self) -> bool:
        if self._ready and self._size >= self._told.size and not self._told.complete:
            self._heard = time.monotonic()  # it has nothing to do
        return time.monotonic() - self._heard > _SILENCE

    def _answers(self) -> Iterator[Dict[str, Any]]:
        while self._process.canReadLine():
            yield json.loads(bytes(self._process.readLine()))


def _send(process: QProcess, what: object) -> None:
    process.write(json.dumps(what).encode() + b"\n")


def _end(process: QProcess) -> None:
    """It goes by itself where its input ends; no zombie is left."""
    if process.state() != QProcess.ProcessState.NotRunning:
        process.closeWriteChannel()
        if not process.waitForFinished(_LEAVE):
            process.kill()
            process.waitForFinished(_LEAVE * 10)


def _environment() -> QProcessEnvironment:
    found = QProcessEnvironment()
    for name, value in environment().items():
        found.insert(name, value)
    return found
