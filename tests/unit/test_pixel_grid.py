"""Pixels of the size asked for on the ground, wherever the area lies; whole pixels; tiles without seams."""

from __future__ import annotations

import math

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import pixel_grid
from groundtrack.providers.pixel_grid import GridError, crs_name, crs_of, crs_uri, exact_grid, grid_of, ground_size, outline, tiles, within
from osgeo import osr

PLACES = {
    "equator": from_bounds(9.0, -0.1, 9.2, 0.1),
    "60 north": from_bounds(24.9, 60.0, 25.3, 60.2),
    "zone edge": from_bounds(11.8, 47.9, 11.99, 48.1),
    "across a zone edge": from_bounds(11.6, 47.9, 12.6, 48.3),
    "far south": from_bounds(-70.2, -53.3, -69.9, -53.1),
    "near the pole": from_bounds(-40.0, 84.2, -39.0, 84.4),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("metres", [10.0, 60.0])
def test_pixels_have_the_size_asked_for_on_the_ground(place: str, metres: float) -> None:
    aoi = PLACES[place]
    grid = grid_of(aoi, crs_of(aoi), metres)
    assert ground_size(grid) == pytest.approx((metres, metres), rel=0.01)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "CRS84", "EPSG:3035"])
def test_so_they_have_in_other_systems(crs: str) -> None:
    grid = grid_of(PLACES["60 north"], crs, 20.0)
    assert ground_size(grid) == pytest.approx((20.0, 20.0), rel=0.01)


@pytest.mark.parametrize("place", PLACES)
def test_the_rectangle_is_whole_pixels_around_the_area(place: str) -> None:
    aoi = PLACES[place]
    grid = grid_of(aoi, crs_of(aoi), 10.0)
    west, south, east, north = grid.box
    assert (east - west, north - south) == pytest.approx((grid.width * grid.x_size, grid.height * grid.y_size), rel=1e-12)
    points = [point for polygon in outline(aoi, grid.crs) for point in polygon[0]]
    assert all(west - 0.01 <= x <= east + 0.01 and south - 0.01 <= y <= north + 0.01 for x, y in points)
    assert max(x for x, _ in points) > east - grid.x_size - 0.01
    assert min(y for _, y in points) < south + grid.y_size + 0.01


def test_pixels_of_one_zone_lie_on_one_grid() -> None:
    grid = grid_of(PLACES["zone edge"], "EPSG:32632", 20.0)
    assert (grid.left % 20, grid.bottom % 20) == (0, 0)


ZONES = [(9, 48, 32632), (11.99, 48, 32632), (12.01, 48, 32633), (-179.9, -10, 32701), (179.9, 10, 32660)]


@pytest.mark.parametrize(("lon", "lat", "zone"), ZONES)
def test_the_zone_is_that_of_the_middle(lon: float, lat: float, zone: int) -> None:
    assert crs_of(from_bounds(lon - 0.005, lat, lon + 0.005, lat + 0.01)) == f"EPSG:{zone}"


def test_a_long_edge_is_bent_as_the_projection_bends_it() -> None:
    wide = from_bounds(9.0, 60.0, 15.0, 60.5)
    lowest = min(y for _, y in outline(wide, "EPSG:32633")[0][0])
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32633)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    plain = osr.SpatialReference()
    plain.ImportFromEPSG(4326)
    plain.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    true_lowest = osr.CoordinateTransformation(plain, reference).TransformPoint(15.0, 60.0)[1]
    assert lowest == pytest.approx(true_lowest, abs=1.0)


def test_a_very_long_outline_stays_within_the_limit() -> None:
    ring = tuple((10 + math.cos(math.radians(a / 2)), 50 + math.sin(math.radians(a / 2))) for a in range(720))
    (polygon,) = outline(Aoi((((*ring, ring[0]),),)), "EPSG:32632")
    assert len(polygon[0]) <= 1501


@pytest.mark.parametrize(("size", "count"), [((10_000, 10_000), 1), ((10_001, 10_000), 2), ((25_000, 9_999), 3), ((20_001, 10_001), 6)])
def test_tiles_cover_the_grid_without_overlap_and_keep_the_limit(size: tuple[int, int], count: int) -> None:
    grid = pixel_grid.Grid("EPSG:32632", 500_000, 5_000_000, 10, 10, *size)
    windows = tiles(grid, 10_000)
    assert len(windows) == count
    assert all(width <= 10_000 and height <= 10_000 for _, _, width, height in windows)
    assert sum(width * height for _, _, width, height in windows) == size[0] * size[1]
    parts = [grid.window(*window) for window in windows]
    assert min(part.box[0] for part in parts) == grid.box[0]
    assert max(part.box[3] for part in parts) == grid.box[3]
    assert all((part.left - grid.left) % 10 == 0 and (part.bottom - grid.bottom) % 10 == 0 for part in parts)


def test_the_upper_left_window_touches_the_upper_left_corner() -> None:
    grid = pixel_grid.Grid("EPSG:32632", 0, 0, 10, 10, 30, 20)
    assert grid.window(0, 0, 10, 5).box == (0, 150, 100, 200)


def test_an_exact_number_of_pixels_covers_the_area() -> None:
    grid = exact_grid(PLACES["equator"], "CRS84", 400, 200)
    assert (grid.width, grid.height) == (400, 200)
    assert grid.box == pytest.approx((9.0, -0.1, 9.2, 0.1))


def test_outlines_are_cut_to_a_box() -> None:
    square = ((((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)),),)
    ((ring,),) = within(square, (5, 5, 20, 20))
    assert {(x, y) for x, y in ring} == {(5, 5), (10, 5), (10, 10), (5, 10)}
    assert within(square, (20, 20, 30, 30)) == ()


@pytest.mark.parametrize(("text", "name"), [
    ("EPSG:32633", "EPSG:32633"), ("epsg:3857", "EPSG:3857"), ("32733", "EPSG:32733"), ("CRS84", "CRS84"), ("OGC:CRS84", "CRS84"),
    ("http://www.opengis.net/def/crs/EPSG/0/2154", "EPSG:2154"), ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "CRS84"),
    ("urn:ogc:def:crs:EPSG::3035", "EPSG:3035"),
])  # fmt: skip
def test_usual_spellings_of_a_crs(text: str, name: str) -> None:
    assert crs_name(text) == name
    assert crs_name(crs_uri(name)) == name


@pytest.mark.parametrize("text", ["EPSG:31468", "Gauss", "EPSG:99999999", "EPSG:32661"])
def test_a_crs_that_the_service_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(GridError):
        crs_name(text)
