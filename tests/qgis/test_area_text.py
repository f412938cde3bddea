"""Texts that people paste as an area, and the sentences for those that are none."""

from __future__ import annotations

from typing import Any

import pytest

BOX = (3.9, 51.9, 4.2, 52.1)


@pytest.fixture(autouse=True)
def _application(qgis_app: Any) -> None:
    """Transforms need QGIS."""


def read(text: str) -> Any:
    from groundtrack.ui.area_text import from_text

    return from_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "3.9, 51.9, 4.2, 52.1",
        "3.9,51.9,4.2,52.1",
        "3.9 51.9 4.2 52.1",
        "[3.9, 51.9, 4.2, 52.1]",
        "(3.9 51.9, 4.2 52.1)",
        "bbox=3.9,51.9,4.2,52.1",
        "BBOX(3.9,51.9,4.2,52.1)",
        "BOX(3.9 51.9,4.2 52.1)",
        "ENVELOPE(3.9, 4.2, 52.1, 51.9)",
        "3.9,51.9 : 4.2,52.1",
        "3.9,4.2,51.9,52.1 [EPSG:4326]",
        "3,9; 51,9; 4,2; 52,1",
        "3,9 51,9 4,2 52,1",
        "3.9E 51.9N 4.2E 52.1N",
        "51.9°N, 3.9°E, 52.1°N, 4.2°E",
        "N 51.9 E 3.9 N 52.1 E 4.2",
        "N51°54' E3°54', N52°6' E4°12'",
        "3°54'0\"E 51°54'0\"N 4°12'0\"E 52°6'0\"N",
        "west=3.9 south=51.9 east=4.2 north=52.1",
        "xmin: 3.9, ymin: 51.9, xmax: 4.2, ymax: 52.1",
        "minlon=3.9&minlat=51.9&maxlon=4.2&maxlat=52.1",
        '{"west": 3.9, "south": 51.9, "east": 4.2, "north": 52.1}',
        '{"x_min": 3.9, "y_min": 51.9, "x_max": 4.2, "y_max": 52.1}',
        '{"bbox": [3.9, 51.9, 4.2, 52.1]}',
        '{"bbox": [3.9, 51.9, 0, 4.2, 52.1, 100]}',
        "[[3.9, 51.9], [4.2, 51.9], [4.2, 52.1], [3.9, 52.1], [3.9, 51.9]]",
        "SRID=4326;POLYGON((3.9 51.9, 4.2 51.9, 4.2 52.1, 3.9 52.1, 3.9 51.9))",
        "POLYGON((3.9 51.9,\n 4.2 51.9,\n 4.2 52.1, 3.9 52.1,\n 3.9 51.9))",
        "SRID=3857;POLYGON((434146.01 6781484.97, 467541.86 6781484.97, 467541.86 6817699.37, 434146.01 6817699.37, 434146.01 6781484.97))",
        "434146.01,467541.86,6781484.97,6817699.37 [EPSG:3857]",
        "[[3.9, 51.9], [4.2, 52.1]]",
        "https://example.org/wms?request=GetMap&bbox=3.9,51.9,4.2,52.1&width=10",
        "http://example.org/wfs?BBOX=1&bbox=434146.01%2C6781484.97%2C467541.86%2C6817699.37%2Curn:ogc:def:crs:EPSG::3857",
        "GEOMETRYCOLLECTION(POINT(1 2), POLYGON((3.9 51.9, 4.2 51.9, 4.2 52.1, 3.9 52.1, 3.9 51.9)))",
        "SRID=4326;CURVEPOLYGON(COMPOUNDCURVE((3.9 51.9, 4.2 51.9, 4.2 52.1, 3.9 52.1, 3.9 51.9)))",
    ],
)
def test_each_notation_of_a_box_is_read(text: str) -> None:
    area = read(text)
    assert area.bounds == pytest.approx(BOX, abs=5e-3)
    assert (area.vertices, len(area.polygons)) == (4, 1)


def test_minus_signs_of_typographers_and_the_western_hemisphere() -> None:
    assert read("−70.5, −33.6, −70.4, −33.4").bounds == (-70.5, -33.6, -70.4, -33.4)
    assert read("70.5W 33.6S 70.4W 33.4S").bounds == (-70.5, -33.6, -70.4, -33.4)


def test_geojson_that_names_its_crs_is_converted() -> None:
    text = (
        '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, "features": [{"type":'
        ' "Feature", "geometry": {"type": "Polygon", "coordinates": [[[434146, 6781485], [467542, 6781485], [467542, 6817699], [434146,'
        " 6781485]]]}}]}"
    )
    assert read(text).bounds == pytest.approx(BOX, abs=5e-3)


def test_a_box_across_the_date_line_is_offered_to_be_cut_there() -> None:
    from groundtrack.aoi import cut_at_antimeridian, faults

    area = read("170, -20, -170, -10")
    assert [fault.code for fault in faults(area)] == ["antimeridian"]
    assert len(cut_at_antimeridian(area).polygons) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no text"),
        ("hello", "no area"),
        ("1, 2, 3", "four numbers .* has 3"),
        ("1,2,3,4,5", "has 5"),
        ("3.9, 52.1, 4.2, 51.9", "does not lie below"),
        ("10, 170, 20, 175", "longitude first"),
        ("434146, 6781485, 467542, 6817699", "no degrees"),
        ("3.9, 51.9, 3.9, 52.1", "the same"),
        ('{"type": "Polygon", "coordinates": [[[1', "not complete"),
        ('{"type": "Point", "coordinates": [1, 2]}', "polygons, not Point"),
        ('{"a": 1}', "no area"),
        ("POLYGON((3 51, 4 51, 4 52, 3 51)", "brackets"),
        ("SRID=999999;POLYGON((3 51, 4 51, 4 52, 3 51))", "does not know the CRS"),
        ("3.9E 51.9E 4.2N 52.1E", "two longitudes"),
        ("LINESTRING(3 51, 4 52)", "polygons, not LineString"),
        ("POLYGON EMPTY", "without any polygon"),
        ('{"type": "FeatureCollection", "features": []}', "without any polygon"),
        ("[" * 5000, "not complete"),
    ],
)
def test_mistakes_are_told_in_a_sentence(text: str, words: str) -> None:
    from groundtrack.aoi import AoiError

    with pytest.raises(AoiError, match=words) as caught:
        read(text)
    assert str(caught.value).endswith(".")
