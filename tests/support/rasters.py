"""Small rasters for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import numpy as np
from groundtrack.aoi import Aoi
from osgeo import gdal, gdal_array, osr


def write_raster(
    path: Path,
    bands: list[Any],
    *,
    origin: tuple[float, float] = (500000.0, 5000000.0),
    pixel: float = 10.0,
    epsg: Optional[int] = 32631,
    names: tuple[str, ...] = (),
    nodata: Optional[float] = None,
    rotation: float = 0.0,
    scale: Optional[float] = None,
    offset: Optional[float] = None,
    options: tuple[str, ...] = (),
) -> str:
    """A GeoTIFF of 2D arrays of one type; its path as text."""
    height, width = bands[0].shape
    kind = gdal_array.NumericTypeCodeToGDALTypeCode(bands[0].dtype)
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(bands), kind, list(options))
    dataset.SetGeoTransform((origin[0], pixel, rotation, origin[1], rotation, -pixel))
    if epsg is not None:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetProjection(crs.ExportToWkt())
    for number, values in enumerate(bands, 1):
        band = dataset.GetRasterBand(number)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if scale is not None:
            band.SetScale(scale)
        if offset is not None:
            band.SetOffset(offset)
        if names:
            band.SetDescription(names[number - 1])
        band.WriteArray(values)
    del band, dataset
    return str(path)


def read_raster(path: Path) -> Any:
    """The first band as an array."""
    dataset = gdal.Open(str(path))
    return dataset.GetRasterBand(1).ReadAsArray()


def area_of(corners: list[tuple[float, float]], epsg: int = 32631) -> Aoi:
    """The area of a closed ring in a CRS."""
    there, here = osr.SpatialReference(), osr.SpatialReference()
    there.ImportFromEPSG(4326)
    here.ImportFromEPSG(epsg)
    for crs in (there, here):
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    move = osr.CoordinateTransformation(here, there)
    return Aoi(((tuple((x, y) for x, y, _ in move.TransformPoints(corners)),),))


def flat(value: float, shape: tuple[int, int] = (20, 30), kind: Any = np.uint16) -> Any:
    """An array of one value."""
    return np.full(shape, value, kind)
