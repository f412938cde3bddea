"""What cannot become a layer says why, and leaves nothing half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from groundtrack.providers.errors import Cancelled
from groundtrack.results.charts import read_chart
from groundtrack.results.errors import ResultError
from groundtrack.results.geojson import convert
from groundtrack.results.tables import GENERIC
from osgeo import gdal
from support.geojson import CHANGE, MULTI, SQUARE, Workshop, collection, feature


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


GOOD = json.dumps(collection(feature(a=1), feature(a=2))).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-40], "incomplete"),
        (GOOD[: len(GOOD) // 2], "incomplete"),
        (GOOD.replace(b'"a": 2', b'"a": nope'), "damaged"),
        (GOOD.replace(b'"a": 2', b'"a" 2'), "damaged"),
        (GOOD.replace(b"11.6", b"11..6x", 1), "damaged"),
        (GOOD.replace(b'"a": 2', b'"a": [1,,]'), "damaged"),
        (b"<!DOCTYPE html><p>Bad gateway</p>", "not GeoJSON"),
        (b"PK\x03\x04" + bytes(range(256)), "not GeoJSON"),
        (bytes(range(256)) * 20, "not GeoJSON"),
        (b"", "empty file"),
        (b'{"error":{"code":"GONE"}}', "no features"),
        (b'[{"error":"GONE"}]', "no features"),
        (b"[[1,2],[3]]", "no features"),
        (b'["sorry"]', "no features"),
        (b'{"features":[1, 2],"type":"FeatureCollection"}', "no features"),
        (json.dumps(SQUARE).encode(), "no features"),
    ],
)
def test_what_cannot_be_a_layer_says_why_and_leaves_nothing(shop: Workshop, content: bytes, words: str) -> None:
    with pytest.raises(ResultError, match=words) as refused:
        shop.convert(content)
    assert refused.value.message.endswith(".")
    assert shop.left() == set()


def test_a_failed_conversion_leaves_the_layer_before_untouched(shop: Workshop) -> None:
    shop.convert(collection(feature(a=1, upper_chart=1)), CHANGE)
    with pytest.raises(ResultError):
        shop.convert(GOOD[:-10], CHANGE)
    assert shop.rows() == [{"a": 1}]
    assert read_chart(shop.target, 1) == {"upper_chart": 1}


def test_a_missing_download(shop: Workshop) -> None:
    with pytest.raises(ResultError, match="cannot be read"):
        convert(shop.source, shop.target, GENERIC, progress=shop.progress.append, cancelled=lambda: False)
    assert shop.left() == set()


def test_a_folder_that_is_not_there(shop: Workshop) -> None:
    shop.source.write_bytes(GOOD)
    with pytest.raises(ResultError, match="could not be written"):
        convert(shop.source, shop.folder / "no" / "x.gpkg", GENERIC, progress=shop.progress.append, cancelled=lambda: False)


@pytest.mark.parametrize("after", range(0, 12, 2))
def test_stopping_leaves_nothing(shop: Workshop, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    monkeypatch.setattr("groundtrack.results.geojson._BLOCK", 20_000)
    shop.source.write_bytes(json.dumps(collection(*(feature(n=n) for n in range(400)))).encode())
    asked: list[float] = []
    with pytest.raises(Cancelled):
        convert(shop.source, shop.target, GENERIC, progress=asked.append, cancelled=lambda: len(asked) > after)
    assert len(asked) <= after + 2
    assert shop.left() == set()


def test_gdals_own_settings_stay_as_they_were(shop: Workshop, capfd: pytest.CaptureFixture[str]) -> None:
    before = gdal.GetUseExceptions()
    with pytest.raises(ResultError):
        shop.convert(GOOD.replace(b"11.6", b"11..6x", 1))
    assert gdal.GetUseExceptions() == before
    assert capfd.readouterr().err == ""


def test_with_gdal_exceptions_switched_on_by_somebody(shop: Workshop) -> None:
    gdal.UseExceptions()
    try:
        assert shop.convert(collection(feature(), feature(MULTI))).features == 2
        with pytest.raises(ResultError):
            shop.convert(GOOD.replace(b"11.6", b"11..6x", 1))
    finally:
        gdal.DontUseExceptions()
