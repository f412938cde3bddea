"""Delivered files made ready to be drawn. For worker threads: no Qt, no QGIS objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional, Sequence, Tuple

from ..jobs.job import Job
from .arriving import VECTOR_ENDINGS, sweep
from .cogs import Cogs, cog_or_source
from .errors import ResultError
from .facts import delivers_rasters, operation_of, style_of
from .mosaics import MOSAIC_ENDING
from .rasters import ENDINGS, INDEX_STYLES, RasterFacts, inspect
from .scripts import entry_of, notes_of
from .tables import TableSpec

NO_LAYER = "The result holds no file that Groundtrack can draw. Look at the files in the job’s folder."


@dataclass(frozen=True)
class Prepared:
    """A file that was opened once and found good. `matched` of `features` are detections, `charts` tells of a side file with charts.

    `raster` is set for rasters, which count as one feature. `notes` are names and texts that came with the result.
    """

    path: Path
    layer: str
    title: str
    features: int
    matched: int
    extent: Optional[Tuple[float, float, float, float]]
    charts: bool = False
    warnings: Tuple[str, ...] = ()
    raster: Optional[RasterFacts] = None
    notes: Tuple[Tuple[str, str], ...] = ()


def prepare(
    job: Job, spec: TableSpec, *, progress: Callable[[float], None], cancelled: Callable[[], bool], cogs: Cogs = Cogs.NEVER
) -> Tuple[Prepared, ...]:
    """Turn each delivered file into one a layer opens from at once; what was made before is used again, edits included.

    `cogs`: which rasters are turned into COGs. Raises ResultError for a person to read, Cancelled.
    """
    sources = [] if delivers_rasters(job) else [Path(name) for name in job.files if Path(name).suffix.lower() in VECTOR_ENDINGS]
    pictures = [Path(name) for name in job.files if Path(name).suffix.lower() in ENDINGS]
    rasters = prepared_rasters(job, pictures, cogs, cancelled)
    if not sources and not rasters:
        if job.links:  # the layers are made of those
            return ()
        raise ResultError(NO_LAYER)

    def share(number: int) -> Callable[[float], None]:
        return lambda done: progress((number + done) / len(sources))

    tables = [made for number, source in enumerate(sources) for made in _prepared(source, spec, share(number), cancelled)]
    return (*tables, *rasters)


def prepared_rasters(job: Job, paths: Sequence[Path], cogs: Cogs, cancelled: Callable[[], bool]) -> Tuple[Prepared, ...]:
    """Rasters are looked into, and turned into COGs where that is wanted. Raises ResultError, Cancelled."""
    title = title_of(job)
    notes, found = notes_of(job.files) if paths else (), []
    for delivered in paths:
        path, complaint = cog_or_source(delivered, cogs, cancelled)
        facts = inspect(str(path), index=style_of(job) in INDEX_STYLES, own_mosaic=path.suffix == MOSAIC_ENDING)
        name = title if len(paths) == 1 else f"{title}, {delivered.stem}"
        warnings = (*facts.warnings, complaint) if complaint else facts.warnings
        found.append(Prepared(path, "", name, 1, 1, facts.extent, warnings=warnings, raster=facts, notes=notes))
    return tuple(found)


def title_of(job: Job) -> str:
    """What a raster result is called: as its script where it is one of the library, else as its task."""
    operation, script = operation_of(job), entry_of(job.request.get("values") or {})
    return script.title if script else operation.title if operation else job.title or job.operation


def _prepared(source: Path, spec: TableSpec, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Tuple[Prepared, ...]:
    from .families import take_apart
    from .geojson import convert

    target = source.with_suffix(".gpkg")
    sweep(target)
    if _is_current(target, source):
        take_apart(target, spec, cancelled)
        made = tables_in(target, spec)
        if made:
            return made
    converted = convert(source, target, spec, progress=progress, cancelled=cancelled)
    take_apart(target, spec, cancelled)
    made = tables_in(target, spec, converted.warnings)
    if not made:
        raise ResultError("The layer’s file was written but cannot be opened. Load the result again.")
    return made


def tables_in(path: Path, spec: TableSpec, warnings: Tuple[str, ...] = ()) -> Tuple[Prepared, ...]:
    """The finished tables of a result, one for each family of shapes; empty when one of them cannot be opened."""
    from .charts import charts_path
    from .families import COLLECTIONS, OTHERS, specs_in, table_name

    found = []
    for own in specs_in(path, spec):
        read = read_back(path, own, warnings)
        if read is None:
            return ()
        features, matched, extent, told = read
        if own.layer == table_name(spec, OTHERS):
            told = (*told, COLLECTIONS)
        found.append(Prepared(path, own.layer, own.title, features, matched, extent, charts_path(path).exists(), told))
    return tuple(found)


def _is_current(target: Path, source: Path) -> bool:
    return target.exists() and (not source.exists() or target.stat().st_mtime >= source.stat().st_mtime)


def read_back(
    path: Path, spec: TableSpec, warnings: Tuple[str, ...] = ()
) -> Optional[Tuple[int, int, Optional[Tuple[float, float, float, float]], Tuple[str, ...]]]:
    """Features, detections and extent of a finished table, None when it cannot be opened."""
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        opened = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["GPKG"])
        layer = opened.GetLayerByName(spec.layer) if opened else None
        if layer is None:
            return None
        features = matched = layer.GetFeatureCount()
        west, east, south, north = layer.GetExtent() if features else (0.0, 0.0, 0.0, 0.0)
        if spec.change_field and layer.GetLayerDefn().GetFieldIndex(spec.change_field) >= 0:
            layer.SetAttributeFilter(f'ABS("{spec.change_field}") >= {spec.change_threshold}')
            matched = layer.GetFeatureCount()
        told = warnings or tuple((layer.GetMetadataItem("DESCRIPTION") or "").splitlines())
        return features, matched, (west, south, east, north) if features else None, told
    except RuntimeError:  # somebody switched GDAL's exceptions on
        return None
    finally:
        gdal.PopErrorHandler()
