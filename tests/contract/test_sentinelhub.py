"""Sentinel Hub from the request to the file on disk, over its persona and real storage: how jobs end, and which scenes there are."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES, TOWN
from contract.hub import NDVI, connected, google
from contract.play import Play
from groundtrack.jobs.job import State
from groundtrack.jobs.steps import LOOKS
from groundtrack.providers.base import Phase
from groundtrack.providers.scenes import SceneQuery
from simulator.object_storage import Key

# How a job ends


def test_a_result_arrives_byte_for_byte_with_the_services_cost(hub: Play, ends: Any) -> None:
    job = ends()
    assert job.state is State.FETCHED, job.message
    (file,) = map(Path, job.files)
    assert file.name == "default.tif"
    assert file.read_bytes() == hub.sim.s3.read(hub.sim.sentinelhub.expected(job.remote_id).files["default"].key)
    assert job.cost == f"{round(hub.sim.sentinelhub.jobs[job.remote_id].cost, 6):.10g} PU"


def test_google_cloud_storage_delivers_as_well(hub: Play, ends: Any) -> None:
    job = ends(provider=connected(hub.sim, pace=0.001, **google(hub.sim)))
    assert job.state is State.FETCHED, job.message
    assert Path(job.files[0]).read_bytes() == hub.sim.gcs.read(hub.sim.sentinelhub.expected(job.remote_id).files["default"].key)


@pytest.mark.parametrize(("plan", "state", "part"), [
    ({"fail_message": "Out of memory."}, State.FAILED, "Out of memory. The job failed"),
    ({"fail_message": "Odd.", "error_shape": "wrapped"}, State.FAILED, "Odd."),
    ({"fail_message": "Cut short.", "error_shape": "invalid"}, State.FAILED, "Cut short"),
    ({"fail_message": "Plain words.", "error_shape": "text"}, State.FAILED, "Plain words"),
    ({"fail_message": "Half.", "partial": 1}, State.FAILED, "stay in the bucket"),
    ({"error_after": True}, State.FAILED, "stay in the bucket"),
    ({"outcome": "nothing"}, State.UNRESOLVED, "neither a result nor error.json"),
    ({"write_denied": True}, State.UNRESOLVED, "s3:PutObject"),
    ({"file": "html"}, State.UNRESOLVED, "no TIF file"),
    ({"file": "wrong_size"}, State.UNRESOLVED, "were asked for"),
    ({"file": "empty"}, State.UNRESOLVED, "default.tif"),
    ({"delay": 45.0}, State.FETCHED, ""),
    ({"hidden_for": 20.0, "run_time": 60.0}, State.FETCHED, ""),
    ({"run_time": 0.0}, State.FETCHED, ""),
    ({"long_extension": True}, State.FETCHED, ""),
    ({"copy": False}, State.FETCHED, ""),
], ids=str)  # fmt: skip
def test_what_lies_in_the_bucket_decides(ends: Any, plan: dict[str, Any], state: State, part: str) -> None:
    job = ends(**plan)
    assert job.state is state, job.message
    assert part in job.message


def test_only_one_of_two_outputs_is_not_a_result(ends: Any) -> None:
    job = ends(CASES["sentinelhub"].requests[1], outputs=1)
    assert job.state is State.UNRESOLVED
    assert "only default.tif was found" in job.message


def test_a_result_that_comes_after_all_overrides(hub: Play, ends: Any) -> None:
    job = ends(outcome="nothing")
    assert job.state is State.UNRESOLVED
    key = hub.sim.sentinelhub.expected(job.remote_id).files["default"].key
    other = ends()
    hub.sim.s3.write(key, Path(other.files[0]).read_bytes())
    provider = connected(hub.sim)
    assert provider.statuses([job.handle])[job.remote_id].phase is Phase.SUCCEEDED


@pytest.mark.parametrize(("user", "part"), [("nobody", "s3:ListBucket"), ("no_get", "s3:GetObject")])
def test_storage_that_refuses_us_is_said_with_the_permission(hub: Play, ends: Any, user: str, part: str) -> None:
    key: Key = getattr(hub.sim.s3, user)
    job = ends(provider=connected(hub.sim, pace=0.001, s3_access_key=key.key_id, s3_secret_key=key.secret))
    assert job.state is State.CANNOT_READ, job.message
    assert part in job.message


def test_permission_to_get_alone_is_enough(hub: Play, ends: Any) -> None:
    key = hub.sim.s3.no_list
    job = ends(provider=connected(hub.sim, pace=0.001, s3_access_key=key.key_id, s3_secret_key=key.secret))
    assert job.state is State.FETCHED, job.message


def test_a_wrong_storage_key_is_said_at_once(hub: Play) -> None:
    provider = connected(hub.sim, s3_secret_key="nothing like it")
    handle = provider.submit(replace(NDVI, tag="wrong"))
    hub.sim.sentinelhub.finish(handle.remote_id)
    status = provider.statuses([handle])[handle.remote_id]
    assert status.phase is Phase.CANNOT_READ
    assert "signature" in status.message.lower()


@pytest.mark.parametrize(("fault", "plan"), [("drop_before", {}), ("drop_after", {"write_denied": True})])
def test_a_lost_job_without_a_trace_in_the_bucket_is_told_with_its_folder(hub: Play, ends: Any, fault: str, plan: dict[str, Any]) -> None:
    hub.sim.fault(fault, method="POST", path="*process*")
    job = ends(**plan)
    assert job.state is State.LOST, job.message
    folder = connected(hub.sim)._folder(job.asked()).url
    for words in ("nothing of this job has appeared in the bucket", "or Sentinel Hub cannot write there", f"Look at the folder {folder},"):
        assert words in job.message


def test_a_lost_job_is_found_by_the_copy_of_its_request(hub: Play, ends: Any) -> None:
    hub.sim.fault("drop_after", method="POST", path="*process*")
    job = ends()
    assert job.state is State.FETCHED, job.message
    assert list(hub.sim.sentinelhub.jobs) == [job.remote_id]


def test_a_lost_job_is_looked_for_as_long_as_its_contract_says() -> None:
    assert sum(LOOKS) >= 5 * 60


# Scenes


def test_scenes_are_found_with_their_clouds_and_days(hub: Play) -> None:
    page = connected(hub.sim).search_scenes(SceneQuery(TOWN, "2024-06-01", "2024-06-30", 60, ("sentinel-2-l2a",)))
    assert page.scenes
    assert all(scene.cloud <= 60 and "2024-06-01" <= scene.taken[:10] <= "2024-06-30" for scene in page.scenes)
    assert [scene.taken for scene in page.scenes] == sorted((scene.taken for scene in page.scenes), reverse=True)


def test_pages_go_on_to_the_oldest_scene(hub: Play) -> None:
    hub.sim.sentinelhub.settings.crowded = True
    provider = connected(hub.sim)
    query, found = SceneQuery(TOWN, "2024-01-01", "2024-03-31", None, ("sentinel-2-l2a",), 20), set()
    for _ in range(20):
        page = provider.search_scenes(query)
        found |= {scene.id for scene in page.scenes}
        if page.more is None:
            break
        query = page.more
    assert len({re.search(r"\d{8}T", name)[0] for name in found}) == 91


@pytest.mark.parametrize("shape", ["scalars", "features"])
def test_a_script_that_sees_every_day_is_charged_for_the_days_there_are(hub: Play, shape: str) -> None:
    hub.sim.sentinelhub.settings.distinct_as = shape
    provider = connected(hub.sim)
    request = CASES["sentinelhub"].requests[1]
    cost = provider.estimate(request)
    days = len({scene.taken[:10] for scene in provider.search_scenes(SceneQuery(request.aoi, "2024-06-01", "2024-06-30")).scenes})
    assert days > 1
    assert f"Up to {days} days" in cost.note
