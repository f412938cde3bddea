"""Results that mix areas, lines and points become a table of each; everything else stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.group import Group
from groundtrack.jobs.job import Job
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import Cancelled
from groundtrack.results.charts import read_chart
from groundtrack.results.families import COLLECTIONS, take_apart
from groundtrack.results.feature_results import free_path, merge
from groundtrack.results.prepare import Prepared, prepare
from groundtrack.results.tables import GENERIC, TABLES, TableSpec
from osgeo import ogr
from support.geojson import CHANGE, MULTI, SQUARE, collection, feature

POINT = {"type": "Point", "coordinates": [11.55, 48.15]}
LINE = {"type": "LineString", "coordinates": [[11.5, 48.1], [11.6, 48.2]]}
LINES = {"type": "MultiLineString", "coordinates": [LINE["coordinates"]] * 2}
GROUP = {"type": "GeometryCollection", "geometries": [POINT, SQUARE]}
MIXED = collection(feature(n=1), feature(LINE, n=2), feature(POINT, n=3), feature(MULTI, n=4), feature(LINES, n=5))


def delivered(folder: Path, content: Any, identity: str = "j1", member: str = "") -> Job:
    import json

    place = folder / identity
    place.mkdir(exist_ok=True)
    file = place / "result.geojson"
    file.write_text(json.dumps(content), encoding="utf-8")
    return Job(identity, "x", "a", "o", request={}, folder=str(place), files=(str(file),), member=member, created_at=1.0)


def made(job: Job, spec: TableSpec = GENERIC) -> tuple[Prepared, ...]:
    return prepare(job, spec, progress=lambda share: None, cancelled=lambda: False)


def rows(item: Prepared) -> tuple[str, dict[int, dict[str, Any]]]:
    dataset = ogr.Open(str(item.path))
    layer = dataset.GetLayerByName(item.layer)
    return ogr.GeometryTypeToName(layer.GetGeomType()), {row.GetFID(): row.items() for row in layer}


def test_each_family_of_shapes_gets_a_table_of_one_file_with_its_ids(tmp_path: Path) -> None:
    items = made(delivered(tmp_path, MIXED), TABLES["mapflow_generic"])
    assert [(item.layer, item.title, item.features, item.warnings) for item in items] == [
        ("features_points", "Mapped features, points", 1, ()),
        ("features_lines", "Mapped features, lines", 2, ()),
        ("features", "Mapped features", 2, ()),
    ]
    assert len({item.path for item in items}) == 1
    assert [rows(item) for item in items] == [
        ("Point", {3: {"n": 3}}),
        ("Multi Line String", {2: {"n": 2}, 5: {"n": 5}}),
        ("Multi Polygon", {1: {"n": 1}, 4: {"n": 4}}),
    ]
    assert items[1].extent == pytest.approx((11.5, 48.1, 11.6, 48.2))
    assert [path.name for path in items[0].path.parent.iterdir() if path.name.startswith(".")] == []


def test_what_was_taken_apart_once_is_used_again_with_its_edits(tmp_path: Path) -> None:
    job = delivered(tmp_path, MIXED)
    path = made(job)[0].path
    dataset = ogr.Open(str(path), True)
    dataset.GetLayerByName("features_points").DeleteFeature(3)
    dataset = None
    assert [item.features for item in made(job)] == [0, 2, 2]


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [((SQUARE, MULTI), "Multi Polygon"), ((LINE, LINES), "Multi Line String"), ((POINT, POINT), "Point"), ((), "Polygon")],
)
def test_shapes_of_one_family_stay_one_table(tmp_path: Path, shapes: Any, kind: str) -> None:
    (item,) = made(delivered(tmp_path, collection(*map(feature, shapes))))
    assert (item.layer, item.title, item.features, item.warnings) == ("features", "Features", len(shapes), ())
    assert rows(item)[0] == kind


def test_heights_are_kept(tmp_path: Path) -> None:
    raised = {"type": "Polygon", "coordinates": [[[*point, 12.5] for point in SQUARE["coordinates"][0]]]}
    _, areas = made(delivered(tmp_path, collection(feature(raised), feature({"type": "Point", "coordinates": [11.5, 48.1, 3.0]}))))
    dataset = ogr.Open(str(areas.path))
    row = dataset.GetLayerByName(areas.layer).GetFeature(1)
    assert "12.5" in row.geometry().ExportToWkt()


def test_collections_have_a_table_of_their_own_and_a_warning(tmp_path: Path) -> None:
    areas, others = made(delivered(tmp_path, collection(feature(), feature(GROUP))))
    assert (areas.warnings, others.layer, others.warnings) == ((), "features_other", (COLLECTIONS,))


def test_bulky_values_are_found_by_the_same_ids(tmp_path: Path) -> None:
    chart = {"x": [1], "y": [2]}
    shapes = (feature(deviation=0.9), feature(POINT, deviation=0.01, upper_chart=chart))
    points, areas = made(delivered(tmp_path, collection(*shapes)), CHANGE)
    assert (areas.charts, points.charts, areas.matched, points.matched) == (True, True, 1, 0)
    assert read_chart(points.path, 2) == {"upper_chart": chart}


def test_whoever_stops_it_leaves_the_table_whole(tmp_path: Path) -> None:
    from groundtrack.results.geojson import convert

    source = Path(delivered(tmp_path, MIXED).files[0])
    target = source.with_suffix(".gpkg")
    convert(source, target, GENERIC, progress=lambda share: None, cancelled=lambda: False)
    before = target.read_bytes()
    with pytest.raises(Cancelled):
        take_apart(target, GENERIC, lambda: True)
    assert target.read_bytes() == before
    assert {path.name for path in source.parent.iterdir()} == {source.name, target.name}


def test_results_of_many_features_are_merged_family_by_family(tmp_path: Path) -> None:
    contents = (MIXED, collection(feature(n=6)), collection(feature(LINE, n=7)))
    jobs = [delivered(tmp_path, content, f"j{number}", f"f{number}") for number, content in enumerate(contents)]
    group = Group("g1", "Batch", created_at=1.0)
    items = merge(jobs, free_path(group, jobs, "merged"), Cancel())
    assert [(item.layer, item.features) for item in items] == [("features_points", 1), ("features_lines", 3), ("features", 3)]
    assert {row["feature_id"] for row in rows(items[1])[1].values()} == {"f0", "f2"}
