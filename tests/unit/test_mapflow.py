"""Mapflow without a service: tokens, codes, what is sent, what would be refused."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers import errors, mapflow_read
from groundtrack.providers.base import Account, Handle, Phase, Secrets, Severity
from groundtrack.providers.http import Reply
from groundtrack.providers.mapflow import Mapflow
from groundtrack.providers.mapflow_ask import Known, ask, is_ours, price_question, remembered, unmasked, values_of
from groundtrack.providers.mapflow_calls import refusal, signed_token
from groundtrack.providers.mapflow_check import find
from groundtrack.providers.mapflow_codes import MESSAGES, sentence
from groundtrack.providers.operation import Request
from simulator.personas.mapflow_codes import PARAMETERS

PAIR = "planner@example.org:K3y-For-Tests-1"
TOKEN = base64.b64encode(PAIR.encode()).decode()
AREA = from_bounds(4.401, 51.23, 4.415, 51.238)
REQUEST = Request("processing", {"model": "🏠 Buildings", "source": "mapbox", "zoom": 18}, AREA)
STATUS = {
    "billingType": "CREDITS",
    "remainingCredits": 730,
    "remainingArea": 58_800_000,
    "maxAoisPerProcessing": 3,
    "models": [
        {
            "id": "0b8a6a54-7f0e-4a53-9a5c-3a2f7f2d1101",
            "name": "🏠 Buildings",
            "pricePerSqKm": 0.0,
            "blocks": [
                {"name": "Segmentation", "optional": False, "price": 10.0},
                {"name": "Classification", "displayName": "Classes", "optional": True, "price": 0.0},
                {"name": "Heights", "displayName": "Height estimation", "optional": True, "price": 10.0},
            ],
        }
    ],
    "dataProviders": [{"name": "mapbox", "displayName": "Mapbox Satellite", "price": [{"zoom": 18, "priceSqKm": 3}]}] * 2
    + [{"name": "fine", "minAreaSqkm": 5}],
    "searchDataProviders": [{"name": "example_vhr", "displayName": "VHR"}],
}
PROJECT = {"id": "5d0b3f7e-2c37-4a83-8f3d-90b7b9a01001", "name": "Default", "isDefault": True, "user": {"aoiAreaLimit": 25_000_000}}
KNOWN = Known(mapflow_read.plan(STATUS), mapflow_read.project(PROJECT))
ACCOUNT = Account("mapflow", "a", {"imagery_host": "tiles.example.org"}, Secrets({"imagery_login": "anna", "imagery_password": "geheim1"}))
OURS = {"source_url": "https://tiles.example.org/{z}/{x}/{y}.png"}


def asked(aoi: Aoi = AREA, known: Known = KNOWN, **values: Any) -> dict[str, Any]:
    return ask(Request("processing", {"model": "🏠 Buildings", **values}, aoi, "0123456789abcdef"), known, ACCOUNT).body


def source(**values: Any) -> dict[str, Any]:
    return asked(**values)["params"]["sourceParams"]


def found(aoi: Aoi = AREA, known: Known = KNOWN, **values: Any) -> dict[str, str]:
    """Messages that stop the request, by field."""
    request = Request("processing", {"model": "🏠 Buildings", **values}, aoi)
    return {p.field: p.message for p in find(Mapflow.fixed_operations[0], request, known, ACCOUNT) if p.severity is Severity.ERROR}


def warned(**values: Any) -> str:
    request = Request("processing", {"model": "🏠 Buildings", **values}, AREA)
    return " ".join(p.message for p in find(Mapflow.fixed_operations[0], request, KNOWN, ACCOUNT) if p.severity is Severity.WARNING)


# Signing in


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        TOKEN.rstrip("="),
        f"  {TOKEN}\n",
        f"Basic {TOKEN}",
        f"bearer {TOKEN.rstrip('=')}",
        f'"{TOKEN}"',
        PAIR,
        f"{TOKEN[:20]}\n {TOKEN[20:]}",
    ],
)
def test_a_token_is_understood_as_it_is_pasted(pasted: str) -> None:
    assert signed_token(pasted) == TOKEN


@pytest.mark.parametrize("pasted", ["nonsense", base64.b64encode(b"no colon").decode(), "ключ", "a:b", "user@example.org", "Basic"])
def test_what_is_no_token_is_said_so_without_showing_it(pasted: str) -> None:
    with pytest.raises(errors.AuthError, match="not an API token") as caught:
        signed_token(pasted)
    assert pasted not in str(caught.value).replace("Basic", "") or pasted == "Basic"


def test_bearer_is_a_switch_and_takes_any_token() -> None:
    account = Account("mapflow", "a", {"scheme": "Bearer"}, Secrets({"api_token": "abc.def"}))
    service = Mapflow(account, None)
    assert service.signature() == {"Authorization": "Bearer abc.def"}
    assert "Authorization: Bearer •" in service.build(REQUEST).preview()


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
            "31 km²",
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


# What is sent


def test_a_request_is_sent_with_ids_and_a_label() -> None:
    body = asked(source="Mapbox satellite", zoom="18", name="Quay roofs", meta={"client": "Harbour", "year": 2026})
    assert body == {
        "name": "01234567 Quay roofs",
        "projectId": PROJECT["id"],
        "wdId": STATUS["models"][0]["id"],
        "geometry": AREA.geojson(),
        "params": {"sourceParams": {"dataProvider": {"providerName": "mapbox", "zoom": 18}}},
        "meta": {"client": "Harbour", "year": "2026", "source-app": "groundtrack", "groundtrack-job": "0123456789abcdef"},
    }
    assert price_question(body) == {name: body[name] for name in ("wdId", "geometry", "params")}


@pytest.mark.parametrize(
    ("values", "params"),
    [
        ({}, {"dataProvider": {"providerName": "mapbox"}}),
        ({"source": "unlisted", "zoom": 17}, {"dataProvider": {"providerName": "unlisted", "zoom": 17}}),
        ({"image_ids": "a,b"}, {"myImagery": {"imageIds": ["a", "b"]}}),
        ({"mosaic_id": "m", "zoom": 18}, {"myImagery": {"mosaicId": "m"}}),
        ({"image_ids": ["a"], "mosaic_id": "m"}, {"myImagery": {"imageIds": ["a"]}}),
        (
            {"source": "EXAMPLE_VHR", "image_ids": "x", "zoom": 18},
            {"imagerySearch": {"dataProvider": "example_vhr", "imageIds": ["x"], "zoom": 18}},
        ),
    ],
)
def test_imagery_is_named_in_exactly_one_way(values: dict, params: dict) -> None:
    assert source(**values) == params


def test_the_login_of_a_tile_server_is_masked_until_it_is_sent_and_only_for_that_server() -> None:
    body = asked(**OURS, zoom=19, source_type="tms")
    assert body["params"]["sourceParams"]["userDefined"] == {
        "sourceType": "TMS",
        "url": OURS["source_url"],
        "zoom": 19,
        "crs": "EPSG:3857",
        "rasterLogin": "••••••••",
        "rasterPassword": "••••••••",
    }
    values = values_of(Request("processing", {"model": "x", **OURS}))
    sent = json.loads(unmasked(body, values, ACCOUNT))["params"]["sourceParams"]["userDefined"]
    assert (sent["rasterLogin"], sent["rasterPassword"]) == ("anna", "geheim1")
    assert "raster" not in json.dumps(price_question(body))
    assert "rasterLogin" not in source(source_url="https://tiles.example.org.evil.test/{z}/{x}/{y}.png")["userDefined"]


def test_options_are_switched_by_name_or_label() -> None:
    assert asked(blocks="height ESTIMATION")["blocks"] == [
        {"name": "Classification", "enabled": False},
        {"name": "Heights", "enabled": True},
    ]
    assert asked(blocks=["Heights"], known=Known())["blocks"] == [{"name": "Heights", "enabled": True}]
    assert "blocks" not in asked()


@pytest.mark.parametrize("name", ["🏠 Buildings", "🏠 buildings", "Buildings", STATUS["models"][0]["id"].upper()])
def test_a_model_is_found_by_name_with_or_without_its_picture_or_by_id(name: str) -> None:
    assert asked(model=name)["wdId"] == STATUS["models"][0]["id"]


def test_what_is_not_known_yet_is_shown_as_given_with_a_note() -> None:
    found = ask(replace(REQUEST, values={"model": "🏠 Buildings", "project": "Harbour"}), Known(), ACCOUNT)
    assert found.body["wdName"] == "🏠 Buildings"
    assert "projectId" not in found.body
    assert len(found.notes) == 3
    assert "Harbour" in found.notes[0]


def test_a_request_is_the_same_whatever_is_known_and_whatever_its_tag() -> None:
    service = Mapflow(Account("mapflow", "a", {"url": "https://m.test/rest"}), None)
    assert service.fingerprint(REQUEST) == service.fingerprint(replace(REQUEST, tag="x"))
    assert service.fingerprint(REQUEST) != service.fingerprint(replace(REQUEST, values={**REQUEST.values, "zoom": 19}))


def test_a_processing_is_known_again_by_its_label_or_by_the_code_in_its_name() -> None:
    request = replace(REQUEST, tag="0123456789abcdef")
    assert is_ours({"meta": {"groundtrack-job": "0123456789abcdef"}}, request)
    assert not is_ours({"name": "01234567 x", "meta": {"groundtrack-job": "other"}}, request)
    assert is_ours({"name": "01234567 x"}, request)
    assert not is_ours({"name": "0123456789 x"}, request)


def test_a_past_processing_can_be_asked_for_again_without_its_login() -> None:
    body = asked(**OURS, zoom=19, blocks="Heights", name="Quay", meta={"client": "H"})
    body["params"]["sourceParams"]["userDefined"].update(rasterLogin="anna", rasterPassword="geheim1", zoom="19")
    body["params"]["sourceParams"]["myImagery"] = None
    item = {**body, "workflowDef": {"name": "🏠 Buildings"}}
    values = remembered(item, PROJECT["id"])
    assert values == {
        "model": "🏠 Buildings",
        "source_url": OURS["source_url"],
        "source_type": "XYZ",
        "source_crs": "EPSG:3857",
        "zoom": 19,
        "blocks": ("Heights",),
        "name": "Quay",
        "meta": {"client": "H"},
    }
    for strange in ({}, {"params": None, "blocks": None, "meta": 3}, {"params": {"sourceParams": {"dataProvider": {"zoom": None}}}}):
        remembered(strange, "")


# What would be refused


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"model": "Lighthouses"}, "model", "no model “Lighthouses”"),
        ({"blocks": "Chimneys"}, "blocks", "no option “Chimneys”"),
        ({**OURS, "source": "mapbox"}, "source_url", "not both"),
        ({"source": "mapbox", "mosaic_id": "m"}, "mosaic_id", "not both"),
        ({"source_url": "ftp://x/{z}/{x}/{y}"}, "source_url", "must begin with"),
        ({"source_url": "https://x.test/{z}/{x}.png"}, "source_url", "lacks {y}"),
        ({"source_url": "https://x.test/{z}", "source_type": "QUADKEY"}, "source_url", "lacks {q}"),
        ({"source_url": "https://me:pw1234@x.test/{z}/{x}/{y}"}, "source_url", "account’s settings"),
        ({"inference_params": "[1]"}, "inference_params", "JSON object"),
        ({"meta": '{"a": {"b": 1}}'}, "meta", "flat JSON object"),
        ({"meta": "{"}, "meta", "not valid JSON"),
        ({"zoom": 23}, "zoom", "above"),
        ({"source": "fine"}, "", "at least 5 km²"),
        ({"model": ""}, "model", "missing"),
    ],
)
def test_what_would_be_refused_is_said_at_its_input(values: dict, field: str, part: str) -> None:
    assert part in found(**values)[field]


def test_sound_requests_have_no_problems_and_nothing_unknown_is_judged() -> None:
    for values in ({}, {"source": "mapbox", "zoom": 18}, OURS, {"mosaic_id": "m"}):
        assert found(**values) == {}
    assert found(known=Known(), model="Lighthouses", blocks="Chimneys") == {}


def test_doubts_are_warnings() -> None:
    assert "usually takes zooms from 17 to 19" in warned(zoom=20)
    assert "not among the imagery" in warned(source="unlisted")
    assert "seems to hold a key" in warned(source_url="https://x.test/{z}/{x}/{y}?access_token=1")
    assert "no meaning" in warned(mosaic_id="m", zoom=18)
    assert "only the images" in warned(mosaic_id="m", image_ids="a")


def test_limits_count_the_whole_area_and_the_box_of_each_part() -> None:
    wide = from_bounds(4.0, 51.0, 4.1, 51.05)
    assert "at most 25 km²" in found(wide)[""]
    thin = Aoi(((((4.0, 51.0), (4.1, 51.0501), (4.1, 51.05), (4.0, 51.0)),),))
    assert "box around" in found(thin)[""]
    for area in (wide, thin):
        request = Request("processing", {"model": "🏠 Buildings"}, area)
        (problem,) = (p for p in find(Mapflow.fixed_operations[0], request, KNOWN, ACCOUNT) if p.code == "too_large")
        pieces = problem.repair.apply(request)
        assert sum(piece.aoi.area_km2 for piece in pieces) == pytest.approx(area.area_km2, rel=0.02)
        assert [found(piece.aoi) for piece in pieces] == [{}] * len(pieces)


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
