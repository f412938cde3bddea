"""Mapflow without a window: what is sent, what comes back, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr

from .conftest import Ended, Headless

ROOFS = [[[4.401, 51.23], [4.415, 51.23], [4.415, 51.238], [4.401, 51.238], [4.401, 51.23]]]
MODEL = "🏠 Buildings"


def moved(dx: float) -> list[Any]:
    return [[[x + dx, y] for x, y in ROOFS[0]]]


@pytest.fixture
def run(headless: Headless) -> Callable[..., Ended]:
    """`qgis_process run groundtrack:mapflow_processing` with a key of the simulator in the environment."""

    def start(use: str = "good", area: str = "", **given: Any) -> Ended:
        env = {"GROUNDTRACK_MAPFLOW_URL": headless.sim.mapflow.url, "GROUNDTRACK_MAPFLOW_API_TOKEN": headless.sim.mapflow.tokens[use]}
        return headless.run("mapflow_processing", env, **{"MODEL": MODEL, "AOI": area or headless.area(ROOFS), **given})

    return start


def created(headless: Headless) -> list[dict[str, Any]]:
    return [item.json for item in headless.sim.requests.find(method="POST", path="/rest/processings/v2")]


def failed(ended: Ended, *words: str) -> None:
    assert ended.code != 0, ended.said
    assert "Traceback" not in ended.said
    assert "@example" not in ended.said
    for word in words:
        assert word in ended.err, ended.err


def test_a_run_brings_buildings_with_their_cost(headless: Headless, run: Callable[..., Ended], tmp_path: Path) -> None:
    ended = run(SOURCE="mapbox", ZOOM=18, BLOCKS="Classification,Heights", NAME="Quay roofs", OUTPUT_FOLDER=tmp_path / "out")
    assert ended.code == 0, ended.said
    (job,) = headless.sim.mapflow.jobs.values()
    assert ended.results["REMOTE_ID"] == job.job_id
    assert (ended.results["STATE"], ended.results["COST"]) == ("FETCHED", f"{job.order.cost:g} credits")
    (path,) = ended.outputs
    assert ogr.Open(path).GetLayer(0).GetFeatureCount() > 0
    (body,) = created(headless)
    assert body["name"].endswith("Quay roofs")
    assert body["projectId"] == headless.sim.mapflow.default_project().project_id
    assert body["params"]["sourceParams"] == {"dataProvider": {"providerName": "mapbox", "zoom": 18}}
    assert {block["name"] for block in body["blocks"] if block["enabled"]} == {"Classification", "Heights"}
    assert body["meta"]["groundtrack-job"] == ended.results["JOB_ID"]
    assert headless.sim.mapflow.leaks == []


def test_a_model_by_id_and_a_project_by_name(headless: Headless, run: Callable[..., Ended]) -> None:
    name = headless.sim.mapflow.default_project().name
    ended = run(MODEL="0b8a6a54-7f0e-4a53-9a5c-3a2f7f2d1103", PROJECT=name.lower(), WAIT="false")
    assert ended.code == 0, ended.said
    (body,) = created(headless)
    assert body["wdId"] == "0b8a6a54-7f0e-4a53-9a5c-3a2f7f2d1103"
    assert body["projectId"] == headless.sim.mapflow.default_project().project_id


def test_several_features_are_one_processing_as_far_as_the_account_allows(headless: Headless, run: Callable[..., Ended]) -> None:
    headless.sim.mapflow.settings.max_aois = 3
    three = headless.area(ROOFS, moved(0.1), moved(0.2), name="three")
    four = headless.area(ROOFS, moved(0.1), moved(0.2), moved(0.3), name="four")
    assert run(area=three, WAIT="false").code == 0
    assert run(area=four, WAIT="false").code == 0
    assert [body["geometry"]["type"] for body in created(headless)] == ["MultiPolygon", *["Polygon"] * 4]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"MODEL": "Lighthouses"}, ("no model “Lighthouses”", "🏠 Buildings")),
        ({"BLOCKS": "Chimneys"}, ("no option “Chimneys”",)),
        ({"SOURCE": "mapbox", "MOSAIC_ID": "e2b1a0c4-3f5d-4c1e-9d6a-0f0b8c7d5001"}, ("not both",)),
        ({"ZOOM": 25}, ("ZOOM",)),
        ({"PROJECT": "Nowhere"}, ("no project “Nowhere”",)),
        ({"META": "[1]"}, ("flat JSON object",)),
    ],
)
def test_a_refused_request_names_no_area_to_anybody(headless: Headless, run: Callable[..., Ended], given: dict, words: tuple) -> None:
    failed(run(**given), *(word for word in words if word != "ZOOM"))
    assert not [item for item in headless.sim.requests.find(persona="mapflow") if b"coordinates" in (item.body or b"")]


def test_a_too_large_area_is_refused_with_the_limit(headless: Headless, run: Callable[..., Ended]) -> None:
    headless.sim.mapflow.settings.aoi_area_limit = 500_000
    failed(run(), "at most 0.5 km²", "0.87 km²")
    assert created(headless) == []


def test_a_failed_processing_tells_its_reason(headless: Headless, run: Callable[..., Ended]) -> None:
    failed(run(NAME="quay-fail"), "too coarse", "2.4 m", "1.2 m", "PixelSizeTooHigh")


@pytest.mark.parametrize(("use", "word"), [("bad", "authentication"), ("blocked", "authentication"), ("no_credits", "credits")])
def test_refusals_are_named_by_their_cause(headless: Headless, run: Callable[..., Ended], use: str, word: str) -> None:
    failed(run(use), word)
    assert headless.sim.mapflow.jobs == {}


def test_a_plan_without_downloads_says_so(run: Callable[..., Ended]) -> None:
    failed(run("free"), "not part of your plan")


def test_a_lost_answer_is_found_again_and_not_sent_twice(headless: Headless, run: Callable[..., Ended]) -> None:
    headless.sim.fault("drop_after", method="POST", path="/rest/processings/v2")
    ended = run()
    assert ended.code == 0, ended.said
    assert list(headless.sim.mapflow.jobs) == [ended.results["REMOTE_ID"]]
    assert len(created(headless)) == 1


@pytest.mark.parametrize("suffix", ["empty", "await", "review"])
def test_other_ends_that_are_good(headless: Headless, run: Callable[..., Ended], suffix: str) -> None:
    ended = run(NAME=f"quay-{suffix}")
    assert ended.code == 0, ended.said
    layer = ogr.Open(ended.outputs[0])
    assert (layer.GetLayer(0).GetFeatureCount() == 0) == (suffix == "empty")


@pytest.mark.parametrize("suffix", ["cancel", "refund", "partial"])
def test_other_ends_that_are_bad(run: Callable[..., Ended], suffix: str) -> None:
    failed(run(NAME=f"quay-{suffix}"))
