"""Who reads a file along while it arrives. Those who can live elsewhere and are handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional, Protocol

from ..providers.cancel import Cancel
from .job import Job


class Reader(Protocol):
    """Makes something of a file whose bytes are still coming. Never fails: what it cannot make is made later from the whole file."""

    @property
    def behind(self) -> int:
        """Bytes that have arrived and are not taken in yet; 0 when nothing is being made."""

    def grown(self, part: Path, size: int, total: Optional[int] = None) -> None:
        """The file has this many bytes in `part` now, of `total` if known. Fewer than before: it begins again. Returns at once."""

    def catch_up(self, cancel: Cancel, tell: Callable[[], None]) -> None:
        """All bytes have arrived: return when they are taken in. `tell` is called now and then. Raises Cancelled."""

    def placed(self) -> None:
        """The file is complete and has its own name: what was made of it may be seen now."""

    def stop(self) -> None:
        """Nothing more comes. What was not `placed` is taken away again. Returns at once."""


Reads = Callable[[Job, Path], Optional[Reader]]  # a job, and the name its file will have


def nobody_reads(job: Job, target: Path) -> Optional[Reader]:
    """The policy that leaves files alone until they are complete."""
    return None
