"""Delivered GeoJSON becomes a GeoPackage with one clean layer."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from groundtrack.results.charts import read_chart
from groundtrack.results.tables import GENERIC, TABLES, table_spec
from osgeo import ogr
from support.geojson import CHANGE, MULTI, SQUARE, Workshop, collection, feature


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_plain_result(shop: Workshop) -> None:
    done = shop.convert(collection(feature(kind="a", area=1.5), feature(kind="b", area=2)), TABLES["sateais_ship"])
    assert (done.path, done.layer, done.features, done.matched, done.skipped) == (shop.target, "ships", 2, 2, 0)
    assert done.extent == pytest.approx((11.5, 48.1, 11.6, 48.2))
    assert (done.geometry, done.warnings) == ("Polygon", ())
    assert shop.rows() == [{"kind": "a", "area": 1.5}, {"kind": "b", "area": 2.0}]
    assert shop.types() == {"kind": "String", "area": "Real"}
    assert shop.left() == {shop.target.name}
    assert shop.progress == sorted(shop.progress)
    assert shop.progress[-1] == 1


def test_the_layer_has_an_index_a_name_and_a_reference_system(shop: Workshop) -> None:
    shop.convert(collection(feature()), TABLES["sateais_oilslick"])
    dataset = ogr.Open(str(shop.target))
    layer = dataset.GetLayerByName("oil_slicks")
    assert dataset.GetLayerCount() == 1
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "4326"
    assert layer.TestCapability(ogr.OLCFastSpatialFilter)


@pytest.mark.parametrize("space", [b"", b" \n ", b" " * 1000])
def test_other_ways_to_say_nothing(shop: Workshop, space: bytes) -> None:
    assert shop.convert(b'{"features":[' + space + b'],"type":"FeatureCollection"}').features == 0


def test_no_detections_is_an_empty_polygon_layer_with_a_reference_system(shop: Workshop) -> None:
    done = shop.convert(collection(crs={"type": "name", "properties": {"name": "EPSG:4326"}}), TABLES["sateais_ship"])
    assert (done.features, done.matched, done.extent, done.geometry) == (0, 0, None, "Polygon")
    layer = (dataset := ogr.Open(str(shop.target))).GetLayer(0)
    assert dataset is not None
    assert layer.GetName() == "ships"
    assert layer.GetGeomType() == ogr.wkbPolygon
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "4326"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + json.dumps(collection(feature(a=1))).encode(),
        b"\n\t " + json.dumps(collection(feature(a=1)), indent=3).encode() + b"\r\n",
        json.dumps({"features": [feature(a=1)], "type": "FeatureCollection"}).encode(),
        json.dumps({"features": [{"geometry": SQUARE, "properties": {"a": 1}, "type": "Feature"}]}).encode(),
        collection(feature(a=1), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, bbox=[1, 2, 3, 4]),
        [feature(a=1)],
        feature(a=1),
    ],
)
def test_every_way_to_write_the_same_thing(shop: Workshop, content: Any) -> None:
    assert shop.convert(content).features == 1
    assert shop.rows() == [{"a": 1}]


def test_attributes_keep_their_order_and_strings_their_characters(shop: Workshop) -> None:
    texts = ['}{][",:\\', "Gdańsk 港 😀", "a\nb\tc", "NaN", '"features":[{', ""]
    shop.convert(collection(*(feature(**{"zz": text, "a b": 1, 'q"\\': 2}) for text in texts)))
    assert [row["zz"] for row in shop.rows()] == texts
    assert list(shop.types()) == ["zz", "a b", 'q"\\']


def test_features_keep_their_order_over_many_blocks(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundtrack.results.geojson._BLOCK", 100)
    assert shop.convert(collection(*(feature(n=n, pad="x" * (n % 150)) for n in range(400)))).features == 400
    assert [row["n"] for row in shop.rows()] == list(range(400))


@pytest.mark.parametrize(
    ("values", "kind", "stored"),
    [
        ((1, 2), "Integer", [1, 2]),
        ((1, 2.5), "Real", [1.0, 2.5]),
        ((1, "x"), "String", ["1", "x"]),
        ((0.25, "x"), "String", ["0.25", "x"]),
        ((True, False), "Boolean", [True, False]),
        ((True, "x"), "String", ["true", "x"]),
        ((True, 7), "Integer", [1, 7]),
        ((1, 2**40), "Integer64", [1, 2**40]),
        ((1.5, 2**70), "Real", [1.5, float(2**70)]),
        ((2**70, None), "Real", [float(2**70), None]),
        ((float("nan"), 1.5), "Real", [None, 1.5]),
        ((float("inf"), float("-inf"), 2), "Integer", [None, None, 2]),
        ((None, None), "String", [None, None]),
        (("2025-01-02", None), "Date", ["2025/01/02", None]),
        (("2025-01-02", 5), "String", ["2025-01-02", "5"]),
        (({"a": [1, None]}, None), "String", ['{"a":[1,null]}', None]),
        (({"a": 1}, 5), "String", ['{"a":1}', "5"]),
        ((["x", "y"], []), "String", ["x, y", ""]),
        (([1, 2.5, None, True], "z"), "String", ["1, 2.5, null, true", "z"]),
        (([[1, 2], {"b": "ż"}], "z"), "String", ['[[1,2],{"b":"ż"}]', "z"]),
    ],
)
def test_one_column_for_values_of_different_kinds(shop: Workshop, values: tuple[Any, ...], kind: str, stored: list[Any]) -> None:
    shop.convert(collection(*(feature(v=value) for value in values)))
    assert shop.types() == {"v": kind}
    assert [row["v"] for row in shop.rows()] == stored


def test_a_number_too_large_to_exist_is_null(shop: Workshop) -> None:
    shop.convert(b'[{"type":"Feature","properties":{"a":1e999,"b":1.5E3,"c":-0.1},"geometry":%b}]' % json.dumps(SQUARE).encode())
    assert shop.rows() == [{"a": None, "b": 1500.0, "c": -0.1}]


def test_features_with_different_attributes(shop: Workshop) -> None:
    shop.convert(collection(feature(a=1), feature(b="x"), feature(), {"type": "Feature", "geometry": SQUARE, "properties": None}))
    assert shop.rows() == [{"a": 1, "b": None}, {"a": None, "b": "x"}, {"a": None, "b": None}, {"a": None, "b": None}]


def test_without_any_attribute(shop: Workshop) -> None:
    assert shop.convert(collection({"type": "Feature", "geometry": SQUARE})).features == 1
    assert shop.rows() == [{}]


def test_the_features_own_id_is_an_attribute_once(shop: Workshop) -> None:
    shop.convert(collection({**feature(id=7), "id": 7}, {**feature(), "id": 8}, feature()))
    assert [row["id"] for row in shop.rows()] == [7, 8, None]


def test_attributes_named_like_the_tables_own_columns(shop: Workshop) -> None:
    shop.convert(collection(feature(fid=7, Geom="x", rowid=3, **{"": 5}), feature(fid=7, Geom="y")))
    assert [(row["fid"], row["Geom"], row["rowid"], row["unnamed"]) for row in shop.rows()] == [(7, "x", 3, 5), (7, "y", None, None)]


def test_attributes_that_differ_only_in_case_are_all_kept(shop: Workshop) -> None:
    shop.convert(collection(feature(**{"Class": 1, "class": "x"})))
    assert list(shop.rows()[0].values()) == [1, "x"]


def test_polygons_and_multipolygons_together(shop: Workshop) -> None:
    done = shop.convert(collection(feature(n=1), feature(MULTI, n=2)))
    assert (done.geometry, done.warnings) == ("Multi Polygon", ())
    dataset = ogr.Open(str(shop.target))
    assert [row.geometry().GetGeometryName() for row in dataset.GetLayer(0)] == ["MULTIPOLYGON", "MULTIPOLYGON"]


def test_heights_do_not_get_in_the_way(shop: Workshop) -> None:
    raised = {"type": "Polygon", "coordinates": [[[*point, 12.5] for point in SQUARE["coordinates"][0]]]}
    done = shop.convert(collection(feature(raised), feature(), feature(MULTI)))
    assert (done.features, done.warnings) == (3, ())
    assert done.extent == pytest.approx((11.5, 48.1, 11.6, 48.2))


def test_other_shapes_are_kept(shop: Workshop) -> None:
    point = {"type": "Point", "coordinates": [11.55, 48.15]}
    group = {"type": "GeometryCollection", "geometries": [point, SQUARE]}
    done = shop.convert(collection(feature(), feature(point), feature(group)))
    assert (done.features, done.warnings) == (3, ())


@pytest.mark.parametrize(
    "geometry",
    [
        "null",
        '{"type":"Polygon","coordinates":[]}',
        '{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[4,5],[NaN,1]]]}',
        '{"type":"Polygon","coordinates":[[[0,"x"],[1,0],[1,1],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[0,0],[1,0],[1,1],[0,0]]}',
        '{"type":"Octagon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}',
        "{}",
    ],
)
def test_features_without_a_usable_shape_are_left_out(shop: Workshop, geometry: str) -> None:
    shapeless = json.dumps(feature("?", n=2, upper_chart=2)).replace('"?"', geometry)
    text = f'{{"features":[{json.dumps(feature(n=1))},{shapeless},{json.dumps(feature(n=3, upper_chart=3))}]}}'
    done = shop.convert(text.encode(), CHANGE)
    assert (done.features, done.skipped) == (2, 1)
    assert done.warnings == ("1 of 3 features have no usable shape and were left out.",)
    assert [row["n"] for row in shop.rows()] == [1, 3]
    dataset = ogr.Open(str(shop.target))
    fids = [row.GetFID() for row in dataset.GetLayer(0)]
    assert [read_chart(shop.target, fid) for fid in fids] == [None, {"upper_chart": 3}]


def test_coordinates_that_are_not_degrees_are_mentioned(shop: Workshop) -> None:
    metres = {"type": "Polygon", "coordinates": [[[5e5, 5e6], [5.1e5, 5e6], [5.1e5, 5.1e6], [5e5, 5e6]]]}
    assert "degrees" in shop.convert(collection(feature(metres))).warnings[0]


def test_a_polygon_of_very_many_points(shop: Workshop) -> None:
    ring = [[10 + math.cos(n / 1e4), 45 + math.sin(n / 1e4)] for n in range(60_000)]
    done = shop.convert(collection(feature({"coordinates": [[*ring, ring[0]]], "type": "Polygon"}, a=1)))
    assert done.extent == pytest.approx((9, 44, 11, 46), abs=0.01)


def test_unknown_styles_have_a_general_table() -> None:
    assert table_spec("sateais_ship").layer == "ships"
    assert table_spec("something new") == GENERIC
