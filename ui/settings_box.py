"""Where results go, and what becomes of rasters: the settings that are not of one account."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsSettings
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QGroupBox, QLabel, QVBoxLayout, QWidget

from ..results.loader import FOLDER_SETTING
from .cog_box import CogBox
from .in_place_box import InPlaceBox
from .sentence import plain_label
from .words import translate


class SettingsBox(QGroupBox):
    """Shows what the settings say; nothing changes before `save`."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(translate("Groundtrack", "Results"), parent)
        self.folder = QgsFileWidget(self)
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setFilePath(str(QgsSettings().value(FOLDER_SETTING, "") or ""))
        self.folder.setAccessibleName(translate("Groundtrack", "Results folder"))
        self.in_place = InPlaceBox(self)
        self.cogs = CogBox(self)
        self._column = QVBoxLayout(self)
        self._add(translate("Groundtrack", "Folder"), self.folder)
        self._column.addWidget(plain_label(translate("Groundtrack", "Left empty, results go into the folder of the QGIS profile."), self))
        self._add(translate("Groundtrack", "Open rasters where they lie"), self.in_place)
        self._add(translate("Groundtrack", "Turn downloaded rasters into COGs"), self.cogs)

    def save(self) -> None:
        """Write the choices into the settings."""
        QgsSettings().setValue(FOLDER_SETTING, self.folder.filePath().strip())
        self.in_place.save()
        self.cogs.save()

    def _add(self, label: str, choice: QWidget) -> None:
        title = QLabel(label, self)
        title.setBuddy(choice)
        self._column.addWidget(title)
        self._column.addWidget(choice)
