"""Downloaded rasters made fast to draw: a cloud optimized GeoTIFF (COG) beside the file, which stays as it was delivered."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import Any, Callable, Optional, Tuple

from ..providers.errors import Cancelled
from .errors import ResultError
from .mosaics import MOSAIC_ENDING

LARGE = 4_000_000  # pixels from which drawing without overviews is slow
_TIFF = (".tif", ".tiff")
_MADE = "_cog.tif"


class Cogs(enum.Enum):
    """When a person wants downloaded rasters turned into COGs."""

    NEVER = "never"
    LARGE = "large"  # those without overviews that are slow to draw
    ALWAYS = "always"


def as_cog(source: Path, wish: Cogs, cancelled: Callable[[], bool]) -> Path:
    """The file to draw: a COG of `source` (a GeoTIFF, or a mosaic of ours), or `source` itself where it is one or none is wanted.

    One that was made before is used again. For worker threads. Raises ResultError, Cancelled.
    """
    if wish is Cogs.NEVER or source.suffix.lower() not in (*_TIFF, MOSAIC_ENDING):
        return source
    target = source.with_name(source.stem + _MADE)
    if not source.exists():  # `inspect` says so
        return target if target.exists() else source
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    from osgeo import gdal

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        opened = gdal.OpenEx(str(source), gdal.OF_RASTER | gdal.OF_READONLY)
        resampling = _resampling(opened, wish)
        if resampling is None:
            return source  # `inspect` says what is wrong with one that cannot be opened
    except RuntimeError:  # somebody switched GDAL's exceptions on
        return source
    finally:
        gdal.PopErrorHandler()
    _write(opened, target, resampling, cancelled)
    return target


def cog_or_source(source: Path, wish: Cogs, cancelled: Callable[[], bool]) -> Tuple[Path, str]:
    """The same; where it cannot be made, the file as it is and a sentence that says so. Raises Cancelled."""
    try:
        return as_cog(source, wish, cancelled), ""
    except ResultError as problem:
        return source, f"It is shown as it was delivered, without overviews. {problem.message}"


def _resampling(opened: Any, wish: Cogs) -> Optional[str]:
    """How overviews are made of a raster; None when no COG is to be made of it."""
    if opened is None or not opened.RasterCount or opened.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG":
        return None
    band = opened.GetRasterBand(1)
    if wish is Cogs.LARGE and (opened.RasterXSize * opened.RasterYSize <= LARGE or band.GetOverviewCount()):
        return None
    from osgeo import gdal

    whole = opened.RasterCount == 1 and not gdal.GetDataTypeName(band.DataType).startswith("Float")
    return "NEAREST" if whole else "AVERAGE"  # whole numbers may be classes, which have no average


def _write(opened: Any, target: Path, resampling: str, cancelled: Callable[[], bool]) -> None:
    from ..rasters.cog import need_space, write_cog
    from ..rasters.resampled import Stopped
    from ..rasters.sources import RasterProblem

    draft = target.with_name(target.name + ".part")
    band = opened.GetRasterBand(1)
    try:
        need_space(target.parent, opened.RasterXSize * opened.RasterYSize * opened.RasterCount * _bytes(band))
        write_cog(opened, draft, resampling, lambda _: not cancelled())
        os.replace(draft, target)
    except Stopped:
        raise Cancelled("Stopped.") from None
    except RasterProblem as problem:
        raise ResultError(f"No COG can be made of it: {problem}") from None
    except OSError as error:
        raise ResultError(f"No COG can be made of it: {target} cannot be written: {error.strerror or error}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _bytes(band: Any) -> int:
    from osgeo import gdal

    return int(gdal.GetDataTypeSize(band.DataType)) // 8
