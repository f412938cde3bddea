"""Writing a result: pixels go to a plain scratch file as they are computed, then become a cloud optimized GeoTIFF."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

import numpy as np
from osgeo import gdal

from .grid import Grid
from .resampled import Stopped
from .sources import RasterProblem, attempt, last_error

Progress = Callable[[float], bool]  # share of the work that is done, 0…1; False: stop

SCALE = 10_000  # whole numbers for 1.0 in the scaled output
SMALLEST = -32_768  # its nodata
_TILE = 512
_SPARE = 64 * 2**20  # bytes of disk that are left free


@dataclass(frozen=True)
class Form:
    """How a result is stored: GDAL's type, nodata, how overviews are made, the colours and names of classes."""

    type: int
    nodata: float
    resampling: str = "AVERAGE"
    scale: float = 1.0
    classes: Optional[Mapping[int, Tuple[str, Tuple[int, int, int]]]] = None

    @property
    def bytes(self) -> int:
        return int(gdal.GetDataTypeSize(self.type)) // 8


FLOAT = Form(gdal.GDT_Float32, float("nan"))
SCALED = Form(gdal.GDT_Int16, SMALLEST, scale=1 / SCALE)


class Scratch:
    """An uncompressed file that windows are written to."""

    def __init__(self, path: Path, grid: Grid, form: Form, label: str) -> None:
        self._path, self._form = path, form
        need_space(path.parent, grid.width * grid.height * form.bytes)
        options = ["TILED=YES", f"BLOCKXSIZE={_TILE}", f"BLOCKYSIZE={_TILE}", "BIGTIFF=IF_SAFER"]
        driver = gdal.GetDriverByName("GTiff")
        self._dataset = attempt(lambda: driver.Create(str(path), grid.width, grid.height, 1, form.type, options))
        if self._dataset is None:
            raise RasterProblem(f"{path.parent} cannot be written to{last_error()}.")
        self._dataset.SetGeoTransform(grid.transform)
        self._dataset.SetProjection(grid.wkt)
        self._band = self._dataset.GetRasterBand(1)
        self._describe(label)

    def write(self, values: Any, x: int, y: int) -> None:
        """Write a window whose corner is at column x, row y. Raises RasterProblem."""
        if attempt(lambda: self._put(values, x, y)) is not True:
            raise RasterProblem(f"The scratch file cannot be written{last_error()}.")

    def _put(self, values: Any, x: int, y: int) -> bool:
        failed = self._band.WriteArray(values, x, y)
        self._dataset.FlushCache()  # blocks that wait in memory would grow with the image
        return not failed and gdal.GetLastErrorType() < gdal.CE_Failure

    def finish(self, target: Path, progress: Progress) -> None:
        """Make the cloud optimized GeoTIFF and drop the scratch file. Raises Stopped, RasterProblem."""
        self._dataset.FlushCache()
        try:
            write_cog(self._dataset, target, self._form.resampling, progress)
        finally:
            self.close()

    def close(self) -> None:
        """Drop the scratch file."""
        self._band = self._dataset = None
        for path in (self._path, self._path.with_name(self._path.name + ".aux.xml")):
            path.unlink(missing_ok=True)

    def _describe(self, label: str) -> None:
        band, form = self._band, self._form
        band.SetNoDataValue(form.nodata)
        band.SetDescription(label)
        if form.scale != 1.0:
            band.SetScale(form.scale)
            band.SetOffset(0.0)
        if form.classes:
            colours = gdal.ColorTable()
            for code, (_, colour) in form.classes.items():
                colours.SetColorEntry(code, (*colour, 255))
            band.SetColorTable(colours)
            names = {code: name for code, (name, _) in form.classes.items()}
            band.SetCategoryNames([names[code] for code in sorted(names)])  # GDAL keeps them beside the file
            band.SetMetadata({f"CLASS_{code}": name for code, name in names.items()})  # and these in it


def write_cog(dataset: Any, target: Path, resampling: str, progress: Progress) -> None:
    """Write an opened raster as a cloud optimized GeoTIFF with overviews made anew. Raises Stopped, RasterProblem."""
    options = [
        "COMPRESS=DEFLATE", "LEVEL=1", "PREDICTOR=YES", "NUM_THREADS=ALL_CPUS", "BIGTIFF=IF_SAFER", f"BLOCKSIZE={_TILE}",
        f"RESAMPLING={resampling}", "OVERVIEWS=IGNORE_EXISTING",
    ]  # fmt: skip
    told = _Listener(progress)
    driver = gdal.GetDriverByName("COG")
    with _option("COG_TMP_COMPRESSION", "NONE"):  # overviews wait in a file that is read once
        written = attempt(lambda: driver.CreateCopy(str(target), dataset, options=options, callback=told))
    done = written is not None and attempt(lambda: written.FlushCache() or True) is not None
    if told.stopped:
        raise Stopped
    if not done:
        raise RasterProblem(f"The result cannot be written{last_error()}.")


class _Listener:
    """GDAL's progress callback: tells how far it is and stops it."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self.stopped = progress, False

    def __call__(self, share: float, _message: str, _data: Any) -> int:
        if not self._progress(share):
            self.stopped = True
        return 0 if self.stopped else 1


@contextmanager
def _option(name: str, value: str) -> Iterator[None]:
    """Set an option of GDAL for this thread where GDAL can (3.6 can)."""
    change = getattr(gdal, "SetThreadLocalConfigOption", None)
    if change is None:
        yield
        return
    change(name, value)
    try:
        yield
    finally:
        change(name, None)


def scaled(values: Any) -> Any:
    """Floats as whole numbers of 1/10,000 (int16), NaN as -32768; beyond ±3.2767 they are cut off."""
    numbers = values * np.float32(SCALE)
    np.rint(numbers, out=numbers)
    np.clip(numbers, -32_767, 32_767, out=numbers)
    numbers[np.isnan(numbers)] = SMALLEST
    return numbers.astype(np.int16)


def need_space(folder: Path, size: int) -> None:
    """A scratch file of so many bytes, its overviews and the result fit, or RasterProblem."""
    needed, free = int(size * 2.8) + _SPARE, shutil.disk_usage(folder).free
    if needed > free:
        raise RasterProblem(
            f"The computation needs {needed / 2**20:,.0f} MB of disk, but only {free / 2**20:,.0f} MB are free in {folder}."
        )
