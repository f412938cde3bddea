"""How sources are named, and which bands are recognised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from groundtrack.rasters.sources import RasterProblem, Source, bands_of, is_remote, parse_sources, short_name
from osgeo import gdal
from support.ranges import serving
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
    assert short_name("/vsicurl?empty_dir=yes&url=https%3A%2F%2Fx.org%2Fa%2FB04.tif%3Fsig%3Dabc") == "B04.tif"


@pytest.mark.parametrize(
    "name", ["https://127.0.0.1:1/x.tif?sig=private", "/vsicurl?url=https%3A%2F%2F127.0.0.1:1%2Fx.tif%3Fsig%3Dprivate"]
)
def test_complaints_hold_no_signature_and_leave_no_option_behind(name: str) -> None:
    with pytest.raises(RasterProblem, match=r"x\.tif cannot be opened") as told:
        bands_of(name)
    assert "private" not in str(told.value)
    assert gdal.GetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN") is None


def test_a_remote_file_is_read_in_few_requests(tmp_path: Path) -> None:
    with serving(Path(write_raster(tmp_path / "image.tif", [flat(1), flat(2)]))) as server:
        assert len(bands_of(f"{server.url}?sig=abc")) == 2
        assert len(server.requests) <= 3


@pytest.mark.parametrize(
    "name", ["a b.tif", "müll ö.tif", 'it\'s "q".tif', "a;b.tif", "scene#2", "a?b.tif", "a%20b.tif", "[x].tif", "日本.tif"]
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    source = write_raster(tmp_path / name, [flat(1), flat(2)], names=("red", "nir"))
    assert [band.role for band in bands_of(source)] == ["red", "nir"]
    assert short_name(bands_of(source)[0].name) == name


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("blue", "green", "red", "nir", "swir16"), ["blue", "green", "red", "nir", "swir16"]),
        (("Red", "Near Infrared", "SWIR 1", "SWIR 2"), ["red", "nir", "swir16", "swir22"]),
        (("B02", "B03", "B04", "B08", "B8A", "B11"), ["blue", "green", "red", "nir", "", "swir16"]),
        (("one", "two"), ["", ""]),
        (("red", "red", "nir"), ["", "", "nir"]),
        (("Red", "Red Edge 1", "red edge", "Near-Infrared (NIR)"), ["red", "", "", "nir"]),
        (("Coastal blue", "blue", "Thermal infrared", "nir_narrow"), ["", "blue", "", "nir"]),
        (("Short-wave infrared 1.6 µm", "Shortwave Infrared 2", "mid infrared"), ["swir16", "swir22", ""]),
        (("SWIR-1", "swir 2200 nm"), ["swir16", "swir22"]),
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
        ("MOD09GA.A2020.h18v04.061.sur_refl_b02_1.tif", "nir"),
        ("MYD09A1_b04.tif", "green"),
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


@pytest.mark.parametrize("place", ["B1.json", "item.json"])
@pytest.mark.parametrize(("key", "name"), [("eo:bands", "common_name"), ("bands", "eo:common_name")])
def test_roles_from_a_stac_item_beside_the_file(tmp_path: Path, place: str, key: str, name: str) -> None:
    source = write_raster(tmp_path / "B1.tif", [flat(1)] * 2)
    assert [band.role for band in bands_of(source)] == ["", ""]
    asset = {"href": "https://x.org/a/B1.tif?sig=abc", key: [{"name": "x1", name: "red"}, {"name": "x2", name: "nir"}]}
    (tmp_path / place).write_text(json.dumps({"assets": {"other": {"href": "B2.tif"}, "data": asset}}), encoding="utf-8")
    assert [band.role for band in bands_of(source)] == ["red", "nir"]


@pytest.mark.parametrize(
    "text", ["[", "[]", "{}", '{"assets": []}', '{"assets": {"x": 3}}', '{"assets": {"x": {"href": "B1.tif", "bands": 5}}}']
)
def test_an_item_that_tells_nothing_does_no_harm(tmp_path: Path, text: str) -> None:
    source = write_raster(tmp_path / "B1.tif", [flat(1)] * 2)
    (tmp_path / "item.json").write_text(text, encoding="utf-8")
    assert [band.role for band in bands_of(source)] == ["", ""]


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
