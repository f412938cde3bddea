"""Delivered rasters turned into COGs: the same pixels, overviews, and nothing lost when it cannot be done."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from groundtrack.providers.errors import Cancelled
from groundtrack.results.cogs import Cogs, as_cog, cog_or_source
from groundtrack.results.errors import ResultError
from groundtrack.results.mosaics import mosaic
from osgeo import gdal
from support.rasters import write_raster


def never() -> bool:
    return False


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """A GeoTIFF as the service delivers them."""
    values = np.linspace(-1, 1, 1200 * 1100, dtype=np.float32).reshape(1100, 1200)
    values[:50] = -9999
    return Path(write_raster(tmp_path / "default.tif", [values], nodata=-9999))


def test_a_cog_has_the_same_pixels_and_overviews_and_the_file_stays(delivered: Path) -> None:
    before = delivered.read_bytes()
    made = as_cog(delivered, Cogs.ALWAYS, never)
    assert made.name == "default_cog.tif"
    assert delivered.read_bytes() == before
    old, new = gdal.Open(str(delivered)), gdal.Open(str(made))
    assert new.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    assert new.GetRasterBand(1).GetOverviewCount() > 0
    assert np.array_equal(new.ReadAsArray(), old.ReadAsArray())
    assert (new.GetGeoTransform(), new.GetProjection()) == (old.GetGeoTransform(), old.GetProjection())
    assert new.GetRasterBand(1).GetNoDataValue() == -9999
    smallest = new.GetRasterBand(1).GetOverview(0).ReadAsArray()
    assert ((smallest == -9999) | (abs(smallest) <= 1)).all()  # nodata is no part of an average


def test_classes_are_not_averaged(tmp_path: Path) -> None:
    codes = np.where(np.indices((1100, 1100)).sum(0) % 2, 4, 11).astype(np.uint8)
    made = as_cog(Path(write_raster(tmp_path / "scl.tif", [codes])), Cogs.ALWAYS, never)
    assert set(np.unique(gdal.Open(str(made)).GetRasterBand(1).GetOverview(0).ReadAsArray())) <= {4, 11}


def test_one_that_was_made_is_used_again_until_the_file_changes(delivered: Path) -> None:
    made = as_cog(delivered, Cogs.ALWAYS, never)
    first = made.stat().st_mtime_ns
    assert as_cog(delivered, Cogs.ALWAYS, never).stat().st_mtime_ns == first
    os.utime(delivered, ns=(first + 10**9, first + 10**9))
    assert as_cog(delivered, Cogs.ALWAYS, never).stat().st_mtime_ns != first


@pytest.mark.parametrize("wish", [Cogs.NEVER, Cogs.LARGE])
def test_small_ones_stay_as_they_are(delivered: Path, wish: Cogs) -> None:
    assert as_cog(delivered, wish, never) == delivered
    assert list(delivered.parent.iterdir()) == [delivered]


def test_a_large_one_without_overviews_becomes_one(tmp_path: Path) -> None:
    large = Path(write_raster(tmp_path / "large.tif", [np.zeros((2100, 2000), np.uint8)]))
    assert as_cog(large, Cogs.LARGE, never).name == "large_cog.tif"


def test_a_cog_and_a_picture_stay_as_they_are(delivered: Path, tmp_path: Path) -> None:
    made = as_cog(delivered, Cogs.ALWAYS, never)
    assert as_cog(made, Cogs.ALWAYS, never) == made
    picture = tmp_path / "rgb.png"
    picture.write_bytes(b"")
    assert as_cog(picture, Cogs.ALWAYS, never) == picture


def test_tiles_become_one_cog(tmp_path: Path) -> None:
    left = Path(write_raster(tmp_path / "left.tif", [np.full((40, 40), 1, np.float32)], origin=(500_000, 5_300_000)))
    right = Path(write_raster(tmp_path / "right.tif", [np.full((40, 40), 2, np.float32)], origin=(500_400, 5_300_000)))
    whole = mosaic([left, right], tmp_path / "whole_default.vrt")
    made = as_cog(whole, Cogs.ALWAYS, never)
    assert made.name == "whole_default_cog.tif"
    values = gdal.Open(str(made)).ReadAsArray()
    assert values.shape == (40, 80)
    assert (values[:, :40] == 1).all()
    assert (values[:, 40:] == 2).all()
    stamp = made.stat().st_mtime_ns
    mosaic([left, right], whole)
    assert as_cog(whole, Cogs.ALWAYS, never).stat().st_mtime_ns == stamp  # the same tiles need no second one


def test_stop_leaves_nothing(delivered: Path) -> None:
    with pytest.raises(Cancelled):
        as_cog(delivered, Cogs.ALWAYS, lambda: True)
    assert list(delivered.parent.iterdir()) == [delivered]


def test_no_room_is_said_and_the_delivered_file_is_shown(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundtrack.rasters.cog.shutil.disk_usage", lambda _: _Disk())
    with pytest.raises(ResultError, match="MB are free"):
        as_cog(delivered, Cogs.ALWAYS, never)
    path, complaint = cog_or_source(delivered, Cogs.ALWAYS, never)
    assert path == delivered
    assert "without overviews" in complaint


class _Disk:
    free = 0
