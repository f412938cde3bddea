"""How sources are named, and which bands are recognised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from groundtrack.rasters.sources import RasterProblem, Source, bands_of, is_remote, parse_sources, short_name
from osgeo import gdal
from support.rasters import flat, write_raster


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/data/a.tif", [Source("/data/a.tif")]),
        ("/data/a.tif#4", [Source("/data/a.tif", 4)]),
        ("C:\\data\\a b.tif#12", [Source("C:\\data\\a b.tif", 12)]),
        ("/data/no#4/a.tif", [Source("/data/no#4/a.tif")]),
        ("https://x.org/a.tif?sig=1#2", [Source("/vsicurl/https://x.org/a.tif?sig=1", 2)]),
        ("s3://bucket/a.tif", [Source("/vsis3/bucket/a.tif")]),
        ("gs://bucket/a.tif", [Source("/vsigs/bucket/a.tif")]),
        ('NETCDF:"a.nc":red', [Source('NETCDF:"a.nc":red')]),
        (" a.tif ; b.tif#3;", [Source("a.tif"), Source("b.tif", 3)]),
    ],
)
def test_notation(text: str, expected: list[Source]) -> None:
    assert list(parse_sources(text)) == expected


def test_what_needs_the_network_is_known_without_opening_it() -> None:
    assert is_remote("https://x.org/a.tif")
    assert is_remote("/vsis3/bucket/a.tif")
    assert is_remote('STACIT:"https://x.org/items"')
    assert not is_remote("/data/a.tif")
    assert not is_remote("/vsizip/a.zip/a.tif")


def test_names_for_people_hold_no_signature() -> None:
    assert short_name("/vsicurl/https://x.org/B04.tif?X-Signature=abc/def") == "B04.tif"


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("blue", "green", "red", "nir", "swir16"), ["blue", "green", "red", "nir", "swir16"]),
        (("Red", "Near Infrared", "SWIR 1", "SWIR 2"), ["red", "nir", "swir16", "swir22"]),
        (("B02", "B03", "B04", "B08", "B8A", "B11"), ["blue", "green", "red", "nir", "", "swir16"]),
        (("one", "two"), ["", ""]),
        (("red", "red", "nir"), ["", "", "nir"]),
    ],
)
def test_roles_from_descriptions(tmp_path: Path, names: tuple[str, ...], roles: list[str]) -> None:
    source = write_raster(tmp_path / "image.tif", [flat(1)] * len(names), names=names)
    assert [band.role for band in bands_of(source)] == roles


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("T32UNV_20240503T102021_B04_10m.tif", "red"),
        ("S2B_32UNV_20240503_0_L2A_B08.tif", "nir"),
        ("LC09_L2SP_016035_20240101_02_T1_SR_B5.tif", "nir"),
        ("LE07_L2SP_016035_20000101_02_T1_SR_B4.tif", "nir"),
        ("LE07_L2SP_016035_20000101_02_T1_SR_B5.tif", "swir16"),
        ("nir.tif", "nir"),
        ("dem.tif", ""),
        ("infrared_red.tif", ""),
        ("B5.tif", ""),
    ],
)
def test_roles_from_file_names(tmp_path: Path, name: str, role: str) -> None:
    assert bands_of(write_raster(tmp_path / name, [flat(1)]))[0].role == role


def test_roles_from_metadata(tmp_path: Path) -> None:
    source = write_raster(tmp_path / "image.tif", [flat(1)] * 3)
    dataset = gdal.Open(source, gdal.GA_Update)
    dataset.GetRasterBand(1).SetMetadata({"common_name": "nir"})
    dataset.GetRasterBand(2).SetMetadata({"WAVELENGTH": "665"})
    dataset.GetRasterBand(3).SetMetadata({"CENTRAL_WAVELENGTH_UM": "1.61"}, "IMAGERY")
    del dataset
    assert [band.role for band in bands_of(source)] == ["nir", "red", "swir16"]


def test_roles_from_stac_metadata_of_the_file(tmp_path: Path) -> None:
    source = write_raster(tmp_path / "image.tif", [flat(1)] * 2)
    dataset = gdal.Open(source, gdal.GA_Update)
    dataset.SetMetadata({"EO_BANDS": '[{"name": "x1", "common_name": "red"}, {"name": "x2", "center_wavelength": 0.842}]'})
    del dataset
    assert [band.role for band in bands_of(source)] == ["red", "nir"]


def test_several_files_are_one_image(tmp_path: Path) -> None:
    first = write_raster(tmp_path / "B04.tif", [flat(1)])
    second = write_raster(tmp_path / "other.tif", [flat(1)] * 3, names=("a", "nir", "c"))
    assert [(band.number, band.role) for band in bands_of(f"{first}; {second}#2")] == [(1, "red"), (2, "nir")]


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda path: path / "absent.tif", "absent.tif cannot be opened as a raster"),
        (lambda path: _text(path / "notes.tif"), "notes.tif cannot be opened as a raster"),
        (lambda path: write_raster(path / "one.tif", [flat(1)]) + "#2", "one.tif has no band 2; it has one band."),
    ],
)
def test_unusable_sources_are_named(tmp_path: Path, prepare: Any, sentence: str) -> None:
    with pytest.raises(RasterProblem, match=sentence):
        bands_of(str(prepare(tmp_path)))


def _text(path: Path) -> Path:
    path.write_text("no picture")
    return path
