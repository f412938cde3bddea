"""Every style loads, needs no attribute, and can be seen over white and over dark, near and far."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundtrack.results.styling import STYLES, style_path
from groundtrack.results.tables import GENERIC, TABLES
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

SIZE = 200
METRE = 1 / 111_320
WHITE, DARK = "#ffffff", "#1c2b33"
KEYS = [spec.style for spec in (*TABLES.values(), GENERIC)]


def square(side: float, x: float = 0.0) -> str:
    """`side` and `x` in metres, around longitude and latitude 0."""
    west, east, half = (x - side / 2) * METRE, (x + side / 2) * METRE, side / 2 * METRE
    return f"POLYGON(({west} {-half},{east} {-half},{east} {half},{west} {half},{west} {-half}))"


def styled(key: str, *shapes: str, deviation: float | None = None) -> QgsVectorLayer:
    field = "" if deviation is None else "&field=deviation:double"
    layer = QgsVectorLayer(f"MultiPolygon?crs=EPSG:4326{field}", "result", "memory")
    for shape in shapes:
        row = QgsFeature(layer.fields())
        row.setGeometry(QgsGeometry.fromWkt(shape))
        if deviation is not None:
            row["deviation"] = deviation
        layer.dataProvider().addFeature(row)
    message, fine = layer.loadNamedStyle(str(style_path(key)))
    assert fine, message
    return layer


def picture(layer: QgsVectorLayer, background: str, scale: float) -> QImage:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setOutputSize(QSize(SIZE, SIZE))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor(background))
    half = scale * SIZE * 0.0254 / 96 / 2
    settings.setExtent(QgsRectangle(-half, -half, half, half))
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.appendScope(QgsExpressionContextUtils.projectScope(QgsProject.instance()))
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def contrast(first: QColor, second: QColor) -> float:
    light = sorted(0.2126 * c.redF() ** 2.2 + 0.7152 * c.greenF() ** 2.2 + 0.0722 * c.blueF() ** 2.2 for c in (first, second))
    return (light[1] + 0.05) / (light[0] + 0.05)


def visible_pixels(image: QImage, background: str) -> int:
    ground = QColor(background)
    return sum(contrast(image.pixelColor(x, y), ground) > 1.5 for x in range(SIZE) for y in range(SIZE))


def as_seen_without_green_cones(colour: QColor) -> tuple[float, float, float]:
    r, g, b = colour.red(), colour.green(), colour.blue()
    return (0.625 * r + 0.375 * g, 0.7 * r + 0.3 * g, 0.3 * g + 0.7 * b)


def far_apart(first: QColor, second: QColor) -> bool:
    pair = zip(as_seen_without_green_cones(first), as_seen_without_green_cones(second))
    return sum(abs(a - b) for a, b in pair) > 60


def test_every_result_type_has_its_own_style() -> None:
    assert {path.stem for path in STYLES.glob("*.qml")} >= set(KEYS)
    assert [style_path(key).stem for key in KEYS] == KEYS


@pytest.mark.parametrize("key", ["", "something_new", "../polygons", "sateais_ship.qml"])
def test_unknown_results_have_the_general_style(key: str) -> None:
    assert style_path(key) == STYLES / "polygons.qml"


@pytest.mark.parametrize("key", KEYS)
def test_styles_are_small_and_hold_nothing_but_symbols(key: str) -> None:
    text = style_path(key).read_text(encoding="utf-8")
    assert len(text) < 16_000
    assert 'styleCategories="Symbology"' in text
    assert not styled(key, square(50)).labelsEnabled()


@pytest.mark.parametrize("background", [WHITE, DARK])
@pytest.mark.parametrize("key", [key for key in KEYS if key != "sateais_timeseries"])
def test_a_detection_without_attributes_is_seen_near_by(key: str, background: str) -> None:
    assert visible_pixels(picture(styled(key, square(100)), background, 5_000), background) > 100


@pytest.mark.parametrize("background", [WHITE, DARK])
@pytest.mark.parametrize("key", KEYS)
def test_a_small_detection_is_seen_from_far_away(key: str, background: str) -> None:
    layer = styled(key, square(30), deviation=0.7)
    assert visible_pixels(picture(layer, background, 500_000), background) > 25


@pytest.mark.parametrize("key", ["sateais_ship", "sateais_newbuilding", "sateais_disappearbuilding"])
def test_near_by_no_marker_hides_the_shape(key: str) -> None:
    centre = picture(styled(key, square(300)), WHITE, 5_000).pixelColor(SIZE // 2 + 3, SIZE // 2)
    assert contrast(centre, QColor(WHITE)) < 4


def cell(deviation: float, background: str = WHITE) -> QColor:
    return picture(styled("sateais_timeseries", square(50), deviation=deviation), background, 2_000).pixelColor(SIZE // 2, SIZE // 2)


@pytest.mark.parametrize("background", [WHITE, DARK])
def test_change_is_told_by_hue_and_strength_to_colour_blind_people_too(background: str) -> None:
    colours = [cell(value, background) for value in (0.9, 0.2, 0.0, -0.2, -0.9)]
    assert all(far_apart(a, b) for index, a in enumerate(colours) for b in colours[index + 1 :])


@pytest.mark.parametrize(
    ("value", "like"), [(0.05, 0.2), (0.49999, 0.2), (0.5, 0.9), (-0.05, -0.2), (-0.5, -0.9), (0.0499, 0.0), (-0.0499, 0.0)]
)
def test_the_thresholds_belong_to_the_stronger_class(value: float, like: float) -> None:
    assert cell(value) == cell(like)


def test_cells_without_change_are_an_outline_near_by_and_nothing_from_far() -> None:
    layer = styled("sateais_timeseries", square(50), deviation=0.01)
    assert cell(0.01) == QColor(WHITE)
    near, far = (picture(layer, WHITE, scale) for scale in (2_000, 100_000))
    blank = QColor(WHITE)
    assert any(near.pixelColor(x, SIZE // 2) != blank for x in range(SIZE))
    assert all(far.pixelColor(x, SIZE // 2) == blank for x in range(SIZE))


def test_the_legend_of_change_speaks_plainly() -> None:
    layer = styled("sateais_timeseries", square(50), deviation=0.5)
    assert [item.label() for item in layer.renderer().legendSymbolItems()] == [
        "Strong increase (≥ 0.50)",
        "Increase (0.05 – 0.50)",
        "Decrease (0.05 – 0.50)",
        "Strong decrease (≥ 0.50)",
        "Little or no change (under 0.05)",
    ]


def test_a_converted_result_opens_with_its_style(tmp_path: Path) -> None:
    from groundtrack.results.geojson import convert

    ring = [[4, 52], [4.1, 52], [4.1, 52.1], [4, 52]]
    source = tmp_path / "r.geojson"
    source.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"deviation":0.6,"changePointDates":["2025-01-02"]},'
        f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}'
    )
    spec = TABLES["sateais_timeseries"]
    done = convert(source, tmp_path / "r.gpkg", spec, progress=lambda share: None, cancelled=lambda: False)
    layer = QgsVectorLayer(f"{done.path}|layername={done.layer}", spec.title, "ogr")
    assert layer.isValid()
    assert layer.featureCount() == done.features == 1
    assert [field.typeName() for field in layer.fields()] == ["Integer64", "Real", "String"]
    assert layer.loadNamedStyle(str(style_path(spec.style)))[1]
    assert layer.renderer().type() == "RuleRenderer"


def test_an_empty_result_opens_as_an_empty_polygon_layer(tmp_path: Path) -> None:
    from groundtrack.results.geojson import convert

    source = tmp_path / "r.geojson"
    source.write_text('{"type":"FeatureCollection","features":[]}')
    done = convert(source, tmp_path / "r.gpkg", GENERIC, progress=lambda share: None, cancelled=lambda: False)
    layer = QgsVectorLayer(f"{done.path}|layername={done.layer}", "x", "ogr")
    assert (layer.isValid(), layer.featureCount(), layer.crs().authid()) == (True, 0, "EPSG:4326")
    assert layer.geometryType() == 2
