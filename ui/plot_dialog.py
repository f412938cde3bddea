"""The charts of one cell of a change result. Click another cell on the map to see its charts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

from qgis.core import QgsFeature, QgsProject, QgsVectorLayer
from qgis.gui import QgsHighlight, QgsMapToolIdentifyFeature
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QCloseEvent, QColor
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout

from ..results.cells import Cell, read_cell
from ..results.layers import CHARTS_PROPERTY, layers_of
from ..results.series import Series
from ..results.tables import GENERIC, TABLES, TableSpec
from .plot_view import Panel, PlotView
from .sentence import plain_label
from .session import Session

_MARK = "#c800c8"  # neither a colour of change nor of the usual selection


class PlotDialog(QDialog):
    """Stays open beside the map; while it is open, a click on the map chooses the cell."""

    def __init__(self, session: Session, iface: Any, layer: QgsVectorLayer) -> None:
        super().__init__(iface.mainWindow())
        self._session = session
        self._canvas = iface.mapCanvas()
        self._layer = layer
        self._table, self._spec = _place_of(layer)
        self._mark: Optional[QgsHighlight] = None
        self._ticket = 0
        self.setWindowTitle(self.tr("Cell Series – {}").format(layer.name()))
        self._head = plain_label(parent=self)
        self.view = PlotView(self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self._head)
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
        self._tool = QgsMapToolIdentifyFeature(self._canvas, layer)
        self._tool.featureIdentified.connect(self._pick)
        self._before = self._canvas.mapTool()
        self._canvas.setMapTool(self._tool)
        layer.willBeDeleted.connect(self.close)

    def show_cell(self, fid: Optional[int] = None) -> None:
        """Show a cell by its feature id, without one the cell that changed most."""
        self._session.drop(self._ticket)
        self._ticket = self._session.work(self, partial(read_cell, self._table, self._spec, fid), self._show, self._fail)

    def _pick(self, feature: QgsFeature) -> None:
        self.show_cell(feature.id())

    def _show(self, cell: Optional[Cell]) -> None:
        hint = self.tr("Click a cell on the map to see its series.")
        if cell is None:
            self._head.setText(hint)
            self.view.say(self.tr("There is no such cell."))
            return
        words = [self.tr("Cell {}").format(cell.fid)]
        if cell.value is not None:
            words.append(self.tr("change {}").format(f"{cell.value:+.2f}".replace("-", "−")))
        if cell.changes:
            words.append(self.tr("changed on {}").format(", ".join(cell.changes)))
        self._head.setText(f"{', '.join(words)}. {hint}")
        panels = [Panel(self._title(name), _named(lines)) for name, lines in cell.charts]
        if any(panel.series for panel in panels):
            self.view.plot(panels, cell.changes)
        else:
            self.view.say(self.tr("The service sent no series for this cell."))
        self._highlight(cell.fid)

    def _fail(self, problem: Exception) -> None:
        self.view.say(self.tr("The series cannot be read: {}").format(problem))

    def _title(self, name: str) -> str:
        known = {"upper_chart": self.tr("Upper chart"), "lower_chart": self.tr("Lower chart")}
        return known.get(name, name)

    def _highlight(self, fid: int) -> None:
        self._unmark()
        if sip.isdeleted(self._layer):
            return
        feature = self._layer.getFeature(fid)
        if feature.isValid():
            self._mark = QgsHighlight(self._canvas, feature, self._layer)
            self._mark.setColor(QColor(_MARK))
            self._mark.setFillColor(QColor(0, 0, 0, 0))
            self._mark.setWidth(3)
            self._mark.setMinWidth(2)
            self._mark.show()

    def _unmark(self) -> None:
        if self._mark is not None and not sip.isdeleted(self._mark):
            self._canvas.scene().removeItem(self._mark)
        self._mark = None

    def closeEvent(self, event: QCloseEvent) -> None:
        self._session.drop(self._ticket)
        self._unmark()
        if self._canvas.mapTool() is self._tool:
            self._canvas.unsetMapTool(self._tool)
            if self._before is not None and not sip.isdeleted(self._before):
                self._canvas.setMapTool(self._before)
        super().closeEvent(event)
        self.deleteLater()


def show_series(session: Session, iface: Any, job_id: str, fid: Optional[int] = None) -> Optional[PlotDialog]:
    """Open the charts of a job's layer; says so in the message bar when the layer is not in the project."""
    layers = [layer for layer in layers_of(QgsProject.instance(), job_id) if isinstance(layer, QgsVectorLayer)]
    layer = next((item for item in layers if item.customProperty(CHARTS_PROPERTY) in (True, "true")), None)
    if layer is None:
        text = QCoreApplication.translate("PlotDialog", "Load the result first; its cells are then on the map.")
        iface.messageBar().pushInfo("Groundtrack", text)
        return None
    dialog = PlotDialog(session, iface, layer)
    dialog.show_cell(fid)
    dialog.show()
    return dialog


def _place_of(layer: QgsVectorLayer) -> Tuple[Path, TableSpec]:
    """The GeoPackage behind a layer, and what its table looks like."""
    path, _, rest = layer.source().partition("|")
    name = rest.partition("layername=")[2].partition("|")[0]
    return Path(path), next((spec for spec in TABLES.values() if spec.layer == name), GENERIC)


def _named(lines: Sequence[Series]) -> Tuple[Series, ...]:
    """Lines whose names say something to people: “data_series” reads “data series”."""
    return tuple(Series(line.label.replace("_", " "), line.values, line.dates) for line in lines)
