"""Groundtrack's page in the options of QGIS."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QPushButton, QVBoxLayout, QWidget


class OptionsFactory(QgsOptionsWidgetFactory):
    """Made when QGIS starts, so whatever the page needs is imported when it is looked at."""

    def __init__(self, saved: Callable[[], None], open_accounts: Callable[[], None]) -> None:
        """`saved` is called after the settings were written, `open_accounts` shows the accounts."""
        super().__init__("Groundtrack", QIcon(str(Path(__file__).parent / "icons/groundtrack.svg")))
        self._saved = saved
        self._open_accounts = open_accounts

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:
        return OptionsPage(self._saved, self._open_accounts, parent)


class OptionsPage(QgsOptionsPageWidget):
    """The settings, and the way to the accounts."""

    def __init__(self, saved: Callable[[], None], open_accounts: Callable[[], None], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        from .settings_box import SettingsBox

        self._saved = saved
        self.settings = SettingsBox(self)
        self.accounts_button = QPushButton(QCoreApplication.translate("Groundtrack", "Accounts…"), self)
        self.accounts_button.clicked.connect(lambda _: open_accounts())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.settings)
        column.addWidget(self.accounts_button)
        column.addStretch(1)

    def apply(self) -> None:
        """QGIS calls this when the options are accepted."""
        self.settings.save()
        self._saved()
