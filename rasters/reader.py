"""Reading windows of a grid: values with scale and offset applied, and which of them are valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np
from osgeo import gdal, ogr

from . import masks
from .grid import Grid, offset_in
from .resampled import GoingOn, Resampled, Window
from .sources import Band, RasterProblem, attempt, last_error, open_raster, short_name

_SMALL = {gdal.GDT_Byte, gdal.GDT_UInt16, gdal.GDT_Int16}  # exact in 32-bit floats, sums of two included
_REAL = {gdal.GDT_Float32, gdal.GDT_Float64}  # may hold NaN, whatever the file calls no value
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
        self._band = self._dataset.GetRasterBand(band.number)
        if self._band.DataType in _COMPLEX:
            raise RasterProblem(f"{self._name} holds complex numbers, which have no index.")
        self._scale = self._band.GetScale() or 1.0
        self._offset = self._band.GetOffset() or shift * self._scale
        self._real = self._band.DataType in _REAL
        small = self._band.DataType in _SMALL and (self._scale, self._offset) == (1.0, 0.0)
        self.type = gdal.GDT_Float32 if small and not exact else gdal.GDT_Float64
        self._origin = offset_in(grid, self._dataset)
        self._resampled = None if self._origin else Resampled(self._dataset, band, grid, resampling)
        self._has_mask = self._band.GetMaskFlags() not in (gdal.GMF_ALL_VALID, gdal.GMF_NODATA)
        self._nodata = self._band.GetNoDataValue() if self._band.GetMaskFlags() == gdal.GMF_NODATA else None
        if self._nodata is not None and self._band.DataType == gdal.GDT_Float32:
            self._nodata = float(np.float32(self._nodata))

    @property
    def tiled(self) -> bool:
        """Whether windows narrower than the image are cheap."""
        return self._resampled is not None or bool(self._band.GetBlockSize()[0] < self._dataset.RasterXSize)

    def read(self, window: Window, going_on: GoingOn) -> Tuple[Any, Optional[Any]]:
        """Values as floats (scaled), and a boolean array of the valid ones (None: all). Raises RasterProblem, Stopped."""
        values, valid = self._pixels(window) if self._resampled is None else self._resampled.read(window, self.type, going_on)
        if self._real:
            known = ~np.isnan(values)
            valid = known if valid is None else valid & known
        if self._scale != 1.0:
            values *= self._scale
        if self._offset:
            values += self._offset
        return values, valid

    def release(self) -> None:
        """Give the memory of blocks back that were read."""
        self._dataset.FlushCache()

    def _pixels(self, window: Window) -> Tuple[Any, Optional[Any]]:
        values = self._array(self._band, window, self.type)
        if self._has_mask:
            return values, self._array(self._band.GetMaskBand(), window, gdal.GDT_Byte) != 0
        return values, None if self._nodata is None else values != self._nodata

    def _array(self, band: Any, window: Window, kind: int) -> Any:
        x, y, width, height = window
        left, top = self._origin or (0, 0)
        values = attempt(lambda: band.ReadAsArray(left + x, top + y, width, height, buf_type=kind))
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

    def read(self, window: Window, going_on: GoingOn) -> Tuple[Dict[str, Any], Optional[Any]]:
        """Values by name, and where all of them can be used (None: everywhere). Raises RasterProblem, Stopped."""
        values: Dict[str, Any] = {}
        valid = None if self._shape is None else _inside(self._shape, self._grid.part(*window))
        for name, reader in self._readers.items():
            values[name], known = reader.read(window, going_on)
            valid = _both(valid, known)
        for kind, reader in self._quality:
            classes, known = reader.read(window, going_on)
            valid = _both(_both(valid, known), masks.usable(kind, classes))
        for reader in self._all():
            reader.release()
        return values, valid

    def _all(self) -> List[BandReader]:
        return [*self._readers.values(), *(reader for _, reader in self._quality)]


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
