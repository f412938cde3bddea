"""Mapflow without a service: what its codes, errors and answers mean."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from groundtrack.providers import errors, mapflow_read
from groundtrack.providers.base import Account, Handle, Phase, Secrets
from groundtrack.providers.http import Reply
from groundtrack.providers.mapflow import Mapflow
from groundtrack.providers.mapflow_calls import refusal
from groundtrack.providers.mapflow_codes import MESSAGES, sentence
from simulator.personas.mapflow_codes import PARAMETERS
from support.mapflow import KNOWN, PAIR, STATUS, TOKEN

# Codes


def test_every_documented_code_has_a_sentence_with_its_parameters() -> None:
    assert set(PARAMETERS) <= set(MESSAGES)
    for code, parameters in PARAMETERS.items():
        text = sentence(code, parameters)
        assert text.endswith(".")
        assert "?" not in text
        assert code not in text
        shown = re.findall(r"\{(\w+)\}", MESSAGES[code].replace("{{", "").replace("}}", ""))
        assert all(parameters[name] in text for name in shown)
        assert set(shown) >= {name for name in parameters if name not in ("metadata", "profile")} - {"level"}


@pytest.mark.parametrize("code", MESSAGES)
def test_missing_or_strange_parameters_do_no_harm(code: str) -> None:
    for parameters in (None, {}, [], "text", {"max_zoom": None, "actual_res": {"a": 1}}):
        assert sentence(code, parameters)


def test_an_unknown_code_is_shown_with_its_parameters() -> None:
    assert sentence("new.Thing", {"level": "error", "size": "12"}) == "new.Thing: size 12."
    assert sentence("new.Thing", None) == "new.Thing."


@pytest.mark.parametrize(
    ("body", "code", "part"),
    [
        (
            {"code": "TOO_LARGE_PROCESSING", "message": "Above", "params": {"area": "31000000", "aoiAreaLimit": "25000000"}},
            "TOO_LARGE_PROCESSING",
            "Above. The area of 31 km²",
        ),
        (
            {"code": "ProviderMinAreaError", "message": "x", "params": {"aoiArea": "0.9", "providerName": "P", "providerMinArea": "5"}},
            "ProviderMinAreaError",
            "P sells at least",
        ),
        ({"code": "BAD_REQUEST", "message": "Name is missing", "params": None}, "BAD_REQUEST", "Name is missing"),
        (
            {"detail": {"code": "FileTooBig", "parameters": {"max_file_size": "1073741824", "actual_file_size": "1500000000"}}},
            "FileTooBig",
            "1,024 MB",
        ),
        ({"detail": [{"code": "ItemNotFound", "parameters": {"instance_type": "image", "uid": "7"}}]}, "ItemNotFound", "no image 7"),
        ({"detail": [{"loc": ["body", "file"], "msg": "field required", "type": "missing"}]}, "", "body.file: field required"),
        ({"detail": "FileOpenError"}, "FileOpenError", "not a GeoTIFF"),
        ({"detail": "Something"}, "", "Something"),
        ({"message": "Only text"}, "", "Only text"),
        (None, "", ""),
        ([1], "", ""),
        ({"detail": [None, 3]}, "", ""),
    ],
)
def test_errors_of_either_side_are_understood(body: Any, code: str, part: str) -> None:
    told = refusal(body)
    assert told[0] == code
    assert part in told[1]


@pytest.mark.parametrize(
    ("status", "path", "kind"),
    [
        (401, "/x", errors.AuthError),
        (403, "/processings/v2", errors.AuthError),
        (402, "/x", errors.QuotaError),
        (429, "/x", errors.QuotaError),
        (500, "/x", errors.ServiceError),
        (404, "/processings/1/v2", errors.NotFound),
        (404, "/processings/1/result", errors.ServiceError),
        (400, "/processings/v2", errors.InvalidRequest),
        (302, "/x", errors.ProtocolError),
        (404, "/processings/v2", errors.ConfigError),
    ],
)
def test_every_status_is_its_own_kind_of_problem(status: int, path: str, kind: type) -> None:
    service = Mapflow(Account("mapflow", "a", {"url": "https://m.test/rest"}, Secrets({"api_token": TOKEN})), None)
    problem = service.problem_of(Reply(status, {}, json.dumps({"message": f"{TOKEN} {PAIR} said"}).encode(), f"https://m.test/rest{path}"))
    assert type(problem) is kind
    assert TOKEN not in str(problem)
    assert "K3y" not in str(problem)
    assert "@" not in str(problem)


# What is told


@pytest.mark.parametrize(
    ("item", "phase"),
    [
        ({"status": "UNPROCESSED"}, Phase.QUEUED),
        ({"status": "IN_PROGRESS"}, Phase.RUNNING),
        ({"status": "AWAITING"}, Phase.RUNNING),
        ({"status": "OK"}, Phase.SUCCEEDED),
        ({"status": "FAILED"}, Phase.FAILED),
        ({"status": "CANCELED"}, Phase.CANCELLED),
        ({"status": "CANCELLED"}, Phase.CANCELLED),
        ({"status": "REFUNDED"}, Phase.FAILED),
        ({"status": "PAUSED"}, Phase.RUNNING),
        ({}, Phase.RUNNING),
        ({"status": "OK", "reviewStatus": {"reviewStatus": "IN_REVIEW", "inReviewUntil": "2026-03-18T00:00:00Z"}}, Phase.SUCCEEDED),
        ({"status": "OK", "reviewStatus": {"status": "NOT_ACCEPTED"}}, Phase.RUNNING),
        ({"status": "OK", "reviewStatus": "ACCEPTED"}, Phase.SUCCEEDED),
        ({"status": "OK", "reviewStatus": "REFUNDED"}, Phase.FAILED),
    ],
)
def test_every_state_is_understood(item: dict, phase: Phase) -> None:
    assert mapflow_read.status({"id": "1", **item}).phase is phase


def test_a_status_relies_on_nothing() -> None:
    status = mapflow_read.status(
        {"status": "OK", "percentCompleted": None, "cost": "NaN", "messages": [None, {"code": None}], "created": 5}
    )
    assert (status.cost, status.progress, status.created_at) == (None, None, "")
    assert mapflow_read.status({"status": "IN_PROGRESS", "percentCompleted": "35"}).progress == 0.35
    assert mapflow_read.status({"status": "AWAITING"}).again == 300
    assert str(mapflow_read.status({"status": "OK", "cost": 12.5}).cost) == "12.5 credits"


@pytest.mark.parametrize(
    ("told", "model", "style"),
    [
        ("building_heights", "x", "buildings"),
        ("", "🏠 Buildings (Aerial)", "buildings"),
        ("", "🏗️ Construction sites", "construction"),
        ("combo", "Buildings + Roads", "generic"),
        ("", "🌳 Tree crowns", "forest"),
        ("", "Something", ""),
    ],
)
def test_the_style_follows_the_services_hint_or_the_models_name(told: str, model: str, style: str) -> None:
    assert mapflow_read.style(told, model) == style


def test_account_shapes_flat_and_nested_and_strange() -> None:
    nested = mapflow_read.plan({"user": {"id": "1", "email": "a@b.c", "credits": 730}, "models": STATUS["models"]})
    assert (nested.credits, nested.balance, nested.most_parts) == (730, "730 credits", 10)
    assert KNOWN.plan.balance == "730 credits"
    assert mapflow_read.plan({**STATUS, "billingType": 0}).balance == "730 credits, 58.80 km²"
    assert [item.name for item in KNOWN.plan.sources] == ["mapbox", "fine"]
    assert mapflow_read.plan({"models": [None, {"name": "no id"}], "dataProviders": 3, "remainingCredits": None}).models == ()


def test_no_part_of_the_provider_is_taken_for_a_service() -> None:
    from groundtrack.providers import registry

    parts = [path.stem for path in (Path(registry.__file__).parent).glob("mapflow*.py")]
    assert set(registry.keys()) & set(parts) == {"mapflow"}


def test_results_are_named_after_what_was_found() -> None:
    service = Mapflow(Account("mapflow", "a", {"url": "https://m.test/rest/"}), None)
    (asset,) = service.assets(Handle("a/b", {"style": "roads"}))
    assert (asset.name, asset.url, asset.signed) == ("roads.geojson", "https://m.test/rest/processings/a%2Fb/result", True)
    assert service.assets(Handle("1", {"style": "../x"}))[0].name == "result.geojson"
