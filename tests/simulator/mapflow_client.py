"""A plain client of Mapflow and valid submissions, for tests of the simulator itself."""

from __future__ import annotations

import struct
from typing import Any

from .client import Answer, Client

BUILDINGS = "🏠 Buildings"
NEAR, FAR = (4.40, 51.23), (4.44, 51.23)


def square(corner: tuple[float, float] = NEAR, side: float = 0.012) -> list[Any]:
    x, y = corner
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def polygon(corner: tuple[float, float] = NEAR, side: float = 0.012) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": square(corner, side)}


def multi(*corners: tuple[float, float], side: float = 0.012) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [square(corner, side) for corner in corners]}


def source(key: str = "dataProvider", **members: Any) -> dict[str, Any]:
    return {"sourceParams": {key: members or {"providerName": "mapbox", "zoom": 18}}}


def creation(**changes: Any) -> dict[str, Any]:
    body = {"name": "Quay roofs", "wdName": BUILDINGS, "geometry": polygon(), "params": source(), **changes}
    return {name: value for name, value in body.items() if value != "omit"}


def tiff(width: int = 400, height: int = 300, count: int = 3, epsg: int | None = 4326, west: float = 4.39, north: float = 51.25,
         pixel: float = 0.0001, padding: int = 0) -> bytes:
    """The least GeoTIFF: one directory, no pixels worth the name."""
    keys = [1, 1, 0, 1, 2048 if epsg == 4326 else 3072, 0, 1, epsg or 0]
    blocks = {33550: ("d", (pixel, pixel, 0.0)), 33922: ("d", (0.0, 0.0, 0.0, west, north, 0.0)), 34735: ("H", keys)}
    if epsg is None:
        del blocks[34735]
    short = {256: width, 257: height, 258: 8, 277: count}
    at, entries, rest = 8 + 2 + 12 * (len(short) + len(blocks)) + 4, b"", b""
    for tag, value in short.items():
        entries += struct.pack("<HHIHH", tag, 3, 1, value, 0)
    for tag, (form, values) in blocks.items():
        entries += struct.pack("<HHII", tag, 12 if form == "d" else 3, len(values), at + len(rest))
        rest += struct.pack(f"<{len(values)}{form}", *values)
    number = struct.pack("<H", len(short) + len(blocks))
    return b"II*\0" + struct.pack("<I", 8) + number + entries + bytes(4) + rest + bytes(padding)


class MapflowClient(Client):
    """A plain client of Mapflow; `key` is a token."""

    def call(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        if self.key and not url.startswith("http"):
            headers.setdefault("Authorization", f"Basic {self.key}")
        key, self.key = self.key, None
        try:
            return super().call(method, url, body, **headers)
        finally:
            self.key = key

    def post(self, url: str, body: Any = None) -> Answer:
        return self.call("POST", url, body)

    def job(self, body: Any = None, **plan: Any) -> str:
        if plan:
            self.sim.mapflow.next_job(**plan)
        answer = self.post("/processings/v2", body or creation())
        assert answer.status == 200, answer.body
        return str(answer.json["id"])

    def done(self, body: Any = None, **plan: Any) -> str:
        job_id = self.job(body, **plan)
        self.sim.mapflow.finish(job_id)
        return job_id

    def told(self, job_id: str) -> Any:
        answer = self.get(f"/processings/{job_id}/v2")
        assert answer.status == 200, answer.body
        return answer.json

    def result(self, job_id: str, query: str = "") -> Answer:
        return self.get(f"/processings/{job_id}/result{query}")

    def upload(self, url: str, data: bytes, filename: str = "pier_01.tif", part: str = "file") -> Answer:
        import http.client
        from urllib.parse import urlsplit

        root = urlsplit(self.service.url)
        body = (f'--b0\r\nContent-Disposition: form-data; name="{part}"; filename="{filename}"\r\nContent-Type: image/tiff\r\n\r\n'
                ).encode() + data + b"\r\n--b0--\r\n"
        connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=20)
        try:
            connection.request("POST", root.path + url, body, {
                "Authorization": f"Basic {self.key}", "Content-Type": "multipart/form-data; boundary=b0"})
            reply = connection.getresponse()
            return Answer(reply, reply.read())
        finally:
            connection.close()
