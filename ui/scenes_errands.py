"""Longer work beside the jobs: downloads of pictures and bands, in threads of its own so that nothing else waits for it."""

from __future__ import annotations

import time
from typing import Any, Callable

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..jobs.workers import Task, Workers

SOME = 0.1  # s between two reports


def _nothing() -> None:
    """Nothing is to be done when a thread ends."""


class Errands(QObject):
    """A few threads whose results come back to the main thread."""

    _ended = pyqtSignal(object, object)
    _shared = pyqtSignal(object, float)

    def __init__(self, threads: int, parent: QObject, at_end: Task = _nothing) -> None:
        super().__init__(parent)
        self._stopped = False
        self._workers = Workers(threads, at_end, "groundtrack scenes")
        for signal in (self._ended, self._shared):
            signal.connect(self._call)

    def do(self, task: Callable[[], Any], then: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Let a thread do something; one of the two callbacks follows on the main thread, unless all was stopped."""

        def work() -> None:
            try:
                value, call = task(), then
            except Exception as error:  # noqa: BLE001 - the exception is the answer
                value, call = error, failed
            if not self._stopped and not sip.isdeleted(self):
                self._ended.emit(call, value)

        self._workers.do(work)

    def reporter(self, show: Callable[[float], None]) -> Callable[[float], None]:
        """A function for a thread to tell how far it is; `show` is called on the main thread, at most ten times a second."""
        last = 0.0

        def report(share: float) -> None:
            nonlocal last
            if time.monotonic() - last > SOME and not self._stopped and not sip.isdeleted(self):
                last = time.monotonic()
                self._shared.emit(show, share)

        return report

    def stop(self) -> None:
        """Answer no more; returns at once."""
        self._stopped = True
        self._workers.stop()

    def _call(self, then: Callable[[Any], None], value: Any) -> None:
        """A slot of ours, so that Qt brings the call to the main thread."""
        if not self._stopped:
            then(value)
