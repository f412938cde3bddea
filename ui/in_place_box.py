"""The choice between downloading rasters and opening them where they lie."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from ..results.in_place import IN_PLACE_SETTING, chosen_wish
from ..results.remote import InPlace
from .words import plain, translate


class InPlaceBox(QComboBox):
    """Shows what the settings say."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.addItem(translate("Groundtrack", "Never"), InPlace.NEVER.value)
        self.addItem(translate("Groundtrack", "When the link does not expire"), InPlace.LASTING.value)
        self.addItem(translate("Groundtrack", "When the link does not expire, or in my own bucket"), InPlace.OWN.value)
        self.addItem(translate("Groundtrack", "Always"), InPlace.ALWAYS.value)
        self.setCurrentIndex(self.findData(chosen_wish().value))
        self.setAccessibleName(translate("Groundtrack", "Open rasters where they lie"))
        text = translate(
            "Groundtrack",
            "A raster that is opened where it lies is on the map at once, but needs the network whenever it is drawn. With Always, links"
            " that expire are used too: such a layer, and every project it is saved in, holds the link itself, and whoever has it can"
            " read the file until it expires. Then the layer stays empty until Renew Link is used on its job. A file in your own bucket"
            " is read with the account’s key, which is in no layer and no project; large ones are slow, for they have no overviews.",
        )
        self.setToolTip(plain(text))

    def save(self) -> None:
        """Write the choice into the settings."""
        QgsSettings().setValue(IN_PLACE_SETTING, self.currentData())
