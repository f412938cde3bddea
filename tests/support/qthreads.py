"""Notice QThreads that a test started and did not end."""

from __future__ import annotations

import weakref
from typing import Any

from qgis.PyQt.QtCore import QThread

_threads: weakref.WeakSet[QThread] = weakref.WeakSet()


def watch_thread_starts() -> None:
    """Remember every QThread started from Python from now on."""
    original = QThread.start

    def start(self: QThread, *args: Any) -> None:
        _threads.add(self)
        original(self, *args)

    QThread.start = start


def running_threads(grace_ms: int = 3000) -> list[str]:
    """Class names of remembered threads that do not end within `grace_ms` milliseconds each; each is told once."""
    left = []
    for thread in list(_threads):
        try:
            if thread.isRunning() and not thread.wait(grace_ms):
                left.append(type(thread).__name__)
                _threads.discard(thread)
        except RuntimeError:  # its C++ half is gone: it has ended
            _threads.discard(thread)
    return left
