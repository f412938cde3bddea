"""Areas: their size against an independent geodesic, their texts, their faults and the repairs of those."""

from __future__ import annotations

import json
import math
import random
import warnings

import pytest
from groundtrack import aoi as areas
from groundtrack.aoi import Aoi, AoiError, faults, from_bounds, from_geojson, from_wkt
from groundtrack.aoi_repairs import as_seen, simplify, split
from hypothesis import given
from hypothesis import strategies as st
from shapely.ops import unary_union

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # grid files of PROJ may be missing; geodesics need none
    pyproj = pytest.importorskip("pyproj")

WGS84 = pyproj.Geod(ellps="WGS84")
SQUARE = from_bounds(3.9, 51.95, 4.2, 52.1)
HOLE = ((4.0, 52.0), (4.1, 52.0), (4.1, 52.05), (4.0, 52.0))


def geodesic_km2(ring: areas.Ring) -> float:
    longitudes, latitudes = zip(*ring)
    return abs(WGS84.polygon_area_perimeter(longitudes, latitudes)[0]) / 1e6


def one(*points: tuple[float, float]) -> Aoi:
    return Aoi(((tuple(points),),))


def blob(lon: float, lat: float, radius: float, corners: int, seed: int) -> areas.Ring:
    """A star-shaped outline; `radius` in degrees of latitude."""
    chance = random.Random(seed)
    points = []
    for corner in range(corners):
        angle, reach = 2 * math.pi * corner / corners, radius * chance.uniform(0.4, 1)
        x = lon + reach * math.cos(angle) / max(0.15, math.cos(math.radians(lat)))
        points.append((x, max(-89.5, min(89.5, lat + reach * math.sin(angle)))))
    return (*points, points[0])


# Area


@pytest.mark.parametrize(
    "bounds",
    [
        (11.5, 48.1, 11.5001, 48.1001),
        (3.9, 51.95, 4.2, 52.1),
        (0, -1, 1, 1),
        (0, 45, 30, 45.1),
        (-20, -5, 20, 5),
        (0, 40, 20, 60),
        (0, 60, 40, 80),
        (-75, 60, 75, 85),
        (0, 80, 60, 89),
        (0, 85, 100, 89.9),
        (-60, 1, 60, 1.5),
        (-100, -60, 60, 70),
        (0, 0, 90, 60),
    ],
)
def test_area_of_rectangles_up_to_continents(bounds: tuple[float, float, float, float]) -> None:
    area = from_bounds(*bounds)
    assert area.area_km2 == pytest.approx(geodesic_km2(area.polygons[0][0]), rel=1e-4)


@given(st.floats(-170, 170), st.floats(-85, 85), st.sampled_from([0.001, 0.01, 0.1, 1, 4, 12]), st.integers(3, 40), st.integers(0, 9999))
def test_area_of_any_outline_is_the_geodesic_one(lon: float, lat: float, radius: float, corners: int, seed: int) -> None:
    ring = blob(lon, lat, radius, corners, seed)
    assert areas.polygon_area_km2((ring,)) == pytest.approx(geodesic_km2(ring), rel=1e-4)


def test_area_does_not_depend_on_direction_or_closing_point() -> None:
    ring = blob(25, 60, 0.5, 9, 1)
    assert areas.polygon_area_km2((ring[::-1],)) == pytest.approx(areas.polygon_area_km2((ring,)), rel=1e-12)
    assert areas.polygon_area_km2((ring[:-1],)) == pytest.approx(areas.polygon_area_km2((ring,)), rel=1e-12)


def test_holes_are_subtracted_and_parts_added() -> None:
    outer = SQUARE.polygons[0][0]
    pierced = Aoi(((outer, HOLE),))
    assert pierced.area_km2 == pytest.approx(geodesic_km2(outer) - geodesic_km2(HOLE), rel=1e-6)
    assert Aoi((SQUARE.polygons[0], from_bounds(5, 52, 5.1, 52.1).polygons[0])).area_km2 > SQUARE.area_km2
    assert areas.polygon_area_km2(()) == 0


# Texts


@given(st.floats(-179, 179), st.floats(-85, 85), st.integers(3, 12), st.integers(0, 9999))
def test_wkt_and_geojson_bring_the_same_outline_back(lon: float, lat: float, corners: int, seed: int) -> None:
    area = Aoi(((blob(lon, lat, 0.5, corners, seed),), SQUARE.polygons[0]))
    for again in (from_wkt(area.wkt()), from_geojson(json.loads(json.dumps(area.geojson())))):
        for ring, back in zip((p[0] for p in area.polygons), (p[0] for p in again.polygons)):
            assert len(back) == len(ring)
            assert all(abs(x - u) <= 6e-7 and abs(y - v) <= 6e-7 for (x, y), (u, v) in zip(ring, back))


def test_wkt_is_a_plain_polygon_with_longitude_first() -> None:
    assert from_bounds(-0.00000001, 51.95, 4.2, 52.123456789).wkt() == "POLYGON((0 51.95, 4.2 51.95, 4.2 52.123457, 0 52.123457, 0 51.95))"
    assert Aoi((SQUARE.polygons[0], SQUARE.polygons[0])).wkt().startswith("MULTIPOLYGON(((3.9 51.95, ")
    assert from_wkt(Aoi(()).wkt()) == Aoi(())


@pytest.mark.parametrize(
    ("text", "polygons", "holes"),
    [
        ("polygon ((0 0, 1 0, 1 1, 0 0))", 1, 0),
        (" SRID=4326;POLYGON((0 0,\n 1 0, 1 1, 0 0))\n", 1, 0),
        ("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))", 1, 0),
        ("POLYGON((0 0, 9 0, 9 9, 0 0), (3 1, 4 1, 4 2, 3 1))", 1, 1),
        ("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((3 3, 4 3, 4 4, 3 3)))", 2, 0),
        ("POLYGON EMPTY", 0, 0),
    ],
)
def test_wkt_in_its_usual_spellings(text: str, polygons: int, holes: int) -> None:
    area = from_wkt(text)
    assert (len(area.polygons), area.holes) == (polygons, holes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT(1 2)",
        "POLYGON((a b, c d))",
        "POLYGON((1, 2, 3))",
        "POLYGON(0 0, 1 0, 1 1)",
        "POLYGON((0 0, 1 0) 7)",
        "POLYGON((0 0, 1 0)",
    ],
)
def test_what_is_no_polygon_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(AoiError, match=r"\.$"):
        from_wkt(text)


def test_geojson_collections_are_gathered() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": SQUARE.geojson()}
    nothing = {"type": "Feature", "properties": {}, "geometry": None}
    assert len(from_geojson({"type": "FeatureCollection", "features": [feature, nothing, feature]}).polygons) == 2
    assert from_geojson({"type": "GeometryCollection", "geometries": [SQUARE.geojson()]}) == SQUARE


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Point", "coordinates": [1, 2]},
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[["a", 2]]]},
        {"type": "Polygon", "coordinates": None},
    ],
)
def test_geojson_that_is_no_polygon_is_told_in_a_sentence(shape: dict) -> None:
    with pytest.raises(AoiError, match=r"\.$"):
        from_geojson(shape)


def test_counts_and_bounds() -> None:
    pierced = Aoi(((SQUARE.polygons[0][0], HOLE),))
    assert (pierced.vertices, pierced.holes, len(pierced.parts())) == (7, 1, 1)
    assert pierced.bounds == (3.9, 51.95, 4.2, 52.1)
    with pytest.raises(AoiError, match="empty"):
        _ = Aoi(()).bounds


# Faults and repairs


def codes(area: Aoi) -> list[str]:
    return [fault.code for fault in faults(area)]


@pytest.mark.parametrize(
    ("area", "code"),
    [
        (Aoi(()), "empty"),
        (Aoi(((),)), "empty"),
        (one((0, 0), (1, 0), (2, 0), (0, 0)), "crossing"),
        (from_bounds(0, 0, 1e-7, 1e-7), "empty"),
        (one((500000, 5000000), (500100, 5000000), (500100, 5000100), (500000, 5000000)), "degrees"),
        (one((0, 0), (1, 0), (float("nan"), 1), (0, 0)), "degrees"),
        (one((0, 0), (1, 0), (1, 1)), "unclosed"),
        (one((0, 0), (1, 0), (0, 0)), "corners"),
        (one((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "crossing"),
        (Aoi((SQUARE.polygons[0], from_bounds(4, 52, 5, 53).polygons[0])), "overlap"),
        (from_bounds(170, 0, 190, 10), "antimeridian"),
        (one((170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)), "antimeridian"),
    ],
)
def test_each_fault_is_named(area: Aoi, code: str) -> None:
    assert codes(area) == [code]


def test_a_sound_area_has_no_faults() -> None:
    assert codes(SQUARE) == []
    assert codes(Aoi(((SQUARE.polygons[0][0], HOLE),))) == []
    assert codes(from_bounds(-180, 60, -170, 70)) == []


@pytest.mark.parametrize(
    "area",
    [
        one((0, 0), (1, 0), (1, 1)),
        one((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)),
        Aoi((SQUARE.polygons[0], from_bounds(4, 52, 5, 53).polygons[0])),
        from_bounds(170, 0, 190, 10),
        one((170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)),
    ],
)
def test_the_offered_repair_cures_the_fault(area: Aoi) -> None:
    for fault in faults(area):
        assert codes(getattr(areas, fault.repair)(area)) == []


def test_a_bow_tie_keeps_both_of_its_halves() -> None:
    mended = areas.make_valid(one((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    assert len(mended.polygons) == 2
    assert mended.area_km2 == pytest.approx(from_bounds(0, 0, 1, 1).area_km2 / 2, rel=1e-3)


def test_overlapping_parts_become_one() -> None:
    merged = areas.make_valid(Aoi((SQUARE.polygons[0], from_bounds(4, 52, 5, 53).polygons[0])))
    assert len(merged.polygons) == 1
    assert merged.bounds == (3.9, 51.95, 5, 53)


@pytest.mark.parametrize(
    "area",
    [
        from_bounds(170, 0, 190, 10),
        from_bounds(-190, 0, -170, 10),
        one((170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)),
    ],
)
def test_both_notations_across_the_antimeridian_are_cut_into_the_same_two_parts(area: Aoi) -> None:
    cut = areas.cut_at_antimeridian(area)
    assert sorted(part.bounds for part in cut.parts()) == [(-180, 0, -170, 10), (170, 0, 180, 10)]


def test_a_hole_on_the_other_side_of_the_antimeridian_stays_a_hole() -> None:
    outer = ((170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0))
    hole = ((-175, 4), (-174, 4), (-174, 5), (-175, 5), (-175, 4))
    cut = areas.cut_at_antimeridian(Aoi(((outer, hole),)))
    whole = from_bounds(170, 0, 180, 10).area_km2 * 2
    assert cut.holes == 1
    assert cut.area_km2 == pytest.approx(whole - from_bounds(-175, 4, -174, 5).area_km2, rel=1e-4)


def test_an_outline_round_the_pole_keeps_the_pole() -> None:
    cap = areas.cut_at_antimeridian(one((-135, 80), (-45, 80), (45, 80), (135, 80), (-135, 80)))
    assert codes(cap) == []
    assert cap.bounds == (-180, 80, 180, 90)


@pytest.mark.parametrize("pole", [90, -90])
def test_an_outline_round_the_pole_has_the_geodesic_area(pole: int) -> None:
    points = [WGS84.fwd(0, math.copysign(89.1, pole), step * 360 / 64, 500_000)[:2] for step in range(64)]
    ring = (*points, points[0])
    cut = areas.cut_at_antimeridian(Aoi(((ring,),)))
    assert cut.area_km2 == pytest.approx(geodesic_km2(ring), rel=1e-3)  # new corners on the meridian lie on straight lines


def test_the_whole_world_as_a_map_shows_it_has_its_area_and_no_fault() -> None:
    world = as_seen(from_bounds(-180, -90, 180, 90))
    assert codes(world) == []
    assert world.area_km2 == pytest.approx(510_065_622, rel=1e-6)


def test_a_box_round_the_globe_is_cut_to_itself_not_to_nothing() -> None:
    band = from_bounds(-180, -10, 180, 10)
    assert faults(band)[0].repair == "cut_at_antimeridian"
    cut = areas.cut_at_antimeridian(band)
    assert codes(cut) == []
    assert cut.bounds == band.bounds


def test_corners_in_a_line_have_no_surface() -> None:
    assert codes(one((4, 51.95), (4.05, 51.98), (4.1, 52.01), (4, 51.95))) == ["empty"]


def test_no_repair_is_offered_that_would_leave_nothing() -> None:
    flat = one((4, 52), (5, 52), (4, 52))
    assert faults(flat)[0].repair == ""
    assert faults(Aoi((*flat.polygons, *SQUARE.polygons)))[0].repair == "make_valid"


def test_dropping_holes_and_keeping_the_largest_part() -> None:
    pierced = Aoi(((SQUARE.polygons[0][0], HOLE), from_bounds(5, 52, 5.01, 52.01).polygons[0]))
    assert areas.drop_holes(pierced).holes == 0
    assert areas.largest_part(pierced).polygons == pierced.polygons[:1]
    assert areas.envelope(pierced).bounds == pierced.bounds


@pytest.mark.parametrize("most", [1000, 100, 10])
def test_simplifying_keeps_to_the_limit_and_close_to_the_outline(most: int) -> None:
    rough = Aoi(((blob(10, 50, 0.3, 3000, 5),),))
    simple = simplify(areas.make_valid(rough), most)
    assert max(3, most // 3) <= simple.vertices <= most  # no more goes than has to
    assert codes(simple) == []


def test_simplifying_a_smooth_outline_hardly_changes_it() -> None:
    circle = tuple((10 + 0.2 * math.cos(2 * math.pi * n / 5000), 50 + 0.2 * math.sin(2 * math.pi * n / 5000)) for n in range(5000))
    round_area = Aoi((((*circle, circle[0]),),))
    simple = simplify(round_area, 1000)
    assert simple.vertices <= 1000
    assert simple.area_km2 == pytest.approx(round_area.area_km2, rel=1e-3)


def test_parts_that_cannot_get_below_the_limit_together_become_their_envelope() -> None:
    many = Aoi(tuple(from_bounds(x / 10, 50, x / 10 + 0.05, 50.05).polygons[0] for x in range(40)))
    assert simplify(many, 119) == areas.envelope(many)
    assert len(simplify(many, 150).polygons) == 40  # as triangles, if need be


def test_corners_of_parts_and_holes_count_towards_the_limit() -> None:
    outline = (blob(10, 50, 0.3, 600, 5), blob(10, 50, 0.1, 600, 6))
    pierced = areas.make_valid(Aoi((outline, (blob(12, 50, 0.3, 600, 7),))))
    simple = simplify(pierced, 300)
    assert (len(simple.polygons), simple.holes) == (len(pierced.polygons), pierced.holes)
    assert 100 <= simple.vertices <= 300


@pytest.mark.parametrize(
    ("area", "most"),
    [
        (from_bounds(11, 48, 11.3, 48.2), 50),
        (from_bounds(11, 48, 11.5, 48.01), 20),
        (from_bounds(11, 78, 11.05, 78.8), 30),
        (Aoi(((blob(25, 60, 0.4, 30, 3),),)), 100),
        (Aoi(((SQUARE.polygons[0][0], HOLE),)), 50),
        (from_bounds(0, 40, 12, 52), 30_000),
    ],
)
def test_pieces_cover_the_area_within_the_limit_and_do_not_overlap(area: Aoi, most: float) -> None:
    pieces = split(area, most)
    shapes = [areas.to_shapely(piece) for piece in pieces]
    whole = areas.to_shapely(area)
    assert all(len(piece.polygons) == 1 and piece.area_km2 <= most for piece in pieces)
    assert unary_union(shapes).symmetric_difference(whole).area < 1e-9 * whole.area
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)
    # no more pieces than a grid reasonably needs
    assert len(pieces) <= 4 * math.ceil(area.area_km2 / most) + 4


def test_an_area_within_the_limit_stays_whole() -> None:
    (piece,) = split(SQUARE, 1000)
    assert piece.area_km2 == pytest.approx(SQUARE.area_km2)


def test_an_area_far_too_large_to_be_cut_is_told() -> None:
    with pytest.raises(AoiError, match="too large"):
        split(from_bounds(-100, -60, 60, 70), 50)
