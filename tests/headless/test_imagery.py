"""ASTRA and Sentinel Hub without a window: what is sent, what comes back byte for byte, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES
from simulator.sentinelhub_client import NDVI

from .conftest import Ended, Headless

FIELD = [[[14.90, 46.02], [14.95, 46.02], [14.95, 46.06], [14.90, 46.06], [14.90, 46.02]]]
LARGE = [[[14.0, 45.0], [14.6, 45.0], [14.6, 45.1], [14.0, 45.1], [14.0, 45.0]]]


def failed(ended: Ended, *words: str) -> None:
    assert ended.code != 0, ended.said
    assert "Traceback" not in ended.said
    for word in words:
        assert word in ended.err, ended.err


@pytest.fixture
def astra(headless: Headless) -> Callable[..., Ended]:
    env = {"GROUNDTRACK_ASTRA_URL": headless.sim.astra.url, "GROUNDTRACK_ASTRA_API_KEY": headless.sim.astra.key}

    def start(algorithm: str = "astra_ndvi", key: str = "", **given: Any) -> Ended:
        return headless.run(algorithm, {**env, **({"GROUNDTRACK_ASTRA_API_KEY": key} if key else {})}, **given)

    return start


@pytest.fixture
def hub(headless: Headless) -> Callable[..., Ended]:
    """`qgis_process run groundtrack:sentinelhub_process` with an account that delivers by key pair."""
    sim = headless.sim
    client = CASES["sentinelhub"].secrets(sim)
    public = {**CASES["sentinelhub"].public(sim), "s3_role_arn": ""}
    pair = {"s3_access_key": sim.s3.user.key_id, "s3_secret_key": sim.s3.user.secret}
    account = {f"GROUNDTRACK_SENTINELHUB_{name.upper()}": value or None for name, value in {**public, **client, **pair}.items()}

    def start(env: dict[str, str | None] | None = None, **given: Any) -> Ended:
        usual = {"COLLECTION": "sentinel-2-l2a", "DATE_START": "2024-06-01", "DATE_END": "2024-06-30", "RESOLUTION": 10, "FORMAT": "tiff"}
        return headless.run("sentinelhub_process", {**account, **(env or {})}, **{"EVALSCRIPT": NDVI, **usual, **given})

    return start


def test_change_detection_sends_what_was_asked_and_brings_the_file(headless: Headless, astra: Callable[..., Ended]) -> None:
    sim = headless.sim.astra
    ended = astra("astra_change_detection", SCENE_IDS=f"{sim.before},{sim.after}", THRESHOLD=0.2, BANDS="red,nir,swir16")
    assert ended.code == 0, ended.said
    assert ended.results["COST"] == ""  # it names no price
    (sent,) = [item.json for item in headless.sim.requests.find(method="POST", persona="astra")]
    wanted = {"threshold": 0.2, "bands": ["red", "nir", "swir16"]}
    assert sent == {"operation": "change_detection", "scene_ids": [sim.before, sim.after], "params": wanted}
    (path,) = ended.outputs
    assert path.endswith("change_detection.tif")
    assert Path(path).stat().st_size > 1000


@pytest.mark.parametrize(("dialect", "source"), [("documented", "sentinel-2"), ("as-coded", "sentinel-2-l2a")])
def test_both_dialects_end_with_a_result(headless: Headless, astra: Callable[..., Ended], dialect: str, source: str) -> None:
    headless.sim.astra.settings.dialect = dialect
    ended = astra(SCENE_IDS=f"{source}:{headless.sim.astra.after.partition(':')[2]}", COLORMAP="Viridis")
    assert ended.code == 0, ended.said
    assert (ended.results["STATE"], len(ended.outputs)) == ("FETCHED", 1)
    assert ended.results["REMOTE_ID"] in headless.sim.astra.jobs


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SCENE_IDS": "sentinel-2:a,sentinel-2:b"}, "exactly one scene"),
        ({"SCENE_IDS": "sentinel-2:a", "COLORMAP": "jet"}, "choose one of"),
    ],
)
def test_what_astra_would_refuse_is_not_sent(headless: Headless, astra: Callable[..., Ended], given: dict[str, str], words: str) -> None:
    failed(astra(**given), words)
    assert headless.asked() == []


def test_a_lost_answer_of_a_service_without_a_list_is_of_unknown_outcome(headless: Headless, astra: Callable[..., Ended]) -> None:
    headless.sim.fault("drop_after", method="POST", path="/api/v1/process")
    failed(astra(SCENE_IDS=headless.sim.astra.after), "outcome unknown")
    assert len(headless.sim.astra.jobs) == 1
    assert [job["state"] for job in headless.jobs()] == ["unknown"]


def test_a_bad_key_of_astra(headless: Headless, astra: Callable[..., Ended]) -> None:
    failed(astra(key=headless.sim.astra.revoked_key, SCENE_IDS=headless.sim.astra.after), "authentication")


def test_the_bucket_delivers_byte_for_byte_with_the_services_cost(headless: Headless, hub: Callable[..., Ended], tmp_path: Path) -> None:
    ended = hub(AOI=headless.area(FIELD), MOSAICKING_ORDER="leastCC", MAX_CLOUD_COVER=30, OUTPUT_FOLDER=tmp_path / "out")
    assert ended.code == 0, ended.said
    service = headless.sim.sentinelhub
    delivered = service.expected(ended.results["REMOTE_ID"]).files["default"].key
    (path,) = ended.outputs
    assert Path(path).read_bytes() == headless.sim.s3.read(delivered)
    assert ended.results["COST"].endswith(" PU")
    assert [item.name for item in (tmp_path / "out").rglob("*") if item.is_file()] == ["default.tif"]
    secret = headless.sim.s3.user.secret
    kept = [item for item in headless.home.rglob("*") if item.is_file() and not {"site", "plugins"} & set(item.parts)]
    assert secret not in ended.said
    assert not [item for item in kept if secret.encode() in item.read_bytes()]


def test_a_large_area_is_refused_or_split_in_order(headless: Headless, hub: Callable[..., Ended]) -> None:
    failed(hub(AOI=headless.area(LARGE), RESOLUTION=4), "at most 10,000 pixels")
    assert headless.asked() == []
    ended = hub(AOI=headless.area(LARGE), RESOLUTION=4, SPLIT="true")
    assert ended.code == 0, ended.said
    remote = ended.results["REMOTE_ID"].split(",")
    assert len(remote) == len(ended.outputs) == len(headless.sim.sentinelhub.jobs) == 2
    for identity, path in zip(remote, ended.outputs):
        delivered = headless.sim.sentinelhub.expected(identity).files["default"].key
        assert Path(path).read_bytes() == headless.sim.s3.read(delivered)


def test_the_reason_of_a_failed_script_comes_first(headless: Headless, hub: Callable[..., Ended]) -> None:
    headless.sim.sentinelhub.next_job(fail_message="Script failed at line 3.")
    ended = hub(AOI=headless.area(FIELD))
    failed(ended)
    assert any(line.startswith("Script failed at line 3.") for line in ended.err.splitlines()), ended.err


def test_a_missing_key_of_the_bucket_is_named(headless: Headless, hub: Callable[..., Ended]) -> None:
    missing = "GROUNDTRACK_SENTINELHUB_S3_SECRET_KEY"
    failed(hub({missing: None}, AOI=headless.area(FIELD)), "may write to the bucket", missing)
    assert headless.asked() == []
