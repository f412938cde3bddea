"""Where the style of a vector result lies."""

from __future__ import annotations

from pathlib import Path

STYLES = Path(__file__).parent / "styles"
_GENERIC = STYLES / "polygons.qml"


def style_path(key: str) -> Path:
    """The QML file named `key`; a general one for polygons when there is none of that name."""
    path = STYLES / f"{key}.qml"
    return path if key.isidentifier() and path.is_file() else _GENERIC
