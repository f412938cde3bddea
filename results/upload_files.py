"""Raster files that shall be uploaded: looked into, and exported where they are no GeoTIFF. For worker threads."""

from __future__ import annotations

import math
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Tuple

from ..providers.cancel import Cancel
from ..providers.imagery_check import RasterFile
from .errors import ResultError

DEGREE = 111_320.0  # m
_ENDINGS = (".tif", ".tiff")
_OPTIONS = ["COMPRESS=DEFLATE", "TILED=YES", "BIGTIFF=IF_SAFER", "NUM_THREADS=ALL_CPUS"]


def look_into(path: Path) -> RasterFile:
    """What a file holds. Reads its header only. Raises ResultError with a sentence."""
    with _opened(path) as (gdal, raster):
        crs, wgs84, geographic = _system(raster)
        box = _bounds(raster) if crs else None
        geotiff = raster.GetDriver().ShortName == "GTiff" and path.suffix.lower() in _ENDINGS
        return RasterFile(
            path, path.stat().st_size, raster.RasterXSize, raster.RasterYSize, raster.RasterCount,
            gdal.GetDataTypeName(raster.GetRasterBand(1).DataType), crs, wgs84,
            _pixel(raster, geographic, crs, box) if crs else None, box, geotiff,
        )  # fmt: skip


def export(path: Path, target: Path, report: Callable[[float], None], cancel: Cancel) -> Path:
    """Write a raster as a GeoTIFF to `target`; `report` gets 0…1. Raises ResultError, Cancelled; nothing is left behind then."""
    part = target.with_name(f"{target.name}.part")

    def go_on(share: float, *_: Any) -> int:
        report(share)
        return 0 if cancel.is_set() else 1

    try:
        with _opened(path) as (gdal, raster):
            made = gdal.Translate(str(part), raster, format="GTiff", creationOptions=_OPTIONS, callback=go_on)
            cancel.check()
            if made is None:
                raise ResultError(f"{path.name} cannot be written as a GeoTIFF: {gdal.GetLastErrorMsg() or 'the disk may be full'}.")
            del made
        part.replace(target)
    except OSError as error:
        raise ResultError(f"{path.name} cannot be written as a GeoTIFF: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return target


@contextmanager
def _opened(path: Path) -> Iterator[Tuple[Any, Any]]:
    from osgeo import gdal

    if not path.is_file():
        raise ResultError(f"There is no file {path.name}. Only rasters that are files on this computer can be uploaded.")
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        raster = gdal.OpenEx(str(path), gdal.OF_RASTER | gdal.OF_READONLY)
        if raster is None or not raster.RasterCount:
            raise ResultError(f"{path.name} is not a raster that can be read.")
        yield gdal, raster
    except RuntimeError:  # somebody switched GDAL's exceptions on
        raise ResultError(f"{path.name} is not a raster that can be read.") from None
    finally:
        gdal.PopErrorHandler()


def _system(raster: Any) -> Tuple[str, bool, bool]:
    """Name of the CRS, whether it rests on WGS 84, whether it is in degrees."""
    reference = raster.GetSpatialRef()
    if reference is None:
        return "", True, False
    authority, code = reference.GetAuthorityName(None), reference.GetAuthorityCode(None)
    name = f"{authority}:{code}" if authority and code else reference.GetName() or "of its own"
    datum = (reference.GetAttrValue("DATUM") or "").upper().replace("_", " ")
    return name, "WGS" in datum and "84" in datum, bool(reference.IsGeographic())


def _bounds(raster: Any) -> Optional[Tuple[float, float, float, float]]:
    from osgeo import osr

    moved = raster.GetGeoTransform(can_return_null=True)
    if moved is None:
        return None
    width, height = raster.RasterXSize, raster.RasterYSize
    corners = [(moved[0] + x * moved[1] + y * moved[2], moved[3] + x * moved[4] + y * moved[5])
               for x, y in ((0, 0), (width, 0), (width, height), (0, height))]  # fmt: skip
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    own = raster.GetSpatialRef().Clone()
    for system in (own, degrees):
        system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    points = osr.CoordinateTransformation(own, degrees).TransformPoints(corners)
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return (min(xs), min(ys), max(xs), max(ys)) if all(map(math.isfinite, (*xs, *ys))) else None


def _pixel(raster: Any, geographic: bool, crs: str, box: Optional[Tuple[float, float, float, float]]) -> Optional[float]:
    """Height of a pixel on the ground in m."""
    moved = raster.GetGeoTransform(can_return_null=True)
    if moved is None:
        return None
    step = math.hypot(moved[4], moved[5])
    if geographic:
        return step * DEGREE
    metres = step * float(raster.GetSpatialRef().GetLinearUnits() or 1.0)
    middle = (box[1] + box[3]) / 2 if box else 0.0
    return metres * math.cos(math.radians(middle)) if crs == "EPSG:3857" else metres
