"""Which input suits which field."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QWidget

from ..providers.fields import Field, Kind
from . import field_widgets
from .field_widgets import Input
from .open_choice import OpenChoiceInput
from .raster_inputs import BandInput, RasterInput
from .script_input import EvalscriptInput


def make_input(field: Field, parent: QWidget) -> Input:
    """The input for a field, showing its default."""
    if field.kind is Kind.RASTER:
        return RasterInput(field, parent)
    if field.kind is Kind.INTEGER and field.guessed_from:
        return BandInput(field, parent)
    if field.kind is Kind.SCRIPT:
        made = EvalscriptInput(field, parent)
        made.set_value(field.default)
        return made
    if field.kind is Kind.CHOICE and field.others:
        open_choice = OpenChoiceInput(field, parent)
        open_choice.set_value(field.default)
        return open_choice
    return field_widgets.make_input(field, parent)
