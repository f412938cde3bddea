"""What a STAC item that lies beside a file tells about the file's bands."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, List, Mapping, Sequence
from urllib.parse import unquote

_LARGEST = 2 * 2**20  # bytes of an item


def bands_beside(name: str, count: int) -> Sequence[Mapping[str, Any]]:
    """The bands of a local file as the item lists them (`eo:bands`, or `bands` since STAC 1.1), () when nothing fits."""
    path = Path(name)
    for place in _places(path):
        with suppress(OSError, ValueError, RecursionError):
            if place.stat().st_size <= _LARGEST:
                found = _bands(json.loads(place.read_text(encoding="utf-8")), path.name)
                if len(found) == count:
                    return found
    return ()


def _places(path: Path) -> Sequence[Path]:
    """Where tools put the item: under the file's or the folder's name, or as item.json."""
    names = (f"{path.stem}.json", f"{path.name}.json", f"{path.stem}_stac.json", "item.json", f"{path.parent.name}.json")
    return tuple(path.with_name(name) for name in names)


def _bands(item: Any, file_name: str) -> List[Mapping[str, Any]]:
    assets = item.get("assets") if isinstance(item, dict) else None
    for asset in assets.values() if isinstance(assets, dict) else ():
        if isinstance(asset, dict) and PurePosixPath(unquote(str(asset.get("href", "")).partition("?")[0])).name == file_name:
            listed = asset.get("eo:bands") or asset.get("bands")
            return [band for band in listed if isinstance(band, dict)] if isinstance(listed, list) else []
    return []
