"""From a preset to the values of a request: variables filled in, relative days worked out, everything read by the task's fields."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..providers.fields import Field, FieldError, Kind
from .dates import resolved
from .preset import Preset

# braces are part of the language in these, not places to be filled
_LITERAL = (Kind.SCRIPT, Kind.JSON)
_LONGEST_SENTENCE = 400  # characters
_VARIABLE = re.compile(r"\{([^\W\d_][\w -]{0,38}\w|[^\W\d_])\}")


def variables(values: Mapping[str, Any], fields: Sequence[Field] = ()) -> Tuple[str, ...]:
    """Names in braces that are to be filled in, each once, in the order in which they come up."""
    literal = _literal(fields)
    texts = (text for name, value in values.items() if name not in literal for text in _texts(value))
    return tuple(dict.fromkeys(found for text in texts for found in _VARIABLE.findall(text)))


def filled(values: Mapping[str, Any], answers: Mapping[str, str], fields: Sequence[Field] = ()) -> Dict[str, Any]:
    """The values with {name} replaced by the answers; names without an answer stay."""
    literal = _literal(fields)
    return {name: value if name in literal else _fill(value, answers) for name, value in values.items()}


def fitting(fields: Sequence[Field], values: Mapping[str, Any], today: dt.date) -> Tuple[Dict[str, Any], Dict[str, str]]:
    """What the fields accept of the values, as their types but with relative days kept, and a sentence for each of the others.

    Values without a field are passed over in silence; what an empty form may lack is no complaint.
    """
    good: Dict[str, Any] = {}
    wrong: Dict[str, str] = {}
    for field in fields:
        given = values.get(field.name)
        if given is None:
            continue
        try:
            day = resolved(given, today) if field.kind is Kind.DATE else given
            value = field.parse(day)
        except FieldError as error:
            wrong[field.name] = _shortened(str(error))
            continue
        except (TypeError, ValueError, OverflowError):
            wrong[field.name] = f"{field.label} cannot be read."
            continue
        good[field.name] = given if day != given else value
    return good, wrong


def with_days(fields: Sequence[Field], values: Mapping[str, Any], today: dt.date) -> Dict[str, Any]:
    """The values with relative days worked out, ready to be parsed."""
    days = {field.name for field in fields if field.kind is Kind.DATE}
    return {name: resolved(value, today) if name in days else value for name, value in values.items()}


def unknown_values(preset: Preset, fields: Sequence[Field]) -> Tuple[str, ...]:
    """Names of values that no field of the task has."""
    known = {field.name for field in fields}
    return tuple(str(name) for name in preset.values if name not in known)


def _literal(fields: Sequence[Field]) -> Tuple[str, ...]:
    return tuple(field.name for field in fields if field.kind in _LITERAL)


def _shortened(sentence: str) -> str:
    """Without the middle of a very long value that it quotes."""
    return sentence if len(sentence) <= _LONGEST_SENTENCE else f"{sentence[:150]}…{sentence[-150:]}"


def _texts(value: Any) -> List[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []


def _fill(value: Any, answers: Mapping[str, str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_fill(item, answers) if isinstance(item, str) else item for item in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda found: answers.get(found[1], found[0]), value)
