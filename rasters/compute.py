"""A computation from its declaration to its file: what is read, what is made of it, how it is stored."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

import numpy as np
from osgeo import gdal

from ..aoi import Aoi
from . import change, cog, summary
from .cog import FLOAT, SCALED, Form, Progress, Scratch
from .grid import Grid, Ground, common_grid, outline
from .indices import NORMALIZED, Formula, normalized
from .reader import Quality, Scene
from .resampled import Stopped, Window
from .sources import Band
from .stats import ClassStats, ValueStats

Arrays = Dict[str, Any]

_ROWS, _COLUMNS = 512, 2048  # of a window of tiled images: a whole number of tiles, small enough to let other threads run
_PIXELS = _ROWS * _COLUMNS  # of a window of striped images, which are read over their whole width
_CACHE = 128 * 2**20  # bytes that GDAL may keep of blocks while a computation runs
_COMPUTING = 0.4  # share of the time until the file is written


@dataclass(frozen=True)
class Task:
    """What to compute. `bands` by name; for a change the names begin with `before.` and `after.`.

    `index` is a key of NORMALIZED, a Formula, or the threshold of a change. `resolution` in units of the first band's CRS. `shift` is added
    to bands that declare no offset themselves.
    """

    title: str
    index: Union[str, Formula, float]
    bands: Mapping[str, Band]
    quality: Tuple[Quality, ...] = ()
    aoi: Optional[Aoi] = None
    grid: str = "finer"
    resolution: Optional[float] = None
    resampling: str = "bilinear"
    whole_numbers: bool = False
    shift: float = 0.0

    def common_grid(self) -> Grid:
        """Opens the sources. Raises RasterProblem when they cannot be computed together."""
        names = list(dict.fromkeys([band.name for band in self.bands.values()] + [item.band.name for item in self.quality]))
        model = list(dict.fromkeys(band.name for band in self.bands.values()))
        grid = common_grid(model, grid=self.grid, resolution=self.resolution, aoi=self.aoi)
        if len(names) > len(model):
            common_grid([model[0], *names[len(model) :]], aoi=self.aoi)
        return grid

    @property
    def form(self) -> Form:
        if isinstance(self.index, float):
            return Form(gdal.GDT_Byte, change.NODATA, "MODE", classes=change.CLASSES)
        return SCALED if self.whole_numbers else FLOAT


def run(task: Task, target: Path, progress: Progress) -> None:
    """Compute a task into `target`, with its statistics beside it. Raises RasterProblem, Stopped; then nothing is left."""
    with _little_cache():
        grid = task.common_grid()
        scratch = Scratch(target.with_name(target.name + ".scratch.tif"), grid, task.form, task.title)
        try:
            facts = _fill(task, grid, scratch, lambda share: progress(share * _COMPUTING))
            scratch.finish(target, lambda share: progress(_COMPUTING + share * (1 - _COMPUTING)))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            scratch.close()
        summary.write(target, {"title": task.title, **facts})


def _fill(task: Task, grid: Grid, scratch: Scratch, progress: Progress) -> Mapping[str, Any]:
    """Compute every window; the statistics of all."""
    shape = outline(task.aoi, grid.wkt) if task.aoi is not None else None
    scene = Scene(grid, task.bands, task.quality, shape, task.resampling, task.shift, exact=isinstance(task.index, Formula))
    store = _Classes(scratch) if isinstance(task.index, float) else _Values(scratch, task.form, grid.width * grid.height)
    calculate = _calculation(task)
    ground = Ground(grid.wkt)
    windows = _windows(grid, scene.tiled)
    for number, window in enumerate(windows):
        share = number / len(windows)
        if not progress(share):
            raise Stopped
        bands, valid = scene.read(window, partial(progress, share))
        store.take(calculate(bands), valid, window, ground.pixel_hectares(grid.part(*window)))
    return store.stats.result()


def _calculation(task: Task) -> Callable[[Arrays], Any]:
    index = task.index
    if isinstance(index, str):
        high, low = NORMALIZED[index]
        return lambda bands: normalized(bands[high], bands[low])
    if isinstance(index, float):
        threshold = index
        return lambda bands: change.classify(_of_date(bands, "before."), _of_date(bands, "after."), threshold)
    return index


def _of_date(bands: Arrays, date: str) -> Arrays:
    return {name[len(date) :]: values for name, values in bands.items() if name.startswith(date)}


class _Values:
    """Stores windows of an index as floats or whole numbers."""

    def __init__(self, scratch: Scratch, form: Form, pixels: int) -> None:
        self._scratch, self._whole = scratch, form is SCALED
        self.stats = ValueStats(pixels)

    def take(self, values: Any, valid: Optional[Any], window: Window, pixel_hectares: float) -> None:
        with np.errstate(over="ignore"):
            values = values.astype(np.float32, copy=False)
        known = np.isfinite(values) if valid is None else np.isfinite(values) & valid
        if known.all():
            known = None
        self.stats.add(values, known, pixel_hectares)
        if known is not None:
            values[~known] = np.nan
        self._scratch.write(cog.scaled(values) if self._whole else values, window[0], window[1])


class _Classes:
    """Stores windows of classes."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self.stats = ClassStats({code: name for code, (name, _) in change.CLASSES.items()})

    def take(self, classes: Any, valid: Optional[Any], window: Window, pixel_hectares: float) -> None:
        if valid is not None:
            classes[~valid] = change.NODATA
        self.stats.add(classes, pixel_hectares)
        self._scratch.write(classes, window[0], window[1])


def _windows(grid: Grid, tiled: bool) -> List[Window]:
    """Windows that cover the grid, row by row."""
    columns = _COLUMNS if tiled else grid.width
    rows = _ROWS if tiled else max(1, min(_ROWS, _PIXELS // grid.width))
    return [
        (x, y, min(columns, grid.width - x), min(rows, grid.height - y))
        for y in range(0, grid.height, rows)
        for x in range(0, grid.width, columns)
    ]


@contextmanager
def _little_cache() -> Iterator[None]:
    """Keep GDAL from filling a twentieth of the memory with blocks that are read once."""
    before = gdal.GetCacheMax()
    gdal.SetCacheMax(min(before, _CACHE))
    try:
        yield
    finally:
        gdal.SetCacheMax(before)
