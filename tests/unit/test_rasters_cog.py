"""The result file: a valid cloud optimized GeoTIFF, stopped at once when asked, and nothing left behind."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from groundtrack.rasters import cog, compute
from groundtrack.rasters.compute import Task, run
from groundtrack.rasters.resampled import Stopped
from groundtrack.rasters.sources import RasterProblem, bands_of
from osgeo import gdal
from support.rasters import flat, write_raster

SOON = 5.0  # s; half a second on a machine that does nothing else


def task(folder: Path, size: int = 1500) -> Task:
    rng = np.random.default_rng(9)
    values = [rng.integers(1, 10000, (size, size), dtype=np.uint16) for _ in range(2)]
    found = bands_of(write_raster(folder / "image.tif", values, options=("TILED=YES",)))
    return Task("NDVI", "ndvi", {"red": found[0], "nir": found[1]})


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"image.tif"}


def test_layout_compression_and_overviews(tmp_path: Path) -> None:
    run(task(tmp_path), tmp_path / "ndvi.tif", lambda share: True)
    assert names(tmp_path) == {"ndvi.tif", "ndvi.tif.stats.json"}
    dataset = gdal.Open(str(tmp_path / "ndvi.tif"))
    facts = dataset.GetMetadata("IMAGE_STRUCTURE")
    assert (facts["LAYOUT"], facts["COMPRESSION"], facts["PREDICTOR"]) == ("COG", "DEFLATE", "3")
    band = dataset.GetRasterBand(1)
    assert band.GetBlockSize() == [512, 512]
    assert [band.GetOverview(number).XSize for number in range(band.GetOverviewCount())] == [750, 375]
    assert band.GetDescription() == "NDVI"
    whole = band.ReadAsArray()
    half = band.GetOverview(0).ReadAsArray()
    np.testing.assert_allclose(half, whole.reshape(750, 2, 750, 2).mean((1, 3)), atol=1e-5)


def test_progress_only_grows_and_ends_at_one(tmp_path: Path) -> None:
    shares: list[float] = []
    run(task(tmp_path), tmp_path / "ndvi.tif", lambda share: not shares.append(share))
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.41, 0.6, 0.9])
def test_stopping_at_any_time_leaves_nothing(tmp_path: Path, share: float) -> None:
    work = task(tmp_path)
    with pytest.raises(Stopped):
        run(work, tmp_path / "ndvi.tif", lambda done: done < share)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("begun", [0.05, 0.5])
def test_stopping_takes_a_moment(tmp_path: Path, begun: float) -> None:
    work = task(tmp_path, 4000)
    reached, stop = threading.Event(), threading.Event()
    left: list[float] = []

    def progress(share: float) -> bool:
        if share >= begun:
            reached.set()
        return not stop.is_set()

    def go() -> None:
        with pytest.raises(Stopped):
            run(work, tmp_path / "ndvi.tif", progress)
        left.append(time.monotonic())

    thread = threading.Thread(target=go)
    thread.start()
    assert reached.wait(30)
    asked = time.monotonic()
    stop.set()
    thread.join(10)
    assert left[0] - asked < SOON
    assert names(tmp_path) == set()


def test_a_window_of_very_many_pixels_can_be_stopped_half_way(tmp_path: Path) -> None:
    asked: list[float] = []

    def progress(share: float) -> bool:
        asked.append(share)
        return len(asked) < 4

    coarse = replace(task(tmp_path, 4000), grid="explicit", resolution=10_000.0, resampling="average")
    with pytest.raises(Stopped):
        run(coarse, tmp_path / "ndvi.tif", progress)
    assert set(asked) == {0.0}  # all within the first window
    assert names(tmp_path) == set()


def test_pixels_that_cannot_be_written_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = task(tmp_path, 100)
    monkeypatch.setattr(gdal.Band, "WriteArray", lambda *_: gdal.CE_Failure)
    with pytest.raises(RasterProblem, match="scratch file cannot be written"):
        run(work, tmp_path / "ndvi.tif", lambda share: True)
    assert names(tmp_path) == set()


def test_gdals_memory_is_as_large_afterwards_as_before(tmp_path: Path) -> None:
    before = gdal.GetCacheMax()
    seen: list[int] = []
    run(task(tmp_path, 100), tmp_path / "ndvi.tif", lambda share: not seen.append(gdal.GetCacheMax()))
    assert max(seen) <= 128 * 2**20
    assert gdal.GetCacheMax() == before


def test_a_full_disk_is_told_before_anything_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = task(tmp_path, 100)
    monkeypatch.setattr(cog.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(RasterProblem, match="MB of disk, but only 0 MB are free"):
        run(work, tmp_path / "ndvi.tif", lambda share: True)
    assert names(tmp_path) == set()


def test_a_file_that_breaks_while_read_is_named(tmp_path: Path) -> None:
    work = task(tmp_path, 600)
    image = tmp_path / "image.tif"
    image.write_bytes(image.read_bytes()[:200_000])
    with pytest.raises(RasterProblem, match=r"image\.tif cannot be (read|opened)"):
        run(work, tmp_path / "ndvi.tif", lambda share: True)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("raising", [True, False])
def test_works_whether_gdal_raises_or_not(tmp_path: Path, raising: bool) -> None:
    (gdal.UseExceptions if raising else gdal.DontUseExceptions)()
    try:
        run(task(tmp_path, 100), tmp_path / "ndvi.tif", lambda share: True)
        with pytest.raises(RasterProblem, match="cannot be opened"):
            bands_of(str(tmp_path / "absent.tif"))
    finally:
        gdal.DontUseExceptions()
    assert "ndvi.tif" in names(tmp_path)


def test_windows_cover_every_pixel_once() -> None:
    for width, height, tiled in ((1, 1, True), (5000, 1030, True), (5000, 1030, False), (3_000_000, 3, False)):
        grid: Any = compute.Grid("", 0, 0, 1, 1, width, height)
        windows = compute._windows(grid, tiled)
        assert sum(w * h for _, _, w, h in windows) == width * height
        assert max(x + w for x, _, w, _ in windows) == width
        assert max(y + h for _, y, _, h in windows) == height


def test_flat_images_have_flat_statistics(tmp_path: Path) -> None:
    found = bands_of(write_raster(tmp_path / "image.tif", [flat(1), flat(3)]))
    run(Task("NDVI", "ndvi", {"red": found[0], "nir": found[1]}), tmp_path / "ndvi.tif", lambda share: True)
    assert '"min": 0.5, "max": 0.5, "mean": 0.5, "std": 0.0' in (tmp_path / "ndvi.tif.stats.json").read_text()
