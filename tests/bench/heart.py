"""For scripts that run inside QGIS: a 1 ms heartbeat of the main thread, waits that leave it free, and an end without questions."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer


class Heart:
    """Notes when it beat, in seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.beats: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.beats.append(clock()))

    def start(self) -> None:
        self.beats.clear()
        self._timer.start(1)

    def stop(self) -> list[float]:
        """The gaps between beats, in ms, in order."""
        self._timer.stop()
        return gaps(self.beats)


def gaps(beats: list[float]) -> list[float]:
    """Times between neighbours, in ms."""
    return [(b - a) * 1000 for a, b in zip(beats, beats[1:])]


def figures(found: list[float], bound: int = 16) -> dict[str, float]:
    """The longest gap, the one that one of a hundred exceeds, and how many exceed `bound` ms."""
    ordered = sorted(found)
    return {"longest": ordered[-1], "p99": ordered[int(len(ordered) * 0.99)], f"over{bound}": sum(gap > bound for gap in ordered)}


def wait(holds: Callable[[], Any], limit: float = 120.0) -> None:
    """Let the event loop run until it holds. Raises RuntimeError after `limit` seconds."""
    end, loop, timer, held = time.monotonic() + limit, QEventLoop(), QTimer(), []

    def look() -> None:
        if holds():
            held.append(True)
        if held or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(20)
    loop.exec()
    timer.stop()
    if not held:
        raise RuntimeError("waited too long")


def rest(seconds: float) -> None:
    """Let the event loop run for a while."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end, seconds + 5)


def finish(report: Any) -> None:
    """Hand the report over, and end QGIS."""
    with open(os.environ["BENCH_OUT"], "w", encoding="utf-8") as file:
        json.dump(report, file)
    os._exit(0)


def begin(go: Callable[[], None], after: int) -> None:
    """Call `go` so many ms from now, when QGIS has come to rest. Whatever goes wrong ends QGIS, and is told."""

    def told(*error: Any) -> None:
        print("".join(traceback.format_exception(*error)), flush=True)
        os._exit(1)

    def guarded() -> None:
        try:
            go()
        except Exception:
            told(*sys.exc_info())

    sys.excepthook = told  # QGIS would open a dialog and wait
    QTimer.singleShot(after, guarded)
