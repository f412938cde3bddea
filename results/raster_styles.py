"""How rasters are drawn: an index on a fixed scale, classes by name, pictures as they are. Main thread only."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import (
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsContrastEnhancement,
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

from .palettes import CLASSES, INDICES, SCL, class_colour
from .rasters import RasterFacts
from .remote import is_remote
from .scripts import EIGHT_BIT

CHANGE = "change_detection"
SCENE_CLASSES = "scl"
PICTURE = "rgb"
BRIGHT = 0.4  # reflectance that is drawn as white; little but cloud and snow is brighter
NO_CLASS = 255  # in files that do not say what stands for no data


def renderer_for(provider: QgsRasterDataProvider, facts: RasterFacts, style: str) -> Optional[QgsRasterRenderer]:
    """How a raster is drawn; None leaves it to QGIS."""
    if facts.bands >= 3 and facts.data_type == "Byte":
        return _picture(provider, facts)
    if facts.bands >= 3 and style == PICTURE and facts.is_continuous:
        return _stretched(provider)
    if facts.is_coded and style == SCENE_CLASSES:
        return QgsPalettedRasterRenderer(provider, 1, _scene_classes(facts))
    if facts.is_coded and facts.data_type == "Byte" and style.endswith(EIGHT_BIT) and style[: -len(EIGHT_BIT)] in INDICES:
        return _index(provider, style[: -len(EIGHT_BIT)], 1.0, 255.0)
    if facts.is_coded and style == CHANGE:
        return QgsPalettedRasterRenderer(provider, 1, change_classes(facts))
    if facts.bands == 1 and facts.palette:
        return QgsPalettedRasterRenderer(provider, 1, _as_is(facts))
    if facts.bands == 1 and facts.is_continuous and style in INDICES:
        return _index(provider, style)
    return None


def change_classes(facts: RasterFacts) -> List[QgsPalettedRasterRenderer.Class]:
    """Every code that occurs or is named, as the file calls and colours it, else as documented and marked as assumed."""
    # without names, codes are known from a part of the pixels only; a code that is not listed would not be drawn
    codes = set(facts.codes) | set(facts.names or range(len(CLASSES)))
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
    codes = [code for code in facts.palette if code != facts.nodata and (code in facts.codes or is_remote(facts.source) or not facts.codes)]
    return [QgsPalettedRasterRenderer.Class(float(code), QColor(*facts.palette[code]), facts.names.get(code, str(code))) for code in codes]


def _picture(provider: QgsRasterDataProvider, facts: RasterFacts) -> QgsMultiBandColorRenderer:
    """Red, green and blue as the file says, without any stretching; a fourth band may be transparency."""
    places = {colour: number + 1 for number, colour in enumerate(facts.colours)}
    renderer = QgsMultiBandColorRenderer(provider, places.get("Red", 1), places.get("Green", 2), places.get("Blue", 3))
    if "Alpha" in places:
        renderer.setAlphaBand(places["Alpha"])
    return renderer


def _stretched(provider: QgsRasterDataProvider) -> QgsMultiBandColorRenderer:
    """Reflectance as the eye expects it, the same for every scene."""
    renderer = QgsMultiBandColorRenderer(provider, 1, 2, 3)
    for band, put in ((1, renderer.setRedContrastEnhancement), (2, renderer.setGreenContrastEnhancement),
                      (3, renderer.setBlueContrastEnhancement)):
        stretch = QgsContrastEnhancement(provider.dataType(band))
        stretch.setMinimumValue(0.0)
        stretch.setMaximumValue(BRIGHT)
        stretch.setContrastEnhancementAlgorithm(QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum)
        put(stretch)
    renderer.setMinMaxOrigin(QgsRasterMinMaxOrigin())  # a scale that does not follow what is seen
    return renderer


def _scene_classes(facts: RasterFacts) -> List[QgsPalettedRasterRenderer.Class]:
    """The classes that occur, or all of them where that is not known."""
    occurring = [code for code in facts.codes if code < len(SCL)] or range(len(SCL))
    return [
        QgsPalettedRasterRenderer.Class(float(code), QColor(SCL[code][1]), _label(_tr(SCL[code][0]), code, assumed=False))
        for code in occurring if code != facts.nodata
    ]  # fmt: skip


def _index(provider: QgsRasterDataProvider, style: str, lowest: float = -1.0, highest: float = 1.0) -> QgsSingleBandPseudoColorRenderer:
    """An index between −1 and 1, for which the file has the numbers from `lowest` to `highest`."""
    colours, low, high = INDICES[style]
    steps = [number / (len(colours) - 1) for number in range(len(colours))]
    stops = [QgsGradientStop(step, QColor(colour)) for step, colour in zip(steps[1:-1], colours[1:-1])]
    ramp = QgsGradientColorRamp(QColor(colours[0]), QColor(colours[-1]), False, stops)
    shading = QgsColorRampShader(lowest, highest, ramp, QgsColorRampShader.Interpolated, QgsColorRampShader.Continuous)
    places = [lowest + step * (highest - lowest) for step in steps]
    shading.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(at, QColor(colour), f"{2 * step - 1:g}") for at, step, colour in zip(places, steps, colours)]
    )
    legend = QgsColorRampLegendNodeSettings()
    legend.setMinimumLabel(_tr("−1 {} (fixed scale)").format(_tr(low)))
    legend.setMaximumLabel(_tr("1 {} (fixed scale)").format(_tr(high)))
    shading.setLegendSettings(legend)
    shader = QgsRasterShader(lowest, highest)
    shader.setRasterShaderFunction(shading)
    renderer = QgsSingleBandPseudoColorRenderer(provider, 1, shader)
    renderer.setClassificationMin(lowest)
    renderer.setClassificationMax(highest)
    renderer.setMinMaxOrigin(QgsRasterMinMaxOrigin())  # a scale that does not follow what is seen
    return renderer


def _tr(text: str) -> str:
    return QCoreApplication.translate("RasterStyles", text)
