"""The simulator keeps the promises of the Mapflow contract, seen over real HTTP: tokens, projects, processings, costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simulator import Simulator
from simulator.client import START
from simulator.mapflow_client import BUILDINGS, FAR, NEAR, MapflowClient, creation, multi, polygon, source
from simulator.personas.mapflow_codes import PARAMETERS


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        simulator.clock.speed = 0
        yield simulator
        assert simulator.errors == []
        assert simulator.mapflow.leaks == []


@pytest.fixture
def client(sim: Simulator) -> MapflowClient:
    return MapflowClient(sim, sim.mapflow)


def raw(text: str) -> str:
    return f"Basic {text}"


# tokens and account


def test_tokens(client: MapflowClient) -> None:
    mapflow = client.sim.mapflow
    assert mapflow.url.endswith("/rest")
    assert mapflow.token.endswith("=")
    headers = {"as told": raw(mapflow.token), "bearer": f"Bearer {mapflow.token}", "no padding": raw(mapflow.token.rstrip("=")),
               "raw pair": raw("planner@example.org:K3y-For-Tests-1"), "other": "Token x", "no scheme": mapflow.token}
    found = {use: client.get("/projects/default", Authorization=value).status for use, value in headers.items()}
    assert found == {"as told": 200, "bearer": 200, "no padding": 401, "raw pair": 401, "other": 401, "no scheme": 401}
    by_account = {}
    for use, client.key in mapflow.tokens.items():
        by_account[use] = client.get("/user/status").status, client.post("/projects", {"name": "x"}).status
    assert by_account == {**dict.fromkeys(mapflow.tokens, (200, 200)), "blocked": (403, 403), "bad": (401, 401), "readonly": (200, 403)}
    client.key = None
    assert client.get("/user/status").json["code"] == "UNAUTHORIZED"


def test_unknown_paths_and_the_version_before(client: MapflowClient) -> None:
    job = client.job()
    answers = [client.get("/nothing"), client.get(f"/processings/{job}"), client.post("/processings", creation()),
               client.get(f"/projects/{client.sim.mapflow.default_project().project_id}/processings")]
    assert [(one.status, one.json["code"]) for one in answers] == [(404, "NOT_FOUND")] * 4
    assert client.call("DELETE", "/user/status").status == 405
    client.sim.mapflow.settings.off = {"*/page": 405, "/processings/*/aois": 404}
    assert client.post(f"/projects/{client.told(job)['projectId']}/processings/v2/page", {}).status == 405
    assert client.get(f"/processings/{job}/aois").status == 404


def test_account_status_in_both_shapes(client: MapflowClient) -> None:
    settings, flat = client.sim.mapflow.settings, client.get("/user/status").json
    assert (flat["billingType"], flat["remainingCredits"], flat["maxAoisPerProcessing"]) == ("CREDITS", 100_000, 12)
    assert flat["models"][0]["name"] == BUILDINGS
    assert {block["name"] for block in flat["models"][0]["blocks"] if block["optional"]} == {
        "Classification", "Simplification", "OSM", "Heights"}
    assert "example_premium" not in {one["name"] for one in flat["searchDataProviders"]}
    settings.billing_shape, settings.repeat_providers = "zero", True
    repeated = client.get("/user/status").json
    assert repeated["billingType"] == 0
    assert repeated["dataProviders"][0] == repeated["dataProviders"][-1]
    settings.status_shape = "nested"
    nested = client.get("/user/status").json
    assert set(nested) == {"user", "models"}
    assert nested["user"]["credits"] == 100_000


def test_answers_with_more_and_with_less(client: MapflowClient) -> None:
    settings, job = client.sim.mapflow.settings, client.job()
    settings.lean = True
    assert set(client.told(job)) == {"id", "name", "status", "blocks"}
    settings.lean, settings.extra_keys = False, True
    assert "xNewMember" in client.told(job)["workflowDef"]
    settings.time_style = "naive"
    assert client.told(job)["created"] == "2026-09-21T14:13:20"


# projects


def test_projects(client: MapflowClient) -> None:
    default = client.get("/projects/default").json
    assert default["isDefault"] is True
    made = client.post("/projects", {"name": "Harbour survey", "description": "Roofs"}).json
    assert [one["name"] for one in client.get("/projects").json] == ["Default", "Harbour survey"]
    page = client.post("/projects/page", {"limit": 1, "offset": 0, "filter": "harb", "sortBy": "UPDATED", "sortOrder": "DESC"}).json
    assert (page["total"], page["count"], page["results"][0]["id"]) == (1, 1, made["id"])
    assert client.call("PUT", f"/projects/{made['id']}", {"name": "Harbour II"}).json["name"] == "Harbour II"
    job = client.job(creation(projectId=made["id"]))
    assert client.told(job)["projectId"] == made["id"]
    assert client.call("DELETE", f"/projects/{made['id']}").status == 200
    assert client.get(f"/projects/{made['id']}").status == 404
    assert client.get(f"/processings/{job}/v2").status == 404
    assert client.call("DELETE", f"/projects/{default['id']}").status == 400
    client.sim.mapflow.settings.empty_page = "missing"
    assert "results" not in client.post("/projects/page", {"filter": "none"}).json


def test_projects_are_private_unless_shared(client: MapflowClient) -> None:
    tokens, made = client.sim.mapflow.tokens, client.post("/projects", {"name": "Ours"}).json["id"]
    client.key = tokens["second"]
    assert client.get(f"/projects/{made}").status == 404
    client.key = tokens["good"]
    client.post("/projects/share", {"projectId": made, "email": "second@example.org", "role": "readonly"})
    client.key = tokens["second"]
    assert client.get(f"/projects/{made}").json["shareProject"]["users"][-1] == {"email": "second@example.org", "role": "readonly"}
    assert client.call("PUT", f"/projects/{made}", {"name": "Mine"}).status == 403
    client.key = tokens["readonly"]
    assert made in {one["id"] for one in client.get("/projects").json}


# creation


BAD_SHAPE = {"type": "Polygon", "coordinates": [[[4.4, 51.2], [4.5, 51.3], [4.5, 51.2], [4.4, 51.3], [4.4, 51.2]]]}
TWO = {"sourceParams": {"dataProvider": {"providerName": "mapbox"}, "myImagery": {"imageIds": ["x"]}}}
REFUSED = [
    (creation(name=""), 400, "BAD_REQUEST"), (creation(name="omit"), 400, "BAD_REQUEST"), (creation(wdName="omit"), 400, "BAD_REQUEST"),
    (creation(wdName="Buildings"), 400, "BAD_REQUEST"), (creation(wdId="0b8a"), 400, "BAD_REQUEST"),
    (creation(projectId="none"), 404, "NOT_FOUND"), (creation(geometry="omit"), 400, "geometry.Invalid"),
    (creation(geometry={"type": "Feature", "properties": {}, "geometry": polygon()}), 400, "geometry.Invalid"),
    (creation(geometry={"type": "Point", "coordinates": NEAR}), 400, "geometry.Invalid"),
    (creation(geometry=BAD_SHAPE), 400, "geometry.Invalid"), (creation(geometry=polygon(side=0.3)), 400, "TOO_LARGE_PROCESSING"),
    (creation(geometry=multi(*[(4 + i / 50, 51.0) for i in range(13)])), 400, "BAD_REQUEST"),
    (creation(params="omit"), 400, "BAD_REQUEST"), (creation(params={"sourceParams": {}}), 400, "BAD_REQUEST"),
    (creation(params=TWO), 400, "BAD_REQUEST"), (creation(params=source("wms", url="x")), 400, "BAD_REQUEST"),
    (creation(params=source(name="mapbox")), 400, "BAD_REQUEST"), (creation(params=source(providerName="bing")), 404, "NOT_FOUND"),
    (creation(params=source("myImagery", imageIds=[])), 400, "BAD_REQUEST"),
    (creation(params=source("myImagery", imageIds=["x"])), 404, "NOT_FOUND"),
    (creation(params=source("imagerySearch", imageIds=["x"])), 400, "BAD_REQUEST"),
    (creation(params=source("imagerySearch", dataProvider="example_vhr", imageIds=["x"])), 404, "NOT_FOUND"),
    (creation(params=source("imagerySearch", dataProvider="example_premium", imageIds=["x"])), 403, "FORBIDDEN"),
    (creation(params=source(providerName="example_fine"), geometry=polygon(side=0.005)), 400, "ProviderMinAreaError"),
    (creation(blocks=[{"name": "Segmentation", "enabled": True}]), 400, "BAD_REQUEST"),
    (creation(blocks=[{"name": "heights", "enabled": True}]), 400, "BAD_REQUEST"),
    (creation(blocks=[{"name": "Heights", "enabled": "yes"}]), 400, "BAD_REQUEST"), (creation(meta={"n": 1}), 400, "BAD_REQUEST"),
    (creation(colour="red"), 400, "BAD_REQUEST"), (creation(params={**source(), "inferenceParams": []}), 400, "BAD_REQUEST"),
    ([], 400, "BAD_REQUEST"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
def test_what_breaks_a_rule_is_refused(client: MapflowClient, body: Any, status: int, code: str) -> None:
    answer = client.post("/processings/v2", body)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert client.sim.mapflow.jobs == {}


def test_shapes_of_errors(client: MapflowClient) -> None:
    assert client.call("POST", "/processings/v2", creation(), Content_Type="text/plain").status == 400
    large = client.post("/processings/v2", creation(geometry=polygon(side=0.3))).json
    assert int(large["params"]["area"]) > int(large["params"]["aoiAreaLimit"]) == 100_000_000
    client.sim.mapflow.settings.error_shape = "html"
    assert client.post("/processings/v2", {}).headers["Content-Type"] == "text/html"
    client.sim.mapflow.settings.error_shape = "text"
    assert client.post("/processings/v2", {}).body == b"name must not be empty"


def test_the_answer_to_a_creation(client: MapflowClient) -> None:
    mapflow = client.sim.mapflow
    body = creation(blocks=[{"name": "Heights", "enabled": True}], meta={"marker": "m-1"}, description="north")
    told = client.post("/processings/v2", body).json
    assert (told["status"], told["percentCompleted"], told["aoiCount"], told["reviewStatus"]) == ("UNPROCESSED", 0, 1, None)
    assert told["meta"] == {"marker": "m-1"}
    assert {one["name"]: one["enabled"] for one in told["blocks"]}["Heights"] is True
    assert told["params"]["sourceParams"] == {**source()["sourceParams"], "imagerySearch": None, "myImagery": None, "userDefined": None}
    assert (told["vectorLayer"], told["rasterLayer"]) == (None, None)
    assert mapflow.accounts["good"].credits == 100_000 - told["cost"]
    mapflow.settings.create_shape = "short"
    assert set(client.post("/processings/v2", creation()).json) == {"id", "name", "status", "percentCompleted", "cost", "created"}
    mapflow.next_job(no_id=True)
    assert "id" not in client.post("/processings/v2", creation()).json


def test_who_cannot_pay(client: MapflowClient) -> None:
    for use in ("no_credits", "area"):
        client.key = client.sim.mapflow.tokens[use]
        statuses = [client.post("/processings/v2", creation()).status for _ in range(3)]
        assert statuses == ([400, 400, 400] if use == "no_credits" else [200, 400, 400])


def test_cost(client: MapflowClient) -> None:
    model = client.get("/user/status").json["models"][0]["id"]
    body = {"wdId": model, "areaSqKm": 2.4, "params": source(), "blocks": [{"name": "Classification", "enabled": True}]}
    answer = client.post("/processing/cost/v2", body)
    assert (answer.body, answer.headers["Content-Type"]) == (b"32", "text/plain")
    assert client.post("/processing/cost/v2", {**body, "blocks": [{"name": "Heights", "enabled": True}]}).body == b"56"
    assert client.post("/processing/cost/v2", {**body, "areaSqKm": 0.2}).body == b"13"
    whole = creation(wdId=model, wdName="omit", projectId="any", meta={"a": "b"})
    price = int(client.post("/processing/cost/v2", whole).body)
    assert client.post("/processings/v2", creation()).json["cost"] == price
    client.sim.mapflow.settings.cost_shape = "decimal"
    assert client.post("/processing/cost/v2", body).body == b"31.50"
    for wrong in ({"areaSqKm": 2}, {"wdId": model}, {"wdId": "x", "areaSqKm": 2}, {"wdId": model, "areaSqKm": -1}):
        assert client.post("/processing/cost/v2", wrong).status == 400


# life


def test_a_processing_goes_through_its_states(client: MapflowClient) -> None:
    job, seen = client.job(await_time=6.0), []
    for _ in range(11):
        told = client.told(job)
        seen.append((told["status"], told["percentCompleted"]))
        client.sim.clock.advance(3)
    assert [state for i, state in enumerate(seen) if i == 0 or seen[i - 1] != state] == [
        ("UNPROCESSED", 0), ("AWAITING", 0), ("IN_PROGRESS", 0), ("IN_PROGRESS", 35), ("IN_PROGRESS", 70), ("OK", 100)]


def test_names_force_outcomes(client: MapflowClient) -> None:
    found = {}
    for word in ("fail", "cancel", "refund", "unknown", "review", "empty"):
        job = client.done(creation(name=f"a-{word}"))
        told = client.told(job)
        found[word] = told["status"]
        if word == "fail":
            assert told["messages"][0]["code"] == "source-validator.PixelSizeTooHigh"
            assert told["messages"][0]["parameters"]["max_res"] == "1.2"
        if word == "review":
            assert told["reviewStatus"]["reviewStatus"] == "IN_REVIEW"
        if word == "empty":
            assert client.result(job).json["features"] == []
    assert found == {"fail": "FAILED", "cancel": "CANCELLED", "refund": "REFUNDED", "unknown": "PAUSED", "review": "OK", "empty": "OK"}


def test_every_code_comes_with_its_parameters(client: MapflowClient) -> None:
    told = client.told(client.done(fail_codes=[*PARAMETERS, "new.Code"]))
    assert len(told["messages"]) == len(PARAMETERS) + 1
    assert {one["code"]: set(one["parameters"]) for one in told["messages"]}["dataloader.TileNotLoaded"] == {
        "level", "tile_location", "status"}


BROKEN_SOURCES = [
    (source(providerName="mapbox", zoom=15), "TooLowZoom"), (source(providerName="mapbox", zoom="21"), "TooHighZoom"),
    (source(providerName="mapbox", zoom=30), "InvalidZoomValue"), (source(providerName="mapbox", zoom=18.5), "ZoomMustBeInteger"),
    (source("userDefined", sourceType="WMS", url="https://a.example"), "SourceTypeIsNotAllowed"),
    (source("userDefined", sourceType="XYZ", url="https://a.example/{z}/{x}"), "XYZLinkFormatError"),
    (source("userDefined", sourceType="QUADKEY", url="https://a.example/{x}"), "QuadkeyLinkFormatError"),
    (source("userDefined", sourceType="TMS", url="a.example"), "UrlMustBeLink"),
    (source("userDefined", sourceType="XYZ", url="https://tile.openstreetmap.org/{z}/{x}/{y}.png"), "UrlBlacklisted"),
    (source("userDefined", sourceType="XYZ", url="https://a.example/{z}/{x}/{y}", crs="EPSG:2154"), "CrsIsNotSupported"),
]


@pytest.mark.parametrize(("params", "code"), BROKEN_SOURCES)
def test_a_source_that_cannot_be_read_fails_later(client: MapflowClient, params: Any, code: str) -> None:
    told = client.told(client.done(creation(params=params)))
    assert told["status"] == "FAILED"
    assert told["messages"][0]["code"].endswith(f".{code}")


def test_own_tiles_are_taken(client: MapflowClient) -> None:
    params = source("userDefined", sourceType="XYZ", url="https://a.example/{z}/{x}/{y}.png", zoom="18", crs="epsg:3857",
                    rasterLogin="me", rasterPassword="s")
    told = client.told(client.done(creation(params=params)))
    assert (told["status"], told["params"]["sourceParams"]["userDefined"]["rasterPassword"]) == ("OK", "s")


def test_parts_fail_and_are_run_again(client: MapflowClient) -> None:
    job = client.done(creation(geometry=multi(NEAR, FAR)), fail_codes=["dataloader.NoDataTile"], failed_aois=[1])
    aois = client.get(f"/processings/{job}/aois").json
    assert [one["status"] for one in aois] == ["OK", "FAILED"]
    assert aois[1]["messages"][0]["code"] == "dataloader.NoDataTile"
    good = client.result(job, f"?aoiId={aois[0]['id']}").json["features"]
    assert good
    assert client.result(job, f"?aoiId={aois[1]['id']}").json["features"] == []
    assert client.post(f"/processings/{job}/restart").status == 200
    assert client.told(job)["status"] == "IN_PROGRESS"
    assert [one["status"] for one in client.get(f"/processings/{job}/aois").json] == ["OK", "IN_PROGRESS"]
    client.sim.clock.advance(60)
    assert client.told(job)["status"] == "OK"
    assert client.post(f"/processings/{job}/restart/v2").status == 400
    client.sim.mapflow.settings.aois_shape = "object"
    assert len(client.get(f"/processings/{job}/aois").json["aois"]) == 2
    assert len(client.get(f"/processings/{client.done(creation(name='x-partial'))}/aois").json["aois"]) == 2


def test_plans_of_trouble(client: MapflowClient) -> None:
    assert client.get(f"/processings/{client.job(forgotten=True)}/v2").status == 404
    hidden = client.job(hidden_for=30.0)
    assert client.get(f"/processings/{hidden}/v2").status == 404
    client.sim.clock.advance(30)
    assert client.get(f"/processings/{hidden}/v2").status == 200
    assert b'"cost": NaN' in client.get(f"/processings/{client.job(nan='status')}/v2").body
    assert "percentCompleted" not in client.told(client.job(percent="missing"))
    stuck = client.job(stuck=True)
    client.sim.clock.advance(1e6)
    assert client.told(stuck)["status"] == "IN_PROGRESS"
    with pytest.raises(ValueError, match="no switch named"):
        client.sim.mapflow.next_job(colour="red")


def test_changes(client: MapflowClient) -> None:
    settings, job = client.sim.mapflow.settings, client.done()
    project = client.post("/projects", {"name": "Other"}).json["id"]
    told = client.call("PUT", f"/processings/{job}", {"name": "Renamed", "description": "d", "projectId": project}).json
    assert (told["name"], told["description"], told["projectId"]) == ("Renamed", "d", project)
    assert client.call("PUT", f"/processings/{job}/v2", {"name": "Again"}).json["name"] == "Again"
    settings.update_shape = "v1"
    assert client.call("PUT", f"/processings/{job}", {"name": "B"}).json["params"] == {"data_provider": "mapbox", "zoom": "18"}
    settings.write_status = 204
    assert client.call("PUT", f"/processings/{job}", {"name": "C"}).body == b""
    assert [client.call("PUT", f"/processings/{job}/rate", {"rating": n}).status for n in (0, 6, 4)] == [400, 400, 204]
    assert client.told(job)["rating"] == {"rating": 4, "feedback": None}
    assert client.call("DELETE", f"/processings/{job}").status == 204
    assert client.call("DELETE", f"/processings/{job}").status == 404


def test_review(client: MapflowClient) -> None:
    settings = client.sim.mapflow.settings
    settings.reviews = True
    job, path = client.done(), ""
    path = f"/processings/{job}"
    nothing = {"comment": "Sheds are missing", "features": {"type": "FeatureCollection", "features": []}}
    assert client.call("PUT", f"{path}/rejection", {"comment": "x"}).status == 400
    assert client.call("PUT", f"{path}/rejection", nothing).status == 200
    assert client.told(job)["reviewStatus"]["reviewStatus"] == "NOT_ACCEPTED"
    assert client.call("PUT", f"{path}/acceptation").status == 400
    client.sim.clock.advance(61)
    settings.review_shape = "status"
    assert client.told(job)["reviewStatus"] == {"status": "IN_REVIEW", "feedback": "Sheds are missing"}
    assert client.call("PUT", f"{path}/acceptation").status == 200
    settings.review_shape = "text"
    assert client.told(job)["reviewStatus"] == "ACCEPTED"
    assert client.get("/user/status").json["reviewWorkflowEnabled"] is True


# lists


def test_lists_and_pages(client: MapflowClient) -> None:
    mapflow, other = client.sim.mapflow, client.post("/projects", {"name": "Other"}).json["id"]
    for number in range(3):
        client.job(creation(name=f"Run {number}"))
        client.sim.clock.advance(1)
    client.job(creation(name="Elsewhere", projectId=other))
    default = mapflow.default_project().project_id
    assert len(client.get("/processings/v2").json) == 4
    assert len(client.get(f"/projects/{default}/processings/v2").json) == 3
    page = f"/projects/{default}/processings/v2/page"
    found = client.post(page, {"limit": 2, "offset": 1, "sortBy": "CREATED", "sortOrder": "DESC"}).json
    assert ([one["name"] for one in found["results"]], found["total"], found["count"]) == (["Run 1", "Run 0"], 3, 2)
    assert client.post(page, {"terms": "run 2"}).json["total"] == 1
    assert client.post(page, {"sortBy": "COLOUR"}).status == 400
    mapflow.settings.list_shape = "short"
    assert set(client.get("/processings/v2").json[0]) == {"id", "name", "projectId", "status", "percentCompleted"}
    mapflow.settings.empty_page = "null"
    assert client.post(page, {"terms": "none"}).json == {"results": None, "total": 0, "count": 0}


def test_a_thousand_running_processings(client: MapflowClient) -> None:
    client.sim.mapflow.settings.crowd = 1000
    page = f"/projects/{client.get('/projects/default').json['id']}/processings/v2/page"
    found = client.post(page, {"limit": 1000}).json
    assert found["count"] == 1000
    assert {one["status"] for one in found["results"]} == {"UNPROCESSED"}
    client.sim.clock.advance(10)
    assert client.told(found["results"][0]["id"])["status"] == "IN_PROGRESS"
    client.sim.mapflow.finish(found["results"][0]["id"])
    assert client.told(found["results"][0]["id"])["status"] == "OK"
    client.sim.mapflow.settings.page_max = 100
    assert client.post(page, {"limit": 1000}).json["count"] == 100


def test_history(client: MapflowClient) -> None:
    for name in ("one", "two-fail", "three"):
        client.done(creation(name=name))
        client.sim.clock.advance(1)
    body = {"page": 1, "perPage": 2, "sort": "created:desc"}
    found = client.post("/processings/stats?type=json", body).json
    assert ([row["name"] for row in found["results"]], found["total"], found["count"]) == (["three", "two-fail"], 3, 2)
    assert found["totalCost"] == 45
    assert found["results"][0]["linkToMap"].endswith(list(client.sim.mapflow.jobs)[2])
    good = client.post("/processings/stats?type=JSON", {"filter": "status=OK", "sort": "created,desc"}).json
    assert [row["name"] for row in good["results"]] == ["three", "one"]
    assert client.post("/processings/stats?type=JSON", {"sort": "colour"}).status == 400
    text = client.post("/processings/stats?type=CSV", {"page": 2, "perPage": 2})
    assert text.headers["Content-Type"] == "text/csv"
    assert text.body.decode().splitlines()[1].startswith("Default,one,planner@example.org")
