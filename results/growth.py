"""A file whose bytes are still coming, as those see it who read along."""

from __future__ import annotations

import threading
from typing import Iterator, NamedTuple

from ..providers.errors import Cancelled

_BLOCK = 1 << 18
_PATIENCE = 0.1  # s until a look at a file that should be longer


class Again(Exception):
    """The file begins again."""


class Standing(NamedTuple):
    """The file has `size` bytes in `part`. `life` counts how often it began again."""

    part: str = ""
    size: int = 0
    life: int = 0
    complete: bool = False


class Growth:
    """How far the file has come, told by one thread and waited for by others."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.standing = Standing()
        self.stopped = False

    def tell(self, standing: Standing) -> None:
        with self._news:
            self.standing = standing
            self._news.notify_all()

    def grown(self, part: str, size: int) -> None:
        """Fewer bytes than before: it begins again."""
        known = self.standing
        self.tell(Standing(part, size, known.life + (size < known.size)))

    def complete(self) -> None:
        self.tell(self.standing._replace(complete=True))

    def stop(self) -> None:
        with self._news:
            self.stopped = True
            self._news.notify_all()

    def blocks(self) -> Iterator[bytes]:
        """The bytes as they come. Raises Again, Cancelled once stopped, OSError."""
        at, life = 0, self.standing.life
        while True:
            now = self._more(at, life)
            if at >= now.size:
                return
            # closed at once: the file is renamed as soon as it is complete
            with open(now.part, "rb") as file:
                file.seek(at)
                block = file.read(min(_BLOCK, now.size - at))
            if not block:  # it begins again just now
                with self._news:
                    self._news.wait_for(lambda: self._is_over(life), _PATIENCE)
            elif self.standing.life != life:
                raise Again
            at += len(block)
            yield block

    def _more(self, at: int, life: int) -> Standing:
        """Wait for what comes after `at`, or for the end."""
        with self._news:
            self._news.wait_for(lambda: self.standing.size > at or self.standing.complete or self._is_over(life))
            if self.stopped:
                raise Cancelled("Stopped.")
            if self.standing.life != life:
                raise Again
            return self.standing

    def _is_over(self, life: int) -> bool:
        return self.stopped or self.standing.life != life
