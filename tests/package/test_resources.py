"""The icon manifest and the icons on disk say the same."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {"svg", "g", "path", "rect", "circle"}
EXPECTED = {
    "groundtrack", "ship", "oilslick", "building_new", "building_gone", "timeseries", "area_rectangle", "area_polygon",
    "waiting", "running", "done", "failed", "unknown", "ndvi", "ndwi", "ndmi", "nbr", "change_detection", "formula",
}  # fmt: skip
ICONS = sorted((ROOT / "ui" / "icons").glob("*.svg"))


def test_manifest_and_disk_agree() -> None:
    manifest = {element.text for element in ET.parse(ROOT / "resources.qrc").iter("file")}
    disk = {path.relative_to(ROOT).as_posix() for path in (ROOT / "ui" / "icons").iterdir()}
    assert manifest - disk == set()
    assert disk - manifest == set()


def test_the_zip_carries_every_icon(unpacked: Path) -> None:
    assert {path.stem for path in (unpacked / "ui" / "icons").glob("*.svg")} >= EXPECTED


def test_icons_that_tasks_name_are_there() -> None:
    from groundtrack.providers.registry import entries

    services = [item.provider for item in entries().values() if item.provider is not None]
    tasks = [(service.key, task.key, task.icon) for service in services for task in service.fixed_operations if task.icon]
    assert tasks
    assert [task for task in tasks if task[2] not in {path.stem for path in ICONS}] == []


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icon_is_plain_and_drawn_on_the_small_grid(path: Path) -> None:
    picture = ET.parse(path).getroot()
    assert picture.get("viewBox") == "0 0 16 16"
    assert {element.tag.rpartition("}")[2] for element in picture.iter()} <= PLAIN
    assert path.stat().st_size < 2000
