"""Tiles of one grid put together: a VRT, which copies nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Sequence

from .errors import ResultError

MOSAIC_ENDING = ".vrt"


class UnlikeGrids(ResultError):
    """The rasters do not fit together."""


def mosaic(tiles: Sequence[Path], target: Path) -> Path:
    """Make `target` a VRT over rasters of one grid; tiles below its folder are named relatively. Raises ResultError.

    The tiles must share CRS, pixel size and bands, as those of one split request do; they meet without seams then.
    """
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        _check([str(tile) for tile in tiles], gdal)
        draft = target.with_name(target.name + ".part")
        made = gdal.BuildVRT(str(draft), [str(tile) for tile in tiles])
        whole = made is not None and made.RasterCount > 0
        made = None  # written when it is closed
        if not whole:
            raise ResultError("The tiles cannot be put together.")
        _settle(draft, target)
    except RuntimeError as error:  # somebody switched GDAL's exceptions on
        raise ResultError(f"The tiles cannot be put together: {error}.") from None
    finally:
        gdal.PopErrorHandler()
    return target


def _settle(draft: Path, target: Path) -> None:
    """One that is there already and says the same stays, with its date: what was made of it is good still."""
    if target.exists() and target.read_bytes() == draft.read_bytes():
        draft.unlink()
    else:
        os.replace(draft, target)


def _check(names: Sequence[str], gdal: Any) -> None:
    """Tiles of different grids would be drawn with seams, or not at all."""
    kinds = set()
    for name in names:
        opened = gdal.OpenEx(name, gdal.OF_RASTER | gdal.OF_READONLY)
        if opened is None:
            raise ResultError(f"{Path(name).name} cannot be opened.")
        place = opened.GetGeoTransform()
        kinds.add((opened.GetProjection(), opened.RasterCount, opened.GetRasterBand(1).DataType, round(place[1], 9), round(place[5], 9)))
    if len(kinds) != 1:
        raise UnlikeGrids("The tiles do not have the same CRS, pixel size and bands, so they cannot be put together.")
