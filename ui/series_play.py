"""Has QGIS's temporal controller play the results of a series. Touches the map's own controller only, and the project's time range."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

from qgis.core import QgsDateTimeRange, QgsInterval, QgsMapLayer, QgsProject, QgsTemporalNavigationObject, QgsUnitTypes
from qgis.PyQt.QtWidgets import QDockWidget

from ..jobs.job import Job
from ..presets.periods import Period, period_in
from ..results.layers import layers_of
from .jobs_map import bring_into_view
from .session import Session

CONTROLLER = "Temporal Controller"  # object name of QGIS's panel


def members(session: Session, job: Job) -> Dict[Period, Tuple[QgsMapLayer, ...]]:
    """The layers of a job's series in the project by their period, in the order of time."""
    found: Dict[Period, Tuple[QgsMapLayer, ...]] = {}
    for other in session.jobs.values():
        period = period_in(other.member) if other.group == job.group else None
        layers = layers_of(QgsProject.instance(), other.id) if period else ()
        if period and layers:
            found[period] = (*found.get(period, ()), *layers)
    return {period: found[period] for period in sorted(found, key=str)}


def can_play(session: Session, job: Job) -> bool:
    """Whether there is something to play: results of two days or more."""
    return bool(job.group) and period_in(job.member) is not None and len(members(session, job)) > 1


def play(session: Session, iface: Any, job: Job) -> None:
    """Show the whole series on the map and let time run over it."""
    shown = members(session, job)
    ranges = [_range_of(layers[0]) for layers in shown.values()]
    ends: List[Any] = [each.end() for each in ranges]
    whole = QgsDateTimeRange(ranges[0].begin(), max(ends))
    all_layers = [layer for layers in shown.values() for layer in layers]
    _switch_on(all_layers)
    bring_into_view(iface, all_layers)
    QgsProject.instance().timeSettings().setTemporalRange(whole)
    QgsProject.instance().setDirty(True)
    controller = iface.mapCanvas().temporalController()
    if not isinstance(controller, QgsTemporalNavigationObject):
        iface.mapCanvas().setTemporalRange(ranges[0])
        return
    panel = iface.mainWindow().findChild(QDockWidget, CONTROLLER)
    if panel is not None:
        panel.show()
        panel.raise_()
    controller.setNavigationMode(QgsTemporalNavigationObject.NavigationMode.Animated)
    controller.setTemporalExtents(whole)
    controller.setAvailableTemporalRanges(ranges)
    # a frame for each date: QGIS also shows a layer in an even frame that ends as the layer's time begins
    units: Any = QgsUnitTypes.TemporalUnit  # later versions give its members other names, and keep these
    controller.setFrameDuration(QgsInterval(1, units.TemporalIrregularStep))
    controller.rewindToStart()
    controller.playForward()


def _range_of(layer: QgsMapLayer) -> QgsDateTimeRange:
    properties: Any = layer.temporalProperties()
    return QgsDateTimeRange(properties.fixedTemporalRange())


def _switch_on(layers: Sequence[QgsMapLayer]) -> None:
    for layer in layers:
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None:
            node.setItemVisibilityCheckedParentRecursive(True)
