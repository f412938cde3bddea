"""Mapflow without a service: tokens, and what is sent."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from groundtrack.aoi import Aoi
from groundtrack.providers import errors
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.mapflow import Mapflow
from groundtrack.providers.mapflow_ask import Known, ask, is_ours, price_question, remembered, unmasked, values_of
from groundtrack.providers.mapflow_calls import signed_token
from groundtrack.providers.operation import Request
from support.mapflow import ACCOUNT, AREA, KNOWN, OURS, PAIR, PROJECT, REQUEST, STATUS, TOKEN
from support.sateais import Script


def asked(aoi: Aoi = AREA, known: Known = KNOWN, **values: Any) -> dict[str, Any]:
    return ask(Request("processing", {"model": "🏠 Buildings", **values}, aoi, "0123456789abcdef"), known, ACCOUNT).body


def source(**values: Any) -> dict[str, Any]:
    return asked(**values)["params"]["sourceParams"]


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


# What is sent


def test_a_request_is_sent_with_ids_and_a_label() -> None:
    meta = {"client": "Harbour", "year": 2026}
    body = asked(source="Mapbox satellite", zoom="18", name="Quay roofs", description="For the port", meta=meta)
    assert body == {
        "name": "01234567 Quay roofs",
        "description": "For the port",
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
    body = asked(**OURS, zoom=19, blocks="Heights", name="Quay", description="For the port", meta={"client": "H"})
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
        "description": "For the port",
        "meta": {"client": "H"},
    }
    for strange in ({}, {"params": None, "blocks": None, "meta": 3}, {"params": {"sourceParams": {"dataProvider": {"zoom": None}}}}):
        remembered(strange, "")


# Finding a lost job again


@pytest.mark.parametrize(
    "answer", [{"detail": "maintenance"}, {"results": "none"}, {"results": [None]}, {"results": [{"name": "x"}]}, {"results": None}]
)
def test_a_list_that_cannot_be_read_says_nothing_about_a_job(answer: Any) -> None:
    place = f"/rest/projects/{PROJECT['id']}"
    answers = {"GET /rest/projects/default": (200, PROJECT), f"POST {place}/processings/v2/page": (200, answer)}
    account = Account("mapflow", f"a{time.monotonic_ns()}", {"url": "https://m.test/rest"}, Secrets({"api_token": TOKEN}))
    service, request = Mapflow(account, Script(answers)), replace(REQUEST, tag="0123456789abcdef")
    with pytest.raises(errors.ProtocolError, match="cannot be read"):
        service.recover(request, time.time(), [])
    answers[f"POST {place}/processings/v2/page"] = (200, {"results": [], "total": 0})
    assert service.recover(request, time.time(), []) is None
