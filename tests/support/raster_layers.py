"""Raster files like those that services deliver, and what a person sees of their layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal, osr
from qgis.core import (
    QgsLayerTreeModelLegendNode,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

NAMES = ("no change", "vegetation gain", "vegetation loss", "built-up gain", "water change")


def tiff(path: Path, *bands: Any, nodata: float | None = None, palette: dict[int, tuple[int, ...]] | None = None,
         names: dict[int, str] | None = None, crs: bool = True, options: tuple[str, ...] = ()) -> Path:  # fmt: skip
    """A GeoTIFF of the given arrays: 10 m pixels in UTM zone 32."""
    types = {"float32": gdal.GDT_Float32, "uint8": gdal.GDT_Byte, "int16": gdal.GDT_Int16}
    height, width = bands[0].shape
    made = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(bands), types[str(bands[0].dtype)], list(options))
    if crs:
        system = osr.SpatialReference()
        system.ImportFromEPSG(32632)
        made.SetProjection(system.ExportToWkt())
        made.SetGeoTransform((600_000, 10, 0, 5_400_000, 0, -10))
    band = made.GetRasterBand(1)
    if palette:  # before any pixel
        table = gdal.ColorTable()
        for code, colour in palette.items():
            table.SetColorEntry(code, colour)
        band.SetColorTable(table)
    for number, values in enumerate(bands, 1):
        made.GetRasterBand(number).WriteArray(values)
        if nodata is not None:
            made.GetRasterBand(number).SetNoDataValue(nodata)
    for code, name in (names or {}).items():
        band.SetMetadataItem(f"class_{code}", name)
    made = None
    return path


def ramp(low: float = -1.0, high: float = 1.0) -> Any:
    """200 x 100 pixels rising from left to right, the upper right quarter without data."""
    values = np.tile(np.linspace(low, high, 200, dtype=np.float32), (100, 1))
    values[:50, 100:] = np.nan
    return values


def codes(*numbers: int) -> Any:
    """Columns of 20 pixels, one for each code."""
    return np.repeat(np.array(numbers, np.uint8)[None, :], 20, axis=1).repeat(20, axis=0)


def picture(layer: QgsRasterLayer, width: int = 200, height: int = 100) -> QImage:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(width, height))
    settings.setBackgroundColor(QColor(255, 0, 255))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def shade(image: QImage, x: int, y: int) -> str:
    return image.pixelColor(x, y).name()


def legend(layer: QgsRasterLayer) -> list[str]:
    """The words of the layer's legend."""
    from qgis.core import QgsLayerTree, QgsLayerTreeModel

    QgsProject.instance().addMapLayer(layer, False)
    tree = QgsLayerTree()
    node = tree.addLayer(layer)
    model = QgsLayerTreeModel(tree)
    nodes: list[QgsLayerTreeModelLegendNode] = model.layerLegendNodes(node)
    words = [str(item.data(0) or "") for item in nodes]
    renderer = layer.renderer()
    if hasattr(renderer, "shader") and renderer.shader():
        settings = renderer.shader().rasterShaderFunction().legendSettings()
        words += [settings.minimumLabel(), settings.maximumLabel()]
    return [word for word in words if word]


def labels(layer: QgsRasterLayer) -> dict[int, str]:
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    return {int(item.value): item.label for item in renderer.classes()}
