"""The simulator keeps the promises of the Sentinel Hub contract, seen over real HTTP: bodies, costs, the Catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simulator import Simulator
from simulator.client import START
from simulator.object_storage import S3
from simulator.personas.sentinelhub_files import cost
from simulator.personas.sentinelhub_output import order
from simulator.personas.sentinelhub_script import read
from simulator.sentinelhub_client import (
    BOTH,
    JUNE,
    NDVI,
    POLYGON,
    SEARCH,
    TWO,
    SentinelhubClient,
    body,
    changed,
    response,
    s3_delivery,
)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    store = S3()
    yield store
    store.stop()


@pytest.fixture
def sim(s3: S3) -> Iterator[Simulator]:
    with Simulator(speed=0, start=START, s3=s3) as simulator:
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> SentinelhubClient:
    return SentinelhubClient(sim)


@pytest.fixture
def ndvi(sim: Simulator) -> dict[str, Any]:
    return body(s3_delivery(sim))


# bodies


FILTER, SAR = "input->data->0->dataFilter", {"type": "sentinel-1-grd", "dataFilter": {}, "processing": {}}
OUT, WHERE = "output", "input->bounds"
BAD: list[tuple[str, Any, str]] = [
    ("extra", 1, "extra"), ("input", None, "input"), (WHERE, {}, WHERE), (f"{WHERE}->bbox", [1, 2, 3], f"{WHERE}->bbox"),
    (f"{WHERE}->bbox", [1, 2, 1, 4], f"{WHERE}->bbox"),
    (f"{WHERE}->geometry", {"type": "Point", "coordinates": [1, 2]}, f"{WHERE}->geometry"),
    (f"{WHERE}->geometry", {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, f"{WHERE}->geometry->coordinates"),
    (f"{WHERE}->geometry", {"type": "Polygon", "coordinates": [[[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1]]]},
     f"{WHERE}->geometry->coordinates"),
    (f"{WHERE}->geometry", {**POLYGON, "crs": {}}, f"{WHERE}->geometry->crs"),
    (f"{WHERE}->properties->crs", "EPSG:32633", f"{WHERE}->properties->crs"),
    (f"{WHERE}->properties->crs", "http://www.opengis.net/def/crs/EPSG/0/25832", f"{WHERE}->properties->crs"),
    ("input->data", [], "input->data"), ("input->data->0->type", "sentinel-9", "input->data->0->type"),
    ("input->data->0->type", "hls", "input->data->0->type"), (f"{FILTER}->timeRange->from", "2026-06-01", f"{FILTER}->timeRange"),
    (f"{FILTER}->timeRange->from", "2026-07-01T00:00:00Z", f"{FILTER}->timeRange"),
    (f"{FILTER}->maxCloudCoverage", 101, f"{FILTER}->maxCloudCoverage"), (f"{FILTER}->tiers", "TIER_1", f"{FILTER}->tiers"),
    ("input->data->0->processing", {"upsampling": "CUBIC"}, "input->data->0->processing->upsampling"),
    ("input->data->0", {**SAR, "dataFilter": {"mosaickingOrder": "leastCC"}}, f"{FILTER}->mosaickingOrder"),
    ("input->data->0", {**SAR, "processing": {"backCoeff": "GAMMA0_TERRAIN"}}, "input->data->0->processing->backCoeff"),
    ("input->data->0", {**SAR, "processing": {"speckleFilter": {"type": "LEE", "windowSizeX": 9, "windowSizeY": 3}}},
     "input->data->0->processing->speckleFilter"),
    ("input->data->0", {**SAR, "processing": {"radiometricTerrainOversampling": 5}},
     "input->data->0->processing->radiometricTerrainOversampling"),
    ("input->data->0", {"type": "dem", "dataFilter": {"timeRange": {}}}, f"{FILTER}->timeRange"),
    ("evalscript", None, "evalscript"), ("evalscriptReference", {"s3": {}}, "evalscript"),
    ("evalscript", "function setup() {}", "evalscript"), ("evalscript", NDVI.replace("bands: 1", "bands: n"), "evalscript"),
    (f"{OUT}->width", 10_001, f"{OUT}->width"), (f"{OUT}->height", None, OUT), (f"{OUT}->resx", 10, OUT),
    (f"{OUT}->responses", [response("default"), response("default")], f"{OUT}->responses->1->identifier"),
    (f"{OUT}->responses->0->identifier", "ndvi", f"{OUT}->responses->0->identifier"),
    (f"{OUT}->responses->0->format->type", "image/gif", f"{OUT}->responses->0->format->type"),
    (f"{OUT}->responses->0->format->type", "image/png", f"{OUT}->responses->0->format->type"),
    (f"{OUT}->responses->0->format->quality", 80, f"{OUT}->responses->0->format->quality"),
    (f"{OUT}->delivery", {}, f"{OUT}->delivery"), (f"{OUT}->delivery->gs", {}, f"{OUT}->delivery"),
    (f"{OUT}->delivery->s3->url", "gs://bucket/x", f"{OUT}->delivery->s3->url"),
    (f"{OUT}->delivery->s3->url", "s3://bucket/<ID>/x", f"{OUT}->delivery->s3->url"),
    (f"{OUT}->delivery->s3->accessKey", "AKIA", f"{OUT}->delivery->s3"), (f"{OUT}->delivery->s3->iamRoleARN", None, f"{OUT}->delivery->s3"),
    (f"{OUT}->delivery->s3->iamRoleARN", "sh-delivery", f"{OUT}->delivery->s3->iamRoleARN"),
    (f"{OUT}->delivery", {"gs": {"url": "gs://bucket", "credentials": "{}"}}, f"{OUT}->delivery->gs->credentials"),
]


def test_what_breaks_a_rule_is_refused(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    found, wanted = [], []
    for path, new, parameter in BAD:
        answer = client.post(changed(ndvi, path, new))
        told = [error["parameter"] for error in answer.json["error"]["errors"]]
        found.append((path, new, answer.status, answer.code, parameter if parameter in told else told))
        wanted.append((path, new, 400, "COMMON_BAD_PAYLOAD", parameter))
    assert found == wanted
    assert client.service.jobs == {}


def test_refusals_with_numbers(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    large = changed(changed(changed(changed(ndvi, "output->width"), "output->height"), "output->resx", .05), "output->resy", 10)
    issue = client.post(large).json["error"]["errors"][0]
    assert issue == {"parameter": "output->resx", "violation": "`width = 20000`, calculated from resx, is larger than allowed 10000"}
    client.service.settings.errors_as = "object"
    assert "output->resx" in client.post(large).json["error"]["errors"]
    degrees = changed(changed(ndvi, "input->bounds->bbox", [11, 48, 12, 49]), "input->bounds->properties")
    coarse = client.post(changed(changed(degrees, "output->width", 50), "output->height", 50))
    assert (coarse.status, coarse.code, coarse.json["error"].get("errors")) == (400, "COMMON_EXCEPTION", None)
    assert "1500.00" in coarse.json["error"]["message"]
    template = body(s3_delivery(client.sim, "q/<REQUEST_ID>.tif"), BOTH, TWO)
    assert "output->delivery" in client.post(template).json["error"]["errors"]


def test_what_other_deployments_take(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    settings = client.service.settings
    settings.deployment = "aws-us-west-2"
    assert client.post(ndvi).status == 400
    assert client.post(changed(ndvi, "input->data->0->type", "landsat-ot-l2")).status == 200
    settings.deployment = "cdse"
    assert "CDSE" in client.service.token_url
    assert client.post(ndvi).json["error"]["errors"][0]["parameter"] == "output->delivery->s3->iamRoleARN"
    pair = s3_delivery(client.sim, iamRoleARN=None, accessKey=client.sim.s3.user.key_id, secretAccessKey=client.sim.s3.user.secret)
    assert client.post(body(pair)).status == 200
    assert client.post(body(pair), "/async/v1/process").status == 404
    settings.deployment = "aws-eu-central-1"
    settings.forbidden_types = ["sentinel-2-l2a"]
    assert client.post(ndvi).status == 403


# scripts and costs


@pytest.mark.parametrize(("text", "words"), [
    (NDVI.replace("//VERSION=3", "//VERSION=2"), "VERSION=3"), (NDVI.replace("evaluatePixel", "evaluate"), "evaluatePixel"),
    (NDVI.replace("FLOAT32", "FLOAT64"), "sampleType"), (NDVI.replace("bands: 1", "bands: 0"), "number of bands"),
    (BOTH.replace('"SIMPLE"', '"DAILY"'), "mosaicking"), (BOTH.replace('id: "rgb"', 'id: "default"'), "unique")])
def test_scripts_that_make_no_sense(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(text)


def test_scripts_may_be_written_in_many_ways() -> None:
    told = read("""//VERSION=3
    /* setup() { return nothing } */
    const setup = () => ({ 'input': ['VV', "VH",], output: [{id: 'a', bands: 2, sampleType: SampleType.INT16, nodataValue: -1e3},],
      mosaicking: Mosaicking.ORBIT })
    let evaluatePixel = s => [s.VV]; // { ]""")
    assert (told.bands, told.mosaicking) == (["VV", "VH"], "ORBIT")
    assert [(one.identifier, one.bands, one.sample_type, one.nodata) for one in told.outputs] == [("a", 2, "INT16", -1000.0)]


def _script(bands: list[str], kind: str, mosaicking: str = "SIMPLE") -> str:
    return NDVI.replace('"B04", "B08"', ", ".join(f'"{band}"' for band in bands)).replace("FLOAT32", kind).replace(
        "nodataValue: -9999}", f'}}, mosaicking: "{mosaicking}"')


def test_costs_are_those_of_the_worked_examples(client: SentinelhubClient, ndvi: dict[str, Any]) -> None:
    sar = {"type": "sentinel-1-grd", "dataFilter": {"timeRange": JUNE}, "processing": {"orthorectify": True}}
    month = {"type": "sentinel-2-l2a", "dataFilter": {"timeRange": {**JUNE, "to": "2026-06-26T00:00:00Z"}}}
    cases = [(3600, 3400, ["B04", "B08"], "AUTO", "SIMPLE", {}, 20.752), (10_000, 10_000, ["VV", "VH"], "FLOAT32", "SIMPLE", sar, 678.168),
             (2000, 2000, ["B04", "B08", "SCL"], "UINT16", "ORBIT", month, 50.863),
             (90, 90, ["B04", "B08"], "FLOAT32", "SIMPLE", {}, .0412), (100, 100, ["B02", "B03", "B04"], "UINT8", "SIMPLE", {}, .02543)]
    for width, height, bands, kind, mosaicking, source, wanted in cases:
        given = {**ndvi, "evalscript": _script(bands, kind, mosaicking), "output": {**ndvi["output"], "width": width, "height": height}}
        known = order(changed(given, "input->data->0", source) if source else given, client.service.settings)
        assert known.setup is not None
        assert cost(known, known.setup, 0, False) == pytest.approx(wanted, rel=2e-3 if wanted < 1 else 1e-4)


# the Catalog


def test_search_has_pages_filters_and_fields(client: SentinelhubClient) -> None:
    first = client.search(limit=5)
    assert (first.status, first.headers["Content-Type"]) == (200, "application/geo+json")
    found, answer = list(first.json["features"]), first.json
    assert answer["context"] == {"next": 5, "limit": 5, "returned": 5}
    while "next" in answer["context"]:
        answer = client.search(limit=5, next=answer["context"]["next"]).json
        found += answer["features"]
    days = {feature["properties"]["datetime"][:10] for feature in found}
    assert (len(found), len(days), len({feature["id"] for feature in found})) == (12, 6, 12)
    cloudy = [feature["properties"]["eo:cloud_cover"] for feature in found]
    clear = client.search(filter="eo:cloud_cover < 50", limit=100).json["features"]
    assert len(clear) == len([value for value in cloudy if value < 50]) < len(found)
    told = {"op": "and", "args": [{"op": ">=", "args": [{"property": "eo:cloud_cover"}, 20]},
                                  {"op": "between", "args": [{"property": "eo:cloud_cover"}, 0, 60]}]}
    both = client.search(filter=told, **{"filter-lang": "cql2-json"}).json["features"]
    again = client.search(filter="eo:cloud_cover >= 20 and eo:cloud_cover between 0 and 60").json["features"]
    assert [one["id"] for one in both] == [one["id"] for one in again]
    small = client.search(fields={"include": ["properties.eo:cloud_cover"], "exclude": ["geometry"]}).json["features"][0]
    assert set(small["properties"]) == {"datetime", "eo:cloud_cover"}
    assert "geometry" not in small
    one = client.search(ids=[found[3]["id"]]).json["features"]
    assert [feature["id"] for feature in one] == [found[3]["id"]]


def test_search_of_days_and_other_collections(client: SentinelhubClient) -> None:
    days = client.search(distinct="date").json["features"]
    assert len(days) == 6
    assert days == sorted(days, reverse=True)
    assert client.search(distinct="sat:orbit_state", collections=["sentinel-1-grd"]).json["features"] in (
        ["ascending", "descending"], ["descending", "ascending"])
    client.service.settings.distinct_as = "features"
    assert client.search(distinct="date").json["features"][0]["type"] == "Feature"
    shape = {"type": "Polygon", "coordinates": [[[11.2, 48.1], [11.4, 48.1], [11.4, 48.3], [11.2, 48.1]]]}
    assert len(client.search(bbox=None, intersects=shape, datetime="2026-06-01T00:00:00Z/..", limit=100).json["features"]) == 23
    names = [one["id"] for one in client.get("/catalog/v1/collections").json["collections"]]
    assert "sentinel-2-l2a" in names
    assert "hls" not in names
    assert "eo:cloud_cover" in client.get("/api/v1/catalog/1.0.0/collections/sentinel-2-l2a/queryables").json["properties"]


@pytest.mark.parametrize("members", [
    {"collections": ["hls"]}, {"collections": ["dem"]}, {"datetime": "2026-06-01/2026-06-02"}, {"datetime": None}, {"bbox": None},
    {"limit": 101}, {"query": {}}, {"filter": "platform ~ 3"}, {"filter": "sat:orbit_state = 'x'"}, {"distinct": "gsd"}])
def test_searches_that_are_refused(client: SentinelhubClient, members: dict[str, Any]) -> None:
    answer = client.search(**members)
    assert (answer.status, set(answer.json)) == (400, {"code", "description"})
    client.key = "wrong"
    assert client.call("POST", SEARCH, {}).json["code"] == 401
