"""What the settings say about rasters: whether they may stay where they are, and whether those that are downloaded become COGs.

Main thread only; what comes out is for any thread.
"""

from __future__ import annotations

from functools import partial
from typing import Callable

from qgis.core import QgsSettings

from ..providers.base import Asset
from .cogs import Cogs
from .remote import InPlace, opens_in_place

IN_PLACE_SETTING = "groundtrack/open_in_place"
COG_SETTING = "groundtrack/make_cog"


def chosen_wish() -> InPlace:
    """What the person chose; without a choice only links that last are opened."""
    word = QgsSettings().value(IN_PLACE_SETTING, "", type=str)
    return next((wish for wish in InPlace if wish.value == word), InPlace.LASTING)


def chosen_policy() -> Callable[[Asset], bool]:
    """Whether a file of a result stays where it is, as a value that jobs can be given."""
    return partial(opens_in_place, wish=chosen_wish())


def chosen_cogs() -> Cogs:
    """Which downloaded rasters become COGs; without a choice those that would be slow to draw."""
    word = QgsSettings().value(COG_SETTING, "", type=str)
    return next((wish for wish in Cogs if wish.value == word), Cogs.LARGE)
