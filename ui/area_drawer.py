"""Starts a tool that draws or changes the area, and gives the map back its own tool afterwards."""

from __future__ import annotations

from typing import Dict, Optional, Tuple, Type, Union

from qgis.core import QgsGeometry
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..aoi import Aoi
from .map_tool_shapes import CircleTool, FreehandTool
from .map_tool_vertices import VertexTool
from .map_tools import DrawTool, PolygonTool, RectangleTool

RECTANGLE, POLYGON, FREEHAND, CIRCLE = "rectangle", "polygon", "freehand", "circle"
_TOOLS: Dict[str, Type[DrawTool]] = {RECTANGLE: RectangleTool, POLYGON: PolygonTool, FREEHAND: FreehandTool, CIRCLE: CircleTool}


class AreaDrawer(QObject):
    """Signals: `drawn` geometry and its CRS; `edited` areas; `ended` it is over, one way or the other;
    `outlined` whether the tool shows an outline of its own; `measured` km², radius in km; `typed` text on the map while a circle is drawn.
    """

    drawn = pyqtSignal(object, object)
    edited = pyqtSignal(object)
    ended = pyqtSignal()
    outlined = pyqtSignal(bool)
    measured = pyqtSignal(float, float)
    typed = pyqtSignal(str)

    def __init__(self, canvas: QgsMapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._before: Optional[QgsMapTool] = None
        self._tool: Optional[Union[DrawTool, VertexTool]] = None

    @property
    def tool(self) -> Optional[Union[DrawTool, VertexTool]]:
        """The tool at work, None when nobody draws."""
        return self._tool

    def edits(self, pieces: Tuple[Aoi, ...]) -> bool:
        """Whether these very areas are being edited."""
        return isinstance(self._tool, VertexTool) and self._tool.pieces() == pieces

    def start(self, kind: str) -> None:
        """Begin to draw a RECTANGLE, POLYGON, FREEHAND outline or CIRCLE."""
        tool = _TOOLS[kind](self._canvas)
        tool.drawn.connect(self._take)
        tool.measured.connect(self.measured)
        if isinstance(tool, CircleTool):
            tool.typed.connect(self.typed)
        self._use(tool)

    def edit(self, pieces: Tuple[Aoi, ...]) -> None:
        """Begin to move corners."""
        tool = VertexTool(self._canvas, pieces)
        tool.edited.connect(self.edited)
        self._use(tool)

    def set_radius(self, km: float) -> None:
        """Of the circle that is drawn; 0 for that of the pointer."""
        if isinstance(self._tool, CircleTool):
            self._tool.set_radius(km)

    def show_live(self, *, good: bool) -> None:
        """Whether what is drawn so far would be accepted."""
        if isinstance(self._tool, DrawTool):
            self._tool.show_state(good=good)

    def show_state(self, *, good: bool) -> None:
        """Whether the area that is edited can be used."""
        if isinstance(self._tool, VertexTool):
            self._tool.show_state(good=good)

    def stop(self) -> None:
        """End without a result."""
        if self._tool is None:
            return
        before = self._before
        if before is not None and not sip.isdeleted(before):
            self._canvas.setMapTool(before)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _use(self, tool: Union[DrawTool, VertexTool]) -> None:
        self.stop()
        self._before = self._canvas.mapTool()
        tool.cancelled.connect(self.stop)
        tool.deactivated.connect(self._end)
        self._tool = tool
        self._canvas.setMapTool(tool)
        self._canvas.setFocus()
        self.outlined.emit(True)

    def _take(self, geometry: QgsGeometry) -> None:
        crs = self._tool.crs() if isinstance(self._tool, DrawTool) else None
        self.stop()
        self.drawn.emit(geometry, crs)

    def _end(self) -> None:
        tool, self._tool, self._before = self._tool, None, None
        if tool is not None:
            tool.remove()
            tool.deleteLater()
            self.outlined.emit(False)
            self.ended.emit()
