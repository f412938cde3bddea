"""Delivered rasters as layers: what is refused, how values are drawn, what a remote file costs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from groundtrack.providers.base import Asset
from groundtrack.results.errors import ResultError
from groundtrack.results.raster_layers import raster_layer
from groundtrack.results.rasters import RasterFacts, inspect
from groundtrack.results.remote import InPlace, opens_in_place, remote_source
from osgeo import gdal, osr
from qgis.core import (
    Qgis,
    QgsColorRampShader,
    QgsLayerTreeModelLegendNode,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage
from support.ranges import serving

NAMES = ("no change", "vegetation gain", "vegetation loss", "built-up gain", "water change")


def tiff(path: Path, *bands: Any, nodata: float | None = None, palette: dict[int, tuple[int, ...]] | None = None,
         names: dict[int, str] | None = None, crs: bool = True, options: tuple[str, ...] = ()) -> Path:  # fmt: skip
    """A GeoTIFF of the given arrays: 10 m pixels in UTM zone 32."""
    types = {"float32": gdal.GDT_Float32, "uint8": gdal.GDT_Byte, "int16": gdal.GDT_Int16}
    height, width = bands[0].shape
    made = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(bands), types[str(bands[0].dtype)], list(options))
    if crs:
        system = osr.SpatialReference()
        system.ImportFromEPSG(32632)
        made.SetProjection(system.ExportToWkt())
        made.SetGeoTransform((600_000, 10, 0, 5_400_000, 0, -10))
    for number, values in enumerate(bands, 1):
        made.GetRasterBand(number).WriteArray(values)
        if nodata is not None:
            made.GetRasterBand(number).SetNoDataValue(nodata)
    band = made.GetRasterBand(1)
    if palette:
        table = gdal.ColorTable()
        for code, colour in palette.items():
            table.SetColorEntry(code, colour)
        band.SetColorTable(table)
    for code, name in (names or {}).items():
        band.SetMetadataItem(f"class_{code}", name)
    made = None
    return path


def ramp(low: float = -1.0, high: float = 1.0) -> Any:
    """200 x 100 pixels rising from left to right, the upper right quarter without data."""
    values = np.tile(np.linspace(low, high, 200, dtype=np.float32), (100, 1))
    values[:50, 100:] = np.nan
    return values


def codes(*numbers: int) -> Any:
    """Columns of 20 pixels, one for each code."""
    return np.repeat(np.array(numbers, np.uint8)[None, :], 20, axis=1).repeat(20, axis=0)


def picture(layer: QgsRasterLayer, width: int = 200, height: int = 100) -> QImage:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(width, height))
    settings.setBackgroundColor(QColor(255, 0, 255))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def shade(image: QImage, x: int, y: int) -> str:
    return image.pixelColor(x, y).name()


def legend(layer: QgsRasterLayer) -> list[str]:
    """The words of the layer's legend."""
    from qgis.core import QgsLayerTree, QgsLayerTreeModel

    QgsProject.instance().addMapLayer(layer, False)
    tree = QgsLayerTree()
    node = tree.addLayer(layer)
    model = QgsLayerTreeModel(tree)
    nodes: list[QgsLayerTreeModelLegendNode] = model.layerLegendNodes(node)
    words = [str(item.data(0) or "") for item in nodes]
    renderer = layer.renderer()
    if hasattr(renderer, "shader") and renderer.shader():
        settings = renderer.shader().rasterShaderFunction().legendSettings()
        words += [settings.minimumLabel(), settings.maximumLabel()]
    return [word for word in words if word]


def labels(layer: QgsRasterLayer) -> dict[int, str]:
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    return {int(item.value): item.label for item in renderer.classes()}


# What is found out


def test_an_index_is_described(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp(), nodata=float("nan"))), index=True)
    assert (facts.width, facts.height, facts.bands, facts.data_type) == (200, 100, 1, "Float32")
    assert (facts.low, facts.high) == (-1, 1)
    assert facts.warnings == ()
    assert facts.extent == pytest.approx((10.363, 48.736, 10.391, 48.746), abs=0.01)
    assert not list(tmp_path.glob("*.aux.xml"))


@pytest.mark.parametrize(("content", "part"), [
    (b"", "empty"), (b"<!DOCTYPE html><html><h1>Sign in</h1></html>", "page of text"),
    (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "page of text"),
    (b"<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>", "page of text"), (b"II*\0garbage", "not a raster"),
    (b"PK\3\4zip", "not a raster"),
])  # fmt: skip
def test_what_is_no_raster_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "ndvi.tif"
    path.write_bytes(content)
    with pytest.raises(ResultError, match=part):
        inspect(str(path))


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"ndvi\.tif is not there any more"):
        inspect(str(tmp_path / "ndvi.tif"))


@pytest.mark.parametrize("share", [0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    noise = np.random.default_rng(1).random((600, 600), np.float32)
    source = tiff(tmp_path / "whole.tif", noise)
    cog = tmp_path / "ndvi.tif"
    gdal.Translate(str(cog), str(source), format="COG", creationOptions=["COMPRESS=DEFLATE", "BLOCKSIZE=128"])
    assert inspect(str(cog)).bands == 1
    data = cog.read_bytes()
    cog.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ResultError, match=r"cut off|damaged"):
        inspect(str(cog))


def test_values_outside_of_an_index_are_pointed_out(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp(-3, 250))), index=True)
    assert "between −1 and 1" in facts.warnings[0]


def test_a_raster_without_a_valid_pixel_or_crs_says_so(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "ndvi.tif", np.full((10, 10), np.nan, np.float32), crs=False)), index=True)
    assert "no valid pixel" in facts.warnings[0]
    assert "no CRS" in facts.warnings[1]


# How it is drawn


def test_an_index_is_drawn_on_a_fixed_scale_with_a_legend_that_says_so(tmp_path: Path) -> None:
    layer = raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp(0.2, 0.4), nodata=float("nan")))), "ndvi", "NDVI")
    renderer = layer.renderer()
    assert (renderer.classificationMin(), renderer.classificationMax()) == (-1, 1)
    assert renderer.shader().rasterShaderFunction().colorRampType() == QgsColorRampShader.Interpolated
    words = " ".join(legend(layer))
    assert "−1" in words
    assert "fixed scale" in words


def test_equal_values_have_equal_colours_in_every_scene(tmp_path: Path) -> None:
    wide = raster_layer(inspect(str(tiff(tmp_path / "a.tif", ramp(-1, 1)))), "ndvi", "a")
    narrow = raster_layer(inspect(str(tiff(tmp_path / "b.tif", np.full((100, 200), 0.5, np.float32)))), "ndvi", "b")
    assert QColor(shade(picture(wide), 149, 80)).hslHue() == pytest.approx(QColor(shade(picture(narrow), 10, 10)).hslHue(), abs=3)


def test_vegetation_is_green_bare_ground_is_brown_no_data_is_transparent(tmp_path: Path) -> None:
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp(), nodata=float("nan")))), "ndvi", "NDVI"))
    green, brown = image.pixelColor(180, 80), image.pixelColor(30, 80)
    assert green.green() > max(green.red(), green.blue())
    assert brown.red() > brown.green() > brown.blue()
    assert shade(image, 150, 20) == "#ff00ff"


def test_whole_numbers_that_stand_for_an_index_look_like_the_index(tmp_path: Path) -> None:
    values = ramp()
    floats = picture(raster_layer(inspect(str(tiff(tmp_path / "a.tif", values, nodata=float("nan")))), "ndvi", "a"))
    whole = np.where(np.isnan(values), -32768, np.rint(np.nan_to_num(values) * 10_000)).astype(np.int16)
    path = tiff(tmp_path / "b.tif", whole, nodata=-32768)
    opened = gdal.Open(str(path), gdal.GA_Update)
    opened.GetRasterBand(1).SetScale(1 / 10_000)
    opened = None
    facts = inspect(str(path), index=True)
    assert (facts.low, facts.high, facts.codes, facts.warnings) == (pytest.approx(-1), pytest.approx(1), (), ())
    layer = raster_layer(facts, "ndvi", "b")
    assert "fixed scale" in " ".join(legend(layer))
    image = picture(layer)
    for x in (10, 60, 99, 140, 190):
        for one, other in zip(floats.pixelColor(x, 80).getRgb(), image.pixelColor(x, 80).getRgb()):
            assert abs(one - other) <= 2
    assert shade(image, 150, 20) == "#ff00ff"


def test_lightness_falls_evenly_on_both_sides(tmp_path: Path) -> None:
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", ramp()))), "ndvi", "NDVI"))
    for value in (20, 45, 70):
        left, right = image.pixelColor(99 - value, 80), image.pixelColor(100 + value, 80)
        luminance = [0.2126 * c.redF() ** 2.2 + 0.7152 * c.greenF() ** 2.2 + 0.0722 * c.blueF() ** 2.2 for c in (left, right)]
        assert luminance[0] == pytest.approx(luminance[1], rel=0.15)


def test_classes_named_by_the_file_win(tmp_path: Path) -> None:
    named = {0: "no change", 1: "water change", 2: "vegetation loss"}
    path = tiff(tmp_path / "change.tif", codes(0, 1, 2), nodata=255, names=named, palette={1: (1, 2, 3, 255), 2: (9, 8, 7, 255)})
    layer = raster_layer(inspect(str(path)), "change_detection", "Change")
    assert labels(layer) == {0: "No change", 1: "Water change", 2: "Vegetation loss"}
    assert shade(picture(layer, 60, 20), 30, 10) == "#010203"


def test_classes_without_names_get_the_documented_ones_marked_as_assumed(tmp_path: Path) -> None:
    layer = raster_layer(inspect(str(tiff(tmp_path / "change.tif", codes(0, 1, 2, 3, 4, 255)))), "change_detection", "Change")
    assert labels(layer) == {code: f"{name[0].upper()}{name[1:]} (assumed)" for code, name in enumerate(NAMES)}
    assert shade(picture(layer, 120, 20), 110, 10) == "#ff00ff"  # 255: no data


def test_unknown_codes_are_shown_as_unknown(tmp_path: Path) -> None:
    path = tiff(tmp_path / "change.tif", codes(0, 1, 9, 255), nodata=255)
    layer = raster_layer(inspect(str(path)), "change_detection", "Change")
    assert labels(layer)[9] == "Unknown class 9"
    assert labels(layer)[1] == "Vegetation gain (assumed)"
    image = picture(layer, 80, 20)
    assert shade(image, 50, 10) not in ("#ff00ff", shade(image, 10, 10), shade(image, 30, 10))
    assert shade(image, 70, 10) == "#ff00ff"


def test_category_names_and_attribute_tables_are_read(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", codes(0, 1))
    opened = gdal.Open(str(path), gdal.GA_Update)
    opened.GetRasterBand(1).SetCategoryNames(["nothing", "something"])
    opened = None
    assert inspect(str(path)).names == {0: "nothing", 1: "something"}

    other = tiff(tmp_path / "b.tif", codes(0, 7))
    opened, table = gdal.Open(str(other), gdal.GA_Update), gdal.RasterAttributeTable()
    table.CreateColumn("value", gdal.GFT_Integer, gdal.GFU_MinMax)
    table.CreateColumn("class", gdal.GFT_String, gdal.GFU_Name)
    table.SetRowCount(1)
    table.SetValueAsInt(0, 0, 7)
    table.SetValueAsString(0, 1, "flood")
    opened.GetRasterBand(1).SetDefaultRAT(table)
    opened = None
    assert labels(raster_layer(inspect(str(other)), "change_detection", "b"))[7] == "Flood"


def test_a_palette_is_left_as_it_is(tmp_path: Path) -> None:
    path = tiff(tmp_path / "ndvi.tif", codes(1, 2), palette={1: (10, 20, 30, 255), 2: (200, 100, 50, 255)})
    image = picture(raster_layer(inspect(str(path), index=True), "ndvi", "NDVI"), 40, 20)
    assert (shade(image, 10, 10), shade(image, 30, 10)) == ("#0a141e", "#c86432")


@pytest.mark.parametrize("alpha", [False, True])
def test_a_picture_is_left_as_it_is(tmp_path: Path, alpha: bool) -> None:
    bands = [np.full((20, 40), value, np.uint8) for value in (10, 120, 200)]
    options = ("PHOTOMETRIC=RGB", "ALPHA=YES") if alpha else ("PHOTOMETRIC=RGB",)
    bands += [np.repeat(np.array([[255, 0]], np.uint8), 20, axis=1).repeat(20, axis=0)] if alpha else []
    image = picture(raster_layer(inspect(str(tiff(tmp_path / "ndvi.tif", *bands, options=options))), "ndvi", "NDVI"), 40, 20)
    assert shade(image, 10, 10) == "#0a78c8"
    assert (shade(image, 30, 10) == "#ff00ff") is alpha


def test_the_layer_is_dated(tmp_path: Path) -> None:
    first, last = (dt.datetime(year, 5, 4, 10, 30, 21, tzinfo=dt.timezone.utc) for year in (2025, 2026))
    layer = raster_layer(inspect(str(tiff(tmp_path / "change.tif", codes(0, 1)))), "change_detection", "Change", (first, last))
    properties = layer.temporalProperties()
    assert properties.isActive()
    assert properties.mode() == Qgis.RasterTemporalMode.FixedTemporalRange
    assert properties.fixedTemporalRange().begin().toSecsSinceEpoch() == first.timestamp()
    assert properties.fixedTemporalRange().end().toSecsSinceEpoch() == last.timestamp()


# As the result of a job


def change_job(file: Path, *others: str) -> Any:
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.operation import Request

    values = {"scene_ids": ["sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210",
                            "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"]}  # fmt: skip
    job = new_job("astra", "Port", Request("change_detection", values), 1_790_000_000.0, title="Change Detection")
    return job.changed(remote_id="job_k3x9", files=(str(file), *others))


def made_of(job: Any) -> Any:
    from groundtrack.results.facts import table_of
    from groundtrack.results.layers import make_layer
    from groundtrack.results.prepare import prepare

    prepared = prepare(job, table_of(job), progress=lambda share: None, cancelled=lambda: False)
    return [make_layer(job, made) for made in prepared]


def test_a_change_map_tells_its_classes_its_days_and_its_story(tmp_path: Path) -> None:
    file = tiff(tmp_path / "change_detection.tif", codes(0, 1), nodata=255, names=dict(enumerate(NAMES)))
    before = file.read_bytes()
    (layer,) = made_of(change_job(file, str(tmp_path / "notes.json")))
    assert layer.name() == "Change Detection 2025-05-04 – 2026-05-04"
    assert list(labels(layer).values()) == ["No change", "Vegetation gain", "Vegetation loss", "Built-up gain", "Water change"]
    assert layer.temporalProperties().fixedTemporalRange().begin().toString("yyyy-MM-dd") == "2025-05-04"
    assert layer.temporalProperties().fixedTemporalRange().end().toString("yyyy-MM-dd") == "2026-05-04"
    assert layer.metadata().crs().authid() == "EPSG:32632"
    assert "job_k3x9" in " ".join(layer.metadata().history())
    assert file.read_bytes() == before


def test_looking_into_a_result_leaves_nothing_beside_it(tmp_path: Path) -> None:
    facts = inspect(str(tiff(tmp_path / "change_detection.tif", codes(0, 1, 7))))
    assert facts.codes == (0, 1, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["change_detection.tif"]


def test_a_delivered_page_is_refused_as_a_result(tmp_path: Path) -> None:
    file = tmp_path / "change_detection.tif"
    file.write_bytes(b"<html>Sign in</html>")
    with pytest.raises(ResultError, match="page of text"):
        made_of(change_job(file))


# Over a link


@pytest.fixture(scope="module")
def large_cog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 x 3,000 noisy floats with overviews, 30 MB."""
    folder = tmp_path_factory.mktemp("cog")
    source = tiff(folder / "source.tif", np.random.default_rng(1).normal(0.3, 0.2, (3000, 3000)).clip(-1, 1).astype(np.float32))
    path = folder / "ndvi.tif"
    gdal.Translate(str(path), str(source), format="COG", creationOptions=["COMPRESS=DEFLATE", "PREDICTOR=YES", "LEVEL=1"])
    source.unlink()
    return path


def test_a_remote_raster_costs_few_requests_and_none_on_the_main_thread(large_cog: Path) -> None:
    with serving(large_cog) as server:
        facts = inspect(remote_source(server.url), index=True)
        assert len(server.requests) <= 4
        asked = len(server.requests)
        layer = raster_layer(facts, "ndvi", "NDVI")
        assert layer.isValid()
        assert len(server.requests) == asked
        assert server.sent <= 512 * 1024
        assert all(path == "/ndvi.tif" for _, path, _ in server.requests)


def test_a_saved_project_opens_a_remote_raster_without_asking_for_more(large_cog: Path, tmp_path: Path) -> None:
    with serving(large_cog) as server:
        layer = raster_layer(inspect(remote_source(server.url)), "ndvi", "NDVI")
        project = QgsProject()
        project.addMapLayer(layer)
        assert project.write(str(tmp_path / "map.qgz"))
        again, asked = QgsProject(), len(server.requests)
        assert again.read(str(tmp_path / "map.qgz"))
        (opened,) = again.mapLayers().values()
        assert opened.isValid()
        assert len(server.requests) == asked
        assert unquote(opened.source()).endswith(f"url={server.url}")
    assert gdal.GetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN") != "EMPTY_DIR"


def test_no_key_goes_to_the_storage(large_cog: Path) -> None:
    with serving(large_cog) as server:
        inspect(remote_source(server.url + "?sig=abc"))
        assert server.headers
        assert not [headers for headers in server.headers if "authorization" in headers or "cookie" in headers]


def test_a_link_that_leads_nowhere_is_refused(large_cog: Path) -> None:
    with serving(large_cog) as server, pytest.raises(ResultError, match="may have expired"):
        inspect(remote_source(server.url.replace("ndvi", "other")))


@pytest.mark.parametrize(("wish", "url", "expires", "expected"), [
    (InPlace.NEVER, "https://x.test/a.tif", "", False), (InPlace.LASTING, "https://x.test/a.tif", "", True),
    (InPlace.LASTING, "https://x.test/a.tif?sig=1", "", False), (InPlace.LASTING, "https://x.test/a.tif", "2026-05-05T00:00:00Z", False),
    (InPlace.ALWAYS, "https://x.test/a.tif?sig=1", "2026-05-05T00:00:00Z", True), (InPlace.ALWAYS, "https://x.test/a.geojson", "", False),
])  # fmt: skip
def test_when_a_result_stays_where_it_is(wish: InPlace, url: str, expires: str, expected: bool) -> None:
    assert opens_in_place(Asset("a", url, "", None, expires), wish) is expected


def test_facts_hold_nothing_but_values(tmp_path: Path) -> None:
    facts: RasterFacts = inspect(str(tiff(tmp_path / "ndvi.tif", ramp())))
    assert json.dumps(vars(facts), default=str)
