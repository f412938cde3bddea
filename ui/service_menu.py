"""The services that ask for an account, as a menu."""

from __future__ import annotations

from typing import Callable

from qgis.PyQt.QtWidgets import QMenu, QWidget

from ..providers.registry import entries
from .words import plain


def service_menu(parent: QWidget, chosen: Callable[[str], object]) -> QMenu:
    """One entry a service, off with its reason where it cannot be used here. `chosen` is called with the service's key."""
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    for key, item in entries().items():
        if item.provider is not None and not item.provider.account_fields:
            continue
        action = menu.addAction(f"{item.provider.title if item.provider else key}…")
        action.setEnabled(item.provider is not None)
        action.setToolTip(plain(item.reason))
        action.triggered.connect(lambda _, key=key: chosen(key))
    return menu
