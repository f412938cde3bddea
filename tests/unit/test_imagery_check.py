"""Raster files that shall be uploaded: what is found out about them, what is said of it, and how others become GeoTIFFs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.providers.base import Severity
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import Cancelled
from groundtrack.providers.imagery import Image, ImageState, Storage
from groundtrack.providers.imagery_check import RasterFile, check_file
from groundtrack.results.errors import ResultError
from groundtrack.results.upload_files import export, look_into
from osgeo import gdal, osr

GOOD = RasterFile(Path("pier_01.tif"), 48_000_000, 9800, 8900, 3, "Byte", "EPSG:32631", True, 0.5, (4.4, 51.2, 4.5, 51.3))
ROOM = Storage(used=1_000_000_000, limit=9_000_000_000, most_file=1_000_000_000, most_side=65_535)
THERE = Image("a", "m", "other.tif", size=5, crs="EPSG:32631", bands=3)


def told(file: RasterFile, storage: Storage = ROOM, others: Any = (THERE,)) -> list[str]:
    return [problem.message for problem in check_file(file, storage, others)]


def test_a_fit_file_is_not_complained_about() -> None:
    assert told(GOOD) == []
    assert told(GOOD, Storage(), ()) == []


ERRORS = [
    ({"crs": ""}, "Assign Projection"),
    ({"bounds": None}, "do not belong together"),
    ({"bounds": (170.0, 10.0, 190.0, 11.0)}, "beyond 180°"),
    ({"bands": 8}, "8 bands"),
    ({"pixel": 30.0}, "30 m; at most 20 m"),
    ({"width": 65_535}, "65,535 × 8,900 pixels"),
    ({"size": 1_000_000_001}, "at most 953.7 MB can be uploaded"),
    ({"bands": 1}, "have 3 bands, this raster has 1"),
]


@pytest.mark.parametrize(("change", "words"), ERRORS, ids=lambda value: str(value)[:24])
def test_what_would_be_refused_is_said_before(change: dict, words: str) -> None:
    found = check_file(replace(GOOD, **change), ROOM, (THERE,))
    assert [problem.severity for problem in found] == [Severity.ERROR]
    assert words in found[0].message


def test_room_is_looked_at() -> None:
    assert "only 38.1 MB of the storage are free" in told(GOOD, replace(ROOM, used=8_960_000_000))[0]
    assert told(GOOD, replace(ROOM, used=8_960_000_000, limit=None)) == []


def test_without_limits_told_the_documented_ones_count() -> None:
    assert "below 30,000" in told(replace(GOOD, height=30_000), Storage())[0]
    assert "at most 2.00 GB" in told(replace(GOOD, size=3 * 2**30), Storage())[0]


WARNINGS = [
    ({"crs": "EPSG:25831", "wgs84": False}, "may refuse it"),
    ({"data_type": "UInt16"}, "UInt16"),
    ({"pixel": 0.04}, "4 cm"),
    ({"crs": "EPSG:3857"}, "resampled"),
    ({"path": Path("OTHER.tif"), "size": 5}, "there twice"),
]


@pytest.mark.parametrize(("change", "words"), WARNINGS, ids=lambda value: str(value)[:24])
def test_what_should_be_known_does_not_stop_the_upload(change: dict, words: str) -> None:
    found = check_file(replace(GOOD, **change), ROOM, (THERE,))
    assert {problem.severity for problem in found} == {Severity.WARNING}
    assert words in found[0].message


def test_failed_images_of_a_mosaic_count_for_nothing() -> None:
    assert told(replace(GOOD, bands=1), others=(replace(THERE, state=ImageState.FAILED),)) == []


# Real files


def write(
    path: Path, form: str = "GTiff", epsg: int | None = 32631, step: float = 0.5, bands: int = 3, corner: Any = (600_000, 5_700_000)
) -> Path:
    driver = gdal.GetDriverByName("MEM")
    raster = driver.Create("", 60, 40, bands, gdal.GDT_Byte)
    raster.SetGeoTransform((corner[0], step, 0, corner[1], 0, -step))
    if epsg:
        system = osr.SpatialReference()
        system.ImportFromEPSG(epsg)
        raster.SetProjection(system.ExportToWkt())
    made = gdal.GetDriverByName(form).CreateCopy(str(path), raster)
    assert made is not None
    del made
    return path


def test_a_geotiff_is_described(tmp_path: Path) -> None:
    found = look_into(write(tmp_path / "a.tif"))
    assert (found.width, found.height, found.bands, found.data_type, found.crs) == (60, 40, 3, "Byte", "EPSG:32631")
    assert (found.geotiff, found.wgs84, found.pixel) == (True, True, 0.5)
    assert found.size == (tmp_path / "a.tif").stat().st_size
    assert found.bounds == pytest.approx((4.4389, 51.4416, 4.4393, 51.4418), abs=0.001)
    assert told(found, others=()) == []


@pytest.mark.parametrize(("epsg", "step", "corner", "metres"), [
    (4326, 0.00001, (4.0, 60.0), 1.11), (3857, 2.0, (445_000, 8_399_738), 1.0), (2263, 3.28, (980_000, 200_000), 1.0),
])  # fmt: skip
def test_pixels_are_measured_on_the_ground(tmp_path: Path, epsg: int, step: float, corner: Any, metres: float) -> None:
    found = look_into(write(tmp_path / "a.tif", epsg=epsg, step=step, corner=corner))
    assert found.pixel == pytest.approx(metres, rel=0.02)
    assert found.wgs84 == (epsg != 2263)


def test_a_raster_without_crs_or_off_the_earth_is_found_out(tmp_path: Path) -> None:
    assert "no CRS" in told(look_into(write(tmp_path / "a.tif", epsg=None)), others=())[0]
    assert told(look_into(write(tmp_path / "b.tif", epsg=4326)), others=())


@pytest.mark.parametrize("name", ["gone.tif", "text.tif"])
def test_what_is_no_raster_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(ResultError, match=name):
        look_into(tmp_path / name)


def test_other_formats_are_exported(tmp_path: Path) -> None:
    source = write(tmp_path / "a.png", "PNG")
    assert not look_into(source).geotiff
    shares: list[float] = []
    made = export(source, tmp_path / "a.tif", shares.append, Cancel())
    assert look_into(made).geotiff
    assert look_into(made).crs == "EPSG:32631"
    assert shares[-1] == 1.0


def test_a_stopped_export_leaves_nothing(tmp_path: Path) -> None:
    source, cancel = write(tmp_path / "a.png", "PNG"), Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        export(source, tmp_path / "b.tif", lambda _: None, cancel)
    assert not list(tmp_path.glob("b.tif*"))


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"):
        export(write(tmp_path / "a.png", "PNG"), tmp_path / "none" / "b.tif", lambda _: None, Cancel())
