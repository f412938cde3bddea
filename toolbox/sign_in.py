"""The account of a run, from the environment or by the name of a stored one, and how QGIS reaches the world.

With everything in the environment the authentication store is never touched.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Callable, List, Type

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, Qt, QThread, pyqtSignal

from ..accounts import ENVIRONMENT, AccountError, AccountStore, address_complaints, from_environment
from ..network import network
from ..providers.base import Account, Provider
from ..providers.errors import ConfigError
from ..providers.transport import Network
from .texts import tr

LOOK = 0.2  # s between two looks whether the run was cancelled


@dataclass(frozen=True)
class SignedIn:
    """What workers need of the application, as values."""

    account: Account
    network: Network


def sign_in(kind: Type[Provider], name: str, cancelled: Callable[[], bool]) -> SignedIn:
    """Read the account, asking for the master password where there is a window. Raises AccountError, ConfigError."""
    name = name.strip()
    if not name or name == ENVIRONMENT:
        account = from_environment(kind)
        _check_addresses(kind, account)
        return SignedIn(account, network(ask_store=False))
    account = on_main_thread(lambda: _stored(kind, name), cancelled)
    _check_addresses(kind, account)
    return SignedIn(account, on_main_thread(network, cancelled))


def on_main_thread(task: Callable[[], Any], cancelled: Callable[[], bool]) -> Any:
    """Run `task` on the main thread (models start algorithms elsewhere) and return its value or raise what it raised."""
    application = QgsApplication.instance()
    if application is None or QThread.currentThread() == application.thread():
        return task()
    call = _Call(task)
    call.moveToThread(application.thread())
    call.asked.connect(call.run, Qt.ConnectionType.QueuedConnection)
    call.asked.emit()
    while not call.done.wait(LOOK):
        if cancelled():
            raise AccountError(tr("Stopped."))
    if call.error:
        raise call.error[0]
    return call.value


class _Call(QObject):
    """A call on its way to another thread."""

    asked = pyqtSignal()

    def __init__(self, task: Callable[[], Any]) -> None:
        super().__init__()
        self._task = task
        self.done = threading.Event()
        self.value: Any = None
        self.error: List[Exception] = []

    def run(self) -> None:
        try:
            self.value = self._task()
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
            self.error.append(error)
        self.done.set()


def _stored(kind: Type[Provider], name: str) -> Account:
    store = AccountStore()
    info = store.find(f"{kind.key}/{name}")
    if info is None:
        known = ", ".join(f"“{item.name}”" for item in store.infos(kind.key)) or tr("none")
        raise AccountError(tr("There is no stored account “{}” for {}. Stored accounts: {}.").format(name, kind.title, known))
    account = store.account(info)
    if account is None and _has_window():
        store.unlock()
        account = store.account(info)
    if account is None:
        raise AccountError(_locked(store, name, bool(info.stored)))
    return account


def _locked(store: AccountStore, name: str, stored: bool) -> str:
    if not stored:
        return tr("The key of account “{}” was kept for one session only. Store it, or use environment variables.").format(name)
    if not store.available:
        return tr("This QGIS has no authentication database, so account “{}” cannot be read. Use environment variables.").format(name)
    text = tr(
        "The authentication database is locked, so account “{}” cannot be read. Let QGIS_AUTH_PASSWORD_FILE name a file "
        "with the master password, or use environment variables."
    )
    return text.format(name)


def _has_window() -> bool:
    from qgis.utils import iface

    return iface is not None


def _check_addresses(kind: Type[Provider], account: Account) -> None:
    """Refuse an address that is not secure, or not fit to be shown, before anything is sent to it."""
    for sentence in address_complaints(kind, account.public).values():
        raise ConfigError(sentence, advice="")
