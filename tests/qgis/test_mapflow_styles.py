"""What a model found is told apart by class and height, whatever the type of the attributes."""

from __future__ import annotations

import pytest
from groundtrack.jobs.job import Job
from groundtrack.results.facts import style_of, table_of
from groundtrack.results.styling import style_path
from qgis.core import QgsExpressionContext, QgsExpressionContextUtils, QgsFeature, QgsGeometry, QgsRenderContext, QgsVectorLayer
from qgis.PyQt.QtGui import QColor


def colour(key: str, **attributes: object) -> QColor:
    """The fill of a feature with these attributes, near by."""
    kinds = {str: "string", int: "int", float: "double"}
    fields = "".join(f"&field={name}:{kinds[type(value)]}" for name, value in attributes.items())
    layer = QgsVectorLayer(f"MultiPolygon?crs=EPSG:4326{fields}", "result", "memory")
    row = QgsFeature(layer.fields())
    row.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1 0,1 1,0 0))"))
    for name, value in attributes.items():
        row[name] = value
    layer.dataProvider().addFeature(row)
    assert layer.loadNamedStyle(str(style_path(key)))[1]
    feature = next(layer.getFeatures())
    context = QgsRenderContext()
    context.setRendererScale(5000)
    expressions = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    expressions.setFeature(feature)
    context.setExpressionContext(expressions)
    renderer = layer.renderer().clone()
    renderer.startRender(context, layer.fields())
    symbols = renderer.symbolsForFeature(feature, context)
    found = QColor(symbols[0].color())
    renderer.stopRender(context)
    return found


def test_building_classes_differ_and_may_be_text_or_numbers() -> None:
    classes = [colour("mapflow_buildings", class_id=str(number), building_height=9.0).name() for number in range(101, 106)]
    assert len(set(classes)) == 5
    assert [colour("mapflow_buildings", class_id=number).name() for number in range(101, 106)] == classes


def test_without_classes_buildings_are_told_apart_by_height() -> None:
    heights = [colour("mapflow_buildings", building_height=height).name() for height in (3.0, 8.0, 20.0, 50.0)]
    assert len(set(heights)) == 4
    assert colour("mapflow_buildings", shape_type="L-SHAPE").name() not in heights


def test_forest_classes_and_kinds_of_features_differ() -> None:
    assert len({colour("mapflow_forest", class_id=one).name() for one in ("00m-04m", "04m-10m", "10m-99m")}) == 3
    kinds = ("buildings", "roads", "forest", "waterbodies", "landuse", "something")
    assert len({colour("mapflow_generic", object_type=one).name() for one in kinds}) == len(kinds)


@pytest.mark.parametrize(
    ("told", "style", "title"),
    [("buildings", "mapflow_buildings", "Buildings"), ("roads", "mapflow_roads", "Roads"), ("", "mapflow_generic", "Mapped features"),
     ("../x", "mapflow_generic", "Mapped features")],
)  # fmt: skip
def test_the_model_decides_how_a_result_is_drawn(told: str, style: str, title: str) -> None:
    job = Job("1", "mapflow", "a", "processing", extra={"style": told})
    assert (style_of(job), table_of(job).title) == (style, title)
