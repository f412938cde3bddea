"""Lets the address of a tile server be taken from a layer that is open, its login into the account where a person agrees."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Dict

from qgis.core import QgsIconUtils, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QMenu, QWidget

from ..accounts import AccountError
from ..providers.base import Account, Secrets
from ..providers.operation import Request
from .account_picker import AccountPicker
from .jobs_ask import ask
from .session import Session
from .tile_sources import TileSource, UnfitLayer, tile_layers, tile_source
from .words import translate

NAMES = {"host": "imagery_host", "login": "imagery_login", "word": "imagery_password"}  # fields of an account


class TilePick(QObject):
    """Signals: `used` (account key, Request) when the form shall take an address over, `failed` a sentence."""

    used = pyqtSignal(str, object)
    failed = pyqtSignal(str)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._window = session, parent

    def open_for(self, picker: AccountPicker) -> None:
        """Offer the layers that are open at the pointer."""
        self.menu(picker).popup(QCursor.pos())

    def menu(self, picker: AccountPicker) -> QMenu:
        """One entry for each layer of tiles."""
        menu = QMenu(self._window)
        menu.aboutToHide.connect(menu.deleteLater)
        for layer in tile_layers(QgsProject.instance()):
            action = menu.addAction(QgsIconUtils.iconForLayer(layer), layer.name().replace("&", "&&"))
            action.triggered.connect(partial(self._pick, picker, layer.id()))
        if menu.isEmpty():
            menu.addAction(translate("Groundtrack", "No layer of map tiles is open")).setEnabled(False)
        return menu

    def _pick(self, picker: AccountPicker, identity: str, _: bool = False) -> None:
        layer: Any = QgsProject.instance().mapLayer(identity)
        info = picker.info()
        if not isinstance(layer, QgsRasterLayer) or info is None:
            return
        try:
            source = tile_source(layer)
            if any(source.login):
                self._keep_login(picker, source)
        except (UnfitLayer, AccountError) as problem:
            self.failed.emit(str(problem))
            return
        self.used.emit(info.key, Request("processing", source.values()))

    def _keep_login(self, picker: AccountPicker, source: TileSource) -> None:
        """Put a login into the account, where the person agrees. Raises AccountError."""
        account = picker.account() or (picker.account() if picker.unlock() else None)
        if account is None or _holds(account, source):
            return
        question = translate("Groundtrack", "Keep the login of {host} in the account “{account}”?")
        detail = translate(
            "Groundtrack",
            "It is sent to the service, which fetches the tiles with it and keeps it with the job. A login that the account has for "
            "another server is replaced.",
        )
        yes, no = translate("Groundtrack", "Keep Login"), translate("Groundtrack", "Take Only the Address")
        if ask(self._window, question.format(host=source.host, account=account.name), detail, yes, no):
            info = self._session.store.find(f"{account.provider}/{account.name}")
            login: Dict[str, str] = dict(zip((NAMES["login"], NAMES["word"]), source.login))
            kept = {**account.secrets, **login}
            changed = replace(account, public={**account.public, NAMES["host"]: source.host}, secrets=Secrets(kept))
            key = f"{account.provider}/{account.name}"
            self._session.store.save(changed, remember=bool(info and info.stored), replaces=key)
            self._session.refresh_accounts()


def _holds(account: Account, source: TileSource) -> bool:
    """Whether the account has this very login already."""
    told = (account.value(NAMES["login"]), account.value(NAMES["word"]))
    return account.value(NAMES["host"]) == source.host and told == source.login
