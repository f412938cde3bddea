"""Changes of the area that a person asks for: at once, or after a look at what comes of them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Tuple

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from .. import aoi as areas
from ..aoi import Aoi, AoiError
from ..aoi_repairs import clip, grid, simplified
from .area_menus import ENVELOPE, HOLES, LARGEST
from .area_reading import Reading
from .sentence import ERROR, INFO, Sentence
from .session import Session
from .words import area, count, translate

Pieces = Tuple[Aoi, ...]
Change = Callable[[Pieces], Pieces]
PAUSE = 200  # ms without a change before the outcome is worked out
MOST_PIECES = 100


def simple_change(name: str) -> Change:
    """ENVELOPE, HOLES or LARGEST as something to do with areas, on a worker."""
    changes: Dict[str, Change] = {
        ENVELOPE: lambda pieces: (areas.envelope(_joined(pieces)),),
        HOLES: lambda pieces: tuple(areas.drop_holes(piece) for piece in pieces),
        LARGEST: lambda pieces: (areas.largest_part(_joined(pieces)),),
    }
    return changes[name]


def clipped(footprints: Tuple[Aoi, ...]) -> Change:
    """What lies inside all of some footprints. Raises AoiError when nothing does."""

    def change(pieces: Pieces) -> Pieces:
        left = sound(_joined(pieces))
        for footprint in footprints:
            left = clip(left, sound(footprint))
        return (left,)

    return change


def changed(reading: Reading, change: Change) -> Reading:
    """Read, then change. Raises AoiError."""

    def read() -> Pieces:
        pieces = reading()
        if not any(piece.polygons for piece in pieces):
            raise AoiError(translate("Groundtrack", "There is no area to change yet."))
        return change(pieces)

    return read


def sound(piece: Aoi) -> Aoi:
    """Without faults that have a cure: what overlays need."""
    for fault in areas.faults(piece):
        if fault.repair:
            piece = getattr(areas, fault.repair)(piece)
    return piece


def _joined(pieces: Pieces) -> Aoi:
    return Aoi(tuple(polygon for piece in pieces for polygon in piece.polygons))


class ChangeDialog(QDialog):
    """Asks for amounts and tells what comes of them before they are applied. `decided` carries the changed areas."""

    decided = pyqtSignal(object)

    def __init__(self, session: Session, reading: Reading, title: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reading = reading
        self._ticket = 0
        self._outcome: Optional[Pieces] = None
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form = QFormLayout()
        self.told = Sentence(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._work)
        column = QVBoxLayout(self)
        column.addLayout(self.form)
        column.addWidget(self.told)
        column.addWidget(self.buttons)
        self.setMinimumWidth(360)
        self.told.setMinimumHeight(3 * self.fontMetrics().lineSpacing())  # the dialog does not grow with the sentence
        self._ok().setEnabled(False)
        self._ok().setDefault(True)  # Enter would mean Cancel until then
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)

    def change(self) -> Callable[[Pieces], Tuple[Pieces, str]]:
        """What to do on a worker: the areas, and a sentence about the difference."""
        raise NotImplementedError

    def input_changed(self, *_: Any) -> None:
        """Something else is asked for."""
        self._outcome = None
        self._ok().setEnabled(False)
        self._pause.start()

    def accept(self) -> None:
        if self._outcome is not None:
            self.decided.emit(self._outcome)
        super().accept()

    def _ok(self) -> Any:
        return self.buttons.button(QDialogButtonBox.StandardButton.Ok)

    def _work(self) -> None:
        self._session.drop(self._ticket)
        change, reading = self.change(), self._reading
        self._ticket = self._session.work(self, lambda: change(tuple(sound(piece) for piece in reading())), self._show, self._complain)

    def _show(self, outcome: Tuple[Pieces, str]) -> None:
        self._outcome, words = outcome
        self.told.say(words, INFO)
        self._ok().setEnabled(True)

    def _complain(self, error: Exception) -> None:
        self.told.say(str(error), ERROR)


class SimplifyDialog(ChangeDialog):
    """Fewer corners; tells the difference in area."""

    def __init__(self, session: Session, reading: Reading, most: int, parent: Optional[QWidget] = None) -> None:
        super().__init__(session, reading, translate("Groundtrack", "Simplify the Area"), parent)
        self.most = QSpinBox(self)
        self.most.setRange(3, 1_000_000)
        self.most.setGroupSeparatorShown(True)
        self.most.setValue(most)
        self.form.addRow(translate("Groundtrack", "Corners at most"), self.most)
        self.most.valueChanged.connect(self.input_changed)
        self.input_changed()

    def change(self) -> Callable[[Pieces], Tuple[Pieces, str]]:
        most = self.most.value()

        def work(pieces: Pieces) -> Tuple[Pieces, str]:
            results = tuple(simplified(piece, most)[0] for piece in pieces)
            before, after = sum(piece.area_km2 for piece in pieces), sum(piece.area_km2 for piece in results)
            corners = sum(piece.vertices for piece in pieces), sum(piece.vertices for piece in results)
            text = translate("Groundtrack", "{} of {} corners stay. The area changes by {} %, from {} to {}.")
            percent = f"{(after - before) / before * 100:+.2f}".replace("-", "−").replace("+0.00", "0.00")
            return results, text.format(f"{corners[1]:,}", f"{corners[0]:,}", percent, area(before), area(after))

        return work


class GridDialog(ChangeDialog):
    """Cells of a size, with overlap when asked; tells how many parts come of it."""

    def __init__(self, session: Session, reading: Reading, cell_km: float, parent: Optional[QWidget] = None) -> None:
        super().__init__(session, reading, translate("Groundtrack", "Split in a Grid"), parent)
        self.cell = self._amount(0.01, 1000.0, cell_km, translate("Groundtrack", " km"))
        self.overlap = self._amount(0.0, 100_000.0, 0.0, translate("Groundtrack", " m"))
        self.aligned = QCheckBox(translate("Groundtrack", "Align cells to a fixed grid"), self)
        self.aligned.setChecked(True)
        self.aligned.setToolTip(translate("Groundtrack", "Cells of areas that are cut at another time fit to these."))
        self.form.addRow(translate("Groundtrack", "Width of a cell"), self.cell)
        self.form.addRow(translate("Groundtrack", "Overlap of neighbours"), self.overlap)
        self.form.addRow("", self.aligned)
        self.aligned.toggled.connect(self.input_changed)
        self.input_changed()

    def change(self) -> Callable[[Pieces], Tuple[Pieces, str]]:
        cell, overlap, aligned = self.cell.value(), self.overlap.value() / 1000, self.aligned.isChecked()

        def work(pieces: Pieces) -> Tuple[Pieces, str]:
            cells = tuple(cut for piece in pieces for cut in grid(piece, cell, overlap, aligned=aligned))
            if len(cells) > MOST_PIECES:
                text = translate("Groundtrack", "There would be {} parts, each a job of its own. Choose larger cells: at most {}.")
                raise AoiError(text.format(f"{len(cells):,}", MOST_PIECES))
            one = translate("Groundtrack", "The area stays in one part.")
            many = translate("Groundtrack", "{} parts, each a job of its own.")
            largest = translate("Groundtrack", "The largest has {}.").format(area(max(piece.area_km2 for piece in cells)))
            return cells, f"{count(len(cells), one, many)} {largest}"

        return work

    def _amount(self, low: float, high: float, value: float, unit: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(low, high)
        box.setDecimals(0 if low == 0 else 2)
        box.setValue(value)
        box.setSuffix(unit)
        box.valueChanged.connect(self.input_changed)
        return box
