"""Layers made of scenes: what they are called, when they are from, where they are put."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Optional

from qgis.core import QgsMapLayer, QgsProject, QgsSettings

from ..network import home
from ..providers.scenes import Scene, taken_at
from ..results.loader import FOLDER_SETTING
from .area_row import FOOTPRINTS_PROPERTY
from .scenes_model import platform_title


def scene_title(scene: Scene) -> str:
    """“Sentinel-2A 2026-05-04”, else its own title, or the id."""
    return " ".join(part for part in (platform_title(scene), scene.taken[:10]) if part) if scene.taken else scene.title or scene.id


def moment_of(scene: Scene) -> Optional[dt.datetime]:
    """When a scene was taken (UTC), as the service or the id tells."""
    try:
        return dt.datetime.strptime(scene.taken[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return taken_at(scene.id)


def scenes_folder() -> Path:
    """Where files of scenes are downloaded to: beside the results."""
    chosen = QgsSettings().value(FOLDER_SETTING, "", type=str)
    return (Path(chosen) if chosen else home() / "results") / "scenes"


def put_below_footprints(layer: QgsMapLayer) -> None:
    """Add a layer at the top of the tree, though not above the outlines of scenes."""
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    project.addMapLayer(layer, False)
    first = root.children()[0] if root.children() else None
    outlines = getattr(first, "layer", lambda: None)()
    root.insertLayer(1 if outlines is not None and outlines.customProperty(FOOTPRINTS_PROPERTY) else 0, layer)
