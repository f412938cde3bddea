"""Tiles of one area that was too large for one job: which jobs belong together, and the one raster that is made of their results.

Jobs belong together when they ask for the same but for the tile. So a tile that failed and is run again takes its place among the others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Tuple

from ..jobs.job import Job, State
from .cogs import Cogs
from .errors import ResultError
from .mosaics import MOSAIC_ENDING, mosaic
from .prepare import NO_LAYER, Prepared, prepared_rasters
from .rasters import ENDINGS

TILE = "tile"  # the input that makes the difference


def tile_of(job: Job) -> str:
    """The part of the whole area that a job covers, "" for all of it."""
    return str(_values(job).get(TILE) or "")


def tiles_of(job: Job, jobs: Iterable[Job]) -> Tuple[Job, ...]:
    """The newest job of each tile of the area that `job` is a tile of, always in the same order; empty when it is none."""
    if not tile_of(job):
        return ()
    newest: Dict[str, Job] = {}
    for other in jobs:
        known = newest.get(tile_of(other))
        if _together(job, other) and (known is None or other.created_at > known.created_at):
            newest[tile_of(other)] = other
    return tuple(newest[tile] for tile in sorted(newest, key=_place)) if len(newest) > 1 else ()


def is_here(job: Job) -> bool:
    """Whether a tile's files are on this disk."""
    return job.state in (State.FETCHED, State.LOADED) and bool(job.files)


def whole_job(tiles: Tuple[Job, ...]) -> Job:
    """The job that stands for all tiles: the first one, asking for the whole area."""
    first = tiles[0]
    values = {name: value for name, value in _values(first).items() if name != TILE}
    return first.changed(request={**first.request, "values": values})


def prepare_whole(tiles: Tuple[Job, ...], cogs: Cogs, cancelled: Callable[[], bool]) -> Tuple[Prepared, ...]:
    """Join the tiles' files: one mosaic for each output, or one COG where that is wanted. For worker threads.

    Raises ResultError, Cancelled.
    """
    outputs: Dict[str, List[Path]] = {}
    for tile in tiles:
        for path in map(Path, tile.files):
            if path.suffix.lower() in ENDINGS:
                outputs.setdefault(path.name, []).append(path)
    if not outputs:
        raise ResultError(NO_LAYER)
    if any(len(paths) < len(tiles) for paths in outputs.values()):
        raise ResultError("The tiles do not have the same files, so they cannot be put together.")
    made = [mosaic(paths, paths[0].with_name(f"whole_{paths[0].stem}{MOSAIC_ENDING}")) for paths in outputs.values()]
    return prepared_rasters(whole_job(tiles), made, cogs, cancelled)


def _together(job: Job, other: Job) -> bool:
    if not tile_of(other) or (job.account_key, job.operation) != (other.account_key, other.operation):
        return False
    return _same_values(_values(job), _values(other)) and _equal(job.request.get("aoi"), other.request.get("aoi"))


def _same_values(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(_equal(one.get(name), other.get(name)) for name in {*one, *other} - {TILE})


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where a list is a tuple."""
    return bool(one == other) or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _place(tile: str) -> Tuple[int, ...]:
    """Rows from the top, each from the left."""
    parts = [int(part) if part.strip().isdigit() else 0 for part in tile.split(",")]
    return (parts[1], parts[0]) if len(parts) > 1 else tuple(parts)


def _values(job: Job) -> Mapping[str, Any]:
    return job.request.get("values") or {}
