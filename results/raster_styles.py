"""How rasters are drawn: an index on a fixed scale, classes by name, pictures as they are. Main thread only."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import (
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterDataProvider,
    QgsRasterMinMaxOrigin,
    QgsRasterRenderer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QColor

from .palettes import CLASSES, INDICES, class_colour
from .rasters import RasterFacts

CHANGE = "change_detection"
NO_CLASS = 255  # in files that do not say what stands for no data


def renderer_for(provider: QgsRasterDataProvider, facts: RasterFacts, style: str) -> Optional[QgsRasterRenderer]:
    """How a raster is drawn; None leaves it to QGIS."""
    if facts.bands >= 3 and facts.data_type == "Byte":
        return _picture(provider, facts)
    if facts.is_coded and style == CHANGE:
        return QgsPalettedRasterRenderer(provider, 1, change_classes(facts))
    if facts.bands == 1 and facts.palette:
        return QgsPalettedRasterRenderer(provider, 1, _as_is(facts))
    if facts.bands == 1 and facts.is_continuous and style in INDICES:
        return _index(provider, style)
    return None


def change_classes(facts: RasterFacts) -> List[QgsPalettedRasterRenderer.Class]:
    """Every code that occurs or is named, as the file calls and colours it, else as documented and marked as assumed."""
    codes = set(facts.codes) | set(facts.names) or set(range(len(CLASSES)))
    if facts.nodata is None and not facts.names and NO_CLASS in codes:
        codes.discard(NO_CLASS)
    found = []
    for number, code in enumerate(sorted(codes - {facts.nodata})):
        name, assumed = facts.names.get(code, ""), False
        if not name and not facts.names and code < len(CLASSES):
            name, assumed = CLASSES[code][0], True
        default = QColor(class_colour(name, number))
        colour = QColor(*facts.palette[code]) if code in facts.palette else default
        found.append(QgsPalettedRasterRenderer.Class(float(code), colour, _label(name, code, assumed)))
    return found


def _label(name: str, code: int, assumed: bool) -> str:
    if not name:
        return _tr("Unknown class {}").format(code)
    text = name[:1].upper() + name[1:]
    return _tr("{} (assumed)").format(text) if assumed else text


def _as_is(facts: RasterFacts) -> List[QgsPalettedRasterRenderer.Class]:
    codes = [code for code in facts.palette if code != facts.nodata]
    return [QgsPalettedRasterRenderer.Class(float(code), QColor(*facts.palette[code]), facts.names.get(code, str(code))) for code in codes]


def _picture(provider: QgsRasterDataProvider, facts: RasterFacts) -> QgsMultiBandColorRenderer:
    """Red, green and blue as the file says, without any stretching; a fourth band may be transparency."""
    places = {colour: number + 1 for number, colour in enumerate(facts.colours)}
    renderer = QgsMultiBandColorRenderer(provider, places.get("Red", 1), places.get("Green", 2), places.get("Blue", 3))
    if "Alpha" in places:
        renderer.setAlphaBand(places["Alpha"])
    return renderer


def _index(provider: QgsRasterDataProvider, style: str) -> QgsSingleBandPseudoColorRenderer:
    colours, low, high = INDICES[style]
    steps = [number / (len(colours) - 1) for number in range(len(colours))]
    stops = [QgsGradientStop(step, QColor(colour)) for step, colour in zip(steps[1:-1], colours[1:-1])]
    ramp = QgsGradientColorRamp(QColor(colours[0]), QColor(colours[-1]), False, stops)
    shading = QgsColorRampShader(-1.0, 1.0, ramp, QgsColorRampShader.Interpolated, QgsColorRampShader.Continuous)
    shading.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(2 * step - 1, QColor(colour), f"{2 * step - 1:g}") for step, colour in zip(steps, colours)]
    )
    legend = QgsColorRampLegendNodeSettings()
    legend.setMinimumLabel(_tr("−1 {} (fixed scale)").format(_tr(low)))
    legend.setMaximumLabel(_tr("1 {} (fixed scale)").format(_tr(high)))
    shading.setLegendSettings(legend)
    shader = QgsRasterShader(-1.0, 1.0)
    shader.setRasterShaderFunction(shading)
    renderer = QgsSingleBandPseudoColorRenderer(provider, 1, shader)
    renderer.setClassificationMin(-1.0)
    renderer.setClassificationMax(1.0)
    fixed = QgsRasterMinMaxOrigin()
    fixed.setLimits(QgsRasterMinMaxOrigin.None_)
    renderer.setMinMaxOrigin(fixed)
    return renderer


def _tr(text: str) -> str:
    return QCoreApplication.translate("RasterStyles", text)
