"""A job's area and layers on the map."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qgis.core import (  # type: ignore[attr-defined]  # the stubs lack QgsCsException
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsRectangle,
)

from ..aoi import AoiError, from_geojson
from ..jobs.job import Job, State
from .area_band import AreaBand

_MOST = 50  # outlines at once
_ROOM = 1.15  # of the extent, so that nothing touches the edge


class JobAreas:
    """The outlines of jobs whose results are not on the map."""

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._band: Optional[AreaBand] = None
        self._shown: Tuple[str, ...] = ()  # the jobs

    def show(self, jobs: Sequence[Job]) -> None:
        """Draw these and no others."""
        jobs = [job for job in jobs[:_MOST] if job.state is not State.LOADED]
        before, self._shown = self._shown, tuple(job.id for job in jobs)
        if self._shown == before:  # a job that goes on: drawing it anew would hold up the map for nothing
            return
        outlines = [outline for outline in map(_outline, jobs) if outline is not None]
        if outlines and self._band is None and self._iface is not None:
            self._band = AreaBand(self._iface.mapCanvas())
        if self._band is not None:
            self._band.show_area(QgsGeometry.collectGeometry(outlines) if outlines else QgsGeometry(), good=True)

    def remove(self) -> None:
        """Take them off the map for good."""
        if self._band is not None:
            self._band.remove()
            self._band = None


def flash_area(iface: Any, job: Job) -> None:
    """Bring a job's area into view and let it flash."""
    outline = _outline(job)
    if outline is None:
        return
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    _zoom(iface, outline.boundingBox(), degrees)
    iface.mapCanvas().flashGeometries([outline], degrees)


def zoom_to(iface: Any, extent: QgsRectangle) -> None:
    """Bring a box in degrees into view."""
    _zoom(iface, extent, QgsCoordinateReferenceSystem("EPSG:4326"))


def show_layers(iface: Any, layers: Sequence[QgsMapLayer]) -> None:
    """Choose the layers, switch them on, and bring them into view."""
    for layer in layers:
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None:
            node.setItemVisibilityCheckedParentRecursive(True)
    if layers:
        iface.setActiveLayer(layers[0])
        if not layers[0].extent().isEmpty():
            _zoom(iface, layers[0].extent(), layers[0].crs())


def bring_into_view(iface: Any, layers: Sequence[QgsMapLayer]) -> None:
    """Zoom to all layers together, unless the map shows them all already."""
    canvas, whole = iface.mapCanvas(), QgsRectangle()
    for layer in layers:
        shown = None if layer.extent().isEmpty() else _on_map(canvas, layer.extent(), layer.crs())
        if shown is not None:
            whole.combineExtentWith(shown)
    if not whole.isEmpty() and not canvas.extent().contains(whole):
        _look_at(canvas, whole)


def _zoom(iface: Any, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
    shown = _on_map(iface.mapCanvas(), extent, crs)
    if shown is not None:
        _look_at(iface.mapCanvas(), shown)


def _on_map(canvas: Any, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> Optional[QgsRectangle]:
    """An extent in the map's CRS, None outside what its projection can show."""
    try:
        return QgsCoordinateTransform(crs, canvas.mapSettings().destinationCrs(), QgsProject.instance()).transformBoundingBox(extent)
    except QgsCsException:
        return None


def _look_at(canvas: Any, extent: QgsRectangle) -> None:
    extent.scale(_ROOM)
    canvas.setExtent(extent)
    canvas.refresh()


def _outline(job: Job) -> Optional[QgsGeometry]:
    area = job.request.get("aoi")
    try:
        return QgsGeometry.fromWkt(from_geojson(area).wkt()) if area else None
    except AoiError:
        return None
