"""A form made from field declarations: for the inputs of an operation and for those of an account."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Mapping, Optional, Sequence, Set, Tuple

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from ..providers.fields import Field, Guess, Kind, is_empty
from .date_rules import Range
from .field_widgets import DateInput, Input
from .icons import theme_icon
from .inputs import make_input
from .raster_inputs import BandInput, RasterInput
from .script_collection import COLLECTION, suit_collection
from .script_input import EvalscriptInput
from .sentence import ERROR, INFO, WARNING, Sentence
from .words import translate

FIRST, LAST = "_start", "_end"  # how the names of two dates end that belong together


class _Row:
    """Label, input and the place for a complaint."""

    def __init__(self, field: Field, layout: QFormLayout, parent: QWidget) -> None:
        self.field = field
        self.input: Input = make_input(field, parent)
        self.complaint = Sentence(parent)
        self.note = ""  # what is said while there is nothing to complain of
        self._holder = QWidget(parent)
        column = QVBoxLayout(self._holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.input.widget)
        column.addWidget(self.complaint)
        self._label = QLabel("" if field.kind is Kind.BOOLEAN else field.label, parent)
        self._label.setBuddy(self.input.widget)
        self.layout = layout
        self._placed = True
        layout.addRow(self._label, self._holder)
        self._describe()

    def _describe(self) -> None:
        field, widget = self.field, self.input.widget
        utc = translate("Groundtrack", "Days begin and end in UTC.") if field.kind is Kind.DATE and "UTC" not in field.help else ""
        help_text = f"{field.help} {utc}".strip()
        widget.setToolTip(help_text)
        self._label.setToolTip(help_text)
        widget.setAccessibleName(field.label)
        widget.setAccessibleDescription(help_text)
        widget.setObjectName(field.name)
        if field.kind not in (Kind.SCRIPT, Kind.JSON):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())

    def show(self, visible: bool, number: int, *, folded: bool) -> None:
        """Hide the whole row, or show it as the layout's row of that number. One that is hidden is taken out, lest it leave a gap.

        `folded`: it is in a box that is closed, which would draw it, and let one tab into it, once shown.
        """
        if visible and not self._placed:
            self.layout.insertRow(number, self._label, self._holder)
        elif self._placed and not visible:
            self.layout.takeRow(self._holder)
        self._placed = visible
        self._label.setVisible(visible and not folded)
        self._holder.setVisible(visible and not folded)


class OperationForm(QWidget):
    """Inputs for fields. `changed` follows every change, `settled` carries the name of a raster field that was given in full.

    `pick_wanted` carries the manager that a field wants to be filled in by.
    """

    changed = pyqtSignal()
    settled = pyqtSignal(str)
    pick_wanted = pyqtSignal(str)

    def __init__(self, fields: Sequence[Field], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._rows: Dict[str, _Row] = {}
        self._touched: Set[str] = set()
        self._guessed: Set[str] = set()  # names of inputs that hold a guess
        self._silent = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._lay_out([field for field in fields if not field.advanced], self))
        self._advanced = QgsCollapsibleGroupBox(translate("Groundtrack", "Advanced"), self)
        self._advanced.setObjectName("advanced")
        self._advanced.setLayout(self._lay_out([field for field in fields if field.advanced], self._advanced))
        self._advanced.setCollapsed(True)
        self._advanced.collapsedStateChanged.connect(self._show_rows)  # the box shows all that is in it when it opens
        column.addWidget(self._advanced)
        self._pair_dates()
        self._suit_scripts()
        self._show_rows()

    def values(self) -> Dict[str, Any]:
        """What is given for the fields that count, by name; empty ones are left out."""
        everything = {name: row.input.value() for name, row in self._rows.items()}
        return {
            name: value for name, value in everything.items() if not is_empty(value) and self._rows[name].field.counts(everything)
        }

    def rules(self) -> Dict[str, Any]:
        """Like `values`, but for days that move along with today how they are found."""
        return {name: self._rows[name].input.rule() for name in self.values()}

    def given(self) -> Dict[str, Any]:
        """What `rules` tells, without what was only guessed."""
        return {name: value for name, value in self.rules().items() if name not in self._guessed}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values, and the defaults of fields that are not among them."""
        self._silent = True
        for name, row in self._rows.items():
            row.input.set_value(values.get(name, row.field.default))
        self._silent = False
        self._touched.update(values)
        self._guessed.clear()
        self._after_change()

    def keep(self, values: Mapping[str, Any]) -> None:
        """Take over what was given in the form before, where it fits; the rest stays as it is."""
        self._silent = True
        for name, value in values.items():
            self._rows[name].input.set_value(value)
        self._silent = False
        self._after_change()

    def show_problem(self, name: str, sentence: str) -> None:
        """Say under a field what is wrong with it; "" when all is well."""
        row = self._rows.get(name)
        if row is not None:
            row.complaint.say(sentence, ERROR)

    def show_problems(self, wrong: Mapping[str, str], warnings: Optional[Mapping[str, str]] = None, *, everywhere: bool = False) -> None:
        """Say under every field what is wrong or should be known; what nobody filled in yet is called wrong only if `everywhere`."""
        for name, row in self._rows.items():
            sentence = wrong.get(name, "") if everywhere or name in self._touched else ""
            if sentence:
                row.complaint.say(sentence, ERROR)
            elif name not in wrong and name in (warnings or {}):
                row.complaint.say((warnings or {})[name], WARNING)
            else:
                row.complaint.say(row.note, INFO)
            if row.field.advanced and sentence:
                self._advanced.setCollapsed(False)

    def take_guesses(self, guesses: Mapping[str, Guess], note: str = "") -> None:
        """Fill in what was guessed where nobody gave a value; offer the rest for choice. `note` stands where there is no other remark."""
        before = self.values()
        self._silent = True
        for name, row in self._rows.items():
            if row.field.guessed_from:
                self._take_guess(row, guesses.get(name, Guess(note=note)), asking=bool(note))
        self._silent = False
        if self.values() != before:
            self._after_change()

    def remark(self, name: str, note: str) -> None:
        """Say something under a field that nobody complains of."""
        row = self._rows[name]
        row.note = note
        if row.complaint.level() in ("", INFO) or not row.complaint.text():
            row.complaint.say(note, INFO)

    def _take_guess(self, row: _Row, guess: Guess, *, asking: bool) -> None:
        name, value = row.field.name, row.input.value()
        row.note = guess.note
        if row.complaint.level() in ("", INFO) or not row.complaint.text():
            row.complaint.say(guess.note, INFO)
        if asking:
            return
        if isinstance(row.input, BandInput):
            row.input.offer(guess.options)
        if is_empty(value) or name in self._guessed:
            row.input.set_value(guess.value)
            self._guessed.add(name)

    def input(self, name: str) -> Input:
        """The input of a field. Raises KeyError."""
        return self._rows[name].input

    def _lay_out(self, fields: Sequence[Field], parent: QWidget) -> QFormLayout:
        layout = QFormLayout()
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in fields:
            row = _Row(field, layout, parent)
            self._rows[field.name] = row
            row.input.changed.connect(lambda name=field.name: self._take_change(name))
            if field.picked_in:
                self._offer_manager(row.input.widget, field.picked_in)
            if isinstance(row.input, RasterInput):
                row.input.settled.connect(lambda name=field.name: self.settled.emit(name))
        return layout

    def _offer_manager(self, line: QLineEdit, manager: str) -> None:
        action = line.addAction(theme_icon("mActionFileOpen"), QLineEdit.ActionPosition.TrailingPosition)
        tips = {"tiles": translate("Groundtrack", "Take it from a layer that is open…")}
        action.setToolTip(tips.get(manager, translate("Groundtrack", "My Imagery…")))
        action.triggered.connect(lambda _: self.pick_wanted.emit(manager))

    def _pair_dates(self) -> None:
        """Offer spans where a first and a last day stand together."""
        for name in [name for name in self._rows if name.endswith(FIRST)]:
            pair = (name, name[: -len(FIRST)] + LAST)
            inputs = [self._rows[item].input for item in pair if item in self._rows]
            if len(inputs) == 2 and all(isinstance(item, DateInput) for item in inputs):
                for item in inputs:
                    item.button.offer_ranges()
                    item.button.range_chosen.connect(lambda span, pair=pair: self._take_span(pair, span))

    def _suit_scripts(self) -> None:
        """Let a script that is begun with choose the collection that it reads."""
        for row in self._rows.values():
            if isinstance(row.input, EvalscriptInput) and COLLECTION in self._rows:
                row.input.chosen.connect(partial(suit_collection, self._rows[COLLECTION].input, row.input))

    def _take_span(self, pair: Tuple[str, str], span: Range) -> None:
        self._touched.update(pair)
        self.keep({name: str(day) for name, day in zip(pair, span)})

    def _take_change(self, name: str) -> None:
        if not self._silent:
            self._touched.add(name)
            self._guessed.discard(name)
            self._after_change()

    def _after_change(self) -> None:
        self._show_rows()
        self.changed.emit()

    def _show_rows(self, *_: Any) -> None:
        values = {name: row.input.value() for name, row in self._rows.items()}
        shown = {name: row.field.counts(values) for name, row in self._rows.items()}
        numbers: Dict[QFormLayout, int] = {}
        for name, row in self._rows.items():
            number = numbers.setdefault(row.layout, 0)
            row.show(shown[name], number, folded=row.field.advanced and self._advanced.isCollapsed())
            numbers[row.layout] = number + shown[name]
        self._advanced.setVisible(any(shown[name] for name, row in self._rows.items() if row.field.advanced))
