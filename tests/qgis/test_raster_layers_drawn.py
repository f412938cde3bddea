"""Delivered rasters as layers: how values, classes and palettes are drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from groundtrack.results.raster_layers import raster_layer
from groundtrack.results.rasters import inspect
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsColorRampShader,
)
from qgis.PyQt.QtGui import QColor
from support.raster_layers import NAMES, codes, labels, legend, picture, ramp, shade, tiff


def test_an_index_is_drawn_on_a_fixed_scale_with_a_legend_that_says_so(tmp_path: Path) -> None:
    layer = raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp(0.2, 0.4), nodata=float("nan")))), "ndvi", "NDVI")
    renderer = layer.renderer()
    assert (renderer.classificationMin(), renderer.classificationMax()) == (-1, 1)
    assert renderer.shader().rasterShaderFunction().colorRampType() == QgsColorRampShader.Interpolated
    words = " ".join(legend(layer))
    assert "−1" in words
    assert "fixed scale" in words


def test_equal_values_have_equal_colours_in_every_scene(tmp_path: Path) -> None:
    wide = raster_layer(inspect(str(tiff(tmp_path / "a.tif", ramp(-1, 1)))), "ndvi", "a")
    narrow = raster_layer(inspect(str(tiff(tmp_path / "b.tif", np.full((100, 200), 0.5, np.float32)))), "ndvi", "b")
    assert QColor(shade(picture(wide), 149, 80)).hslHue() == pytest.approx(QColor(shade(picture(narrow), 10, 10)).hslHue(), abs=3)


def test_vegetation_is_green_bare_ground_is_brown_no_data_is_transparent(tmp_path: Path) -> None:
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp(), nodata=float("nan")))), "ndvi", "NDVI"))
    green, brown = image.pixelColor(180, 80), image.pixelColor(30, 80)
    assert green.green() > max(green.red(), green.blue())
    assert brown.red() > brown.green() > brown.blue()
    assert shade(image, 150, 20) == "#ff00ff"


def test_whole_numbers_that_stand_for_an_index_look_like_the_index(tmp_path: Path) -> None:
    values = ramp()
    floats = picture(raster_layer(inspect(str(tiff(tmp_path / "a.tif", values, nodata=float("nan")))), "ndvi", "a"))
    whole = np.where(np.isnan(values), -32768, np.rint(np.nan_to_num(values) * 10_000)).astype(np.int16)
    path = tiff(tmp_path / "b.tif", whole, nodata=-32768)
    opened = gdal.Open(str(path), gdal.GA_Update)
    opened.GetRasterBand(1).SetScale(1 / 10_000)
    opened = None
    facts = inspect(str(path), index=True)
    assert (facts.low, facts.high, facts.codes, facts.warnings) == (pytest.approx(-1), pytest.approx(1), (), ())
    layer = raster_layer(facts, "ndvi", "b")
    assert "fixed scale" in " ".join(legend(layer))
    image = picture(layer)
    for x in (10, 60, 99, 140, 190):
        for one, other in zip(floats.pixelColor(x, 80).getRgb(), image.pixelColor(x, 80).getRgb()):
            assert abs(one - other) <= 2
    assert shade(image, 150, 20) == "#ff00ff"


def test_lightness_falls_evenly_on_both_sides(tmp_path: Path) -> None:
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp()))), "ndvi", "NDVI"))
    for value in (20, 45, 70):
        left, right = image.pixelColor(99 - value, 80), image.pixelColor(100 + value, 80)
        luminance = [0.2126 * c.redF() ** 2.2 + 0.7152 * c.greenF() ** 2.2 + 0.0722 * c.blueF() ** 2.2 for c in (left, right)]
        assert luminance[0] == pytest.approx(luminance[1], rel=0.15)


def test_classes_named_by_the_file_win(tmp_path: Path) -> None:
    named = {0: "no change", 1: "water change", 2: "vegetation loss"}
    path = tiff(tmp_path / "change.tif", codes(0, 1, 2), nodata=255, names=named, palette={1: (1, 2, 3, 255), 2: (9, 8, 7, 255)})
    layer = raster_layer(inspect(str(path)), "change_detection", "Change")
    assert labels(layer) == {0: "No change", 1: "Water change", 2: "Vegetation loss"}
    assert shade(picture(layer, 60, 20), 30, 10) == "#010203"


def test_classes_without_names_get_the_documented_ones_marked_as_assumed(tmp_path: Path) -> None:
    layer = raster_layer(inspect(str(tiff(tmp_path / "change.tif", codes(0, 1, 2, 3, 4, 255)))), "change_detection", "Change")
    assert labels(layer) == {code: f"{name[0].upper()}{name[1:]} (assumed)" for code, name in enumerate(NAMES)}
    assert shade(picture(layer, 120, 20), 110, 10) == "#ff00ff"  # 255: no data


def test_a_class_that_was_not_seen_is_drawn_all_the_same(tmp_path: Path) -> None:
    facts = replace(inspect(str(tiff(tmp_path / "change.tif", codes(0, 1, 4)))), codes=(0, 1))  # as from an overview of a remote file
    layer = raster_layer(facts, "change_detection", "Change")
    assert shade(picture(layer, 60, 20), 50, 10) != "#ff00ff"


def test_a_palette_lists_the_colours_that_occur(tmp_path: Path) -> None:
    path = tiff(tmp_path / "ndvi.tif", codes(1, 2), palette={code: (code, 20, 30, 255) for code in range(200)})
    assert set(labels(raster_layer(inspect(str(path), index=True), "ndvi", "NDVI"))) == {1, 2}


def test_unknown_codes_are_shown_as_unknown(tmp_path: Path) -> None:
    path = tiff(tmp_path / "change.tif", codes(0, 1, 9, 255), nodata=255)
    layer = raster_layer(inspect(str(path)), "change_detection", "Change")
    assert labels(layer)[9] == "Unknown class 9"
    assert labels(layer)[1] == "Vegetation gain (assumed)"
    image = picture(layer, 80, 20)
    assert shade(image, 50, 10) not in ("#ff00ff", shade(image, 10, 10), shade(image, 30, 10))
    assert shade(image, 70, 10) == "#ff00ff"


def test_category_names_and_attribute_tables_are_read(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", codes(0, 1))
    opened = gdal.Open(str(path), gdal.GA_Update)
    opened.GetRasterBand(1).SetCategoryNames(["nothing", "something"])
    opened = None
    assert inspect(str(path)).names == {0: "nothing", 1: "something"}

    other = tiff(tmp_path / "b.tif", codes(0, 7))
    opened, table = gdal.Open(str(other), gdal.GA_Update), gdal.RasterAttributeTable()
    table.CreateColumn("value", gdal.GFT_Integer, gdal.GFU_MinMax)
    table.CreateColumn("class", gdal.GFT_String, gdal.GFU_Name)
    table.SetRowCount(1)
    table.SetValueAsInt(0, 0, 7)
    table.SetValueAsString(0, 1, "flood")
    opened.GetRasterBand(1).SetDefaultRAT(table)
    opened = None
    assert labels(raster_layer(inspect(str(other)), "change_detection", "b"))[7] == "Flood"


def test_a_palette_is_left_as_it_is(tmp_path: Path) -> None:
    path = tiff(tmp_path / "ndvi.tif", codes(1, 2), palette={1: (10, 20, 30, 255), 2: (200, 100, 50, 255)})
    image = picture(raster_layer(inspect(str(path), index=True), "ndvi", "NDVI"), 40, 20)
    assert (shade(image, 10, 10), shade(image, 30, 10)) == ("#0a141e", "#c86432")


@pytest.mark.parametrize("alpha", [False, True])
def test_a_picture_is_left_as_it_is(tmp_path: Path, alpha: bool) -> None:
    bands = [np.full((20, 40), value, np.uint8) for value in (10, 120, 200)]
    options = ("PHOTOMETRIC=RGB", "ALPHA=YES") if alpha else ("PHOTOMETRIC=RGB",)
    bands += [np.repeat(np.array([[255, 0]], np.uint8), 20, axis=1).repeat(20, axis=0)] if alpha else []
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", *bands, options=options))), "ndvi", "NDVI"), 40, 20)
    assert shade(image, 10, 10) == "#0a78c8"
    assert (shade(image, 30, 10) == "#ff00ff") is alpha


def test_the_layer_is_dated(tmp_path: Path) -> None:
    first, last = (dt.datetime(year, 5, 4, 10, 30, 21, tzinfo=dt.timezone.utc) for year in (2025, 2026))
    layer = raster_layer(inspect(str(tiff(tmp_path / "change.tif", codes(0, 1)))), "change_detection", "Change", (first, last))
    properties = layer.temporalProperties()
    assert properties.isActive()
    assert properties.mode() == Qgis.RasterTemporalMode.FixedTemporalRange
    assert properties.fixedTemporalRange().begin().toSecsSinceEpoch() == first.timestamp()
    assert properties.fixedTemporalRange().end().toSecsSinceEpoch() == last.timestamp()
