"""What the settings say about results that may stay where they are. Main thread only; what comes out is for any thread."""

from __future__ import annotations

from functools import partial
from typing import Callable

from qgis.core import QgsSettings

from ..providers.base import Asset
from .remote import InPlace, opens_in_place

IN_PLACE_SETTING = "groundtrack/open_in_place"


def chosen_wish() -> InPlace:
    """What the person chose; without a choice only links that last are opened."""
    word = QgsSettings().value(IN_PLACE_SETTING, "", type=str)
    return next((wish for wish in InPlace if wish.value == word), InPlace.LASTING)


def chosen_policy() -> Callable[[Asset], bool]:
    """Whether a file of a result stays where it is, as a value that jobs can be given."""
    return partial(opens_in_place, wish=chosen_wish())
