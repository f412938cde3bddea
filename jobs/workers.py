"""A few daemon threads that do calls which may block.

Python's own pools are joined at exit and would hold up QGIS for as long as a server is silent; these are not.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import Callable, List, Optional

Task = Callable[[], None]

log = logging.getLogger("groundtrack")


class Workers:
    """Up to `count` threads, started as needed. `at_end` runs in each thread before it ends."""

    def __init__(self, count: int, at_end: Task, name: str = "groundtrack") -> None:
        self._count = count
        self._at_end = at_end
        self._name = name
        self._tasks: queue.SimpleQueue[Optional[Task]] = queue.SimpleQueue()
        self._threads: List[threading.Thread] = []
        self._lock = threading.Lock()
        self._idle = 0
        self._stopped = False

    def do(self, task: Task) -> None:
        """Hand over a task; ignored after `stop`."""
        with self._lock:
            if self._stopped:
                return
            if self._idle:
                self._idle -= 1
            elif len(self._threads) < self._count:
                thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._tasks.put(task)

    def stop(self) -> None:
        """Let every thread end after its present task; tasks that have not begun are dropped. Returns at once."""
        with self._lock:
            self._stopped = True
            for _ in self._threads:
                self._tasks.put(None)

    def _run(self) -> None:
        try:
            task = self._tasks.get()
            while task is not None and not self._stopped:
                self._take(task)
                with self._lock:
                    self._idle += 1
                task = self._tasks.get()
        finally:
            self._at_end()

    def _take(self, task: Task) -> None:
        try:
            task()
        except Exception:  # the thread is needed for the next task
            log.exception("a task failed")
