"""Map tiles of a result as layers: to be looked at, not kept. QGIS asks for them without any sign-in."""

from __future__ import annotations

from qgis.core import QgsDataSourceUri, QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorTileLayer
from qgis.PyQt.QtCore import QCoreApplication

from ..jobs.job import Job
from ..providers.remote import TileSet
from .errors import ResultError
from .grouping import put_in_group, subject_of


def add_tiles(project: QgsProject, job: Job, tiles: TileSet) -> QgsMapLayer:
    """Add tiles to the project, in the group of their job. Main thread; opens no connection. Raises ResultError."""
    name = QCoreApplication.translate("Tiles", "{}: {} (tiles)").format(subject_of(job), tiles.name)
    source = tile_source(tiles)
    layer = QgsVectorTileLayer(source, name) if tiles.vector else QgsRasterLayer(source, name, "wms")
    if not layer.isValid():
        raise ResultError(QCoreApplication.translate("Tiles", "QGIS cannot use the address of these tiles."))
    put_in_group(project, layer, job)
    return layer


def tile_source(tiles: TileSet) -> str:
    """The layer source: the address as the service gave it, encoded so that what it holds after “?” stays part of it."""
    uri = QgsDataSourceUri()
    uri.setParam("type", "xyz")
    uri.setParam("url", tiles.url)
    for name, zoom in zip(("zmin", "zmax"), tiles.zooms):
        uri.setParam(name, str(zoom))
    return bytes(uri.encodedUri()).decode()
