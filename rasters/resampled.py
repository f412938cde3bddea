"""A band whose pixels do not fit the grid of the result, brought onto it window by window."""

from __future__ import annotations

from typing import Any, Callable, Optional, Tuple

from osgeo import gdal

from .grid import Grid
from .sources import Band, RasterProblem, attempt, last_error, short_name

Window = Tuple[int, int, int, int]  # column, row, width, height
GoingOn = Callable[[], bool]  # False: stop

_MEMORY = 64  # MB that GDAL may take for the pixels of one step


class Stopped(Exception):
    """The person stopped it."""


class Resampled:
    """Belongs to one thread. A window that stands for very many pixels of the file is given up half-way when it has to stop."""

    def __init__(self, dataset: Any, band: Band, grid: Grid, resampling: str) -> None:
        self._name = short_name(band.name)
        self._grid = grid
        self._resampling = resampling
        self._source = attempt(lambda: gdal.Translate("", dataset, format="VRT", bandList=_with_alpha(dataset, band.number)))
        if self._source is None:
            raise RasterProblem(f"{self._name} cannot be brought onto the grid of the result{last_error()}.")

    def read(self, window: Window, kind: int, going_on: GoingOn) -> Tuple[Any, Any]:
        """Values as floats, and which of them there are. Raises RasterProblem, Stopped."""
        part = self._grid.part(*window)
        warped = attempt(lambda: gdal.Warp("", self._source, options=self._options(part, kind, going_on)))
        if not going_on():
            raise Stopped
        if warped is None:
            raise RasterProblem(f"{self._name} cannot be brought onto the grid of the result{last_error()}.")
        return warped.GetRasterBand(1).ReadAsArray(), warped.GetRasterBand(2).ReadAsArray() != 0

    def _options(self, part: Grid, kind: int, going_on: GoingOn) -> Any:
        return gdal.WarpOptions(
            format="MEM", dstSRS=self._grid.wkt, outputBounds=part.bounds, width=part.width, height=part.height, outputType=kind,
            resampleAlg=self._resampling, dstAlpha=True, warpMemoryLimit=_MEMORY,
            callback=lambda *_: 1 if going_on() else 0,
        )  # fmt: skip


def _with_alpha(dataset: Any, number: int) -> Tuple[int, ...]:
    """The band, and the one that tells where the image is transparent: GDAL leaves that out when it takes bands one by one."""
    alpha: Optional[int] = next(
        (
            item
            for item in range(1, dataset.RasterCount + 1)
            if dataset.GetRasterBand(item).GetColorInterpretation() == gdal.GCI_AlphaBand and item != number
        ),
        None,
    )
    return (number,) if alpha is None else (number, alpha)
