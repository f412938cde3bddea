"""The file that a download grows in, and the note beside it that says whose and which file it is."""

from __future__ import annotations

import json
import os
from itertools import count
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping

LONGEST_NAME = 120  # bytes; leaves room for the endings of parts and notes
LONGEST_SUFFIX = 12

_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10))])


def safe_name(name: str) -> str:
    """A file name that no file system objects to, its ending kept."""
    cleaned = "".join("_" if letter in _FORBIDDEN or ord(letter) < 32 else letter for letter in name).strip(". ") or "result"
    stem, suffix = os.path.splitext(cleaned)
    if len(suffix) > LONGEST_SUFFIX:
        stem, suffix = cleaned, ""
    if stem.partition(".")[0].lower() in _RESERVED:
        stem = f"_{stem}"
    return stem.encode()[: LONGEST_NAME - len(suffix.encode())].decode(errors="ignore") + suffix


class Part:
    """A target file while it is not complete. `owner` tells jobs apart that deliver into one folder."""

    def __init__(self, target: Path, owner: str) -> None:
        self.target = target
        self.owner = owner
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def known(self) -> Mapping[str, Any]:
        """What the note says: owner, validator of the service's file ("" when it gave none), total bytes or None."""
        try:
            known: Any = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def claim(self) -> bool:
        """Whether the name is ours, or was still free and is ours now."""
        if self.known.get("owner") == self.owner:
            return True
        if self.target.exists() or self.path.exists():
            return False
        try:
            with self._note.open("x", encoding="utf-8") as note:
                json.dump({"owner": self.owner}, note)
        except FileExistsError:
            return False
        return True

    def remember(self, **known: Any) -> None:
        """Note which file the part belongs to; never its link."""
        fresh: Dict[str, Any] = {"owner": self.owner, **known}
        draft = self._note.with_name(self._note.name + ".new")
        draft.write_text(json.dumps(fresh), encoding="utf-8")
        os.replace(draft, self._note)

    def drop(self) -> None:
        """Begin again; the name stays ours."""
        self.path.unlink(missing_ok=True)

    def complete(self) -> Path:
        """The part becomes the file, in one step. The note stays until `settle`."""
        os.replace(self.path, self.target)
        return self.target


def place(folder: Path, name: str, owner: str, known: Iterable[str]) -> Part:
    """Where a file of this name goes: a numbered name where that of another job is in the way. `known` files are ours already."""
    stem, suffix = os.path.splitext(safe_name(name))
    ours = set(known)
    target = folder / f"{stem}{suffix}"
    for number in count(2):
        part = Part(target, owner)
        if (str(target) in ours and target.exists()) or part.claim():
            break
        target = folder / f"{stem}_{number}{suffix}"
    return part


def settle(paths: Iterable[Path]) -> None:
    """Remove the notes of files that the journal knows by now."""
    for path in paths:
        path.with_name(path.name + ".part.json").unlink(missing_ok=True)
