"""The journal that the dock uses too."""

from __future__ import annotations

from ..jobs.journal import Journal
from ..network import home


def open_journal() -> Journal:
    """For reading and changing jobs that are there."""
    return Journal(home() / "journal.sqlite")
