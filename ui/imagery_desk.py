"""Where imagery of one's own is managed from: one dialog at a time, and the uploads that outlive it."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from qgis.core import Qgis
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ..network import home
from ..providers.base import Account
from ..providers.operation import Request
from .account_picker import AccountPicker
from .imagery_dialog import ImageryDialog
from .imagery_uploads import Item, Step, Uploads
from .session import Session
from .words import plain

_SECONDS = 12  # that good news stay


class ImageryDesk(QObject):
    """Signal: `used` (account key, Request) when imagery shall be taken over by the form."""

    used = pyqtSignal(str, object)

    def __init__(self, session: Session, iface: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._iface, self._window = session, iface, parent
        self.dialog: Optional[ImageryDialog] = None
        self.uploads = Uploads(session, home() / "uploads", self)
        self.uploads.ended.connect(self._tell)

    def open_for(self, picker: AccountPicker) -> None:
        """Manage the imagery of the account that is chosen, unlocking it first if need be."""
        account = picker.account() or (picker.account() if picker.unlock() else None)
        if account is not None:
            self.open(account)

    def open(self, account: Account) -> ImageryDialog:
        """Show what a person keeps at a service."""
        self._close()
        dialog = self.dialog = ImageryDialog(self._session, account, self.uploads, self._iface, self._window)
        key = f"{account.provider}/{account.name}"
        dialog.chosen.connect(lambda values: self._use(key, values))
        dialog.show()
        return dialog

    def close_down(self) -> None:
        """Close the dialog and break off uploads."""
        self._close()
        self.uploads.stop()

    def _close(self) -> None:
        if self.dialog is not None and not sip.isdeleted(self.dialog):
            self.dialog.close()
        self.dialog = None

    def _use(self, key: str, values: Mapping[str, Any]) -> None:
        self.used.emit(key, Request("processing", values))

    def _tell(self, item: Item) -> None:
        good = item.step is Step.DONE
        level = Qgis.MessageLevel.Success if good else Qgis.MessageLevel.Warning
        self._iface.messageBar().pushMessage("Groundtrack", plain(item.message), level, _SECONDS if good else 0)
