"""The simulator keeps the promises of the Mapflow contract: own imagery, search for imagery."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from osgeo import gdal, ogr
from simulator import Simulator
from simulator.client import START
from simulator.mapflow_client import MapflowClient, creation, polygon, source, tiff
from simulator.personas.mapflow_geometry import area, clip, polygons

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as simulator:
        simulator.clock.speed = 0
        yield simulator
        assert simulator.errors == []


@pytest.fixture
def client(sim: Simulator) -> MapflowClient:
    return MapflowClient(sim, sim.mapflow)


@pytest.fixture
def mosaic(client: MapflowClient) -> str:
    return str(client.post("/rasters/mosaic", {"name": "North pier", "tags": ["pier", "2026"]}).json["id"])


def ready_image(client: MapflowClient, mosaic: str, data: bytes | None = None) -> str:
    answer = client.upload(f"/rasters/mosaic/{mosaic}/image", data or tiff())
    assert answer.status == 200, answer.body
    client.sim.clock.advance(30)
    return str(client.get(f"/rasters/mosaic/{mosaic}/image").json[-1]["id"])


# own imagery


def test_mosaics(client: MapflowClient, mosaic: str) -> None:
    settings, told = client.sim.mapflow.settings, client.get(f"/rasters/mosaic/{mosaic}").json
    assert (told["tags"], told["image_count"], told["footprint"], told["sizeInBytes"]) == (["pier", "2026"], 0, None, 0)
    assert not told["created_at"].endswith("Z")
    client.post("/rasters/mosaic", {"name": "Other"})
    assert len(client.get("/rasters/mosaic").json) == 2
    assert [one["id"] for one in client.get("/rasters/mosaic?tags=pier&tags=2026").json] == [mosaic]
    assert client.call("PUT", f"/rasters/mosaic/{mosaic}", {"name": "N", "tags": []}).json["tags"] == []
    settings.mosaic_shape = "seed"
    assert set(client.get(f"/rasters/mosaic/{mosaic}").json) == {"id", "name", "tags", "created_at", "image_count"}
    assert client.post("/rasters/mosaic", {}).json["detail"][0]["loc"] == ["body", "name"]
    missing = client.get("/rasters/mosaic/none")
    assert (missing.status, missing.json["detail"]["code"]) == (404, "ItemNotFound")
    settings.data_error_shape = "message"
    assert client.get("/rasters/mosaic/none").json == {"message": "ItemNotFound"}
    client.key = client.sim.mapflow.tokens["second"]
    assert client.get(f"/rasters/mosaic/{mosaic}").status == 403


def test_an_image_is_prepared_before_it_is_there(client: MapflowClient, mosaic: str) -> None:
    path = f"/rasters/mosaic/{mosaic}"
    assert client.upload(f"{path}/image", tiff()).json == {"message": "Files successfully uploaded", "mosaic_id": mosaic}
    seen = []
    for _ in range(3):
        status = client.get(f"{path}/status").json
        seen.append((status["images"][0]["preprocessing_status"], len(client.get(f"{path}/image").json)))
        client.sim.clock.advance(10)
    assert seen == [("PENDING", 0), ("IN_PROGRESS", 0), ("COMPLETED", 1)]
    image = client.get(f"{path}/image").json[0]
    assert image["meta_data"] == {"crs": "EPSG:4326", "count": 3, "width": 400, "height": 300, "dtypes": ["uint8"] * 3,
                                  "nodata": None, "pixel_size": [0.0001, 0.0001]}
    assert image["footprint"].startswith("POLYGON ((4.390000 51.220000")
    assert client.get(path).json["footprint"].startswith("MULTIPOLYGON (((4.390000")
    assert client.call("PUT", f"/rasters/image/{image['id']}?name=b.tif").json["filename"] == "b.tif"
    for size, side in (("s", 256), ("l", 1024)):
        gdal.FileFromMemBuffer("/vsimem/preview.jpg", client.get(f"/rasters/image/{image['id']}/preview/{size}").body)
        dataset = gdal.Open("/vsimem/preview.jpg")
        assert (dataset.RasterXSize, dataset.RasterYSize, len(dataset.ReadRaster())) == (side, side, side * side)
        del dataset
        gdal.Unlink("/vsimem/preview.jpg")
    assert client.get(f"/rasters/image/{image['id']}/preview/m").status == 404
    link = client.get(f"/rasters/image/{image['id']}/download").json["download_url"]
    assert client.get(link).body == tiff()


def test_a_real_geotiff_is_read(client: MapflowClient, mosaic: str, tmp_path: Path) -> None:
    path = str(tmp_path / "utm.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 60, 40, 1, gdal.GDT_UInt16)
    dataset.SetProjection('EPSG:32631')
    dataset.SetGeoTransform((597_000, 10, 0, 5_677_000, 0, -10))
    del dataset
    image = client.get(f"/rasters/image/{ready_image(client, mosaic, Path(path).read_bytes())}").json
    assert (image["meta_data"]["crs"], image["meta_data"]["dtypes"]) == ("EPSG:32631", ["uint16"])
    box = ogr.CreateGeometryFromWkt(image["footprint"]).GetEnvelope()
    assert box == pytest.approx((4.39, 4.40, 51.235, 51.239), abs=0.01)


UNFIT = [
    (b"no picture", "FileOpenError"), (tiff(count=2), "FileCheckFailed"), (tiff(epsg=None), "FileCheckFailed"),
    (tiff(pixel=0.01), "FileCheckFailed"), (tiff(west=179.99, width=4000), "ImageOutOfBounds"), (tiff(padding=3000), "FileTooBig"),
    (tiff(width=1500), "FileCheckFailed")]


@pytest.mark.parametrize(("data", "code"), UNFIT)
def test_unfit_uploads(client: MapflowClient, mosaic: str, data: bytes, code: str) -> None:
    settings = client.sim.mapflow.settings
    settings.max_upload, settings.max_pixels = 2000, 1500 if code != "ImageOutOfBounds" else 65_535
    answer = client.upload(f"/rasters/mosaic/{mosaic}/image", data)
    assert (answer.status, answer.json["detail"]["code"]) == (400, code)
    assert client.sim.mapflow.images == {}


def test_more_uploads(client: MapflowClient, mosaic: str) -> None:
    settings, path = client.sim.mapflow.settings, f"/rasters/mosaic/{mosaic}/image"
    assert client.upload(path, tiff(), part="image").json["detail"][0]["loc"] == ["body", "file"]
    assert client.upload(path, tiff(), filename="a.png").json["detail"]["code"] == "FileOpenError"
    assert client.upload("/rasters/mosaic/none/image", tiff()).status == 404
    settings.upload_shape = "object"
    made = client.upload(f"/rasters/mosaic/image?name={quote('Új & más')}&tags=a&tags=b", tiff()).json
    assert client.sim.mapflow.mosaics[made["mosaic_id"]].tags == ["a", "b"]
    assert client.sim.mapflow.mosaics[made["mosaic_id"]].name == "Új & más"
    assert client.upload("/rasters/mosaic/image", tiff()).status == 422
    client.upload(path, tiff())
    assert client.upload(path, tiff(count=1)).json["detail"]["code"] == "FileValidationFailed"
    settings.prepare_fail = "broken strips"
    bad = client.upload(path, tiff()).json["id"]
    client.sim.clock.advance(30)
    assert client.get(f"/rasters/image/{bad}/status").json["preprocessing_error"] == "broken strips"
    assert client.call("DELETE", f"/rasters/mosaic/{mosaic}/failed").json["deleted_image_ids"] == [bad]
    assert client.get(f"/rasters/image/{bad}/download").status == 404


def test_storage(client: MapflowClient, mosaic: str) -> None:
    settings, size = client.sim.mapflow.settings, len(tiff())
    settings.memory_limit = 2 * size - 1
    client.upload(f"/rasters/mosaic/{mosaic}/image", tiff())
    full = client.upload(f"/rasters/mosaic/{mosaic}/image", tiff())
    assert full.json["detail"] == {"code": "MemoryLimitExceeded", "parameters": {
        "memory_requested": str(size), "available_memory": str(size - 1)}}
    told = client.get("/rasters/memory").json
    assert (told["memoryUsed"], told["memoryFree"], told["maxPixelCount"]) == (size, size - 1, 65_535)
    settings.memory_shape = "seed"
    assert set(client.get("/rasters/memory").json) == {"used_bytes", "limit_bytes", "used_gb", "limit_gb", "usage_percent"}


def test_uploads_are_taken_at_a_rate_and_can_be_left(client: MapflowClient, mosaic: str) -> None:
    client.sim.mapflow.settings.upload_rate = 500_000.0
    began = time.monotonic()
    client.upload(f"/rasters/mosaic/{mosaic}/image", tiff(padding=200_000))
    assert time.monotonic() - began > 0.3
    assert len(client.sim.requests.find(path="*/image")[-1].body) < 5000
    root = urlsplit(client.sim.mapflow.url)
    connection = http.client.HTTPConnection(root.hostname or "", root.port, timeout=5)
    connection.putrequest("POST", f"{root.path}/rasters/mosaic/{mosaic}/image")
    connection.putheader("Authorization", f"Basic {client.key}")
    connection.putheader("Content-Length", "5000000")
    connection.endheaders()
    connection.send(bytes(10_000))
    connection.close()
    assert len(client.get(f"/rasters/mosaic/{mosaic}/status").json["images"]) == 1


def test_own_images_are_used_and_locked(client: MapflowClient, mosaic: str) -> None:
    image = ready_image(client, mosaic)
    job = client.job(creation(params=source("myImagery", imageIds=[image])))
    assert client.told(job)["cost"] == 12
    for path in (f"/rasters/mosaic/{mosaic}", f"/rasters/image/{image}"):
        assert client.call("DELETE", path).status == 409
    client.sim.mapflow.finish(job)
    assert client.call("DELETE", f"/rasters/mosaic/{mosaic}").status == 200
    assert client.get(f"/rasters/image/{image}").status == 404


# search for imagery


def search(client: MapflowClient, **changes: Any) -> Any:
    body = {"aoi": polygon(), "acquisitionDateFrom": "2026-06-01T00:00:00Z", "acquisitionDateTo": "2026-09-01T00:00:00Z", **changes}
    answer = client.post("/catalog/meta", body)
    assert answer.status == 200, answer.body
    return answer.json


def test_search_and_its_filters(client: MapflowClient) -> None:
    everything = search(client)
    assert everything["total"] == len(everything["images"]) > 20
    dates = [one["acquisitionDate"] for one in everything["images"]]
    assert dates == sorted(dates, reverse=True)
    assert all("2026-06-01" <= day <= "2026-09-02" for day in dates)
    for limits, key, low, high in (({"maxCloudCover": 20}, "cloudCover", 0, 20), ({"maxCloudCover": 0.2}, "cloudCover", 0, 20),
                                   ({"maxOffNadirAngle": 10}, "offNadirAngle", -10, 10),
                                   ({"minResolution": 0.6}, "pixelResolution", 0.6, 1),
                                   ({"minAoiIntersectionPercent": 90}, "aoiIntersectionPercent", 90, 100)):
        found = search(client, **limits)
        assert 0 < found["total"] < everything["total"]
        assert all(low <= one[key] <= high for one in found["images"])
    usable = search(client, hideUnavailable=True)
    assert {one["providerName"] for one in everything["images"]} - {one["providerName"] for one in usable["images"]} == {"example_premium"}
    assert search(client, dataProviders=[])["total"] == 0
    page = search(client, limit=5, offset=5, sortBy="CLOUD_COVER", sortOrder="ASC")
    assert [one["id"] for one in page["images"]] == [
        one["id"] for one in search(client, sortBy="CLOUD_COVER", sortOrder="ASC")["images"][5:10]]


def test_shapes_of_hits(client: MapflowClient) -> None:
    settings = client.sim.mapflow.settings
    settings.catalog_shape, settings.catalog_words, settings.catalog_cloud = "array", "seed", "fraction"
    found = search(client, dataProviders=["example_vhr", "example_mosaic_2025"], acquisitionDateFrom="2025-01-01T00:00:00Z")
    assert isinstance(found, list)
    assert {one["productType"] for one in found} == {"Scene", "Mosaic"}
    assert all(one["cloudCover"] <= 1 for one in found)
    settings.catalog_previews = "json_text"
    assert search(client)[0]["previews"] == "[]"
    picture = next(one for one in found if one["previewType"] == "png")
    assert client.get(picture["previewUrl"]).body.startswith(b"\x89PNG")
    assert client.get(picture["previewUrl"].split("?")[0]).status == 403


def test_wrong_searches(client: MapflowClient) -> None:
    for wrong in ({"aoi": polygon(side=0.5)}, {"sortBy": "COLOUR"}, {"productTypes": ["VIDEO"]}, {"maxCloudCover": 200},
                  {"acquisitionDateFrom": "May"}, {"colour": "red"}):
        assert client.post("/catalog/meta", {"aoi": polygon(), **wrong}).status == 400


def test_a_hit_is_processed(client: MapflowClient, mosaic: str) -> None:
    hits = search(client, dataProviders=["example_vhr"], minAoiIntersectionPercent=100)["images"]
    hit = hits[0]
    used = source("imagerySearch", dataProvider=hit["providerName"], imageIds=[hit["id"]], zoom=int(hit["zoom"]))
    assert client.told(client.done(creation(params=used)))["status"] == "OK"
    assert client.post("/processings/v2", creation(params=used, geometry=polygon((14.4, 51.23)))).status == 400
    ready_image(client, mosaic)
    own = search(client, productTypes=["MOSAIC"])["images"][-1]
    assert (own["id"], own["previewType"], own["providerName"]) == (mosaic, "xyz", "my_imagery_mosaics")
    mixed = source("imagerySearch", dataProvider=own["providerName"], imageIds=[own["id"], hit["id"]])
    assert client.post("/processings/v2", creation(params=mixed)).status == 400
    own_used = source("imagerySearch", dataProvider=own["providerName"], imageIds=[own["id"]])
    assert client.post("/processings/v2", creation(params=own_used)).status == 200


def test_clipping() -> None:
    [[ring]] = polygons(polygon((0.0, 0.0), 1.0))
    part = clip(ring, (0.25, 0.5, 2.0, 0.75))
    assert sorted(set(part)) == [(0.25, 0.5), (0.25, 0.75), (1.0, 0.5), (1.0, 0.75)]
    assert area([part]) == pytest.approx(area([ring]) * 0.75 * 0.25, rel=1e-3)
    assert clip(ring, (2.0, 0.0, 3.0, 1.0)) == []
