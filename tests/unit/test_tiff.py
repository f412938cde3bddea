"""Whether a GeoTIFF is whole is told without a raster library."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundtrack.jobs.content import WrongContent, check_pixels
from groundtrack.jobs.tiff import is_whole

gdal = pytest.importorskip("osgeo.gdal")
numpy = pytest.importorskip("numpy")

FORMS = [
    ("GTiff", []), ("GTiff", ["ENDIANNESS=BIG"]), ("GTiff", ["BIGTIFF=YES"]), ("GTiff", ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]),
    ("GTiff", ["BIGTIFF=YES", "ENDIANNESS=BIG", "COMPRESS=DEFLATE"]), ("GTiff", ["SPARSE_OK=TRUE"]),
    ("COG", ["COMPRESS=DEFLATE", "BLOCKSIZE=128"]), ("COG", ["BIGTIFF=YES", "BLOCKSIZE=128"]),
]  # fmt: skip


@pytest.fixture(params=FORMS, ids=str)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    driver, options = request.param
    made = gdal.GetDriverByName("MEM").Create("", 300, 300, 1, gdal.GDT_Float32)
    made.GetRasterBand(1).WriteArray(numpy.random.default_rng(1).random((300, 300), numpy.float32))
    path = tmp_path / "ndvi.tif"
    gdal.GetDriverByName(driver).CreateCopy(str(path), made, options=options)
    return path


def test_a_whole_file_is_whole(file: Path) -> None:
    assert is_whole(file)
    check_pixels(file.name, file)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_a_file_that_was_cut_is_not(file: Path, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    assert not is_whole(file)
    with pytest.raises(WrongContent, match="cut off"):
        check_pixels(file.name, file)


def test_garbage_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "ndvi.tif"
    for data in (b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + b"\1" * 400):
        path.write_bytes(data)
        assert not is_whole(path)


def test_other_files_are_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "ships.geojson"
    path.write_bytes(b"{}")
    check_pixels(path.name, path)
