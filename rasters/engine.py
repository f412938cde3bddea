"""Computations in the background: one after the other on a thread of its own, each in a work folder that does not outlive it.

A computation is known by a name that its owner chose. It lives as long as this process. What a process left that was killed goes
when the next one begins to compute.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import tempfile
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Callable, Deque, Dict, Optional

log = logging.getLogger("groundtrack")

Progress = Callable[[float], bool]
Work = Callable[[Path, Progress], Path]  # (work folder, progress) → the result in that folder

_KEPT = 200  # finished computations that are remembered
_PREFIX = "groundtrack-work-"
_ABANDONED = 24 * 3600.0  # s without a change after which a work folder belongs to nobody


class Stage(Enum):
    """Where a computation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class Run:
    """One computation. `result` is its file once it is done, `problem` a sentence when it failed, times are Unix s."""

    work: Work
    stage: Stage = Stage.WAITING
    progress: float = 0.0
    result: Optional[Path] = None
    problem: str = ""
    finished_at: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, share: float) -> bool:
        """Progress of the work; False tells it to stop."""
        self.progress = max(self.progress, share)
        return not self.stop.is_set()


class Engine:
    """Runs computations one at a time. May be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: Dict[str, Run] = {}
        self._queue: Deque[Run] = deque()
        self._thread: Optional[threading.Thread] = None

    def start(self, name: str, work: Work) -> None:
        """Take a computation on. One of the same name is stopped and replaced."""
        with self._lock:
            if name in self._runs:
                self._halt(self._runs[name])
                self._clear(self._runs[name])
            self._runs[name] = Run(work)
            self._queue.append(self._runs[name])
            if self._thread is None:
                self._thread = threading.Thread(target=self._turn, name="groundtrack-computing", daemon=True)
                self._thread.start()

    def look(self, name: str) -> Optional[Run]:
        """The computation, None when this process knows none of that name."""
        with self._lock:
            return self._runs.get(name)

    def stop(self, name: str) -> None:
        """Stop a computation; it counts as stopped at once, and its files go as soon as it let go of them."""
        with self._lock:
            if name in self._runs:
                self._halt(self._runs[name])

    def stop_all(self, seconds: float = 2.0) -> None:
        """Stop everything, wait at most so long for the thread to end, and remove what nobody fetched."""
        with self._lock:
            names, thread = list(self._runs), self._thread
        for name in names:
            self.stop(name)
        if thread is not None:
            thread.join(seconds)
        for name in names:
            self._clear(self.look(name))

    def _halt(self, run: Run) -> None:
        run.stop.set()
        if run.stage in (Stage.WAITING, Stage.RUNNING):
            run.stage = Stage.STOPPED

    def _turn(self) -> None:
        _remove_abandoned()
        while True:
            with self._lock:
                if not self._queue:
                    self._thread = None
                    return
                run = self._queue.popleft()
                self._forget_old()
            self._do(run)

    def _do(self, run: Run) -> None:
        with self._lock:
            if run.stop.is_set():
                return
            run.stage = Stage.RUNNING
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            result = run.work(folder, run.tell)
        except Exception as error:  # whatever goes wrong belongs to this computation alone
            shutil.rmtree(folder, ignore_errors=True)
            self._end(run, Stage.FAILED, str(error) or f"The computation failed: {error!r}")
            log.debug("a computation failed", exc_info=error)
        else:
            run.result = result
            self._end(run, Stage.DONE)

    def _end(self, run: Run, stage: Stage, problem: str = "") -> None:
        with self._lock:
            run.problem, run.finished_at = problem, time.time()
            run.stage = Stage.STOPPED if run.stop.is_set() else stage
            if run.stage is Stage.STOPPED:
                self._clear(run)

    def _clear(self, run: Optional[Run]) -> None:
        if run is not None and run.result is not None:
            shutil.rmtree(run.result.parent, ignore_errors=True)

    def _forget_old(self) -> None:
        done = [name for name, run in self._runs.items() if run.finished_at]
        for name in done[:-_KEPT]:
            self._clear(self._runs.pop(name))


def _remove_abandoned() -> None:
    """Drop work folders of processes that were killed; a computation that goes on writes into its folder all the time."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if max(path.stat().st_mtime for path in (folder, *folder.iterdir())) < time.time() - _ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)


ENGINE = Engine()
atexit.register(ENGINE.stop_all)
