"""The imagery catalogue of Mapflow, over real HTTP: every shape of answer, filters, pages, and images used in a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from contract.cases import MAPFLOW
from contract.play import Play
from groundtrack.aoi import from_bounds
from groundtrack.providers import errors
from groundtrack.providers.base import Severity
from groundtrack.providers.mapflow import Mapflow
from groundtrack.providers.operation import Request
from groundtrack.providers.scenes import TILES, Scene, SceneQuery, coverages
from simulator import Simulator
from simulator.mapflow_client import tiff

AREA = from_bounds(4.401, 51.23, 4.415, 51.238)
QUERY = SceneQuery(AREA, "2025-01-01", "2026-05-01", filters={"usable": True})
MODEL = "🏠 Buildings"


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    play = Play(MAPFLOW, sim)
    yield play
    play.close()
    assert sim.mapflow.leaks == []


def settings(play: Play, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(play.sim.mapflow.settings, name, value)


def found(play: Play, query: SceneQuery = QUERY, **changes: Any) -> list[Scene]:
    return list(play.provider().search_scenes(replace(query, **changes)).scenes)


def asked(play: Play) -> dict:
    return play.sent("POST", "/rest/catalog/meta")[-1].json


SHAPES = [
    {}, {"catalog_shape": "array"}, {"catalog_words": "seed"}, {"catalog_cloud": "fraction"}, {"catalog_zoom": "number"},
    {"catalog_zoom": "missing"}, {"catalog_previews": "parts"}, {"catalog_previews": "json_text"}, {"extra_keys": True}, {"lean": True},
    {"empty_page": "null"},
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(f"{name}={value}" for name, value in shape.items()) or "usual")
def test_hits_are_scenes_whatever_the_shape_of_the_answer(play: Play, shape: dict) -> None:
    settings(play, **shape)
    scenes = found(play)
    assert {scene.collection for scene in scenes} == {"image", "mosaic"}
    assert all(scene.footprint and scene.bounds and scene.extra["source"] and scene.source for scene in scenes)
    task, values = play.provider().scene_values(scenes[:1])
    handle = play.provider().submit(Request(task, {"model": MODEL, **values}, scenes[0].footprint and AREA))
    sent = play.sim.mapflow.jobs[handle.remote_id]
    assert sent is not None


def test_what_is_told_of_a_hit(play: Play) -> None:
    scenes = found(play)
    image = next(scene for scene in scenes if scene.collection == "image" and scene.quicklook)
    assert image.taken.endswith("Z")
    assert image.gsd in (0.3, 0.5, 0.75)
    assert image.off_nadir is not None
    assert 0 <= image.cloud <= 100
    assert image.quicklook.media_type.startswith("image/")
    mosaic = next(scene for scene in scenes if scene.collection == "mosaic")
    assert mosaic.gsd is None  # it tells 0
    assert mosaic.quicklook is None
    assert [asset.media_type for asset in mosaic.assets] == [TILES]
    assert mosaic.extra["zoom"] == "18"


def test_every_filter_is_sent_as_the_service_means_it(play: Play) -> None:
    filters = {"coarsest": 0.5, "finest": 0.3, "most_off_nadir": 10.0, "usable": True, "providers": ("EXAMPLE_VHR",), "least_share": 40.0}
    scenes = found(play, most_cloud=30.0, collections=("image",), filters=filters)
    body = asked(play)
    assert (body["maxCloudCover"], body["maxResolution"], body["minResolution"], body["maxOffNadirAngle"]) == (30.0, 0.5, 0.3, 10.0)
    assert body["minAoiIntersectionPercent"] == 40.0
    assert (body["productTypes"], body["hideUnavailable"], body["dataProviders"]) == (["IMAGE"], True, ["example_vhr"])
    assert (body["acquisitionDateFrom"], body["acquisitionDateTo"]) == ("2025-01-01T00:00:00Z", "2026-05-01T23:59:59Z")
    assert scenes
    assert all(scene.off_nadir is None or abs(scene.off_nadir) <= 10 for scene in scenes)
    found(play, filters={})
    assert not {"dataProviders", "productTypes", "maxCloudCover", "hideUnavailable"} & set(asked(play))


def test_imagery_that_shows_too_little_of_the_area_is_left_out(play: Play) -> None:
    wide = from_bounds(4.3, 51.2, 4.5, 51.3)
    shares = [share for share in coverages(found(play, aoi=wide), wide) if share is not None]
    few = [share for share in coverages(found(play, aoi=wide, filters={"usable": True, "least_share": 60.0}), wide) if share is not None]
    assert min(shares) < 59
    assert few
    assert min(few) > 59


def test_a_service_that_counts_from_zero_to_one_is_asked_and_read_so(play: Play) -> None:
    settings(play, catalog_cloud="fraction")
    account = play.provider().account
    provider = Mapflow(replace(account, public={**account.public, "shares": "fraction"}), play.transport)
    scenes = provider.search_scenes(replace(QUERY, most_cloud=30.0, filters={"least_share": 40.0})).scenes
    assert (asked(play)["maxCloudCover"], asked(play)["minAoiIntersectionPercent"]) == (0.3, 0.4)
    clouds = [scene.cloud for scene in scenes if scene.cloud is not None]
    assert 1 < max(clouds) <= 30
    settings(play, catalog_cloud="percent")
    scenes = provider.search_scenes(replace(QUERY, most_cloud=30.0)).scenes
    assert max(scene.cloud for scene in scenes if scene.cloud is not None) <= 30  # told in percent all the same


@pytest.mark.parametrize("shape", ["object", "array"])
def test_pages_follow_each_other_without_gaps(play: Play, shape: str) -> None:
    everything = [scene.id for scene in found(play)]
    settings(play, catalog_shape=shape)
    query, ids = replace(QUERY, limit=7), []
    while query is not None:
        page = play.provider().search_scenes(query)
        ids += [scene.id for scene in page.scenes]
        query = page.more
    assert ids == everything
    assert len(ids) > 14


def test_nothing_found_and_nothing_that_searches_are_said_so(play: Play) -> None:
    assert found(play, collections=("image",), filters={"coarsest": 0.01}) == []
    settings(play, off={"/catalog/meta": 404})
    with pytest.raises(errors.NotFound, match="no search for imagery"):
        found(play)


def test_too_large_an_area_is_refused_before_anything_is_asked(play: Play) -> None:
    wide = from_bounds(4, 51, 6, 53)
    with pytest.raises(errors.InvalidRequest, match="at most 700 km² at once"):
        found(play, aoi=wide)
    assert not play.sent("POST", "/rest/catalog/meta")
    settings(play, search_area_limit=1000)  # after it was told
    with pytest.raises(errors.InvalidRequest, match="above the limit"):
        found(play)


@pytest.mark.parametrize("body", ["[]", "{}", "{\"images\": null}", "{\"images\": [null, 3, {}, {\"id\": \"a\"}], \"total\": \"x\"}"])
def test_a_garbage_answer_breaks_nothing(play: Play, body: str) -> None:
    play.sim.fault("status", path="/rest/catalog/meta", status=200, body=body)
    page = play.provider().search_scenes(QUERY)
    assert (page.scenes, page.more) == ((), None)


def test_own_images_are_among_the_hits(play: Play, tmp_path: Any) -> None:
    from groundtrack.providers.cancel import Cancel
    from groundtrack.providers.imagery import Upload

    file = tmp_path / "pier.tif"
    file.write_bytes(tiff())
    mosaic = play.provider().create_mosaic("pier")
    play.provider().upload(Upload(mosaic.id, file, file.stat().st_size), lambda *_: None, Cancel())
    play.sim.clock.advance(60)
    own = [scene for scene in found(play) if scene.extra["source"].startswith("my_imagery")]
    assert {scene.collection for scene in own} == {"image", "mosaic"}
    assert {scene.taken for scene in own} == {""}
    assert {scene.collection: scene.title for scene in own} == {"image": "", "mosaic": "pier"}
    play.sim.faults.add("status", path="/rest/rasters/mosaic", times=0, status=403)
    assert {scene.title for scene in found(play)} == {""}


# Used in a job


def job(play: Play, scenes: list[Scene], aoi: Any = AREA) -> Request:
    task, values = play.provider().scene_values(scenes)
    return Request(task, {"model": MODEL, **values}, aoi)


def wrong(play: Play, request: Request) -> dict:
    return {problem.code: problem for problem in play.provider().problems(request) if problem.severity is Severity.ERROR}


def test_images_go_into_the_request_with_provider_and_zoom(play: Play) -> None:
    mosaic = next(scene for scene in found(play) if scene.collection == "mosaic")
    source = play.provider().build(job(play, [mosaic])).body["params"]["sourceParams"]
    assert source == {"imagerySearch": {"dataProvider": mosaic.extra["source"], "imageIds": [mosaic.id], "zoom": 18}}


def test_what_cannot_be_used_together_is_said_before(play: Play) -> None:
    scenes = found(play)
    image = next(scene for scene in scenes if scene.collection == "image")
    mosaic = next(scene for scene in scenes if scene.collection == "mosaic")
    other = replace(image, id="other", extra={**image.extra, "source": "somebody else"})
    finer = replace(mosaic, id="finer", extra={**mosaic.extra, "zoom": "19"})
    for pair, words in (([image, mosaic], "Scenes and mosaics"), ([image, other], "several providers"), ([mosaic, finer], "zooms")):
        with pytest.raises(errors.InvalidRequest, match=words):
            play.provider().scene_values(pair)
    values = {"model": MODEL, "source": image.extra["source"], "image_ids": (image.id, mosaic.id)}
    assert "Scenes and mosaics" in wrong(play, Request("processing", values, AREA))["images"].message


def test_an_area_beside_the_images_is_cropped_on_request(play: Play) -> None:
    image = next(scene for scene in found(play) if scene.collection == "image")
    _, south, east, _ = image.bounds
    wide = from_bounds(east - 0.02, south + 0.02, east + 0.01, south + 0.03)
    problem = wrong(play, job(play, [image], wide))["beside"]
    assert "33 % of the area lies beside" in problem.message
    (mended,) = problem.repair.apply(job(play, [image], wide))
    assert mended.aoi.bounds == pytest.approx((east - 0.02, south + 0.02, east, south + 0.03))
    assert not wrong(play, mended)
    assert play.provider().submit(mended).remote_id
    away = wrong(play, job(play, [image], from_bounds(east + 1, south, east + 1.01, south + 0.01)))["beside"]
    assert "do not show the area" in away.message
    assert away.repair is None


def test_an_area_below_what_is_sold_of_an_image_is_refused_here(play: Play) -> None:
    image = next(scene for scene in found(play, filters={}) if scene.extra["source"] == "example_premium")
    assert "at least 5 km²" in wrong(play, job(play, [image]))["too_small"].message
    unknown = replace(image, id="unknown", extra={**image.extra, "source": "somebody else", "least_km2": "7"})
    play.provider()._remember([unknown])
    assert "at least 7 km² are sold" in wrong(play, job(play, [unknown]))["too_small"].message


def test_images_that_were_not_searched_for_here_are_not_judged(play: Play) -> None:
    play.offered()
    assert not wrong(play, Request("processing", {"model": MODEL, "source": "example_vhr", "image_ids": ("unknown",)}, AREA))
