"""A result of areas, lines and points becomes a layer of each, drawn, dated and documented like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.results.layers import let_go
from groundtrack.results.loader import ResultLoader
from qgis.core import QgsExpressionContext, QgsLayerNotesUtils, QgsProject, QgsRenderContext, QgsVectorLayer
from support.jobs import deliver, running_session, ship

LINE = {"type": "LineString", "coordinates": [[3.99, 51.9], [4.0, 51.901]]}
POINT = {"type": "Point", "coordinates": [3.995, 51.9005]}


@pytest.fixture
def session(qgis_app: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def loader(session: Any) -> Iterator[Any]:
    made = ResultLoader(session)
    yield made
    made.close_down()


def mixed(folder: Path) -> Any:
    shapes = [ship(0), {**ship(1), "geometry": LINE}, {**ship(2), "geometry": POINT}]
    return deliver(folder, features=shapes)


def loaded(qtbot: Any, session: Any, loader: Any, job: Any) -> tuple[QgsVectorLayer, ...]:
    with qtbot.waitSignal(loader.loaded, timeout=30_000) as blocker:
        session.own.add(job.id)
        session.poller.run_jobs([job])
    return tuple(blocker.args[0].layers)


def drawn(layer: QgsVectorLayer) -> list[Any]:
    """The symbols of its first feature near by."""
    context = QgsRenderContext()
    context.setRendererScale(5000)
    feature = next(layer.getFeatures())
    expressions = QgsExpressionContext()
    expressions.setFeature(feature)
    context.setExpressionContext(expressions)
    renderer = layer.renderer().clone()
    renderer.startRender(context, layer.fields())
    symbols = [(symbol.type(), symbol.color().name()) for symbol in renderer.symbolsForFeature(feature, context)]
    renderer.stopRender(context)
    return symbols


def test_each_kind_of_shape_is_a_layer_with_style_time_and_story(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = mixed(tmp_path)
    layers = loaded(qtbot, session, loader, job)
    assert [layer.name() for layer in layers] == ["Ships, points 2026-11-18 (1)", "Ships, lines 2026-11-18 (1)", "Ships 2026-11-18 (1)"]
    assert [int(layer.geometryType()) for layer in layers] == [0, 1, 2]
    symbols = [drawn(layer) for layer in layers]
    assert [int(found[0][0]) for found in symbols] == [0, 1, 2]
    assert len({found[0][1] for found in symbols}) == 1  # the same colour
    assert all(layer.temporalProperties().isActive() for layer in layers)
    assert all("SateAIs" in QgsLayerNotesUtils.layerNotes(layer) for layer in layers)
    assert [layer.metadata().title() for layer in layers] == [layer.name() for layer in layers]
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert [node.layer() for node in group.children()] == list(layers)  # points are drawn above areas
    qtbot.waitUntil(lambda: session.jobs[job.id].state is State.LOADED, timeout=30_000)
    assert session.jobs[job.id].layers == (str(Path(job.folder) / "ship.gpkg"),)


def test_loading_again_brings_all_of_them(qtbot: Any, session: Any, loader: Any, tmp_path: Path) -> None:
    job = mixed(tmp_path)
    first = loaded(qtbot, session, loader, job)
    let_go(QgsProject.instance(), job.id)
    with qtbot.waitSignal(loader.loaded, timeout=30_000) as blocker:
        loader.load(session.jobs[job.id])
    assert [layer.name() for layer in blocker.args[0].layers] == [layer.name() for layer in first]
    assert blocker.args[0].found == 3


@pytest.mark.parametrize("style", ["mapflow_generic", "mapflow_roads", "polygons"])
@pytest.mark.parametrize("kind", ["MultiLineString", "Point"])
def test_every_style_draws_lines_and_points(qgis_app: Any, style: str, kind: str) -> None:
    from groundtrack.results.styling import style_path
    from groundtrack.results.symbols import load_style
    from qgis.core import QgsFeature, QgsGeometry

    layer = QgsVectorLayer(f"{kind}?crs=EPSG:4326&field=object_type:string", "x", "memory")
    row = QgsFeature(layer.fields())
    row.setGeometry(QgsGeometry.fromWkt("MULTILINESTRING((0 0,1 1))" if kind != "Point" else "POINT(0 0)"))
    row["object_type"] = "roads"
    layer.dataProvider().addFeature(row)
    assert load_style(layer, style_path(style))[1]
    assert {int(symbol) for symbol, _ in drawn(layer)} == {1 if kind != "Point" else 0}


def test_the_toolbox_loads_all_of_them_when_a_dialog_asked(qgis_app: Any, tmp_path: Path) -> None:
    from groundtrack.results.facts import table_of
    from groundtrack.results.prepare import prepare
    from groundtrack.toolbox.load import load_on_completion
    from qgis.core import QgsProcessingContext, QgsProcessingUtils

    job = mixed(tmp_path)
    made = prepare(job, table_of(job), progress=lambda share: None, cancelled=lambda: False)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    load_on_completion([job.changed(layers=(str(made[0].path),))], {job.id: made}, context)
    wanted = context.layersToLoadOnCompletion()
    layers = [QgsProcessingUtils.mapLayerFromString(source, context) for source in wanted]
    assert sorted(int(layer.geometryType()) for layer in layers) == [0, 1, 2]
    assert {details.name for details in wanted.values()} == {f"{item.title} 2026-11-18 (1)" for item in made}
