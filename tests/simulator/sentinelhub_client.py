"""A plain client of Sentinel Hub and valid submissions, for tests of the simulator itself."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from .client import Answer, Client
from .simulator import Simulator

PROCESS, SEARCH = "/api/v1/async/process", "/api/v1/catalog/1.0.0/search"
UTM = "http://www.opengis.net/def/crs/EPSG/0/32633"
BOX = [500_000, 5_100_000, 501_000, 5_100_800]
POLYGON = {"type": "Polygon", "coordinates": [[[500_000, 5_100_000], [501_000, 5_100_000], [500_000, 5_100_800], [500_000, 5_100_000]]]}
JUNE = {"from": "2026-06-01T00:00:00Z", "to": "2026-06-30T23:59:59Z"}
NDVI = """//VERSION=3
function setup() {
  return {input: ["B04", "B08", "dataMask"], output: {bands: 1, sampleType: "FLOAT32", nodataValue: -9999}};
}
function evaluatePixel(px) {
  return [(px.B08 - px.B04) / (px.B08 + px.B04)];
}
"""
SCL = """//VERSION=3
function setup() {
  return {input: [{bands: ["SCL", "dataMask"], units: "DN"}], output: {bands: 1, sampleType: "UINT8", nodataValue: 0}};
}
function evaluatePixel(px) { return [px.dataMask ? px.SCL : 0]; }
"""
BOTH = """//VERSION=3
// two pictures and notes
function setup() {
  return {
    input: [{ bands: ["B02", "B03", "B04", "B08", "dataMask"] }],
    output: [
      { id: "default", bands: 1, sampleType: 'FLOAT32', nodataValue: -9999 },
      { id: "rgb", bands: 3, sampleType: "AUTO" },
    ],
    mosaicking: "SIMPLE"
  };
}
function updateOutputMetadata(scenes, inputMetadata, outputMetadata) { outputMetadata.userData = {}; }
function evaluatePixel(p) {
  return { "default": [(p.B08 - p.B04) / (p.B08 + p.B04)], rgb: [2.5 * p.B04, 2.5 * p.B03, 2.5 * p.B02] };
}
"""


def response(identifier: str, media_type: str = "image/tiff", **more: Any) -> dict[str, Any]:
    return {"identifier": identifier, "format": {"type": media_type, **more}}


TWO = [response("default"), response("rgb", "image/png"), response("userdata", "application/json")]


def s3_delivery(sim: Simulator, prefix: str = "qgis/one", **more: Any) -> dict[str, Any]:
    """Delivery by role; `secrets` members given instead of it."""
    found = {"url": f"s3://{sim.s3.bucket}/{prefix}", "iamRoleARN": sim.s3.role_arn, "region": sim.s3.region, **more}
    return {"s3": {name: value for name, value in found.items() if value is not None}}


def body(delivery: dict[str, Any], script: str = NDVI, responses: Any = None, **source: Any) -> dict[str, Any]:
    data = {"type": "sentinel-2-l2a", "dataFilter": {"timeRange": JUNE, "maxCloudCoverage": 30}, **source}
    return {"input": {"bounds": {"bbox": list(BOX), "properties": {"crs": UTM}}, "data": [data]},
            "output": {"width": 100, "height": 80, "responses": responses or [response("default")], "delivery": delivery},
            "evalscript": script}


def changed(value: dict[str, Any], path: str, new: Any = None) -> dict[str, Any]:
    """A copy with one member, `a->b->0`, replaced, or removed by None."""
    made = copy.deepcopy(value)
    at: Any = made
    *way, last = [int(part) if part.isdigit() else part for part in path.split("->")]
    for part in way:
        at = at[part]
    if new is None:
        del at[last]
    else:
        at[last] = new
    return made


class SentinelhubClient(Client):
    """A plain client of Sentinel Hub; takes a token when it is made."""

    def __init__(self, sim: Simulator, client_id: str = "") -> None:
        self.sim, self.service, self.key = sim, sim.sentinelhub, None
        self.client_id = client_id or self.service.client_id
        self.key = self.token().json["access_token"]

    def token(self, **form: str) -> Answer:
        whole = {"grant_type": "client_credentials", "client_id": self.client_id,
                 "client_secret": self.service.secret(self.client_id), **form}
        return self.form(urlencode({name: value for name, value in whole.items() if value != "omit"}))

    def form(self, text: str, media_type: str = "application/x-www-form-urlencoded", **headers: str) -> Answer:
        return self.raw("POST", self.service.token_url, text.encode(), Content_Type=media_type, **headers)

    def raw(self, method: str, url: str, data: bytes, **headers: str) -> Answer:
        import http.client
        from urllib.parse import urlsplit

        parts = urlsplit(url if url.startswith("http") else self.service.url + url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(method, parts.path, data, {name.replace("_", "-"): value for name, value in headers.items()})
            reply = connection.getresponse()
            return Answer(reply, reply.read())
        finally:
            connection.close()

    def post(self, wanted: dict[str, Any], path: str = PROCESS) -> Answer:
        return self.call("POST", path, wanted)

    def start(self, wanted: dict[str, Any], **plan: Any) -> str:
        """The id of a new job that goes by a plan."""
        self.service.next_job(**plan)
        answer = self.post(wanted)
        assert answer.status == 200, answer.body
        assert answer.json["status"] == "RUNNING"
        return str(answer.json["id"])

    def status(self, job_id: str, path: str = PROCESS) -> Answer:
        return self.get(f"{path}/{job_id}")

    def search(self, **members: Any) -> Answer:
        wanted = {"collections": ["sentinel-2-l2a"], "datetime": "2026-06-01T00:00:00Z/2026-06-30T23:59:59Z",
                  "bbox": [11.2, 48.1, 12.4, 48.3], **members}
        return self.call("POST", SEARCH, {name: value for name, value in wanted.items() if value is not None})

    def names(self, job_id: str, prefix: str = "qgis/one") -> list[str]:
        """Names of the files of a job in the bucket, without the copy of the request."""
        copy_key = self.service.jobs[job_id].copy_name
        keys: Iterable[str] = self.sim.s3.keys(f"{prefix}/{job_id}/")
        return [key.rpartition("/")[2] for key in keys if not key.endswith("/" + copy_key)]
