"""Tables that are made while their results arrive, as seen from outside: the processes, what they leave, what is in the tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundtrack.results.geojson import convert
from groundtrack.results.tables import GENERIC
from osgeo import ogr

LONG = 60.0  # s that a slow machine may need


def wait(holds: Callable[[], Any], what: str = "") -> None:
    """Return when it holds, without an event loop."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def workers(folder: Path) -> list[int]:
    """Processes that make a table in this folder or below it, of any parent."""
    found, place = [], os.fsencode(folder)
    for entry in Path("/proc").iterdir():
        try:
            told = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if any(b"apart" in part for part in told) and any(part == place or part.startswith(place + b"/") for part in told):
            found.append(int(entry.name))
    return found


def left(folder: Path) -> list[str]:
    """What belongs to tables that are not complete."""
    return [path.name for path in folder.rglob("*-arriving-*")]


def rows(path: Path, layer: str = "") -> list[Any]:
    """Everything in a table, in its order."""
    opened = ogr.Open(str(path))
    assert opened is not None
    found = opened.GetLayerByName(layer) if layer else opened.GetLayer(0)
    return [(row.GetFID(), row.items(), row.geometry().ExportToWkt()) for row in found]


def converted(source: Path, spec: Any = GENERIC) -> Path:
    """The table that is made of the complete file."""
    other = source.with_name("after.gpkg")
    convert(source, other, spec, progress=lambda share: None, cancelled=lambda: False)
    return other
