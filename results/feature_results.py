"""The results of many features together: each carries its feature's id, all become one layer, or figures beside the features.

For worker threads, but for `group_job`.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from osgeo import gdal, ogr

from ..jobs.downloads import safe_name
from ..jobs.group import PART, Group
from ..jobs.job import Job, State
from ..providers.cancel import Cancel
from .cogs import Cogs
from .errors import ResultError
from .facts import table_of
from .mosaics import MOSAIC_ENDING, UnlikeGrids, mosaic
from .prepare import Prepared, prepare, prepared_rasters, tables_in
from .tables import TableSpec

FEATURE_FIELD = "feature_id"
NOTHING = "None of the results has shapes that can be merged."
UNLIKE = "The rasters do not have the same CRS, pixel size and bands, so they cannot become one. Load them one by one."
NOT_MERGED = "The results could not be merged into {path}. Check free space and permissions of the folder."


@dataclass(frozen=True)
class Figures:
    """What the jobs of one feature came to. `count` of detections and `mean` of the first band are None where there are none."""

    jobs: Tuple[Job, ...]
    count: Optional[int] = None
    mean: Optional[float] = None


def is_here(job: Job) -> bool:
    """Whether the files of a job are on this disk."""
    return job.state in (State.FETCHED, State.LOADED) and bool(job.files)


def feature_of(job: Job) -> str:
    """The id of the feature that a member stands for, without the number of its part."""
    return job.member.partition(PART)[0]


def prepare_member(job: Job, cancelled: Callable[[], bool], cogs: Cogs = Cogs.NEVER) -> Tuple[Prepared, ...]:
    """Like `prepare`; shapes then carry the id of their feature."""
    made = prepare(job, table_of(job), progress=lambda share: None, cancelled=cancelled, cogs=cogs)
    for item in made:
        if item.raster is None:
            _carry(item, feature_of(job))
    return made


def group_job(group: Group, jobs: Sequence[Job]) -> Job:
    """The job that stands for all of a batch: asked like the first one, under the group's own id."""
    return jobs[0].changed(id=group.id, member="", remote_id="", message="", files=(), layers=(), request={**jobs[0].request, "aoi": None})


def free_path(group: Group, jobs: Sequence[Job], name: str) -> Path:
    """Where a file of a batch goes: beside the folders of its jobs, never over one that a layer may have open."""
    day = time.strftime("%Y-%m-%d", time.gmtime(group.created_at))
    folder = Path(jobs[0].folder).parent / safe_name(f"{day}_batch_{group.id[:8]}")
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{name}_{number}.gpkg" if number > 1 else f"{name}.gpkg" for number in count(1))
    return next(folder / free for free in names if not (folder / free).exists())


def merge(jobs: Sequence[Job], target: Path, cancel: Cancel) -> Tuple[Prepared, ...]:
    """One table of the shapes of all results, or one each for areas, lines and points; one mosaic for each output where they are rasters.

    Raises ResultError, Cancelled.
    """
    merged: Any = None
    rasters: Dict[str, List[Path]] = {}
    spec = table_of(jobs[0])
    with _quiet():
        for job in jobs:
            for made in prepare_member(job, cancel.is_set):
                cancel.check()
                if made.raster is None:
                    merged = _append(merged, made, target, spec)
                else:
                    rasters.setdefault(made.path.stem, []).append(made.path)
        there = merged is not None
        merged = None  # closes the file
    if not there and rasters:
        return _mosaics(jobs[0], rasters, target, cancel)
    if not there:
        raise ResultError(NOTHING)
    found = tables_in(target, spec)
    if not found:
        raise ResultError(NOT_MERGED.format(path=target))
    return found


def _mosaics(job: Job, rasters: Dict[str, List[Path]], target: Path, cancel: Cancel) -> Tuple[Prepared, ...]:
    """A mosaic that copies nothing for each output of the jobs."""
    try:
        made = [mosaic(paths, target.with_name(f"{target.stem}_{stem}{MOSAIC_ENDING}")) for stem, paths in rasters.items()]
    except UnlikeGrids:
        raise ResultError(UNLIKE) from None
    return prepared_rasters(job, made, Cogs.NEVER, cancel.is_set)


def figures(jobs: Iterable[Job], cancel: Cancel) -> Dict[str, Figures]:
    """What came of each feature, by its id. Raises Cancelled; a result that cannot be read has no figures."""
    found: Dict[str, Figures] = {}
    with _quiet():
        for job in jobs:
            cancel.check()
            known = found.get(feature_of(job), Figures(()))
            number, mean = _look_into(job, cancel) if is_here(job) else (None, None)
            counted = known.count if number is None else number + (known.count or 0)
            found[feature_of(job)] = Figures((*known.jobs, job), counted, _together(known, mean))
    return found


def _together(known: Figures, mean: Optional[float]) -> Optional[float]:
    """The mean of the parts so far and of one more, each counting alike."""
    if known.mean is None or mean is None:
        return mean if known.mean is None else known.mean
    return (known.mean * len(known.jobs) + mean) / (len(known.jobs) + 1)


def _look_into(job: Job, cancel: Cancel) -> Tuple[Optional[int], Optional[float]]:
    try:
        made = prepare_member(job, cancel.is_set)
    except ResultError:
        return None, None
    shapes = [item.matched for item in made if item.raster is None]
    rasters = [item for item in made if item.raster is not None]
    return (sum(shapes) if shapes else None), (_mean(rasters[0].path) if rasters else None)


def _mean(path: Path) -> Optional[float]:
    """Mean of the first band, where it has a value."""
    opened = gdal.OpenEx(str(path), gdal.OF_RASTER | gdal.OF_READONLY)
    if opened is None:
        return None
    try:
        return float(opened.GetRasterBand(1).ComputeStatistics(False)[2])
    except RuntimeError:  # no pixel has a value, and somebody switched GDAL's exceptions on
        return None


def _append(merged: Any, made: Prepared, target: Path, spec: TableSpec) -> Any:
    from .families import family_of, table_name

    source = gdal.OpenEx(str(made.path), gdal.OF_VECTOR | gdal.OF_READONLY)
    layer = source.GetLayerByName(made.layer) if source is not None else None
    family = family_of(layer.GetGeomType() if layer is not None else ogr.wkbPolygon)
    options = ["-nln", table_name(spec, family), "-unsetFid", "-nlt", "PROMOTE_TO_MULTI"]
    if merged is None:
        result = gdal.VectorTranslate(str(target), source, options=["-f", "GPKG", *options, made.layer])
    else:
        result = gdal.VectorTranslate(merged, source, options=["-update", "-append", "-addfields", *options, made.layer])
    if not result:
        raise ResultError(NOT_MERGED.format(path=target))
    return result if merged is None else merged


def _carry(made: Prepared, feature: str) -> None:
    """Give every shape the feature's id, once."""
    with _quiet():
        opened = gdal.OpenEx(str(made.path), gdal.OF_VECTOR | gdal.OF_UPDATE, allowed_drivers=["GPKG"])
        layer = opened.GetLayerByName(made.layer) if opened is not None else None
        if layer is None:
            raise ResultError(NOT_MERGED.format(path=made.path))
        if layer.GetLayerDefn().GetFieldIndex(FEATURE_FIELD) >= 0:
            return
        layer.CreateField(ogr.FieldDefn(FEATURE_FIELD, ogr.OFTString))
        text = feature.replace("'", "''")
        table = made.layer.replace('"', '""')
        opened.ExecuteSQL(f"UPDATE \"{table}\" SET {FEATURE_FIELD} = '{text}'")  # nosec B608: both are quoted  # noqa: S608


@contextmanager
def _quiet() -> Iterator[None]:
    """GDAL's messages stay off the console."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    finally:
        gdal.PopErrorHandler()
