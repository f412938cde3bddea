"""This computer without a window: no account, no server, the same outputs as any service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo.scenes import area, make_scenes
from osgeo import gdal


def test_ndvi_and_change_need_no_account(headless: Any, tmp_path: Path) -> None:
    before, after = make_scenes(tmp_path / "scenes")
    place = tmp_path / "area.geojson"
    place.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": area()}]}))
    ended = headless.run("local_ndvi", IMAGE=f"{after}", AOI=place, OUTPUT_FOLDER=tmp_path / "ndvi")
    assert ended.code == 0, ended.said
    assert (ended.results["STATE"], ended.results["COST"]) == ("FETCHED", "0 credits")
    (result,) = ended.outputs
    dataset = gdal.Open(result)
    low, high = dataset.GetRasterBand(1).ComputeRasterMinMax()
    assert -1 <= low < 0 < high <= 1
    ended = headless.run("local_change_detection", BEFORE=before, AFTER=after, THRESHOLD=0.2, OUTPUT_FOLDER=tmp_path / "change")
    assert ended.code == 0, ended.said
    (result,) = ended.outputs
    assert set(gdal.Open(result).ReadAsArray().ravel().tolist()) == {0, 1, 2, 3, 4}
    assert headless.asked() == []


def test_a_single_band_by_number_and_a_refusal_in_words(headless: Any, tmp_path: Path) -> None:
    _, after = make_scenes(tmp_path / "scenes")
    ended = headless.run("local_ndvi", RED=f"{after}#3", NIR=f"{after}#4", OUTPUT_FOLDER=tmp_path / "ndvi")
    assert ended.code == 0, ended.said
    ended = headless.run("local_ndvi", IMAGE=tmp_path / "absent.tif", OUTPUT_FOLDER=tmp_path / "ndvi")
    assert ended.code != 0
    assert "absent.tif cannot be opened as a raster" in ended.said
    assert "Traceback" not in ended.said


def test_a_result_of_this_computer_is_waited_for_in_any_case(headless: Any, tmp_path: Path) -> None:
    _, after = make_scenes(tmp_path / "scenes")
    ended = headless.run("local_ndvi", IMAGE=f"{after}", WAIT="false", OUTPUT_FOLDER=tmp_path / "ndvi")
    assert ended.code == 0, ended.said
    assert (ended.results["STATE"], len(ended.outputs)) == ("FETCHED", 1)
    assert "is waited for" in json.dumps(ended.json["log"])
