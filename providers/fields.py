"""Declarations of what an operation asks for.

One `Field` makes a form row, a Processing parameter, a preset entry, a line of the docs and a check. Values arrive as text
(command line, preset) or typed (form); `Field.parse` turns either into the one type each kind stands for, or raises
`FieldError` with a sentence for the person.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

Values = Mapping[str, Any]


class FieldError(ValueError):
    """One sentence that says what is wrong with a field's value."""


class Kind(enum.Enum):
    """The kinds of field and the Python type of their parsed value."""

    TEXT = "text"  # str
    CHOICE = "choice"  # str, one of the keys of `choices`
    NUMBER = "number"  # float
    INTEGER = "integer"  # int
    BOOLEAN = "boolean"  # bool
    DATE = "date"  # str, YYYY-MM-DD, UTC
    LIST = "list"  # tuple of str
    SCENES = "scenes"  # tuple of str, scene ids in time order
    BANDS = "bands"  # tuple of str, band names
    SCRIPT = "script"  # str, source text
    FILE = "file"  # str, path
    RASTER = "raster"  # str, path, GDAL name or web address of a raster; see rasters/sources.py
    JSON = "json"  # any JSON value


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: none, blank text or an empty list. False and 0 say something."""
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, (list, tuple)) and not value)


@dataclass(frozen=True)
class ShownIf:
    """A field counts only while another field has one of these values (None: any value at all, (): no value)."""

    field: str
    values: Optional[Tuple[Any, ...]] = None

    def holds(self, values: Values) -> bool:
        value = values.get(self.field)
        empty = is_empty(value)
        if self.values is None:
            return not empty
        return empty if self.values == () else value in self.values


@dataclass(frozen=True)
class Field:
    """One input of an operation or an account.

    `name` is the stable key (lower case; the toolbox shows it in upper case), `minimum`/`maximum` are inclusive and in `unit`,
    `choices` are (value, label) pairs, `others` is a pattern of values that are accepted besides them, `aliases` are other words for
    choices (lower case) with the choice they mean, and `check` may refuse a parsed value by returning a sentence. `choices_from` names
    what `Provider.choices` is asked for to suggest values; any other value may be given as well. `guessed_from` names the fields from
    whose values `Provider.guesses` can tell this one. `picked_in` names a manager that may fill it in (imagery: that of one's own,
    tiles: the layers that are open).
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    default: Any = None
    required: bool = False
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    choices: Tuple[Tuple[str, str], ...] = ()
    choices_from: str = ""
    others: str = ""
    aliases: Tuple[Tuple[str, str], ...] = ()
    unit: str = ""
    help: str = ""
    placeholder: str = ""
    shown_if: Optional[ShownIf] = None
    advanced: bool = False
    secret: bool = False
    check: Optional[Callable[[Any], Optional[str]]] = None
    guessed_from: Tuple[str, ...] = ()
    picked_in: str = ""

    def parse(self, raw: Any) -> Any:
        """The typed value, or None when empty. Raises FieldError."""
        value = None if is_empty(raw) else _PARSERS[self.kind](self, raw)
        if is_empty(value):
            if self.required:
                raise FieldError(f"{self.label} is missing.")
            return None
        self._check_bounds(value)
        complaint = self.check(value) if self.check else None
        if complaint:
            raise FieldError(complaint)
        return value

    def counts(self, values: Values) -> bool:
        """Whether the field applies, given the other values."""
        return self.shown_if is None or self.shown_if.holds(values)

    def _check_bounds(self, value: Any) -> None:
        if self.kind not in (Kind.NUMBER, Kind.INTEGER):
            return
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and value < self.minimum:
            raise FieldError(f"{self.label} is {value:g}, below the smallest value {self.minimum:g}{unit}.")
        if self.maximum is not None and value > self.maximum:
            raise FieldError(f"{self.label} is {value:g}, above the largest value {self.maximum:g}{unit}.")


@dataclass(frozen=True)
class Guess:
    """What a service can tell of a field from other inputs: a value to begin with, (value, label) pairs to choose from, a remark."""

    value: Any = None
    options: Tuple[Tuple[Any, str], ...] = ()
    note: str = ""


def parse_all(fields: Tuple[Field, ...], raw: Values) -> Tuple[Dict[str, Any], Dict[str, str]]:
    """Parse what applies: (values by name without empty ones, sentences by field name).

    Fields that do not apply to the other values are neither checked nor returned, so their defaults are never sent.
    """
    values: Dict[str, Any] = {}
    wrong: Dict[str, str] = {}
    for field in fields:
        given = raw.get(field.name, field.default)
        try:
            value = field.parse(given) if field.counts({**raw, **values}) else None
        except FieldError as error:
            wrong[field.name] = str(error)
            continue
        if value is not None:
            values[field.name] = value
    return values, wrong


def _text(field: Field, raw: Any) -> str:
    return str(raw).strip()


def _script(field: Field, raw: Any) -> str:
    return str(raw)


def _choice(field: Field, raw: Any) -> str:
    wanted = str(raw).strip()
    for value, label in (*field.choices, *((value, word) for word, value in field.aliases)):
        if wanted.lower() in (value.lower(), label.lower()):
            return value
    if field.others and re.fullmatch(field.others, wanted, re.IGNORECASE):
        return wanted.lower()
    allowed = ", ".join(value for value, _ in field.choices if value)
    raise FieldError(f"{field.label} cannot be “{wanted}”; choose one of {allowed}.")


def _number(field: Field, raw: Any) -> float:
    try:
        value = float(raw)
    except (TypeError, ValueError):
        raise FieldError(f"{field.label} must be a number, not “{raw}”.") from None
    if not math.isfinite(value):
        raise FieldError(f"{field.label} must be a finite number.")
    return value


def _integer(field: Field, raw: Any) -> int:
    value = _number(field, raw)
    if value != int(value):
        raise FieldError(f"{field.label} must be a whole number, not “{raw}”.")
    return int(value)


def _boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, (bool, int)):
        return bool(raw)
    word = str(raw).strip().lower()
    if word in ("true", "yes", "1", "on"):
        return True
    if word in ("false", "no", "0", "off"):
        return False
    raise FieldError(f"{field.label} must be true or false, not “{raw}”.")


def _date(field: Field, raw: Any) -> str:
    if isinstance(raw, dt.datetime):
        return (raw.astimezone(dt.timezone.utc) if raw.tzinfo else raw).date().isoformat()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    try:
        return dt.datetime.strptime(str(raw).strip(), "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise FieldError(f"{field.label} must be a date like 2026-05-04, not “{raw}”.") from None


def _list(field: Field, raw: Any) -> Tuple[str, ...]:
    if not isinstance(raw, (str, list, tuple)):
        raise FieldError(f"{field.label} must be a list, not “{raw}”.")
    parts: List[Any] = raw.split(",") if isinstance(raw, str) else list(raw)
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _json(field: Field, raw: Any) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError as error:
        raise FieldError(f"{field.label} is not valid JSON: {error}.") from None


_PARSERS: Dict[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.LIST: _list,
    Kind.SCENES: _list,
    Kind.BANDS: _list,
    Kind.SCRIPT: _script,
    Kind.FILE: _text,
    Kind.RASTER: _text,
    Kind.JSON: _json,
}
