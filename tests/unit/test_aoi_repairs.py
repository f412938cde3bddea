"""Changes to choose for an area: grids that fit together, fewer corners, footprints; and outlines as bytes."""

from __future__ import annotations

import math

import pytest
from groundtrack.aoi import Aoi, AoiError, faults, from_bounds, from_wkb, to_shapely
from groundtrack.aoi_repairs import clip, grid, simplified
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkb
from shapely.geometry import GeometryCollection, MultiPolygon, Point, Polygon
from shapely.ops import unary_union

AREA = from_bounds(3.93, 51.91, 4.21, 52.08)
HOLE = ((4.0, 52.0), (4.1, 52.0), (4.1, 52.05), (4.0, 52.0))
PIERCED = Aoi(((AREA.polygons[0][0], HOLE), from_bounds(5, 52, 5.1, 52.1).polygons[0]))


def test_cells_cover_the_area_and_do_not_overlap() -> None:
    cells = grid(PIERCED, 5.0)
    shapes = [to_shapely(cell) for cell in cells]
    assert unary_union(shapes).symmetric_difference(to_shapely(PIERCED)).area < 1e-9
    assert sum(cell.area_km2 for cell in cells) == pytest.approx(PIERCED.area_km2, rel=1e-4)  # edges are geodesics
    assert all(cell.area_km2 < 5.0**2 * 1.02 and faults(cell) == () for cell in cells)


def test_aligned_cells_of_neighbouring_areas_fit_together() -> None:
    def edges(area: Aoi) -> set[float]:
        return {round(value, 9) for cell in grid(area, 5.0) for value in (cell.bounds[1], cell.bounds[3])} - {
            round(area.bounds[1], 9), round(area.bounds[3], 9),
        }  # fmt: skip

    other = from_bounds(3.8, 51.97, 4.1, 52.2)
    step = 5.0 / 111.32
    assert edges(AREA) & edges(other)
    assert all(abs(edge / step - round(edge / step)) < 1e-6 for edge in edges(AREA) | edges(other))


def test_cells_that_are_not_aligned_start_at_the_corner() -> None:
    first = min(grid(AREA, 5.0, aligned=False), key=lambda cell: cell.bounds[:2])
    assert first.bounds[:2] == pytest.approx(AREA.bounds[:2])
    assert first.bounds[3] - first.bounds[1] == pytest.approx(5.0 / 111.32)


def test_overlap_widens_every_cell_inside_the_area() -> None:
    cells = grid(from_bounds(4, 49, 7, 52), 20.0, 2.0)
    inner = [cell for cell in cells if min(cell.bounds[0] - 4, 7 - cell.bounds[2], cell.bounds[1] - 49, 52 - cell.bounds[3]) > 0]
    assert inner
    for cell in inner:
        assert (cell.bounds[3] - cell.bounds[1]) * 111.32 == pytest.approx(22.0, rel=1e-3)
        assert cell.area_km2 == pytest.approx(22.0**2, rel=0.05)  # meridians draw closer to the north


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(AoiError, match="too small"):
        grid(from_bounds(0, 40, 20, 60), 0.1)


def test_simplifying_tells_the_difference_in_area() -> None:
    ring = tuple((10 + math.cos(n / 500 * math.pi), 50 + math.sin(n / 500 * math.pi)) for n in range(1000))
    round_area = Aoi((((*ring, ring[0]),),))
    result, change = simplified(round_area, 50)
    assert result.vertices <= 50
    assert change == pytest.approx(result.area_km2 / round_area.area_km2 - 1)
    assert -0.05 < change < 0


def test_clipping_keeps_what_both_have() -> None:
    assert clip(AREA, from_bounds(4, 50, 6, 53)).bounds == pytest.approx((4, 51.91, 4.21, 52.08))
    with pytest.raises(AoiError, match="do not overlap"):
        clip(AREA, from_bounds(10, 50, 11, 51))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=30), st.integers(0, 3))
def test_bytes_bring_every_outline_back_exactly(points: list[tuple[float, float]], holes: int) -> None:
    ring = (*points, points[0])
    area = Aoi(((tuple(ring), *[HOLE] * holes), (HOLE,)))
    assert from_wkb(area.wkb()) == area


def test_bytes_of_others_are_read_without_heights_points_and_lines() -> None:
    high = Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])
    mixed = GeometryCollection([Point(1, 2), high, MultiPolygon([high, Polygon([(3, 3), (4, 3), (4, 4)])])])
    for options in ({"byte_order": 0}, {"byte_order": 1}, {"flavor": "iso"}, {"srid": 4326}):
        area = from_wkb(wkb.dumps(mixed, output_dimension=3, **options))
        assert [part.vertices for part in area.parts()] == [3, 3, 3]
        assert area.bounds == (0, 0, 4, 4)


@pytest.mark.parametrize("data", [b"", b"\x01", AREA.wkb()[:40], bytes.fromhex("010a00000001000000")])
def test_broken_bytes_are_told(data: bytes) -> None:
    with pytest.raises(AoiError, match=r"\.$"):
        from_wkb(data)
