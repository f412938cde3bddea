"""What a job's evalscript tells of its result: how it is drawn, what it is called, and the notes that it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..evalscripts.library import ENTRIES, Entry, find

NOTES_FILE = "userdata.json"
EIGHT_BIT = "_8bit"  # ends the styles of indices that are delivered as 1…255
_LONGEST_NAME = 60
_MOST_NOTES = 64 * 1024  # bytes of a notes file that are read


def entry_of(values: Mapping[str, Any]) -> Optional[Entry]:
    """The script of the library that a request names or holds, None for any other."""
    text = values.get("evalscript")
    if not isinstance(text, str) or not text.strip():
        return None
    if len(text) < _LONGEST_NAME:
        return find(text)
    words = text.split()
    return next((entry for entry in ENTRIES if entry.script.split() == words), None)


def script_style(values: Mapping[str, Any]) -> str:
    """How the result of a request's script is drawn; "" when that is not known."""
    entry = entry_of(values)
    if entry is None:
        return ""
    return entry.key if entry.style == f"index{EIGHT_BIT}" else entry.style


def notes_of(files: Sequence[str]) -> Tuple[Tuple[str, str], ...]:
    """What a script wrote down beside its pixels, as names and texts. For worker threads."""
    path = next((Path(name) for name in files if Path(name).name == NOTES_FILE), None)
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_MOST_NOTES).decode("utf-8", "replace"))
    except (OSError, ValueError):
        return ()
    if not isinstance(told, Mapping):
        return (("userdata", _text(told)),)
    found: List[Tuple[str, str]] = [(str(name), _text(value)) for name, value in told.items()]
    return tuple(found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
