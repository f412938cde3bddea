"""ASTRA OS from the request to the file on disk: dialects, broken results, links that end, where the key goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES
from contract.play import Play
from groundtrack.aoi import from_bounds
from groundtrack.jobs.job import Job, State, new_job
from groundtrack.jobs.journal import Journal
from groundtrack.jobs.steps import Step, Steps
from groundtrack.providers import errors
from groundtrack.providers.astra import ONE_SCENE_ONLY
from groundtrack.providers.base import Phase
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.connect import Connector
from groundtrack.providers.operation import Request
from groundtrack.providers.scenes import SceneQuery
from groundtrack.providers.transport import Network
from simulator import Simulator

NDVI, _, CHANGE, _ = CASES["astra"].requests
MUNICH = from_bounds(11.30, 48.30, 11.55, 48.45)


@pytest.fixture
def astra(sim: Simulator) -> Iterator[Play]:
    play = Play(CASES["astra"], sim)
    yield play
    play.close()


@pytest.fixture
def ends(astra: Play, tmp_path: Path) -> Any:
    """A function that follows a request to its end, the clock of the service running fast."""

    def follow(request: Request, **plan: Any) -> Job:
        if plan:
            astra.sim.astra.next_job(**plan)
        journal = Journal(tmp_path / "journal.sqlite")
        ours = [time.time()]
        steps, provider = Steps(journal, clock=lambda: ours[0]), astra.provider()
        job = new_job("astra", "contract", request, time.time(), origin="toolbox")
        journal.add_all([job])
        step = steps.submit(job, provider)
        for _ in range(40):
            if step.delay is None:
                break
            astra.sim.clock.advance(10)
            ours[0] += 10
            step = _next(steps, step, provider, tmp_path)
        journal.close()
        return step.job

    return follow


def _next(steps: Steps, step: Step, provider: Any, folder: Path) -> Step:
    job = step.job
    if job.state in (State.QUEUED, State.RUNNING):
        return steps.poll([job], provider)[0]
    if job.state is State.SUCCEEDED:
        return steps.fetch(job, provider, folder / job.id, Cancel(), lambda _: None)
    return steps.recover(job, provider)


def coded(scene_id: str) -> str:
    """The same scene in the other dialect's words."""
    return scene_id.replace("sentinel-2:", "sentinel-2-l2a:")


def expected(astra: Play, job: Job) -> bytes:
    return astra.sim.astra.expected(job.remote_id).data


@pytest.mark.parametrize("request_", [NDVI, CHANGE], ids=["ndvi", "change"])
def test_a_result_arrives_byte_for_byte(astra: Play, ends: Any, request_: Request) -> None:
    job = ends(request_)
    assert job.state is State.FETCHED, job.message
    (file,) = map(Path, job.files)
    assert file.name == f"{request_.operation}.tif"
    assert file.read_bytes() == expected(astra, job)


def test_the_service_as_coded_is_served_after_one_refusal(astra: Play, ends: Any) -> None:
    astra.sim.astra.settings.dialect = "as-coded"
    job = ends(Request("change_detection", {"scene_ids": [coded(name) for name in CHANGE.values["scene_ids"]]}))
    assert job.state is State.FETCHED, job.message
    assert job.warning == ONE_SCENE_ONLY or job.extra["note"] == ONE_SCENE_ONLY
    assert [request.status for request in astra.sent("POST", "*")] == [400, 202]
    assert len(astra.sim.astra.jobs) == 1


@pytest.mark.parametrize("word", ["complete", "completed"])
def test_both_words_of_success_are_understood(astra: Play, ends: Any, word: str) -> None:
    astra.sim.astra.settings.dialect, astra.sim.astra.settings.coded_success = "as-coded", word
    assert ends(Request("ndvi", {"scene_ids": [coded(NDVI.values["scene_ids"][0])]})).state is State.FETCHED


def test_a_stub_stays_queued_and_says_why(astra: Play) -> None:
    provider = astra.provider(api_key=astra.sim.astra.stub_key)
    status = provider.statuses([provider.submit(NDVI)]).popitem()[1]
    assert status.phase is Phase.QUEUED
    assert "not available" in status.message


@pytest.mark.parametrize(("plan", "state", "part"), [
    ({"result_shape": "null"}, State.UNRESOLVED, "no file"),
    ({"file": "missing"}, State.CANNOT_READ, "The service says the job is finished, but its file is not there."),
    ({"file": "html"}, State.CANNOT_READ, "GeoTIFF"),
    ({"file": "xml"}, State.CANNOT_READ, "GeoTIFF"),
    ({"file": "truncated"}, State.CANNOT_READ, "cut off"),
    ({"file": "empty"}, State.CANNOT_READ, "0 bytes"),
    ({"wrong_size": True}, State.CANNOT_READ, "announced"),
    ({"link": "expired"}, State.EXPIRED, "expired"),
    ({"fail_code": "PROCESSING_FAILED", "fail_message": "Band nir is missing."}, State.FAILED, "Band nir is missing."),
    ({"fail_code": "X", "fail_message": "Odd.", "error_shape": "array"}, State.FAILED, "Odd."),
    ({"fail_code": "X", "error_shape": "null"}, State.FAILED, "no reason"),
    ({"forgotten": True}, State.LOST, "Job not found"),
], ids=str)  # fmt: skip
def test_what_goes_wrong_is_a_clear_end_with_nothing_half_done(ends: Any, tmp_path: Path, plan: dict, state: State, part: str) -> None:
    job = ends(NDVI, **plan)
    assert job.state is state, job.message
    assert part in job.message
    assert job.files == ()
    assert not list(tmp_path.glob("*/*.tif"))


def test_a_link_that_has_ended_is_renewed(astra: Play, ends: Any) -> None:
    job = ends(NDVI, link="expired_once")
    assert job.state is State.FETCHED
    assert Path(job.files[0]).read_bytes() == expected(astra, job)


@pytest.mark.parametrize("plan", [{"link": "other_host"}, {"link": "unsigned", "no_expiry": True}, {"no_expiry": True}], ids=str)
def test_a_key_stays_with_the_service_wherever_the_link_leads(astra: Play, ends: Any, plan: dict) -> None:
    job = ends(NDVI, **plan)
    assert job.state in (State.FETCHED, State.EXPIRED, State.CANNOT_READ, State.UNRESOLVED)
    assert bool(job.files) is (job.state is State.FETCHED)
    elsewhere = [request for request in astra.sim.requests if request.persona != "astra"]
    assert elsewhere
    assert [request.header("Authorization") for request in elsewhere] == [None] * len(elsewhere)


def test_a_job_the_service_does_not_show_at_once_is_waited_for(astra: Play, ends: Any) -> None:
    assert ends(NDVI, hidden_for=15.0).state is State.FETCHED


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_moved_service_is_a_hint_and_the_key_stays(astra: Play, status: int) -> None:
    astra.sim.astra.settings.moved_status = status
    for ask in (astra.submitted, astra.provider().check):
        with pytest.raises(errors.ConfigError, match="redirects to localhost"):
            ask()
    assert len(astra.sim.requests) == 2


def test_refused_requests_are_never_sent(astra: Play) -> None:
    for values in ({"scene_ids": [astra.sim.astra.after] * 2}, {**CHANGE.values, "threshold": 2}, {"scene_ids": []}):
        with pytest.raises(errors.InvalidRequest):
            astra.provider().submit(Request("change_detection", values))
    assert len(astra.sim.requests) == 0


def test_scenes_of_a_search_go_into_a_job_as_they_are(astra: Play) -> None:
    provider = astra.provider()
    page = provider.search_scenes(SceneQuery(MUNICH, "2026-05-01", "2026-05-10", 100, ("sentinel-2-l2a",)))
    assert page.scenes
    assert provider.submit(Request("ndvi", {"scene_ids": [page.scenes[0].id]})).remote_id
    picture = provider.quicklook(page.scenes[0])
    assert picture.media_type == "image/png"
    bands = {asset.common_name: asset for asset in provider.scene_assets(page.scenes[0])}
    assert {"red", "nir"} <= set(bands)
    assert bands["red"].expires_at


def test_pages_together_hold_every_scene_once_asked_for(astra: Play) -> None:
    provider = astra.provider()
    everything = provider.search_scenes(SceneQuery(MUNICH, "2026-04-01", "2026-05-10", limit=100))
    assert everything.more is None or len(everything.scenes) >= 100
    found: dict[str, None] = {}
    query = SceneQuery(MUNICH, "2026-05-01", "2026-05-10", limit=100)
    whole = provider.search_scenes(query)
    page = provider.search_scenes(SceneQuery(MUNICH, "2026-05-01", "2026-05-10", limit=60))
    for _ in range(20):
        found.update(dict.fromkeys(scene.id for scene in page.scenes))
        if page.more is None:
            break
        page = provider.search_scenes(page.more)
    if whole.more is None:
        assert set(found) == {scene.id for scene in whole.scenes}
    assert page.more is None


def test_warnings_never_hide_the_scenes(astra: Play) -> None:
    astra.provider()
    astra.sim.astra.settings.trouble = {"landsat": "PROVIDER_TIMEOUT"}
    for dialect in ("documented", "as-coded"):
        astra.sim.astra.settings.dialect = dialect
        page = astra.provider().search_scenes(SceneQuery(MUNICH, "2026-05-01", "2026-05-10"))
        assert page.scenes
        assert "No answer in time." in page.warnings[0]


def test_a_filter_that_matches_no_source_is_dropped_with_a_word(astra: Play) -> None:
    astra.provider()
    astra.sim.astra.settings.dialect = "as-coded"
    page = astra.provider().search_scenes(SceneQuery(MUNICH, "2026-05-01", "2026-05-10", collections=("planetary-computer",)))
    assert page.scenes
    assert "all collections" in page.warnings[0]


def test_all_providers_of_one_key_share_one_budget(astra: Play) -> None:
    connector = Connector(Network(pace=0.01))
    account = astra.case.account(astra.sim)
    for _ in range(16):
        provider = connector(account, Cancel())
        provider.check()
        provider.transport.close()
    first, last = astra.sim.requests[0], astra.sim.requests[-1]
    # 16 requests: 10 at once, 6 more at 15 a minute, a hundred times faster
    assert last.at - first.at >= 6 * 4 * 0.01 * 0.8
