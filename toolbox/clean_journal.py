"""The journal of a run: what services say is written down without secrets, whatever a service puts into its messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from ..jobs.job import Job
from ..jobs.journal import Journal
from ..network import home

_SAID = ("message", "details", "warning", "word")


class CleanJournal(Journal):
    """`scrub` takes secrets out of a text."""

    def __init__(self, path: Path, scrub: Callable[[str], str]) -> None:
        super().__init__(path)
        self._scrub = scrub

    def change(self, identity: str, *, back: bool = False, **changes: Any) -> Job:
        cleaned = {name: self._scrub(value) if name in _SAID else value for name, value in changes.items()}
        return super().change(identity, back=back, **cleaned)


def open_journal() -> Journal:
    """The journal that the dock uses too, for reading."""
    return Journal(home() / "journal.sqlite")
