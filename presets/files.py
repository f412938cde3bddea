"""Presets in JSON files: one, or several as {"schema": 3, "presets": […]}. For workers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Sequence, Tuple

from .preset import SCHEMA, Preset, PresetError, from_dict, parse_json

LARGEST = 8 * 1024 * 1024  # bytes
MOST = 200  # presets in a file
_LONGEST_STEM = 60


def read_presets(path: Path) -> Tuple[Preset, ...]:
    """Every preset of a file, at least one. Raises PresetError."""
    data = parse_json(_text(path), path.name)
    if not isinstance(data, dict) or not isinstance(data.get("presets"), list):
        return (from_dict(data, path.name),)
    found = data["presets"]
    if not found:
        raise PresetError(f"The preset file {path.name} is empty.")
    if len(found) > MOST:
        raise PresetError(f"The preset file {path.name} holds {len(found)} presets; at most {MOST} are read.")
    return tuple(from_dict(item, f"{path.name} ({number})") for number, item in enumerate(found, 1))


def write_presets(path: Path, presets: Sequence[Preset]) -> None:
    """Write one or several presets; the file is there whole or not at all. Raises PresetError."""
    several = {"schema": SCHEMA, "presets": [preset.to_dict() for preset in presets]}
    data = presets[0].to_dict() if len(presets) == 1 else several
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(data, indent=2, ensure_ascii=False, default=list) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise PresetError(f"The preset file {path} cannot be written: {error.strerror or error}.") from None


def file_stem(name: str) -> str:
    """A file name without ending for a preset, the same on every system."""
    return re.sub(r"[^\w-]+", "_", name)[:_LONGEST_STEM].strip("_") or "preset"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise PresetError(f"The preset {path.name} is too large.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PresetError(f"The preset {path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        raise PresetError(f"The preset {path.name} is not JSON.") from None
