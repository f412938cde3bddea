"""The choice which downloaded rasters are turned into COGs."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from ..results.cogs import Cogs
from ..results.in_place import COG_SETTING, chosen_cogs
from .words import plain, translate


class CogBox(QComboBox):
    """Shows what the settings say."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.addItem(translate("Groundtrack", "Never"), Cogs.NEVER.value)
        self.addItem(translate("Groundtrack", "When they are large and have no overviews"), Cogs.LARGE.value)
        self.addItem(translate("Groundtrack", "Always"), Cogs.ALWAYS.value)
        self.setCurrentIndex(self.findData(chosen_cogs().value))
        self.setAccessibleName(translate("Groundtrack", "Turn downloaded rasters into COGs"))
        text = translate(
            "Groundtrack",
            "A COG is a GeoTIFF with overviews, which is fast to draw. It is made beside the file that was delivered, which is kept."
            " The tiles of a large area become one COG; without it, they are put together without copying them (VRT).",
        )
        self.setToolTip(plain(text))

    def save(self) -> None:
        """Write the choice into the settings."""
        QgsSettings().setValue(COG_SETTING, self.currentData())
