"""ASTRA OS: how scenes are searched for, and what is read from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional
from urllib.parse import parse_qs, urlsplit

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors
from groundtrack.providers.astra import Astra
from groundtrack.providers.budget import Budget
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.scenes import Scene, SceneQuery, boxes, coverage, in_time_order, taken_at
from support.astra import AFTER, BEFORE, LANDSAT, LINK, astra

# Scenes


def feature(scene_id: str = AFTER, taken: str = "2026-05-04T10:30:21Z", **properties: Any) -> dict[str, Any]:
    ring = [[11.3, 47.8], [12.8, 47.8], [12.8, 48.8], [11.3, 48.8], [11.3, 47.8]]
    return {
        "type": "Feature", "id": scene_id, "bbox": [11.3, 47.8, 12.8, 48.8], "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": taken, "eo:cloud_cover": 7.1, "platform": "sentinel-2a", "gsd": 10, **properties},
        "assets": {"B04": {"href": "https://example.invalid/B04.tif", "eo:bands": [{"name": "B04", "common_name": "red"}]},
                   "thumbnail": {"href": "https://example.invalid/t.png", "type": "image/png"}},
    }  # fmt: skip


def searched(service: Astra) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(service.transport.calls[-1][0].url).query).items()}


QUERY = SceneQuery(from_bounds(11.4, 48.1, 11.6, 48.2), "2026-05-01", "2026-05-31", 20, ("sentinel-2-l2a",), 50)


def test_a_search_is_spelled_as_documented() -> None:
    service = astra((200, {"features": [feature()]}))
    scene, = service.search_scenes(QUERY).scenes
    assert searched(service) == {
        "bbox": "11.4,48.1,11.6,48.2", "datetime": "2026-05-01/2026-05-31", "limit": "50", "collections": "sentinel-2-l2a",
        "cloud_cover_lt": "20.01",
    }  # fmt: skip
    assert (scene.id, scene.provider, scene.taken, scene.cloud, scene.platform, scene.gsd) == (
        AFTER, "astra", "2026-05-04T10:30:21Z", 7.1, "sentinel-2a", 10)  # fmt: skip
    assert scene.bounds == (11.3, 47.8, 12.8, 48.8)
    assert scene.footprint.bounds == scene.bounds
    assert scene.quicklook.url.endswith("t.png")
    assert scene.assets[0].common_name == "red"


def test_open_ends_and_any_cloud() -> None:
    service = astra((200, {"features": []}))
    service.search_scenes(SceneQuery(QUERY.aoi, "2026-05-01"))
    assert searched(service)["datetime"] == "2026-05-01/.."
    assert "cloud_cover_lt" not in searched(service)


def test_scenes_come_newest_first_and_those_without_cloud_stay() -> None:
    listed = [feature("a:1", "2026-05-01T10:00:00Z"), feature("a:2", "2026-05-09T10:00:00Z", **{"eo:cloud_cover": None}),
              feature("a:3", "2026-05-05T10:00:00Z", **{"eo:cloud_cover": 20.005})]  # fmt: skip
    page = astra((200, {"features": listed})).search_scenes(QUERY)
    assert [scene.id for scene in page.scenes] == ["a:2", "a:1"]
    assert page.more is None


def test_a_full_page_names_the_next_one() -> None:
    listed = [feature(f"a:{day}", f"2026-05-{day:02d}T10:00:00Z") for day in range(10, 12)]
    page = astra((200, {"features": listed})).search_scenes(replace(QUERY, limit=2))
    assert page.more == replace(QUERY, limit=2, end="2026-05-10")


def test_warnings_of_both_dialects_are_sentences() -> None:
    warnings = [{"provider": "usgs", "code": "PROVIDER_TIMEOUT", "message": "No answer in time."}, "As text."]
    page = astra((200, {"features": [], "warnings": warnings})).search_scenes(QUERY)
    assert page.warnings == ("usgs: No answer in time.", "As text.")


def test_unknown_collections_are_left_out_with_a_word() -> None:
    service = astra((200, {"features": [], "warnings": ["No providers match the requested collections"]}), (200, {"features": [feature()]}))
    page = service.search_scenes(QUERY)
    assert len(page.scenes) == 1
    assert "all collections" in page.warnings[0]
    assert "collections" not in searched(service)


def test_an_area_on_both_sides_of_the_meridian_is_searched_twice() -> None:
    both = Aoi((*from_bounds(179, -18, 180, -17).polygons, *from_bounds(-180, -18, -179, -17).polygons))
    service = astra((200, {"features": [feature()]}))
    assert len(service.search_scenes(replace(QUERY, aoi=both)).scenes) == 1
    assert len(service.transport.calls) == 2
    assert sorted(boxes(from_bounds(179, -18, 181, -17))) == [(-180.0, -18.0, -179.0, -17.0), (179.0, -18.0, 180.0, -17.0)]


def test_an_area_without_surface_is_not_searched() -> None:
    service = astra()
    with pytest.raises(errors.InvalidRequest):
        service.search_scenes(replace(QUERY, aoi=from_bounds(11, 48, 11, 49)))
    assert service.transport.calls == []


@pytest.mark.parametrize("item", [{}, {"id": 5}, {"id": ""}])
def test_features_without_an_id_are_left_out(item: Any) -> None:
    assert astra((200, {"features": [item, "text", feature()]})).search_scenes(QUERY).scenes[0].id == AFTER


def test_assets_of_both_dialects() -> None:
    as_documented = {"assets": {"B04": {"href": LINK, "title": "Red (B04)", "file:size": 5, "eo:bands": [{"common_name": "red"}],
                                        "expires_at": "2026-05-04T16:00:00Z"}}}  # fmt: skip
    as_coded = {"assets": [{"band": "red", "status": "ready", "url": LINK, "type": "image/tiff"},
                           {"band": "xyz", "status": "error", "error": 'Band "xyz" not found'}]}  # fmt: skip
    scene = Scene(AFTER, "astra")
    first, = astra((200, as_documented)).scene_assets(scene)
    second, = astra((200, as_coded)).scene_assets(scene)
    assert (first.name, first.common_name, first.size, first.expires_at) == ("B04", "red", 5, "2026-05-04T16:00:00Z")
    assert (second.name, second.common_name, second.url) == ("red", "red", LINK)


def test_assets_that_cannot_be_had_are_told() -> None:
    with pytest.raises(errors.NotFound, match="not found"):
        astra((200, {"assets": [{"band": "red", "status": "error", "error": "Band not found"}]})).scene_assets(Scene(AFTER, "astra"))


def test_the_quicklook_of_the_search_costs_no_call() -> None:
    service = astra((200, feature()))
    with_one = service.search_scenes  # the script answers a search with a single item: no features
    assert with_one(QUERY).scenes == ()
    picture = service.quicklook(Scene(AFTER, "astra"))
    assert picture.url.endswith("t.png")
    assert service.transport.calls[-1][0].url.endswith("/scenes/sentinel-2%3A" + AFTER.partition(":")[2])
    before = len(service.transport.calls)
    assert service.quicklook(Scene(AFTER, "astra", quicklook=picture)) is picture
    assert len(service.transport.calls) == before


# Values


@pytest.mark.parametrize(("scene_id", "day"), [(AFTER, "2026-05-04T10:30:21"), (LANDSAT, "2026-05-04T00:00:00"), ("planet:20269999", None)])
def test_dates_are_read_from_ids(scene_id: str, day: Optional[str]) -> None:
    found = taken_at(scene_id)
    assert (found and found.isoformat()[:19]) == day


def test_time_order() -> None:
    assert in_time_order([AFTER, LANDSAT, BEFORE]) == (BEFORE, LANDSAT, AFTER)


def test_coverage_in_percent() -> None:
    scene = Scene(AFTER, "astra", footprint=from_bounds(0, 0, 1, 1))
    assert coverage(scene, from_bounds(0.5, 0, 1.5, 1)) == pytest.approx(50)
    assert coverage(scene, from_bounds(5, 5, 6, 6)) == 0
    assert coverage(Scene(AFTER, "astra"), from_bounds(0, 0, 1, 1)) is None


def test_a_budget_follows_the_limit_that_the_service_tells() -> None:
    now = [0.0]
    budget = Budget(0.25, 1, clock=lambda: now[0], limit_header="x-ratelimit-limit")
    budget.take(Cancel())
    assert budget._reserve() == pytest.approx(4)
    budget.learn({"x-ratelimit-limit": "120"})
    now[0] += 4
    assert budget._reserve() <= 1
    budget.learn({"x-ratelimit-limit": "unlimited"})
    now[0] += 1
    assert budget._reserve() <= 1
