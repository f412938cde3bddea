"""Uploads on disk while they go on, so that after a crash one can look whether the image arrived before it is sent again."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Tuple

QUIET = 60.0  # s without a sign of life after which an upload of another QGIS counts as interrupted

log = logging.getLogger("groundtrack")


@dataclass(frozen=True)
class Note:
    """An upload that was begun. `known` are the ids of the images that were in the mosaic before; `began` is Unix time in s."""

    id: str
    account_key: str
    mosaic_id: str
    mosaic_name: str
    path: str
    size: int
    known: Tuple[str, ...]
    began: float


class UploadNotes:
    """One file for each upload in a folder that several QGIS may share. For worker threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, note: Note) -> None:
        """Durable when this returns. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._place(note.id).with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(note), file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._place(note.id))

    def touch(self, identity: str) -> None:
        """A sign of life."""
        with suppress(OSError):
            os.utime(self._place(identity))

    def drop(self, identity: str) -> None:
        """The upload has an end that is known."""
        with suppress(OSError):
            self._place(identity).unlink()

    def left_behind(self) -> Tuple[Note, ...]:
        """Uploads that nobody carries on, the oldest first."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                if time.time() - path.stat().st_mtime > QUIET:
                    told = json.loads(path.read_text(encoding="utf-8"))
                    found.append(Note(**{**told, "known": tuple(told["known"])}))
            except (OSError, ValueError, TypeError, KeyError) as error:
                log.info("%s tells of no upload: %s", path.name, error)
        return tuple(sorted(found, key=lambda note: note.began))

    def _place(self, identity: str) -> Path:
        return self._folder / f"{identity}.json"
