"""One small input for each kind of field. Every input speaks plain Python values; None is "nothing given"."""

from __future__ import annotations

import json
import logging
from typing import Any, Callable, Dict, Optional, Type

from qgis.gui import QgsDateEdit, QgsDoubleSpinBox, QgsFileWidget, QgsFilterLineEdit, QgsPasswordLineEdit, QgsSpinBox
from qgis.PyQt.QtCore import QDate, QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPlainTextEdit, QWidget

from ..presets.dates import RelativeDate, relative_date, today_utc
from ..providers.fields import Field, Kind, is_empty
from .date_rules import DateRuleButton, date_words
from .words import plain, translate

LARGEST = 1_000_000_000  # of numbers whose field names no bound
SCRIPT_LINES = 8
SCENE_LINES = 3
DAY_FORMAT = "yyyy-MM-dd"
NARROW = 8  # characters that a combo box must be able to show

log = logging.getLogger("groundtrack")


class WheelGuard(QObject):
    """Keeps the wheel for scrolling: a value under the pointer must not change unless its input was clicked first."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def guard_wheel(widget: QWidget) -> None:
    """Have a `WheelGuard` watch over an input."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(WheelGuard(widget))


def narrow(combo: QComboBox) -> QComboBox:
    """Let a combo box be narrower than its longest entry, which the list shows in full."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(NARROW)
    combo.currentTextChanged.connect(lambda text: combo.setToolTip(plain(text)))
    guard_wheel(combo)
    return combo


class Input(QObject):
    """A widget for one field. `changed` follows every change by a person."""

    changed = pyqtSignal()
    widget: Any

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = field
        self.make(parent)

    def make(self, parent: QWidget) -> None:
        """Create `widget` and connect its signal to `changed`."""
        raise NotImplementedError

    def value(self) -> Any:
        """The value as it stands, None when nothing is given."""
        raise NotImplementedError

    def rule(self) -> Any:
        """What a preset keeps: the value, or how it is found each time."""
        return self.value()

    def set_value(self, value: Any) -> None:
        """Show a value; None empties the input."""
        raise NotImplementedError


class TextInput(Input):
    """A line of text."""

    def make(self, parent: QWidget) -> None:
        self.widget = QgsPasswordLineEdit(parent) if self.field.secret else QgsFilterLineEdit(parent)
        self.widget.setPlaceholderText(self.field.placeholder)
        self.widget.textChanged.connect(self.changed)

    def value(self) -> Optional[str]:
        return self.widget.text().strip() or None

    def set_value(self, value: Any) -> None:
        self.widget.setText("" if value is None else str(value))
        self.widget.setCursorPosition(0)  # the beginning of a long value tells most


class ListInput(TextInput):
    """Several texts, separated by commas."""

    def value(self) -> Any:
        return tuple(part.strip() for part in self.widget.text().split(",") if part.strip()) or None

    def set_value(self, value: Any) -> None:
        super().set_value(", ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else value)


class ScenesInput(Input):
    """Scene ids, each on a line of its own since they are long."""

    def make(self, parent: QWidget) -> None:
        self.widget = QPlainTextEdit(parent)
        self.widget.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.widget.setTabChangesFocus(True)
        self.widget.setPlaceholderText(translate("Groundtrack", "Choose scenes in the tab Scenes, or enter their IDs"))
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        edge = 2 * (int(self.widget.document().documentMargin()) + self.widget.frameWidth())
        self.widget.setFixedHeight(SCENE_LINES * self.widget.fontMetrics().lineSpacing() + edge)
        self.widget.textChanged.connect(self.changed)

    def value(self) -> Any:
        listed = self.widget.toPlainText().replace("\n", ",").split(",")
        return tuple(part.strip() for part in listed if part.strip()) or None

    def set_value(self, value: Any) -> None:
        listed = [value] if isinstance(value, str) else value or ()
        self.widget.setPlainText("\n".join(str(part) for part in listed))


class ChoiceInput(Input):
    """One of a few words."""

    def make(self, parent: QWidget) -> None:
        self.widget = narrow(QComboBox(parent))
        if not self.field.required and self.field.default is None and "" not in dict(self.field.choices):
            self.widget.addItem(translate("Groundtrack", "Not set"), None)
        for value, label in self.field.choices:
            self.widget.addItem(label, value)
        self.widget.currentIndexChanged.connect(self.changed)

    def value(self) -> Optional[str]:
        return self.widget.currentData() or None

    def set_value(self, value: Any) -> None:
        index = self.widget.findData(value)
        self.widget.setCurrentIndex(max(0, index if index >= 0 else self.widget.findData("")))


class NumberInput(Input):
    """A number with its unit; an optional one can be left open."""

    spin: Callable[..., Any] = QgsDoubleSpinBox

    def make(self, parent: QWidget) -> None:
        self.widget = self.spin(parent)
        low = -LARGEST if self.field.minimum is None else self._typed(self.field.minimum)
        high = LARGEST if self.field.maximum is None else self._typed(self.field.maximum)
        if isinstance(self.widget, QgsDoubleSpinBox):
            self.widget.setDecimals(4)
            self.widget.setStepType(QgsDoubleSpinBox.StepType.AdaptiveDecimalStepType)
            self.widget.setShowClearButton(True)
        self.widget.setRange(low - 1 if self._open else low, high)
        if self._open:
            self.widget.setSpecialValueText(translate("Groundtrack", "Not set"))
            self.widget.setClearValueMode(type(self.widget).ClearValueMode.MinimumValue)
        elif self.field.default is not None:
            self.widget.setClearValue(self._typed(self.field.default))
        if self.field.unit:
            self.widget.setSuffix(f" {self.field.unit}")
        guard_wheel(self.widget)
        self.widget.valueChanged.connect(lambda _: self.changed.emit())

    @property
    def _open(self) -> bool:
        """Whether the lowest step of the box stands for "not set"."""
        return self.field.default is None

    def _typed(self, value: Any) -> Any:
        return float(value)

    def value(self) -> Any:
        if self._open and self.widget.value() == self.widget.minimum():
            return None
        return self.widget.value()

    def set_value(self, value: Any) -> None:
        try:
            self.widget.setValue(self.widget.minimum() if value is None else self._typed(value))
        except (TypeError, ValueError):
            log.debug("%s does not fit %s", value, self.field.name)


class IntegerInput(NumberInput):
    """A whole number."""

    spin = QgsSpinBox

    def _typed(self, value: Any) -> Any:
        return int(float(value))


class BooleanInput(Input):
    """Yes or no; the label stands beside the box."""

    def make(self, parent: QWidget) -> None:
        self.widget = QCheckBox(self.field.label, parent)
        self.widget.toggled.connect(self.changed)

    def value(self) -> bool:
        return bool(self.widget.isChecked())

    def set_value(self, value: Any) -> None:
        self.widget.setChecked(value is True or str(value).lower() in ("true", "yes", "1", "on"))


class DateInput(Input):
    """A day in UTC, shown as the services write it; or one that moves along with today, as `rule` tells."""

    def make(self, parent: QWidget) -> None:
        self._rule: Optional[RelativeDate] = None
        self.widget = QWidget(parent)
        self.edit = QgsDateEdit(self.widget)
        self.edit.setAllowNull(True)
        self.edit.setNullRepresentation(translate("Groundtrack", "Not set"))
        self.edit.setDisplayFormat(DAY_FORMAT)
        self.edit.setCalendarPopup(True)
        self.edit.setAccessibleName(self.field.label)
        self.edit.clear()
        guard_wheel(self.edit)
        self.button = DateRuleButton(self.field.label, self.widget)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        self.widget.setFocusProxy(self.edit)
        self.edit.dateValueChanged.connect(lambda _: self._edited())
        self.button.chosen.connect(self._choose)

    def value(self) -> Optional[str]:
        if self._rule is not None:
            return self._rule.on(today_utc()).isoformat()
        return None if self.edit.isNull() else self.edit.date().toString(Qt.DateFormat.ISODate)

    def rule(self) -> Any:
        return str(self._rule) if self._rule is not None else self.value()

    def set_value(self, value: Any) -> None:
        """A day, or the text of a relative one."""
        self._follow(relative_date(value))
        if self._rule is None:
            self._show(str(value or ""))
        self.changed.emit()

    def _choose(self, rule: Optional[RelativeDate]) -> None:
        """Follow a rule; None keeps the day as it stands."""
        day = self.value() or ""
        self._follow(rule)
        if rule is None:
            self._show(day)
        self.changed.emit()

    def _edited(self) -> None:
        if self._rule is not None:
            self._follow(None)
        self.changed.emit()

    def _follow(self, rule: Optional[RelativeDate]) -> None:
        self._rule = rule
        self.button.show_rule(rule)
        words = " '({})'".format(date_words(rule).replace("'", "’")) if rule else ""
        self.edit.setDisplayFormat(DAY_FORMAT + words)
        if rule is not None:
            self._show(rule.on(today_utc()).isoformat())

    def _show(self, day: str) -> None:
        date = QDate.fromString(day, Qt.DateFormat.ISODate)
        self.edit.blockSignals(True)
        if date.isValid():
            self.edit.setDate(date)
        else:
            self.edit.clear()
        self.edit.blockSignals(False)


class ScriptInput(Input):
    """Source text, in QGIS's code editor where that is there."""

    def make(self, parent: QWidget) -> None:
        self.widget = _code_editor(parent) or QPlainTextEdit(parent)
        lines = self.widget.fontMetrics().lineSpacing() * SCRIPT_LINES
        self.widget.setMinimumHeight(lines)
        if isinstance(self.widget, QPlainTextEdit):
            self.widget.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            self.widget.setTabChangesFocus(True)
        self.widget.textChanged.connect(self.changed)

    def value(self) -> Optional[str]:
        text = self.widget.toPlainText() if isinstance(self.widget, QPlainTextEdit) else self.widget.text()
        return text if text.strip() else None

    def set_value(self, value: Any) -> None:
        text = "" if value is None else str(value)
        if isinstance(self.widget, QPlainTextEdit):
            self.widget.setPlainText(text)
        else:
            self.widget.setText(text)


class JsonInput(ScriptInput):
    """A JSON value as text."""

    def set_value(self, value: Any) -> None:
        plain = is_empty(value) or isinstance(value, str)
        super().set_value(value if plain else json.dumps(value, indent=2, ensure_ascii=False))


class FileInput(Input):
    """The path of a file."""

    def make(self, parent: QWidget) -> None:
        self.widget = QgsFileWidget(parent)
        self.widget.fileChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Optional[str]:
        return self.widget.filePath().strip() or None

    def set_value(self, value: Any) -> None:
        self.widget.setFilePath("" if value is None else str(value))


_INPUTS: Dict[Kind, Type[Input]] = {
    Kind.TEXT: TextInput,
    Kind.CHOICE: ChoiceInput,
    Kind.NUMBER: NumberInput,
    Kind.INTEGER: IntegerInput,
    Kind.BOOLEAN: BooleanInput,
    Kind.DATE: DateInput,
    Kind.LIST: ListInput,
    Kind.SCENES: ScenesInput,
    Kind.BANDS: ListInput,
    Kind.SCRIPT: ScriptInput,
    Kind.FILE: FileInput,
    Kind.JSON: JsonInput,
}


def make_input(field: Field, parent: QWidget) -> Input:
    """The input that suits a field, showing its default."""
    made = _INPUTS[field.kind](field, parent)
    made.set_value(field.default)
    return made


def _code_editor(parent: QWidget) -> Any:
    try:
        from qgis.gui import QgsCodeEditorJavascript  # needs QScintilla, which some builds lack
    except ImportError:
        log.debug("no code editor in this QGIS")
        return None
    return QgsCodeEditorJavascript(parent)
