"""A thread beside a run: sees a cancel or the end of the wait within a fraction of a second, and keeps the leases alive."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Callable, Optional, Sequence, Type

from ..jobs.journal import LEASE, Journal, JournalError
from ..providers.cancel import Cancel

LOOK = 0.1  # s

log = logging.getLogger("groundtrack")


class Watch:
    """Sets `cancel` when the person stops the run (`stopped`) or the wait has lasted long enough (`late`).

    A request that is on its way (`sending`) is not broken off for the sake of time: nobody would know what became of it.
    """

    def __init__(
        self, journal: Journal, held: Callable[[], Sequence[str]], cancel: Cancel,
        is_cancelled: Callable[[], bool], timeout: Optional[float],
    ) -> None:  # fmt: skip
        self._journal = journal
        self._held = held
        self._cancel = cancel
        self._is_cancelled = is_cancelled
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="groundtrack watch", daemon=True)
        self._next_beat = time.monotonic() + LEASE / 3
        self.sending = False
        self.stopped = False
        self.late = False

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._over.set()
        self._thread.join()

    def stop(self) -> None:
        """The person stopped the run."""
        self.stopped = True
        self._cancel.set()

    def _run(self) -> None:
        try:
            while not self._over.wait(LOOK):
                self._look()
        finally:
            self._journal.close()

    def _look(self) -> None:
        if not self.stopped and self._is_cancelled():
            self.stop()
        if self._deadline is not None and time.monotonic() >= self._deadline and not self.sending and not self.late:
            self.late = True
            self._cancel.set()
        if time.monotonic() >= self._next_beat:
            self._beat()

    def _beat(self) -> None:
        """Only what is still followed: a lease that runs out lets another process go on."""
        self._next_beat = time.monotonic() + LEASE / 3
        try:
            self._journal.hold_all(self._held())
        except JournalError as error:
            log.debug("leases were not renewed: %s", error)
