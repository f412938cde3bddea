"""Arrays as files: cloud-optimised GeoTIFFs and small pictures, made in memory with GDAL."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .astra_grid import SIDE, Cell

COG = "image/tiff; application=geotiff; profile=cloud-optimized"
MEDIA = {"cog": COG, "geotiff": "image/tiff; application=geotiff", "png": "image/png", "jpeg": "image/jpeg"}
DRIVERS = {"cog": ("COG", ["COMPRESS=DEFLATE", "BLOCKSIZE=256"]), "geotiff": ("GTiff", ["COMPRESS=DEFLATE"]),
           "png": ("PNG", []), "jpeg": ("JPEG", [])}
TYPES = {"uint8": 1, "uint16": 2, "float32": 6}
_names = count(1)


@dataclass
class Raster:
    """One raster: `array` of shape (bands, n, n), what is no data, and how classes are called and coloured."""

    array: Any
    cell: Cell
    nodata: float | None = None
    colours: list[tuple[int, ...]] = field(default_factory=list)
    names: tuple[str, ...] = ()

    @property
    def transform(self) -> tuple[float, ...]:
        """GDAL's six numbers."""
        x, y = self.cell.origin
        # whole metres: 333 Landsat pixels of 30 m end 10 m before the cell does
        pixel = float(SIDE // self.array.shape[-1])
        return x, pixel, 0.0, y, 0.0, -pixel

    def encoded(self, form: str = "cog") -> bytes:
        """The bytes of a file; form is one of DRIVERS."""
        from osgeo import gdal

        driver, options = DRIVERS[form]
        path = f"/vsimem/simulator_{next(_names)}"
        source = self._in_memory(gdal)
        made = gdal.GetDriverByName(driver).CreateCopy(path, source, options=options)
        if made is None:
            raise RuntimeError(f"{driver}: {gdal.GetLastErrorMsg()}")
        del made
        data = _read(gdal, path)
        for left in (path, f"{path}.aux.xml"):
            if gdal.VSIStatL(left) is not None:
                gdal.Unlink(left)
        return data

    def _in_memory(self, gdal: Any) -> Any:
        total, height, across = self.array.shape
        made = gdal.GetDriverByName("MEM").Create("", across, height, total, TYPES[str(self.array.dtype)])
        made.SetGeoTransform(self.transform)
        made.SetProjection(_projection(self.cell.epsg))
        for number in range(1, total + 1):
            band = made.GetRasterBand(number)
            band.WriteRaster(0, 0, across, height, self.array[number - 1].tobytes())
            if self.nodata is not None:
                band.SetNoDataValue(self.nodata)
        if total >= 3:
            for number in range(1, total + 1):
                made.GetRasterBand(number).SetColorInterpretation(gdal.GCI_RedBand + number - 1)
        self._describe(gdal, made.GetRasterBand(1))
        return made

    def _describe(self, gdal: Any, band: Any) -> None:
        if self.colours:
            table = gdal.ColorTable()
            for index, colour in enumerate(self.colours):
                table.SetColorEntry(index, tuple(int(part) for part in colour))
            band.SetColorTable(table)
        for index, name in enumerate(self.names):
            band.SetMetadataItem(f"class_{index}", name)


def _projection(epsg: int) -> str:
    from osgeo import osr

    system = osr.SpatialReference()
    system.ImportFromEPSG(epsg)
    return str(system.ExportToWkt())


def _read(gdal: Any, path: str) -> bytes:
    size = gdal.VSIStatL(path).size
    handle = gdal.VSIFOpenL(path, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, size, handle))
    finally:
        gdal.VSIFCloseL(handle)
