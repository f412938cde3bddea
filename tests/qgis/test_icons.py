"""Every icon can be told from a light and from a dark theme's background at its smallest size."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.PyQt.QtGui import QColor, QImage, QPainter
from qgis.PyQt.QtSvg import QSvgRenderer

ICONS = sorted((Path(__file__).resolve().parents[2] / "ui" / "icons").glob("*.svg"))
THEMES = {"light": "#f4f4f4", "dark": "#2b2b2b"}


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def _contrast(one: QColor, other: QColor) -> float:
    low, high = sorted([_luminance(one), _luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icon_stands_out_at_16_pixels(path: Path, theme: str) -> None:
    background = QColor(THEMES[theme])
    image = QImage(16, 16, QImage.Format.Format_ARGB32)
    image.fill(background)
    painter = QPainter(image)
    renderer = QSvgRenderer(str(path))
    renderer.render(painter)
    painter.end()
    assert renderer.isValid()
    clear = [1 for x in range(16) for y in range(16) if _contrast(image.pixelColor(x, y), background) > 2.5]
    assert len(clear) >= 20
