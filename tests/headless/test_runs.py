"""Runs that end well: outputs, files, journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr

from .conftest import SEA, Headless, moved, wait_until

UTM = "urn:ogc:def:crs:EPSG::32631"


def ring(headless: Headless, number: int = 0) -> str:
    bodies = [item.json for item in headless.sim.requests.find(method="POST") if "preview" not in item.path]
    return str(bodies[number]["polygon"])


def layer_of(path: str) -> Any:
    source = ogr.Open(path)
    layer = source.GetLayer(0)
    return source, layer


def test_a_run_brings_a_geopackage(headless: Headless, tmp_path: Path) -> None:
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", DATE_DIRECTION="before", OUTPUT_FOLDER=tmp_path / "out")
    assert ended.code == 0, ended.said
    (job,) = headless.sim.sateais.jobs.values()
    assert ended.results["REMOTE_ID"] == job.job_id
    assert ended.results["STATE"] == "FETCHED"
    assert ended.results["COST"] == "3.44 credits"
    (path,) = ended.outputs
    assert path.startswith(str(tmp_path / "out"))
    assert path.endswith(".gpkg")
    _source, layer = layer_of(path)
    assert layer.GetFeatureCount() > 0
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "4326"
    assert job.params["date_direction"] == "before"
    (known,) = headless.jobs()
    assert (known["id"], known["state"], known["origin"]) == (ended.results["JOB_ID"], "fetched", "toolbox")


def test_json_output_is_nothing_but_json(headless: Headless) -> None:
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    assert json.loads(ended.out)["results"]["STATE"] == "FETCHED"
    assert str(headless.profile / "groundtrack" / "results") in ended.results["OUTPUTS"]


def test_every_change_of_state_is_told_once(headless: Headless) -> None:
    ended = headless.call("run", "groundtrack:sateais_ship", "--", f"AOI={headless.area()}", "DATE=2026-05-04")
    for state in ("queued", "running", "succeeded", "fetching", "fetched"):
        assert ended.out.count(f"Ships: {state}") == 1, ended.out
    assert "the service says “processing”" in ended.out


def test_the_debian_wrapper_works_without_desktop_options(headless: Headless) -> None:
    listed = headless.call("list")
    assert "groundtrack:sateais_timeseries" in listed.out
    assert "groundtrack:wait_for_job" in listed.out


def test_values_that_do_not_apply_are_not_sent(headless: Headless) -> None:
    scene = "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"
    ended = headless.run("sateais_ship", SCENE_ID=scene)
    assert ended.code == 0, ended.said
    (job,) = headless.sim.sateais.jobs.values()
    assert job.params == {"satellite_id": "sentinel-1", "scene_id": scene}


@pytest.mark.parametrize("word", ["before", "BEFORE", "1"])
def test_a_choice_is_taken_in_any_spelling(headless: Headless, word: str) -> None:
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", DATE_DIRECTION=word, WAIT="false")
    assert ended.code == 0, ended.said
    assert next(iter(headless.sim.sateais.jobs.values())).params["date_direction"] == "before"


def test_an_area_in_another_crs_is_transformed(headless: Headless) -> None:
    box = [[[560000, 5756000], [580000, 5756000], [580000, 5772000], [560000, 5772000], [560000, 5756000]]]
    ended = headless.run("sateais_ship", AOI=headless.area(box, crs=UTM), DATE="2026-05-04", WAIT="false")
    assert ended.code == 0, ended.said
    assert ring(headless).startswith("POLYGON((3.87")


def test_several_features_are_several_jobs_in_order(headless: Headless) -> None:
    area = headless.area(SEA, moved(1), [moved(2), moved(3)])
    ended = headless.run("sateais_ship", AOI=area, DATE="2026-05-04")
    assert ended.code == 0, ended.said
    ids, remote = ended.results["JOB_ID"].split(","), ended.results["REMOTE_ID"].split(",")
    assert len(ids) == len(set(ids)) == 4
    assert sorted(remote) == sorted(headless.sim.sateais.jobs)
    for number, identity in enumerate(remote):
        assert headless.sim.sateais.jobs[identity].params["polygon"].startswith(f"POLYGON(({3.9 + number:.1f} ")
    assert len(set(ended.outputs)) == 4
    assert all(Path(path).is_file() for path in ended.outputs)
    assert ended.results["COST"] == "13.76 credits"
    assert "3 features with 4 polygons are sent as 4 jobs" in json.dumps(ended.json["log"])


def test_many_jobs_keep_to_the_service_limit(headless: Headless) -> None:
    area = headless.area(*(moved(number) for number in range(7)))
    ended = headless.run("sateais_ship", AOI=area, DATE="2026-05-04")
    assert ended.code == 0, ended.said
    assert len(ended.outputs) == 7
    assert all(len(answers) < 500 for answers in headless.sim.sateais.polls.times.values())


def test_an_empty_result_is_an_empty_layer(headless: Headless) -> None:
    headless.sim.sateais.next_job(result="empty")
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    assert ended.code == 0, ended.said
    _source, layer = layer_of(ended.outputs[0])
    assert layer.GetFeatureCount() == 0
    assert layer.GetGeomType() == ogr.wkbPolygon
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "4326"
    assert "nothing was found" in json.dumps(ended.json["log"])


def test_the_same_in_a_submit_and_a_wait(headless: Headless, tmp_path: Path) -> None:
    sent = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", WAIT="false", OUTPUT_FOLDER=tmp_path / "one")
    assert (sent.code, sent.results["STATE"], sent.outputs) == (0, "QUEUED", [])
    ended = headless.run("wait_for_job", JOB_ID=sent.results["JOB_ID"])
    assert ended.code == 0, ended.said
    assert ended.results["STATE"] == "FETCHED"
    assert ended.outputs[0].startswith(str(tmp_path / "one"))
    assert len(headless.sim.sateais.jobs) == 1
    again = headless.run("fetch_results", JOB_ID=sent.results["REMOTE_ID"], OUTPUT_FOLDER=tmp_path / "two")
    assert again.outputs[0].startswith(str(tmp_path / "two"))
    assert Path(again.outputs[0]).is_file()


def test_jobs_are_listed(headless: Headless) -> None:
    sent = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", WAIT="false")
    listed = headless.run("list_jobs", {"GROUNDTRACK_SATEAIS_API_KEY": None}, PROVIDER="sateais", STATE="QUEUED")
    assert listed.results["COUNT"] == 1
    (job,) = json.loads(listed.results["JOBS"])
    assert (job["JOB_ID"], job["REMOTE_ID"], job["STATE"]) == (sent.results["JOB_ID"], sent.results["REMOTE_ID"], "QUEUED")
    assert headless.run("list_jobs", STATE="FAILED").results["COUNT"] == 0


def test_a_preset_is_run(headless: Headless) -> None:
    preset = headless.home / "weekly.json"
    shape = {"type": "Polygon", "coordinates": SEA}
    preset.write_text(json.dumps({"schema": 1, "provider": "sateais", "operation": "ship", "values": {"date": "2026-05-04"}, "aoi": shape}))
    ended = headless.run("submit_preset", PRESET=preset)
    assert ended.code == 0, ended.said
    assert len(ended.outputs) == 1
    elsewhere = headless.run("submit_preset", PRESET=preset, AOI=headless.area(moved(1)), WAIT="false")
    assert elsewhere.code == 0, elsewhere.said
    assert ring(headless, 1).startswith("POLYGON((4.9 ")


def test_a_job_that_another_process_holds_is_only_watched(headless: Headless) -> None:
    headless.sim.clock.speed = 0.0
    area = headless.area()
    first = second = headless.start("--json", "run", "groundtrack:sateais_ship", "--", f"AOI={area}", "DATE=2026-05-04")
    try:
        wait_until(lambda: any(job["remote_id"] for job in headless.jobs()), 40)
        (job,) = headless.jobs()
        second = headless.start("--json", "run", "groundtrack:wait_for_job", "--", f"JOB_ID={job['id']}")
        headless.sim.clock.speed = 300.0
        for process in (first, second):
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, out + err
            assert json.loads(out)["results"]["STATE"] == "FETCHED"
    finally:
        for process in (first, second):
            process.kill()
            process.wait()
    assert len(headless.asked(path="*result.geojson")) == 1
