"""Two states of the map side by side: a line to drag, what was before on its left, what came after on its right."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings, QgsProject
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QPainter, QPainterPath, QPen

REST = 100  # ms without a move of the map before it is drawn again
STEP = 0.02  # of the width, for the arrow keys
LINE = QColor("#ffffff")
SHADE = QColor(0, 0, 0, 160)


class MapPicture(QObject):
    """The map of some layers as a picture, drawn in the background. Signal: `ready`."""

    ready = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.image: Optional[QImage] = None
        self._current: Optional[QgsMapRendererParallelJob] = None
        self._jobs: List[QgsMapRendererParallelJob] = []  # those that are ending too: dropping one would wait for it

    def draw(self, settings: QgsMapSettings, layers: Sequence[QgsMapLayer]) -> None:
        """Begin a new picture; the one before shows no longer."""
        self.stop()
        wanted = QgsMapSettings(settings)
        wanted.setLayers(list(layers))
        job = QgsMapRendererParallelJob(wanted)
        job.finished.connect(lambda: self._take(job))
        self._jobs.append(job)
        self._current = job
        job.start()

    def stop(self) -> None:
        """Show nothing; returns at once."""
        self.image = self._current = None
        for job in self._jobs:
            job.cancelWithoutBlocking()

    def _take(self, job: QgsMapRendererParallelJob) -> None:
        if job not in self._jobs:  # one that was stopped may end twice
            return
        self._jobs.remove(job)
        if job is self._current and not sip.isdeleted(self):
            self.image = job.renderedImage()
            self.ready.emit()


class SwipeItem(QgsMapCanvasItem):
    """Covers the map with two pictures that meet at a line."""

    def __init__(self, canvas: QgsMapCanvas, left: MapPicture, right: MapPicture, names: Sequence[str]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pictures = (left, right)
        self._names = tuple(names)
        self.share = 0.5  # of the width, where the line is
        self.setZValue(100)  # above outlines, below QGIS's own marks for snapping

    def boundingRect(self) -> QRectF:
        size = self._canvas.mapSettings().outputSize()
        return QRectF(0, 0, size.width(), size.height())

    def updatePosition(self) -> None:
        """The item goes with the window, not with the map."""
        self.setPos(0, 0)

    def move_line(self, share: float) -> None:
        self.share = min(1.0, max(0.0, share))
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        whole = self.boundingRect()
        middle = whole.width() * self.share
        sides = (QRectF(0, 0, middle, whole.height()), QRectF(middle, 0, whole.width() - middle, whole.height()))
        for side, picture in zip(sides, self._pictures):
            if picture.image is not None:
                painter.save()
                painter.setClipRect(side)
                painter.drawImage(QPointF(0, 0), picture.image)
                painter.restore()
        self._draw_names(painter, sides)
        self._draw_line(painter, middle, whole.height())

    def _draw_line(self, painter: QPainter, middle: float, height: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((SHADE, 4.0), (LINE, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(middle, 0), QPointF(middle, height))
        radius = self._canvas.fontMetrics().height()
        painter.setPen(QPen(SHADE, 1.0))
        painter.setBrush(LINE)
        painter.drawEllipse(QPointF(middle, height / 2), radius, radius)
        arrows = QPainterPath()
        for sign in (-1, 1):
            arrows.moveTo(middle + sign * radius * 0.3, height / 2 - radius * 0.35)
            arrows.lineTo(middle + sign * radius * 0.65, height / 2)
            arrows.lineTo(middle + sign * radius * 0.3, height / 2 + radius * 0.35)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#333333"), 2.0))
        painter.drawPath(arrows)

    def _draw_names(self, painter: QPainter, sides: Sequence[QRectF]) -> None:
        metrics = QFontMetrics(self._canvas.font())
        painter.setFont(self._canvas.font())
        margin = metrics.height() // 2
        for side, name, alignment in zip(sides, self._names, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)):
            width, height = metrics.horizontalAdvance(name) + 2 * margin, metrics.height() + margin
            if side.width() < width + 2 * margin:
                continue
            left = side.left() + margin if alignment == Qt.AlignmentFlag.AlignLeft else side.right() - margin - width
            box = QRectF(left, side.bottom() - margin - height, width, height)  # messages of QGIS lie over the top
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(SHADE)
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(LINE)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), name)


class Swipe(QgsMapTool):
    """The tool that drags the line. Begins with `begin`; Esc, another tool or `end` ends it. Signal: `ended`."""

    ended = pyqtSignal()

    def __init__(
        self, canvas: QgsMapCanvas, before: Sequence[QgsMapLayer], after: Sequence[QgsMapLayer], names: Sequence[str],
        hidden: Sequence[QgsMapLayer] = (),
    ) -> None:  # fmt: skip
        """`before` is seen on the left only, `after` on the right only, `hidden` on neither side."""
        super().__init__(canvas)
        self._canvas = canvas
        self._sides = ([layer.id() for layer in before], [layer.id() for layer in after])
        self._hidden = [layer.id() for layer in hidden]
        self._pictures = (MapPicture(canvas), MapPicture(canvas))
        self._previous: Optional[QgsMapTool] = None
        self.item = SwipeItem(canvas, *self._pictures, names)
        self._rest = QTimer(canvas)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._draw)
        self._open = True
        self.setCursor(Qt.CursorShape.SplitHCursor)
        for picture in self._pictures:
            picture.ready.connect(self.item.update)
        for signal in self._signals():
            signal.connect(self._moved)
        self.deactivated.connect(self._close)

    @property
    def complete(self) -> bool:
        """Whether both sides are drawn."""
        return all(picture.image is not None for picture in self._pictures)

    def begin(self) -> None:
        """Take over the map."""
        self._previous = self._canvas.mapTool()
        self._canvas.setMapTool(self)
        self._canvas.setFocus()
        self._draw()

    def end(self) -> None:
        """Give the map back."""
        if self._open:
            previous = self._previous
            if previous is not None and not sip.isdeleted(previous):
                self._canvas.setMapTool(previous)
            else:
                self._canvas.unsetMapTool(self)
            self._close()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        self._follow(event)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.end()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.accept()  # else the map moves
            self.item.move_line(self.item.share + (STEP if event.key() == Qt.Key.Key_Right else -STEP))

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _signals(self) -> Sequence[Any]:
        return (self._canvas.extentsChanged, self._canvas.layersChanged, self._canvas.destinationCrsChanged, self._canvas.rotationChanged)

    def _follow(self, event: QgsMapMouseEvent) -> None:
        self.item.move_line(event.pos().x() / max(1.0, self.item.boundingRect().width()))

    def _moved(self, *_: Any) -> None:
        """What was drawn fits no longer."""
        for picture in self._pictures:
            picture.stop()
        self.item.update()
        self._rest.start()

    def _draw(self) -> None:
        if not self._open:
            return
        settings, project = self._canvas.mapSettings(), QgsProject.instance()
        ours = {*self._hidden, *self._sides[0], *self._sides[1]}
        rest = [layer for layer in self._canvas.layers() if layer.id() not in ours]
        for picture, side in zip(self._pictures, self._sides):
            own = [project.mapLayer(identity) for identity in side]
            picture.draw(settings, [*(layer for layer in own if layer is not None), *rest])

    def _close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._rest.stop()
        for signal in self._signals():
            signal.disconnect(self._moved)
        for picture in self._pictures:
            picture.stop()
        if not sip.isdeleted(self.item):
            self._canvas.scene().removeItem(self.item)
        self.ended.emit()
