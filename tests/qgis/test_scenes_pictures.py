"""Pictures of scenes: a cap on the disk, refusal of what is none, corners on the map; and which task takes which scenes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import from_bounds, from_wkt
from groundtrack.providers.astra import OPERATIONS
from groundtrack.providers.errors import ProtocolError
from groundtrack.providers.scenes import Scene, SceneAsset
from groundtrack.results.rasters import inspect
from qgis.PyQt.QtCore import QBuffer, QIODevice
from qgis.PyQt.QtGui import QColor, QImage

BEFORE = "sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210"
AFTER = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"
LATER = "sentinel-2:S2A_MSIL2A_20260604T103021_N0511_R108_T32UPU_20260604T142210"


def scene(number: int, **more: Any) -> Scene:
    return Scene(f"made:{number}", "astra", **more)


def png(width: int = 20, height: int = 10) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#204060"))
    image.setPixelColor(0, 0, QColor("#ff0000"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data())


def test_the_longest_unused_pictures_make_room(qgis_app: Any, tmp_path: Path) -> None:
    from groundtrack.ui.scenes_pictures import PictureStore

    store = PictureStore(tmp_path, 10_000)
    for number in range(9):
        path = store.keep(scene(number), bytes(1000))
        os.utime(path, (number, number))
    assert store.read(scene(0)) is not None  # used again, so not the oldest any more
    for number in range(9, 12):
        store.keep(scene(number), bytes(1000))
    assert store.read(scene(0)) is not None
    assert store.read(scene(1)) is None
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    assert store.read(scene(11)) is not None


@pytest.mark.parametrize("data", [b"", b"<html>Sign in</html>", png()[:40], b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_refused(qgis_app: Any, data: bytes) -> None:
    from groundtrack.ui.scenes_pictures import thumbnail

    with pytest.raises(ProtocolError):
        thumbnail(data)


def test_a_thumbnail_is_small_and_keeps_its_shape(qgis_app: Any) -> None:
    from groundtrack.ui.scenes_pictures import thumbnail

    image = thumbnail(png(400, 200))
    assert (image.width(), image.height()) == (128, 64)


def test_a_draped_picture_has_its_corners_where_the_scene_has_them(qgis_app: Any, tmp_path: Path) -> None:
    from groundtrack.ui.scenes_drape import corners_of, drape

    (tmp_path / "picture.img").write_bytes(png(200, 100))
    box = (11.0, 48.0, 11.2, 48.1)
    made = drape(tmp_path / "picture.img", scene(1, bounds=box), tmp_path / "draped.tif")
    assert inspect(str(made)).extent == pytest.approx(box, abs=0.002)
    leaning = from_wkt("POLYGON((11 48.003, 11.2 48, 11.203 48.1, 11.003 48.103, 11 48.003))")
    assert corners_of(scene(2, footprint=leaning, bounds=(11, 48, 11.203, 48.103))) == (
        (11.003, 48.103), (11.203, 48.1), (11.2, 48.0), (11.0, 48.003),
    )  # fmt: skip
    swath = from_wkt("POLYGON((11 48, 11.1 48, 11.2 48.1, 11 48.1, 11 48))")  # a part of a tile: the picture shows all of it
    assert corners_of(scene(3, footprint=swath, bounds=box)) == ((11.0, 48.1), (11.2, 48.1), (11.2, 48.0), (11.0, 48.0))
    assert corners_of(scene(4)) is None


@pytest.mark.parametrize(
    ("current", "given", "chosen", "task", "filled"),
    [
        ("ndvi", (), (AFTER,), "ndvi", (AFTER,)),
        ("ndvi", (), (BEFORE, AFTER), "change_detection", (BEFORE, AFTER)),
        ("change_detection", (), (AFTER,), "change_detection", (AFTER,)),
        ("change_detection", (AFTER,), (BEFORE,), "change_detection", (BEFORE, AFTER)),
        ("change_detection", (BEFORE, AFTER), (LATER,), "ndvi", (LATER,)),
        ("change_detection", (BEFORE, AFTER), (AFTER,), "ndvi", (AFTER,)),  # both are there already: something else is meant
        ("change_detection", (BEFORE, AFTER), (AFTER, LATER), "change_detection", (AFTER, LATER)),
        ("", (), (BEFORE, AFTER, LATER), "ndvi", (BEFORE, AFTER, LATER)),  # too many for any: the form says so
    ],
)  # fmt: skip
def test_scenes_go_to_the_task_that_takes_them(current: str, given: Any, chosen: Any, task: str, filled: Any) -> None:
    from groundtrack.ui.scenes_task import task_for_scenes

    present = next((operation for operation in OPERATIONS if operation.key == current), None)
    fit = task_for_scenes(OPERATIONS, present, {"scene_ids": given}, chosen)
    assert fit is not None
    assert (fit.operation, fit.values["scene_ids"]) == (task, filled)


def test_the_picture_for_the_eyes_is_chosen_from_the_assets() -> None:
    from groundtrack.ui.scenes_files import best_for_eyes

    red = SceneAsset("B04", "https://x.org/B04.tif", common_name="red")
    look = SceneAsset("visual", "https://x.org/visual.tif", "True colour")
    small = SceneAsset("overview", "https://x.org/o.png", media_type="image/png")
    assert best_for_eyes([red, small, look]) is look
    assert best_for_eyes([small, red]) is red
    assert best_for_eyes([small]) is None


def test_outlines_and_coverage_are_worked_out_together(qgis_app: Any) -> None:
    from groundtrack.ui.scenes_query import found_page
    from qgis.core import QgsGeometry

    half = scene(1, footprint=from_bounds(11.0, 48.0, 11.1, 48.2))
    page = found_page((half, scene(2)), (), None, from_bounds(11.0, 48.0, 11.2, 48.2))
    assert page.rows[0].share == pytest.approx(50)
    assert page.rows[1].share is None
    shape = QgsGeometry()
    shape.fromWkb(page.rows[0].outline)
    assert shape.boundingBox().xMaximum() == pytest.approx(11.1)
