"""Reading windows of a grid: values with scale and offset applied, and which of them are valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np
from osgeo import gdal, ogr

from . import masks
from .grid import Grid, offset_in
from .sources import Band, RasterProblem, attempt, last_error, open_raster, short_name

Window = Tuple[int, int, int, int]  # column, row, width, height

_SMALL = {gdal.GDT_Byte, gdal.GDT_UInt16, gdal.GDT_Int16}  # exact in 32-bit floats, sums of two included
_COMPLEX = {gdal.GDT_CInt16, gdal.GDT_CInt32, gdal.GDT_CFloat32, gdal.GDT_CFloat64}


@dataclass(frozen=True)
class Quality:
    """A quality band and how it is read (`masks.KINDS`)."""

    band: Band
    kind: str


class BandReader:
    """One band on a grid: read where the pixels fit, resampled where not. Belongs to one thread."""

    def __init__(self, band: Band, grid: Grid, resampling: str, *, exact: bool = False, shift: float = 0.0) -> None:
        self._name = short_name(band.name)
        self._dataset = open_raster(band.name)
        source = self._dataset.GetRasterBand(band.number)
        if source.DataType in _COMPLEX:
            raise RasterProblem(f"{self._name} holds complex numbers, which have no index.")
        self._scale = source.GetScale() or 1.0
        self._offset = source.GetOffset() or shift
        small = source.DataType in _SMALL and (self._scale, self._offset) == (1.0, 0.0)
        self.type = gdal.GDT_Float32 if small and not exact else gdal.GDT_Float64
        origin = offset_in(grid, self._dataset)
        self._origin = origin or (0, 0)
        if origin is None:
            self._dataset = _onto(grid, self._dataset, band, resampling)
        self._band = source if origin else self._dataset.GetRasterBand(1)
        self._has_mask = self._band.GetMaskFlags() not in (gdal.GMF_ALL_VALID, gdal.GMF_NODATA)
        self._nodata = self._band.GetNoDataValue() if self._band.GetMaskFlags() == gdal.GMF_NODATA else None
        if self._nodata is not None and self._band.DataType == gdal.GDT_Float32:
            self._nodata = float(np.float32(self._nodata))

    @property
    def tiled(self) -> bool:
        """Whether windows narrower than the image are cheap."""
        return bool(self._band.GetBlockSize()[0] < self._dataset.RasterXSize)

    def read(self, window: Window) -> Tuple[Any, Optional[Any]]:
        """Values as floats (scaled), and a boolean array of the valid ones (None: all)."""
        values = self._array(self._band, window, self.type)
        valid: Optional[Any] = None
        if self._has_mask:
            valid = self._array(self._band.GetMaskBand(), window, gdal.GDT_Byte) != 0
        elif self._nodata is not None:
            valid = values != self._nodata
        if self._scale != 1.0:
            values *= self._scale
        if self._offset:
            values += self._offset
        return values, valid

    def release(self) -> None:
        """Give the memory of blocks back that were read."""
        self._dataset.FlushCache()

    def _array(self, band: Any, window: Window, kind: int) -> Any:
        x, y, width, height = window
        values = attempt(lambda: band.ReadAsArray(self._origin[0] + x, self._origin[1] + y, width, height, buf_type=kind))
        if values is None:
            raise RasterProblem(f"{self._name} cannot be read{last_error()}.")
        return values


class Scene:
    """All inputs of one computation, window by window, with quality bands and the area applied."""

    def __init__(
        self, grid: Grid, bands: Mapping[str, Band], quality: Tuple[Quality, ...], shape: Any, resampling: str, shift: float, exact: bool
    ) -> None:
        self._grid = grid
        self._readers = {name: BandReader(band, grid, resampling, exact=exact, shift=shift) for name, band in bands.items()}
        self._quality = [(item.kind, BandReader(item.band, grid, "near")) for item in quality]
        self._shape = shape

    @property
    def tiled(self) -> bool:
        return all(reader.tiled for reader in self._all())

    def read(self, window: Window) -> Tuple[Dict[str, Any], Optional[Any]]:
        """Values by name, and where all of them can be used (None: everywhere)."""
        values: Dict[str, Any] = {}
        valid = None if self._shape is None else _inside(self._shape, self._grid.part(*window))
        for name, reader in self._readers.items():
            values[name], known = reader.read(window)
            valid = _both(valid, known)
        for kind, reader in self._quality:
            classes, known = reader.read(window)
            valid = _both(_both(valid, known), masks.usable(kind, classes))
        for reader in self._all():
            reader.release()
        return values, valid

    def _all(self) -> List[BandReader]:
        return [*self._readers.values(), *(reader for _, reader in self._quality)]


def _onto(grid: Grid, dataset: Any, band: Band, resampling: str) -> Any:
    """A virtual dataset of one band on the grid, with an alpha band that tells where there is data."""
    warped = attempt(lambda: gdal.Warp("", _one_band(dataset, band.number), options=_warping(grid, resampling)))
    if warped is None:
        raise RasterProblem(f"{short_name(band.name)} cannot be brought onto the grid of the result{last_error()}.")
    return warped


def _one_band(dataset: Any, number: int) -> Any:
    return gdal.Translate("", dataset, format="VRT", bandList=[number])


def _warping(grid: Grid, resampling: str) -> Any:
    return gdal.WarpOptions(
        format="VRT", dstSRS=grid.wkt, outputBounds=grid.bounds, width=grid.width, height=grid.height, resampleAlg=resampling, dstAlpha=True
    )


def _both(one: Optional[Any], other: Optional[Any]) -> Optional[Any]:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _inside(shape: Any, part: Grid) -> Any:
    """Which pixels of a part have their centre inside the outline."""
    raster = gdal.GetDriverByName("MEM").Create("", part.width, part.height, 1, gdal.GDT_Byte)
    raster.SetGeoTransform(part.transform)
    source = (ogr.GetDriverByName("Memory") or ogr.GetDriverByName("MEM")).CreateDataSource("")
    layer = source.CreateLayer("area", None, ogr.wkbUnknown)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(shape)
    layer.CreateFeature(feature)
    if attempt(lambda: gdal.RasterizeLayer(raster, [1], layer, burn_values=[1]) == 0) is not True:
        raise RasterProblem(f"The area cannot be laid over the images{last_error()}.")
    return raster.ReadAsArray() != 0
