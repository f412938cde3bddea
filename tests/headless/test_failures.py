"""Runs that end badly: a non-zero exit, one clear sentence, no secret, and nothing sent that should not be."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import SEA, Ended, Headless, moved, wait_until

BOW = [[[4.0, 52.0], [4.1, 52.1], [4.1, 52.0], [4.0, 52.1], [4.0, 52.0]]]
SECRET = "sk_live_simulator_first"


def refused(ended: Ended, *words: str) -> None:
    """It failed with these words and without what nobody should see."""
    assert ended.code != 0, ended.said
    assert not ended.results
    assert "Traceback" not in ended.said
    assert "@" not in ended.err.replace("QObject@", "")
    assert "sk_live" not in ended.said
    for word in words:
        assert word in ended.err, ended.said


def test_a_failed_job_tells_the_services_own_words_first(headless: Headless) -> None:
    headless.sim.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message="The scene could not be calibrated.")
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "The scene could not be calibrated.")
    assert "ERROR" not in ended.out
    assert any(line.startswith("The scene could not be calibrated.") for line in ended.err.splitlines()), ended.err
    assert headless.jobs()[0]["state"] == "failed"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_is_told_once_by_us_however_often_qgis_repeats_it(headless: Headless, as_json: bool) -> None:
    sentence = "The scene could not be calibrated."
    options = ["--json"] * as_json
    bare = headless.call(*options, "run", "native:raiseexception", "--", f"MESSAGE={sentence}", "CONDITION=")
    repeated = bare.err.count(sentence)
    assert repeated, bare.said
    for changes, told in (({"DATE": "2026-05-04"}, sentence), ({"DATE": "2036-05-04"}, "Date lies in the future.")):
        headless.sim.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message=sentence)
        given = [f"{name}={value}" for name, value in {"AOI": headless.area(), **changes}.items()]
        ended = headless.call(*options, "run", "groundtrack:sateais_ship", "--", *given)
        refused(ended, told)
        assert (ended.err.count(told), ended.out.count(told)) == (repeated, 0), ended.said
        assert not as_json or not ended.out.strip() or json.loads(ended.out)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DATE": "2036-05-04"}, "future"),
        ({"DATE": "04.05.2026"}, "must be a date like"),
        ({"DATE_DIRECTION": "sideways"}, "choose one of nearest, before, after"),
        ({"SCENE_ID": "S1A_IW_GRDH_1SDV_20260504T081500_20260504T081525_059012_0753AB_9C1D"}, "not both"),
        ({"SCENE_ID": "nonsense", "AOI": ""}, "not the name of a Sentinel-1 GRD product"),
        ({"DATE": ""}, "Date is missing"),
        ({"AOI": ""}, "An area is missing"),
        ({"TIMEOUT": "-1"}, ""),
    ],
)
def test_a_refused_request_calls_nobody(headless: Headless, changes: dict[str, str], words: str) -> None:
    given = {"AOI": headless.area(), "DATE": "2026-05-04", **changes}
    ended = headless.run("sateais_ship", **{name: value for name, value in given.items() if value})
    refused(ended, words)
    assert headless.asked() == []
    assert headless.jobs() == []


@pytest.mark.parametrize(
    ("polygons", "words"),
    [
        ((SEA, BOW), "Feature 1 of the area layer is not valid"),
        ((SEA, None), "Feature 1 of the area layer has no geometry"),
        (([[[170, 0], [-170, 0], [-170, 5], [170, 5], [170, 0]]],), "180"),
    ],
)
def test_a_broken_feature_is_named_and_nothing_is_sent(headless: Headless, polygons: tuple[Any, ...], words: str) -> None:
    ended = headless.run("sateais_ship", AOI=headless.area(*polygons), DATE="2026-05-04")
    refused(ended, words)
    assert headless.asked() == []


def test_an_area_too_large_for_the_service_is_refused(headless: Headless) -> None:
    ended = headless.run("sateais_timeseries", AOI=headless.area(), DATE_START="2025-01-01", DATE_END="2026-01-01")
    refused(ended, "at most 50 km²")
    assert headless.asked() == []


def test_a_bad_key(headless: Headless) -> None:
    key = "sk_live_simulator_revoked"
    ended = headless.run("sateais_ship", {"GROUNDTRACK_SATEAIS_API_KEY": key}, AOI=headless.area(SEA, moved(1)), DATE="2026-05-04")
    refused(ended, "API key is missing, malformed or revoked", "authentication")
    assert headless.sim.sateais.jobs == {}
    assert len(headless.asked()) == 1


def test_too_few_credits(headless: Headless) -> None:
    ended = headless.run(
        "sateais_ship", {"GROUNDTRACK_SATEAIS_API_KEY": headless.sim.sateais.broke_key}, AOI=headless.area(), DATE="2026-05-04"
    )
    refused(ended, "The credit balance is too low", "credits")


def test_a_missing_variable_is_named(headless: Headless) -> None:
    ended = headless.run("sateais_ship", {"GROUNDTRACK_SATEAIS_API_KEY": None}, AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "GROUNDTRACK_SATEAIS_API_KEY is not set")


def test_an_address_that_is_not_secure(headless: Headless) -> None:
    ended = headless.run("sateais_ship", {"GROUNDTRACK_SATEAIS_URL": "http://example.org"}, AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "must begin with https://")


def test_an_unknown_account(headless: Headless) -> None:
    ended = headless.run("sateais_ship", ACCOUNT="Port of X", AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "There is no stored account “Port of X” for SateAIs")


def test_nobody_answers(headless: Headless) -> None:
    ended = headless.run("sateais_ship", {"GROUNDTRACK_SATEAIS_URL": "http://127.0.0.1:9"}, AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "No connection to 127.0.0.1:9", "network")
    assert headless.jobs()[0]["state"] == "failed"


def test_the_end_of_the_wait_is_not_the_end_of_the_job(headless: Headless) -> None:
    headless.sim.clock.speed = 0.0
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", TIMEOUT="0.02")
    refused(ended, "The wait of 0.02 minutes is over", "groundtrack:wait_for_job JOB_ID=")
    identity = ended.err.partition("JOB_ID=")[2].split()[0]
    assert headless.jobs()[0]["state"] in ("queued", "running")
    headless.sim.clock.speed = 1000.0
    later = headless.run("wait_for_job", JOB_ID=identity)
    assert later.code == 0, later.said
    assert len(later.outputs) == 1
    assert len(headless.sim.sateais.jobs) == 1


def test_a_wait_for_what_is_not_known(headless: Headless) -> None:
    refused(headless.run("wait_for_job", JOB_ID="nothing"), "There is no job “nothing” in the job list")
    refused(headless.run("wait_for_job", JOB_ID=""), "JOB_ID is missing", "groundtrack:list_jobs")


def test_results_of_a_running_job_are_not_waited_for(headless: Headless) -> None:
    headless.sim.clock.speed = 0.0
    sent = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", WAIT="false")
    refused(headless.run("fetch_results", JOB_ID=sent.results["JOB_ID"]), "The job is not finished")


def test_a_job_of_a_service_that_cannot_cancel_goes_on(headless: Headless) -> None:
    headless.sim.clock.speed = 0.0
    sent = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04", WAIT="false")
    refused(headless.run("cancel_job", JOB_ID=sent.results["JOB_ID"]), "SateAIs cannot cancel a job")
    assert headless.jobs()[0]["state"] == "queued"


def test_a_lost_answer_is_recovered(headless: Headless) -> None:
    headless.sim.fault("drop_after", method="POST", path="/api/v1/*/ship")
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    assert ended.code == 0, ended.said
    assert list(headless.sim.sateais.jobs) == [ended.results["REMOTE_ID"]]


def test_a_lost_answer_that_cannot_be_recovered_is_of_unknown_outcome(headless: Headless) -> None:
    headless.sim.sateais.next_job(hidden_for=1e9)
    headless.sim.fault("drop_after", method="POST", path="/api/v1/*/ship")
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "outcome unknown", "most likely never arrived", "groundtrack:wait_for_job JOB_ID=")
    assert len(headless.sim.sateais.jobs) == 1
    (job,) = headless.jobs()
    assert job["state"] == "lost"
    refused(headless.run("wait_for_job", JOB_ID=job["id"]), "outcome unknown")  # looked for once more
    for hidden in headless.sim.sateais.jobs.values():
        hidden.plan.hidden_for = 0.0
    ended = headless.run("wait_for_job", JOB_ID=job["id"])
    assert ended.code == 0, ended.said
    assert list(headless.sim.sateais.jobs) == [ended.results["REMOTE_ID"]]


def test_an_expired_result(headless: Headless) -> None:
    gone = {"error": {"code": "GONE", "message": "Past its retention."}}
    headless.sim.fault("status", path="*result.geojson", status=410, times=0, body=gone)
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "Past its retention.", "expiry")


def test_what_hindered_a_result_may_be_mended_and_the_wait_gone_on_with(headless: Headless) -> None:
    gone = {"error": {"code": "GONE", "message": "Past its retention."}}
    headless.sim.fault("status", path="*result.geojson", status=410, body=gone)
    refused(headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04"), "Past its retention.")
    (job,) = headless.jobs()
    assert job["state"] == "expired"
    headless.sim.fault("status", path="*result.geojson", status=200, body="PK\x03\x04", content_type="application/zip")
    refused(headless.run("wait_for_job", JOB_ID=job["id"]), "ZIP archive", f"groundtrack:wait_for_job JOB_ID={job['id']}")
    assert headless.jobs()[0]["state"] == "cannot_read"
    ended = headless.run("wait_for_job", JOB_ID=job["id"])
    assert ended.code == 0, ended.said
    assert len(ended.outputs) == len(headless.sim.sateais.jobs) == 1


def test_an_answer_of_another_kind_is_not_taken_for_nothing_found(headless: Headless) -> None:
    headless.sim.fault("status", path="*result.geojson", status=200, times=0, body="[]", content_type="application/geo+json")
    refused(headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04"), "holds no features")


def test_a_redirect_to_another_port_neither_gets_the_key_nor_ends_the_job(headless: Headless) -> None:
    headless.sim.fault("redirect", path="/api/v1/jobs/*", times=6)
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    assert ended.code == 0, ended.said
    led = headless.sim.requests.find(path="/elsewhere*")
    assert led
    assert not any("authorization" in {name.lower() for name, _ in item.headers} for item in led)
    assert "which does not get the key of this account" in ended.said


def test_the_good_ones_of_several_are_kept_and_named(headless: Headless) -> None:
    headless.sim.sateais.next_job()
    headless.sim.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message="The scene could not be calibrated.")
    ended = headless.run("sateais_ship", AOI=headless.area(SEA, moved(1), moved(2)), DATE="2026-05-04")
    refused(ended, "The scene could not be calibrated.", "feature 1", "1 of 3 jobs have no result")
    assert ended.err.count(".gpkg") >= 2
    assert [job["state"] for job in headless.jobs()] == ["fetched", "failed", "fetched"]
    assert all(Path(path).is_file() for job in headless.jobs() for path in job["layers"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ({"schema": 99}, "schema 99"),
        ({"schema": 1, "provider": "nobody"}, "unknown service “nobody”"),
        ({"schema": 1, "provider": "sateais", "operation": "fish"}, "no operation “fish”"),
        ({"schema": 1, "provider": "sateais", "operation": "ship", "api_key": "abcdef"}, "unknown member “api_key”"),
        ({"schema": 1, "provider": "sateais", "operation": "ship", "values": {"day": "2026-05-04"}}, "no input “day”"),
    ],
)
def test_a_wrong_preset(headless: Headless, content: Any, words: str) -> None:
    path = headless.home / "preset.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    refused(headless.run("submit_preset", PRESET=path), words)
    assert headless.asked() == []


def test_a_budget_is_kept_and_what_was_left_out_is_named(headless: Headless) -> None:
    area = headless.area(SEA, moved(1), moved(2))
    refused(headless.run("sateais_ship", AOI=area, DATE="2026-05-04", BUDGET="0.01"), "more than the BUDGET of 0.01", "Nothing was sent")
    assert (len(headless.sim.sateais.jobs), headless.jobs()) == (0, [])
    ended = headless.run("sateais_ship", AOI=area, DATE="2026-05-04", BUDGET="1000")
    assert ended.code == 0, ended.said
    price = float(ended.results["COST"].split()[0]) / 3
    sent = len(headless.sim.sateais.jobs)
    ended = headless.run("sateais_ship", AOI=area, DATE="2026-05-04", BUDGET=str(price * 2.5))
    refused(ended, "1 of 3 jobs were not sent (feature 2)", "To go on", "The results of the others are")
    assert ended.err.count(".gpkg") >= 2
    assert len(headless.sim.sateais.jobs) == sent + 2


def test_a_preset_with_one_job_for_each_feature_names_them_by_their_field(headless: Headless) -> None:
    preset = headless.home / "harbours.json"
    told = {"schema": 3, "provider": "sateais", "operation": "ship", "values": {"date": "2026-05-04"}}
    area = headless.area(*(moved(number / 10) for number in range(24)))
    preset.write_text(json.dumps({**told, "each": {"id_field": "harbour"}}))
    ended = headless.run("submit_preset", PRESET=preset, AOI=area, WAIT="false")
    assert ended.code == 0, ended.said
    sent = len(headless.sim.sateais.jobs)
    assert sent == 24
    price = next(iter(headless.sim.sateais.jobs.values())).credits
    preset.write_text(json.dumps({**told, "each": {"id_field": "harbour", "budget": price * 1.5}}))
    ended = headless.run("submit_preset", PRESET=preset, AOI=area)
    refused(ended, "23 of 24 jobs were not sent (Harbour 1, Harbour 2", "Harbour 20, and all 3 that come after it)")
    preset.write_text(json.dumps({**told, "each": {"id_field": "port"}}))
    refused(headless.run("submit_preset", PRESET=preset, AOI=area), "no field “port”")
    assert len(headless.sim.sateais.jobs) == sent + 1


def test_no_secret_stays_anywhere(headless: Headless) -> None:
    headless.sim.fault("status", path="/api/v1/jobs/*", times=2, status=500, body=f"key {SECRET} of user@example.org")
    headless.sim.sateais.next_job(fail_code="SCENE_NOT_FOUND", fail_message=f"No luck for {SECRET}, user@example.org.")
    ended = headless.run("sateais_ship", AOI=headless.area(), DATE="2026-05-04")
    refused(ended, "No luck for")
    headless.run("list_jobs")
    kept = [path for path in headless.home.rglob("*") if path.is_file() and "site" not in path.parts and "plugins" not in path.parts]
    leaking = [str(path) for path in kept if SECRET.encode() in path.read_bytes()]
    assert leaking == []


def test_an_interrupt_ends_the_wait_within_half_a_second(headless: Headless) -> None:
    headless.sim.clock.speed = 0.0
    interrupted(headless, lambda: any(job["state"] in ("queued", "running") for job in headless.jobs()))
    assert headless.jobs()[0]["state"] in ("queued", "running")


def test_an_interrupt_breaks_a_call_off(headless: Headless) -> None:
    headless.sim.fault("hang", path="/api/v1/jobs/*", times=0)
    interrupted(headless, lambda: bool(headless.asked(path="/api/v1/jobs/*")))


def test_an_interrupt_of_a_submission_leaves_its_outcome_unknown(headless: Headless) -> None:
    headless.sim.fault("hang", method="POST", path="/api/v1/detect/ship", times=0)
    assert "outcome unknown" in interrupted(headless, lambda: bool(headless.asked("POST", "/api/v1/detect/ship")))
    assert headless.jobs()[0]["state"] == "unconfirmed"


def interrupted(headless: Headless, when: Any) -> str:
    """What a run says that is interrupted then."""
    process = headless.start("run", "groundtrack:sateais_ship", "--", f"AOI={headless.area()}", "DATE=2026-05-04")
    try:
        wait_until(when)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != 0, out
    assert "Stopped" in err
    assert "Traceback" not in err
    assert time.monotonic() - begun < 2.0  # half a second for us, the rest for QGIS to end
    return err
